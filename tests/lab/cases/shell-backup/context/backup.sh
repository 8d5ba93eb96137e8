#!/bin/bash
set -euo pipefail
count=1
while getopts "n:" option; do
    case $option in
    n) count=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
mapfile -t files < <(find "$1" -name '*.log' -newermt '2021-01-01' -printf '%f\n' | sort | head -n "$count")
echo "kept: ${files[*]}"
archive=$(mktemp --suffix=.tar.gz)
tar --create --gzip --file "$archive" --directory "$1" "${files[@]}"
echo "packed $(tar -tzf "$archive" | wc -l) files"
