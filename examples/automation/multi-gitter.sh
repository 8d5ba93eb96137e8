#!/usr/bin/env bash
# multi-gitter run ./multi-gitter.sh --org acme --branch wolfify --commit-message 'Move Dockerfiles to Chainguard images' \
#   --pr-title 'Move Dockerfiles to Chainguard images'
# Runs in each clone. No change means no pull request; status 2 (a file could not be read) must not stop the others.
set -euo pipefail
status=0
wolfify apply --quiet || status=$?
((status <= 2)) || exit "$status"
