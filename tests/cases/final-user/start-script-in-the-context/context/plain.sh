#!/bin/sh
exec /srv/server --port 8080
