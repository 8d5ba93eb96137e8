//! GitLab's code quality report: a JSON array of issues.

use std::io::{self, Write};

use serde::Serialize;
use wolfify_planner::Level;

use crate::pipeline::FileResult;
use crate::report::position::relative_path;
use crate::report::{Frame, fingerprint, serialize};

/// Between files.
pub(crate) const FRAME: Frame = Frame { before_first: "\n", between: ",\n" };

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// The beginning of the array.
pub(crate) fn begin(out: &mut impl Write) -> io::Result<()> {
    write!(out, "[")
}

/// The findings of one file.
pub(crate) fn file(out: &mut impl Write, result: &FileResult) -> io::Result<()> {
    let path = relative_path(&result.path);
    let fingerprints = fingerprint::of(result);
    for (index, (finding, mark)) in result.findings.iter().zip(&fingerprints).enumerate() {
        if index > 0 {
            out.write_all(FRAME.between.as_bytes())?;
        }
        let severity = match finding.level {
            Level::Note => "info",
            Level::Warning => "minor",
            Level::Error => "major",
        };
        let lines = Lines { begin: finding.start.line, end: finding.end.line };
        let issue = Issue {
            description: &finding.message,
            check_name: finding.rule,
            // Unique over the whole report, as GitLab wants it.
            fingerprint: fingerprint::digest(&[&path, mark]),
            severity,
            location: Location { path: &path, lines },
        };
        serialize(&mut *out, &issue)?;
    }
    Ok(())
}

/// The end of the array.
pub(crate) fn end(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "]")
}
