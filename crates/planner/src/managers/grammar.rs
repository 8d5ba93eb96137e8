//! A front end's command line: its options, its verbs, and how the two name an action.

use super::action::Action;
use super::manager::Manager;
use super::option::{Flavour, OptionRole, OptionSpec, OptionUse, Section};
use super::tables;

/// A verb of one or more words, and what it does.
pub(crate) type Verb = (&'static str, Action);

/// What has to be known to read a front end's command line.
#[derive(Debug)]
pub(crate) struct Grammar {
    pub(crate) flavour: Flavour,
    pub(crate) sections: &'static [Section],
    pub(crate) verbs: &'static [Verb],
    /// For front ends without verbs: the action that the options make.
    pub(crate) by_options: Option<fn(&[OptionUse]) -> Action>,
}

impl Grammar {
    /// The grammar of a front end.
    pub(crate) fn of(manager: Manager) -> &'static Self {
        use Manager as M;
        match manager {
            M::AptGet | M::Apt => &tables::apt::APT,
            M::Aptitude => &tables::apt::APTITUDE,
            M::InstallPackages => &tables::apt::INSTALL_PACKAGES,
            M::AptCache => &tables::apt_tools::APT_CACHE,
            M::AptMark => &tables::apt_tools::APT_MARK,
            M::AptKey => &tables::apt_tools::APT_KEY,
            M::AptConfig | M::AptFile | M::DpkgArchitecture => &tables::apt_tools::LOOK,
            M::AddAptRepository => &tables::apt_tools::ADD_APT_REPOSITORY,
            M::DebconfSetSelections => &tables::apt_tools::DEBCONF,
            M::MkBuildDeps => &tables::apt_tools::MK_BUILD_DEPS,
            M::Tasksel => &tables::apt_tools::TASKSEL,
            M::Dpkg => &tables::dpkg::DPKG,
            M::DpkgQuery => &tables::dpkg::DPKG_QUERY,
            M::DpkgReconfigure => &tables::dpkg::DPKG_RECONFIGURE,
            M::DpkgDeb => &tables::dpkg::DPKG_DEB,
            M::DpkgDivert => &tables::dpkg::DPKG_DIVERT,
            M::DpkgScan => &tables::dpkg::DPKG_SCAN,
            M::Gdebi => &tables::dpkg::GDEBI,
            M::Yum | M::Dnf | M::Microdnf | M::Tdnf => &tables::yum::YUM,
            M::YumConfigManager => &tables::yum_tools::YUM_CONFIG_MANAGER,
            M::YumBuildDep => &tables::yum_tools::YUM_BUILDDEP,
            M::YumDownloader => &tables::yum_tools::YUM_DOWNLOADER,
            M::YumUtils => &tables::yum_tools::YUM_UTILS,
            M::DebuginfoInstall => &tables::yum_tools::DEBUGINFO_INSTALL,
            M::CreateRepo => &tables::yum_tools::CREATEREPO,
            M::SubscriptionManager => &tables::yum_tools::SUBSCRIPTION_MANAGER,
            M::AmazonLinuxExtras => &tables::yum_tools::AMAZON_LINUX_EXTRAS,
            M::RpmOstree => &tables::yum_tools::RPM_OSTREE,
            M::Rpm => &tables::rpm::RPM,
            M::RpmKeys => &tables::rpm::RPMKEYS,
            M::RpmDb => &tables::rpm::RPMDB,
            M::Apk => &tables::apk::APK,
            M::Zypper => &tables::reported::ZYPPER,
            M::Pacman => &tables::reported::PACMAN,
            M::PacmanKey => &tables::reported::PACMAN_KEY,
            M::Emerge => &tables::reported::EMERGE,
            M::Xbps => &tables::reported::XBPS,
            M::Nix => &tables::reported::NIX,
            M::Urpmi | M::Brew | M::Snap | M::Flatpak | M::Opkg | M::Swupd | M::Guix | M::Slackpkg | M::Xx => {
                &tables::reported::GENERIC
            }
        }
    }

    /// The tables that hold for `verb`, special ones first; for no verb, those that hold for all.
    pub(crate) fn tables(&self, verb: Option<&str>) -> Vec<&'static [OptionSpec]> {
        let special = self.sections.iter().filter(|s| verb.is_some_and(|verb| s.verbs.contains(&verb)));
        let general = self.sections.iter().filter(|s| s.verbs.is_empty());
        special.chain(general).map(|s| s.options).collect()
    }

    /// The longest verb that `words` begin with, and how many of them it takes.
    pub(crate) fn verb(&self, words: &[&str]) -> Option<(&'static Verb, usize)> {
        let first = words.first()?;
        let length = |verb: &str| verb.split(' ').count();
        let begins = |verb: &str| verb.strip_prefix(first).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        let fits = |(verb, _): &&Verb| begins(verb) && verb.split(' ').eq(words.iter().copied().take(length(verb)));
        let best = self.verbs.iter().filter(fits).max_by_key(|(verb, _)| length(verb))?;
        Some((best, length(best.0)))
    }
}

/// The first action that an option names; looking only when one asks for help; unknown otherwise.
pub(crate) fn first_action(options: &[OptionUse]) -> Action {
    let named = options.iter().find_map(|option| match &option.role {
        OptionRole::Action(action) => Some(action.clone()),
        _ => None,
    });
    named.unwrap_or_else(|| if only_looks(options) { Action::Query } else { Action::Unknown(String::new()) })
}

/// Whether an option makes the command print something and stop.
pub(crate) fn only_looks(options: &[OptionUse]) -> bool {
    options.iter().any(|option| matches!(option.role, OptionRole::Help | OptionRole::PrintArch))
}
