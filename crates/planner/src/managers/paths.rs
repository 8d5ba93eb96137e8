//! Paths that belong to a package manager.

use wolfify_mappings::Distro;

use super::text::{HOLE, Text};

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathRole {
    /// Downloaded indexes.
    IndexCache,
    /// Downloaded packages, and other things that are made again.
    PackageCache,
    /// Logs of installs.
    Log,
    /// What is installed.
    Database,
    /// Which package sources there are.
    Sources,
    /// Trusted keys.
    Keys,
    /// How the package manager behaves.
    Configuration,
    /// Whether package scripts may start services.
    ServicePolicy,
}

impl PathRole {
    /// Whether nothing is lost when it is removed, since it is only kept to save a download.
    #[must_use]
    pub fn is_cache(self) -> bool {
        matches!(self, Self::IndexCache | Self::PackageCache | Self::Log)
    }
}

/// A path of a package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagedPath {
    /// What lies there.
    pub role: PathRole,
    /// Whose it is.
    pub distro: Distro,
    /// Whether apk on Wolfi uses the path too; then a change there means something after the migration.
    pub shared_with_wolfi: bool,
}

struct Row {
    path: &'static str,
    role: PathRole,
    distro: Distro,
}

const fn row(path: &'static str, role: PathRole, distro: Distro) -> Row {
    Row { path, role, distro }
}

/// Sources: apt.conf(5) and sources.list(5) ("Files"), dpkg(1), debconf(7), invoke-rc.d(8), yum.conf(5), dnf.conf(5),
/// rpm(8), apk(8). Longer paths stand before shorter ones that contain them.
static ROWS: &[Row] = {
    use Distro::{Alpine, Debian, Fedora};
    use PathRole::{Configuration, Database, IndexCache, Keys, Log, PackageCache, ServicePolicy, Sources};
    &[
        row("/var/lib/apt/lists", IndexCache, Debian),
        row("/var/lib/apt", IndexCache, Debian),
        row("/var/cache/apt", PackageCache, Debian),
        row("/var/cache/debconf", PackageCache, Debian),
        row("/var/log/apt", Log, Debian),
        row("/var/log/dpkg.log", Log, Debian),
        row("/var/lib/dpkg", Database, Debian),
        row("/etc/apt/sources.list.d", Sources, Debian),
        row("/etc/apt/sources.list", Sources, Debian),
        row("/etc/apt/mirrors", Sources, Debian),
        row("/etc/apt/trusted.gpg.d", Keys, Debian),
        row("/etc/apt/trusted.gpg", Keys, Debian),
        row("/etc/apt/keyrings", Keys, Debian),
        row("/usr/share/keyrings", Keys, Debian),
        row("/etc/apt/apt.conf.d", Configuration, Debian),
        row("/etc/apt/preferences.d", Configuration, Debian),
        row("/etc/apt", Configuration, Debian),
        row("/etc/dpkg", Configuration, Debian),
        row("/usr/sbin/policy-rc.d", ServicePolicy, Debian),
        row("/var/cache/yum", PackageCache, Fedora),
        row("/var/cache/dnf", PackageCache, Fedora),
        row("/var/cache/libdnf5", PackageCache, Fedora),
        row("/var/cache/microdnf", PackageCache, Fedora),
        row("/var/cache/tdnf", PackageCache, Fedora),
        row("/var/log/yum.log", Log, Fedora),
        row("/var/log/dnf.log", Log, Fedora),
        row("/var/log/dnf.rpm.log", Log, Fedora),
        row("/var/log/dnf.librepo.log", Log, Fedora),
        row("/var/log/hawkey.log", Log, Fedora),
        row("/var/lib/rpm", Database, Fedora),
        row("/var/lib/yum", Database, Fedora),
        row("/var/lib/dnf", Database, Fedora),
        row("/etc/yum.repos.d", Sources, Fedora),
        row("/etc/pki/rpm-gpg", Keys, Fedora),
        row("/etc/yum.conf", Configuration, Fedora),
        row("/etc/yum", Configuration, Fedora),
        row("/etc/dnf", Configuration, Fedora),
        row("/etc/rpm", Configuration, Fedora),
        row("/var/cache/apk", PackageCache, Alpine),
        row("/etc/apk/cache", PackageCache, Alpine),
        row("/etc/apk/repositories", Sources, Alpine),
        row("/etc/apk/keys", Keys, Alpine),
        row("/lib/apk", Database, Alpine),
        row("/etc/apk", Configuration, Alpine),
    ]
};

