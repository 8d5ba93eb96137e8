"""Two roots to run a Dockerfile's RUN commands in: one with Debian's tools, one with Wolfi's BusyBox.

Both start from the same accounts. Everything happens on a tmpfs in a mount namespace of this process, without network;
the machine's own files are read and never written. Needs root and a Debian machine (its /usr is the Debian-like root).
"""

from __future__ import annotations

import csv
import ctypes
import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import common

HERE = Path(__file__).resolve().parent
# Mounts, network, System V IPC and host name of this program's own.
NAMESPACES = 0x00020000 | 0x40000000 | 0x08000000 | 0x04000000
MNT_DETACH = 2
RUN_SECONDS = 60
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Accounts of a Wolfi image, shortened. Source: wolfi-baselayout and apko's `nonroot`.
PASSWD = """\
root:x:0:0:root:/root:/bin/sh
bin:x:1:1:bin:/bin:/sbin/nologin
daemon:x:2:2:daemon:/sbin:/sbin/nologin
mail:x:8:12:mail:/var/mail:/sbin/nologin
man:x:13:15:man:/usr/man:/sbin/nologin
ftp:x:21:21::/var/lib/ftp:/sbin/nologin
sshd:x:22:22:sshd:/dev/null:/sbin/nologin
nobody:x:65534:65534:nobody:/:/sbin/nologin
nonroot:x:65532:65532:Account created by apko:/home/nonroot:/bin/sh
"""
GROUP = """\
root:x:0:root
bin:x:1:root,bin,daemon
daemon:x:2:root,bin,daemon
sys:x:3:root,bin,adm
adm:x:4:root,adm,daemon
tty:x:5:
disk:x:6:root,adm
wheel:x:10:root
mail:x:12:mail
man:x:15:man
audio:x:18:
dialout:x:20:root
ftp:x:21:
sshd:x:22:
video:x:27:root
shadow:x:42:
nogroup:x:65533:
nobody:x:65534:
nonroot:x:65532:
"""

# What a Wolfi image has beside these. Only runs in which each side has its own accounts start with them.
MORE_GROUPS = """\
lp:x:7:
mem:x:8:
kmem:x:9:
floppy:x:11:root
news:x:13:
uucp:x:14:
cron:x:16:
console:x:17:
cdrom:x:19:
input:x:23:
at:x:25:
tape:x:26:root
netdev:x:28:
readproc:x:30:
kvm:x:34:kvm
games:x:35:
cdrw:x:80:
usb:x:85:
ntp:x:123:
nofiles:x:200:
smmsp:x:209:
locate:x:245:
utmp:x:406:
"""
# Debian's own accounts, from its package base-passwd.
DEBIAN_ACCOUNTS = Path("/usr/share/base-passwd")

# login.defs(5) and useradd(8) defaults of the distributions. Wolfi's shadow says little and so falls back on shadow's own.
_DEBIAN_DEFS = (
    "MAIL_DIR /var/mail\nUMASK 022\nPASS_MAX_DAYS 99999\nPASS_MIN_DAYS 0\nPASS_WARN_AGE 7\nUID_MIN 1000\nUID_MAX 60000\n"
    "GID_MIN 1000\nGID_MAX 60000\nUSERGROUPS_ENAB yes\nENCRYPT_METHOD SHA512\n"
)
LOGIN_DEFS = {
    "debian": _DEBIAN_DEFS,
    "ubuntu": _DEBIAN_DEFS + "HOME_MODE 0750\n",
    "fedora": _DEBIAN_DEFS
    + "HOME_MODE 0700\nCREATE_HOME yes\nSYS_UID_MIN 201\nSYS_UID_MAX 999\nSYS_GID_MIN 201\nSYS_GID_MAX 999\n",
    "wolfi": "USERGROUPS_ENAB yes\nSYS_UID_MIN 1\nSYS_UID_MAX 999\n",
}
USERADD_DEFAULTS = {
    "debian": "SHELL=/bin/sh\n",
    "ubuntu": "SHELL=/bin/sh\n",
    "wolfi": "SHELL=/bin/sh\n",
    "fedora": "GROUP=100\nHOME=/home\nSHELL=/bin/bash\nSKEL=/etc/skel\nCREATE_MAIL_SPOOL=yes\n",
}
PAM = "auth sufficient pam_rootok.so\naccount required pam_permit.so\npassword required pam_unix.so sha512\nsession required pam_permit.so\n"
PAM_SERVICES = ("chpasswd", "chsh", "chfn", "newusers", "passwd", "useradd", "usermod", "groupadd", "chage", "runuser", "other")

