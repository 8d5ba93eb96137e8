#!/usr/bin/env python3
"""Times `wolfify` on a generated monorepo: measure.py BINARY [--files 100000] [--tree DIRECTORY]."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import generate  # noqa: E402


def timed(binary, tree, count, *arguments):
    null = os.open(os.devnull, os.O_RDWR)
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.chdir(tree)
        for stream in range(3):
            os.dup2(null, stream)
        os.execv(binary, [str(binary), *arguments])
    _, status, usage = os.wait4(child, 0)
    os.close(null)
    seconds = time.monotonic() - started
    cpu = usage.ru_utime + usage.ru_stime
    print(f"| {' '.join(arguments)} | {os.waitstatus_to_exitcode(status)} | {seconds:.1f} s | {cpu:.1f} s | {count / seconds:,.0f} | {usage.ru_maxrss / 1024:.0f} MiB |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--tree", type=Path, help="this tree instead of a generated one; it is rewritten")
    options = parser.parse_args()
    binary = options.binary.resolve()
    with tempfile.TemporaryDirectory() as place:
        tree = options.tree
        count = options.files
        if tree is None:
            tree = Path(place) / "tree"
            generate.generate(tree, count, 1)
        else:
            count = sum(name.startswith("Dockerfile") for _, _, names in os.walk(tree) for name in names)
        print("| command | status | time | CPU | files/s | peak memory |\n|---|---:|---:|---:|---:|---:|")
        timed(binary, tree, count, "check", "--quiet", "--jobs=2")
        timed(binary, tree, count, "check", "--quiet", "--jobs=1")
        timed(binary, tree, count, "check", "--quiet", "--jobs=2", "--format=json")
        timed(binary, tree, count, "apply", "--quiet", "--jobs=2")
        before = {path: path.stat().st_mtime_ns for path in tree.rglob("Dockerfile*")}
        timed(binary, tree, count, "apply", "--quiet", "--jobs=2")
        after = {path: path.stat().st_mtime_ns for path in tree.rglob("Dockerfile*")}
        print(f"second apply: {sum(before[path] != after.get(path) for path in before)} of {len(before)} files written")


if __name__ == "__main__":
    main()
