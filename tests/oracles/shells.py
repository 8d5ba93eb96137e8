"""A script that a shell could read before is still one that it can read.

Only scripts that the converter changed are looked at. Where a file's scripts cannot be paired one to one, each new
script of a changed stretch must suit every shell that all old scripts of that stretch suited.
"""

from __future__ import annotations

import difflib
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import buildkit_parse
import common

NAME = "shells"
# One process for a batch: it starts a shell for every script, and prints the scripts that this shell cannot read.
DRIVER = 'reader=$1; shift; for script; do $reader -n "$script" 2>"$script.$reader_name" || echo "$script"; done'
BATCH = 200


def readers(busybox):
    """How each shell is called."""
    common.need_tools({"dash": "dash", "bash": "bash"})
    return {"dash": "dash", "bash": "bash", "ash": f"{busybox} ash"}


def _changed_bodies(pair):
    """Stretches of changed scripts: a list of (old bodies, new bodies)."""
    before = buildkit_parse.parse(pair.path)
    after = buildkit_parse.parse(pair.after_path)
    if before.error or after.error:
        return None
    old, new = buildkit_parse.bodies(before.commands), buildkit_parse.bodies(after.commands)
    matcher = difflib.SequenceMatcher(
        None, [(b.keyword, b.text, b.shell) for b in old], [(b.keyword, b.text, b.shell) for b in new], autojunk=False
    )
    stretches = []
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal" or new_from == new_to:
            continue
        lefts, rights = old[old_from:old_to], new[new_from:new_to]
        if len(lefts) == len(rights):
            stretches += [([left], [right]) for left, right in zip(lefts, rights)]
        else:
            stretches.append((lefts, rights))
    return stretches


class Checker:
    """Which shells can read which scripts."""

    def __init__(self, texts, commands, directory):
        self.files = {}
        for number, text in enumerate(sorted(texts)):
            self.files[text] = Path(directory, str(number))
            self.files[text].write_text(text, encoding="utf-8", errors="surrogatepass")
        self.refused = {name: self._refused(name, command) for name, command in commands.items()}

    def _refused(self, name, command):
        paths = [str(path) for path in self.files.values()]
        batches = [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)]

        def run(batch):
            done = subprocess.run(
                ["dash", "-c", DRIVER, "driver", command, *batch],
                env=dict(os.environ, LC_ALL="C.UTF-8", reader_name=name, ENV="", BASH_ENV=""),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=True,
            )
            return done.stdout.splitlines()

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return {path for lines in pool.map(run, batches) for path in lines}

    def reads(self, name, text):
        return str(self.files[text]) not in self.refused[name]

    def complaint(self, name, text):
        path = self.files[text]
        return Path(f"{path}.{name}").read_text(errors="replace").strip().replace(f"{path}: ", "")[-160:]


def _problem(checker, names, olds, new):
    """Why a new script is worse than the old ones of its stretch, or None."""
    runs = {"sh": "ash"}.get(new.shell, new.shell)
    if new.shell == "bash" and checker.reads("bash", new.text):
        return None
    for name in names:
        if all(checker.reads(name, old.text) for old in olds) and not checker.reads(name, new.text):
            return f"{new.keyword} at new line {new.line}: {name} cannot read it: {checker.complaint(name, new.text)}"
    # SHELL or a `#!` chose a shell that could read the script; the one that runs it now must be able to as well.
    chosen = [old for old in olds if old.shell in names and checker.reads(old.shell, old.text)]
    if olds and len(chosen) == len(olds) and runs in names and not checker.reads(runs, new.text):
        return f"{new.keyword} at new line {new.line}: {runs} runs it now and cannot read it: {checker.complaint(runs, new.text)}"
    return None


def check(pairs, busybox):
    """`busybox` is the path of a BusyBox with `ash`."""
    verdict = common.Verdict(NAME)
    changed = [pair for pair in pairs if pair.changed and not pair.crash]
    stretches = common.parallel(_changed_bodies, changed)
    texts = {body.text for found in stretches for sides in found or () for side in sides for body in side}
    verdict.note("scripts", len(texts))
    commands = readers(busybox)
    with common.temporary("shells") as directory:
        checker = Checker(texts, commands, directory)
        for pair, found in zip(changed, stretches):
            problems = [
                problem
                for olds, news in found or ()
                for new in news
                if (problem := _problem(checker, tuple(commands), olds, new))
            ]
            if found is None:
                verdict.note("not parsed")
            elif problems:
                verdict.fail(pair.path, problems[0])
            else:
                verdict.passed += 1
    return verdict
