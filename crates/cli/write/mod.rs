//! Putting a rewritten file in the place of the old one.

mod attributes;
mod staged;

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use staged::Staged;
pub(crate) use staged::{is_stray, remove_if_left_behind};

/// Puts `new` in the place of the file at `path`, which held `old` when it was read.
///
/// At every moment there is either the whole old file or the whole new one. Mode, owner and extended attributes are
/// kept; where `path` is a symbolic link its target is replaced and the link stays. A hard link to the old file keeps
/// the old text.
pub(crate) fn replace(path: &Path, old: &[u8], new: &[u8], backup: bool) -> anyhow::Result<()> {
    let target = fs::canonicalize(path).context("cannot be found any more")?;
    let metadata = fs::metadata(&target)?;
    if !metadata.is_file() {
        bail!("is not a regular file; use `wolfify convert`");
    }
    // A rename would go through all the same, so this has to be asked.
    if metadata.permissions().readonly() {
        bail!("is read-only; make it writable, or leave it out");
    }
    let mut original = Original { file: File::open(&target)?, metadata };
    if original.bytes()? != old {
        bail!("was changed by somebody else meanwhile; run again");
    }
    let folder = target.parent().context("has no folder")?;
    let staged = stage(folder, new, &original)?;
    if backup {
        keep_old(&target, folder, old, &original)?;
    }
    staged.rename_to(&target).context("cannot be replaced")?;
    // The rename itself is durable only once the folder is written. Not every file system can do that.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// The file to replace.
struct Original {
    file: File,
    metadata: Metadata,
}

impl Original {
    fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// A file in `folder` with the bytes on disk, and the owner, mode and attributes of the file it will replace.
fn stage(folder: &Path, bytes: &[u8], like: &Original) -> anyhow::Result<Staged> {
    let mut staged = Staged::new(folder).context("cannot write to its folder; make it writable")?;
    staged.write(bytes).context("cannot be written")?;
    let file = staged.file();
    attributes::keep_owner(file, &like.metadata).context("cannot keep its owner; run as that user")?;
    attributes::keep_extended(&like.file, file).context("cannot keep its extended attributes")?;
    file.set_permissions(like.metadata.permissions()).context("cannot keep its mode")?;
    file.sync_all().context("cannot be written")?;
    Ok(staged)
}

/// Keeps the original as `FILE~`. One that is there already is older, hence nearer to the original, and stays.
fn keep_old(target: &Path, folder: &Path, old: &[u8], original: &Original) -> anyhow::Result<()> {
    let backup = backup_path(target);
    if backup.symlink_metadata().is_ok() {
        return Ok(());
    }
    match stage(folder, old, original)?.link_to(&backup) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error).context("cannot write the backup"),
        _ => Ok(()),
    }
}

fn backup_path(target: &Path) -> PathBuf {
    let mut name = OsString::from(target);
    name.push("~");
    PathBuf::from(name)
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
    fn a_read_only_file_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Dockerfile");
        fs::write(&path, "old").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let error = replace(&path, b"old", b"new", false).unwrap_err();
        assert!(error.to_string().contains("read-only"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
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
