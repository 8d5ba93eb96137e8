//! The programs around yum. Source: yum-utils manuals (yum-config-manager(1), yum-builddep(1), yumdownloader(1),
//! repoquery(1)), createrepo_c(8), subscription-manager(8), the amazon-linux-extras help, rpm-ostree(1).

use super::yum::{GENERAL, REPOQUERY};
use crate::managers::action::Action;
use crate::managers::grammar::{Grammar, Verb};
use crate::managers::option::{Flavour, OptionRole as Role, OptionSpec, Section, flag, value};

const fn all(options: &'static [OptionSpec]) -> Section {
    Section { verbs: &[], options }
}

static CONFIG_OPTIONS: &[OptionSpec] = &[
    value("--add-repo", Role::Repository),
    flag("--enable", Role::EnableRepo),
    flag("--disable", Role::DisableRepo),
    flag("--save --dump", Role::None),
];

/// yum-config-manager.
pub(crate) static YUM_CONFIG_MANAGER: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(CONFIG_OPTIONS), all(GENERAL)],
    verbs: &[],
    by_options: Some(|_| Action::RepoSetup),
};

static BUILDDEP_OPTIONS: &[OptionSpec] =
    &[value("-D --define --target --arch --spec", Role::None), flag("--srpm --nogpgcheck", Role::None)];

/// yum-builddep.
pub(crate) static YUM_BUILDDEP: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(BUILDDEP_OPTIONS), all(GENERAL)],
    verbs: &[],
    by_options: Some(|_| Action::BuildDep),
};

static DOWNLOADER_OPTIONS: &[OptionSpec] = &[
    value("--destdir -p --download_path --download-path --downloaddir", Role::DownloadDir),
    value("-r --repoid", Role::EnableRepo),
    flag("--urls --resolve --source -n --newest-only --downloadcomps --download-metadata -l --plugins", Role::None),
    flag("-d --delete -u --norepopath -m --gpgcheck -g --download-comps", Role::None),
    value("-a --arch --archlist", Role::Arch),
];

/// yumdownloader, reposync, repotrack.
pub(crate) static YUM_DOWNLOADER: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(DOWNLOADER_OPTIONS), all(GENERAL)],
    verbs: &[],
    by_options: Some(|_| Action::Download),
};

static UTILS_OPTIONS: &[OptionSpec] = &[
    flag("--oldkernels --orphans --problems --dupes --cleandupes --leaves --services --reboothint -u", Role::None),
    flag("-r --useronly --removenewestdupes --noscripts --keepdevel", Role::None),
    value("--count", Role::None),
];

/// repoquery, needs-restarting, repoclosure, package-cleanup.
pub(crate) static YUM_UTILS: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(REPOQUERY), all(UTILS_OPTIONS), all(GENERAL)],
    verbs: &[],
    by_options: Some(|options| match options.iter().any(|o| o.name == "--oldkernels" || o.name == "--cleandupes") {
        true => Action::Autoremove,
        false => Action::Query,
    }),
};

/// debuginfo-install.
pub(crate) static DEBUGINFO_INSTALL: Grammar =
    Grammar { flavour: Flavour::Getopt, sections: &[all(GENERAL)], verbs: &[], by_options: Some(|_| Action::Install) };

static CREATEREPO_OPTIONS: &[OptionSpec] = &[
    flag("-q --quiet -v --verbose --update -d --database --no-database -p --pretty --skip-stat -S", Role::None),
    flag("--unique-md-filenames --simple-md-filenames --deltas --retain-old-md-by-age --pkglist-all", Role::None),
    flag("--skip-symlinks --xz --zck --split --recycle-pkglist --local-sqlite --ignore-lock", Role::None),
    value("-o --outputdir -g --groupfile -s --checksum -x --excludes -u --baseurl -i --pkglist --workers", Role::None),
    value("--repo --revision --content --distro --compress-type --general-compress-type -c --cachedir", Role::None),
    value("--retain-old-md --update-md-path --changelog-limit -n --includepkg --location-prefix", Role::None),
];

/// createrepo, createrepo_c.
pub(crate) static CREATEREPO: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(CREATEREPO_OPTIONS)],
    verbs: &[],
    by_options: Some(|_| Action::Index),
};

static SUBSCRIPTION_OPTIONS: &[OptionSpec] = &[
    value("--username --password --org --activationkey --name --type --environment --release --set", Role::None),
    value("--pool --serverurl --baseurl --consumerid --servicelevel --quantity --file --product --serial", Role::None),
    value("--enable", Role::EnableRepo),
    value("--disable", Role::DisableRepo),
    flag("--auto-attach --autosubscribe --auto --force --insecure --list --list-enabled --list-disabled", Role::None),
    flag("--all --available --consumed --installed --show --unset --refresh --no-auto-attach --help -h", Role::None),
    value("--rhsm.* --server.* --rhsmcertd.* --proxy --proxyuser --proxypassword", Role::None),
];

static SUBSCRIPTION_VERBS: &[Verb] = &[
    ("identity", Action::Query),
    ("status", Action::Query),
    ("list", Action::Query),
    ("version", Action::Query),
    ("orgs", Action::Query),
];

/// subscription-manager: registers with Red Hat and switches its repositories.
pub(crate) static SUBSCRIPTION_MANAGER: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(SUBSCRIPTION_OPTIONS)],
    verbs: SUBSCRIPTION_VERBS,
    by_options: Some(|_| Action::RepoSetup),
};

static EXTRAS_OPTIONS: &[OptionSpec] = &[
    flag("-y", Role::AssumeYes),
    flag("-h --help --version", Role::Help),
    flag("-q -v", Role::None),
    // Handed to yum.
    value("--setopt --enablerepo --disablerepo", Role::None),
];

static EXTRAS_VERBS: &[Verb] = &[
    ("install", Action::Install),
    ("enable", Action::RepoSetup),
    ("disable", Action::RepoSetup),
    ("list", Action::Query),
    ("info", Action::Query),
    ("help", Action::Query),
];

/// amazon-linux-extras: topics, each a repository that `install` also installs from.
pub(crate) static AMAZON_LINUX_EXTRAS: Grammar =
    Grammar { flavour: Flavour::Getopt, sections: &[all(EXTRAS_OPTIONS)], verbs: EXTRAS_VERBS, by_options: None };

static OSTREE_VERBS: &[Verb] = &[
    ("install", Action::Install),
    ("uninstall", Action::Remove),
    ("override remove", Action::Remove),
    ("override replace", Action::LocalInstall),
    ("upgrade", Action::Upgrade),
    ("cleanup", Action::Clean),
    ("status", Action::Query),
];

/// rpm-ostree.
pub(crate) static RPM_OSTREE: Grammar =
    Grammar { flavour: Flavour::Getopt, sections: &[all(GENERAL)], verbs: OSTREE_VERBS, by_options: None };
