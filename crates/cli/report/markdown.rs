//! The body of a pull request: totals, what needs a person as a list to tick off, and all files.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::output::printable;
use crate::pipeline::{FileOutcome, FileResult};
use crate::report::Summary;
use crate::report::position::relative_path;

/// Bytes for each of the two lists. GitHub refuses a body of more than 65,536 characters.
const ROOM: usize = 28_000;

/// Gathers the lists as files come by; no more of them than is shown.
#[derive(Default)]
pub(crate) struct Body {
    applied: bool,
    tasks: List,
    files: List,
}

/// Lines up to a limit, and how many there would be.
#[derive(Default)]
struct List {
    text: String,
    shown: u64,
    all: u64,
}

impl List {
    fn push(&mut self, line: &str) {
        self.all += 1;
        // Once one is left out, so are all later ones.
        if self.shown + 1 == self.all && self.text.len() + line.len() <= ROOM {
            self.text.push_str(line);
            self.shown += 1;
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write!(out, "{}", self.text)?;
        if self.shown < self.all { writeln!(out, "\n… and {} more.", self.all - self.shown) } else { Ok(()) }
    }
}

impl Body {
    /// An empty body; `applied` when the files are rewritten already.
    pub(crate) fn new(applied: bool) -> Self {
        Self { applied, ..Self::default() }
    }

    /// One file.
    pub(crate) fn add(&mut self, result: &FileResult) {
        let path = printable(&relative_path(&result.path));
        for finding in result.findings.iter().filter(|finding| finding.needs_person()) {
            let place = code(&format!("{path}:{}", finding.start.line));
            let (level, rule) = (finding.level.as_str(), finding.rule);
            self.tasks.push(&format!("- [ ] {place} {level} `{rule}`: {}\n", prose(&printable(&finding.message))));
        }
        if result.changed || result.outcome == FileOutcome::Error {
            let left = result.findings.iter().filter(|finding| finding.needs_person()).count();
            let left = if left == 0 { String::new() } else { left.to_string() };
            let path = code(&path).replace('|', "\\|");
            self.files.push(&format!("| {path} | {} | {left} |\n", result.outcome.as_str()));
        }
    }

    /// The whole body.
    pub(crate) fn write(&self, out: &mut impl Write, summary: &Summary) -> io::Result<()> {
        let verb = if self.applied { "moved" } else { "can move" };
        let noun = if summary.files == 1 { "Dockerfile" } else { "Dockerfiles" };
        writeln!(out, "## {} of {} {noun} {verb} to Chainguard images\n", summary.changed, summary.files)?;
        let mut totals = String::new();
        for (name, count) in summary.outcomes().into_iter().filter(|(_, count)| *count > 0) {
            let _ = writeln!(totals, "| {name} | {count} | {} |", meaning(name));
        }
        if !totals.is_empty() {
            writeln!(out, "| outcome | files | |\n|---|---:|---|\n{totals}")?;
        }
        let packages = summary.packages;
        if packages.mapped + packages.dropped + packages.unknown > 0 {
            writeln!(
                out,
                "Packages: {} mapped, {} left out, {} unknown.\n",
                packages.mapped, packages.dropped, packages.unknown
            )?;
        }
        if self.tasks.all > 0 {
            writeln!(out, "### For a person ({})\n", self.tasks.all)?;
            self.tasks.write(out)?;
            writeln!(out)?;
        }
        if self.files.all > 0 {
            writeln!(out, "<details><summary>All {} files</summary>\n", self.files.all)?;
            writeln!(out, "| file | outcome | for a person |\n|---|---|---:|")?;
            self.files.write(out)?;
            writeln!(out, "\n</details>")?;
        }
        Ok(())
    }
}

fn meaning(outcome: &str) -> &'static str {
    match outcome {
        "split" => "built in a `-dev` image, runs in one without a shell",
        "runtime" => "runs in an image without a shell",
        "dev" => "runs in an image with a shell",
        "unchanged" => "nothing to migrate",
        "skipped" => "left as it is, with the reason",
        _ => "could not be read or written",
    }
}

/// A code span, whatever the text holds.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let pad = if fence.len() > 1 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A message as text: its code spans stay, everything else that Markdown would take as markup does not.
fn prose(message: &str) -> String {
    let spans = message.matches('`').count().is_multiple_of(2) && !message.contains("``");
    let mut text = String::new();
    let mut inside = false;
    for character in message.chars() {
        match character {
            '`' if spans => {
                inside = !inside;
                text.push('`');
            }
            _ if inside => text.push(character),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' => {
                text.push('\\');
                text.push(character);
            }
            '<' => text.push_str("&lt;"),
            '&' => text.push_str("&amp;"),
            // Nobody is to be notified.
            '@' => text.push_str("@\u{200b}"),
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_becomes_markup() {
        assert_eq!(prose("`a_b` <b> @team *x*"), "`a_b` &lt;b> @\u{200b}team \\*x\\*");
        assert_eq!(prose("odd ` here_"), "odd \\` here\\_");
        assert_eq!(code("a`b"), "`` a`b ``");
    }

    #[test]
    fn lists_end_with_how_many_are_left_out() {
        let mut list = List::default();
        (0..10_000).for_each(|n| list.push(&format!("- {n}\n")));
        let mut text = Vec::new();
        list.write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.len() < ROOM + 100 && text.ends_with(&format!("… and {} more.\n", 10_000 - list.shown)));
    }
}
