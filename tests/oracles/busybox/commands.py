#!/usr/bin/env python3
"""Commands with GNU options do after the conversion what they did before it, and those that BusyBox knows stay as they are.

    commands.py [--binary PROGRAM] [--witness] [--ids ID,…] [-v]

Each row of commands.tsv becomes a Dockerfile whose only RUN is the command, in a directory with the same files on both
sides. `works` rows must keep their words. For the others status, output and files in that directory must be the same
with Debian's tools before and with BusyBox (and what `apk add` names) after. --witness runs the row's own answer (its
rewrite, or the package with the GNU tool) instead of the converter. Columns of commands.tsv: README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import accounts  # noqa: E402
import buildkit_parse  # noqa: E402
import common  # noqa: E402
import execute  # noqa: E402
import roots  # noqa: E402

NAME = "commands"
PLACE = "/w"
# Compressed files hold times and so differ in bytes.
COMPRESSED = re.compile(r"\.(tgz|tar|gz|bz2|xz|zst|zip|cpio)$")
FILES = {
    "src/a.txt": "one\ntwo\nthree\n",
    "src/b.log": "log\n",
    "src/sub/c.txt": "c\n",
    "src/sub/deep/d.sh": "#!/bin/sh\necho hi\n",
    "src/.hid": "h\n",
    "conf": "key=val\n#comment\nport = 80\nname=foo\n",
    "num": "10\n9\n2\n1\n",
    "ver": "1.10\n1.9\n1.2\n",
    "crlf": "a\r\nb\r\n",
    "csv": "a,b,c\n1,2,3\n",
    "list": "src/a.txt\nsrc/b.log\n",
    "excl": "*.log\n",
    "bin": "hello\0world\0",
    "p.orig": "one\ntwo\nthree\n",
    "p.new": "one\nTWO\nthree\n",
    "pt": "one\ntwo\nthree\n",
}
ARCHIVES = """
mkdir pack && cp -a src pack/top-1.0
tar -C pack --numeric-owner --owner=1234 --group=1234 -cf t.tar top-1.0
gzip -kn t.tar && mv t.tar.gz t.tgz && cp t.tgz t.tar.gz
bzip2 -k t.tar && xz -k t.tar && rm -r pack
diff -u p.orig p.new >p.diff || true
sha256sum conf num >sums && sha256sum conf | sed 's/^./0/' >badsums
"""
_state = None


def make_files(place):
    for name, text in FILES.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")
    (place / "src/sub/deep/d.sh").chmod(0o755)
    os.utime(place / "src/b.log", (1_000_000_000, 1_000_000_000))
    (place / "src/link").symlink_to("a.txt")
    for name in ("empty", "dst"):
        (place / name).mkdir()
    subprocess.run(["sh", "-ec", ARCHIVES], cwd=place, check=True)
    with zipfile.ZipFile(place / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in (("a.txt", "zz/a.txt"), ("b.log", "zz/b.log"), ("sub/deep/d.sh", "zz/bin/d.sh")):
            archive.write(place / "src" / name, inside)


def tree(place):
    found = {}
    for folder, folders, files in os.walk(place):
        for name in folders + files:
            path = Path(folder, name)
            state = path.lstat()
            entry = [oct(state.st_mode), state.st_uid, state.st_gid]
            if path.is_symlink():
                entry = [os.readlink(path)]
            elif path.is_file() and not COMPRESSED.search(name):
                entry.append(hashlib.sha256(path.read_bytes()).hexdigest()[:8])
            found[str(path)[len(str(place)) :]] = entry
    return found


class State:
    """The roots of one process and the files that every command starts with."""

    def __init__(self, templates, version):
        self.files, self.version = templates.files, version
        self.roots = roots.Roots(templates)

    def outcome(self, root, commands, first_in_path):
        shutil.copytree(self.files, root.place / PLACE[1:], symlinks=True)
        results = execute.execute(root, commands, first_in_path)
        status = next((status for status, _, _ in results if status), 0)
        # The last RUN is the row's own; those before it install packages.
        return status, results[-1][1] if results else "", tree(root.place / PLACE[1:]), results[-1][2] if results else ""


def _start(templates, version):
    global _state
    _state = State(templates, version)


def _differences(mode, left, right):
    found = []
    if (left[0] == 0) != (right[0] == 0):
        found.append(f"status {left[0]} | {right[0]} {' '.join(right[3].split())[-120:]}")
    outputs = [left[1], right[1]]
    if mode == "lines":
        outputs = [sorted(output.splitlines()) for output in outputs]
    if mode in ("full", "out", "lines") and outputs[0] != outputs[1]:
        found.append(f"stdout {str(outputs[0])[:80]!r} | {str(outputs[1])[:80]!r}")
    if mode in ("full", "tree") and left[2] != right[2]:
        paths = [path for path in sorted(set(left[2]) | set(right[2])) if left[2].get(path) != right[2].get(path)]
        found.append("files " + "; ".join(f"{path} {left[2].get(path)} | {right[2].get(path)}" for path in paths[:3]))
    return found


def _run(job):
    """Why a row fails, or None."""
    row, pair = job
    if pair.crash:
        return pair.crash
    old, new = buildkit_parse.parse(pair.path), buildkit_parse.parse(pair.after_path)
    if new.error:
        return f"BuildKit rejects the output: {new.error}"
    old_base, old_commands = execute.last_chain(old.commands)
    new_base, new_commands = execute.last_chain(new.commands)
    if old_base == new_base:
        return "the base image was left"
    if row["works"] == "yes" and row["command"] not in [body.text for body in buildkit_parse.bodies(new_commands)]:
        return "BusyBox knows this command, but it was changed"
    if row["min_busybox"] > _state.version:
        return None
    _state.roots.prepare("", "debian")
    left = _state.outcome(_state.roots.debian, old_commands, "/.oracle:")
    right = _state.outcome(_state.roots.wolfi, new_commands, "")
    return "; ".join(_differences(row["compare"], left, right)) or None


def _shell(row):
    return 'SHELL ["/bin/bash", "-c"]\n' if row["shell"] == "bash" else ""


def dockerfile(row):
    # Where debian:12 lacks the tool, a Dockerfile that uses it has to install it.
    install = f"RUN apt-get update && apt-get install -y {row['installs']}\n" if row["installs"] else ""
    return f"FROM debian:12\n{install}WORKDIR {PLACE}\n{_shell(row)}RUN {row['command']}\n"


def _witness(row):
    """The row's own answer: the rewrite where there is one, else the package, else the command as it is."""
    install = ["bash"] if row["shell"] == "bash" else []
    command = row["command"]
    if row["works"] != "yes":
        if row["witness"]:
            command = row["witness"]
        else:
            install.append(row["package"])
    lines = ["FROM wolfi-base", f"WORKDIR {PLACE}"]
    if install:
        lines.append(f"RUN apk add --no-cache {' '.join(install)}")
    return "\n".join(lines) + f"\n{_shell(row)}RUN {command}\n"


