#!/bin/sh
echo "version ${VERSION:-0}" >/www/index.html
exec nginx -g "daemon off;"
