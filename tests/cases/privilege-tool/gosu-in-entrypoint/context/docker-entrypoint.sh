#!/bin/sh
set -e
chown -R nobody /data
exec gosu nobody "$@"
