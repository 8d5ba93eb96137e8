//! The programs around apt. Source: apt-cache(8), apt-mark(8), apt-key(8), add-apt-repository(1),
//! debconf-set-selections(1), mk-build-deps(1), tasksel(8).

use crate::managers::action::Action;
use crate::managers::grammar::{Grammar, Verb, first_action, only_looks};
use crate::managers::option::{Arity, Flavour, OptionRole as Role, OptionSpec, Section, flag, optional, value, verb};

const fn all(options: &'static [OptionSpec]) -> Section {
    Section { verbs: &[], options }
}

static COMMON: &[OptionSpec] = &[
    OptionSpec { names: "-q --quiet --silent", arity: Arity::Level, role: Role::Quiet },
    flag("-h --help -v --version", Role::Help),
    value("-o --option", Role::Config),
    value("-c --config-file", Role::ConfigFile),
    value("--with-source", Role::Repository),
    flag("--color --audit", Role::None),
];

static CACHE_OPTIONS: &[OptionSpec] = &[
    flag("-i --important --installed --pre-depends --depends --recommends --suggests --replaces", Role::None),
    flag("--breaks --conflicts --enhances --recurse --implicit -n --names-only -f --full -a", Role::None),
    flag("--all-versions --all-names --only-source -g --generate", Role::None),
    value("-t --target-release --default-release -S --snapshot", Role::Release),
    value("-p --pkg-cache -s --src-cache", Role::None),
];

static CACHE_VERBS: &[Verb] = &[
    ("depends", Action::Query),
    ("rdepends", Action::Query),
    ("search", Action::Query),
    ("show", Action::Query),
    ("info", Action::Query),
    ("showpkg", Action::Query),
    ("showsrc", Action::Query),
    ("policy", Action::Query),
    ("madison", Action::Query),
    ("pkgnames", Action::Query),
    ("stats", Action::Query),
    ("dump", Action::Query),
    ("dumpavail", Action::Query),
    ("unmet", Action::Query),
    ("showauto", Action::Query),
    ("dotty", Action::Query),
    ("xvcg", Action::Query),
    ("gencaches", Action::Update),
    ("add", Action::Query),
    ("help", Action::Query),
];

/// apt-cache.
pub(crate) static APT_CACHE: Grammar = Grammar {
    flavour: Flavour::Apt,
    sections: &[all(CACHE_OPTIONS), all(COMMON)],
    verbs: CACHE_VERBS,
    by_options: None,
};

static MARK_OPTIONS: &[OptionSpec] = &[
    value("-f --file", Role::None),
    flag("-y --yes --assume-yes --assume-no", Role::AssumeYes),
    flag("-s --simulate --just-print --recon --dry-run --no-act", Role::Simulate),
    flag("--verbose", Role::None),
];

static MARK_VERBS: &[Verb] = &[
    ("auto", Action::Mark),
    ("manual", Action::Mark),
    ("hold", Action::Mark),
    ("unhold", Action::Mark),
    ("install", Action::Mark),
    ("reinstall", Action::Mark),
    ("remove", Action::Mark),
    ("deinstall", Action::Mark),
    ("purge", Action::Mark),
    ("markauto", Action::Mark),
    ("unmarkauto", Action::Mark),
    ("minimize-manual", Action::Mark),
    ("showauto", Action::Query),
    ("showmanual", Action::Query),
    ("showhold", Action::Query),
    ("showholds", Action::Query),
    ("showheld", Action::Query),
    ("showinstall", Action::Query),
    ("showinstalls", Action::Query),
    ("showremove", Action::Query),
    ("showremoves", Action::Query),
    ("showdeinstall", Action::Query),
    ("showdeinstalls", Action::Query),
    ("showpurge", Action::Query),
    ("showpurges", Action::Query),
    ("help", Action::Query),
];

/// apt-mark.
pub(crate) static APT_MARK: Grammar =
    Grammar { flavour: Flavour::Apt, sections: &[all(MARK_OPTIONS), all(COMMON)], verbs: MARK_VERBS, by_options: None };

/// What apt-key reads itself, and what `apt-key adv` hands to gpg.
static KEY_OPTIONS: &[OptionSpec] = &[
    flag("-h --help --version", Role::Help),
    flag("-q --quiet", Role::Quiet),
    value("--keyserver --keyserver-options --keyring --primary-keyring --homedir --fingerprint-format", Role::None),
    value("--recv-keys --recv-key --recv --receive-keys --fetch-keys --fetch-key -o --output", Role::None),
    flag("-y --batch --no-tty --yes --debian --fake --dearmor --armor -a --import --export --list-keys -k", Role::None),
    flag("--no-default-keyring --readonly --list-sigs --fingerprint --verbose -v --refresh-keys -q", Role::None),
    flag(
        "--no-emit-version --no-auto-check-trustdb --with-colons --delete-key --delete-keys --recv-keys-from-stdin",
        Role::None,
    ),
    value("--trust-model --options --logger-fd --status-fd", Role::None),
];

