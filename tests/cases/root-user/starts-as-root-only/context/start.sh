#!/bin/sh
chown -R www-data: /data
exec python app.py
