#!/usr/bin/env python3
"""Holds the Dockerfile parser against BuildKit's own.

    cargo build -p wolfify-syntax --examples
    tests/oracles/buildkit.py [--binary ORACLE] [--list FILE] [DOCKERFILE ...]

Without --binary the PyPI package `dockerfile` answers. It embeds BuildKit 0.12.5, which does not check arguments and
reads `cat << E` differently, so files that only it accepts are counted and not compared. With --binary another program
answers: it reads paths from standard input and prints one JSON object a line; then both verdicts must agree as well.

Exit status 0 when every file agrees, 1 otherwise.
"""

import argparse
import collections
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def ours(dump, paths):
    done = subprocess.run([dump], input="\n".join(paths), capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def from_binary(binary, paths):
    done = subprocess.run([binary], input="\n".join(paths) + "\n", capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def from_package(paths):
    import dockerfile

    answers = []
    for path in paths:
        try:
            commands = dockerfile.parse_file(path)
        except (dockerfile.GoIOError, dockerfile.GoParseError, ValueError) as error:
            answers.append({"error": str(error), "instructions": []})
            continue
        instructions = [
            {
                "keyword": command.cmd,
                "start_line": command.start_line,
                "end_line": command.end_line,
                "sub": command.sub_cmd,
                "original": command.original,
                "json": command.json,
                "flags": None if command.sub_cmd else list(command.flags),
                "args": list(command.value),
                "heredocs": None,
            }
            for command in commands
        ]
        answers.append({"error": None, "instructions": instructions})
    return answers


def unquote(flag, escape):
    """A flag without quotes and escapes, as BuildKit shows it."""
    out, quote, chars = "", None, iter(flag)
    for char in chars:
        if char == quote:
            quote = None
        elif quote is None and char in "'\"":
            quote = char
        elif char == escape:
            out += next(chars, "")
        else:
            out += char
    return out


def normal(instruction, escape, is_ours, package):
    """The fields to compare, without what the two sides may show differently."""
    keyword = instruction["keyword"].upper()
    sub = instruction["sub"].upper() if instruction["sub"] else None
    args = list(instruction["args"])
    flags = instruction["flags"]
    if flags is not None and is_ours:
        flags = [unquote(flag, escape) for flag in flags]
    # BuildKit reads flags byte by byte and garbles what is not ASCII.
    if flags is not None:
        flags = [flag if flag.isascii() else None for flag in flags]
    kind = sub or keyword
    if kind == "FROM" and len(args) == 3:
        args[1] = args[1].upper()
    if kind == "HEALTHCHECK" and args:
        args[0] = args[0].upper()
    if package and is_ours and kind in ("ENV", "LABEL"):
        args = [arg for position, arg in enumerate(args) if position % 3 != 2]
    if package and kind in ("ENV", "LABEL"):
        args = [arg for arg in args if arg not in ("", "=")]
    heredocs = instruction["heredocs"]
    if heredocs is not None:
        heredocs = [(h["name"], h["fd"], h["expand"], h["chomp"], h["content"]) for h in heredocs]
    # The package appends the heredocs to the line, but not to that of ONBUILD.
    original, _, documents = instruction["original"].lstrip().partition("\n")
    if package and is_ours:
        documents = "".join(f"{h['content']}{h['name']}\n" for h in instruction["heredocs"])
    return {
        "keyword": keyword,
        "sub": sub,
        "start_line": instruction["start_line"],
        "end_line": instruction["end_line"],
        "original": original,
        "documents": documents if package and not sub else None,
        "json": instruction["json"],
        "flags": flags,
        "args": args,
        "heredocs": heredocs,
    }


def differences(theirs, mine, package):
    if len(theirs["instructions"]) != len(mine["instructions"]):
        yield f"{len(theirs['instructions'])} instructions against our {len(mine['instructions'])}"
        return
    if theirs.get("escape") and theirs["escape"] != mine["escape"]:
        yield f"escape token {theirs['escape']!r} against our {mine['escape']!r}"
    for left, right in zip(theirs["instructions"], mine["instructions"]):
        left = normal(left, mine["escape"], False, package)
        right = normal(right, mine["escape"], True, package)
        for field in left:
            if left[field] is None and package:
                continue
            if field == "flags" and len(left[field]) == len(right[field]):
                known = [None not in pair for pair in zip(left[field], right[field])]
                left[field] = [flag for flag, keep in zip(left[field], known) if keep]
                right[field] = [flag for flag, keep in zip(right[field], known) if keep]
            # 0.12.5 took an array with text behind it for JSON.
            if package and field in ("json", "args") and left["json"] and not right["json"]:
                continue
            # A trigger that makes no sense is kept as one word by us.
            if left["keyword"] == "ONBUILD" and right["sub"] is None and field in ("sub", "args", "flags", "json"):
                continue
            if left[field] != right[field]:
                yield f"line {left['start_line']}: {field}: {left[field]!r} against our {right[field]!r}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="*")
    arguments.add_argument("--list", help="a file with one path a line")
    arguments.add_argument("--binary", help="a program that prints BuildKit's answers")
    arguments.add_argument("--dump", default=str(ROOT / "target/debug/examples/dump"))
    arguments.add_argument("--show", type=int, default=20, help="how many disagreements to print")
    options = arguments.parse_args()
    paths = options.files + (Path(options.list).read_text().splitlines() if options.list else [])

    mine = ours(options.dump, paths)
    theirs = from_binary(options.binary, paths) if options.binary else from_package(paths)
    count = collections.Counter(files=len(paths))
    shown = 0
    for path, left, right in zip(paths, theirs, mine, strict=True):
        if right["error"] == "not UTF-8":
            count["not UTF-8"] += 1
            continue
        if left["error"]:
            count["both reject" if right["error"] else "only we accept"] += 1
            problems = [] if right["error"] or not options.binary else [f"only we accept; BuildKit: {left['error']}"]
        elif right["error"]:
            count["only we reject"] += 1
            problems = [f"only we reject: {right['error']} (line {right['line']})"] if options.binary else []
        else:
            count["both accept"] += 1
            problems = list(differences(left, right, not options.binary))
            count["same"] += not problems
        if problems:
            count["disagree"] += 1
        for problem in problems[:3]:
            if shown < options.show:
                print(f"{path}: {problem}")
            shown += 1
    print(", ".join(f"{key}: {value}" for key, value in count.items()))
    return 1 if count["disagree"] else 0


if __name__ == "__main__":
    sys.exit(main())
