//! Finding rows of the tables in the text of a word.

use super::products::{PRODUCTS, Product, RELEASE_PACKAGES, SCRIPT_HOSTS, SCRIPTS, TOPICS};
use crate::managers::text::{HOLE, Text};

/// A product found in an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: &'static str,
    pub(super) version: Option<Text>,
}

/// The product that an address in `text` leads to.
pub(super) fn product(text: &Text) -> Option<Found> {
    if let Some(found) = by_short_name(text) {
        return Some(found);
    }
    let pattern = text.pattern();
    PRODUCTS.iter().find_map(|row| {
        let at = row.addresses.iter().find_map(|address| find_part(pattern, address))?;
        Some(Found { name: row.name, version: version(text, at, row) })
    })
}

/// The address of a PPA leads to what its short name does.
fn by_short_name(text: &Text) -> Option<Found> {
    let pattern = text.pattern();
    let host = ["ppa.launchpad.net/", "ppa.launchpadcontent.net/"].iter().find_map(|host| {
        let at = pattern.find(host)? + host.len();
        Some(&pattern[at..])
    })?;
    let (owner, rest) = host.split_once('/')?;
    let name = rest.split(['/', ' ']).next()?;
    product(&Text::from_static(&format!("ppa:{owner}/{name}")))
        .filter(|_| !owner.contains(HOLE) && !name.contains(HOLE))
}

/// Where `piece` stands in `pattern` with nothing before it that would make it a part of something else.
fn find_part(pattern: &str, piece: &str) -> Option<usize> {
    let begins = |at: &usize| !pattern[..*at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
    pattern.match_indices(piece).map(|(at, _)| at).find(begins)
}

/// The number behind one of the row's marks, from the address on.
fn version(text: &Text, from: usize, row: &Product) -> Option<Text> {
    let pattern = text.pattern();
    row.version_after.iter().find_map(|mark| {
        let starts = pattern[from..].match_indices(mark).map(|(at, _)| from + at + mark.len());
        starts.filter_map(|start| number(pattern, start)).next().map(|range| text.slice(range))
    })
}

/// The version number or the one hole that begins at `start`.
fn number(pattern: &str, start: usize) -> Option<std::ops::Range<usize>> {
    let rest = &pattern[start..];
    if rest.starts_with(HOLE) {
        return Some(start..start + HOLE.len_utf8());
    }
    let length = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let digits = rest[..length].trim_end_matches('.');
    digits.starts_with(|c: char| c.is_ascii_digit()).then_some(start..start + digits.len())
}

/// Whether `text` is the address or the file name of a set-up script.
pub(super) fn is_setup_script(text: &Text) -> bool {
    let pattern = text.pattern();
    if SCRIPTS.iter().any(|script| find_part(pattern, script).is_some()) {
        return true;
    }
    // These hosts are the script; below them lie other files.
    let host_only = |host: &&str| {
        let rest = find_part(pattern, host).map(|at| pattern[at + host.len()..].trim_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest == "ubuntu")
    };
    if SCRIPT_HOSTS.iter().any(host_only) {
        return true;
    }
    // NodeSource's scripts keep their names: `setup_20.x`, `setup_lts.x`.
    let file = pattern.rsplit('/').next().unwrap_or("");
    file.strip_prefix("setup_").is_some_and(|rest| rest.ends_with(".x"))
}

/// Whether a package of this name (or file of this package) holds a repository's configuration.
pub(super) fn is_release_package(name: &str) -> bool {
    RELEASE_PACKAGES.iter().any(|known| match name.strip_prefix(known) {
        Some(rest) => {
            rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit() || "-_.".contains(c) || c == HOLE)
        }
        None => false,
    })
}

/// Whether a path or URL ends in a file of such a package.
pub(super) fn is_release_file(text: &Text) -> bool {
    let file = text.pattern().rsplit('/').next().unwrap_or("");
    (file.ends_with(".rpm") || file.ends_with(".deb")) && is_release_package(file)
}

/// The product and version of an Amazon Linux extras topic (`php7.4`, `java-openjdk11`, `nginx1=stable`).
pub(super) fn topic(text: &Text) -> Option<Found> {
    let pattern = text.pattern();
    let end = pattern.find('=').unwrap_or(pattern.len());
    let digits = pattern[..end].find(|c: char| c.is_ascii_digit() || c == HOLE).unwrap_or(end);
    let stem = &pattern[..digits];
    let (_, name) = TOPICS.iter().find(|(topic, _)| *topic == stem)?;
    Some(Found { name, version: number(pattern, digits).map(|range| text.slice(range)) })
}
