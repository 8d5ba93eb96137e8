//! What the tools of Wolfi's BusyBox do differently from those of Debian, Ubuntu, Fedora and CentOS.
//!
//! Pure functions on simple commands. Every judgement comes from a table (`options.tsv`) or a rule beside it, and was
//! tried on BusyBox 1.37 and 1.38 with Wolfi's configuration, next to the GNU tool. The rule of thumb is that short
//! options work and long ones do not; what matters as much are the options that BusyBox takes and understands differently.

mod awk;
mod dates;
mod find;
mod findings;
mod invocation;
mod rules;
mod sed;
mod table;
mod tar;
mod word;

#[cfg(test)]
mod facts_tests;
#[cfg(test)]
pub(crate) mod testing;

use wolfify_syntax::shell::{ShellWord, SimpleCommand};

use findings::Findings;
use invocation::Invocation;

pub(crate) use word::static_text;

/// What is to be done about a command that BusyBox will run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// BusyBox does the same; leave it.
    Same,
    /// A rewrite that gives the same result.
    Rewrite {
        /// The changes, by word, in order; never two of the same kind for one word.
        words: Vec<WordChange>,
        /// What changes, for a person.
        what: String,
    },
    /// The real tool is needed.
    NeedsPackage {
        /// Wolfi packages that bring it, best first.
        packages: Vec<&'static str>,
        /// Why, naming the option.
        why: String,
        /// BusyBox would not fail but do something else.
        silent: bool,
    },
    /// It differs and no package and no rewrite helps; for a person.
    Report {
        /// Why.
        why: String,
        /// BusyBox would not fail but do something else.
        silent: bool,
    },
}

/// A change of one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordChange {
    /// Index into [`SimpleCommand::words`].
    pub index: usize,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The word is written like this, quotes included. The text may hold more than one word.
    Replace(String),
    /// The word goes.
    Delete,
    /// This stands after it.
    InsertAfter(String),
}

/// A verdict on one tool of a command: the command proper, a wrapper before it, or one that it runs (`find -exec`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The tool's name without directory.
    pub tool: String,
    /// Index of its name in [`SimpleCommand::words`].
    pub index: usize,
    /// The verdict.
    pub verdict: Verdict,
}

/// Judges the command proper. `None` for a command that is no BusyBox applet or that nothing is known about.
///
/// The caller asks this where the tool of that name will be BusyBox's: not for a command whose package is installed,
/// and not when the original image was BusyBox based itself.
#[must_use]
pub fn check(command: &SimpleCommand) -> Option<Verdict> {
    check_words(command, command.name_index, command.words.len()).map(|checked| checked.verdict)
}

/// Judges the command proper, its wrappers (`xargs`, `env`, `timeout`, …) and the commands that `find -exec` runs.
///
/// `asks_status` tells whether the script around it looks at exit statuses ([`asks_status`]), which decides about
/// `timeout`.
#[must_use]
pub fn check_all(command: &SimpleCommand, asks_status: bool) -> Vec<Checked> {
    let mut all: Vec<Checked> = Vec::new();
    for wrapper in &command.wrappers {
        all.extend(check_words(command, wrapper.words.start, wrapper.words.end));
    }
    all.extend(check_words(command, command.name_index, command.words.len()));
    for range in find::executed(command.words.get(command.name_index..).unwrap_or_default()) {
        let start = command.name_index + range.start;
        all.extend(check_words(command, start, command.name_index + range.end));
    }
    if asks_status {
        all.iter_mut().for_each(|checked| timeout_status(checked, &command.words));
    }
    all
}

/// Whether a script may look at exit statuses, that of a `timeout` among them.
#[must_use]
pub fn asks_status(script: &str) -> bool {
    script.contains("124") || script.contains("$?")
}

/// A script that looks at the status of `timeout` sees 143 where coreutils gives 124.
fn timeout_status(checked: &mut Checked, words: &[ShellWord]) {
    let works = matches!(checked.verdict, Verdict::Same | Verdict::Rewrite { .. });
    let preserves = words[checked.index..].iter().any(|word| word.text == "--preserve-status");
    if checked.tool == "timeout" && works && !preserves {
        let why = "BusyBox timeout exits with 143 when the time is up, not with 124".to_owned();
        checked.verdict = Verdict::NeedsPackage { packages: vec!["coreutils"], why, silent: true };
    }
}

/// Judges `wget` as the package `busybox-full` has it. Wolfi's `busybox` has none, and Chainguard's `-dev` images have
/// GNU wget, for which [`check`] says [`Verdict::Same`].
#[must_use]
pub fn check_busybox_full_wget(command: &SimpleCommand) -> Option<Verdict> {
    let words = command.words.get(command.name_index..)?;
    judge("wget (busybox-full)", words, command.name_index, command)
}

/// Applets that exist in Wolfi's BusyBox but are a poor stand-in even where no single option tells: name, package, why.
pub const POOR_APPLETS: &[(&str, &str, &str)] = &[
    ("awk", "gawk", "no arrays of arrays, no match() with an array, no asort(), no -i"),
    ("dc", "bc", "a small subset of GNU dc"),
    ("diff", "diffutils", "always prints unified output"),
    ("less", "less", "few options and commands"),
    ("lsof", "lsof", "lists everything and ignores all options"),
    ("ps", "procps", "few columns, and BSD options are ignored"),
    ("realpath", "coreutils", "no options at all"),
    ("top", "procps", "few options, another batch format"),
    ("vi", "vim", "no scripting beyond a small ex subset"),
];

/// Where applets and the tools they stand in for lie.
const SYSTEM_DIRECTORIES: [&str; 4] = ["/bin", "/usr/bin", "/sbin", "/usr/sbin"];

fn check_words(command: &SimpleCommand, start: usize, end: usize) -> Option<Checked> {
    let words = command.words.get(start..end)?;
    let name = word::static_text(words.first()?);
    let (directory, tool) = name.rsplit_once('/').map_or(("", name.as_str()), |(directory, tool)| (directory, tool));
    // `./install` is somebody's script.
    if name.contains('/') && !SYSTEM_DIRECTORIES.contains(&directory) {
        return None;
    }
    let tool = tool.to_owned();
    // As a builtin printf is the shell's own.
    if tool == "printf" && !name.contains('/') {
        return None;
    }
    let verdict = judge(&tool, words, start, command)?;
    Some(Checked { tool, index: start, verdict })
}

fn judge(tool: &str, words: &[ShellWord], start: usize, command: &SimpleCommand) -> Option<Verdict> {
    // GNU wget is what every image that has a wget has.
    if tool == "wget" {
        return Some(Verdict::Same);
    }
    let known = table::tool(tool)?;
    let invocation = Invocation::parse(known, tool, words, start, &command.redirects);
    let mut findings = Findings::new(&invocation);
    rules::apply(&invocation, &mut findings);
    Some(findings.verdict())
}
