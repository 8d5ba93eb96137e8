#!/bin/sh
chown -R nobody /data
exec gunicorn main:app
