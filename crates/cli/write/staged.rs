//! A new file that nobody sees before it is whole.
//!
//! On Linux it has no name while it is written, so that a program that is killed leaves nothing behind. It gets one
//! only between the last two steps, the link and the rename. Where that cannot be done it has a name from the start.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// What names of files on their way begin with; the number of the process follows.
const PREFIX: &str = ".wolfify-";

/// A file on its way into a folder. Removed when it does not arrive.
pub(super) struct Staged {
    file: File,
    folder: PathBuf,
    name: Option<Name>,
}

/// A name that leads to nothing once this is dropped.
struct Name(PathBuf);

impl Drop for Name {
    fn drop(&mut self) {
        // After a rename it is gone already.
        let _ = fs::remove_file(&self.0);
    }
}

impl Staged {
    /// An empty file.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        let folder = folder.to_owned();
        if let Some(file) = nameless(&folder) {
            return Ok(Self { file, folder, name: None });
        }
        let (file, name) = named(&folder)?;
        Ok(Self { file, folder, name: Some(name) })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Puts it in the place of the file at `target`.
    pub(super) fn rename_to(self, target: &Path) -> io::Result<()> {
        let name = match self.name {
            Some(name) => name,
            None => {
                let name = Name(fresh(&self.folder));
                link(&self.file, &name.0)?;
                name
            }
        };
        fs::rename(&name.0, target)
    }

    /// Puts it where nothing is yet.
    pub(super) fn link_to(self, target: &Path) -> io::Result<()> {
        match &self.name {
            Some(name) => fs::hard_link(&name.0, target),
            None => link(&self.file, target),
        }
    }
}

fn named(folder: &Path) -> io::Result<(File, Name)> {
    loop {
        let name = fresh(folder);
        match File::options().write(true).create_new(true).open(&name) {
            Ok(file) => return Ok((file, Name(name))),
            // Left behind by a process that had our number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// A name that this process has not used yet.
fn fresh(folder: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("{PREFIX}{}-{number}", std::process::id()))
}

#[cfg(target_os = "linux")]
fn nameless(folder: &Path) -> Option<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    // Its name is given by way of /proc.
    if !Path::new("/proc/self/fd").is_dir() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    openat(CWD, folder, flags, Mode::RUSR | Mode::WUSR).ok().map(File::from)
}

#[cfg(target_os = "linux")]
fn link(file: &File, to: &Path) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;

    use rustix::fs::{AtFlags, CWD, linkat};
    let from = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, from, CWD, to, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
fn nameless(_folder: &Path) -> Option<File> {
    None
}

#[cfg(not(target_os = "linux"))]
fn link(_file: &File, _to: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether a file is named like one on its way.
pub(crate) fn is_stray(name: &str) -> bool {
    process_of(name).is_some()
}

fn process_of(name: &str) -> Option<i32> {
    let (process, number) = name.strip_prefix(PREFIX)?.split_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(process) && digits(number) { process.parse().ok() } else { None }
}

/// Removes a file that a killed run has left; says whether it was one.
pub(crate) fn remove_if_left_behind(path: &Path) -> bool {
    let process = path.file_name().and_then(|name| name.to_str()).and_then(process_of);
    process.is_some_and(is_gone) && fs::remove_file(path).is_ok()
}

/// Whether no process has this number. In doubt one has.
#[cfg(unix)]
fn is_gone(process: i32) -> bool {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};
    Pid::from_raw(process).is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH))
}

#[cfg(not(unix))]
fn is_gone(_process: i32) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_arrive_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut staged = Staged::new(dir.path()).unwrap();
        staged.write(b"x").unwrap();
        drop(staged);
        let (file, name) = named(dir.path()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        drop((file, name));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn both_ways_arrive() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("target");
        for (text, by_name) in [("one", false), ("two", true)] {
            let mut staged = Staged::new(dir.path()).unwrap();
            if by_name {
                let (file, name) = named(dir.path()).unwrap();
                staged = Staged { file, folder: dir.path().to_owned(), name: Some(name) };
            }
            staged.write(text.as_bytes()).unwrap();
            staged.rename_to(&target).unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), text);
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        }
        let mut other = Staged::new(dir.path()).unwrap();
        other.write(b"three").unwrap();
        assert_eq!(other.link_to(&target).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }

    #[cfg(unix)]
    #[test]
    fn only_files_of_dead_processes_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let dead = dir.path().join(format!("{PREFIX}{}-7", child.id()));
        let ours = dir.path().join(format!("{PREFIX}{}-7", std::process::id()));
        let others =
            [ours, dir.path().join(".wolfify-x-7"), dir.path().join(".wolfify-1"), dir.path().join("Dockerfile")];
        for path in others.iter().chain([&dead]) {
            fs::write(path, "").unwrap();
        }
        assert!(remove_if_left_behind(&dead) && !dead.exists());
        for path in others {
            assert!(!remove_if_left_behind(&path) && path.exists(), "{}", path.display());
        }
    }
}
