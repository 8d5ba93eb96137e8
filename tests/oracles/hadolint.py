"""No error-level finding of hadolint that the input did not have."""

from __future__ import annotations

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import common

NAME = "hadolint"
BATCH = 100
# hadolint's own parser gave up, for instance on an instruction after a heredoc: it says nothing about the file then.
# Whether the file is a Dockerfile is for BuildKit to say.
NOT_PARSED = "DL1000"


def _run(program, paths, directory):
    command = [str(program), "--no-fail", "--format", "json", *map(str, paths)]
    # No configuration of the machine's or the repository's may decide what is an error.
    environment = dict(os.environ, HOME=directory, XDG_CONFIG_HOME=directory, LC_ALL="C.UTF-8")
    done = subprocess.run(command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode:
        raise common.Missing(f"hadolint: {done.stderr.decode(errors='replace')[-300:]}")
    return json.loads(done.stdout)


def _errors(program, paths):
    """Error-level findings by file, as {(code, message without numbers): line}."""
    found = {str(path): {} for path in paths}
    batches = [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)]
    with common.temporary("hadolint") as directory, ThreadPoolExecutor(os.cpu_count()) as pool:
        for findings in pool.map(lambda batch: _run(program, batch, directory), batches):
            for finding in findings:
                if finding["level"] == "error":
                    key = (finding["code"], re.sub(r"\d+", "N", finding["message"]))
                    found[finding["file"]].setdefault(key, finding["line"])
    return found


def check(pairs):
    verdict = common.Verdict(NAME)
    program = common.venv() / "bin/hadolint"
    changed = [pair for pair in pairs if pair.changed and not pair.crash]
    before = _errors(program, [pair.path for pair in changed])
    after = _errors(program, [pair.after_path for pair in changed])
    for pair in changed:
        old, new = before[str(pair.path)], after[str(pair.after_path)]
        if any(code == NOT_PARSED for code, _ in [*old, *new]):
            verdict.note("not parsed by hadolint")
            continue
        fresh = [(key, line) for key, line in new.items() if key not in old]
        if fresh:
            (code, message), line = fresh[0]
            verdict.fail(pair.path, f"{code} at new line {line}: {message}")
        else:
            verdict.passed += 1
    return verdict
