//! Front ends that are recognised and reported, never rewritten: enough of their command lines to say what they
//! do and to which names. Source: zypper(8), pacman(8), pacman-key(8), emerge(1), xbps-install(1).

use crate::managers::action::Action;
use crate::managers::grammar::{Grammar, Verb, first_action, only_looks};
use crate::managers::option::{
    Flavour, OptionRole as Role, OptionSpec, OptionUse, Section, flag, optional, value, verb,
};

const fn all(options: &'static [OptionSpec]) -> Section {
    Section { verbs: &[], options }
}

static ZYPPER_OPTIONS: &[OptionSpec] = &[
    flag("-n --non-interactive -y --no-confirm -l --auto-agree-with-licenses", Role::AssumeYes),
    flag("-q --quiet", Role::Quiet),
    flag("-h --help -V --version", Role::Help),
    flag("-D --dry-run", Role::Simulate),
    flag("-d --download-only --download-in-advance --download-in-heaps --download-as-needed", Role::DownloadOnly),
    value("-R --root --installroot", Role::Root),
    value("-p --plus-repo", Role::Repository),
    value("-r --repo --from --gpgkey", Role::EnableRepo),
    value("-c --config", Role::ConfigFile),
    value("-D --reposd-dir", Role::None),
    value("--releasever", Role::ReleaseVersion),
    flag("--recommends", Role::Recommends),
    flag("--no-recommends", Role::NoRecommends),
    flag("--no-gpg-checks --gpg-auto-import-keys --allow-unsigned-rpm -G --no-gpgcheck", Role::AllowUntrusted),
    flag(
        "-f --force --force-resolution --oldpackage --replacefiles --allow-downgrade --allow-vendor-change",
        Role::Force,
    ),
    flag("-u --clean-deps", Role::Autoremove),
    flag("-v --verbose -t -C --capability -A --no-abbrev -s -a --all -x --xmlout -i --ignore-unknown", Role::None),
    flag("--non-interactive-include-reboot-patches --no-refresh --disable-repositories -m --metadata", Role::None),
    flag("--auto-agree-with-product-licenses --no-force-resolution --no-allow-vendor-change -k -K -e", Role::None),
    flag("--refresh --enable --disable --check --keep-packages --with-optional --skip-interactive", Role::None),
    flag("--details --installed-only --not-installed-only --match-exact --provides --updatestack-only", Role::None),
    flag("--build-deps-only -E --no-cd --no-remote --userdata --build --name --gpgcheck --replacepkgs", Role::None),
    value("--type --priority --alias --pkg-cache-dir --cache-dir --solv-cache-dir --raw-cache-dir", Role::None),
];

static ZYPPER_VERBS: &[Verb] = &[
    ("install", Action::Install),
    ("in", Action::Install),
    ("source-install", Action::BuildDep),
    ("si", Action::BuildDep),
    ("remove", Action::Remove),
    ("rm", Action::Remove),
    ("refresh", Action::Update),
    ("ref", Action::Update),
    ("update", Action::Upgrade),
    ("up", Action::Upgrade),
    ("dist-upgrade", Action::Upgrade),
    ("dup", Action::Upgrade),
    ("patch", Action::Upgrade),
    ("clean", Action::Clean),
    ("cc", Action::Clean),
    ("addrepo", Action::RepoSetup),
    ("ar", Action::RepoSetup),
    ("removerepo", Action::RepoSetup),
    ("rr", Action::RepoSetup),
    ("modifyrepo", Action::RepoSetup),
    ("mr", Action::RepoSetup),
    ("addservice", Action::RepoSetup),
    ("download", Action::Download),
    ("addlock", Action::Mark),
    ("al", Action::Mark),
    ("verify", Action::Fix),
    ("search", Action::Query),
    ("se", Action::Query),
    ("info", Action::Query),
    ("if", Action::Query),
    ("repos", Action::Query),
    ("lr", Action::Query),
    ("list-updates", Action::Query),
    ("lu", Action::Query),
    ("packages", Action::Query),
    ("pa", Action::Query),
    ("help", Action::Query),
];

