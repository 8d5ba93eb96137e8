addgroup --gid 1200 app
adduser --disabled-login --gecos '' --uid 1200 --gid 1200 app
id --user app
