"""The stand-ins: images that look like those of the registries, made from Debian's packages, built when a case needs them."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import common
import debian
import roots
import wolfi

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
TARGET = re.compile(r"^cgr\.dev/[^/]+/([^:@/]+)(?::([^@]+))?$")
MODE = re.compile(r"^(.*)\((\d+):(\d+|None)(?::(\d+))?\)$")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
BUILD_SECONDS = 1500


class BuildFailed(Exception):
    """What the builder said."""


class Buildah:
    """The builder, with a storage of its own."""

    def __init__(self, place):
        self.place = place
        place.mkdir(parents=True, exist_ok=True)
        self.environment = dict(os.environ, BUILDAH_ISOLATION="chroot", CONTAINERS_STORAGE_CONF=str(place / "storage.conf"))
        self.environment.pop("STORAGE_DRIVER", None)
        driver = "overlay" if _overlay_works(place) else "vfs"
        (place / "storage.conf").write_text(
            f'[storage]\ndriver = "{driver}"\ngraphroot = "{place}/{driver}"\nrunroot = "{place}/run-{driver}"\n'
        )
        # Names without a registry mean the public one, and nothing is ever pulled.
        (place / "registries.conf").write_text('unqualified-search-registries = ["docker.io"]\nshort-name-mode = "permissive"\n')
        self.environment["CONTAINERS_REGISTRIES_CONF"] = str(place / "registries.conf")

    def __call__(self, *arguments, **options):
        words = ["buildah", *map(str, arguments)]
        try:
            done = subprocess.run(
                words, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, errors="replace", timeout=BUILD_SECONDS, **options,
            )
        except subprocess.TimeoutExpired as late:
            raise BuildFailed(f"not done after {BUILD_SECONDS} s: {shlex.join(words)}") from late
        if done.returncode and not _is_built(arguments, done.stdout):
            raise BuildFailed(f"{shlex.join(words)}\n{done.stdout[-3000:]}")
        return done.stdout

    def tidy(self):
        """Takes away what an earlier run left behind: its containers, and stand-ins that have been built anew."""
        self("rm", "--all")
        self("rmi", "--prune", "--force")

    def config(self, image):
        return json.loads(self("inspect", "--type", "image", image))["Docker"]["config"]

    def knows(self, image):
        try:
            return bool(self("inspect", "--type", "image", "--format", "{{.FromImageID}}", image))
        except BuildFailed:
            return False

    def label(self, image, name):
        try:
            return (self.config(image).get("Labels") or {}).get(name)
        except BuildFailed:
            return None


def _is_built(arguments, said):
    """Whether only the tidying after a build failed: buildah 1.28 cannot remove a stage without steps that two others start from."""
    lines = said.rstrip().splitlines()
    tagged = any(line.startswith("Successfully tagged ") for line in lines)
    return arguments[0] == "bud" and tagged and lines[-1].endswith("image is in use by a container")


def _overlay_works(place):
    """Whether this machine can mount an overlay there."""
    with tempfile.TemporaryDirectory(dir=place) as top:
        for name in ("lower", "upper", "work", "merged"):
            Path(top, name).mkdir()
        options = f"lowerdir={top}/lower,upperdir={top}/upper,workdir={top}/work"
        mounted = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, f"{top}/merged"], capture_output=True)
        if mounted.returncode == 0:
            subprocess.run(["umount", f"{top}/merged"], check=True)
        return mounted.returncode == 0


def references(text):
    """The images that a Dockerfile starts from or copies from, its own stages left out."""
    defaults = dict(re.findall(r"^\s*ARG\s+(\w+)=(\S+)", text, re.M | re.I))

    def filled(word):
        return re.sub(r"\$\{?(\w+)(?::-[^}]*)?\}?", lambda found: defaults.get(found[1], "").strip("\"'"), word)

    stages, found = set(), []
    for base, stage in re.findall(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", text, re.M | re.I):
        if filled(base) not in stages and base.lower() != "scratch":
            found.append(filled(base))
        stages.add(stage)
    for source in re.findall(r"--from=(\S+)", text) + re.findall(r"--mount=\S*from=([^,\s]+)", text):
        if source not in stages and not source.isdigit():
            found.append(filled(source))
    return list(dict.fromkeys(found))


class Images:
    """Builds and tags stand-ins."""

    def __init__(self, place, packages):
        self.buildah, self.wolfi, self.debian = Buildah(place / "storage"), packages, packages.debian
        self.archives = place / "archives"
        self._lock = threading.RLock()
        self.rows = {(row["image"], row["variant"]): row for row in wolfi.rows(wolfi.MAPPINGS / "image-config.tsv")}
        self.names = [line.split() for line in (SOURCES / "names").read_text().splitlines() if line]
        self.ready = {}

    def build(self, tag, dockerfile, context, *options):
        """Builds a Dockerfile; what the network needs is mounted, nothing is pulled."""
        # apt locks the directory that it downloads to: one for each build that runs at the same time.
        archives = self.archives / threading.current_thread().name
        (archives / "partial").mkdir(parents=True, exist_ok=True)
        volumes = {BUNDLE: f"{BUNDLE}:ro", self.wolfi.place: "/run/lab:rw", archives: "/run/apt-archives:rw"}
        mounts = [word for source, target in volumes.items() if Path(source).exists() for word in ("--volume", f"{source}:{target}")]
        return self.buildah(
            "bud", "--format", "docker", "--pull-never", "--network", "host", "--force-rm", "--layers=false",
            *mounts, *options, "--tag", tag, "--file", dockerfile, context,
        )

    def provide(self, reference):
        """Tags a stand-in with the name that a Dockerfile uses."""
        with self._lock:
            return self._provide(reference)

    def _provide(self, reference):
        target = TARGET.match(reference)
        if target:
            image = self._target(target[1], target[2] or "latest")
            name = reference if target[2] else reference + ":latest"
        else:
            bare = re.sub(r"@sha256:.*", "", re.sub(r"^(index\.)?docker\.io/(library/)?", "", reference))
            name = bare if ":" in bare.rpartition("/")[2] else bare + ":latest"
            kind = next((kind for pattern, kind in self.names if fnmatch.fnmatchcase(name, pattern)), None)
            if kind is None:
                raise common.Missing(f"the lab has no stand-in for {reference}")
            image = self.source(kind)
            if "/" not in name or "." not in name.partition("/")[0]:
                name = "docker.io/" + ("" if "/" in name else "library/") + name
        # A name may have gone with the image of an earlier case.
        if self.ready.get(name) != image or not self.buildah.knows(name):
            self.buildah("tag", image, name)
            self.ready[name] = image
        return image

    def source(self, kind):
        """An image of `sources/`; the first is the root that mmdebstrap made."""
        tag = f"localhost/lab/{kind}:latest"
        if tag in self.ready:
            return tag
        place = SOURCES / kind
        dockerfile = place / "Dockerfile"
        text = dockerfile.read_text()
        for parent in re.findall(r"^FROM localhost/lab/(\S+)", text, re.M):
            self.source(parent)
        trees = re.findall(r"^# trees: (.*)", text, re.M)
        for tree in " ".join(trees).split():
            self.wolfi.tree(tree)
        files = sorted(path for path in place.iterdir() if path.is_file())
        files += [self.debian.root_key] if "ADD root.tar" in text else []
        key = wolfi.digest([*files, *(self.debian.trees / f"{tree}.key" for tree in " ".join(trees).split())])
        key += "".join(self.ready[f"localhost/lab/{parent}:latest"] for parent in re.findall(r"^FROM localhost/lab/(\S+)", text, re.M))
        if self.buildah.label(tag, "key") != key:
            with tempfile.TemporaryDirectory(dir=self.debian.place) as context:
                shutil.copytree(place, context, dirs_exist_ok=True)
                if "ADD root.tar" in text:
                    os.link(self.debian.root_tar, Path(context, "root.tar"))
                if "ADD trees.tar" in text:
                    self._root_of_trees(" ".join(trees).split(), Path(context, "trees.tar"))
                self.build(tag, Path(context, "Dockerfile"), context, "--label", f"key={key}")
        self.ready[tag] = key
        return tag

    def _unpack(self, trees, root):
        """The trees, and the list that keeps `apk del` from taking them away."""
        for tree in trees:
            debian.run("tar", "-xf", self.debian.trees / f"{tree}.tar", "-C", root)
        for name in ("trees", "base"):
            (root / "usr/lib/apk/db" / name).write_text("".join(f"{tree}\n" for tree in sorted(trees)))

    def _root_of_trees(self, trees, archive):
        """A root with the accounts of a distribution and no user of its own."""
        with tempfile.TemporaryDirectory(dir=self.debian.place) as root:
            self._unpack(trees, Path(root))
            Path(root).chmod(0o755)
            accounts(Path(root), {"user": "root", "uid": "0", "gid": "0", "home": "/root", "other_users": ""})
            debian.run("tar", "-cf", archive, "-C", root, ".")

    def _target(self, name, tag):
        row = next((row for (image, _), row in self.rows.items() if image == name and tag in row["free_tags"].split()), None)
        if row is None:
            raise common.Missing(f"the free tier has no {name}:{tag}")
        local = f"localhost/lab/target-{name}:{tag}"
        # One that went with the image of an earlier case is made again.
        if local in self.ready and self.buildah.knows(local):
            return local
        trees = [wolfi.BASE[0]] if name == "static" else [*wolfi.BASE] if "busybox" in row["packages"].split() else [wolfi.BASE[0], wolfi.BASE[2]]
        for package in row["packages"].split():
            trees += self.wolfi.trees(package)
        trees += ["lab-apk"] if row["has_apk"] == "yes" else []
        trees = list(dict.fromkeys(trees))
        for tree in trees:
            if not (self.debian.trees / f"{tree}.tar").exists():
                self.wolfi.tree(tree)
        key = wolfi.digest([*(self.debian.trees / f"{tree}.key" for tree in trees), HERE / "images.py"])
        key += hashlib.sha256(repr((row, trees)).encode()).hexdigest()[:16]
        if self.buildah.label(local, "key") != key:
            self._make_target(local, row, trees, key)
        self.ready[local] = key
        return local

    def _make_target(self, tag, row, trees, key):
        container = self.buildah("from", "scratch").strip()
        try:
            root = Path(self.buildah("mount", container).strip())
            self._unpack(trees, root)
            accounts(root, row)
            for word in row["paths"].split():
                path, uid, gid, mode = MODE.match(word).groups()
                make_directory(root, path, int(uid), int(gid), int(mode, 8))
            self.buildah("unmount", container)
            self.buildah("config", *configuration(row), "--label", f"key={key}", container)
            self.buildah("commit", "--format", "docker", "--quiet", container, tag)
        finally:
            self.buildah("rm", container)


def make_directory(root, path, uid, gid, mode):
    """A directory of the image, whatever links lead to it."""
    place = Path(os.path.realpath(f"{root}{path}")) if path.startswith(("/var/run", "/run")) else root / path.lstrip("/")
    if path.startswith("/var/run"):
        place = root / ("run" + path[len("/var/run") :])
    place.mkdir(parents=True, exist_ok=True)
    os.chown(place, uid, gid)
    place.chmod(mode)


def accounts(root, row):
    """passwd, group, shadow and homes, as apko writes them."""
    users = [(row["user"], row["uid"], row["gid"] or row["uid"], row["home"])]
    for word in row["other_users"].split():
        name, uid, gid, _ = MODE.match(word).groups()
        users.append((name, uid, uid if gid == "None" else gid, f"/home/{name}"))
    passwd = [line for line in roots.PASSWD.splitlines() if not line.startswith("nonroot:")]
    group = [line for line in roots.GROUP.splitlines() if not line.startswith("nonroot:")]
    for name, uid, gid, home in users:
        if name != "root":
            passwd.append(f"{name}:x:{uid}:{gid}:Account created by apko:{home}:/bin/sh")
            group.append(f"{name}:x:{gid}:")
            make_directory(root, home, int(uid), int(gid), 0o700)
    for name, lines in (("passwd", passwd), ("group", group)):
        (root / "etc" / name).write_text("".join(f"{line}\n" for line in lines))
    shadow = root / "etc/shadow"
    shadow.write_text("".join(f"{line.partition(':')[0]}:!::0:::::\n" for line in passwd))
    shadow.chmod(0o640)


def configuration(row):
    """The image's configuration as words for `buildah config`."""
    settings = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", f"SSL_CERT_FILE={BUNDLE}"]
    words = [word for setting in [*settings, *shlex.split(row["env"])] for word in ("--env", setting)]
    words += ["--entrypoint", json.dumps(shlex.split(row["entrypoint"]))] if row["entrypoint"] else []
    words += ["--cmd", row["cmd"]] if row["cmd"] else []
    words += ["--workingdir", row["workdir"]] if row["workdir"] else []
    words += ["--user", row["run_as"]] if row["run_as"] not in ("", "0") else []
    words += ["--stop-signal", row["stop_signal"]] if row["stop_signal"] else []
    return words
