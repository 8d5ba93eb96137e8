//! apt-get, apt, aptitude. Source: apt-get(8), apt(8), aptitude(8), and the option table of apt 3.1
//! (`apt-private/private-cmndline.cc`). apt reads switches in any case and with any of `no-`, `without-`, … before them.

use crate::managers::action::Action;
use crate::managers::grammar::{Grammar, Verb};
use crate::managers::option::{Arity, Flavour, OptionRole as Role, OptionSpec, Section, flag, optional, value};

/// What apt-get and apt know. apt ties some options to single verbs; none changes its arity by that but those in
/// [`LOOKING`].
static GENERAL: &[OptionSpec] = &[
    flag("-y --yes --assume-yes --force-yes", Role::AssumeYes),
    OptionSpec { names: "-q --quiet --silent", arity: Arity::Level, role: Role::Quiet },
    flag("-h --help -v --version", Role::Help),
    flag("-s --simulate --just-print --recon --dry-run --no-act", Role::Simulate),
    flag("-d --download-only", Role::DownloadOnly),
    value("-t --target-release --default-release -S --snapshot", Role::Release),
    flag("--install-recommends", Role::Recommends),
    flag("--install-suggests", Role::Suggests),
    value("-o --option", Role::Config),
    value("-c --config-file", Role::ConfigFile),
    value("--with-source", Role::Repository),
    value("-a --host-architecture", Role::Arch),
    flag("--purge", Role::Purge),
    flag("--autoremove --auto-remove", Role::Autoremove),
    flag("--allow-unauthenticated --allow-insecure-repositories --allow-weak-repositories", Role::AllowUntrusted),
    flag("--reinstall", Role::Reinstall),
    flag("--only-upgrade", Role::OnlyUpgrade),
    flag("-f --fix-broken --fix-policy", Role::FixBroken),
    flag("-m --ignore-missing --fix-missing", Role::SkipMissing),
    flag("-U --update", Role::Refresh),
    flag("--allow-downgrades --allow-remove-essential --allow-change-held-packages --ignore-hold", Role::Force),
    flag("-u --show-upgraded -V --verbose-versions --show-progress --list-columns --color --audit", Role::None),
    flag("--assume-no --print-uris --trivial-only --mark-auto --remove --upgrade --download --only-source", Role::None),
    flag("--allow-releaseinfo-change --allow-releaseinfo-change-origin --allow-releaseinfo-change-label", Role::None),
    flag("--allow-releaseinfo-change-version --allow-releaseinfo-change-codename", Role::None),
    flag("--allow-releaseinfo-change-suite --allow-releaseinfo-change-defaultpin", Role::None),
    flag("--list-cleanup --strict-pinning --arch-only --indep-only --new-pkgs --release-info", Role::None),
    flag("-b --compile --build --diff-only --debian-only --tar-only --dsc-only", Role::None),
    value("-e --error-on --solver --planner --comment --format -P --build-profiles --cli-version", Role::None),
];

/// `apt list`, `apt show`, `apt search`, `apt policy`, …: letters mean other things there.
static LOOKING: &[OptionSpec] = &[
    flag("-a --all-versions -i --installed -u --upgradable --upgradeable --manual-installed", Role::None),
    flag("-v --verbose -n --names-only -f --full --important --recurse --implicit", Role::None),
    flag("--pre-depends --depends --recommends --suggests --replaces --breaks --conflicts --enhances", Role::None),
    flag("-g --generate --all-names --only-source", Role::None),
    value("-p --pkg-cache -s --src-cache", Role::None),
];

static VERBS: &[Verb] = &[
    ("install", Action::Install),
    ("reinstall", Action::Reinstall),
    ("remove", Action::Remove),
    ("purge", Action::Purge),
    ("autoremove", Action::Autoremove),
    ("auto-remove", Action::Autoremove),
    ("autopurge", Action::Autoremove),
    ("update", Action::Update),
    ("upgrade", Action::Upgrade),
    ("safe-upgrade", Action::Upgrade),
    ("dist-upgrade", Action::Upgrade),
    ("full-upgrade", Action::Upgrade),
    ("dselect-upgrade", Action::Upgrade),
    ("clean", Action::Clean),
    ("autoclean", Action::Clean),
    ("auto-clean", Action::Clean),
    ("distclean", Action::Clean),
    ("dist-clean", Action::Clean),
    ("build-dep", Action::BuildDep),
    ("satisfy", Action::Satisfy),
    ("download", Action::Download),
    ("source", Action::Source),
    ("changelog", Action::Query),
    ("check", Action::Query),
    ("indextargets", Action::Query),
    ("markauto", Action::Mark),
    ("unmarkauto", Action::Mark),
    ("moo", Action::Query),
    ("help", Action::Query),
    // apt only, some through other programs.
    ("list", Action::Query),
    ("search", Action::Query),
    ("show", Action::Query),
    ("info", Action::Query),
    ("policy", Action::Query),
    ("showsrc", Action::Query),
    ("depends", Action::Query),
    ("rdepends", Action::Query),
    ("why", Action::Query),
    ("why-not", Action::Query),
    ("history-list", Action::Query),
    ("history-info", Action::Query),
    ("history-redo", Action::History),
    ("history-undo", Action::History),
    ("history-rollback", Action::History),
    ("edit-sources", Action::RepoSetup),
    ("modernize-sources", Action::RepoSetup),
    // Linux Mint's apt, and what `apt-get` is mistaken for.
    ("add-repository", Action::RepoSetup),
    ("hold", Action::Mark),
    ("unhold", Action::Mark),
];

