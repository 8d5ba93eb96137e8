//! Words: braces, parameters, quoting forms, assignments.

use wolfify_syntax::shell::{Assignment, ShellWord, WordPart};

use super::walk::{Position, Walker};
use super::{Effect, TextChange, brace, place};

/// Variables that bash sets and ash does not.
const BASH_VARIABLES: &[&str] = &[
    "UID",
    "EUID",
    "OSTYPE",
    "MACHTYPE",
    "HOSTTYPE",
    "SECONDS",
    "GROUPS",
    "DIRSTACK",
    "BASH",
    "BASHPID",
    "BASHOPTS",
    "BASH_ARGC",
    "BASH_ARGV",
    "BASH_COMMAND",
    "BASH_LINENO",
    "BASH_REMATCH",
    "BASH_SOURCE",
    "BASH_SUBSHELL",
    "BASH_VERSINFO",
    "BASH_VERSION",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "PIPESTATUS",
    "SHELLOPTS",
    "SRANDOM",
    "MAPFILE",
    "_",
];

/// Judges a word where it stands.
pub(crate) fn check(walker: &mut Walker<'_>, word: &ShellWord, position: Position) {
    if !walker.bash() {
        return;
    }
    for part in &word.parts {
        match part {
            WordPart::Brace(text) if position == Position::Argument => braces(walker, word, text),
            WordPart::Parameter { name, operation, .. } => parameter(walker, word, name, operation),
            WordPart::Tilde(text) if matches!(text.as_str(), "~+" | "~-") => {
                walker.report(word.span, text.as_str(), Effect::Silent, None);
            }
            _ => {}
        }
    }
    forms(walker, word);
}

/// One finding for all braces of a word: it is written out as a whole.
fn braces(walker: &mut Walker<'_>, word: &ShellWord, text: &str) {
    let first = word.parts.iter().find_map(|part| match part {
        WordPart::Brace(first) => Some(first.as_str()),
        _ => None,
    });
    if first.is_some_and(|first| !std::ptr::eq(first, text)) {
        return;
    }
    let others = word
        .parts
        .iter()
        .any(|part| matches!(part, WordPart::Parameter { name, operation, .. } if feature(name, operation).is_some()));
    let rewrite = brace::expand(&word.text).filter(|_| !others).and_then(|words| place::whole(word, words.join(" ")));
    walker.report(word.span, format!("brace expansion {text}"), Effect::Silent, rewrite.map(|change| vec![change]));
}

/// What is special about a parameter, and what ash makes of it.
fn feature(name: &str, operation: &str) -> Option<(String, Effect)> {
    let bare = name.trim_start_matches(['!', '#']);
    let written = format!("${{{name}{operation}}}");
    if name.len() > 1 && name.starts_with('!') {
        return Some((format!("indirect expansion {written}"), Effect::Error));
    }
    if operation.starts_with('[') || name.contains('[') {
        return Some((format!("array element {written}"), Effect::Error));
    }
    match operation.as_bytes() {
        [b'^' | b',' | b'@', ..] => return Some((written, Effect::Error)),
        [b'/', b'#' | b'%', _, ..] => return Some((written, Effect::Silent)),
        _ => {}
    }
    if matches!(name, "#@" | "#*") {
        return Some((written, Effect::Silent));
    }
    let has_default = operation.starts_with(":-") || operation.starts_with('-');
    (BASH_VARIABLES.contains(&bare) && !has_default).then(|| (format!("${bare}"), Effect::Silent))
}

fn parameter(walker: &mut Walker<'_>, word: &ShellWord, name: &str, operation: &str) {
    let Some((feature, effect)) = feature(name, operation) else { return };
    let braced = format!("${{{name}{operation}}}");
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let new = match (name, operation) {
        ("UID", "") => Some("$(id -ru)".to_owned()),
        ("EUID", "") => Some("$(id -u)".to_owned()),
        ("#@" | "#*", "") => Some("$#".to_owned()),
        (_, "^^") if is_name => Some(changed_case(name, "[:lower:]", "[:upper:]")),
        (_, ",,") if is_name => Some(changed_case(name, "[:upper:]", "[:lower:]")),
        _ => None,
    };
    let plain = format!("${name}");
    let only_once =
        word.parts.len() < 64 && word.text.matches(&plain).count() + word.text.matches(&braced).count() == 1;
    let whole_name = || {
        let after = word.text.split(&plain).nth(1).and_then(|rest| rest.chars().next());
        after.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_')
    };
    let change = new.filter(|_| only_once && !word.text.contains("$'")).and_then(|new| {
        if word.text.contains(&braced) {
            place::within(word, &braced, new)
        } else if whole_name() {
            place::within(word, &plain, new)
        } else {
            None
        }
    });
    walker.report(word.span, feature, effect, change.map(|change| vec![change]));
}

fn changed_case(name: &str, from: &str, to: &str) -> String {
    format!("$(printf '%s\\n' \"${name}\" | tr '{from}' '{to}')")
}

/// `$"…"`, `$[…]` and escapes of `$'…'`.
fn forms(walker: &mut Walker<'_>, word: &ShellWord) {
    let Some(found) = first_form(&word.text) else { return };
    let (feature, rewrite) = match found {
        Form::Translated(at) => {
            let change = place::piece(&word.span, at..at + 1).map(|span| TextChange { span, text: String::new() });
            ("$\"…\"", change)
        }
        Form::OldArithmetic => ("$[…]", None),
        Form::Escape => ("\\u or \\e in $'…'", None),
    };
    walker.report(word.span, feature, Effect::Silent, rewrite.map(|change| vec![change]));
}

enum Form {
    Translated(usize),
    OldArithmetic,
    Escape,
}

fn first_form(raw: &str) -> Option<Form> {
    let (mut single, mut double) = (false, false);
    let mut chars = raw.char_indices();
    while let Some((at, c)) = chars.next() {
        let rest = &raw[at..];
        match c {
            '\'' if !double => single = !single,
            _ if single => {}
            '\\' => {
                chars.next();
            }
            '"' => double = !double,
            '$' if rest.starts_with("$\"") && !double => return Some(Form::Translated(at)),
            '$' if rest.starts_with("$[") => return Some(Form::OldArithmetic),
            '$' if rest.starts_with("$'") && !double => {
                let body = &rest[2..];
                if ["\\u", "\\U", "\\e", "\\E"].iter().any(|escape| body.contains(escape)) {
                    return Some(Form::Escape);
                }
                // Stop: `\'` inside makes the rest hard to follow.
                return None;
            }
            _ => {}
        }
    }
    None
}

/// Arrays and `+=`.
pub(crate) fn assignment(walker: &mut Walker<'_>, assignment: &Assignment) {
    let text = place::text_at(walker.script, &assignment.span).unwrap_or_default();
    let subscript = text.get(assignment.name.len()..).is_some_and(|rest| rest.starts_with('['));
    if assignment.value.is_none() || subscript {
        walker.report(assignment.span, format!("array {}", assignment.name), Effect::Error, None);
        return;
    }
    if !assignment.append {
        return;
    }
    let length = assignment.name.len();
    let head = wolfify_syntax::Span { contiguous: true, ..assignment.span };
    let operator = text.get(length..length + 2) == Some("+=");
    let rewrite = place::piece(&head, length..length + 2)
        .filter(|_| operator)
        .map(|span| vec![TextChange { span, text: format!("=${{{}}}", assignment.name) }]);
    walker.report(assignment.span, format!("{}+=", assignment.name), Effect::Silent, rewrite);
}
