//! find: primaries that BusyBox does not have, and the commands that it runs.

use std::ops::Range;

use wolfify_syntax::shell::ShellWord;

use super::findings::Findings;
use super::invocation::Invocation;
use super::word::{DYNAMIC, static_text};

/// Primaries of GNU find that BusyBox does not have.
const MISSING: &[&str] = &[
    "-anewer",
    "-cnewer",
    "-context",
    "-daystart",
    "-execdir",
    "-files0-from",
    "-false",
    "-fls",
    "-fprint",
    "-fprint0",
    "-fprintf",
    "-fstype",
    "-gid",
    "-ignore_readdir_race",
    "-ilname",
    "-iregex",
    "-iwholename",
    "-lname",
    "-ls",
    "-newerXY",
    "-nogroup",
    "-noignore_readdir_race",
    "-noleaf",
    "-nouser",
    "-nowarn",
    "-okdir",
    "-printf",
    "-readable",
    "-regextype",
    "-true",
    "-uid",
    "-used",
    "-warn",
    "-writable",
    "-xtype",
    "-D",
    "-O0",
    "-O1",
    "-O2",
    "-O3",
];

/// Primaries with one argument; what stands there is no primary.
const WITH_ARGUMENT: &[&str] = &[
    "-name",
    "-iname",
    "-path",
    "-ipath",
    "-wholename",
    "-iwholename",
    "-regex",
    "-iregex",
    "-lname",
    "-ilname",
    "-newer",
    "-anewer",
    "-cnewer",
    "-samefile",
    "-user",
    "-group",
    "-maxdepth",
    "-mindepth",
    "-mtime",
    "-atime",
    "-ctime",
    "-mmin",
    "-amin",
    "-cmin",
    "-inum",
    "-links",
    "-size",
    "-perm",
    "-type",
    "-xtype",
    "-fstype",
    "-uid",
    "-gid",
    "-used",
    "-printf",
    "-fprint",
    "-fprint0",
    "-fprintf",
    "-fls",
    "-regextype",
    "-context",
    "-D",
];

/// What one word of a find command is.
enum Primary {
    Word,
    /// `-exec` and the like with the words of the command that runs.
    Runs(Range<usize>),
    Argument,
}

/// Sorts the words of a find command, the name not among them.
fn primaries(texts: &[String]) -> Vec<Primary> {
    let mut sorted = Vec::with_capacity(texts.len());
    while sorted.len() < texts.len() {
        let at = sorted.len();
        match texts[at].as_str() {
            "-exec" | "-execdir" | "-ok" | "-okdir" => {
                let ends = |text: &String| text == ";" || text == "+";
                let end = texts[at..].iter().position(ends).map_or(texts.len(), |offset| at + offset);
                sorted.push(Primary::Runs(at + 1..end));
                sorted.extend((at + 1..(end + 1).min(texts.len())).map(|_| Primary::Argument));
            }
            name if WITH_ARGUMENT.contains(&name) || name.starts_with("-newer") => {
                sorted.push(Primary::Word);
                if at + 1 < texts.len() {
                    sorted.push(Primary::Argument);
                }
            }
            _ => sorted.push(Primary::Word),
        }
    }
    sorted
}

/// The commands that a find command runs, as ranges of `words`; empty for another tool.
pub(crate) fn executed(words: &[ShellWord]) -> Vec<Range<usize>> {
    let Some(name) = words.first() else { return Vec::new() };
    if crate::path::file_name(&static_text(name)) != "find" {
        return Vec::new();
    }
    let texts: Vec<String> = words[1..].iter().map(static_text).collect();
    let runs = primaries(&texts).into_iter().filter_map(|primary| match primary {
        Primary::Runs(range) if !range.is_empty() => Some(range.start + 1..range.end + 1),
        _ => None,
    });
    runs.collect()
}

/// Judges the primaries.
pub(crate) fn whole(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    let texts: Vec<String> = invocation.arguments.iter().map(|argument| argument.text.clone()).collect();
    for (position, primary) in primaries(&texts).iter().enumerate() {
        if matches!(primary, Primary::Argument) {
            continue;
        }
        let name = texts[position].as_str();
        let value = texts.get(position + 1).map_or("", String::as_str);
        match name {
            "-uid" | "-gid" if value.chars().all(|c| c.is_ascii_digit()) && !value.is_empty() => {
                // BusyBox takes numbers where it expects names.
                findings.operand(position, if name == "-uid" { "-user" } else { "-group" });
            }
            "-noleaf" | "-nowarn" | "-warn" | "-ignore_readdir_race" => findings.delete_operand(position),
            "-type" if value.contains(',') && !value.contains(DYNAMIC) => types(position, value, findings),
            "-newer" => {}
            _ if MISSING.contains(&name) || name.starts_with("-newer") => {
                findings.need(format!("BusyBox find has no {name}"), false);
            }
            _ => {}
        }
    }
}

/// `-type f,l` becomes `\( -type f -o -type l \)`.
fn types(position: usize, value: &str, findings: &mut Findings<'_>) {
    let each: Vec<String> = value.split(',').map(|letter| format!("-type {letter}")).collect();
    findings.replace_words(position, 2, &format!("\\( {} \\)", each.join(" -o ")));
}
