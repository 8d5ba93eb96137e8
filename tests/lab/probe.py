"""Runs a container as a probe says and writes down what it did; says where that is not what was expected.

The keys of a probe (probe.json) are described in README.md.
"""

from __future__ import annotations

import json
import re
import stat

from container import Container

KEYS = {"about", "language", "fast", "args", "env", "stdin", "http", "exec", "healthy", "stop", "status", "stdout", "stderr",
        "files", "varies", "root", "seconds", "build_args", "target", "options", "find", "outcome", "port_after"}
# Long enough for a busy machine: who ends in time is not waited for.
STOP_SECONDS = 30


def read(path):
    found = json.loads(path.read_text())
    unknown = set(found) - KEYS
    if unknown:
        raise ValueError(f"{path}: no key {', '.join(sorted(unknown))} in a probe")
    return found


def observe(buildah, image, probe, after):
    """What an image does, by name."""
    seen = {}
    with Container(buildah, image) as container:
        container.start(probe.get("args", ()), probe.get("env", {}), probe.get("stdin", ""))
        seen["user"] = container.account()[0]
        for number, request in enumerate(probe.get("http", ())):
            if after and "port_after" in probe:
                request = dict(request, port=probe["port_after"])
            status, body = container.http(request)
            seen[f"http {number}"] = f"{status} {body}"
        for number, step in enumerate(probe.get("exec", ())):
            status, output = container.run(step["command"], probe.get("env", {}))
            seen[f"exec {number}"] = f"{status} {output}"
        if probe.get("healthy"):
            seen["health"] = container.healthy()
        if "stop" in probe:
            if container.first() is None:
                seen["status"] = "ended before the signal"
            container.signal(probe["stop"].get("signal"))
        limit = STOP_SECONDS if "stop" in probe else probe.get("seconds", 60)
        if "stop" in probe or "status" in probe:
            seen.setdefault("status", container.wait(limit))
            if container.process.poll() is None:
                seen["status"] = f"not ended {limit} s after {'the signal' if 'stop' in probe else 'its start'}"
        container.kill()
        seen["stdout"], seen["stderr"] = container.stdout(), container.stderr()
        for path in probe.get("files", {}):
            place = container.root / path.lstrip("/")
            seen[f"file {path}"] = place.read_text(errors="replace") if place.is_file() else "missing"
        seen["measure"] = measure(container.root)
    return seen


def expected(probe):
    """Patterns by the name of an observation."""
    wanted = {}
    for number, request in enumerate(probe.get("http", ())):
        wanted[f"http {number}"] = rf"\A{request.get('status', 200)} (?s:.*){request.get('body', '')}"
    for number, step in enumerate(probe.get("exec", ())):
        wanted[f"exec {number}"] = rf"\A{step.get('status', 0)} (?s:.*){step.get('stdout', '')}"
    if probe.get("healthy"):
        wanted["health"] = r"\Ahealthy\Z"
    status = probe["stop"].get("status", 0) if "stop" in probe else probe.get("status")
    if status is not None:
        wanted["status"] = rf"\A{status}\Z"
    for name in ("stdout", "stderr"):
        if name in probe:
            wanted[name] = probe[name]
    for path, pattern in probe.get("files", {}).items():
        wanted[f"file {path}"] = pattern
    return wanted


def unmet(probe, seen):
    """What is not as expected."""
    for name, pattern in expected(probe).items():
        if not re.search(pattern, str(seen.get(name)), re.M):
            tail = f"; stderr: {seen['stderr'].strip()[-600:]}" if seen["stderr"].strip() else ""
            yield f"{name}: {str(seen.get(name))[-400:]!r} is not {pattern!r}{tail}"


def different(probe, before, after):
    """What the two containers did differently."""
    varies = {"user", "stderr", "measure", *probe.get("varies", ())}
    if "stdout" not in probe:
        varies.add("stdout")
    for name in before:
        if name not in varies and before[name] != after.get(name):
            yield f"{name}: {str(before[name])[:300]!r} before, {str(after.get(name))[:300]!r} after"


def measure(root):
    """Bytes, files, and files that somebody may execute."""
    size = files = executables = 0
    seen = set()
    for place in walk(root):
        status = place.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_ino in seen:
            continue
        if status.st_nlink > 1:
            seen.add(status.st_ino)
        size += status.st_size
        files += 1
        if status.st_mode & 0o111 and not re.search(r"\.so(\.|$)", place.name):
            executables += 1
    return {"size": size, "files": files, "executables": executables, "shell": has_shell(root)}


def walk(root):
    waiting = [root]
    while waiting:
        for place in waiting.pop().iterdir():
            if place.is_dir() and not place.is_symlink():
                if place.parent != root or place.name not in ("proc", "sys", "dev"):
                    waiting.append(place)
            else:
                yield place


def has_shell(root):
    return any((root / place / name).is_symlink() or (root / place / name).exists() for place in ("bin", "usr/bin") for name in ("sh", "bash", "ash", "dash", "busybox"))
