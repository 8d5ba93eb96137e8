//! Last of all: names whose shape tells what they are, where Wolfi has nothing of it.
//!
//! A name with a version is first tried without it, a part of a package (`foo-common`) as the whole; what is left gets
//! advice by its kind, with the nearest names that Wolfi has.

use super::{Answer, Context, absent, dropped, mapped};
use crate::glob;
use crate::lookup::{Confidence, Distro, Lookup, PackageMapping, Provenance};
use crate::nearest::NameKind;

const VERSIONED: &str = "the same package without its version";
const PART: &str = "Wolfi does not divide the package";
const ERLANG: &str = "Wolfi's erlang has all of OTP";
const LUA: &str = "Lua modules are lua-NAME";
const KIND: &str = "what its name says it is";
const ELSEWHERE: &str = "another distribution's package of that name";
const OF_ABSENT: &str = "a part of a package that Wolfi has not";
const STATIC: &str = "static libraries are left out, or part of the headers";

/// `mysql-server-5.7` → what `mysql-server` gives; `emacs24` → `emacs`. Libraries carry their ABI there and stay apart.
pub(super) fn versioned(context: Context<'_>, name: &str) -> Answer {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let version = &name[bare.len()..];
    let bare = bare.trim_end_matches('-');
    let is_version = version.starts_with(|c: char| c.is_ascii_digit()) && !version.ends_with('.');
    // An rpm word may end in its version: its reader asks again without, and says what became of the pin.
    let is_rpm_word = context.distro == Distro::Fedora && holds_version(name);
    if !is_version || is_rpm_word || bare.len() < 3 || name.starts_with("lib") {
        return None;
    }
    match context.mappings.package(context.distro, bare) {
        Lookup::Mapped(answer) => {
            let note = answer.note.unwrap_or_else(|| format!("Wolfi's own version in place of {version}"));
            mapped(answer.packages, Confidence::Low, VERSIONED, Some(note))
        }
        Lookup::Unknown | Lookup::Ambiguous(_) => None,
        answer => Some(answer),
    }
}

/// `cmake-data`, `zsh-common`, `syslog-ng-core`: what a distribution splits off and Wolfi does not.
pub(super) fn part(context: Context<'_>, name: &str) -> Answer {
    let whole = ["-data", "-common", "-core"].iter().find_map(|part| name.strip_suffix(part))?;
    if whole.starts_with("lib") && whole.len() < 5 {
        return None;
    }
    match context.mappings.package(context.distro, whole) {
        Lookup::Mapped(answer) => mapped(answer.packages, Confidence::Low, PART, answer.note),
        Lookup::Unknown | Lookup::Ambiguous(_) => None,
        answer => Some(answer),
    }
}

/// `erlang-ssl`, `erlang-runtime-tools`.
pub(super) fn erlang(context: Context<'_>, name: &str) -> Answer {
    let application = name.strip_prefix("erlang-")?;
    if matches!(application, "src" | "examples" | "manpages" | "mode") {
        return dropped("only helps to develop Erlang itself", ERLANG);
    }
    let package = if application == "dev" { "erlang-28-dev" } else { "erlang" };
    mapped(vec![context.first_known([package.to_owned()])?], Confidence::Medium, ERLANG, None)
}

/// `lua-cjson`, `lua5.1-lpeg`, `lua5.3-socket`.
pub(super) fn lua(context: Context<'_>, name: &str) -> Answer {
    let (version, module) = name.strip_prefix("lua")?.split_once('-')?;
    if !version.chars().all(|c| c.is_ascii_digit() || c == '.') || matches!(module, "dev" | "devel" | "libs") {
        return None;
    }
    match context.first_known([format!("lua{version}-{module}"), format!("lua-{module}")]) {
        Some(package) => mapped(vec![package], Confidence::Low, LUA, None),
        None => absent(
            format!("Wolfi has no package of this Lua module: install {module} with luarocks (package luarocks)"),
            LUA,
        ),
    }
}

/// `perl(Data::Dumper)`, `dnf-command(builddep)`, `pkgconfig(zlib)`, `@Scientific Support`.
pub(super) fn rpm_capability(context: Context<'_>, name: &str) -> Answer {
    // Debian's tasks, too: `lamp-server^`.
    if name.starts_with('@') {
        return absent("a group of packages: install what is needed of it by name".to_owned(), KIND);
    }
    if context.distro != Distro::Fedora {
        return None;
    }
    if name.contains(".so.") {
        return absent("a library file of another distribution: install the package that has today's".to_owned(), KIND);
    }
    let (kind, inner) = name.strip_suffix(')')?.split_once('(')?;
    let package = match kind {
        "dnf-command" => return dropped("only serves dnf", KIND),
        "perl" => format!("perl-{}", inner.replace("::", "-")),
        "python3dist" => format!("python3-{inner}"),
        "pkgconfig" => format!("{inner}-devel"),
        _ => return None,
    };
    Some(context.mappings.package(context.distro, &package)).filter(|answer| *answer != Lookup::Unknown)
}

