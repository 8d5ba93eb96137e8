"""Debian's packages as the material of the stand-ins: which ones are needed, and what is in them.

Programs are taken only where a table names their package; the libraries they need follow by themselves.
"""

from __future__ import annotations

import fnmatch
import hashlib
import io
import json
import os
import re
import shlex
import subprocess
import tarfile
from pathlib import Path

import common
import python_layout

SUITE = "bookworm"
# What no image needs to run: the official slim images leave it out, and Wolfi has it in packages of its own.
SLIM = ("doc", "groff", "info", "lintian", "linda", "locale", "man")
LEFT_OUT = re.compile(r"usr/share/(doc|man|info|locale|lintian|bug|doc-base|menu|bash-completion|gdb)/")
# Dependencies that are followed: libraries, and the headers of headers.
LIBRARY = re.compile(r"^(lib|zlib1g|readline-common$|mysql-common$|x11-common$|gcc-\d+-base$|fonts-dejavu-core$|fontconfig-config$)")
NOT_LIBRARY = re.compile(r"^lib(c-bin|c-dev-bin|c-l10n|pam|locale-|arch-|dpkg-|debconf)|-(bin|utils|tools|runtime|modules|data-dbg)$")
MOVED = {"bin": "usr/bin", "sbin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib"}


def run(*command, **options):
    """Runs a command to its end; what it wrote on stderr is the reason when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode:
        raise common.Missing(f"{shlex.join(words)}: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout


def usr_merged(path):
    """Where a file of a package lies when /bin, /sbin, /lib and /usr/sbin are links."""
    top, _, rest = path.partition("/")
    if top in MOVED:
        path = f"{MOVED[top]}/{rest}" if rest else MOVED[top]
    if path == "usr/sbin" or path.startswith("usr/sbin/"):
        path = "usr/bin" + path[len("usr/sbin") :]
    if path == "usr/lib64" or path.startswith("usr/lib64/"):
        path = "usr/lib" + path[len("usr/lib64") :]
    return path


def merged_link(path, target):
    """A relative link keeps its target when its directory moves."""
    if target.startswith("/") or path.partition("/")[0] not in MOVED:
        return target
    return "/" + os.path.normpath(os.path.join(os.path.dirname(path), target))


class Debian:
    """A root of one release, its package index, and its packages unpacked as they are asked for."""

    def __init__(self, place):
        self.place = place
        self.root_tar, self.root_key = place / "root.tar", place / "root.key"
        self.trees = place / "repository/trees"
        for name in ("repository/trees", "debs", "apt/lists/partial", "apt/cache/archives/partial"):
            (place / name).mkdir(parents=True, exist_ok=True)
        self._make_root()
        self.index = self._read_index()

    def _make_root(self):
        if self.root_tar.exists() and self.root_key.exists():
            return
        unfinished = self.root_tar.with_suffix(".new.tar")
        # As in the official slim images: no documentation, and no waiting for the disk.
        options = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in SLIM] + ["--dpkgopt=force-unsafe-io"]
        run("mmdebstrap", "--variant=minbase", "--include=ca-certificates", *options, SUITE, unfinished)
        sources = run("tar", "-xOf", unfinished, "./etc/apt/sources.list")
        (self.place / "apt/sources.list").write_text(sources)
        self.root_key.write_text(" ".join(options) + hashlib.sha256(unfinished.read_bytes()).hexdigest())
        unfinished.rename(self.root_tar)

    def _apt(self, program, *arguments, **options):
        apt = self.place / "apt"
        (apt / "status").touch()
        settings = {
            "Dir::Etc::sourcelist": apt / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": apt / "lists",
            "Dir::State::status": apt / "status",
            "Dir::Cache": apt / "cache",
            "APT::Sandbox::User": "root",
        }
        words = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        return run(program, "-qq", *words, *arguments, **options)

    def _read_index(self):
        stored = self.place / "index.json"
        if not stored.exists():
            self._apt("apt-get", "update")
            packages = {}
            for stanza in self._apt("apt-cache", "dumpavail").split("\n\n"):
                fields = dict(re.findall(r"^(Package|Version|Depends|Pre-Depends|Provides): (.*)$", stanza, re.M))
                if fields:
                    depends = ", ".join(fields[name] for name in ("Pre-Depends", "Depends") if name in fields)
                    packages[fields["Package"]] = [fields["Version"], depends, fields.get("Provides", "")]
            stored.write_text(json.dumps(packages))
        return json.loads(stored.read_text())

    def _dependencies(self, package):
        for alternatives in self.index[package][1].split(","):
            names = [re.sub(r"[\s(:\[].*", "", name.strip()) for name in alternatives.split("|")]
            known = next((name for name in names if name in self.index), None)
            if known:
                yield known

    def closure(self, packages):
        """The packages and the libraries they need, sorted."""
        found, waiting = set(), list(packages)
        while waiting:
            package = waiting.pop()
            if package in found:
                continue
            if package not in self.index:
                raise common.Missing(f"Debian {SUITE} has no package {package}")
            found.add(package)
            for name in self._dependencies(package):
                headers = package.endswith("-dev") and name.endswith("-dev")
                library = LIBRARY.search(name) and not NOT_LIBRARY.search(name) and not name.endswith("-dev")
                if headers or library:
                    waiting.append(name)
        return sorted(found)

    def fetch(self, packages):
        """Makes sure that the packages lie in the cache as trees."""
        lacking = [name for name in packages if not (self.trees / f"{name}.tar").exists()]
        if not lacking:
            return
        self._apt("apt-get", "download", *(f"{name}={self.index[name][0]}" for name in lacking), cwd=self.place / "debs")
        for name in lacking:
            version = self.index[name][0].replace(":", "%3a")
            deb = next((self.place / "debs").glob(f"{name}_{version}_*.deb"))
            self._unpack(name, deb)
            deb.unlink()

    def _unpack(self, name, deb):
        data = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            write_tree(self.trees / name, _members(archive))

    def select(self, name, packages, only):
        """A tree with some files of some packages, under a name of its own; `only` is a list of globs."""
        if (self.trees / f"{name}.tar").exists():
            return
        self.fetch(packages)

        def chosen():
            for package in packages:
                with tarfile.open(self.trees / f"{package}.tar") as archive:
                    for member in archive:
                        if any(fnmatch.fnmatch(member.name, glob) for glob in only):
                            yield member, _content(archive, member)

        write_tree(self.trees / name, chosen())


def _content(archive, member):
    return archive.extractfile(member).read() if member.isreg() else None


def _members(archive):
    """The files of a package where a usr-merged root has them."""
    for member in archive:
        original = member.name.lstrip("./").rstrip("/")
        path = usr_merged(original)
        if not path or path in ("usr", "etc", "var", "usr/bin", "usr/lib", "usr/share") or LEFT_OUT.match(path + "/"):
            continue
        content = _content(archive, member)
        if member.issym():
            member.linkname = merged_link(original, member.linkname)
        if member.islnk():
            member.linkname = usr_merged(member.linkname.lstrip("./"))
        member.name = path
        if content is not None:
            content = python_layout.upstream(path, content)
            member.size = len(content)
        if path.endswith("/EXTERNALLY-MANAGED"):
            continue
        yield member, content


def write_tree(place, members):
    """`PLACE.tar` and `PLACE.list`, the paths in it that are not directories."""
    unfinished = place.with_name(place.name + ".new")
    paths = []
    with tarfile.open(unfinished, "w", format=tarfile.GNU_FORMAT) as tree:
        for member, content in members:
            member.pax_headers = {}
            tree.addfile(member, io.BytesIO(content) if content is not None else None)
            if not member.isdir():
                paths.append(member.name)
    place.with_name(place.name + ".list").write_text("".join(f"{path}\n" for path in paths))
    with open(unfinished, "rb") as tree:
        place.with_name(place.name + ".key").write_text(hashlib.file_digest(tree, "sha256").hexdigest())
    unfinished.rename(place.with_name(place.name + ".tar"))


def entry(path, kind=tarfile.REGTYPE, mode=0o644, link="", owner=(0, 0)):
    """A tar member that the lab makes itself."""
    member = tarfile.TarInfo(path)
    member.type, member.mode, member.linkname = kind, mode, link
    member.uid, member.gid = owner
    return member


def directory(path, mode=0o755, owner=(0, 0)):
    return entry(path, tarfile.DIRTYPE, mode, owner=owner), None


def link(path, target):
    return entry(path, tarfile.SYMTYPE, 0o777, target), None


def file(path, content, mode=0o644):
    content = content.encode() if isinstance(content, str) else content
    member = entry(path, mode=mode)
    member.size = len(content)
    return member, content


def files_below(top, prefix):
    """Everything under a directory of this machine, owned by root, as tree members."""
    for folder, folders, names in os.walk(top):
        inside = Path(prefix, Path(folder).relative_to(top))
        yield directory(str(inside))
        for name in sorted(folders + names):
            path = Path(folder, name)
            if path.is_symlink():
                yield link(str(inside / name), os.readlink(path))
            elif path.is_file():
                yield file(str(inside / name), path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644)
