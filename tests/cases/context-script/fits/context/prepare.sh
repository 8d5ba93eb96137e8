#!/bin/sh
set -e
mkdir -p /srv/app
tar -xzf /tmp/app.tgz -C /srv/app --strip-components=1