/// zypper.
pub(crate) static ZYPPER: Grammar =
    Grammar { flavour: Flavour::Getopt, sections: &[all(ZYPPER_OPTIONS)], verbs: ZYPPER_VERBS, by_options: None };

static PACMAN_OPTIONS: &[OptionSpec] = &[
    verb("-S --sync", Action::Install),
    verb("-U --upgrade", Action::LocalInstall),
    verb("-R --remove", Action::Remove),
    verb("-Q --query -T --deptest -F --files -V --version -h --help", Action::Query),
    verb("-D --database", Action::Mark),
    flag("-y --refresh", Role::Refresh),
    flag("-u --sysupgrade", Role::Upgrade),
    flag("-c --clean -s --search -i --info -l --list -g --groups -q --quiet -n --nosave -k --check", Role::None),
    flag("-w --downloadonly", Role::DownloadOnly),
    flag("-p --print", Role::Simulate),
    flag("-d --nodeps -t -o -e -m -v --verbose --recursive --cascade --unneeded -a", Role::None),
    flag(
        "--noconfirm --needed --noprogressbar --asdeps --asexplicit --overwrite-all --disable-download-timeout",
        Role::None,
    ),
    flag("--disable-sandbox --noscriptlet --dbonly --force --noedit --removemake --cleanafter --nocheck", Role::None),
    value("-r --root --sysroot", Role::Root),
    value("-b --dbpath --config --cachedir --gpgdir --hookdir --logfile --arch --ignore --ignoregroup", Role::None),
    value("--assume-installed --color --overwrite --print-format", Role::None),
];

/// `-Sy` refreshes, `-Su` upgrades, `-Sc` cleans, `-Ss` looks; with names all but the last two install.
fn pacman_action(options: &[OptionUse]) -> Action {
    let action = first_action(options);
    let used = |short: &str, long: &str| options.iter().any(|o| o.name == short || o.name == long);
    match action {
        Action::Install if used("-c", "--clean") => Action::Clean,
        Action::Install if ["-s", "-i", "-l", "-g"].iter().any(|o| used(o, o)) => Action::Query,
        action => action,
    }
}

/// pacman and its wrappers.
pub(crate) static PACMAN: Grammar =
    Grammar { flavour: Flavour::Getopt, sections: &[all(PACMAN_OPTIONS)], verbs: &[], by_options: Some(pacman_action) };

static PACMAN_KEY_OPTIONS: &[OptionSpec] = &[
    flag("--init --populate --refresh-keys -a --add -r --recv-keys -u --updatedb -l --list-keys", Role::None),
    flag("--lsign-key -d --delete -e --export -f --finger -v --verify --import", Role::None),
    value("--keyserver --config --gpgdir --populate-from", Role::None),
];

/// pacman-key.
pub(crate) static PACMAN_KEY: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(PACMAN_KEY_OPTIONS)],
    verbs: &[],
    by_options: Some(|_| Action::RepoSetup),
};

static EMERGE_OPTIONS: &[OptionSpec] = &[
    verb("--sync --metadata", Action::Update),
    verb("-c --depclean -P --prune", Action::Autoremove),
    verb("-C --unmerge", Action::Remove),
    verb("-s --search -S --searchdesc --info --version -h --help", Action::Query),
    flag("-p --pretend", Role::Simulate),
    flag("-f --fetchonly", Role::DownloadOnly),
    flag("-q --quiet", Role::Quiet),
    flag("-1 --oneshot -a -v --verbose -u --update -D -N --newuse -U --changed-use -e --emptytree", Role::None),
    flag("-n --noreplace -k --usepkg -K --usepkgonly -g --getbinpkg -G --getbinpkgonly -b -t --tree", Role::None),
    flag("-o --onlydeps -O --nodeps --nospinner -w --select --autounmask-continue --keep-going", Role::None),
    optional("--ask --deep --jobs --quiet-build --autounmask --with-bdeps --load-average --buildpkg", Role::None),
    optional("-j --autounmask-write --autounmask-license --verbose-conflicts --backtrack", Role::None),
    value("--root --config-root --sysroot --exclude -X", Role::None),
];