/// `keepalived`, `cfitsio-devel`: what the table of another distribution says of the same name, or of the same headers.
pub(super) fn elsewhere(context: Context<'_>, name: &str) -> Answer {
    if context.distro == Distro::Fedora && holds_version(name) {
        return None;
    }
    let headers = name.strip_suffix("-devel").or_else(|| name.strip_suffix("-dev"));
    let library = headers.map(|stem| stem.strip_prefix("lib").unwrap_or(stem));
    let names = match library {
        Some(stem) => {
            [format!("{stem}-dev"), format!("lib{stem}-dev"), format!("{stem}-devel"), format!("lib{stem}-devel")]
        }
        None => [name.to_owned(), String::new(), String::new(), String::new()],
    };
    let others = ALL.iter().filter(|distro| **distro != context.distro);
    let rows = others.flat_map(|distro| names.iter().map(move |name| context.mappings.package_row_of(*distro, name)));
    let source = |provenance: Provenance| Provenance {
        confidence: Confidence::Low,
        source: format!("name rule: {ELSEWHERE} ({})", provenance.source),
    };
    Some(match rows.flatten().find(|answer| !matches!(answer, Lookup::Ambiguous(_)))? {
        Lookup::Mapped(mapping) => Lookup::Mapped(PackageMapping { provenance: source(mapping.provenance), ..mapping }),
        Lookup::Dropped { reason, provenance } => Lookup::Dropped { reason, provenance: source(provenance) },
        Lookup::Absent { advice, provenance } => Lookup::Absent { advice, provenance: source(provenance) },
        answer => answer,
    })
}

/// `libselinux-static`, `xz-static`: the archives lie in a package of their own, with the headers, or nowhere.
pub(super) fn static_library(context: Context<'_>, name: &str) -> Answer {
    let library = name.strip_suffix("-static")?;
    let Lookup::Mapped(headers) = context.mappings.package(context.distro, &format!("{library}-devel")) else {
        return None;
    };
    let dev = headers.packages.iter().find(|package| package.ends_with("-dev"))?;
    let own = format!("{}-static", dev.trim_end_matches("-dev"));
    match context.first_known([own]) {
        Some(package) => mapped(vec![package], Confidence::Low, STATIC, None),
        None => {
            absent(format!("Wolfi has no static library of this name: link to the shared one (package {dev})"), STATIC)
        }
    }
}

/// `libvtk7-dev`, `libvpx5`: another generation of a library that Debian's table knows to be absent in all of its own.
pub(super) fn other_generation(context: Context<'_>, name: &str) -> Answer {
    if context.distro != Distro::Debian || !name.starts_with("lib") {
        return None;
    }
    let bare = name.trim_end_matches("-dev");
    let letters = bare.find(|c: char| c.is_ascii_digit()).map_or(bare, |at| &bare[..at]).trim_end_matches('-');
    let is_generation = |rest: &str| {
        rest.trim_end_matches("-dev").trim_end_matches("t64").chars().all(|c| c.is_ascii_digit() || ".-v".contains(c))
    };
    if letters.len() < 6 || !is_generation(&name[letters.len()..]) {
        return None;
    }
    let rows = context.mappings.tables.packages_debian.starting_with(letters);
    let mut of_all = rows
        .filter(|row| is_generation(&row.column(0)[letters.len()..]))
        .map(|row| context.mappings.package_row(row, 0));
    let first = of_all.next()?;
    let all_absent = of_all.all(|answer| matches!(answer, Lookup::Absent { .. }));
    match first {
        Lookup::Absent { advice, .. } if all_absent => absent(advice, OF_ABSENT),
        _ => None,
    }
}

/// What stands behind the name of a product in the names of its parts.
const PARTS: [&str; 22] = [
    "admin", "agent", "bin", "cli", "client", "clients", "common", "core", "daemon", "data", "dev", "devel", "doc",
    "libs", "plugin", "plugins", "progs", "server", "static", "tools", "utils", "webapps",
];

/// `munge-libs`, `netpbm-progs`: a part of what a table knows to be absent is absent, too.
pub(super) fn of_absent(context: Context<'_>, name: &str) -> Answer {
    if context.distro == Distro::Fedora && holds_version(name) {
        return None;
    }
    let (whole, part) = name.rsplit_once('-')?;
    if whole.len() < 3 || !PARTS.contains(&part) {
        return None;
    }
    ALL.iter().find_map(|distro| match context.mappings.package_row_of(*distro, whole)? {
        Lookup::Absent { advice, .. } => absent(advice, OF_ABSENT),
        _ => None,
    })
}

const ALL: &[Distro] = &[Distro::Debian, Distro::Fedora, Distro::Alpine];
/// Whether an rpm's name, or its name with version and release (`libcurl-7.29.0-51.el7`), states a version: its reader
/// looks the name up without.
fn holds_version(name: &str) -> bool {
    name.as_bytes().windows(2).any(|pair| pair[0] == b'-' && pair[1].is_ascii_digit())
}

/// Advice by the kind of package that the name tells: the rows of `package-kinds.tsv`, the most specific pattern wins.
pub(super) fn by_kind(context: Context<'_>, name: &str) -> Answer {
    let kinds = &context.mappings.tables.package_kinds;
    let rows = kinds.starting_with("*\t").chain(kinds.starting_with(super::key_prefix(context.distro)));
    let row =
        rows.filter(|row| glob::matches(row.column(1), name)).max_by_key(|row| glob::specificity(row.column(1)))?;
    if context.distro == Distro::Fedora && holds_version(name) {
        return None;
    }
    let near = context.mappings.nearest(NameKind::Package, name);
    let advice = row.column(2);
    let advice = if near.is_empty() {
        advice.to_owned()
    } else {
        format!("{advice} (nearest Wolfi names: {})", near.join(", "))
    };
    absent(advice, KIND)
}
