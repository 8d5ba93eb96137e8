#!/usr/bin/env python3
"""How much of what real Dockerfiles install gets an answer with a reason, by package manager.

    tests/corpus/packages.py DIRECTORY WOLFIFY [--names N] [--every K] [--bases N]

DIRECTORY is searched for files called Dockerfile or Containerfile, with or without an extension; WOLFIFY is the program
to measure. Only the stages whose base image is converted count, as only their packages are looked up. `--every K` takes
every K-th file in the order of their paths, for a quick look.

A file is counted with the package manager whose install command stands in it; one that uses several is counted apart.
The columns:

    occurrences   words of install commands that name packages
    mapped        become Wolfi packages of other names
    same          have the same name on Wolfi
    in-image      left out: the new image has them
    dropped       left out, with another reason
    advice        known not to be on Wolfi, with what to do instead
    unknown       names that nobody knows
    dynamic       variables without a known value, globs, package files and the like: not names
    not read      packages in commands that are left alone as a whole (installed into another root, unknown option)
    resolved      mapped, same, in-image, dropped and advice, of all but dynamic words and commands not read; in brackets of all

Below come the commonest unknown names with the number of their occurrences, and on request the commonest unknown base
images. Python 3.9 or later, nothing else.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

INSTALLS = {
    "apt-install": re.compile(r"\b(?:apt-get|apt|aptitude)\b[^&|;\n]*\binstall\b"),
    "yum-install": re.compile(r"\b(?:yum|dnf|microdnf|tdnf)\b[^&|;\n]*\b(?:install|localinstall|groupinstall)\b"),
    "apk-add": re.compile(r"\bapk\b[^&|;\n]*\badd\b"),
}
SEVERAL = "several"
NAME = re.compile(r"(?:Docker|Container)file(?:\.[^/]*)?$|\.(?:[Dd]ocker|[Cc]ontainer)file$")
COMMENT = re.compile(r"(?m)^[ \t]*#.*\n")
CONTINUATION = re.compile(r"[\\`][ \t]*\r?\n")
MISSING = re.compile(r"^`(.*)` has no known counterpart on Wolfi; (.*)$", re.S)
RENAMED = " → "
PRESENT = "is part of the target image"
EXTENSION = re.compile(r"\bphp-[0-9.]+-[a-z0-9_]+")
BASE = re.compile(r"^`([^`]*)`")

# How the advice begins for words that are not names, and for names that no table knows.
DYNAMIC = ("its value is only known", "it is not a package name", "no package is known to bring this file")
NOBODY_KNOWS = ("look for it with", "nearest Wolfi names")


def dockerfiles(directory):
    for folder, folders, files in os.walk(directory):
        folders.sort()
        for file in sorted(files):
            path = os.path.join(folder, file)
            if NAME.search(file) and os.path.isfile(path):
                yield path


def manager_of(path):
    """The rule of the manager that `path` installs packages with; None when there is none."""
    with open(path, encoding="utf-8", errors="replace") as file:
        text = CONTINUATION.sub(" ", COMMENT.sub("", file.read()))
    found = [rule for rule, install in INSTALLS.items() if install.search(text)]
    return found[0] if len(found) == 1 else SEVERAL if found else None


def check(program, paths):
    """The findings in `paths`, and the summary of them all."""
    with tempfile.NamedTemporaryFile("w", suffix=".list") as list_of_files:
        list_of_files.write("".join(f"{path}\n" for path in paths))
        list_of_files.flush()
        command = [program, "check", "--quiet", "--format", "jsonl", "--files-from", list_of_files.name]
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
            for line in process.stdout:
                record = json.loads(line)
                if "summary" in record:
                    yield None, record["summary"]["packages"]
                for finding in record.get("findings", []):
                    yield finding, None
    # 1: something is left for a person; 2: some files cannot be read, which the program has told.
    if process.returncode not in (0, 1, 2):
        sys.exit(f"{program} ended with status {process.returncode}")


class Count:
    def __init__(self):
        self.files = 0
        self.packages = collections.Counter()
        self.fates = collections.Counter()
        self.unknown = collections.Counter()
        self.advice = collections.Counter()
        self.dynamic = collections.Counter()

    def add(self, finding):
        """One finding about packages: a rewritten command, something left out, or a name that is not known."""
        rule, message = finding["rule"], finding["message"]
        if rule in INSTALLS:
            self.fates["renamed"] += message.count(RENAMED)
        elif rule == "php-extension" and finding.get("fix"):
            written = "\n".join(edit["text"] for edit in finding["fix"]["edits"])
            self.fates["renamed"] += len(set(EXTENSION.findall(written)))
        if rule in INSTALLS or rule in ("dropped-package", "php-extension"):
            self.fates["present"] += message.count(PRESENT)
        if rule == "unknown-package":
            self.add_missing(finding)

    def add_missing(self, finding):
        missing = MISSING.match(finding["message"])
        if not missing:
            return
        name, advice = missing.groups()
        if advice.startswith(DYNAMIC) or "*" in name or "$" in name:
            self.dynamic[name] += 1
        elif advice.startswith(NOBODY_KNOWS):
            self.unknown[name] += 1
        else:
            self.advice[name] += 1

    def merge(self, other):
        self.files += other.files
        for mine, theirs in zip(self.counters(), other.counters()):
            mine.update(theirs)

    def counters(self):
        return self.packages, self.fates, self.unknown, self.advice, self.dynamic

    def row(self):
        mapped, dropped = self.packages["mapped"], self.packages["dropped"]
        renamed, present = self.fates["renamed"], self.fates["present"]
        advice, unknown, dynamic = (sum(names.values()) for names in (self.advice, self.unknown, self.dynamic))
        left = max(0, self.packages["unknown"] - advice - unknown - dynamic)
        resolved = mapped + dropped + advice
        everything = resolved + unknown + dynamic + left
        share = f"{percent(resolved, resolved + unknown)} ({percent(resolved, everything)})"
        known = [renamed, mapped - renamed, present, dropped - present]
        return [self.files, everything, *known, advice, unknown, dynamic, left, share]


def percent(part, whole):
    return f"{100 * part / whole:.2f} %" if whole else "-"


def measure(program, files):
    groups = collections.defaultdict(list)
    for path in files:
        groups[manager_of(path)].append(path)
    counts, bases = {}, collections.Counter()
    for rule in [*INSTALLS, SEVERAL]:
        count = counts[rule] = Count()
        count.files = len(groups[rule])
        for finding, packages in check(program, groups[rule]) if groups[rule] else ():
            if packages is not None:
                count.packages.update(packages)
            elif finding["rule"] == "unknown-base-image":
                bases.update(BASE.findall(finding["message"]))
            else:
                count.add(finding)
    return counts, bases


def report(counts, bases, arguments):
    total = Count()
    for count in counts.values():
        total.merge(count)
    print("\t".join("manager files occurrences mapped same in-image dropped advice unknown dynamic not-read resolved".split()))
    for rule, count in [*counts.items(), ("all", total)]:
        print("\t".join([rule, *map(str, count.row())]))
    for rule, count in [*counts.items(), ("all", total)]:
        listed("unknown names", rule, count.unknown, arguments.names)
    listed("names with advice", "all", total.advice, arguments.names)
    listed("words that are not names", "all", total.dynamic, arguments.names)
    listed("unknown base images", "all", bases, arguments.bases)


def listed(what, rule, names, most):
    if names and most:
        print(f"\n{what} ({rule}, {len(names)} different):")
        commonest = sorted(names.items(), key=lambda item: (-item[1], item[0]))[:most]
        print(", ".join(f"{name} {count}" for name, count in commonest))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("wolfify")
    parser.add_argument("--names", type=int, default=50, help="how many names to list (default: 50)")
    parser.add_argument("--bases", type=int, default=0, help="how many unknown base images to list (default: none)")
    parser.add_argument("--every", type=int, default=1, help="take every K-th file (default: 1)")
    arguments = parser.parse_args()
    files = list(dockerfiles(arguments.directory))[:: arguments.every]
    counts, bases = measure(arguments.wolfify, files)
    report(counts, bases, arguments)


if __name__ == "__main__":
    main()