/// emerge.
pub(crate) static EMERGE: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(EMERGE_OPTIONS)],
    verbs: &[],
    by_options: Some(|options| match first_action(options) {
        Action::Unknown(_) => Action::Install,
        action => action,
    }),
};

static XBPS_OPTIONS: &[OptionSpec] = &[
    flag("-y --yes", Role::AssumeYes),
    flag("-S --sync -M --memory-sync", Role::Refresh),
    flag("-u --update -A --automatic -f --force -n --dry-run -v --verbose -I --ignore-file-conflicts", Role::None),
    flag("-o --remove-orphans -O --clean-cache -R --recursive -F --force-revdeps -d --debug", Role::None),
    value("-r --rootdir", Role::Root),
    value("-c --cachedir -C --config --repository", Role::None),
];

/// xbps-install, xbps-remove.
pub(crate) static XBPS: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(XBPS_OPTIONS)],
    verbs: &[],
    by_options: Some(|options| if only_looks(options) { Action::Query } else { Action::Install }),
};

static NIX_OPTIONS: &[OptionSpec] = &[
    verb("-i --install --add", Action::Install),
    verb("-e --uninstall --remove", Action::Remove),
    verb("-u --upgrade", Action::Upgrade),
    verb("--update", Action::Update),
    verb("-q --query --list --list-generations", Action::Query),
    verb("--delete-generations", Action::Clean),
    flag("-A --attr -E --from-expression --quiet -v --verbose --impure --no-link --refresh -L", Role::None),
    flag("-h --help --version", Role::Help),
    value("-f --file -p --profile -I --include --extra-experimental-features --experimental-features -j", Role::None),
    value("--max-jobs --cores --substituters --accept-flake-config-from", Role::None),
];

/// nix, nix-env, nix-channel.
pub(crate) static NIX: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(NIX_OPTIONS)],
    verbs: GENERIC_VERBS,
    by_options: Some(first_action),
};

/// Verbs that brew, snap, flatpak, opkg, swupd, guix, slackpkg and nix share.
static GENERIC_VERBS: &[Verb] = &[
    ("install", Action::Install),
    ("add", Action::Install),
    ("bundle-add", Action::Install),
    ("os-install", Action::Install),
    ("profile install", Action::Install),
    ("profile add", Action::Install),
    ("reinstall", Action::Reinstall),
    ("remove", Action::Remove),
    ("uninstall", Action::Remove),
    ("bundle-remove", Action::Remove),
    ("autoremove", Action::Autoremove),
    ("update", Action::Update),
    ("refresh", Action::Upgrade),
    ("upgrade", Action::Upgrade),
    ("upgrade-all", Action::Upgrade),
    ("clean", Action::Clean),
    ("cleanup", Action::Clean),
    ("tap", Action::RepoSetup),
    ("remote-add", Action::RepoSetup),
    ("list", Action::Query),
    ("search", Action::Query),
    ("info", Action::Query),
    ("show", Action::Query),
];

static GENERIC_OPTIONS: &[OptionSpec] = &[
    flag("-y --yes --assumeyes", Role::AssumeYes),
    flag("-h --help --version", Role::Help),
    flag(
        "-q --quiet -f --force --cask --classic --no-update --system --user --if-not-exists --force-* --no-boot-update",
        Role::None,
    ),
    value("--path --statedir --bundles -V", Role::None),
];

/// Front ends whose options are not known: what is not an option is a name.
pub(crate) static GENERIC: Grammar =
    Grammar { flavour: Flavour::Exact, sections: &[all(GENERIC_OPTIONS)], verbs: GENERIC_VERBS, by_options: None };
