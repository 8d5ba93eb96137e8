#!/usr/bin/env bash
# One process for 256 tracked files, as many at a time as there are cores. wolfify is parallel by itself; this is for
# engines that hand out lists of files. xargs ends with 123 where a file could not be done; the others are.
set -euo pipefail
git ls-files -z -- '*Dockerfile*' '*Containerfile*' '*.dockerfile' ':!*.dockerignore' |
    xargs -0 -r -n 256 -P "$(nproc)" wolfify apply --quiet --jobs 1

# The same with GNU parallel:
#   git ls-files -z -- '*Dockerfile*' | parallel -0 -X wolfify apply --quiet --jobs 1
