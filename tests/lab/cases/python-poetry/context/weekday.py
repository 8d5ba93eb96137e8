import sys

import isodate

print(isodate.parse_date(sys.argv[1]).strftime("%A"))
