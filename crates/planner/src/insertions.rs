//! Whole lines put between instructions.
//!
//! Several rules may want a line at the same place (`USER root`, then `RUN apk add`). They are collected here and
//! become one insertion, in a fixed order, that every finding concerned carries.

use std::collections::BTreeMap;

use text_size::{TextRange, TextSize};
use wolfify_edit::{Edit, Fix};

use crate::finding::{Finding, Level};
use crate::rule::Rule;

/// Which line comes first where several meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// What belongs to the instruction above.
    FollowUp,
    /// A return to the user that was in force before the instruction above.
    RestoreUser,
    /// `WORKDIR`, where the old image's is missed.
    Workdir,
    /// `ENV`, where the old image's is missed or the new one needs it.
    Environment,
    /// `USER root`
    RaiseUser,
    /// `RUN apk add`
    Install,
    /// What an installed package leaves to do.
    Setup,
    /// `SHELL` for what follows.
    Shell,
    /// What a builder does for its runtime.
    Build,
    /// A directory given to the user that comes.
    Own,
    /// A return to the user that was in force.
    DropUser,
    /// A new stage.
    Stage,
    /// What the container starts.
    Start,
    /// A comment for a person, right above what it speaks of.
    Note,
}

#[derive(Debug)]
struct Line {
    order: Order,
    text: String,
    rule: &'static Rule,
    level: Level,
    message: String,
    title: String,
    range: TextRange,
    /// Edits elsewhere that belong to it.
    edits: Vec<Edit>,
}

/// Lines to insert, by offset of a line start (or of the end of a text without a final line ending).
#[derive(Debug, Default)]
pub(crate) struct Insertions {
    at: BTreeMap<TextSize, Vec<Line>>,
}

/// A finding whose fix is one line to insert.
pub(crate) struct LineFinding {
    /// The rule that asks for the line.
    pub(crate) rule: &'static Rule,
    /// How much attention it needs.
    pub(crate) level: Level,
    /// What was found.
    pub(crate) message: String,
    /// What the line does.
    pub(crate) title: String,
    /// The place in the original that it is about.
    pub(crate) range: TextRange,
}

impl LineFinding {
    /// A note about what is at `range`, with what the line does.
    pub(crate) fn note(
        rule: &'static Rule,
        range: TextRange,
        message: impl Into<String>,
        title: impl Into<String>,
    ) -> Self {
        Self { rule, level: Level::Note, message: message.into(), title: title.into(), range }
    }
}

impl Insertions {
    /// Asks for `text` (without line ending) as a line at `offset`. The same line asked for twice is put in once.
    pub(crate) fn add(&mut self, offset: TextSize, order: Order, text: impl Into<String>, finding: LineFinding) {
        self.add_with(offset, order, text, finding, Vec::new());
    }

    /// The same, with edits elsewhere that belong to the line.
    pub(crate) fn add_with(
        &mut self,
        offset: TextSize,
        order: Order,
        text: impl Into<String>,
        finding: LineFinding,
        edits: Vec<Edit>,
    ) {
        let LineFinding { rule, level, message, title, range } = finding;
        let line = Line { order, text: text.into(), rule, level, message, title, range, edits };
        self.at.entry(offset).or_default().push(line);
    }

    /// Whether a `RUN apk add` goes in at `offset`.
    pub(crate) fn installs_at(&self, offset: TextSize) -> bool {
        self.at.get(&offset).is_some_and(|lines| lines.iter().any(|line| line.order == Order::Install))
    }

    /// The findings, each with the whole insertion at its place.
    pub(crate) fn into_findings(self, text: &str, newline: &str) -> Vec<Finding> {
        self.at.into_iter().flat_map(|(offset, lines)| findings_at(text, newline, offset, lines)).collect()
    }
}

fn findings_at(text: &str, newline: &str, offset: TextSize, mut lines: Vec<Line>) -> Vec<Finding> {
    lines.sort_by_key(|line| line.order);
    let mut texts: Vec<&str> = Vec::new();
    for line in &lines {
        if texts.last() != Some(&line.text.as_str()) {
            texts.push(&line.text);
        }
    }
    let before = &text[..usize::from(offset)];
    let joined = if before.is_empty() || before == "\u{feff}" || before.ends_with('\n') {
        texts.iter().map(|line| format!("{line}{newline}")).collect::<String>()
    } else {
        texts.iter().map(|line| format!("{newline}{line}")).collect::<String>()
    };
    lines
        .iter()
        .map(|line| Finding {
            rule: line.rule.id,
            level: line.level,
            message: line.message.clone(),
            range: line.range,
            fix: Some(Fix {
                title: line.title.clone(),
                edits: with_insertion(line, Edit::insert(offset, joined.clone())),
            }),
        })
        .collect()
}

fn with_insertion(line: &Line, insertion: Edit) -> Vec<Edit> {
    let mut edits = line.edits.clone();
    edits.push(insertion);
    edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
    edits
}
