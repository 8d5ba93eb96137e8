#!/bin/sh
id
for path in /home/deploy /srv/shared; do
    stat -c '%n %a %U:%G' "$path"
done
touch /srv/shared/mine && echo written
