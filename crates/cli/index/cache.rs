//! Where downloaded indexes are kept, and what is known about them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

const PREFIX: &str = "APKINDEX.";
const SUFFIX: &str = ".tar.gz";

/// An index in the cache.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    /// As in the name of the file.
    pub(crate) architecture: String,
}

/// Where an index is from; kept beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The address, without credentials.
    pub(crate) url: String,
    /// When it was downloaded, in seconds since 1970.
    pub(crate) fetched: u64,
    /// The name of the key that its signature was checked with; `None` when it was not checked.
    pub(crate) signed_by: Option<String>,
    /// The SHA-256 of the index. One that does not fit tells that a run was stopped between the two files.
    sha256: String,
}

impl Origin {
    /// The origin of the index with these bytes.
    pub(crate) fn new(url: String, fetched: u64, signed_by: Option<String>, bytes: &[u8]) -> Self {
        Self { url, fetched, signed_by, sha256: sha256(bytes) }
    }
}

/// `wolfify` in `XDG_CACHE_HOME`, by default `~/.cache`.
pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    let from = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || from("HOME").map(|home| home.join(".cache"));
    // Only Windows has the last.
    let Some(folder) = from("XDG_CACHE_HOME").or_else(home).or_else(|| from("LOCALAPPDATA")) else {
        bail!("there is no place for a cache; set XDG_CACHE_HOME to a folder");
    };
    Ok(folder.join("wolfify"))
}

/// The path of an architecture's index in the cache folder.
pub(crate) fn path(folder: &Path, architecture: &str) -> PathBuf {
    folder.join(format!("{PREFIX}{architecture}{SUFFIX}"))
}

/// All indexes in the cache folder, sorted by architecture.
pub(crate) fn entries(folder: &Path) -> anyhow::Result<Vec<Entry>> {
    let listing = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        listing => listing.with_context(|| format!("cannot read the cache {}", folder.display()))?,
    };
    let mut entries = Vec::new();
    for file in listing {
        let name = file.with_context(|| format!("cannot read the cache {}", folder.display()))?.file_name();
        let architecture = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
        if let Some(architecture) = architecture {
            entries.push(Entry { path: folder.join(&name), architecture: architecture.to_owned() });
        }
    }
    entries.sort_by(|a, b| a.architecture.cmp(&b.architecture));
    Ok(entries)
}

/// Puts an index and its origin into the cache; whoever reads meanwhile finds the whole old one or the whole new one.
pub(crate) fn store(path: &Path, bytes: &[u8], origin: &Origin) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        fs::create_dir_all(folder)?;
        replace(path, bytes)?;
        replace(&origin_path(path), &serde_json::to_vec(origin)?)
    };
    write().with_context(|| format!("cannot write to the cache {}; make it writable", folder.display()))
}

/// Where the index at `path`, which has these bytes, is from; `None` when nobody knows.
pub(crate) fn origin(path: &Path, bytes: &[u8]) -> Option<Origin> {
    let origin: Origin = serde_json::from_slice(&fs::read(origin_path(path)).ok()?).ok()?;
    (origin.sha256 == sha256(bytes)).then_some(origin)
}

fn origin_path(index: &Path) -> PathBuf {
    let name = index.file_name().and_then(OsStr::to_str).unwrap_or_default();
    index.with_file_name(format!("{}.json", name.strip_suffix(SUFFIX).unwrap_or(name)))
}

fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // The rename itself is durable only once the folder is written. Not every file system can do that.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