def _pairs(rows, options, directory):
    paths = []
    for row in rows:
        path = directory / row["id"] / "Dockerfile"
        path.parent.mkdir()
        path.write_text(dockerfile(row))
        paths.append(path)
    if not options.witness:
        return common.convert_all(options.binary, ["--split", "never"], paths, directory)
    pairs = []
    for row, path in zip(rows, paths):
        after = path.with_name("after")
        after.write_text(_witness(row))
        pairs.append(common.Pair(path, path.read_bytes(), after.read_bytes(), after, 0, ""))
    return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", help="the converter [default: build it]")
    parser.add_argument("--witness", action="store_true", help="the rows' own answers instead of the converter")
    parser.add_argument("--ids", help="only these rows, separated by commas")
    parser.add_argument("--show", type=int, default=20, help="how many failures to print")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    common.enter_venv()
    common.need_tools({"bzip2": "bzip2", "xz": "xz-utils", "unzip": "unzip", "unshare": "util-linux", "ldd": "libc-bin"})
    busybox, version = roots.build_busybox()
    if not (options.binary or options.witness):
        options.binary = common.cargo_build("--bin", "wolfify")["wolfify"]
    rows = accounts.read_cases(Path(__file__).with_name("commands.tsv"))
    if options.ids:
        rows = [row for row in rows if row["id"] in options.ids.split(",")]
    verdict = common.Verdict(NAME)
    with common.temporary(NAME) as directory:
        pairs = _pairs(rows, options, Path(directory))
        templates = roots.Templates(busybox)
        templates.files = templates.top / "files"
        templates.files.mkdir()
        make_files(templates.files)
        with multiprocessing.get_context("fork").Pool(os.cpu_count(), _start, (templates, "{}.{}".format(*version))) as pool:
            reasons = pool.map(_run, list(zip(rows, pairs)), chunksize=4)
        templates.close()
    newer = sum(row["min_busybox"] > "{}.{}".format(*version) for row in rows)
    if newer:
        verdict.note("words only, for a newer BusyBox", newer)
    for row, pair, reason in zip(rows, pairs, reasons):
        verdict.passed += not reason
        if reason:
            verdict.fail(row["id"], f"{row['command']} -> {accounts.runs(pair.after)}: {reason}")
        if options.verbose:
            print(f"{row['id']}: {row['command']}\n    {accounts.runs(pair.after)}\n    {reason or 'same'}")
    return common.print_verdicts([verdict], options.show)


if __name__ == "__main__":
    sys.exit(main())
