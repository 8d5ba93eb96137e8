#!/bin/sh
sed -i "s/HOST/$HOST/" /usr/share/nginx/html/index.html
echo "started" >> /var/log/site/start.log
exec nginx -g 'daemon off;'
