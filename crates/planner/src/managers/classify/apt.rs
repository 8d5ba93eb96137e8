//! Operands of apt: `name[:arch][=version|/release]`, with `+` or `-` behind the name. Source: apt-get(8), "install".

use super::{has_glob, variable};
use crate::managers::argument::{ArgumentKind, Marker, PackageSpec, Pin};
use crate::managers::text::{HOLE, Text};

/// `in_removal` tells whether a `+` behind a name is a mark: in an install it would say nothing new, and names end in it.
pub(super) fn classify(text: &Text, in_removal: bool) -> ArgumentKind {
    let pattern = text.pattern();
    if is_file(text) {
        return ArgumentKind::LocalFile(text.clone());
    }
    if pattern.starts_with(['?', '~', '!', '^']) || pattern.ends_with('$') || pattern.contains([')', '|', '\\']) {
        return ArgumentKind::Glob(text.clone());
    }
    let cut = pattern.find(['=', '/']).unwrap_or(pattern.len());
    let name = &pattern[..cut];
    if name.contains(HOLE) {
        return variable(text);
    }
    if let Some(task) = name.strip_suffix('^') {
        return ArgumentKind::Group(Text::from_static(task));
    }
    if has_glob(name) {
        return ArgumentKind::Glob(text.clone());
    }
    let Some(mut spec) = name_and_arch(name, in_removal) else {
        return ArgumentKind::Other(text.clone());
    };
    let rest = (cut < pattern.len()).then(|| text.tail(cut + 1));
    match pattern[cut..].chars().next() {
        Some('=') => spec.pin = rest.map(|version| Pin { operator: "=".to_owned(), version }),
        Some(_) => spec.release = rest,
        None => {}
    }
    ArgumentKind::Package(spec)
}

/// A path, or the name of a package file.
fn is_file(text: &Text) -> bool {
    let (prefix, suffix) = (text.prefix(), text.suffix());
    let starts = ["/", "./", "../", "~/"].iter().any(|start| prefix.starts_with(start)) || prefix == ".";
    starts || [".deb", ".dsc", ".changes", ".ddeb"].iter().any(|end| suffix.ends_with(end))
}

/// `g++:i386-` and the like, taken apart; `None` when it is no package name.
fn name_and_arch(word: &str, in_removal: bool) -> Option<PackageSpec> {
    let (word, marker) = split_marker(word, in_removal);
    let (name, arch) = match word.split_once(':') {
        Some((name, arch)) => (name, Some(arch.to_owned())),
        None => (word, None),
    };
    let valid = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_');
    let starts = name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    (starts && name.bytes().all(valid)).then(|| PackageSpec {
        name: name.to_owned(),
        arch,
        marker,
        ..Default::default()
    })
}

/// No Debian name ends in `-`. Some end in `++` (`g++`), few in one `+` (`ncbi-blast+`).
fn split_marker(word: &str, in_removal: bool) -> (&str, Option<Marker>) {
    if let Some(name) = word.strip_suffix('-') {
        return (name, Some(Marker::Remove));
    }
    let plus = word.bytes().rev().take_while(|b| *b == b'+').count();
    match word.strip_suffix('+') {
        Some(name) if in_removal && plus % 2 == 1 => (name, Some(Marker::Install)),
        _ => (word, None),
    }
}