# What `apk add` brings: Wolfi package -> Debian packages whose programs stand in for it.
PACKAGES = {
    "shadow": ("passwd",),
    "bash": ("bash",),
    "coreutils": ("coreutils",),
    "findutils": ("findutils",),
    "grep": ("grep",),
    "sed": ("sed",),
    "gnutar": ("tar",),
    "gawk": ("gawk",),
    "gzip": ("gzip",),
    "xz": ("xz-utils",),
    "bzip2": ("bzip2",),
    "zstd": ("zstd",),
    "zip": ("zip",),
    "unzip": ("unzip",),
    "diffutils": ("diffutils",),
    "patch": ("patch",),
    "procps": ("procps",),
    "wget": ("wget",),
    "file": ("file",),
    "cpio": ("cpio",),
    "posix-libc-utils": ("libc-bin",),
    "util-linux-misc": ("bsdextrautils", "util-linux"),
    "util-linux": ("util-linux", "bsdextrautils", "mount"),
    "runuser": ("util-linux",),
    "setpriv": ("util-linux",),
    "flock": ("util-linux",),
    "mount": ("mount",),
    "mcookie": ("util-linux",),
    "openrc": ("dpkg",),
}
# The programs of a package that Wolfi splits finer than Debian does.
ONLY = {"runuser": {"runuser"}, "setpriv": {"setpriv"}, "flock": {"flock"}, "mcookie": {"mcookie"}, "openrc": {"start-stop-daemon"}}

# Stand-ins for the package managers of the original: what they install is not what is compared.
DISTRO_MANAGERS = ("apt", "apt-get", "aptitude", "dpkg-reconfigure", "yum", "dnf", "microdnf", "tdnf", "zypper", "apk")
APK = """\
#!/bin/sh
# Stands in for apk: `apk add NAME…` copies a prepared package into the root; any other command does nothing.
case $1 in add) ;; *) exit 0 ;; esac
shift
while [ $# -gt 0 ]; do
    case $1 in
    --virtual|-t|--repository|-X|--root|-p) shift ;;
    -*) ;;
    *)
        name=${1%%[<>=~@]*}
        if [ -d "/.packages/$name" ]; then cp -a "/.packages/$name/." /; else echo "$name" >>/.packages/unknown; fi ;;
    esac
    shift
done
exit 0
"""

# Mounted once for all runs in a root.
MOUNTED = ("dev", ".packages")

# Left out of the comparison: where the tools lie, what apk brings for shadow, lock and backup files, scratch places.
NOT_COMPARED = re.compile(
    r"^/(proc|dev|run|tmp|\.oracle|\.packages)(/|$)"
    r"|^/usr/(s?bin|lib|lib64|share)(/|$)"
    r"|^/etc/(passwd|group|shadow|gshadow|subuid|subgid|\.pwd\.lock)[-+]?$"
    r"|^/etc/(pam\.d|security|skel|default)(/|$)|^/etc/login\.defs$"
    r"|^/var/(log|mail|spool|cache|lib/apt|lib/dpkg)(/|$)"
)


LIBC = ctypes.CDLL(None, use_errno=True)


def _mount(*arguments):
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise common.Missing(f"mount {' '.join(map(str, arguments))}: {done.stderr.strip()}")


def _write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def _libraries(*programs):
    """Shared libraries of programs, with the loader."""
    listing = subprocess.run(["ldd", *programs], capture_output=True, text=True).stdout
    return {Path(path) for path in re.findall(r"(/\S+)\s+\(0x", listing)}


