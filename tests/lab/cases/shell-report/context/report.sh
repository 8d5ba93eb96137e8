#!/bin/bash
set -euo pipefail
mapfile -t words < /opt/data/words
longest=$(printf '%s\n' "${words[@]}" | awk '{ print length($0), $0 }' | sort -rn | head -n 1 | cut -d' ' -f2)
[[ $longest == w* ]] || longest=$(printf '%s\n' "${words[@]}" | grep '^w')
echo "${#words[@]} words, longest $longest"
