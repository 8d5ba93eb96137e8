//! The machine-readable report, version 1.

use std::io::{self, Write as _};

use serde::Serialize;

use crate::output::Output;
use crate::pipeline::{FileResult, LocatedFinding};
use crate::report::Summary;

/// Raised when a field changes its meaning or goes away; new fields may come at any time.
const VERSION: u32 = 1;

/// One JSON document, written file by file.
#[derive(Debug, Default)]
pub(crate) struct Document {
    files: u64,
}

impl Document {
    /// One entry of `files`.
    pub(crate) fn file(&mut self, out: &mut Output, result: &FileResult) -> io::Result<()> {
        self.separate(out)?;
        self.files += 1;
        serialize(out, &File::new(result))
    }

    /// The summary and the end of the document.
    pub(crate) fn end(&mut self, out: &mut Output, summary: &Summary) -> io::Result<()> {
        if self.files == 0 {
            write!(out, "{{\"version\": {VERSION},\n\"files\": [")?;
        }
        write!(out, "],\n\"summary\": ")?;
        serialize(out, &SummaryObject::new(summary))?;
        writeln!(out, "}}")
    }

    fn separate(&self, out: &mut Output) -> io::Result<()> {
        if self.files == 0 { write!(out, "{{\"version\": {VERSION},\n\"files\": [\n") } else { writeln!(out, ",") }
    }
}

/// One file on a line of its own.
pub(crate) fn line(out: &mut Output, result: &FileResult) -> io::Result<()> {
    serialize(out, &Line { version: VERSION, content: File::new(result) })?;
    writeln!(out)
}

/// The summary on a line of its own, the last.
pub(crate) fn summary_line(out: &mut Output, summary: &Summary) -> io::Result<()> {
    #[derive(Serialize)]
    struct Last {
        summary: SummaryObject,
    }
    serialize(out, &Line { version: VERSION, content: Last { summary: SummaryObject::new(summary) } })?;
    writeln!(out)
}

fn serialize(out: &mut Output, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
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

#[derive(Serialize)]
struct SummaryObject {
    files: u64,
    changed: u64,
    outcomes: Outcomes,
    findings: Findings,
    packages: Packages,
}

#[derive(Serialize)]
struct Outcomes {
    split: u64,
    runtime: u64,
    dev: u64,
    unchanged: u64,
    skipped: u64,
    error: u64,
}

#[derive(Serialize)]
struct Findings {
    note: u64,
    warning: u64,
    error: u64,
}

#[derive(Serialize)]
struct Packages {
    mapped: u64,
    dropped: u64,
    unknown: u64,
}

impl SummaryObject {
    fn new(summary: &Summary) -> Self {
        Self {
            files: summary.files,
            changed: summary.changed,
            outcomes: Outcomes {
                split: summary.split,
                runtime: summary.runtime,
                dev: summary.dev,
                unchanged: summary.unchanged,
                skipped: summary.skipped,
                error: summary.errors,
            },
            findings: Findings {
                note: summary.note_findings,
                warning: summary.warning_findings,
                error: summary.error_findings,
            },
            packages: Packages {
                mapped: summary.packages.mapped,
                dropped: summary.packages.dropped,
                unknown: summary.packages.unknown,
            },
        }
    }
}
