#!/usr/bin/env python3
"""Holds the words of simple commands against shfmt's.

    pip install shfmt-py
    cargo build -p wolfify-syntax --example words
    tests/oracles/shfmt.py --list FILES.txt [--sample N] [--seed N] [--words target/debug/examples/words]

FILES.txt names Dockerfiles, one a line. Every distinct RUN script is read by wolfify and by `shfmt --to-json`; all
words of all simple commands outside substitutions must be the same text in the same order. A script that only one of
the two can read is listed apart: an opaque script is safe, it is never edited.

Known differences, where shfmt departs from the shells: it drops a carriage return at the end of a line (the shells take
it for part of the word); it reads `!(…)` as a pattern (without `extglob` it is `!` and a subshell); it rejects
`(( find … ))` and `${a.b}`, which only fail when they run.

Exit status: 0 when no script is read otherwise, 1 when one is.
"""

import argparse
import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SUBSTITUTIONS = {"CmdSubst", "ProcSubst"}


def shfmt_commands(text, shfmt):
    """The commands shfmt finds, as lists of words; None when it rejects the script."""
    source = text.encode()
    done = subprocess.run([shfmt, "-ln=bash", "--to-json"], input=source, capture_output=True, check=False)
    if done.returncode != 0:
        return None, done.stderr.decode().strip()
    found = []
    collect(json.loads(done.stdout), source, found)
    found.sort(key=lambda item: item[0])
    return [words for _, words in found if words], None


def collect(node, source, found, timed=None):
    """Appends (offset, words) for every simple command below `node`; `timed` are the words of a `time` around it."""
    if isinstance(node, list):
        for item in node:
            collect(item, source, found)
        return
    if not isinstance(node, dict):
        return
    kind = node.get("Type")
    if kind in SUBSTITUTIONS:
        return
    if kind in ("CallExpr", "DeclClause"):
        start = node["Pos"]["Offset"]
        words = [cut(source, word) for word in node.get("Args", [])]
        if kind == "DeclClause":
            words.insert(0, node["Variant"]["Value"])
        if timed:
            start, words = timed[0], timed[1] + words
        found.append((start, words))
        return
    if kind == "LetClause":
        found.append((node["Pos"]["Offset"], ["let"] + [cut(source, word) for word in node.get("Exprs", [])]))
        return
    if kind == "TimeClause":
        inner = node.get("Stmt", {})
        words = ["time", "-p"] if node.get("PosixFormat") else ["time"]
        simple = inner.get("Cmd", {}).get("Type") in ("CallExpr", "DeclClause")
        if simple:
            collect(inner["Cmd"], source, found, (node["Pos"]["Offset"], words))
        elif not inner:
            found.append((node["Pos"]["Offset"], words))
        else:
            collect(inner, source, found)
        return
    for value in node.values():
        collect(value, source, found)


def cut(source, node):
    return source[node["Pos"]["Offset"] : node["End"]["Offset"]].decode()


def joined(commands):
    return [[word.replace("\\\n", "") for word in command] for command in commands]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--list", required=True)
    arguments.add_argument("--sample", type=int, default=0, help="this many scripts, drawn by chance; 0: all")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--words", default="target/debug/examples/words")
    arguments.add_argument("--shfmt", default="shfmt")
    options = arguments.parse_args()

    with open(options.list, "rb") as listed:
        output = subprocess.run([options.words], stdin=listed, capture_output=True, check=True).stdout
    scripts = {}
    for line in output.splitlines():
        record = json.loads(line)
        if record["shell"]:
            scripts.setdefault(record["text"], record)
    records = list(scripts.values())
    if options.sample and options.sample < len(records):
        records = random.Random(options.seed).sample(records, options.sample)

    counts = {"same": 0, "different": 0, "only shfmt": 0, "only wolfify": 0, "neither": 0, "words": 0}
    with ThreadPoolExecutor(2) as pool:
        theirs = pool.map(lambda record: shfmt_commands(record["text"], options.shfmt), records)
        for record, (wanted, error) in zip(records, theirs):
            compare(record, wanted, error, counts)
    total = len(records)
    agreed = counts["same"] + counts["neither"]
    print(f"{total} distinct scripts, {counts}; {100 * agreed / max(total, 1):.3f} % alike")
    sys.exit(1 if counts["different"] else 0)


def compare(record, wanted, error, counts):
    place = f"{record['path']}:{record['line']}"
    if record["reason"] is not None:
        counts["neither" if wanted is None else "only shfmt"] += 1
        if wanted is not None:
            print(f"OPAQUE {place}: {record['reason']}")
        return
    if wanted is None:
        counts["only wolfify"] += 1
        print(f"SHFMT REJECTS {place}: {error}")
        return
    mine = joined([command for command in record["commands"] if command])
    wanted = joined(wanted)
    counts["words"] += sum(map(len, wanted))
    if mine == wanted:
        counts["same"] += 1
        return
    counts["different"] += 1
    first = next((pair for pair in zip(mine + [None], wanted + [None]) if pair[0] != pair[1]), None)
    print(f"DIFFERENT {place}: wolfify, shfmt = {first}")


if __name__ == "__main__":
    main()
