//! Static parameter expansion: `${x:-y}`, `${x#p}`, `${x/a/b}`.

use crate::shell::ast::{Dialect, WordPart};
use crate::shell::parser::Parser;
use crate::shell::pattern::Pattern;
use crate::shell::word::Lookup;
use crate::source_map::SourceMap;

/// How deep operations may hold operations.
const MAX_NESTING: usize = 8;

/// Matching a pattern at every place of a value takes cubic time; longer values are not static.
const MAX_VALUE: usize = 256;

/// The value of `${name operation}`, or `None` when it is not static.
pub(super) fn expand(name: &str, operation: &str, quoted: bool, lookup: &Lookup<'_>, depth: usize) -> Option<String> {
    let known = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_').then(|| lookup(name));
    if depth > MAX_NESTING {
        return None;
    }
    let value = known?;
    let word = |text: &str| word_value(text, quoted, lookup, depth);
    let mut characters = operation.chars();
    let (first, second) = (characters.next(), characters.next());
    match (first, second) {
        (None, _) => value,
        (Some(':'), Some('-' | '=')) => match value.filter(|value| !value.is_empty()) {
            Some(value) => Some(value),
            None => word(&operation[2..]),
        },
        (Some('-' | '='), _) => match value {
            Some(value) => Some(value),
            None => word(&operation[1..]),
        },
        (Some(':'), Some('+')) => {
            let value = value?;
            if value.is_empty() { Some(value) } else { word(&operation[2..]) }
        }
        (Some('+'), _) => value.and_then(|_| word(&operation[1..])),
        (Some(':'), Some('?')) => value.filter(|value| !value.is_empty()),
        (Some('?'), _) => value,
        (Some('#' | '%' | '/'), _) => change(&value?, operation, lookup, depth),
        _ => None,
    }
}

/// The value of an operation's word as one string.
fn word_value(text: &str, quoted: bool, lookup: &Lookup<'_>, depth: usize) -> Option<String> {
    // In double quotes only `$`, backquote, `"` and `\` are special; quotes in the word are rare enough to leave.
    if quoted && text.contains(['\'', '"', '\\']) {
        return None;
    }
    let mut value = String::new();
    for part in parts(text)? {
        match part {
            WordPart::Literal { text, .. } => value.push_str(&text),
            WordPart::Parameter { name, operation, quoted } => {
                value.push_str(&expand(&name, &operation, quoted, lookup, depth + 1)?);
            }
            WordPart::Glob(text) | WordPart::Brace(text) if quoted => value.push_str(&text),
            _ => return None,
        }
    }
    Some(value)
}

fn parts(text: &str) -> Option<Vec<WordPart>> {
    Parser::new(text, &SourceMap::default(), &Dialect::Bash, 0).operation_parts().ok()
}

fn pattern(text: &str, lookup: &Lookup<'_>, depth: usize) -> Option<Pattern> {
    let mut pattern = Pattern::default();
    for part in parts(text)? {
        match part {
            WordPart::Literal { text, .. } => pattern.literal(&text),
            WordPart::Glob(text) => pattern.glob(&text)?,
            WordPart::Parameter { name, operation, quoted } => {
                let value = expand(&name, &operation, quoted, lookup, depth + 1)?;
                if !quoted && value.contains(['*', '?', '[', '\\']) {
                    return None;
                }
                pattern.literal(&value);
            }
            WordPart::Brace(text) => pattern.literal(&text),
            _ => return None,
        }
    }
    Some(pattern)
}

/// `#p`, `##p`, `%p`, `%%p`, `/a/b`, `//a/b`, `/#a/b`, `/%a/b`.
fn change(value: &str, operation: &str, lookup: &Lookup<'_>, depth: usize) -> Option<String> {
    if value.len() > MAX_VALUE {
        return None;
    }
    if let Some(longest) = operation.strip_prefix("##") {
        return Some(pattern(longest, lookup, depth)?.strip_prefix(value, true).to_owned());
    }
    if let Some(shortest) = operation.strip_prefix('#') {
        return Some(pattern(shortest, lookup, depth)?.strip_prefix(value, false).to_owned());
    }
    if let Some(longest) = operation.strip_prefix("%%") {
        return Some(pattern(longest, lookup, depth)?.strip_suffix(value, true).to_owned());
    }
    if let Some(shortest) = operation.strip_prefix('%') {
        return Some(pattern(shortest, lookup, depth)?.strip_suffix(value, false).to_owned());
    }
    let rest = operation.strip_prefix('/')?;
    let (all, rest) = match rest.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    // Anchored forms and escaped slashes are rare: not static.
    if rest.starts_with(['#', '%']) || rest.contains(['\\', '\'', '"', '$', '`']) {
        return None;
    }
    let (wanted, with) = rest.split_once('/').unwrap_or((rest, ""));
    Some(pattern(wanted, lookup, depth)?.replace(value, with, all))
}
