//! The front ends: names, families, and what is done with them.

use std::collections::HashMap;
use std::sync::LazyLock;

use wolfify_mappings::Distro;

/// A program that manages packages, or serves one that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Manager {
    /// `apt-get`, and `apt-fast`, which takes the same command line.
    AptGet,
    /// `apt`
    Apt,
    /// `aptitude`
    Aptitude,
    /// `install_packages` (Bitnami minideb) and `clean-install` (Kubernetes debian-base): operands are packages.
    InstallPackages,
    /// `apt-cache`
    AptCache,
    /// `apt-mark`
    AptMark,
    /// `apt-key`
    AptKey,
    /// `apt-config`
    AptConfig,
    /// `apt-file`
    AptFile,
    /// `add-apt-repository`, `apt-add-repository`
    AddAptRepository,
    /// `debconf-set-selections`
    DebconfSetSelections,
    /// `dpkg`
    Dpkg,
    /// `dpkg-query`
    DpkgQuery,
    /// `dpkg-reconfigure`
    DpkgReconfigure,
    /// `dpkg-deb`
    DpkgDeb,
    /// `dpkg-divert`, `dpkg-statoverride`: change what dpkg installs where.
    DpkgDivert,
    /// `dpkg-architecture`, `dpkg-parsechangelog`
    DpkgArchitecture,
    /// `dpkg-scanpackages`, `dpkg-scansources`, `apt-ftparchive`
    DpkgScan,
    /// `gdebi`
    Gdebi,
    /// `mk-build-deps`
    MkBuildDeps,
    /// `tasksel`
    Tasksel,
    /// `yum`
    Yum,
    /// `dnf`, `dnf-3`, `dnf4`, `dnf5`
    Dnf,
    /// `microdnf`
    Microdnf,
    /// `tdnf` (Photon, Azure Linux)
    Tdnf,
    /// `rpm`
    Rpm,
    /// `rpmkeys`
    RpmKeys,
    /// `rpmdb`
    RpmDb,
    /// `yum-config-manager`
    YumConfigManager,
    /// `yum-builddep`, `dnf-builddep`
    YumBuildDep,
    /// `yumdownloader`, `reposync`, `repotrack`
    YumDownloader,
    /// `repoquery`, `needs-restarting`, `repoclosure`, `package-cleanup` and other yum-utils that only look
    YumUtils,
    /// `debuginfo-install`
    DebuginfoInstall,
    /// `createrepo`, `createrepo_c`
    CreateRepo,
    /// `subscription-manager`
    SubscriptionManager,
    /// `amazon-linux-extras`
    AmazonLinuxExtras,
    /// `rpm-ostree`
    RpmOstree,
    /// `apk`
    Apk,
    /// `zypper`
    Zypper,
    /// `pacman`, and `yay`, `paru`, `pikaur`, which take its command line
    Pacman,
    /// `pacman-key`
    PacmanKey,
    /// `emerge`
    Emerge,
    /// `nix`, `nix-env`, `nix-channel`
    Nix,
    /// `brew`
    Brew,
    /// `snap`
    Snap,
    /// `flatpak`
    Flatpak,
    /// `xbps-install`, `xbps-remove`
    Xbps,
    /// `opkg`
    Opkg,
    /// `swupd`
    Swupd,
    /// `guix`
    Guix,
    /// `slackpkg`
    Slackpkg,
    /// `xx-apt-get`, `xx-apk`: the distribution's own for another platform, from tonistiigi/xx
    Xx,
    /// `urpmi`
    Urpmi,
}

/// What is done with a front end's commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// Its installs have a meaning in apk and are rewritten.
    Translated,
    /// A helper of a translated one: goes or stays with the installs around it, or is reported.
    Companion,
    /// Recognised and reported; never rewritten.
    Reported,
}

/// What the words of a front end's command line mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Debian names: `name=version`, `name/release`, `name:arch`.
    Debian,
    /// RPM names: `name-version-release.arch`, `@group`.
    Rpm,
    /// Alpine names: `name=version`, `name@tag`, `!name`.
    Apk,
    /// Words without a package meaning that we know.
    Other,
}

