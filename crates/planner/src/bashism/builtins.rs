//! Builtins that ash does not have, or has with fewer options.

use wolfify_syntax::Span;
use wolfify_syntax::shell::{ShellWord, SimpleCommand};

use super::walk::Walker;
use super::{Effect, Shell, TextChange, place};
use crate::gnu::static_text;

/// Builtins of bash that ash does not know.
const MISSING: &[&str] = &[
    "bind",
    "builtin",
    "caller",
    "compgen",
    "complete",
    "compopt",
    "declare",
    "dirs",
    "disown",
    "enable",
    "logout",
    "mapfile",
    "popd",
    "pushd",
    "readarray",
    "shopt",
    "suspend",
    "typeset",
];

/// Options that ash's builtins do not know, by letter.
const MISSING_OPTIONS: &[(&str, &str)] = &[
    ("cd", "e@"),
    ("exec", "acl"),
    ("export", "f"),
    ("jobs", "xrns"),
    ("local", "aAgilnrtux"),
    ("read", "aeiN"),
    ("readonly", "aAf"),
    ("trap", "p"),
    ("umask", "p"),
    ("unset", "n"),
    ("wait", "fp"),
];

/// Judges the name and the options of a simple command.
pub(crate) fn check(walker: &mut Walker<'_>, command: &SimpleCommand) {
    let Some(first) = command.words.first() else { return };
    let Some(name) = first.literal() else { return };
    match walker.was {
        Shell::Bash => bash(walker, command, &name),
        Shell::Dash if name == "echo" => dash_echo(walker, command),
        Shell::Dash | Shell::Ash => {}
    }
}

fn bash(walker: &mut Walker<'_>, command: &SimpleCommand, name: &str) {
    let span = command.words[0].span;
    match name {
        "declare" | "typeset" => {
            let rewrite = declaration(walker, command);
            walker.report(span, name, Effect::Error, rewrite);
        }
        _ if MISSING.contains(&name) => walker.report(span, name, Effect::Error, None),
        "set" => set(walker, command),
        "printf" => printf(walker, command),
        "type" => options(walker, command, "ta", Effect::Silent),
        "trap" if command.words[1..].iter().any(|word| matches!(word.text.as_str(), "DEBUG" | "RETURN")) => {
            walker.report(span, "trap DEBUG or RETURN", Effect::Error, None);
        }
        "echo" => echo(walker, command),
        "test" | "[" => test_variable(walker, command),
        _ => {}
    }
    if let Some((_, letters)) = MISSING_OPTIONS.iter().find(|(builtin, _)| *builtin == name) {
        options(walker, command, letters, Effect::Error);
    }
    if matches!(name, "export" | "local" | "readonly" | "declare" | "typeset") {
        command.words[1..].iter().for_each(|word| appended(walker, word));
    }
}

/// Reports the first option word that holds one of the letters.
fn options(walker: &mut Walker<'_>, command: &SimpleCommand, letters: &str, effect: Effect) {
    let name = &command.words[0].text;
    for word in &command.words[1..] {
        let Some(cluster) = word.text.strip_prefix('-').filter(|rest| !rest.is_empty() && *rest != "-") else { return };
        if let Some(letter) = cluster.chars().find(|letter| letters.contains(*letter)) {
            walker.report(word.span, format!("{name} -{letter}"), effect, None);
            return;
        }
    }
}

/// `set +H` and other letters that ash's `set` does not know.
fn set(walker: &mut Walker<'_>, command: &SimpleCommand) {
    for word in &command.words[1..] {
        let Some(cluster) = word.text.strip_prefix(['-', '+']).filter(|rest| !rest.starts_with('-')) else { return };
        let Some(letter) = cluster.chars().find(|letter| "hkptBHPT".contains(*letter)) else { continue };
        let alone = command.words.len() == 2 && matches!(word.text.as_str(), "+H" | "-B" | "-h" | "+k");
        let rewrite = alone.then(|| replace_words(&command.words, ":")).flatten();
        walker.report(word.span, format!("set {}{letter}", &word.text[..1]), Effect::Error, rewrite);
        return;
    }
}

/// From the first word to the last becomes `text`.
fn replace_words(words: &[ShellWord], text: &str) -> Option<Vec<TextChange>> {
    let (first, rest) = words.split_first()?;
    let mut changes = vec![place::whole(first, text)?];
    for word in rest {
        changes.push(place::whole(word, "")?);
    }
    Some(changes)
}

/// `declare x=1` is `x=1`, and `local x=1` in a function; `declare -x x=1` is `export x=1`.
fn declaration(walker: &Walker<'_>, command: &SimpleCommand) -> Option<Vec<TextChange>> {
    let plain = |word: &ShellWord| {
        let name = word.text.split('=').next().unwrap_or_default();
        word.text.contains('=') && is_name(name)
    };
    let arguments = &command.words[1..];
    let keyword = match arguments {
        [option, rest @ ..] if option.text == "-x" && !walker.in_function && rest.iter().all(plain) => {
            return Some(vec![place::whole(&command.words[0], "export")?, place::whole(option, "")?]);
        }
        [value] if plain(value) => {
            if walker.in_function {
                "local"
            } else {
                ""
            }
        }
        _ => return None,
    };
    Some(vec![place::whole(&command.words[0], keyword)?])
}

