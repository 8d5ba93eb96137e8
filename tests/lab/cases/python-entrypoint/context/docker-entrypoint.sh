#!/bin/sh
set -e

if [ -z "$GREETING" ]; then
    GREETING=hello
fi
echo "greeting = \"$GREETING\"" > /tmp/settings.toml
exec "$@"
