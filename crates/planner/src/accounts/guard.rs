//! Questions about accounts: `getent` and `id`.

use wolfify_syntax::shell::ShellWord;

use super::builder::{Builder, Outcome, Refusal};
use super::group::pattern;
use super::options::{Spelling, Style, flag, parse};
use super::value::Value;

/// The package of getent, with `locale`, `ldd` and `iconv`.
const GETENT_PACKAGE: &str = "posix-libc-utils";

/// `getent passwd KEY` and `getent group KEY`: the same line, found by grep.
///
/// A key that is not there gives exit code 1 instead of 2.
pub(crate) fn getent(builder: &mut Builder<'_>, words: &[ShellWord]) -> Outcome {
    let package = |reason: &str| Refusal::Package(GETENT_PACKAGE, reason.to_owned());
    let parsed = parse(words, &[], Style::Gnu, builder.lookup).map_err(|reason| package(&reason))?;
    let (file, key) = match parsed.operands.as_slice() {
        [database, key] => (file_of(database), Some(key)),
        [database] => (file_of(database), None),
        _ => (None, None),
    };
    let Some(file) = file else { return Err(package("getent of another database than passwd and group")) };
    let Some(key) = key else {
        builder.run(&["cat", file]);
        return Ok(());
    };
    let by_name = || pattern(key, "^", ":");
    let by_number = || pattern(key, "^[^:]*:[^:]*:", ":");
    let words = match (key.number(), key.known()) {
        (Some(_), _) => format!("grep {} {file}", by_number()),
        (None, Some(_)) => format!("grep {} {file}", by_name()),
        (None, None) => format!("grep -e {} -e {} {file}", by_name(), by_number()),
    };
    builder.run(&[&words]);
    Ok(())
}

fn file_of(database: &Value) -> Option<&'static str> {
    match database.known()?.as_str() {
        "passwd" => Some("/etc/passwd"),
        "group" => Some("/etc/group"),
        _ => None,
    }
}

const ID: &[Spelling] = &[
    flag("u", 'u', "user"),
    flag("g", 'g', "group"),
    flag("G", 'G', "groups"),
    flag("n", 'n', "name"),
    flag("r", 'r', "real"),
    flag("a", 'a', "all-of-it"),
];

/// `id`: BusyBox has the letters, not the long options.
pub(crate) fn id(builder: &mut Builder<'_>, words: &[ShellWord]) -> Outcome {
    builder.keep();
    let Ok(parsed) = parse(words, ID, Style::Gnu, builder.lookup) else { return Ok(()) };
    if words.iter().all(|word| !word.text.starts_with("--")) {
        return Ok(());
    }
    builder.keep = false;
    let letters: String = parsed.ids().collect();
    let option = format!("-{letters}");
    let mut all = vec!["id"];
    if !letters.is_empty() {
        all.push(&option);
    }
    all.extend(parsed.operands.iter().map(Value::written));
    builder.run(&all);
    Ok(())
}
