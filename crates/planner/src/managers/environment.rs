//! Environment variables that serve a package manager only.

use wolfify_mappings::Distro;

/// A variable, and whose tools read it.
struct Row {
    /// The name; a trailing `*` stands for any rest.
    name: &'static str,
    /// `None` when tools of several distributions read it.
    distro: Option<Distro>,
    /// Whether the program in the image may read it too, so that only its use before a command can go.
    also_at_run_time: bool,
}

const fn row(name: &'static str, distro: Option<Distro>, also_at_run_time: bool) -> Row {
    Row { name, distro, also_at_run_time }
}

/// Sources: debconf(7), apt.conf(5), apt-key(8), ucf(1), dpkg(1), needrestart(1), apt-listchanges(1), policy-rc.d of
/// invoke-rc.d(8), yum.conf(5) ("Variables"), apk(8), zypper(8), and the install pages of mssql-tools for ACCEPT_EULA.
static ROWS: &[Row] = {
    const DEBIAN: Option<Distro> = Some(Distro::Debian);
    const FEDORA: Option<Distro> = Some(Distro::Fedora);
    const ALPINE: Option<Distro> = Some(Distro::Alpine);
    &[
        row("DEBIAN_FRONTEND", DEBIAN, false),
        row("DEBIAN_PRIORITY", DEBIAN, false),
        row("DEBCONF_*", DEBIAN, false),
        row("APT_CONFIG", DEBIAN, false),
        row("APT_KEY_DONT_WARN_ON_DANGEROUS_USAGE", DEBIAN, false),
        row("APT_LISTCHANGES_FRONTEND", DEBIAN, false),
        row("APT_LISTBUGS_FRONTEND", DEBIAN, false),
        row("UCF_FORCE_*", DEBIAN, false),
        row("NEEDRESTART_*", DEBIAN, false),
        row("DPKG_*", DEBIAN, false),
        row("POLICYRCD", DEBIAN, false),
        row("SUDO_FORCE_REMOVE", DEBIAN, false),
        // Package scripts start no service below run level 2.
        row("RUNLEVEL", DEBIAN, true),
        // A licence question of a package; SQL Server asks again when it starts.
        row("ACCEPT_EULA", None, true),
        row("DNF_VAR_*", FEDORA, false),
        row("DNF0", FEDORA, false),
        row("YUM0", FEDORA, false),
        row("LIBDNF_PLUGINS_CONFIG_DIR", FEDORA, false),
        row("APK_CONFIG", ALPINE, false),
        row("APK_PROGRESS_CHAR", ALPINE, false),
        row("ZYPP_*", None, false),
        row("ZYPPER_*", None, false),
        row("HOMEBREW_*", None, false),
    ]
};

/// What a variable of a package manager is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagerVariable {
    /// Whose tools read it; `None` for several.
    pub distro: Option<Distro>,
    /// Whether a program in the image may read it too: an `ENV` stays, only a prefix of a command may go.
    pub also_at_run_time: bool,
}

/// Whether the variable `name` serves a package manager.
#[must_use]
pub fn manager_variable(name: &str) -> Option<ManagerVariable> {
    let fits = |row: &&Row| match row.name.strip_suffix('*') {
        Some(stem) => name.starts_with(stem),
        None => name == row.name,
    };
    let row = ROWS.iter().find(fits)?;
    Some(ManagerVariable { distro: row.distro, also_at_run_time: row.also_at_run_time })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_and_stems_fit() {
        assert_eq!(manager_variable("DEBIAN_FRONTEND").and_then(|v| v.distro), Some(Distro::Debian));
        assert!(manager_variable("DEBCONF_NONINTERACTIVE_SEEN").is_some());
        assert!(manager_variable("UCF_FORCE_CONFFNEW").is_some());
        assert!(manager_variable("ACCEPT_EULA").is_some_and(|v| v.also_at_run_time));
        for name in ["DEBIAN_FRONTENDS", "LC_ALL", "PATH", "APT", "DEBCONF", "debian_frontend"] {
            assert_eq!(manager_variable(name), None, "{name}");
        }
    }
}
