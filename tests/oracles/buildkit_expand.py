#!/usr/bin/env python3
"""Holds the expansion of `$NAME`, `${NAME…}`, quotes and escapes against BuildKit's, on random words.

    cargo build -p wolfify-syntax --examples
    tests/oracles/buildkit_expand.py --binary ORACLE [--count N] [--seed N]

ORACLE is the program built from buildkit_head.go.
"""

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIABLES = ["A=one", "E=", "V=1.2.3-alpine", "P=/usr/local/bin", "S=a b  c", "U=zäöü", "D=$A"]
PIECES = ["$", "${", "}", "A", "E", "V", "P", "S", "U", "D", "X", ":-", "-", ":+", "+", ":?", "?", "#", "##", "%", "%%",
          "/", "//", "*", ".", "\\", "'", '"', " ", "a", "1", "<", "<<", "${A}", "${V%.*}", "${V##*.}", "${P//\\//_}",
          "${X:-", "${A:+", "${E:-x}", "$A", "ä", "_", ":", "!", "@", "$$", "\\}", "\\/", "[", "(", "^", "|", "{", "\t"]


def run(command, words):
    text = "".join(json.dumps(word) + "\n" for word in words)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", required=True)
    arguments.add_argument("--expand", default=str(ROOT / "target/debug/examples/expand"))
    arguments.add_argument("--count", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    random.seed(options.seed)
    words = ["".join(random.choices(PIECES, k=random.randint(1, 9))) for _ in range(options.count)]
    theirs = run([options.binary, "expand", *VARIABLES], words)
    mine = run([options.expand, *VARIABLES], words)
    wrong = [(word, left, right) for word, left, right in zip(words, theirs, mine, strict=True) if left != right]
    for word, left, right in wrong[:20]:
        print(f"{word!r}: {left} against our {right}")
    print(f"words: {len(words)}, refused: {sum(not left['ok'] for left in theirs)}, disagree: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
