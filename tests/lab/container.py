"""Starts an image as a container: own namespaces, no network but the loopback, the image's user, command as process 1."""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import fastcgi

HERE = Path(__file__).resolve().parent
LIBC = ctypes.CDLL(None, use_errno=True)
START = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child", sys.executable, str(HERE / "inside.py"), "start"]
POLL_SECONDS = 0.1


def ask(request):
    """One HTTP request; status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", request["port"], timeout=10)
    connection.request(request.get("method", "GET"), request.get("path", "/"), request.get("send"), request.get("headers", {}))
    response = connection.getresponse()
    return response.status, response.read().decode(errors="replace")


class Container:
    """A container of an image, with a writable layer that goes away with it."""

    def __init__(self, buildah, image):
        self.buildah, self.image = buildah, image
        self.config = buildah.config(image)
        self.process = None

    def __enter__(self):
        self.name = self.buildah("from", "--pull-never", self.image).strip().splitlines()[-1]
        self.root = Path(self.buildah("mount", self.name).strip().splitlines()[-1])
        return self

    def __exit__(self, *_):
        self.kill()
        self.buildah("rm", self.name)

    def kill(self):
        """Ends process 1, and with it everything in its namespace; the change of user undoes `--kill-child`."""
        if not self.process or self.process.poll() is not None:
            return
        for child in self._children():
            os.kill(int(child), signal.SIGKILL)
        self.process.kill()
        self.wait(10)

    def _children(self):
        try:
            return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        except FileNotFoundError:
            return []

    def command(self, arguments=()):
        """What runs: the entrypoint with the arguments, or with the image's own."""
        return [*(self.config.get("Entrypoint") or []), *(arguments or self.config.get("Cmd") or [])]

    def environment(self, more=()):
        found = dict(setting.split("=", 1) for setting in self.config.get("Env") or [])
        found.update(more)
        found.setdefault("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        found.setdefault("HOME", self.account()[3])
        found.setdefault("HOSTNAME", "container")
        return found

    def _table(self, name):
        place = self.root / "etc" / name
        return [line.split(":") for line in place.read_text().splitlines() if ":" in line] if place.is_file() else []

    def account(self):
        """User, group and further groups by number, and the home."""
        user, _, group = (self.config.get("User") or "0").partition(":")
        row = next((row for row in self._table("passwd") if user in (row[0], row[2])), None)
        if row is None and not user.isdigit():
            raise ValueError(f"the image has no user {user}")
        uid, gid, home = (int(row[2]), int(row[3]), row[5] or "/") if row else (int(user), 0, "/")
        if group:
            found = next((row for row in self._table("group") if group in (row[0], row[2])), None)
            gid = int(found[2]) if found else int(group)
        groups = [int(other[2]) for other in self._table("group") if row and row[0] in other[3].split(",")]
        return uid, gid, sorted({gid, *groups}), home

    def _spec(self, command, more):
        uid, gid, groups, _ = self.account()
        directory = self.config.get("WorkingDir") or "/"
        return {
            "root": str(self.root), "command": command, "environment": self.environment(more), "uid": uid, "gid": gid,
            "groups": groups, "directory": directory,
        }

    def start(self, arguments=(), more=(), stdin=""):
        spec = self._spec(self.command(arguments), more)
        for path in [spec["directory"], *(self.config.get("Volumes") or {})]:
            (self.root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
        self.outputs = [b"", b""]
        self.process = subprocess.Popen(
            [*START, json.dumps(spec)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.readers = [threading.Thread(target=self._read, args=(number,), daemon=True) for number in (0, 1)]
        for reader in self.readers:
            reader.start()
        self.process.stdin.write(stdin.encode())
        self.process.stdin.close()

    def _read(self, number):
        stream = (self.process.stdout, self.process.stderr)[number]
        while chunk := os.read(stream.fileno(), 65536):
            self.outputs[number] += chunk

    def stdout(self):
        return self.outputs[0].decode(errors="replace")

    def stderr(self):
        return self.outputs[1].decode(errors="replace")

    def first(self):
        """Process 1 of the container as this machine numbers it, once it is the image's command."""
        for _ in range(100):
            children = self._children()
            if children and b"inside.py" not in Path(f"/proc/{children[0]}/cmdline").read_bytes():
                return int(children[0])
            if self.process.poll() is not None:
                return None
            time.sleep(0.05)
        return None

    def run(self, command, more=()):
        """A second process, as `docker exec` and health checks start it; status and output."""
        first = self.first()
        if first is None:
            return 125, "the container has ended"
        spec = dict(self._spec(command, more), pid=first)
        done = subprocess.run(
            [sys.executable, HERE / "inside.py", "exec", json.dumps(spec)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        )
        return done.returncode, done.stdout.decode(errors="replace")

    def healthy(self):
        """What the image's health check says, tried until it is content or 20 s are over."""
        test = (self.config.get("Healthcheck") or {}).get("Test") or []
        if test[:1] == ["CMD-SHELL"]:
            command = [*(self.config.get("Shell") or ["/bin/sh", "-c"]), test[1]]
        else:
            command = test[1:]
        if not command:
            return "no health check"
        for _ in range(20):
            status, output = self.run(command)
            if status == 0:
                return "healthy"
            time.sleep(1)
        return f"status {status}: {output.strip()[-300:]}"

    def http(self, request):
        """Does a request from within the container's network; status and body."""
        answer = []
        thread = threading.Thread(target=lambda: answer.append(self._http(request)))
        thread.start()
        thread.join()
        return answer[0]

    def _http(self, request):
        first = self.first()
        if first is None:
            return None, "the container has ended"
        with open(f"/proc/{first}/ns/net") as network:
            if LIBC.setns(network.fileno(), 0):
                return None, "no way into the container's network"
        until = time.monotonic() + request.get("seconds", 60)
        while True:
            try:
                return fastcgi.ask(request) if request.get("fastcgi") else ask(request)
            except (OSError, http.client.HTTPException) as reason:
                if time.monotonic() > until or self.process.poll() is not None:
                    return None, f"port {request['port']}: {reason}"
                time.sleep(POLL_SECONDS)

    def signal(self, name=None):
        first = self.first()
        if first is not None:
            os.kill(first, getattr(signal, name or self.config.get("StopSignal") or "SIGTERM"))

    def wait(self, seconds):
        """The exit status; None when it has not ended in time."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        for reader in self.readers:
            reader.join(10)
        return status if status >= 0 else 128 - status