static KEY_VERBS: &[Verb] = &[
    ("add", Action::RepoSetup),
    ("adv", Action::RepoSetup),
    ("del", Action::RepoSetup),
    ("rm", Action::RepoSetup),
    ("remove", Action::RepoSetup),
    ("update", Action::RepoSetup),
    ("net-update", Action::RepoSetup),
    ("list", Action::Query),
    ("finger", Action::Query),
    ("fingerprint", Action::Query),
    ("export", Action::Query),
    ("exportall", Action::Query),
    ("verify", Action::Query),
    ("help", Action::Query),
];

/// apt-key. Without a verb it may still be a gpg call (`apt-key --keyring x add y` has one).
pub(crate) static APT_KEY: Grammar =
    Grammar { flavour: Flavour::Getopt, sections: &[all(KEY_OPTIONS)], verbs: KEY_VERBS, by_options: None };

/// Programs that only look: apt-config, apt-file, dpkg-architecture. Their switches do not matter here.
static LOOK_OPTIONS: &[OptionSpec] = &[
    flag("-h --help -v --version", Role::Help),
    flag("-l --list -s -u --unset -e --equal -i --is -x --regexp --regex -F --fixed-string -I", Role::None),
    flag("-N --non-interactive -y --dummy -f --force -L --list-known --print-set --print-unset", Role::None),
    value("-q --query --format -t --host-type --target-type -A --target-arch --search-options", Role::None),
    value("-a --host-arch --architecture -W --match-wildcard -B --match-bits -E --match-endian", Role::None),
    value("-o --option -c --config-file --file --field -S --show-field -D --from-file", Role::None),
    optional("--empty --command", Role::None),
    optional("-q*", Role::None),
];

/// apt-config, apt-file, dpkg-architecture.
pub(crate) static LOOK: Grammar = Grammar {
    flavour: Flavour::Exact,
    sections: &[all(LOOK_OPTIONS)],
    verbs: &[],
    by_options: Some(|_| Action::Query),
};

static ADD_REPOSITORY_OPTIONS: &[OptionSpec] = &[
    flag("-y --yes --assume-yes", Role::AssumeYes),
    flag("-u --update", Role::Refresh),
    flag("-h --help", Role::Help),
    flag("--dry-run", Role::Simulate),
    flag(
        "-n --no-update -r --remove -s --enable-source -m --massive-debug -l --login -L --list -d --debug",
        Role::None,
    ),
    value("-k --keyserver -c --component -p --pocket", Role::None),
    value("-P --ppa -C --cloud -U --uri -S --sourceslist", Role::Repository),
];

/// add-apt-repository.
pub(crate) static ADD_APT_REPOSITORY: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(ADD_REPOSITORY_OPTIONS)],
    verbs: &[],
    by_options: Some(|options| if only_looks(options) { Action::Query } else { Action::RepoSetup }),
};

static DEBCONF_OPTIONS: &[OptionSpec] = &[
    flag("-v --verbose -u --unseen", Role::None),
    flag("-c --checkonly", Role::Simulate),
    flag("-h --help", Role::Help),
];

/// debconf-set-selections.
pub(crate) static DEBCONF: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(DEBCONF_OPTIONS)],
    verbs: &[],
    by_options: Some(|_| Action::Configure),
};

static MK_BUILD_DEPS_OPTIONS: &[OptionSpec] = &[
    flag("-h --help -v --version", Role::Help),
    flag("-i --install", Role::None),
    flag("-r --remove -A --build-indep -B --build-arch", Role::None),
    value("-t --tool -s --root-cmd -a --arch --host-arch --build-arch-name --build-profiles -P", Role::None),
];

/// mk-build-deps: builds a package that depends on what a source package needs; `-i` installs it.
pub(crate) static MK_BUILD_DEPS: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(MK_BUILD_DEPS_OPTIONS)],
    verbs: &[],
    by_options: Some(|_| Action::BuildDep),
};

static TASKSEL_OPTIONS: &[OptionSpec] = &[
    flag("-t --test --new-install", Role::None),
    value("--debconf-apt-progress", Role::None),
    verb("--list-tasks --task-packages --task-desc", Action::Query),
];
static TASKSEL_VERBS: &[Verb] = &[("install", Action::GroupInstall), ("remove", Action::Remove)];

/// tasksel.
pub(crate) static TASKSEL: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(TASKSEL_OPTIONS)],
    verbs: TASKSEL_VERBS,
    by_options: Some(first_action),
};