struct Row {
    names: &'static [&'static str],
    manager: Manager,
    family: Family,
    support: Support,
}

const fn row(names: &'static [&'static str], manager: Manager, family: Family, support: Support) -> Row {
    Row { names, manager, family, support }
}

/// Every name of every front end.
static ROWS: &[Row] = {
    use Family::{Apk, Debian, Other, Rpm};
    use Support::{Companion, Reported, Translated};
    &[
        row(&["apt-get", "apt-fast"], Manager::AptGet, Debian, Translated),
        row(&["apt"], Manager::Apt, Debian, Translated),
        row(&["aptitude"], Manager::Aptitude, Debian, Translated),
        row(&["install_packages", "clean-install"], Manager::InstallPackages, Debian, Translated),
        row(&["apt-cache"], Manager::AptCache, Debian, Companion),
        row(&["apt-mark"], Manager::AptMark, Debian, Companion),
        row(&["apt-key"], Manager::AptKey, Debian, Companion),
        row(&["apt-config"], Manager::AptConfig, Debian, Companion),
        row(&["apt-file"], Manager::AptFile, Debian, Companion),
        row(&["add-apt-repository", "apt-add-repository"], Manager::AddAptRepository, Debian, Companion),
        row(&["debconf-set-selections"], Manager::DebconfSetSelections, Debian, Companion),
        row(&["dpkg"], Manager::Dpkg, Debian, Companion),
        row(&["dpkg-query"], Manager::DpkgQuery, Debian, Companion),
        row(&["dpkg-reconfigure"], Manager::DpkgReconfigure, Debian, Companion),
        row(&["dpkg-deb"], Manager::DpkgDeb, Debian, Companion),
        row(&["dpkg-divert", "dpkg-statoverride"], Manager::DpkgDivert, Debian, Companion),
        row(&["dpkg-architecture", "dpkg-parsechangelog"], Manager::DpkgArchitecture, Debian, Companion),
        row(&["dpkg-scanpackages", "dpkg-scansources", "apt-ftparchive"], Manager::DpkgScan, Debian, Companion),
        row(&["gdebi"], Manager::Gdebi, Debian, Companion),
        row(&["mk-build-deps"], Manager::MkBuildDeps, Debian, Companion),
        row(&["tasksel"], Manager::Tasksel, Debian, Companion),
        row(&["yum"], Manager::Yum, Rpm, Translated),
        row(&["dnf", "dnf-3", "dnf4", "dnf5"], Manager::Dnf, Rpm, Translated),
        row(&["microdnf"], Manager::Microdnf, Rpm, Translated),
        row(&["tdnf"], Manager::Tdnf, Rpm, Translated),
        row(&["rpm"], Manager::Rpm, Rpm, Companion),
        row(&["rpmkeys"], Manager::RpmKeys, Rpm, Companion),
        row(&["rpmdb"], Manager::RpmDb, Rpm, Companion),
        row(&["yum-config-manager"], Manager::YumConfigManager, Rpm, Companion),
        row(&["yum-builddep", "dnf-builddep"], Manager::YumBuildDep, Rpm, Companion),
        row(&["yumdownloader", "reposync", "repotrack"], Manager::YumDownloader, Rpm, Companion),
        row(&["repoquery", "needs-restarting", "repoclosure", "package-cleanup"], Manager::YumUtils, Rpm, Companion),
        row(&["debuginfo-install"], Manager::DebuginfoInstall, Rpm, Companion),
        row(&["createrepo", "createrepo_c"], Manager::CreateRepo, Rpm, Companion),
        row(&["subscription-manager"], Manager::SubscriptionManager, Rpm, Companion),
        row(&["amazon-linux-extras"], Manager::AmazonLinuxExtras, Rpm, Companion),
        row(&["rpm-ostree"], Manager::RpmOstree, Rpm, Companion),
        row(&["apk"], Manager::Apk, Apk, Translated),
        row(&["zypper"], Manager::Zypper, Rpm, Reported),
        row(&["pacman", "yay", "paru", "pikaur"], Manager::Pacman, Other, Reported),
        row(&["pacman-key"], Manager::PacmanKey, Other, Reported),
        row(&["emerge"], Manager::Emerge, Other, Reported),
        row(&["nix", "nix-env", "nix-channel"], Manager::Nix, Other, Reported),
        row(&["brew"], Manager::Brew, Other, Reported),
        row(&["snap"], Manager::Snap, Other, Reported),
        row(&["flatpak"], Manager::Flatpak, Other, Reported),
        row(&["xbps-install", "xbps-remove"], Manager::Xbps, Other, Reported),
        row(&["opkg"], Manager::Opkg, Other, Reported),
        row(&["swupd"], Manager::Swupd, Other, Reported),
        row(&["guix"], Manager::Guix, Other, Reported),
        row(&["slackpkg"], Manager::Slackpkg, Other, Reported),
        row(&["xx-apt-get", "xx-apt", "xx-apk"], Manager::Xx, Other, Reported),
        row(&["urpmi"], Manager::Urpmi, Rpm, Reported),
    ]
};

