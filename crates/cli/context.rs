//! The build context on disk.

use std::cell::OnceCell;
use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use wolfify_planner::BuildContext;

/// The largest file the planner gets to see, in bytes.
const MAX_FILE: u64 = 1 << 20;
/// The largest directory the planner gets to see, in entries.
const MAX_ENTRIES: usize = 10_000;

/// Reads below one directory and nowhere else, symbolic links included.
#[derive(Debug)]
pub(crate) struct FsContext {
    root: PathBuf,
    /// The root without links; `None` when there is no such directory. Most files never ask.
    canonical: OnceCell<Option<PathBuf>>,
}

impl FsContext {
    /// A context rooted at `root`, which need not exist.
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), canonical: OnceCell::new() }
    }

    /// The real place of `path`, if it lies below the root.
    fn resolve(&self, path: &str) -> Option<PathBuf> {
        let root = self.canonical.get_or_init(|| fs::canonicalize(&self.root).ok()).as_deref()?;
        let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if !Path::new(path).components().all(inside) {
            return None;
        }
        let real = fs::canonicalize(root.join(path)).ok()?;
        real.starts_with(root).then_some(real)
    }
}

impl BuildContext for FsContext {
    fn read(&self, path: &str) -> Option<String> {
        let real = self.resolve(path)?;
        // Asked before opening: opening a named pipe would wait for its other end.
        if !fs::metadata(&real).ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        fs::File::open(&real).ok()?.take(MAX_FILE + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() as u64 > MAX_FILE {
            return None;
        }
        String::from_utf8(bytes).ok()
    }

    fn list(&self, path: &str) -> Option<Vec<String>> {
        let entries = fs::read_dir(self.resolve(path)?).ok()?.take(MAX_ENTRIES + 1);
        let entries: Vec<_> = entries.collect::<Result<_, _>>().ok()?;
        if entries.len() > MAX_ENTRIES {
            return None;
        }
        let mut names: Vec<String> = entries.iter().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        Some(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_below_the_root_only() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::write(root.join("sub/package.json"), "{}").unwrap();
        fs::write(root.join("large"), vec![b'a'; MAX_FILE as usize + 1]).unwrap();
        fs::write(root.join("binary"), [0xff]).unwrap();
        fs::write(dir.path().join("secret"), "secret").unwrap();
        let context = FsContext::new(&root);
        assert_eq!(context.read("sub/package.json").as_deref(), Some("{}"));
        assert_eq!(context.read("./sub/package.json").as_deref(), Some("{}"));
        let outside = dir.path().join("secret");
        for path in ["sub", "missing", "large", "binary", "../secret", "sub/../../secret", outside.to_str().unwrap()] {
            assert_eq!(context.read(path), None, "{path}");
        }
        assert_eq!(context.list("sub"), Some(vec!["package.json".to_owned()]));
        assert_eq!(context.list("").map(|names| names.len()), Some(3));
        assert_eq!(context.list("../"), None);
        assert_eq!(FsContext::new(dir.path().join("none")).list(""), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_inside_only() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        fs::create_dir(&root).unwrap();
        fs::write(root.join("real"), "inside").unwrap();
        fs::write(dir.path().join("secret"), "secret").unwrap();
        symlink("real", root.join("good")).unwrap();
        symlink("../secret", root.join("bad")).unwrap();
        symlink("..", root.join("up")).unwrap();
        let context = FsContext::new(&root);
        assert_eq!(context.read("good").as_deref(), Some("inside"));
        assert_eq!(context.read("bad"), None);
        assert_eq!(context.read("up/secret"), None);
        assert_eq!(context.list("up"), None);
    }
}
