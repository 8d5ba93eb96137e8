//! The machine-readable report, version 1.

use std::io::{self, Write};

use serde::Serialize;

use crate::pipeline::{FileResult, LocatedFinding};
use crate::report::summary::{Counts, Summary};
use crate::report::{Frame, serialize};

/// Raised when a field changes its meaning or goes away; new fields may come at any time.
const VERSION: u32 = 1;

/// Between the files of one document.
pub(crate) const FRAME: Frame = Frame { before_first: "\n", between: ",\n" };

/// The beginning of one document.
pub(crate) fn begin(out: &mut impl Write) -> io::Result<()> {
    write!(out, "{{\"version\": {VERSION},\n\"files\": [")
}

/// One entry of `files`.
pub(crate) fn file(out: &mut impl Write, result: &FileResult) -> io::Result<()> {
    serialize(out, &File::new(result))
}

/// The summary and the end of the document.
pub(crate) fn end(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    end_with(out, &summary.counts())
}

/// The end of a document that others have counted.
pub(crate) fn end_with(out: &mut impl Write, counts: &Counts) -> io::Result<()> {
    write!(out, "],\n\"summary\": ")?;
    serialize(&mut *out, counts)?;
    writeln!(out, "}}")
}

/// One file on a line of its own.
pub(crate) fn line(out: &mut impl Write, result: &FileResult) -> io::Result<()> {
    serialize(&mut *out, &Line { version: VERSION, content: File::new(result) })?;
    writeln!(out)
}

/// The summary on a line of its own, the last.
pub(crate) fn summary_line(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    last_line(out, summary.counts())
}

/// The last line of a report that others have counted.
pub(crate) fn last_line(out: &mut impl Write, counts: Counts) -> io::Result<()> {
    #[derive(Serialize)]
    struct Last {
        summary: Counts,
    }
    serialize(&mut *out, &Line { version: VERSION, content: Last { summary: counts } })?;
    writeln!(out)
}

#[derive(Serialize)]
struct Line<T> {
    version: u32,
    #[serde(flatten)]
    content: T,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    changed: bool,
    outcome: &'static str,
    findings: Vec<Finding<'a>>,
}

impl<'a> File<'a> {
    fn new(result: &'a FileResult) -> Self {
        Self {
            path: &result.path,
            changed: result.changed,
            outcome: result.outcome.as_str(),
            findings: result.findings.iter().map(Finding::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    level: &'static str,
    message: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix<'a>>,
}

impl<'a> Finding<'a> {
    fn new(finding: &'a LocatedFinding) -> Self {
        let edits = |fix: &'a wolfify_edit::Fix| fix.edits.iter().map(Edit::new).collect();
        Self {
            rule: finding.rule,
            level: finding.level.as_str(),
            message: &finding.message,
            line: finding.start.line,
            column: finding.start.column,
            end_line: finding.end.line,
            end_column: finding.end.column,
            fix: finding.fix.as_ref().map(|fix| Fix { title: &fix.title, edits: edits(fix) }),
        }
    }
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    start: u32,
    end: u32,
    text: &'a str,
}

impl<'a> Edit<'a> {
    fn new(edit: &'a wolfify_edit::Edit) -> Self {
        Self { start: edit.range.start().into(), end: edit.range.end().into(), text: &edit.text }
    }
}
