#!/bin/bash
set -e
echo unpacked > word
tar -czf word.tgz word && rm word && tar -xzf word.tgz
echo "$(id -u):$(id -g) $(cat word)"
