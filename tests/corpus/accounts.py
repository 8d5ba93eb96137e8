#!/usr/bin/env python3
"""What becomes of the account commands of real Dockerfiles, by command.

    tests/corpus/accounts.py DIRECTORY WOLFIFY [--every K] [--show N]

DIRECTORY is searched for files called Dockerfile or Containerfile, with or without an extension; WOLFIFY is the program
to measure. Only stages whose base image is converted count. The columns:

    found         commands in those stages
    translated    BusyBox commands take their place, or nothing is left to do
    as it stands  BusyBox does the same with these words (`adduser`, `addgroup`, `deluser`, `delgroup`, `passwd`, `chpasswd`)
    shadow        the words stay, and the stage installs the package `shadow`
    reported      the words stay, and the file has an error about account commands
    silent        the words stay and nothing is said: must be 0

Ends with 1 when a command is left in silence. Python 3.9 or later, nothing else.
"""

import argparse
import collections
import concurrent.futures
import json
import re
import subprocess
import sys

import packages

OF_SHADOW = "useradd groupadd usermod groupmod userdel groupdel gpasswd chage chsh chfn newusers".split()
OF_BUSYBOX = "adduser addgroup deluser delgroup passwd chpasswd".split()
BEFORE = r"(?:^|[;&|({`]|\b(?:then|do|else|sudo|eval)\b|\bRUN\b(?:[ \t]+--\S+)*)[ \t]*(?:/usr)?(?:/s?bin/)?"
COMMAND = re.compile(rf"(?m){BEFORE}({'|'.join(OF_SHADOW + OF_BUSYBOX)})(?![-\w./=])([^;&|\n]*)")
# Blank lines go along with the line that is continued.
CONTINUATION = re.compile(r"[\\`][ \t]*\r?\n(?:[ \t]*\r?\n)*")
FROM = re.compile(r"(?mi)^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)(?:[ \t]+AS[ \t]+(\S+))?.*$")
SHADOW = re.compile(r"\bapk\b[^&|;\n]*\badd\b[^&|;\n]*\bshadow\b")


class Stage:
    """The image a stage starts from, its text on single lines, and the stages below it."""

    def __init__(self, image, text, parent):
        self.image, self.text, self.parent = image, text, parent

    def chain(self):
        return [self, *(self.parent.chain() if self.parent else [])]

    def on_chainguard(self):
        return "cgr.dev/" in self.chain()[-1].image

    def has_shadow(self):
        return any(SHADOW.search(stage.text) for stage in self.chain())


def stages(text):
    text = CONTINUATION.sub(" ", packages.COMMENT.sub("", text))
    found, named, starts = [], {}, list(FROM.finditer(text))
    for match, after in zip(starts, [*starts[1:], None]):
        body = text[match.end() : after.start() if after else len(text)]
        stage = Stage(match[1], body, named.get(match[1].lower()))
        found.append(stage)
        if match[2]:
            named[match[2].lower()] = stage
    return found


def commands(text):
    return [(match[1], " ".join(match[2].split())) for match in COMMAND.finditer(text)]


def run(program, *arguments):
    done = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True)
    return done.stdout.decode(errors="replace")


def judge(job):
    """Counts by command and kind, and the commands left in silence."""
    program, path = job
    with open(path, encoding="utf-8", errors="replace") as file:
        before = file.read()
    if not COMMAND.search(before):
        return {}, []
    old, new = stages(before), stages(run(program, "convert", "--split=never", path))
    errors = [
        finding
        for line in run(program, "check", "--quiet", "--format", "jsonl", "--split=never", path).splitlines()
        for finding in json.loads(line).get("findings", [])
        if finding["level"] == "error" and finding["rule"] in ("account-command", "opaque-script")
    ]
    counts, silent = collections.Counter(), []
    for was, now in zip(old, new) if len(old) == len(new) else ():
        if was.on_chainguard() or not now.on_chainguard():
            continue
        left = collections.Counter(commands(now.text))
        for command in commands(was.text):
            kind = fate(command, left, now, errors)
            counts[command[0], kind] += 1
            if kind == "silent":
                silent.append(f"{path}: {' '.join(command)}")
    return counts, silent


def fate(command, left, stage, errors):
    if not left[command]:
        return "translated"
    left[command] -= 1
    if errors:
        return "reported"
    if command[0] in OF_BUSYBOX and not (command[0] == "passwd" and "--" in command[1]):
        return "as it stands"
    return "shadow" if stage.has_shadow() else "silent"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("wolfify")
    parser.add_argument("--every", type=int, default=1, help="take every K-th file (default: 1)")
    parser.add_argument("--show", type=int, default=20, help="how many commands left in silence to list (default: 20)")
    arguments = parser.parse_args()
    files = list(packages.dockerfiles(arguments.directory))[:: arguments.every]
    total, silent, concerned = collections.Counter(), [], 0
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for counts, left in pool.map(judge, [(arguments.wolfify, path) for path in files]):
            total.update(counts)
            silent += left
            concerned += bool(counts)
    kinds = ["translated", "as it stands", "shadow", "reported", "silent"]
    print("\t".join(["command", "found", *kinds]))
    for name in [*OF_SHADOW, *OF_BUSYBOX, "all"]:
        row = [sum(count for (own, kind), count in total.items() if kind == wanted and name in (own, "all")) for wanted in kinds]
        print("\t".join(map(str, [name, sum(row), *row])))
    print(f"{len(files)} files, {concerned} with an account command in a stage that is converted")
    print("".join(f"silent: {line}\n" for line in silent[: arguments.show]), end="")
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