/// The rows by name: every command of every script is looked up.
static BY_NAME: LazyLock<HashMap<&'static str, Manager>> =
    LazyLock::new(|| ROWS.iter().flat_map(|row| row.names.iter().map(|name| (*name, row.manager))).collect());

impl Manager {
    /// The front end called `name`, which may carry a directory of the system's (`/usr/bin/apt-get`). A program of the
    /// same name elsewhere (`./yum`) is somebody's own.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let base = match name.rsplit_once('/') {
            Some(("/bin" | "/sbin" | "/usr/bin" | "/usr/sbin" | "/usr/local/bin", base)) => base,
            Some(_) => return None,
            None => name,
        };
        BY_NAME.get(base).copied()
    }

    /// Every name a front end goes by; what a search for leftovers looks for.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ROWS.iter().flat_map(|row| row.names.iter().copied())
    }

    /// The name it is best known by.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().names[0]
    }

    /// Whose package names it takes; `None` when we have no table for them.
    #[must_use]
    pub fn distro(self) -> Option<Distro> {
        match (self.row().support, self.row().family) {
            (Support::Reported, _) | (_, Family::Other) => None,
            (_, Family::Debian) => Some(Distro::Debian),
            (_, Family::Rpm) => Some(Distro::Fedora),
            (_, Family::Apk) => Some(Distro::Alpine),
        }
    }

    /// What is done with its commands.
    #[must_use]
    pub fn support(self) -> Support {
        self.row().support
    }

    pub(crate) fn family(self) -> Family {
        self.row().family
    }

    fn row(self) -> &'static Row {
        ROWS.iter().find(|row| row.manager == self).expect("impossible: a front end without a row")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        let names: Vec<_> = Manager::names().collect();
        for (i, name) in names.iter().enumerate() {
            assert!(!names[i + 1..].contains(name), "{name} stands twice");
            assert!(Manager::from_name(name).is_some());
        }
        for row in ROWS {
            assert_eq!(Manager::from_name(row.names[0]), Some(row.manager));
            assert_eq!(row.manager.name(), row.names[0]);
        }
    }

    #[test]
    fn a_directory_does_not_hide_the_name() {
        assert_eq!(Manager::from_name("/usr/bin/apt-get"), Some(Manager::AptGet));
        assert_eq!(Manager::from_name("/sbin/apk"), Some(Manager::Apk));
        assert_eq!(Manager::from_name("./yum"), None);
        assert_eq!(Manager::from_name("apt-getx"), None);
    }

    #[test]
    fn only_known_families_have_a_distro() {
        assert_eq!(Manager::Aptitude.distro(), Some(Distro::Debian));
        assert_eq!(Manager::Microdnf.distro(), Some(Distro::Fedora));
        assert_eq!(Manager::Apk.distro(), Some(Distro::Alpine));
        assert_eq!(Manager::Zypper.distro(), None);
        assert_eq!(Manager::Brew.distro(), None);
    }
}
