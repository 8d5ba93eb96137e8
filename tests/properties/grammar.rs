//! Dockerfiles by chance that hold together: every script is valid shell before it is damaged.

use proptest::prelude::*;
use proptest::sample::select;

const IMAGES: &[&str] = &[
    "debian:12",
    "debian",
    "ubuntu:24.04",
    "alpine:3.19",
    "fedora:41",
    "centos:7",
    "python:3.12-slim",
    "python:${V}",
    "node:20-alpine",
    "golang:1.22",
    "ruby:3.3",
    "redhat/ubi9",
    "openjdk:17-jdk",
    "nginx",
    "php:8.2-fpm",
    "scratch",
    "s0",
    "s1",
    "registry.example.com/team/base:7",
    "$BASE",
    "${BASE:-debian:12}",
    "cgr.dev/chainguard/python:latest-dev",
    "rust:1-bookworm",
    "mcr.microsoft.com/dotnet/sdk:8.0",
    "debian:12@sha256:0123456789012345678901234567890123456789012345678901234567890123",
    "\"debian:12\"",
    "--platform=linux/amd64 debian:12",
];

const COMMANDS: &[&str] = &[
    "apt-get update",
    "apt-get -qq update",
    "apt-get install -y @P@ @P@",
    "apt-get install -y --no-install-recommends @P@",
    "apt-get upgrade -y",
    "apt-get clean",
    "apt install -y @P@",
    "rm -rf /var/lib/apt/lists/*",
    "rm -rf /var/lib/apt/lists/* /tmp/x",
    "apt-get purge -y --auto-remove @P@",
    "apt-get autoremove -y",
    "apt-get remove @P@",
    "apk add --no-cache @P@ @P@",
    "apk add --virtual .deps @P@",
    "apk del .deps",
    "apk update",
    "apk del @P@",
    "yum install -y @P@ @P@",
    "dnf install -y @P@",
    "dnf clean all",
    "microdnf install @P@",
    "yum -y update",
    "dnf groupinstall -y 'Development Tools'",
    "rpm -ivh x.rpm",
    "dpkg -i x.deb",
    "sudo apt-get install -y @P@",
    "DEBIAN_FRONTEND=noninteractive apt-get install -y @P@",
    "export DEBIAN_FRONTEND=noninteractive",
    "apt-get install -y $PKGS",
    "PKGS='@P@ @P@'",
    "apt-get install -y ${PKGS}",
    "apt-get install -y \"@P@\" '@P@'",
    "apt-get install -y @P@=1.2.3-4 @P@",
    "echo a",
    "true",
    "cd /src",
    "make -j4",
    "set -eux",
    "useradd -m app",
    "useradd -r -g app -u 1001 app",
    "groupadd -r app",
    "groupadd -g 1001 app",
    "adduser --disabled-password --gecos '' app",
    "addgroup --system app",
    "usermod -aG sudo app",
    "userdel app",
    "chown -R app:app /app",
    "echo app:x | chpasswd",
    "tar -xzf x.tar.gz",
    "tar --transform 's/a/b/' -xf x.tar",
    "sed -i -e 's/a/b/' x",
    "find . -printf '%p'",
    "grep -P x y",
    "curl -fsSL https://deb.nodesource.com/setup_20.x | bash -",
    "curl -o x https://example.com/x",
    "wget -q https://example.com/x",
    "curl https://example.com/key.asc | apt-key add -",
    "echo 'deb https://example.com/apt stable main' > /etc/apt/sources.list.d/x.list",
    "add-apt-repository ppa:a/b",
    "apt-get install -y $(cat list)",
    "xargs apt-get install -y < list",
    "sh -c 'apt-get update'",
    "bash -c \"apt-get install -y @P@\"",
    "if [ -f /x ]; then apt-get install -y @P@; fi",
    "for p in a b; do apt-get install -y $p; done",
    "while false; do apt-get update; done",
    "( apt-get update; apt-get install -y @P@ )",
    "{ apt-get update; }",
    "! apt-get update",
    "case $A in x) apt-get update;; *) apt-get install -y @P@;; esac",
    "f() { apt-get install -y @P@; }",
    "f",
    "apt-get update &",
    "apt-get update > /dev/null",
    "apt-get install -y @P@ > /log 2>&1",
    "source /x",
    "[[ $A == 1 ]]",
    "echo {a,b}",
    "echo -e 'a\\tb'",
    "a=(1 2)",
    "ln -s /a /b",
    "date -d yesterday",
    "cp --parents a b",
    "sha256sum --check x",
    "apt-mark manual @P@",
    "debconf-set-selections x",
    "yum install -y epel-release",
    "yum-config-manager --enable x",
    "dnf module enable nodejs:18",
    "pip install x",
    "npm ci",
    "apt-get install -y @P@ && apt-get clean || true",
    "test -f /x || apt-get install -y @P@",
    "git clone x",
    "update-ca-certificates",
];

const PACKAGES: &[&str] = &[
    "curl",
    "git",
    "build-essential",
    "libpq-dev",
    "python3",
    "python3-pip",
    "ca-certificates",
    "vim",
    "unknown-thing",
    "musl-dev",
    "gcc-c++",
    "openssl-devel",
    "bash",
    "sudo",
    "apt-transport-https",
    "libssl1.1",
    "gnupg",
    "tzdata",
    "shadow",
    "wget",
    "g++",
    "libxml2:i386",
    "php*",
    "nodejs",
    "netcat-openbsd",
    "@P",
    "procps/stable",
    "vim-",
    "locales",
];