/// Whether a text can be a variable's name.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `export PATH+=:/x`
fn appended(walker: &mut Walker<'_>, word: &ShellWord) {
    let Some((name, value)) = word.text.split_once("+=").filter(|(name, _)| is_name(name)) else { return };
    let bare = value.chars().all(|c| c.is_ascii_alphanumeric() || "/:._-".contains(c));
    let rewrite = bare.then(|| place::whole(word, format!("{name}=\"${{{name}}}{value}\""))).flatten();
    walker.report(word.span, format!("{name}+="), Effect::Error, rewrite.map(|change| vec![change]));
}

/// `printf -v name format …` becomes `name=$(printf format …)` where no newline at the end would be lost.
fn printf(walker: &mut Walker<'_>, command: &SimpleCommand) {
    let words = &command.words;
    let format_at = if words.get(1).is_some_and(|word| word.text == "-v") { 3 } else { 1 };
    let format = words.get(format_at).map(static_text).unwrap_or_default();
    let missing = ["%q", "%(", "\\u", "\\U"].into_iter().find(|directive| format.contains(directive));
    if let Some(directive) = missing {
        walker.report(words[format_at].span, format!("printf {directive}"), Effect::Error, None);
    }
    if format_at == 3 {
        let safe = missing.is_none() && !format.contains(['\\', '\n']) && command.redirects.is_empty();
        let ends_static = words.last().is_some_and(|word| words.len() == 4 || !static_text(word).ends_with('\n'));
        let rewrite = (safe && ends_static).then(|| printf_variable(words)).flatten();
        walker.report(words[1].span, "printf -v", Effect::Silent, rewrite);
    }
}

fn printf_variable(words: &[ShellWord]) -> Option<Vec<TextChange>> {
    let name = words[2].literal().filter(|name| is_name(name))?;
    Some(vec![
        place::whole(&words[0], format!("{name}=$(printf"))?,
        place::whole(&words[1], "")?,
        place::whole(&words[2], "")?,
        place::insert(place::after(&words.last()?.span), ")"),
    ])
}

/// `echo -e '\u00e9'`: ash knows no `\u`.
fn echo(walker: &mut Walker<'_>, command: &SimpleCommand) {
    let interprets = |word: &ShellWord| word.text.starts_with('-') && word.text.contains('e');
    if !command.words.get(1).is_some_and(interprets) {
        return;
    }
    let escaped = |word: &&ShellWord| ["\\u", "\\U"].iter().any(|escape| static_text(word).contains(escape));
    if let Some(word) = command.words[2..].iter().find(escaped) {
        walker.report(word.span, "echo -e with \\u", Effect::Silent, None);
    }
}

/// `[ -v NAME ]` is `[ -n "${NAME+x}" ]`.
fn test_variable(walker: &mut Walker<'_>, command: &SimpleCommand) {
    let Some(at) = command.words.iter().position(|word| word.text == "-v") else { return };
    let rewrite = command.words.get(at + 1).and_then(|word| variable_test(&command.words[at], word));
    walker.report(command.words[at].span, "test -v", Effect::Error, rewrite);
}

/// `-v NAME` as `-n "${NAME+x}"`.
pub(crate) fn variable_test(option: &ShellWord, name: &ShellWord) -> Option<Vec<TextChange>> {
    let variable = name.literal().filter(|name| is_name(name))?;
    Some(vec![place::whole(option, "-n")?, place::whole(name, format!("\"${{{variable}+x}}\""))?])
}

/// dash's echo reads `\n` and the like without -e; ash's does with it. dash prints `-e` itself.
fn dash_echo(walker: &mut Walker<'_>, command: &SimpleCommand) {
    let arguments = &command.words[1..];
    let first = arguments.first().map(|word| word.text.as_str()).unwrap_or_default();
    if first.starts_with('-') && first.len() > 1 && first[1..].chars().all(|c| "neE".contains(c)) && first != "-n" {
        let span = arguments[0].span;
        walker.report(span, format!("echo {first}, which dash prints as text"), Effect::Silent, None);
        return;
    }
    let texts: Vec<String> = arguments.iter().map(static_text).collect();
    let Some(at) = texts.iter().position(|text| interpreted(text)) else { return };
    // With -e ash also reads \x and \e, which dash leaves alone.
    let safe = !texts.iter().any(|text| ["\\x", "\\e", "\\E"].iter().any(|escape| text.contains(escape)));
    let name: Span = command.words[0].span;
    let rewrite = (safe && name.contiguous).then(|| vec![place::insert(place::after(&name), " -e")]);
    walker.report(arguments[at].span, "echo with backslash escapes", Effect::Silent, rewrite);
}

fn interpreted(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' && chars.next().is_some_and(|next| "abcfnrtv\\01234567".contains(next)) {
            return true;
        }
    }
    false
}
