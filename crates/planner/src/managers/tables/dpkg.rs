//! dpkg and its relatives. Source: dpkg(1), dpkg-query(1), dpkg-deb(1), dpkg-reconfigure(8), dpkg-divert(1),
//! dpkg-statoverride(1), dpkg-scanpackages(1), gdebi(1).

use crate::managers::action::Action;
use crate::managers::grammar::{Grammar, first_action, only_looks};
use crate::managers::option::{Flavour, OptionRole as Role, OptionSpec, Section, flag, optional, value, verb};

const fn all(options: &'static [OptionSpec]) -> Section {
    Section { verbs: &[], options }
}

static DPKG_OPTIONS: &[OptionSpec] = &[
    verb("-i --install --unpack", Action::LocalInstall),
    verb("-r --remove", Action::Remove),
    verb("-P --purge", Action::Purge),
    verb("--configure --triggers-only", Action::Configure),
    verb("--set-selections --clear-selections", Action::Mark),
    verb("--add-architecture --remove-architecture", Action::RepoSetup),
    flag("--print-architecture", Role::PrintArch),
    verb("--print-foreign-architectures --print-installation-architecture --get-selections", Action::Query),
    verb("-l --list -L --listfiles -s --status -S --search -p --print-avail -C --audit -V --verify", Action::Query),
    verb("-c --contents -I --info -f --field --ctrl-tarfile --fsys-tarfile --assert-* --validate-*", Action::Query),
    verb("--compare-versions --yet-to-unpack --predep-package", Action::Query),
    verb("-e --control -x --extract -X --vextract --raw-extract", Action::Extract),
    verb("-b --build", Action::Index),
    verb("-A --record-avail --update-avail --merge-avail --clear-avail --forget-old-unavail", Action::Update),
    flag("-h -? --help --version --force-help", Role::Help),
    flag("--no-act --dry-run --simulate", Role::Simulate),
    value("--root --instdir --admindir", Role::Root),
    flag("--force-* --no-force-* --refuse-*", Role::Force),
    flag("-a --pending -R --recursive -O --selected-only -E --skip-same-version -G --refuse-downgrade", Role::None),
    flag("-B --auto-deconfigure --triggers --no-triggers --no-pager --no-debsig --robot", Role::None),
    value("--path-exclude --path-include --pre-invoke --post-invoke --status-fd --status-logger --log", Role::None),
    value("--ignore-depends --abort-after --verify-format", Role::None),
    optional("-D --debug -Z -z", Role::None),
];

/// `--print-architecture` and `--help` win: dpkg stops after them.
fn dpkg_action(options: &[crate::managers::option::OptionUse]) -> Action {
    if only_looks(options) { Action::Query } else { first_action(options) }
}

/// dpkg.
pub(crate) static DPKG: Grammar =
    Grammar { flavour: Flavour::Exact, sections: &[all(DPKG_OPTIONS)], verbs: &[], by_options: Some(dpkg_action) };

static QUERY_OPTIONS: &[OptionSpec] = &[
    value("-f --showformat", Role::None),
    value("--admindir --root", Role::Root),
    flag("-s --status -p --print-avail -L --listfiles -l --list -W --show -S --search -c --control-path", Role::None),
    flag("--control-list --control-show --load-avail --no-pager", Role::None),
    flag("-? --help --version", Role::Help),
];

/// dpkg-query.
pub(crate) static DPKG_QUERY: Grammar = Grammar {
    flavour: Flavour::Exact,
    sections: &[all(QUERY_OPTIONS)],
    verbs: &[],
    by_options: Some(|_| Action::Query),
};

static RECONFIGURE_OPTIONS: &[OptionSpec] = &[
    value("-f --frontend -p --priority", Role::None),
    flag("-a --all -u --unseen-only --no-reload --force --default-priority --terse -plow -phigh", Role::None),
    flag("-h --help", Role::Help),
];

/// dpkg-reconfigure. It reads its options with Getopt::Long, which also takes `--frontend=x` and abbreviations.
pub(crate) static DPKG_RECONFIGURE: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(RECONFIGURE_OPTIONS)],
    verbs: &[],
    by_options: Some(|_| Action::Configure),
};

static DEB_OPTIONS: &[OptionSpec] = &[
    verb("-b --build", Action::Index),
    verb("-c --contents -I --info -W --show -f --field --ctrl-tarfile --fsys-tarfile", Action::Query),
    verb("-e --control -x --extract -X --vextract -R --raw-extract", Action::Extract),
    flag("-? --help --version", Role::Help),
    flag("-v --verbose -D --debug --nocheck --root-owner-group --uniform-compression", Role::None),
    flag("--no-uniform-compression --new --old", Role::None),
    value("--showformat --deb-format --threads-max", Role::None),
    optional("-Z -z -S", Role::None),
];

/// dpkg-deb.
pub(crate) static DPKG_DEB: Grammar =
    Grammar { flavour: Flavour::Exact, sections: &[all(DEB_OPTIONS)], verbs: &[], by_options: Some(first_action) };

static DIVERT_OPTIONS: &[OptionSpec] = &[
    value("--divert --package --admindir --root --instdir", Role::None),
    flag("--add --remove --list --listpackage --truename --rename --no-rename --local --quiet --test", Role::None),
    flag("--update --force --force-all --help --version", Role::None),
];

/// dpkg-divert, dpkg-statoverride.
pub(crate) static DPKG_DIVERT: Grammar = Grammar {
    flavour: Flavour::Exact,
    sections: &[all(DIVERT_OPTIONS)],
    verbs: &[],
    by_options: Some(|_| Action::Configure),
};

static SCAN_OPTIONS: &[OptionSpec] = &[
    value("-t --type -a --arch -h --hash -M --medium -o --option -c --config-file -d --db -s", Role::None),
    value("--source-override -n --no-sort -e --extra-override", Role::None),
    flag("-m --multiversion --contents --md5 --sha1 --sha256 --sha512 --delink --readonly -q --quiet", Role::None),
];

/// dpkg-scanpackages, dpkg-scansources, apt-ftparchive.
pub(crate) static DPKG_SCAN: Grammar = Grammar {
    flavour: Flavour::Exact,
    sections: &[all(SCAN_OPTIONS)],
    verbs: &[],
    by_options: Some(|_| Action::Index),
};

static GDEBI_OPTIONS: &[OptionSpec] = &[
    flag("-n --n --non-interactive", Role::AssumeYes),
    flag("-q --q --quiet", Role::Quiet),
    flag("-h --help --version", Role::Help),
    value("-o --o --option", Role::Config),
    value("--root", Role::Root),
    flag("--apt-line", Role::Simulate),
];

/// gdebi.
pub(crate) static GDEBI: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(GDEBI_OPTIONS)],
    verbs: &[],
    by_options: Some(|options| if only_looks(options) { Action::Query } else { Action::LocalInstall }),
};
