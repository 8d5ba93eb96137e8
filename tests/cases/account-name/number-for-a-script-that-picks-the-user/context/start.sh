#!/bin/sh
set -e
exec su-exec "${PUID:-1000}:${PGID:-1000}" "$@"
