//! The records of the rules about install commands.

use wolfify_mappings::Distro;

use crate::finding::Level;
use crate::rule::Rule;

/// apt, apt-get, aptitude.
pub(crate) static APT: Rule = Rule {
    id: "apt-install",
    summary: "packages installed with apt-get, apt or aptitude",
    level: Level::Note,
    docs: "\
## What it finds

`apt-get install`, `apt install` and `aptitude install`, wherever they stand in a RUN: in lists, conditions, loops,
`sh -c`, behind `sudo` or `env`.

## Why it matters on Wolfi

Wolfi's package manager is apk, and many packages have another name there.

## What it does

Rewrites the command word by word in the author's layout. Names are looked up in the tables; a version pin is dropped,
because Wolfi's versions are its own; what the target image already has is left out. A name that nobody knows stays as
it is and is reported as an error: the build will stop there until a person decides.

## Example

```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y --no-install-recommends \\
    build-essential \\
    libpq-dev
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache \\
    build-base \\
    postgresql-dev
```
",
};

/// yum, dnf, microdnf, tdnf.
pub(crate) static YUM: Rule = Rule {
    id: "yum-install",
    summary: "packages installed with yum, dnf, microdnf or tdnf",
    level: Level::Note,
    docs: "\
## What it finds

`yum install`, `dnf install` and their relatives: `reinstall`, `groupinstall`, `module install`.

## Why it matters on Wolfi

Wolfi's package manager is apk, and many packages have another name there.

## What it does

The same as `apt-install`. Names of groups are looked up like packages.

## Example

```dockerfile
FROM fedora:41
RUN dnf install -y gcc-c++ openssl-devel && dnf clean all
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache gcc glibc-dev libstdc++-dev openssl-dev
```
",
};

/// Alpine's apk.
pub(crate) static APK: Rule = Rule {
    id: "apk-add",
    summary: "packages installed with Alpine's apk",
    level: Level::Note,
    docs: "\
## What it finds

`apk add` on an Alpine base.

## Why it matters on Wolfi

The command is the same, the packages are not: Wolfi is built on glibc, has no `musl-dev` or `libc6-compat`, and names
some packages by version stream. Alpine's repositories must not be mixed in.

## What it does

Names are looked up; `--no-cache` is added where it is missing, because `apk update` goes; `--repository` and `@tag` are
dropped; `--virtual` and the `apk del` that belongs to it stay.

## Example

```dockerfile
FROM alpine:3.20
RUN apk add --update musl-dev py3-pip
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache glibc-dev py3-pip
```
",
};

/// Names without a counterpart.
pub(crate) static UNKNOWN: Rule = Rule {
    id: "unknown-package",
    summary: "packages without a known counterpart on Wolfi",
    level: Level::Error,
    docs: "\
## What it finds

A package name that no table knows, or that Wolfi is known not to have; a group, a glob or a local package file.

## Why it matters on Wolfi

`apk add` stops with \"no such package\". The name stays as it is: a wrong guess would be found much later.

## Example

```dockerfile
FROM debian:12
RUN apt-get install -y some-internal-tool
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache some-internal-tool
```
",
};

/// Packages that are left out.
pub(crate) static DROPPED: Rule = Rule {
    id: "dropped-package",
    summary: "packages that have no meaning on Wolfi or are always there",
    level: Level::Note,
    docs: "\
## What it finds

A package that serves the old package manager (`apt-transport-https`), or that the target image already has.

## Why it matters on Wolfi

It does not exist there, or installing it again would only make the file longer.

## Example

```dockerfile
FROM python:3.12
RUN apt-get install -y apt-transport-https git libpq-dev
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest-dev
USER root
RUN apk add --no-cache postgresql-dev
USER 65532
```
",
};

/// Version pins.
pub(crate) static VERSION: Rule = Rule {
    id: "package-version",
    summary: "version pins of the old distribution",
    level: Level::Note,
    docs: "\
## What it finds

A version, release or repository tag asked for in an install command.

## Why it matters on Wolfi

The version belongs to the old distribution's build of the package; Wolfi has its own, newer ones, and removes old ones.

## Example

```dockerfile
FROM debian:12
RUN apt-get install -y curl=7.88.1-10+deb12u8
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache curl
```
",
};

/// The rule that a manager's installs belong to.
pub(crate) fn rule_of(distro: Distro) -> &'static Rule {
    match distro {
        Distro::Debian => &APT,
        Distro::Fedora => &YUM,
        Distro::Alpine => &APK,
    }
}
