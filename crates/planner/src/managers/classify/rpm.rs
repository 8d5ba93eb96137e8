//! Operands of yum and dnf: `name-version-release.arch` in all its shortened forms, groups, paths, provides.
//! Source: dnf(8), "Specifying Packages"; the NEVRA forms of libdnf's `Nevra::parse`.

use super::{group, has_glob, module_stream, variable};
use crate::managers::argument::{ArgumentKind, Nevra, PackageSpec, Pin, RpmVersioned, VariableWord};
use crate::managers::text::{HOLE, Hole, Text};

/// Architectures that rpm builds for (`rpm --showrc`, "compatible archs"), and `src`, `noarch`.
const ARCHES: &[&str] = &[
    "noarch",
    "x86_64",
    "i386",
    "i486",
    "i586",
    "i686",
    "aarch64",
    "armv7hl",
    "armv7hnl",
    "armhfp",
    "ppc64",
    "ppc64le",
    "s390x",
    "riscv64",
    "src",
    "nosrc",
    "amd64",
    "x86_64_v2",
    "loongarch64",
];

pub(super) fn classify(text: &Text) -> ArgumentKind {
    let (prefix, pattern) = (text.prefix(), text.pattern());
    if prefix.starts_with('@') {
        return match pattern.contains(':') {
            true => module_stream(text).unwrap_or_else(|| variable(text)),
            false => group(text),
        };
    }
    if [".rpm", ".spec"].iter().any(|end| text.suffix().ends_with(end))
        || ["./", "../", "~/"].iter().any(|start| prefix.starts_with(start))
    {
        return ArgumentKind::LocalFile(text.clone());
    }
    if prefix.starts_with('/') || prefix.starts_with("*/") || prefix.starts_with("**/") {
        return ArgumentKind::FilePath(text.clone());
    }
    if prefix.starts_with('(') {
        return ArgumentKind::Dependency(text.clone());
    }
    if prefix.contains('(') {
        return ArgumentKind::Provide(text.clone());
    }
    if pattern.contains(HOLE) && pattern.find(['=', '<', '>']).is_none_or(|at| pattern[..at].contains(HOLE)) {
        return with_hole(text);
    }
    compared(text).unwrap_or_else(|| by_name(text))
}

/// `name >= 1.2`, in one quoted word or without blanks.
fn compared(text: &Text) -> Option<ArgumentKind> {
    let pattern = text.pattern();
    let at = pattern.find(['=', '<', '>'])?;
    let length = pattern[at..].bytes().take_while(|b| b"<>=".contains(b)).count();
    let name = pattern[..at].trim();
    let blanks = pattern[at + length..].len() - pattern[at + length..].trim_start().len();
    if name.is_empty() || name.contains(HOLE) || name.contains(char::is_whitespace) {
        return None;
    }
    let operator = pattern[at..at + length].to_owned();
    let pin = Some(Pin { operator, version: text.tail(at + length + blanks) });
    Some(ArgumentKind::Package(PackageSpec { name: name.to_owned(), pin, ..PackageSpec::default() }))
}

fn by_name(text: &Text) -> ArgumentKind {
    let word = text.pattern();
    let (bare, arch) = split_arch(word);
    let readings = readings(bare, arch);
    let valid = |b: u8| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'+' | b'-' | b'.' | b'_' | b'*' | b'?' | b'[' | b']' | b':' | b'~' | b'^')
    };
    if word.is_empty() || !word.bytes().all(valid) {
        return ArgumentKind::Other(text.clone());
    }
    if readings.is_empty() {
        return match has_glob(word) {
            true => ArgumentKind::Glob(text.clone()),
            false => ArgumentKind::Package(whole(bare, arch)),
        };
    }
    ArgumentKind::RpmVersioned(RpmVersioned { whole: whole(bare, arch), readings })
}

fn whole(name: &str, arch: Option<&str>) -> PackageSpec {
    PackageSpec { name: name.to_owned(), arch: arch.map(str::to_owned), ..PackageSpec::default() }
}

fn split_arch(word: &str) -> (&str, Option<&str>) {
    match word.rsplit_once('.') {
        Some((bare, arch)) if ARCHES.contains(&arch) => (bare, Some(arch)),
        _ => (word, None),
    }
}

/// The ways to read a version off the end: version and release from the last two dashes, or a version from the last.
///
/// Versions and releases have no dash; a version begins with a digit (after the epoch), a release too or is a glob.
/// A glob before the version means a pattern over names, which is no reading.
fn readings(word: &str, arch: Option<&str>) -> Vec<Nevra> {
    let Some((rest, last)) = word.rsplit_once('-') else { return Vec::new() };
    let nevra = |name: &str, version: &str, release: Option<&str>| {
        let (name, name_epoch) = match name.split_once(':') {
            Some((epoch, name)) if is_number(epoch) => (name, Some(epoch)),
            _ => (name, None),
        };
        let (epoch, version) = match version.split_once(':') {
            Some((epoch, version)) => (Some(epoch), version),
            None => (name_epoch, version),
        };
        Nevra {
            name: name.to_owned(),
            epoch: epoch.map(str::to_owned),
            version: Text::from_static(version),
            release: release.map(Text::from_static),
            arch: arch.map(str::to_owned),
        }
    };
    let named = |name: &str| !name.is_empty() && !has_glob(name);
    let mut out = Vec::new();
    if let Some((name, version)) = rest.rsplit_once('-')
        && named(name)
        && is_version(version)
        && (is_version(last) || has_glob(last))
    {
        out.push(nevra(name, version, Some(last)));
    }
    if named(rest) && is_version(last) {
        out.push(nevra(rest, last, None));
    }
    out
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `18.14.2`, `1:2.3`, `2.4.*`, `v1.2`.
fn is_version(text: &str) -> bool {
    let text = text.split_once(':').filter(|(epoch, _)| is_number(epoch)).map_or(text, |(_, version)| version);
    let text = text.strip_prefix('v').unwrap_or(text);
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// A word with holes in its name; the name before a hole that looks like a version.
fn with_hole(text: &Text) -> ArgumentKind {
    let likely = text.prefix().strip_suffix('-').filter(|name| !name.is_empty() && !has_glob(name));
    let first_is_version = match text.holes().first() {
        Some(Hole::Parameter { name, .. }) => {
            let upper = name.to_ascii_uppercase();
            upper.contains("VER") || upper.contains("RELEASE")
        }
        _ => false,
    };
    let likely_name = likely.filter(|_| first_is_version).map(str::to_owned);
    ArgumentKind::Variable(VariableWord { text: text.clone(), likely_name })
}
