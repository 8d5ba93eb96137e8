//! APKINDEX files: reading one from disk, checking who signed it, getting one from a repository, keeping it.

pub(crate) mod archive;
pub(crate) mod cache;
pub(crate) mod download;
pub(crate) mod signature;

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use wolfify_mappings::ApkIndex;

use crate::index::archive::Archive;
use crate::output::printable;

/// The most bytes an index may have as it is downloaded or lies on disk. Wolfi's has some tens of megabytes.
pub(crate) const MAX_BYTES: u64 = 256 << 20;

/// The most bytes an index may have once it is unpacked, whatever its compressed size.
pub(crate) const MAX_TEXT_BYTES: u64 = 1 << 30;

/// What `--index` takes in place of a file to mean what `wolfify index update` got.
const CACHED: &str = "cached";

/// The index that `--index` names. The signature is not checked again: a file of the user's own is trusted as it is.
pub(crate) fn load(name: &Path) -> anyhow::Result<ApkIndex> {
    let path = if name == Path::new(CACHED) { cached()? } else { name.to_owned() };
    let bytes = read(&path)?;
    let archive = Archive::open(&bytes, MAX_TEXT_BYTES);
    parse(&archive.map_err(|error| at(&path, 1, &error))?, &path.display().to_string())
}

/// The file's bytes, unless there are too many.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let read = || {
        let file = File::open(path).context("cannot be opened; `wolfify index update` gets an index")?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            bail!("is a folder; name the APKINDEX or APKINDEX.tar.gz in it");
        }
        archive::read_bounded(file, MAX_BYTES).context("cannot be read; name an APKINDEX or APKINDEX.tar.gz")
    };
    read().map_err(|error| at(path, 1, &error))
}

/// The packages of an opened index. `place` is the file or address it came from.
pub(crate) fn parse(archive: &Archive<'_>, place: &str) -> anyhow::Result<ApkIndex> {
    ApkIndex::parse(&archive.text).map_err(|error| {
        let message = printable(&error.message);
        anyhow!("{place}:{}:1: {message}; get the index again, for instance with `wolfify index update`", error.line)
    })
}

/// An error with its place in a file, on one line.
pub(crate) fn at(path: &Path, line: usize, error: &anyhow::Error) -> anyhow::Error {
    anyhow!("{}:{line}:1: {}", path.display(), printable(&format!("{error:#}")))
}

/// The one index in the cache. With several there is no telling which is meant, and a guess could change results.
fn cached() -> anyhow::Result<PathBuf> {
    let mut entries = cache::entries(&cache::folder()?)?;
    match entries.len() {
        0 => bail!("no index is cached; run `wolfify index update` first"),
        1 => Ok(entries.remove(0).path),
        _ => {
            let paths: Vec<String> = entries.iter().map(|entry| entry.path.display().to_string()).collect();
            bail!("several indexes are cached; name one of them with --index: {}", paths.join(", "))
        }
    }
}
