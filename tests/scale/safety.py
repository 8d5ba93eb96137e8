#!/usr/bin/env python3
"""Kills `wolfify apply` at random moments, takes its disk away, and looks at what is left.

    safety.py BINARY [--kills 200] [--files 300] [--seed N]

After every kill each file must be wholly old or wholly new; at the end a run that is left alone must give the tree that
an undisturbed run gives. As root on Linux the same with a full disk and with a file system that cannot be written.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import generate  # noqa: E402


def files(directory):
    """Every file by its path below the directory."""
    found = {}
    for place, _, names in os.walk(directory):
        for name in names:
            path = Path(place, name)
            found[path.relative_to(directory)] = path.read_bytes()
    return found


def apply(binary, directory, *more):
    return subprocess.run([binary, "apply", "--quiet", "--format=json", *more], cwd=directory, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


class Check:
    """What went wrong so far."""

    def __init__(self):
        self.passed, self.failures = 0, []

    def that(self, holds, message):
        if holds:
            self.passed += 1
        else:
            self.failures.append(message)


def state(check, directory, old, new, what):
    """Every file is one of its two versions; returns how many are new and how many other files there are."""
    now = files(directory)
    strays = [path for path in now if path not in old]
    for path, text in old.items():
        check.that(now.get(path) in (text, new[path]), f"{what}: {path} is neither old nor new")
    return sum(now.get(path) == text != old[path] for path, text in new.items()), strays


def kills(check, binary, original, new, work, count, chance):
    old = files(original)
    tree = work / "killed"
    duration = 1.0
    stray_kills, hit = 0, 0
    for number in range(count):
        if not tree.exists():
            shutil.copytree(original, tree)
            started, fresh = time.monotonic(), True
        process = subprocess.Popen([binary, "apply", "--quiet", "--format=json", f"--jobs={chance.randint(1, 4)}"], cwd=tree,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(chance.uniform(0, duration))
            if fresh:
                duration = max(0.02, min(duration, time.monotonic() - started))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            hit += 1
        fresh = False
        done, strays = state(check, tree, old, new, f"kill {number}")
        stray_kills += bool(strays)
        check.that(all(path.name.startswith(".wolfify-") for path in strays), f"kill {number}: {strays} is left")
        # Half of the runs go on where the last one was killed.
        if not strays and chance.random() < 0.5 or process.returncode == 0:
            finish(check, binary, tree, new, f"after kill {number}")
            shutil.rmtree(tree)
    if tree.exists():
        finish(check, binary, tree, new, "after the last kill")
    print(f"{count} runs, {hit} of them killed at work; {stray_kills} left a file on its way, which the next run removed")


def finish(check, binary, tree, new, what):
    apply(binary, tree)
    check.that(files(tree) == new, f"{what}: an undisturbed run gives another tree")


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def full_disk(check, binary, original, new, work):
    disk = work / "disk"
    disk.mkdir()
    mount("-t", "tmpfs", "-o", "size=64m,nr_inodes=200k", "none", disk)
    tree = disk / "tree"
    shutil.copytree(original, tree)
    free = os.statvfs(disk)
    with open(disk / "filler", "wb") as filler:
        filler.write(b"x" * (free.f_bavail * free.f_bsize))
    old = files(original)
    run = apply(binary, tree)
    done, strays = state(check, tree, old, new, "full disk")
    check.that(run.returncode == 2 and "cannot be written" in run.stderr, f"full disk: {run.returncode} {run.stderr[:200]}")
    check.that(not strays, f"full disk: {strays} is left")
    lines = run.stderr.splitlines()
    (disk / "filler").unlink()
    finish(check, binary, tree, new, "after the disk had room again")
    print(f"full disk: {done} rewritten, {len(lines)} lines, status {run.returncode}")


def read_only(check, binary, original, new, work):
    tree = work / "closed"
    shutil.copytree(original, tree)
    mount("--bind", tree, tree)
    mount("-o", "remount,bind,ro", tree)
    run = apply(binary, tree)
    _, strays = state(check, tree, files(original), files(original), "read-only")
    check.that(run.returncode == 2 and not strays, f"read-only: {run.returncode} {strays}")
    print(f"read-only: {len(run.stderr.splitlines())} lines, status {run.returncode}")
    mount("-o", "remount,bind,rw", tree)
    finish(check, binary, tree, new, "after the tree could be written again")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mounted", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    root = os.geteuid() == 0 and sys.platform == "linux"
    if root and not options.mounted and shutil.which("unshare"):
        os.execvp("unshare", ["unshare", "--mount", "--", sys.executable, *sys.argv, "--mounted"])
    binary = options.binary.resolve()
    check = Check()
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        original = work / "original"
        generate.generate(original, options.files, options.seed)
        shutil.copytree(original, work / "reference")
        apply(binary, work / "reference")
        new = files(work / "reference")
        kills(check, binary, original, new, work, options.kills, random.Random(options.seed))
        if options.mounted:
            full_disk(check, binary, original, new, work)
            read_only(check, binary, original, new, work)
            for name in ("disk", "closed"):
                subprocess.run(["umount", work / name], check=True)
    for failure in check.failures[:20]:
        print(failure, file=sys.stderr)
    print(f"{check.passed} passed, {len(check.failures)} failed")
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
