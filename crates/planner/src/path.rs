//! Paths as text: `/` between parts, no file system asked.

/// `path` seen from the directory `base`: absolute, without `.`, `..`, doubled or trailing slashes.
///
/// `..` stops at the root, as Docker has it.
pub(crate) fn absolute(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { parts(base).collect() };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// A path below the context's root, without a leading slash; empty for the root itself.
pub(crate) fn in_context(path: &str) -> String {
    absolute("/", path).trim_start_matches('/').to_owned()
}

/// `below` under `base`, neither with a slash at the seam.
pub(crate) fn join(base: &str, below: &str) -> String {
    match (base, below) {
        (base, "") => base.to_owned(),
        ("", below) => below.to_owned(),
        ("/", below) => format!("/{below}"),
        (base, below) => format!("{base}/{below}"),
    }
}

/// The directories that an absolute path lies in, itself first and the root last, each with what is left of the path.
pub(crate) fn upwards(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).collect::<Vec<_>>();
    let above = ends.into_iter().rev().map(move |at| (&path[..at], &path[at + 1..]));
    let root = (path != "/").then(|| ("/", path.trim_start_matches('/')));
    std::iter::once((path, "")).chain(above).chain(root)
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_are_seen_from_their_directory() {
        assert_eq!(absolute("/app", "run.sh"), "/app/run.sh");
        assert_eq!(absolute("/app/", "./a//b/../c/"), "/app/a/c");
        assert_eq!(absolute("/app", "/etc/x"), "/etc/x");
        assert_eq!(absolute("/app", "../../.."), "/");
        assert_eq!(in_context("./a/../b"), "b");
        assert_eq!(in_context("../.."), "");
    }

    #[test]
    fn upwards_ends_at_the_root() {
        let all: Vec<_> = upwards("/a/b/c").collect();
        assert_eq!(all, [("/a/b/c", ""), ("/a/b", "c"), ("/a", "b/c"), ("/", "a/b/c")]);
        assert_eq!(upwards("/").collect::<Vec<_>>(), [("/", "")]);
    }
}
