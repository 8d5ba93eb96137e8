//! Putting a rewritten file in the place of the old one.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use tempfile::NamedTempFile;

/// Puts `new` in the place of the file at `path`, which held `old` when it was read.
///
/// At every moment there is either the whole old file or the whole new one. Mode and owner are kept; where `path` is a
/// symbolic link its target is replaced and the link stays. A hard link to the old file keeps the old text.
pub(crate) fn replace(path: &Path, old: &[u8], new: &[u8], backup: bool) -> anyhow::Result<()> {
    let target = fs::canonicalize(path).context("cannot be found any more")?;
    let metadata = fs::metadata(&target)?;
    if !metadata.is_file() {
        bail!("is not a regular file; use `wolfify convert`");
    }
    if fs::read(&target)? != old {
        bail!("was changed by somebody else meanwhile; run again");
    }
    let folder = target.parent().context("has no folder")?;
    let file = staged(folder, new, &metadata)?;
    if backup {
        keep_old(&target, folder, old, &metadata)?;
    }
    file.persist(&target).context("cannot be replaced")?;
    // The rename itself is durable only once the folder is written. Not every file system can do that.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// A temporary file in `folder` with the bytes on disk, and the owner and mode of the file it will replace.
fn staged(folder: &Path, bytes: &[u8], like: &Metadata) -> anyhow::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix(".wolfify-")
        .tempfile_in(folder)
        .context("cannot write to its folder; make it writable")?;
    file.write_all(bytes).context("cannot be written")?;
    keep_owner(file.as_file(), like).context("cannot keep its owner; run as that user")?;
    file.as_file().set_permissions(like.permissions()).context("cannot keep its mode")?;
    file.as_file().sync_all().context("cannot be written")?;
    Ok(file)
}

/// Keeps the original as `FILE~`. One that is there already is older, hence nearer to the original, and stays.
fn keep_old(target: &Path, folder: &Path, old: &[u8], metadata: &Metadata) -> anyhow::Result<()> {
    let backup = backup_path(target);
    if backup.symlink_metadata().is_ok() {
        return Ok(());
    }
    match staged(folder, old, metadata)?.persist_noclobber(&backup) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => {
            Err(error.error).context("cannot write the backup")
        }
        _ => Ok(()),
    }
}

fn backup_path(target: &Path) -> PathBuf {
    let mut name = OsString::from(target);
    name.push("~");
    PathBuf::from(name)
}

#[cfg(unix)]
fn keep_owner(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let have = file.metadata()?;
    if (have.uid(), have.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _like: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_changed_meanwhile_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Dockerfile");
        fs::write(&path, "theirs").unwrap();
        let error = replace(&path, b"old", b"new", true).unwrap_err();
        assert!(error.to_string().contains("meanwhile"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_first_backup_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Dockerfile");
        fs::write(&path, "one").unwrap();
        replace(&path, b"one", b"two", true).unwrap();
        replace(&path, b"two", b"three", true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(fs::read_to_string(dir.path().join("Dockerfile~")).unwrap(), "one");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
