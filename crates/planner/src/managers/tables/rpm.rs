//! rpm. Source: the popt tables of rpm 4.14 to 6 (`lib/poptALL`, `lib/poptI`, `lib/poptQV`, `tools/rpmdb`,
//! `tools/rpmkeys`) and its alias file `rpmpopt`.

use crate::managers::action::Action;
use crate::managers::grammar::{Grammar, only_looks};
use crate::managers::option::{Flavour, OptionRole as Role, OptionSpec, OptionUse, Section, flag, value, verb};

const fn all(options: &'static [OptionSpec]) -> Section {
    Section { verbs: &[], options }
}

static RPM_OPTIONS: &[OptionSpec] = &[
    verb("-q --query -V --verify -K --checksig --querytags --showrc", Action::Query),
    verb("-U --upgrade -F --freshen", Action::LocalInstall),
    verb("--reinstall", Action::Reinstall),
    verb("-e --erase", Action::Remove),
    verb("--import", Action::RepoSetup),
    verb("--initdb --rebuilddb --restore --setperms --setugids --setcaps", Action::Fix),
    // `-i` is install, or info after -q: see `rpm_action`.
    verb("-i --install", Action::Install),
    value("-E --eval", Role::PrintArch),
    flag("--version --help -?", Role::Help),
    flag("--quiet", Role::Quiet),
    flag("--test", Role::Simulate),
    value("-r --root", Role::Root),
    value("--dbpath", Role::None),
    flag("--nodeps --force --replacefiles --replacepkgs --oldpackage --ignorearch --ignoreos", Role::Force),
    flag("--ignoresize --noorder --badreloc --allfiles --allmatches --justdb", Role::Force),
    flag("--nosignature --nodigest --nogpg --nohdrchk", Role::AllowUntrusted),
    flag("--excludedocs --nodocs", Role::NoDocs),
    flag("--noscripts --nopre --nopost --nopreun --nopostun --nopretrans --noposttrans --noscript", Role::NoScripts),
    flag("--notriggers --notriggerin --notriggerun --notriggerprein --notriggerpostun", Role::NoScripts),
    flag("-v --verbose -h --hash --percent --includedocs --noplugins --nofiledigest --nomd5 --nocaps", Role::None),
    flag("--nocontexts --noverify --noconfigs --excludeartifacts --excludeconfigs --nodb --nosysusers", Role::None),
    value("-D --define --undefine --predefine --target --macros --load --rcfile --pipe --prefix", Role::None),
    value("--relocate --excludepath --queryformat --qf --httpproxy --httpport --i18ndomains", Role::None),
    flag("-a --all -f --file -p --package -g --group -l --list -c --configfiles -d --docfiles -s --state", Role::None),
    flag("-L --licensefiles -A --artifactfiles -R --requires -P --provides --info --changelog --last", Role::None),
    flag("--scripts --conflicts --obsoletes --recommends --suggests --supplements --enhances --dump", Role::None),
    flag("--whatprovides --whatrequires --whatconflicts --whatobsoletes --path --triggers --filetriggers", Role::None),
    flag("--nomanifest --noglob --noghost --nosize --nouser --nogroup --nomtime --nomode --nofiles", Role::None),
    flag("--specfile --xml --json --dupes --filesbypkg --fileclass --filecolor --nolinkto --nordev", Role::None),
    flag("--whatrecommends --whatsuggests --whatsupplements --whatenhances --triggeredby --tid", Role::None),
];

/// Querying wins over everything (`-qi`, `-qp`), then installing; `-U`, `-i` and `-F` take files and URLs only.
fn rpm_action(options: &[OptionUse]) -> Action {
    let named = |wanted: &Action| options.iter().any(|o| matches!(&o.role, Role::Action(action) if action == wanted));
    if named(&Action::Query) || only_looks(options) {
        return Action::Query;
    }
    let order = [Action::RepoSetup, Action::Remove, Action::Fix, Action::Reinstall, Action::LocalInstall];
    match order.into_iter().find(named) {
        Some(action) => action,
        None if named(&Action::Install) => Action::LocalInstall,
        None => Action::Unknown(String::new()),
    }
}

/// rpm.
pub(crate) static RPM: Grammar =
    Grammar { flavour: Flavour::Getopt, sections: &[all(RPM_OPTIONS)], verbs: &[], by_options: Some(rpm_action) };

static KEYS_OPTIONS: &[OptionSpec] = &[
    verb("-K --checksig -l --list -x --export", Action::Query),
    verb("-i --import -d --delete -e --erase --rebuild", Action::RepoSetup),
    flag("-t --test", Role::Simulate),
    flag("-v --verbose --quiet --nosignature --nodigest --noplugins", Role::None),
    value("-D --define -E --eval --dbpath --from --rcfile --macros", Role::None),
    value("-r --root", Role::Root),
];

/// rpmkeys.
pub(crate) static RPMKEYS: Grammar = Grammar {
    flavour: Flavour::Getopt,
    sections: &[all(KEYS_OPTIONS)],
    verbs: &[],
    by_options: Some(crate::managers::grammar::first_action),
};

static DB_OPTIONS: &[OptionSpec] = &[
    flag("--initdb --rebuilddb --verifydb --exportdb --importdb --salvagedb -v --verbose --quiet", Role::None),
    value("-D --define -E --eval --dbpath", Role::None),
    value("-r --root", Role::Root),
];

/// rpmdb.
pub(crate) static RPMDB: Grammar =
    Grammar { flavour: Flavour::Getopt, sections: &[all(DB_OPTIONS)], verbs: &[], by_options: Some(|_| Action::Fix) };
