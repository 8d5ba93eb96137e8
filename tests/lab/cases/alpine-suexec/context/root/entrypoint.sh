#!/bin/sh
set -e
usermod -o -u "${PUID:-911}" abc
chown -R abc:abc /config
exec su-exec abc "$@"