def build_busybox():
    """The path of a BusyBox like Wolfi's, and its version."""
    place = common.CACHE / "busybox"
    with common.lock("busybox"):
        done = subprocess.run([HERE / "build", place], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise common.Missing(f"no BusyBox: {done.stderr.strip()[-400:]}")
    version = tuple(int(part) for part in (place / "version").read_text().split("."))
    return place / "busybox", version


def wolfi_applets():
    """The applets that Wolfi's package has, from the project's own table."""
    with open(common.ROOT / "mappings/applets.tsv", newline="") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row["applet"] for row in rows if row["busybox"] == "yes"]


class Root:
    """One file system tree that commands run in."""

    def __init__(self, place, lower):
        self.place, self.lower, self.layers = place, lower, place.with_name(place.name + ".layers")
        place.mkdir()
        self.mounted = False

    def reset(self):
        """An empty tree with an untouched /usr."""
        if self.mounted:
            LIBC.umount2(bytes(self.place / "usr"), MNT_DETACH)
        shutil.rmtree(self.layers, ignore_errors=True)
        for entry in self.place.iterdir():
            if entry.name in MOUNTED:
                continue
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        for name in ("upper", "work"):
            (self.layers / name).mkdir(parents=True)
        for name in ("usr", "proc"):
            (self.place / name).mkdir()
        options = f"lowerdir={self.lower},upperdir={self.layers / 'upper'},workdir={self.layers / 'work'}"
        if LIBC.mount(b"overlay", bytes(self.place / "usr"), b"overlay", 0, options.encode()):
            raise common.Missing(f"mount -t overlay -o {options}: {os.strerror(ctypes.get_errno())}")
        self.mounted = True
        self._devices()

    def _devices(self):
        dev = self.place / "dev"
        if dev.exists():
            return
        dev.mkdir()
        for name in ("null", "zero", "full", "random", "urandom"):
            (dev / name).touch()
            _mount("--bind", f"/dev/{name}", dev / name)
        for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
            (dev / name).symlink_to(target if target.startswith("/") else f"/proc/self/{target}")

    def run(self, words, environment, directory="/", user=None):
        """Runs a command; returns (status, stdout, stderr)."""
        isolate = ["unshare", "--pid", "--fork", "--kill-child", f"--mount-proc={self.place / 'proc'}"]
        chroot = ["chroot", *(["--userspec=" + user, "--groups="] if user else []), str(self.place)]
        # A relative name such as `sh` is looked up in PATH inside, as the container runtime does.
        enter = ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in environment.items())]
        if directory != "/":
            words = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', directory, *words]
        try:
            done = subprocess.run(
                [*isolate, *chroot, *enter, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=RUN_SECONDS
            )
            return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        except subprocess.TimeoutExpired:
            return 124, "", f"no end after {RUN_SECONDS} s"

    def listing(self):
        """Every compared path with kind, owner, group and mode."""
        found = {}
        for folder, folders, files in os.walk(self.place):
            inside = folder[len(str(self.place)) :]
            folders[:] = [name for name in folders if not NOT_COMPARED.match(f"{inside}/{name}")]
            for name in folders + files:
                path = f"{inside}/{name}"
                if not NOT_COMPARED.match(path):
                    state = os.lstat(f"{self.place}{path}")
                    found[path] = (stat.S_IFMT(state.st_mode), state.st_uid, state.st_gid, stat.S_IMODE(state.st_mode))
        return found


class Templates:
    """What every root is made from; entering it moves this process, and those it forks later, to a mount namespace."""

    def __init__(self, busybox):
        if not common.running_as_root():
            raise common.Missing("needs root, for a mount namespace")
        # Once for all runs: a network namespace of its own takes the kernel longer than most commands take.
        if LIBC.unshare(NAMESPACES):
            raise common.Missing(f"no mount namespace: {os.strerror(ctypes.get_errno())}; a container needs CAP_SYS_ADMIN")
        _mount("--make-rprivate", "/")
        self.top = Path(tempfile.mkdtemp(prefix="wolfify-roots-"))
        _mount("-t", "tmpfs", "none", self.top)
        self.usr, self.packages = self.top / "usr", self.top / "packages"
        self._busybox_usr(busybox)
        self._make_packages()

    def close(self):
        """Takes the tmpfs away with everything in it; the roots must no longer be in use."""
        subprocess.run(["umount", "-R", "-l", self.top], capture_output=True)
        self.top.rmdir()

    def _busybox_usr(self, busybox):
        usr = self.usr
        for name in ("bin", "lib", "share"):
            (usr / name).mkdir(parents=True)
        (usr / "sbin").symlink_to("bin")
        (usr / "lib64").symlink_to("lib")
        shutil.copy2(busybox, usr / "bin/busybox")
        built = set(subprocess.run([busybox, "--list"], capture_output=True, text=True).stdout.split())
        for applet in wolfi_applets():
            if applet in built and applet != "busybox":
                (usr / "bin" / applet).symlink_to("busybox")
        _write(usr / "bin/apk", APK, 0o755)
        libraries = _libraries(busybox)
        beside = next(path.parent for path in libraries if path.name.startswith("libc.so"))
        libraries |= set(beside.glob("libnss_files.so*")) | set(beside.glob("libnss_compat.so*"))
        for library in libraries:
            shutil.copy(library.resolve(), usr / "lib" / library.name)
        self.base_libraries = {library.name for library in libraries}

    def _make_packages(self):
        """What the stand-in apk copies."""
        place = self.packages
        for name, origins in PACKAGES.items():
            for origin in origins:
                self._package(place / name, origin, ONLY.get(name))
        if (place / "gawk/usr/bin/gawk").exists():
            (place / "gawk/usr/bin/awk").symlink_to("gawk")
        _write(place / "shadow/etc/login.defs", LOGIN_DEFS["wolfi"])
        # Debian compiles /bin/bash in, Wolfi /bin/sh.
        _write(place / "shadow/etc/default/useradd", USERADD_DEFAULTS["wolfi"])
        for name in ("shadow", "runuser", "util-linux"):
            self._pam(place / name)

    def _pam(self, target):
        """PAM that lets root do everything, for programs that ask it."""
        for name in PAM_SERVICES:
            _write(target / "etc/pam.d" / name, PAM)
        modules = next(Path("/usr/lib").glob("*-linux-gnu/security"), None)
        if modules:
            copies = target / str(modules)[1:]
            copies.mkdir(parents=True, exist_ok=True)
            for name in ("pam_rootok.so", "pam_permit.so", "pam_unix.so"):
                shutil.copy(modules / name, copies / name)
            self._copy_libraries([modules / "pam_unix.so"], target)

    def _package(self, target, origin, only):
        listing = subprocess.run(["dpkg", "-L", origin], capture_output=True, text=True).stdout.splitlines()
        programs = [
            path
            for path in map(Path, listing)
            if path.parent.name in ("bin", "sbin") and path.is_file() and not (only and path.name not in only)
        ]
        for path in programs:
            (target / "usr/bin").mkdir(parents=True, exist_ok=True)
            shutil.copy2(path.resolve(), target / "usr/bin" / path.name)
        if programs:
            self._copy_libraries(programs, target)

    def _copy_libraries(self, programs, target):
        for library in _libraries(*programs):
            copy = target / "usr/lib" / library.name
            if library.name not in self.base_libraries and not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(library.resolve(), copy)


class Roots:
    """The Debian-like root and the Wolfi-like root of one process."""

    def __init__(self, templates):
        place = templates.top / str(os.getpid())
        place.mkdir()
        self.debian = Root(place / "debian", Path("/usr"))
        self.wolfi = Root(place / "wolfi", templates.usr)
        (self.wolfi.place / ".packages").mkdir()
        _mount("--bind", templates.packages, self.wolfi.place / ".packages")

    def prepare(self, setup, distro, same_base=True):
        """Both roots fresh, with the accounts and files that `setup` names and the same base, or each with its own."""
        for root in (self.debian, self.wolfi):
            root.reset()
        if same_base:
            _skeleton(self.debian.place, setup, PASSWD, GROUP)
            _skeleton(self.wolfi.place, setup, PASSWD, GROUP)
        else:
            masters = [(DEBIAN_ACCOUNTS / name).read_text() for name in ("passwd.master", "group.master")]
            passwd, group = (re.sub("^([^:]*):[*]:", r"\1:x:", text, flags=re.M) for text in masters)
            _skeleton(self.debian.place, _entries(setup, "S"), passwd, group)
            _skeleton(self.wolfi.place, _entries(setup, "T"), PASSWD, GROUP + MORE_GROUPS)
        self._links()
        place = self.debian.place
        _write(place / "etc/login.defs", LOGIN_DEFS[distro])
        _write(place / "etc/default/useradd", USERADD_DEFAULTS[distro])
        (place / "etc/skel").mkdir(exist_ok=True)
        for name in ("adduser.conf", "deluser.conf", "ld.so.cache", "debconf.conf"):
            if Path("/etc", name).exists():
                shutil.copy(Path("/etc", name), place / "etc" / name)
        for name in ("pam.d", "security", "alternatives", "perl"):
            if Path("/etc", name).is_dir():
                shutil.copytree(Path("/etc", name), place / "etc" / name, symlinks=True, dirs_exist_ok=True)
        for name in DISTRO_MANAGERS:
            _write(place / ".oracle" / name, "#!/bin/sh\nexit 0\n", 0o755)

    def _links(self):
        for name in ("bin", "sbin", "lib", "lib64"):
            (self.debian.place / name).symlink_to(f"usr/{name}")
            (self.wolfi.place / name).symlink_to(f"usr/{'bin' if 'bin' in name else 'lib'}")


def _entries(setup, side):
    """The entries for both roots and those for one, which begin with its letter (`S` source, `T` target) and a blank."""
    entries = [entry.strip() for entry in setup.split(";") if entry.strip()]
    return ";".join(entry[2:] if entry.startswith(side + " ") else entry for entry in entries if entry[1] == ":" or entry[0] == side)


def _skeleton(place, setup, passwd, group):
    os.umask(0o022)
    for name in ("etc/default", "home", "root", "tmp", "run", "opt", "srv", "var/log", "var/mail", "var/lib"):
        (place / name).mkdir(parents=True)
    (place / "tmp").chmod(0o1777)
    (place / "root").chmod(0o700)
    shadow = "".join(f"{line.split(':')[0]}:*:19000:0:99999:7:::\n" for line in passwd.splitlines())
    for entry in filter(None, setup.split(";")):
        kind, rest = entry.strip().split(":", 1)
        if kind == "-":
            # The user goes, with the group of its name.
            passwd, group, shadow = (re.sub(f"^{rest}:.*\n", "", text, flags=re.M) for text in (passwd, group, shadow))
        elif kind == "U":
            name, uid, gid, gecos, home, shell = rest.split(":")
            passwd += f"{name}:x:{uid}:{gid}:{gecos}:{home}:{shell}\n"
            shadow += f"{name}:!:19000:0:99999:7:::\n"
        elif kind == "G":
            name, gid, members = rest.split(":")
            group += f"{name}:x:{gid}:{members}\n"
        elif kind == "H":
            home, _, owner = rest.partition(":")
            (place / home[1:]).mkdir(parents=True, exist_ok=True)
            if owner:
                os.chown(place / home[1:], *map(int, owner.split(":")))
        elif kind == "F":
            _write(place / rest[1:], "")
        elif kind == "O":
            pass
        else:
            raise ValueError(f"set-up {entry!r}")
    gshadow = "".join("{}:*::{}\n".format(*(line.split(":")[index] for index in (0, 3))) for line in group.splitlines())
    _write(place / "etc/passwd", passwd)
    _write(place / "etc/group", group)
    _write(place / "etc/shadow", shadow, 0o640)
    _write(place / "etc/gshadow", gshadow, 0o640)
    _write(place / "etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\ngshadow: files\n")
    _write(place / "etc/shells", "/bin/sh\n/bin/bash\n/bin/ash\n")
    _write(place / "etc/profile", "")
