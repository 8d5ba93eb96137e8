import configparser

import markupsafe

settings = configparser.ConfigParser()
settings.read("/app/settings.ini")
print(f"[report] {len(markupsafe.escape('row'))} rows for {settings['report']['owner']}")
