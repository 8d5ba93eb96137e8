#!/usr/bin/env python3
"""Accounts, homes and permissions are after the conversion what they were before it.

    accounts.py [--binary PROGRAM] [--witness] [--one COMMAND] [--ids ID,…] [-v] [DOCKERFILE …]

Without files the cases in cases.tsv and sequences.tsv are run, each as a Dockerfile with one RUN. The RUN commands of the original run in
a Debian-like root, those of the converted file in a Wolfi-like root with BusyBox as the only tools (and what its
`apk add` names). Compared are passwd, group, shadow, gshadow, the members of groups, homes, owners, modes and every
other path. --witness runs the hand-written translation of each case instead of the converter: it shows that the case
can be met. Columns of the tables: README.md.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import buildkit_parse  # noqa: E402
import common  # noqa: E402
import execute  # noqa: E402
import roots  # noqa: E402
import state  # noqa: E402

NAME = "accounts"
IMAGES = {"debian": "debian:12", "ubuntu": "ubuntu:22.04", "fedora": "fedora:40"}
# useradd of shadow and adduser of BusyBox fill the ageing fields of a system user differently; nothing in a container reads them.
TOLERATED = {"aging"}
_roots = None


def read_cases(path):
    with open(path, newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _start(templates):
    global _roots
    _roots = roots.Roots(templates)


def compare(before, after, setup, distro, gecos_known, same_base=True):
    """Differences between two Dockerfiles (paths), and whether the base image was left as it was."""
    old, new = buildkit_parse.parse(before), buildkit_parse.parse(after)
    if old.error or new.error:
        return [state.Difference("parse", old.error or "", new.error or "")], False
    old_base, old_commands = execute.last_chain(old.commands)
    new_base, new_commands = execute.last_chain(new.commands)
    if old_base == new_base:
        return [], True
    _roots.prepare(setup, distro, same_base)
    left = state.observe(_roots.debian, old_commands, "/.oracle:")
    right = state.observe(_roots.wolfi, new_commands, "")
    return state.differences(left, right, gecos_known, same_base), False


def _distro(base):
    name = base.rsplit("/", 1)[-1].split(":")[0].split("@")[0]
    if name in ("fedora", "centos", "rockylinux", "almalinux", "amazonlinux") or name.startswith("ubi"):
        return "fedora"
    return "ubuntu" if name == "ubuntu" else "debian"


def _run_file(job):
    pair, gecos_known = job
    commands = buildkit_parse.parse(pair.path).commands
    distro = _distro(execute.last_chain(commands)[0]) if commands else "debian"
    return compare(pair.path, pair.after_path, "", distro, gecos_known)


def _run_case(job):
    case, pair, gecos_known = job
    same_base = not case.get("own") and "O:" not in case["setup"]
    distro = case["distro"] if case["distro"] in IMAGES else "debian"
    return compare(pair.path, pair.after_path, case["setup"], distro, gecos_known, same_base)


def dockerfile(case, command):
    image = IMAGES.get(case["distro"], case["distro"])
    return f"FROM {image}\nRUN {command}\n"


def _pairs(cases, options, directory):
    """Each case as a Dockerfile, and what the converter or the witness makes of it."""
    paths = []
    for case in cases:
        path = directory / case["id"] / "Dockerfile"
        path.parent.mkdir()
        path.write_text(dockerfile(case, case["command"]))
        paths.append(path)
    if not options.witness:
        return common.convert_all(options.binary, options.convert_args, paths, directory)
    pairs = []
    for case, path in zip(cases, paths):
        after = path.with_name("after")
        after.write_text(f"FROM wolfi-base\nUSER root\nRUN {case['witness']}\n")
        pairs.append(common.Pair(path, path.read_bytes(), after.read_bytes(), after, 0, ""))
    return pairs


def _judge(verdict, case, pair, differences, left, verbose):
    allowed = TOLERATED | set(filter(None, case["allowed"].split(",")))
    bad = [difference for difference in differences if difference.kind not in allowed]
    if pair.crash:
        verdict.fail(case["id"], pair.crash)
    elif left:
        verdict.fail(case["id"], f"{case['command']}: the base image was left")
    elif bad:
        verdict.fail(case["id"], f"{case['command']} -> {runs(pair.after)}: {'; '.join(map(str, bad))}")
    else:
        verdict.passed += 1
    if verbose:
        print(f"{case['id']}: {case['command']}\n{runs(pair.after)}")
        for difference in differences:
            print(f"    {'!' if difference in bad else '~'} {difference}")


def runs(text):
    lines = text.decode(errors="replace").splitlines()
    return " / ".join(line.strip() for line in lines if not line.startswith(("FROM", "USER")) and line.strip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="DOCKERFILE")
    parser.add_argument("--binary", help="the converter [default: build it]")
    parser.add_argument("--witness", action="store_true", help="the cases' own translations instead of the converter")
    parser.add_argument("--one", metavar="COMMAND", help="one command on debian:12")
    parser.add_argument("--setup", default="", help="accounts and files to start from, for --one")
    parser.add_argument("--ids", help="only these cases, separated by commas")
    parser.add_argument("--show", type=int, default=20, help="how many failures to print")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    common.enter_venv()
    # One stage, so that what the RUNs do can be seen in one root.
    options.convert_args = ["--split", "never"]
    common.need_tools({"useradd": "passwd", "adduser": "adduser", "unshare": "util-linux", "ldd": "libc-bin"})
    busybox, version = roots.build_busybox()
    if not (options.binary or options.witness):
        options.binary = common.cargo_build("--bin", "wolfify")["wolfify"]
    verdict = common.Verdict(NAME)
    with common.temporary(NAME) as directory:
        _run(verdict, options, Path(directory), busybox, version >= (1, 38))
    return common.print_verdicts([verdict], options.show)


def _run(verdict, options, directory, busybox, gecos_known):
    if options.files:
        pairs = common.convert_all(options.binary, options.convert_args, options.files, directory)
        cases = [dict(id=str(pair.path), command="", allowed="mode") for pair in pairs]
        work, jobs = _run_file, [(pair, gecos_known) for pair in pairs]
    else:
        cases = read_cases(Path(__file__).with_name("cases.tsv"))
        cases += [dict(case, own=True) for case in read_cases(Path(__file__).with_name("sequences.tsv"))]
        if options.one:
            cases = [dict(id="one", distro="debian", setup=options.setup, command=options.one, allowed="", witness="")]
        elif options.ids:
            cases = [case for case in cases if case["id"] in options.ids.split(",")]
        pairs = _pairs(cases, options, directory)
        work, jobs = _run_case, [(case, pair, gecos_known) for case, pair in zip(cases, pairs)]
    templates = roots.Templates(busybox)
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), _start, (templates,)) as pool:
        results = pool.map(work, jobs, chunksize=4)
    templates.close()
    for case, pair, (differences, left) in zip(cases, pairs, results):
        if options.files and left:
            verdict.note("base image left")
        else:
            _judge(verdict, case, pair, differences, left, options.verbose)


if __name__ == "__main__":
    sys.exit(main())
