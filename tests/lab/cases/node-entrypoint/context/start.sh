#!/usr/bin/env bash
set -e
modes=(web worker)
if [[ " ${modes[*]} " != *" $MODE "* ]]; then
    echo "no mode $MODE" >&2
    exit 2
fi
exec node "$MODE.js"