const INSTRUCTIONS: &[&str] = &[
    "USER app",
    "USER root",
    "USER 1000:1000",
    "WORKDIR /app",
    "ENV DEBIAN_FRONTEND=noninteractive",
    "ENV A=1 DEBIAN_FRONTEND=x",
    "ARG PKGS=\"curl git\"",
    "ARG PKGS",
    "ENV PKGS=\"gcc make\"",
    "COPY . .",
    "COPY --from=s0 /a /a",
    "COPY --from=0 /a /a",
    "COPY --chown=app:app a b",
    "CMD [\"python\", \"x.py\"]",
    "CMD python x.py",
    "ENTRYPOINT [\"/x.sh\"]",
    "EXPOSE 80",
    "HEALTHCHECK CMD curl -f http://localhost/ || exit 1",
    "SHELL [\"/bin/bash\", \"-c\"]",
    "SHELL [\"/bin/sh\", \"-ec\"]",
    "LABEL a=b",
    "ONBUILD RUN apt-get install -y curl",
    "# install packages",
    "# comment",
    "",
    "   # indented",
    "VOLUME /x",
    "STOPSIGNAL SIGTERM",
    "RUN [\"apt-get\", \"install\", \"-y\", \"curl\", \"libpq-dev\"]",
    "RUN [\"apt-get\", \"update\"]",
    "RUN [\"sh\", \"-c\", \"apt-get update && make\"]",
    "ADD x.tar /",
    "MAINTAINER me",
    "RUN --mount=type=cache,target=/var/cache/apt apt-get install -y curl",
    "# wolfify: ignore",
    "# wolfify: ignore[apt-install]",
    "CMD apt-get update && ./x",
];

/// How a file is written.
#[derive(Debug, Clone, Copy)]
struct Style {
    crlf: bool,
    bom: bool,
    backtick: bool,
    lower: bool,
    final_newline: bool,
}

fn style() -> impl Strategy<Value = Style> {
    let rare = || prop::bool::weighted(0.15);
    (rare(), rare(), rare(), rare(), prop::bool::weighted(0.8))
        .prop_map(|(crlf, bom, backtick, lower, final_newline)| Style { crlf, bom, backtick, lower, final_newline })
}

fn command() -> impl Strategy<Value = String> {
    (select(COMMANDS), prop::collection::vec(select(PACKAGES), 2)).prop_map(|(command, packages)| {
        packages.iter().fold(command.to_owned(), |text, package| text.replacen("@P@", package, 1))
    })
}

/// What stands between two commands; `\` stands for the escape character.
fn operator() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        4 => select(&[" && ", " \\\n && ", " && \\\n    ", " \\\n    && "][..]),
        2 => select(&["; ", "; \\\n  ", ";", " ; \\\n"][..]),
        1 => select(&[" || ", " | ", "&&", " \\\n# about it\n && ", " && \\\n  # install\n  ", " \\\n\n && ", " \\  \n && "][..]),
    ]
}

/// Breaks some blanks of a command into continued lines.
fn spread(command: &str, mask: u8) -> String {
    if mask > 80 || command.contains(['\'', '"', '[', '$']) {
        return command.to_owned();
    }
    let mut words = command.split(' ');
    let mut text = words.next().unwrap_or_default().to_owned();
    for (index, word) in words.enumerate() {
        text.push_str(match (mask >> (index % 6)) & 3 {
            0 => " ",
            1 => " \\\n      ",
            2 => " \\\n",
            _ => "  ",
        });
        text.push_str(word);
    }
    text
}

fn run() -> impl Strategy<Value = String> {
    let rest = prop::collection::vec((operator(), command(), any::<u8>()), 0..6);
    (command(), any::<u8>(), rest).prop_map(|(first, mask, rest)| {
        let mut text = format!("RUN {}", spread(&first, mask));
        for (operator, command, mask) in rest {
            text.push_str(operator);
            text.push_str(&spread(&command, mask));
        }
        text
    })
}

fn heredoc() -> impl Strategy<Value = String> {
    (prop::collection::vec(command(), 1..5), select(&["<<EOF", "<<'EOF'", "<<-EOF", "<<EOF bash", "bash -e <<EOF"][..]))
        .prop_map(|(commands, word)| {
            let word = word.replace("<<EOF bash", "bash <<EOF");
            format!("RUN {word}\n{}\nEOF", commands.join("\n"))
        })
}

fn instruction() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => run(),
        1 => heredoc(),
        4 => select(INSTRUCTIONS).prop_map(str::to_owned),
    ]
}

fn stage() -> impl Strategy<Value = (String, Vec<String>)> {
    (select(IMAGES).prop_map(str::to_owned), prop::collection::vec(instruction(), 0..6))
}

/// A whole file.
pub(super) fn dockerfile() -> impl Strategy<Value = String> {
    (style(), prop::bool::weighted(0.3), prop::collection::vec(stage(), 1..4)).prop_map(|(style, args, stages)| {
        let mut lines = Vec::new();
        if args {
            lines.extend(["ARG V=3.11".to_owned(), "ARG BASE=debian:12".to_owned()]);
        }
        for (index, (image, instructions)) in stages.iter().enumerate() {
            lines.push(if index % 2 == 0 { format!("FROM {image} AS s{index}") } else { format!("FROM {image}") });
            lines.extend(instructions.iter().cloned());
        }
        write(&lines.join("\n"), style)
    })
}

fn write(text: &str, style: Style) -> String {
    let mut text = text.to_owned();
    if style.lower {
        text = text.replace("RUN ", "run ").replace("FROM ", "from ").replace("USER ", "user ");
    }
    if style.backtick {
        // Also those of the shell: what is no valid script any more is a case of its own.
        text = format!("# escape=`\n{}", text.replace('\\', "`"));
    }
    if style.final_newline {
        text.push('\n');
    }
    if style.crlf {
        text = text.replace('\n', "\r\n");
    }
    if style.bom { format!("\u{feff}{text}") } else { text }
}
