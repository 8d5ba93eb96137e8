//! The options of an install that decide what it means.

use super::command::PackageCommand;
use super::option::{OptionRole, boolean};
use super::text::Text;

/// What the options of an install ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InstallSettings<'a> {
    /// Another root directory: the packages do not go into this image's own file system tree.
    pub root: Option<&'a Text>,
    /// `apk add --virtual NAME`.
    pub virtual_name: Option<&'a Text>,
    /// Nothing is installed, only fetched.
    pub download_only: bool,
    /// Where fetched packages go.
    pub download_dir: Option<&'a Text>,
    /// Nothing is done at all.
    pub simulate: bool,
    /// `apt-get -t RELEASE`.
    pub target_release: Option<&'a Text>,
    /// `dnf --releasever VERSION`.
    pub release_version: Option<&'a Text>,
    /// No recommended (weak) dependencies.
    pub no_recommends: bool,
    /// No documentation.
    pub no_docs: bool,
    /// Package signatures are not checked.
    pub allow_untrusted: bool,
    /// Sources added for this command, by URL or `name,URL`.
    pub repositories: Vec<&'a Text>,
    /// Sources switched on, by id.
    pub enabled_repositories: Vec<&'a Text>,
    /// Packages left out.
    pub excluded: Vec<&'a Text>,
    /// Another architecture.
    pub arch: Option<&'a Text>,
    /// `apk --initdb`: makes a new root.
    pub init_db: bool,
    /// `apk --keys-dir`.
    pub keys_dir: Option<&'a Text>,
    /// `apk --repositories-file`.
    pub repositories_file: Option<&'a Text>,
    /// Keeps no index cache (`apk --no-cache`).
    pub no_cache: bool,
    /// Refreshes the indexes first.
    pub refresh: bool,
    /// Also upgrades what is named and installed (`apk add -u`).
    pub upgrade: bool,
    /// No package scripts.
    pub no_scripts: bool,
    /// Configuration items as written, `KEY=VALUE`.
    pub configuration: Vec<&'a Text>,
}

impl<'a> InstallSettings<'a> {
    pub(crate) fn of(command: &'a PackageCommand) -> Self {
        let last = |role: OptionRole| values(command, &role).next_back();
        let all = |role: OptionRole| values(command, &role).collect::<Vec<_>>();
        let configuration = all(OptionRole::Config);
        Self {
            root: last(OptionRole::Root),
            virtual_name: last(OptionRole::Virtual),
            download_only: command.has(&OptionRole::DownloadOnly),
            download_dir: last(OptionRole::DownloadDir),
            simulate: command.has(&OptionRole::Simulate),
            target_release: last(OptionRole::Release),
            release_version: last(OptionRole::ReleaseVersion),
            no_recommends: no_recommends(command, &configuration),
            no_docs: command.has(&OptionRole::NoDocs) || is_set(&configuration, "tsflags", "nodocs"),
            allow_untrusted: command.has(&OptionRole::AllowUntrusted),
            repositories: all(OptionRole::Repository),
            enabled_repositories: all(OptionRole::EnableRepo),
            excluded: all(OptionRole::Exclude),
            arch: last(OptionRole::Arch),
            init_db: command.has(&OptionRole::InitDb),
            keys_dir: last(OptionRole::KeysDir),
            repositories_file: last(OptionRole::RepositoriesFile),
            no_cache: command.has(&OptionRole::NoCache),
            refresh: command.has(&OptionRole::Refresh),
            upgrade: command.has(&OptionRole::Upgrade),
            no_scripts: command.has(&OptionRole::NoScripts),
            configuration,
        }
    }
}

fn values<'a>(command: &'a PackageCommand, role: &OptionRole) -> impl DoubleEndedIterator<Item = &'a Text> {
    let role = role.clone();
    command.options.iter().filter(move |o| o.role == role).filter_map(|o| o.value.as_ref().map(|v| &v.text))
}

/// By switch, by apt's `APT::Install-Recommends`, or by dnf's `install_weak_deps`. The last switch wins.
fn no_recommends(command: &PackageCommand, configuration: &[&Text]) -> bool {
    let switch = command.with_role(&OptionRole::Recommends).last();
    match switch {
        Some(option) => option.negated,
        None => {
            command.has(&OptionRole::NoRecommends)
                || is_off(configuration, "apt::install-recommends")
                || is_off(configuration, "install_weak_deps")
        }
    }
}

/// Whether the last `key=value` of that key says no. Keys have no case in apt, and none but lower case in dnf.
fn is_off(configuration: &[&Text], key: &str) -> bool {
    let value = |text: &&Text| item(text, key).map(str::to_owned);
    configuration.iter().rev().find_map(value).and_then(|value| boolean(&value)) == Some(false)
}

fn is_set(configuration: &[&Text], key: &str, wanted: &str) -> bool {
    configuration.iter().any(|text| item(text, key) == Some(wanted))
}

/// The value of `key` in a static `key=value`, quotes inside taken off.
fn item<'t>(text: &'t Text, key: &str) -> Option<&'t str> {
    let (name, value) = text.as_static()?.split_once('=')?;
    name.eq_ignore_ascii_case(key).then(|| value.trim_matches('"'))
}