const LOOKING_VERBS: &[&str] = &["list", "show", "info", "search", "policy", "showsrc", "depends", "rdepends"];

/// apt-get and apt.
pub(crate) static APT: Grammar = Grammar {
    flavour: Flavour::Apt,
    sections: &[Section { verbs: LOOKING_VERBS, options: LOOKING }, Section { verbs: &[], options: GENERAL }],
    verbs: VERBS,
    by_options: None,
};

/// aptitude(8), "Command-line options".
static APTITUDE_OPTIONS: &[OptionSpec] = &[
    flag("-y --assume-yes", Role::AssumeYes),
    optional("-q --quiet", Role::Quiet),
    flag("-h --help --version", Role::Help),
    flag("-s --simulate", Role::Simulate),
    flag("-d --download-only", Role::DownloadOnly),
    value("-t --target-release --default-release", Role::Release),
    flag("-r --with-recommends", Role::Recommends),
    flag("-R --without-recommends --no-install-recommends", Role::NoRecommends),
    value("-o", Role::Config),
    flag("--purge-unused --purge", Role::Purge),
    flag("--allow-untrusted", Role::AllowUntrusted),
    flag("-f --fix-broken", Role::FixBroken),
    flag("-P --prompt -Z -D --show-deps -V --show-versions -v --verbose --no-gui --gui --visual-preview", Role::None),
    flag("--allow-new-upgrades --allow-new-installs --full-resolver --safe-resolver --arch-only", Role::None),
    flag("--disable-columns --show-why --show-summary* --no-new-installs --no-new-upgrades", Role::None),
    flag("--show-resolver-actions --no-show-resolver-actions --with-suggests --without-suggests", Role::None),
    flag("--schedule-only --not-arch-only --autoclean-on-startup --clean-on-startup -i -u -a --all", Role::None),
    value("-F --display-format -w --width -O --sort -S --group-by --log-file --log-level", Role::None),
    value("--add-user-tag --add-user-tag-to --remove-user-tag --target-dir", Role::None),
];

static APTITUDE_VERBS: &[Verb] = &[
    ("install", Action::Install),
    ("reinstall", Action::Reinstall),
    ("remove", Action::Remove),
    ("purge", Action::Purge),
    ("update", Action::Update),
    ("upgrade", Action::Upgrade),
    ("safe-upgrade", Action::Upgrade),
    ("full-upgrade", Action::Upgrade),
    ("dist-upgrade", Action::Upgrade),
    ("clean", Action::Clean),
    ("autoclean", Action::Clean),
    ("build-dep", Action::BuildDep),
    ("build-depends", Action::BuildDep),
    ("download", Action::Download),
    ("source", Action::Source),
    ("hold", Action::Mark),
    ("unhold", Action::Mark),
    ("keep", Action::Mark),
    ("keep-all", Action::Mark),
    ("markauto", Action::Mark),
    ("unmarkauto", Action::Mark),
    ("forbid-version", Action::Mark),
    ("forget-new", Action::Mark),
    ("add-user-tag", Action::Mark),
    ("remove-user-tag", Action::Mark),
    ("search", Action::Query),
    ("show", Action::Query),
    ("showsrc", Action::Query),
    ("versions", Action::Query),
    ("why", Action::Query),
    ("why-not", Action::Query),
    ("changelog", Action::Query),
    ("help", Action::Query),
];

/// aptitude.
pub(crate) static APTITUDE: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[Section { verbs: &[], options: APTITUDE_OPTIONS }],
    verbs: APTITUDE_VERBS,
    by_options: None,
};

/// `install_packages` and `clean-install`: shell scripts that hand every word to `apt-get install`.
pub(crate) static INSTALL_PACKAGES: Grammar = Grammar {
    flavour: Flavour::Apt,
    sections: &[Section { verbs: &[], options: GENERAL }],
    verbs: &[],
    by_options: Some(|_| Action::Install),
};
