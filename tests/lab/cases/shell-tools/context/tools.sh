#!/bin/bash
n=$(nproc)
echo "$((n > 0 ? 4 : 0)) processors or so"
word=$(jq -r .word < /opt/data.json)
printf '%s has %d letters\n' "$word" "${#word}"
