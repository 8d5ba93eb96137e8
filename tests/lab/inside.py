"""Becomes a process of a container: `inside.py start|exec SPEC`, where SPEC is JSON.

`start` runs as the first process of new namespaces and replaces itself by the image's command, so that this is
process 1 as in Docker. `exec` joins the namespaces of a running container.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
MS_NOSUID, MS_BIND = 2, 4096
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def mount(source, target, kind, flags=0, data=""):
    if LIBC.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode()):
        raise OSError(ctypes.get_errno(), f"mount {target}")


def loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def file_systems(root):
    for name in ("proc", "dev", "sys"):
        os.makedirs(f"{root}/{name}", exist_ok=True)
    mount("proc", f"{root}/proc", "proc")
    mount("tmpfs", f"{root}/dev", "tmpfs", MS_NOSUID, "mode=755")
    for name in DEVICES:
        with open(f"{root}/dev/{name}", "w"):
            pass
        mount(f"/dev/{name}", f"{root}/dev/{name}", "", MS_BIND)
    os.makedirs(f"{root}/dev/shm")
    mount("tmpfs", f"{root}/dev/shm", "tmpfs", MS_NOSUID, "mode=1777")
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"{root}/dev/{name}")


def become(spec):
    """The user, directory and command of a specification."""
    for stream in (0, 1, 2):
        try:
            os.fchown(stream, spec["uid"], spec["gid"])
        except OSError:
            pass
    os.setgroups(spec["groups"])
    os.setgid(spec["gid"])
    os.setuid(spec["uid"])
    for name in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(name, signal.SIG_DFL)
    try:
        os.chdir(spec["directory"])
        os.execvpe(spec["command"][0], spec["command"], spec["environment"])
    except OSError as reason:
        os.write(2, f"exec: {spec['command'][0]!r}: {reason}\n".encode())
        os._exit(127 if isinstance(reason, FileNotFoundError) else 126)


def start(spec):
    loopback()
    file_systems(spec["root"])
    os.chroot(spec["root"])
    os.chdir("/")
    become(spec)


def join(spec):
    """A new process in the container of process `pid`."""
    process = f"/proc/{spec['pid']}"
    root = os.open(f"{process}/root", os.O_RDONLY)
    spaces = [os.open(f"{process}/ns/{kind}", os.O_RDONLY) for kind in ("ipc", "uts", "net", "pid", "mnt")]
    for space in spaces:
        if LIBC.setns(space, 0):
            raise OSError(ctypes.get_errno(), "setns")
    child = os.fork()
    if child == 0:
        os.fchdir(root)
        os.chroot(".")
        become(spec)
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) % 256)


if __name__ == "__main__":
    {"start": start, "exec": join}[sys.argv[1]](json.loads(sys.argv[2]))
