#!/usr/bin/env bash
set -euo pipefail

read -ra tags <<<"$TAGS"
printf -v list '"%s",' "${tags[@]}"
cat >/tmp/settings.json <<EOF
{"title":"${TITLE:-none}","tags":[${list%,}]}
EOF
exec "$@"
