//! Large Dockerfiles of several shapes, the same in every run.

use std::fmt::Write as _;

/// What a file is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Stages as people write them, with comments, accounts and several distributions.
    Mixed,
    /// One stage, many RUN instructions.
    Runs,
    /// One RUN with many commands joined by `&&`, one a line.
    Commands,
    /// Many stages, each copying from the one before.
    Stages,
    /// One install of many packages.
    Packages,
    /// One here-document with many lines.
    Heredoc,
}

impl Shape {
    /// All shapes by name.
    pub(crate) const ALL: [(&'static str, Self); 6] = [
        ("mixed", Self::Mixed),
        ("runs", Self::Runs),
        ("commands", Self::Commands),
        ("stages", Self::Stages),
        ("packages", Self::Packages),
        ("heredoc", Self::Heredoc),
    ];

    /// A file with `count` of what the shape is made of.
    #[must_use]
    pub(crate) fn generate(self, count: usize) -> String {
        let mut text = String::new();
        match self {
            Self::Mixed => (0..count).for_each(|n| mixed(&mut text, n)),
            Self::Runs => runs(&mut text, count),
            Self::Commands => commands(&mut text, count),
            Self::Stages => (0..count).for_each(|n| stage(&mut text, n)),
            Self::Packages => packages(&mut text, count),
            Self::Heredoc => heredoc(&mut text, count),
        }
        text
    }

    /// A file of about `bytes` bytes.
    #[must_use]
    pub(crate) fn of_size(self, bytes: usize) -> String {
        let sample = self.generate(64).len();
        self.generate((bytes * 64).div_ceil(sample))
    }
}

const PACKAGES: [&str; 15] = [
    "curl",
    "git",
    "build-essential",
    "libpq-dev",
    "python3-pip",
    "ca-certificates",
    "vim",
    "unzip",
    "netcat-openbsd",
    "libxml2-dev",
    "internal-tool",
    "procps",
    "gnupg",
    "wget",
    "zlib1g-dev",
];

fn package(n: usize) -> &'static str {
    PACKAGES[n % PACKAGES.len()]
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("impossible: a string takes everything");
}

fn mixed(text: &mut String, n: usize) {
    put(
        text,
        format_args!(
            "\
# the service, number {n}
FROM python:3.11-slim AS py{n}
ENV PYTHONUNBUFFERED=1 \\
    APP_HOME=/app{n}
WORKDIR /app{n}
# install the system packages
RUN apt-get update \\
    && apt-get install -y --no-install-recommends \\
        build-essential \\
        libpq-dev \\
        # for health checks
        curl=7.88.1-10 \\
    && apt-get clean \\
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
RUN groupadd -r app && useradd -r -g app -d /home/app app && chown -R app:app /app{n}
USER app
EXPOSE 8000
CMD [\"gunicorn\", \"app:app\", \"--bind\", \"0.0.0.0:8000\"]

FROM alpine:3.19 AS al{n}
RUN apk add --no-cache --virtual .deps gcc musl-dev && \\
    tar -xzf /tmp/x.tar.gz --strip-components=1 -C /usr/src && \\
    apk del .deps
COPY --from=py{n} /app{n} /srv
ENTRYPOINT [\"/srv/run.sh\"]

"
        ),
    );
}

fn runs(text: &mut String, count: usize) {
    text.push_str("FROM debian:12\n");
    for n in 0..count {
        put(
            text,
            format_args!(
                "RUN apt-get update && apt-get install -y --no-install-recommends {} {} && rm -rf /var/lib/apt/lists/*\n",
                package(n),
                package(n * 7 + 3)
            ),
        );
    }
}

fn command(n: usize) -> String {
    match n % 5 {
        0 => format!("apt-get install -y {} {}", package(n), package(n * 7 + 3)),
        1 => format!("echo step-{n} \"$HOME\""),
        2 => format!("mkdir -p /srv/d{n}/x"),
        3 => format!("tar -xzf /tmp/a{n}.tar.gz -C /srv"),
        _ => "apt-get update".to_owned(),
    }
}

fn commands(text: &mut String, count: usize) {
    text.push_str("FROM debian:12\nRUN set -eux");
    for n in 0..count {
        put(text, format_args!(" \\\n && {}", command(n)));
    }
    text.push('\n');
}

fn stage(text: &mut String, n: usize) {
    put(text, format_args!("FROM debian:12 AS s{n}\nRUN apt-get update && apt-get install -y {}\n", package(n)));
    if let Some(before) = n.checked_sub(1) {
        put(text, format_args!("COPY --from=s{before} /a /a\n"));
    }
}

fn packages(text: &mut String, count: usize) {
    text.push_str("FROM debian:12\nRUN apt-get install -y");
    for n in 0..count {
        match n % 4 {
            0 => put(text, format_args!(" \\\n  internal-{n}")),
            1 => put(text, format_args!(" \\\n  curl=7.{n}")),
            2 => text.push_str(" \\\n  apt-transport-https"),
            _ => text.push_str(" \\\n  libpq-dev"),
        }
    }
    text.push('\n');
}

fn heredoc(text: &mut String, count: usize) {
    text.push_str("FROM debian:12\nRUN <<EOF\nset -e\n");
    for n in 0..count {
        put(text, format_args!("{}\n", command(n)));
    }
    text.push_str("EOF\n");
}
