#!/bin/bash
set -euo pipefail
apt-get update
apt-get install -y curl gnupg
# a tool of our own
names=(one two)
curl -fsSL https://example.com/tool.tar.gz | tar xz --wildcards '*/bin/tool'
useradd --create-home runner
rm -rf /var/lib/apt/lists/*
