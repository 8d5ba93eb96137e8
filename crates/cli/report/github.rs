//! Annotations of GitHub Actions: workflow commands, one a line.

use std::io::{self, Write};

use wolfify_planner::Level;

use crate::output::printable_but;
use crate::pipeline::FileResult;
use crate::report::position::relative_path;

/// The findings of one file.
pub(crate) fn file(out: &mut impl Write, result: &FileResult) -> io::Result<()> {
    let path = property(&relative_path(&result.path));
    for finding in &result.findings {
        let command = match finding.level {
            Level::Note => "notice",
            Level::Warning => "warning",
            Level::Error => "error",
        };
        write!(out, "::{command} file={path},line={},endLine={}", finding.start.line, finding.end.line)?;
        // GitHub takes columns only within one line.
        if finding.start.line == finding.end.line {
            write!(out, ",col={},endColumn={}", finding.start.column, finding.end.column)?;
        }
        writeln!(out, ",title={}::{}", property(&format!("wolfify {}", finding.rule)), data(&finding.message))?;
    }
    Ok(())
}

/// The log of a job is shown as a terminal would.
fn data(text: &str) -> String {
    let text = printable_but(text, &['\r', '\n']);
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
