//! Diagnostics for reviewdog, with suggestions that a reviewer can accept.

use std::io::{self, Write};

use serde::Serialize;
use text_size::TextRange;
use wolfify_edit::Fix;
use wolfify_planner::Level;

use crate::pipeline::{FileResult, LocatedFinding};
use crate::report::position::{ByteLines, relative_path};
use crate::report::{Frame, serialize};

/// Between files.
pub(crate) const FRAME: Frame = Frame { before_first: "\n", between: ",\n" };

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: &'a str,
    location: Location<'a>,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestions: Option<[Suggestion; 1]>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    range: Range,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

/// Columns count bytes here.
#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
}

impl Range {
    fn new(lines: &ByteLines, range: TextRange) -> Self {
        let position = |offset| {
            let (line, column) = lines.line_column(offset);
            Position { line, column }
        };
        Self { start: position(range.start()), end: position(range.end()) }
    }
}

/// The beginning of the document.
pub(crate) fn begin(out: &mut impl Write) -> io::Result<()> {
    write!(out, "{{\"source\":{{\"name\":\"wolfify\"}},\n\"diagnostics\":[")
}

/// The findings of one file.
pub(crate) fn file(out: &mut impl Write, result: &FileResult) -> io::Result<()> {
    let path = relative_path(&result.path);
    let lines = ByteLines::new(&result.text);
    for (index, finding) in result.findings.iter().enumerate() {
        if index > 0 {
            out.write_all(FRAME.between.as_bytes())?;
        }
        serialize(&mut *out, &diagnostic(&path, &lines, &result.text, finding))?;
    }
    Ok(())
}

fn diagnostic<'a>(path: &'a str, lines: &ByteLines, text: &str, finding: &'a LocatedFinding) -> Diagnostic<'a> {
    let severity = match finding.level {
        Level::Note => "INFO",
        Level::Warning => "WARNING",
        Level::Error => "ERROR",
    };
    let suggestion = finding.fix.as_ref().and_then(|fix| joined(text, fix)).map(|(range, text)| {
        let range = Range::new(lines, range);
        [Suggestion { range, text }]
    });
    Diagnostic {
        message: &finding.message,
        location: Location { path, range: Range::new(lines, finding.range) },
        severity,
        code: Code { value: finding.rule },
        suggestions: suggestion,
    }
}

/// All edits of a fix as one: reviewdog takes several suggestions as choices, not as parts.
fn joined(text: &str, fix: &Fix) -> Option<(TextRange, String)> {
    let range = fix.edits.iter().map(|edit| edit.range).reduce(TextRange::cover)?;
    let mut new = String::new();
    let mut at = usize::from(range.start());
    for edit in &fix.edits {
        new.push_str(text.get(at..usize::from(edit.range.start()))?);
        new.push_str(&edit.text);
        at = edit.range.end().into();
    }
    new.push_str(text.get(at..usize::from(range.end()))?);
    Some((range, new))
}

/// The end of the document.
pub(crate) fn end(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "]}}")
}
