#!/bin/sh
/etc/init.d/mariadb start
service cron start
exec tail -f /var/log/mysql/error.log
