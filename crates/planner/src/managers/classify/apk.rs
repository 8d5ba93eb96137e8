//! Operands of apk: `[!]name[@tag][[<>=~]version]`. Source: apk-world(5), and the reader of apk-tools
//! (`src/package.c`, `apk_blob_pull_dep`).

use super::{has_glob, variable};
use crate::managers::argument::{ArgumentKind, Marker, PackageSpec, Pin};
use crate::managers::text::{HOLE, Text};

pub(super) fn classify(text: &Text) -> ArgumentKind {
    let pattern = text.pattern();
    let prefix = text.prefix();
    if text.suffix().ends_with(".apk") {
        return ArgumentKind::LocalFile(text.clone());
    }
    if prefix.starts_with('/') {
        return ArgumentKind::FilePath(text.clone());
    }
    let cut = pattern.find(['<', '>', '=', '~']).unwrap_or(pattern.len());
    let (bang, name) = match pattern[..cut].strip_prefix('!') {
        Some(name) => (true, name),
        None => (false, &pattern[..cut]),
    };
    if name.contains(HOLE) {
        return variable(text);
    }
    if name.starts_with('.') && cut == pattern.len() && !name.contains('/') {
        return ArgumentKind::Virtual(name.to_owned());
    }
    if name.contains(':') {
        return ArgumentKind::Provide(text.clone());
    }
    if has_glob(name) {
        return ArgumentKind::Glob(text.clone());
    }
    let (name, tag) = match name.split_once('@') {
        Some((name, tag)) => (name, Some(tag.to_owned())),
        None => (name, None),
    };
    let valid = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_');
    if name.is_empty() || !name.bytes().all(valid) {
        return ArgumentKind::Other(text.clone());
    }
    let marker = bang.then_some(Marker::Conflict);
    let (pin, late_tag) = pin(text, cut);
    ArgumentKind::Package(PackageSpec {
        name: name.to_owned(),
        pin,
        marker,
        tag: tag.or(late_tag),
        ..PackageSpec::default()
    })
}

/// The operator and version from byte `cut` on. A tag behind the version, which apk itself refuses, is taken off too.
fn pin(text: &Text, cut: usize) -> (Option<Pin>, Option<String>) {
    let rest = &text.pattern()[cut..];
    let length = rest.bytes().take_while(|b| b"<>=~".contains(b)).count();
    if length == 0 {
        return (None, None);
    }
    let at = rest.find('@').filter(|at| !rest[*at..].contains(HOLE));
    let version = text.slice(cut + length..cut + at.unwrap_or(rest.len()));
    let tag = at.map(|at| rest[at + 1..].to_owned());
    (Some(Pin { operator: rest[..length].to_owned(), version }), tag)
}
