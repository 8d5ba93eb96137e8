#!/bin/sh
if [ "$(id -u)" = 0 ]; then
    chown -R nobody /srv
    exec su-exec nobody "$@"
fi
exec "$@"
