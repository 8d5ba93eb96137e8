#!/bin/sh
set -e
if [ "$1" = nginx ] && [ -d /docker-entrypoint.d ]; then
    for script in /docker-entrypoint.d/*.sh; do [ -x "$script" ] && "$script"; done
    for template in /etc/nginx/templates/*.template; do
        [ -e "$template" ] && envsubst "$(env | sed 's/=.*//; s/^/$/')" <"$template" >"/etc/nginx/conf.d/$(basename "$template" .template)"
    done
fi
exec "$@"
