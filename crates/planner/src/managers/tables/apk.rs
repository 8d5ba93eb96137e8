//! apk. Source: the option tables of apk-tools 2.14 and 3.0 (`src/apk.c`, `src/app_*.c`) and apk(8).

use crate::managers::action::Action;
use crate::managers::grammar::{Grammar, Verb};
use crate::managers::option::{Flavour, OptionRole as Role, OptionSpec, Section, flag, optional, value};

static GLOBAL: &[OptionSpec] = &[
    flag("-q --quiet", Role::Quiet),
    flag("-h --help -V --version", Role::Help),
    flag("--print-arch", Role::PrintArch),
    flag("-s --simulate", Role::Simulate),
    value("-p --root", Role::Root),
    value("-X --repository", Role::Repository),
    value("--repositories-file --repository-config", Role::RepositoriesFile),
    value("--keys-dir", Role::KeysDir),
    value("--arch", Role::Arch),
    flag("--no-cache", Role::NoCache),
    flag("-U --update-cache --update --force-refresh", Role::Refresh),
    flag("--allow-untrusted", Role::AllowUntrusted),
    flag("--purge", Role::Purge),
    flag("--no-scripts", Role::NoScripts),
    flag("-f --force --force-broken-world --force-missing-repositories --force-no-chroot", Role::Force),
    flag("--force-non-repository --force-old-apk --force-overwrite --force-binary-stdout", Role::Force),
    optional("-i --interactive --progress --pretty-print --root-tmpfs --sync", Role::None),
    flag("--no-interactive --no-progress --no-pretty-print --no-root-tmpfs --no-sync -v --verbose", Role::None),
    flag("--cache --cache-packages --cache-predownload --check-certificate --legacy-info --logfile", Role::None),
    flag("--no-cache-packages --no-cache-predownload --no-check-certificate --no-legacy-info", Role::None),
    flag("--no-logfile --network --no-network --preserve-env --no-preserve-env --no-purge", Role::None),
    flag("--clean-protected --no-clean-protected --commit-hooks --no-commit-hooks --scripts", Role::None),
    flag("--initramfs-diskless-boot --overlay-from-stdin --no-simulate", Role::None),
    value("--cache-dir --cache-max-age --preupgrade-depends --progress-fd --timeout --uvol-manager --wait", Role::None),
];

static ADD: &[OptionSpec] = &[
    value("-t --virtual", Role::Virtual),
    flag("--initdb", Role::InitDb),
    flag("-u --upgrade -l --latest", Role::Upgrade),
    flag("--no-chown --usermode", Role::None),
];
static DEL: &[OptionSpec] = &[flag("-r --rdepends", Role::None)];
static FIX: &[OptionSpec] = &[
    flag("-r --reinstall", Role::Reinstall),
    flag("-u --upgrade", Role::Upgrade),
    flag("-d --depends -x --xattr --directory-permissions", Role::None),
];
static FETCH: &[OptionSpec] = &[
    value("-o --output", Role::DownloadDir),
    flag("-R --recursive -L --link -l -s --stdout --url -w --world", Role::None),
    value("--built-after --pkgname-spec", Role::None),
];
static INFO: &[OptionSpec] = &[
    flag("-a --all -L --contents -R --depends -d --description -e --exists --installed --license", Role::None),
    flag("-P --provides -r --rdepends --replaces -s --size -t --triggers -w --webpage -W --who-owns", Role::None),
    flag("-i --install-if -I --rinstall-if -v", Role::None),
];
static SEARCH: &[OptionSpec] =
    &[flag("-a --all -d --description -e -x --exact --has-origin -o --origin -r --rdepends", Role::None)];
static LIST: &[OptionSpec] = &[
    flag("-a --available -d --depends -I --installed --manifest -o --origin -O --orphaned", Role::None),
    flag("-P --providers -u --upgradable --upgradeable", Role::None),
];
static UPGRADE: &[OptionSpec] = &[
    flag("-a --available --ignore -l --latest --preupgrade --no-preupgrade --preupgrade-only --prune", Role::None),
    flag("--self-upgrade --no-self-upgrade --self-upgrade-only", Role::None),
];
static VERSION: &[OptionSpec] =
    &[flag("-a --all -c --check -I --indexes -t --test", Role::None), value("-l --limit", Role::None)];
static CACHE: &[OptionSpec] =
    &[flag("-a --available -l --latest -u --upgrade --add-dependencies --ignore-conflict", Role::None)];
static INDEX: &[OptionSpec] = &[
    value("-d --description -x --index -o --output --rewrite-arch --filter-spec --hash --pkgname-spec", Role::None),
    value("-c --compression --sign-key --compat -F --files -I --info -s --script -t --trigger", Role::None),
    flag("--merge --no-warnings --prune-origin --stdout --rootnode --no-rootnode --xattrs --no-xattrs", Role::None),
];
static AUDIT: &[OptionSpec] = &[
    flag("--backup --check-permissions --details --full --ignore-busybox-symlinks --packages", Role::None),
    flag("-r --recursive --system", Role::None),
    value("--protected-paths", Role::None),
];
static QUERY: &[OptionSpec] = &[
    value("--fields --format --from", Role::None),
    flag("--all-matches --available --installed --match --orphaned --recursive --summarize --upgradable", Role::None),
    flag("--world --errors", Role::None),
];
static EXTRACT: &[OptionSpec] = &[value("--destination", Role::Root), flag("--no-chown", Role::None)];

static VERBS: &[Verb] = &[
    ("add", Action::Install),
    ("del", Action::Del),
    ("fix", Action::Fix),
    ("update", Action::Update),
    ("upgrade", Action::Upgrade),
    ("cache", Action::Query),
    ("cache clean", Action::Clean),
    ("cache purge", Action::Clean),
    ("cache download", Action::Download),
    ("cache sync", Action::Download),
    ("fetch", Action::Download),
    ("extract", Action::Extract),
    ("info", Action::Query),
    ("list", Action::Query),
    ("search", Action::Query),
    ("dot", Action::Query),
    ("policy", Action::Query),
    ("query", Action::Query),
    ("stats", Action::Query),
    ("version", Action::Query),
    ("audit", Action::Query),
    ("verify", Action::Query),
    ("manifest", Action::Query),
    ("adbdump", Action::Query),
    ("index", Action::Index),
    ("mkndx", Action::Index),
    ("mkpkg", Action::Index),
    ("adbsign", Action::Index),
    ("adbgen", Action::Index),
    ("convndx", Action::Index),
    ("convdb", Action::Fix),
];

/// apk.
pub(crate) static APK: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[
        Section { verbs: &["add"], options: ADD },
        Section { verbs: &["del"], options: DEL },
        Section { verbs: &["fix"], options: FIX },
        Section { verbs: &["fetch"], options: FETCH },
        Section { verbs: &["info"], options: INFO },
        Section { verbs: &["search"], options: SEARCH },
        Section { verbs: &["list"], options: LIST },
        Section { verbs: &["upgrade"], options: UPGRADE },
        Section { verbs: &["version"], options: VERSION },
        Section { verbs: &["cache", "cache clean", "cache purge", "cache download", "cache sync"], options: CACHE },
        Section { verbs: &["index", "mkndx", "mkpkg", "adbsign", "adbgen", "convndx"], options: INDEX },
        Section { verbs: &["audit"], options: AUDIT },
        Section { verbs: &["query", "dot"], options: QUERY },
        Section { verbs: &["extract"], options: EXTRACT },
        Section { verbs: &[], options: GLOBAL },
    ],
    verbs: VERBS,
    by_options: None,
};
