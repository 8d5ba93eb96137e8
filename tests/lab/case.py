"""One case: build the original, migrate it, build the result, run the same probe on both."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import common
import here_documents
import images
import probe as probes
import wolfi

HERE = Path(__file__).resolve().parent
LINK = re.compile(r"^([ \t]*(?:COPY|ADD)(?:[ \t]+--\S+)*)[ \t]+--link(?:=\w+)?\b", re.M | re.I)


@dataclasses.dataclass
class Result:
    name: str
    language: str = ""
    outcome: str = "-"
    passed: bool = False
    # What the program itself warned of.
    findings: list = dataclasses.field(default_factory=list)
    # The step that failed, and why.
    step: str = ""
    reasons: list = dataclasses.field(default_factory=list)
    before: dict | None = None
    after: dict | None = None
    users: tuple = (None, None)
    seconds: float = 0
    why: str = ""

    def fail(self, step, *reasons):
        self.step, self.reasons = step, [*reasons]
        return self


class Runner:
    """Runs cases with the stand-ins."""

    def __init__(self, stand_ins, binary, keep):
        self.images, self.binary, self.keep = stand_ins, binary, keep
        self.buildah = stand_ins.buildah
        self.originals = stand_ins.debian.place / "originals"
        self.originals.mkdir(exist_ok=True)

    def run(self, place):
        started = time.monotonic()
        result = Result(place.name)
        try:
            self._run(place, result)
        except (images.BuildFailed, common.Missing, ValueError, OSError, subprocess.SubprocessError) as reason:
            result.fail(result.step or "lab", f"{type(reason).__name__}: {reason}")
        finally:
            self._clean(place.name)
        why = place / "why"
        if not result.passed and why.exists():
            result.why = " ".join(why.read_text().split())
        result.seconds = time.monotonic() - started
        return result

    def _clean(self, name):
        for kind in ("before", "after"):
            try:
                self.buildah("rmi", "--force", f"localhost/lab/case-{name}:{kind}")
            except images.BuildFailed:
                pass

    def _run(self, place, result):
        probe = probes.read(place / "probe.json")
        result.language = probe.get("language", "")
        with tempfile.TemporaryDirectory(prefix="wolfify-lab-") as top:
            context = Path(top, "context")
            shutil.copytree(place / "context", context, symlinks=True)
            original = context / "Dockerfile"
            seen = self._original(place, original, context, probe, result)
            result.before, result.users = seen["measure"], (seen["user"], None)
            if reasons := list(probes.unmet(probe, seen)):
                return result.fail("original is not as the probe says", *reasons)
            result.step = "does not migrate"
            result.outcome, findings = self._migrate(original, context, probe)
            result.findings = [f"{finding['level']}[{finding['rule']}] line {finding['line']}: {finding['message']}" for finding in findings]
            if self.keep:
                shutil.copy(original, Path(self.keep, f"{place.name}.Dockerfile"))
            result.step = "result does not build"
            after = self._build(place.name, "after", original, context, probe)
            result.step = "result does not run"
            now = probes.observe(self.buildah, after, probe, after=True)
            result.after, result.users = now["measure"], (seen["user"], now["user"])
            reasons = [*probes.unmet(probe, now), *probes.different(probe, seen, now), *self._rules(probe, result, original)]
            if reasons:
                return result.fail("result behaves otherwise", *reasons)
            result.passed, result.step = True, ""

    def _original(self, place, dockerfile, context, probe, result):
        """What the original does; kept, because only its own files and its stand-ins can change that."""
        files = sorted(path for path in place.rglob("*") if path.is_file() and not path.is_symlink() and path.name != "why")
        files += [HERE / name for name in ("container.py", "fastcgi.py", "here_documents.py", "inside.py", "probe.py")]
        parents = [self.images.provide(reference) for reference in images.references(dockerfile.read_text())]
        key = wolfi.digest(files) + "".join(self.images.ready[parent] for parent in parents)
        stored = self.originals / f"{place.name}.json"
        if stored.exists():
            kept = json.loads(stored.read_text())
            if kept["key"] == key:
                return kept["seen"]
        result.step = "original does not build"
        before = self._build(place.name, "before", dockerfile, context, probe)
        result.step = "original does not run"
        seen = probes.observe(self.buildah, before, probe, after=False)
        stored.write_text(json.dumps({"key": key, "seen": seen}))
        return seen

    def _build(self, name, kind, dockerfile, context, probe):
        for reference in images.references(dockerfile.read_text()):
            self.images.provide(reference)
        tag = f"localhost/lab/case-{name}:{kind}"
        options = [word for setting in probe.get("build_args", ()) for word in ("--build-arg", setting)]
        options += ["--target", probe["target"]] if "target" in probe else []
        # buildah does not know `--link`, which says how layers are kept and not what is in them.
        original = dockerfile.read_text()
        text = here_documents.expand(LINK.sub(r"\1", original), context)
        if text != original:
            dockerfile = context.with_name(f"{kind}.Dockerfile")
            dockerfile.write_text(text)
        self.images.build(tag, dockerfile, context, *options)
        return tag

    def _migrate(self, dockerfile, context, probe):
        """Rewrites the file in place; the outcome, and the findings that ask for a look."""
        done = subprocess.run(
            [self.binary, "apply", "--format", "json", "--context", context, *probe.get("options", ()), dockerfile],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
        if done.returncode not in (0, 1):
            raise ValueError(f"ended with {done.returncode}: {done.stderr.strip()[-500:]}")
        files = json.loads(done.stdout)["files"]
        if not files:
            return "unchanged", []
        return files[0]["outcome"], [finding for finding in files[0]["findings"] if finding["level"] != "note"]

    def _rules(self, probe, result, dockerfile):
        """What holds for every result."""
        if result.outcome in ("unchanged", "skipped", "error"):
            yield f"the file was not migrated: {result.outcome}"
        if "outcome" in probe and result.outcome != probe["outcome"]:
            yield f"the outcome is {result.outcome}, not {probe['outcome']}"
        if result.users[1] == 0 and not probe.get("root"):
            yield "it runs as root"
        base = images.references(dockerfile.read_text())[-1:]
        if result.outcome in ("split", "runtime") and result.after["shell"] and not self._base_has_shell(base):
            yield "there is a shell in the image"

    def _base_has_shell(self, base):
        target = images.TARGET.match(base[0]) if base else None
        row = self.images.rows.get((target[1], "runtime")) if target else None
        return bool(row) and row["has_shell"] == "yes"
