#!/usr/bin/env bash
set -euo pipefail
words=("$@")
exec "${words[@]}"
