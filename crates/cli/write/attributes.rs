//! What a file has beside its bytes.

use std::fs::{File, Metadata};
use std::io;

/// Gives `file` the owner and group of another.
#[cfg(unix)]
pub(super) fn keep_owner(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let have = file.metadata()?;
    if (have.uid(), have.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid()))
}

#[cfg(not(unix))]
pub(super) fn keep_owner(_file: &File, _like: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Gives `to` the extended attributes of `from`, access control lists among them.
///
/// Labels that the system puts on files by itself (`security.*`, `trusted.*`, `system.*` of network file systems) are
/// kept where that is allowed; a user's own must be.
#[cfg(target_os = "linux")]
pub(super) fn keep_extended(from: &File, to: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
    let Some(names) = whole(|buffer| flistxattr(from, buffer))? else { return Ok(()) };
    for name in names.split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
        let must = name.starts_with(b"user.") || name.starts_with(b"system.posix_acl_");
        let copied = whole(|buffer| fgetxattr(from, name, buffer)).and_then(|value| match value {
            Some(value) => Ok(fsetxattr(to, name, &value, XattrFlags::empty())?),
            None => Ok(()),
        });
        if must {
            copied?;
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn keep_extended(_from: &File, _to: &File) -> io::Result<()> {
    Ok(())
}

/// All bytes of an answer whose size is not known before. `None` where there are no attributes at all.
#[cfg(target_os = "linux")]
fn whole(ask: impl Fn(&mut [u8]) -> rustix::io::Result<usize>) -> io::Result<Option<Vec<u8>>> {
    use rustix::io::Errno;
    let mut bytes = vec![0; 1 << 10];
    loop {
        match ask(&mut bytes) {
            Ok(size) => {
                bytes.truncate(size);
                return Ok(Some(bytes));
            }
            Err(Errno::RANGE) => bytes.resize(bytes.len() * 2, 0),
            Err(Errno::OPNOTSUPP | Errno::NODATA) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}
