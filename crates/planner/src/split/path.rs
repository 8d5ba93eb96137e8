//! Absolute paths inside an image, as text.

pub(super) use crate::path::absolute as join;

/// Whether `path` is `tree` or lies below it.
pub(super) fn is_below(path: &str, tree: &str) -> bool {
    tree == "/" || path == tree || path.strip_prefix(tree).is_some_and(|rest| rest.starts_with('/'))
}

/// The last part of a path.
pub(super) fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Whether a file is a script for a shell by its name.
pub(super) fn is_shell_script(path: &str) -> bool {
    path.ends_with(".sh") || path.ends_with(".bash")
}

/// The directory a path lies in.
pub(super) fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

/// Whether a name fits a pattern of `*` and `?`.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut here) = (0, 0);
    let mut star = None;
    while here < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, here));
                at += 1;
            }
            Some(&c) if c == '?' || c == name[here] => {
                at += 1;
                here += 1;
            }
            _ => match star {
                Some((back, from)) => {
                    star = Some((back, from + 1));
                    at = back + 1;
                    here = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

/// Directories of the system itself: nothing there belongs to the application as a whole.
pub(super) fn is_system_directory(path: &str) -> bool {
    const SYSTEM: &[&str] = &[
        "/",
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/home",
        "/lib",
        "/lib64",
        "/opt",
        "/proc",
        "/root",
        "/run",
        "/sbin",
        "/sys",
        "/tmp",
        "/usr",
        "/usr/bin",
        "/usr/include",
        "/usr/lib",
        "/usr/local",
        "/usr/local/bin",
        "/usr/local/etc",
        "/usr/local/include",
        "/usr/local/lib",
        "/usr/local/sbin",
        "/usr/local/share",
        "/usr/sbin",
        "/usr/share",
        "/var",
        "/var/cache",
        "/var/lib",
        "/var/log",
        "/var/run",
    ];
    SYSTEM.contains(&path)
}

/// Scratch places: what is written there is never meant to stay.
pub(super) fn is_scratch(path: &str) -> bool {
    const SCRATCH: &[&str] = &["/tmp", "/var/tmp", "/var/cache", "/root/.cache", "/root/.npm", "/dev", "/proc", "/sys"];
    const OF_MANAGERS: &[&str] = &["/var/lib/apt", "/var/lib/dpkg", "/etc/apt", "/etc/apk", "/etc/yum.repos.d"];
    SCRATCH.iter().chain(OF_MANAGERS).any(|scratch| is_below(path, scratch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_as_the_kernel_would() {
        assert_eq!(join("/app", "."), "/app");
        assert_eq!(join("/app", "./src/../lib/"), "/app/lib");
        assert_eq!(join("/", "a"), "/a");
        assert_eq!(join("/app", "/"), "/");
        assert_eq!(join("/app", "../../.."), "/");
    }

    #[test]
    fn names_fit_patterns() {
        assert!(fits("package*.json", "package-lock.json") && fits("*", "") && fits("a?c*", "abc"));
        assert!(!fits("package*.json", "package.jsonc") && !fits("a?", "a") && !fits("", "a"));
    }

    #[test]
    fn below_counts_whole_parts() {
        assert!(is_below("/app/x", "/app") && is_below("/app", "/app") && is_below("/x", "/"));
        assert!(!is_below("/application", "/app"));
        assert_eq!((parent("/a/b"), parent("/a"), base_name("/a/b/")), ("/a", "/", "b"));
    }
}