/// The row of the path that a word names: itself, something in it, or a pattern over what is in it.
///
/// Only what stands before the first variable decides. A pattern that reaches beyond the directory (`/var/lib/a*`),
/// `..`, and a prefix that is not static (`$ROOT/etc/apt`) name no managed path.
#[must_use]
pub fn managed_path(text: &Text) -> Option<ManagedPath> {
    let pattern = text.pattern();
    let prefix = text.prefix();
    if !prefix.starts_with('/') || pattern.split('/').any(|part| part == "..") {
        return None;
    }
    let path = normalised(prefix);
    let dynamic = pattern.contains(HOLE);
    let row = ROWS.iter().find(|row| is_within(&path, row.path, dynamic))?;
    Some(ManagedPath { role: row.role, distro: row.distro, shared_with_wolfi: row.distro == Distro::Alpine })
}

/// Whether `path` is `directory`, below it, or `directory*`. With a hole behind `path` the slash must be there.
fn is_within(path: &str, directory: &str, dynamic: bool) -> bool {
    match path.strip_prefix(directory) {
        Some("") => !dynamic,
        Some(rest) => rest.starts_with('/') || rest == "*",
        None => false,
    }
}

/// Without doubled slashes and `/./`; a slash at the end stays, it may stand before a hole.
fn normalised(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        out.push('/');
        out.push_str(part);
    }
    if path.ends_with('/') {
        out.push('/');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::managers::tests::words::words;

    fn role(word: &str) -> Option<PathRole> {
        managed_path(&Text::of(&words(&format!("rm {word}"))[1])).map(|path| path.role)
    }

    #[test]
    fn spellings_of_the_lists_directory() {
        for word in [
            "/var/lib/apt/lists/*",
            "/var/lib/apt/lists",
            "/var/lib/apt/lists/",
            "//var/lib//apt/lists/*",
            "/var/lib/apt/lists/partial/*",
            "/var/lib/apt/lists*",
            "'/var/lib/apt/lists/'*",
            "/var/lib/apt/lists/${X}",
            "/var/lib/apt/lists/{apt,dpkg}",
            "/var/lib/apt/./lists/*",
        ] {
            assert_eq!(role(word), Some(PathRole::IndexCache), "{word}");
        }
    }

    #[test]
    fn other_paths_are_not_taken_for_managed_ones() {
        for word in [
            "/var/lib/apt-cacher",
            "/var/lib/apt/lists/../../x",
            "/var/lib/*",
            "/var/lib/a*",
            "$R/var/lib/apt/lists",
            "/etc/aptitude",
            "var/lib/apt/lists",
            "/staging/var/lib/rpm",
            "/etc/apt${X}",
            "/tmp/*",
            "/var/cache/*",
        ] {
            assert_eq!(role(word), None, "{word}");
        }
    }

    #[test]
    fn longer_rows_win() {
        assert_eq!(role("/etc/apt/sources.list.d/x.list"), Some(PathRole::Sources));
        assert_eq!(role("/etc/apt/sources.list"), Some(PathRole::Sources));
        assert_eq!(role("/etc/apt/trusted.gpg.d/x.gpg"), Some(PathRole::Keys));
        assert_eq!(role("/etc/apt/apt.conf.d/99x"), Some(PathRole::Configuration));
        assert_eq!(role("/etc/apk/cache/x"), Some(PathRole::PackageCache));
        assert_eq!(role("/usr/sbin/policy-rc.d"), Some(PathRole::ServicePolicy));
        for (at, row) in ROWS.iter().enumerate() {
            let hidden = ROWS[..at].iter().any(|before| is_within(row.path, before.path, false));
            assert!(!hidden, "{} stands behind a shorter path", row.path);
        }
    }
}
