//! Variables that say what a builder fetches: where from, in which version, with which checksum. The runtime has no use
//! for them.

use std::collections::{HashMap, HashSet};

use text_size::TextRange;
use wolfify_syntax::{Arguments, Instruction, KeyValue, Keyword};

use super::content::{Content, Cx};
use super::environment::{Wanted, wanted};
use crate::globals::names;

/// The pairs of ENV that serve nothing but what is fetched before the runtime begins.
///
/// Applications in another language than a compiled one may ask for a version: theirs has to serve downloads alone.
pub(super) fn fetched(cx: &Cx<'_>, content: &Content) -> HashSet<TextRange> {
    let compiled = content.is_compiled();
    let mut users: HashMap<&str, Vec<(usize, &Instruction)>> = HashMap::new();
    for (index, instruction) in cx.file.body(cx.stage) {
        let used: HashSet<&str> = names(&cx.file.text[instruction.range]).collect();
        used.into_iter().for_each(|name| users.entry(name).or_default().push((index, instruction)));
    }
    let mut found = HashSet::new();
    // Where a variable gets another value: what follows uses that one.
    let mut next: HashMap<&str, usize> = HashMap::new();
    // Whoever uses a variable stands behind it.
    for (index, instruction) in cx.file.body(cx.stage).rev() {
        let (Keyword::Env, Arguments::Pairs(pairs)) = (instruction.keyword, &instruction.arguments) else { continue };
        for pair in pairs.iter().filter(|_| index <= cx.last_build) {
            let name = pair.key.text.as_str();
            let end = next.insert(name, index).unwrap_or(usize::MAX);
            if !may_be_fetched(pair) {
                continue;
            }
            let all = users.get(name).map(Vec::as_slice).unwrap_or_default();
            let first = all.partition_point(|(other, _)| *other <= index);
            let later = all[first..].iter().take_while(|(other, _)| *other <= end);
            let serves = |(other, user): &(usize, &Instruction)| {
                *other <= cx.last_build && serves_a_build(user, name, compiled, &found)
            };
            let mut later = later.peekable();
            if later.peek().is_some() && later.all(serves) {
                found.insert(pair.range);
            }
        }
    }
    found
}

/// Whether a variable may be one of them, by its name and value.
fn may_be_fetched(pair: &KeyValue) -> bool {
    const PLACES: &[&str] = &["ARCHIVE", "DOWNLOAD", "MIRROR", "REPO", "SOURCE", "SRC", "TARBALL", "URL", "ZIP"];
    const PINS: &[&str] = &["CHECKSUM", "MD5", "SHA", "SHA1", "SHA256", "SHA512", "_VER", "_VERSION"];
    let name = pair.key.text.to_ascii_uppercase();
    let value = pair.value.as_ref().map_or("", |value| value.inner().0);
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    // `${TAR_URL}.sha256`
    let is_place = (value.contains("://") || value.starts_with('$')) && ends(PLACES);
    is_place || ends(PINS)
}

/// Whether an instruction uses a variable for nothing but what it fetches.
fn serves_a_build(user: &Instruction, name: &str, compiled: bool, found: &HashSet<TextRange>) -> bool {
    match (user.keyword, &user.arguments) {
        (Keyword::Env, Arguments::Pairs(pairs)) => pairs
            .iter()
            .filter(|pair| pair.value.as_ref().is_some_and(|value| names(&value.text).any(|used| used == name)))
            .all(|pair| found.contains(&pair.range) || wanted(&pair.key.text, compiled) == Wanted::Build),
        (Keyword::Run | Keyword::Add, _) => compiled || user.joined.contains("://") || fetches_by_variable(user),
        (Keyword::Copy | Keyword::Workdir | Keyword::Arg, _) => compiled,
        _ => false,
    }
}

/// `curl -O $URL`
fn fetches_by_variable(user: &Instruction) -> bool {
    ["curl ", "wget "].iter().any(|tool| user.joined.contains(tool))
}
