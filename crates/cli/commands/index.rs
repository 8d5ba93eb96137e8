//! `index`: a local copy of a repository's APKINDEX.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{anyhow, bail};
use serde::Serialize;
use wolfify_mappings::ApkIndex;

use crate::args::{Architecture, Color, IndexCommand, IndexFormat, IndexUpdateArgs};
use crate::commands::ExitStatus;
use crate::index::archive::Archive;
use crate::index::cache::{self, Origin};
use crate::index::download::{fetch, without_credentials};
use crate::index::signature::{Key, verify};
use crate::index::{MAX_TEXT_BYTES, at, parse, read};
use crate::output::{Output, printable};

/// Does what the subcommand asks.
pub(crate) fn run(command: &IndexCommand, color: Color) -> anyhow::Result<ExitStatus> {
    let shown = match command {
        IndexCommand::Update(args) => (vec![update(args)?], args.format),
        IndexCommand::Show { file, format } => (show(file.as_deref())?, *format),
    };
    let mut out = Output::new(None, color)?;
    match shown {
        (indexes, IndexFormat::Json) => {
            serde_json::to_writer(&mut out, &Document { version: 1, indexes })?;
            writeln!(out)?;
        }
        (indexes, IndexFormat::Text) => indexes.iter().try_for_each(|index| index.print(&mut out))?,
    }
    out.flush()?;
    Ok(ExitStatus::Success)
}

/// Downloads, checks and keeps an index. What is in the cache stays until everything about the new one is right.
fn update(args: &IndexUpdateArgs) -> anyhow::Result<Described> {
    let Some(architecture) = args.arch.or_else(Architecture::host) else {
        bail!("Wolfi is not built for this machine's architecture; choose one with --arch");
    };
    let architecture = architecture.name();
    let folder = cache::folder()?;
    let url = format!("{}/{architecture}/APKINDEX.tar.gz", args.url.trim_end_matches('/'));
    let shown = without_credentials(&url);
    let keys = match &args.key {
        Some(path) => vec![Key::read(path)?],
        None => vec![Key::wolfi()],
    };
    let within = |error: anyhow::Error| anyhow!("{shown}: {error:#}");
    let bytes = fetch(&url, Duration::from_secs(args.timeout)).map_err(within)?;
    let archive = Archive::open(&bytes, MAX_TEXT_BYTES).map_err(within)?;
    let signed_by = if args.allow_untrusted {
        None
    } else {
        Some(verify(&archive.signatures, archive.signed, &keys).map_err(within)?.name.clone())
    };
    let index = parse(&archive, &shown)?;
    if !index.architectures().any(|of| of == architecture || of == "noarch") {
        let of: Vec<String> = index.architectures().map(printable).collect();
        bail!("{shown}: its packages are for {}, not for {architecture}; check --url and --arch", of.join(", "));
    }
    let path = cache::path(&folder, architecture);
    let origin = Origin::new(shown.clone(), now(), signed_by, &bytes);
    cache::store(&path, &bytes, &origin)?;
    Ok(Described::new(&path, bytes.len(), &archive, &index, Some(origin)))
}

/// Describes a file, or everything in the cache.
fn show(file: Option<&Path>) -> anyhow::Result<Vec<Described>> {
    let paths = match file {
        Some(file) => vec![file.to_owned()],
        None => cache::entries(&cache::folder()?)?.into_iter().map(|entry| entry.path).collect(),
    };
    if paths.is_empty() {
        bail!("no index is cached; run `wolfify index update` first, or name a file");
    }
    let describe = |path: PathBuf| {
        let bytes = read(&path)?;
        let archive = Archive::open(&bytes, MAX_TEXT_BYTES).map_err(|error| at(&path, 1, &error))?;
        let index = parse(&archive, &path.display().to_string())?;
        let origin = cache::origin(&path, &bytes);
        Ok(Described::new(&path, bytes.len(), &archive, &index, origin))
    };
    paths.into_iter().map(describe).collect()
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Document {
    version: u32,
    indexes: Vec<Described>,
}

/// What there is to say of an index.
#[derive(Serialize)]
struct Described {
    path: String,
    /// The address it was downloaded from; `None` for a file of the user's own.
    source: Option<String>,
    architectures: Vec<String>,
    /// When the newest package in it was built.
    date: Option<String>,
    fetched: Option<String>,
    packages: usize,
    bytes: usize,
    /// The key its signature was checked with when it was downloaded.
    signed_by: Option<String>,
    description: String,
}

impl Described {
    fn new(path: &Path, bytes: usize, archive: &Archive<'_>, index: &ApkIndex, origin: Option<Origin>) -> Self {
        let (source, fetched, signed_by) = match origin {
            Some(Origin { url, fetched, signed_by, .. }) => (Some(url), Some(timestamp(fetched)), signed_by),
            None => (None, None, None),
        };
        Self {
            path: path.display().to_string(),
            source,
            architectures: index.architectures().map(printable).collect(),
            date: index.newest_build().map(timestamp),
            fetched,
            packages: index.len(),
            bytes,
            signed_by,
            description: printable(&archive.description),
        }
    }

    fn print(&self, out: &mut Output) -> std::io::Result<()> {
        let bold = out.palette.bold;
        let unknown = "not known";
        writeln!(out, "{bold}{}{bold:#}", self.path)?;
        writeln!(out, "  source: {}", self.source.as_deref().unwrap_or("a file of your own"))?;
        writeln!(out, "  architecture: {}", self.architectures.join(", "))?;
        writeln!(out, "  newest package: {}", self.date.as_deref().unwrap_or(unknown))?;
        if let Some(fetched) = &self.fetched {
            writeln!(out, "  downloaded: {fetched}")?;
        }
        writeln!(out, "  packages: {}", self.packages)?;
        writeln!(out, "  size: {} bytes", self.bytes)?;
        writeln!(out, "  signature: {}", self.signed_by.as_deref().unwrap_or("not checked"))
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// Seconds since 1970 as in RFC 3339 (`2026-01-31T08:00:00Z`).
fn timestamp(seconds: u64) -> String {
    const DAY: u64 = 24 * 60 * 60;
    // Far beyond any real date; also keeps the year loop below short.
    let seconds = seconds.min(253_402_300_799);
    let (mut days, time) = (seconds / DAY, seconds % DAY);
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= if is_leap(year) { 366 } else { 365 } {
        days -= if is_leap(year) { 366 } else { 365 };
        year += 1;
    }
    let lengths = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("{year:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", month + 1, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (1_772_323_200, "2026-03-01T00:00:00Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(timestamp(seconds), text);
        }
    }
}
