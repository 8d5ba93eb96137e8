//! What git would lose: tracked files with changes that are not committed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The work trees that files of this run lie in. Git is asked once for each, and only when a file in it is to change.
#[derive(Debug, Default)]
pub(crate) struct WorkTrees {
    trees: Mutex<HashMap<PathBuf, Arc<OnceLock<Status>>>>,
    /// Work trees that git would not speak about, and why.
    silent: Mutex<BTreeSet<String>>,
}

/// The changed files of one work tree; nothing is known where git does not answer.
type Status = HashSet<PathBuf>;

impl WorkTrees {
    /// Whether the file is tracked and differs from the last commit. Untracked files, files that were just added, and
    /// files outside a work tree do not count: with them there is nothing to compare.
    pub(crate) fn has_uncommitted_changes(&self, path: &Path) -> bool {
        let Ok(path) = fs::canonicalize(path) else { return false };
        let Some(root) = path.ancestors().skip(1).find(|folder| folder.join(".git").exists()) else { return false };
        let tree = {
            let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(trees.entry(root.to_owned()).or_default())
        };
        let changed = tree.get_or_init(|| {
            modified(root).unwrap_or_else(|why| {
                let line = format!("{}: git does not say what is committed ({why}); not checked", root.display());
                self.silent.lock().unwrap_or_else(PoisonError::into_inner).insert(line);
                Status::new()
            })
        });
        changed.contains(&path)
    }

    /// A line for each work tree that could not be asked.
    pub(crate) fn unanswered(&self) -> Vec<String> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// Files that differ from the last commit, staged or not.
fn modified(root: &Path) -> Result<Status, String> {
    let mut git = Command::new("git");
    // Only to read, and without running what a repository may have configured.
    git.args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C"]).arg(root);
    git.args(["diff", "--name-only", "-z", "--diff-filter=MT", "--no-ext-diff", "--no-textconv", "--no-renames"]);
    git.args(["--no-relative", "--ignore-submodules", "HEAD", "--"]);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX"] {
        git.env_remove(name);
    }
    let output = git.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
        // Before the first commit there is nothing to lose.
        return if is_unborn(root) { Ok(Status::new()) } else { Err(message) };
    }
    let names = output.stdout.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| root.join(path(name))).collect())
}

fn is_unborn(root: &Path) -> bool {
    let mut git = Command::new("git");
    git.arg("-C").arg(root).args(["rev-parse", "--quiet", "--verify", "HEAD"]).env_remove("GIT_DIR");
    let known = git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    known.is_ok_and(|status| status.code() == Some(1))
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
