//! Lines for people.

use std::io::{self, Write};

use wolfify_planner::Level;

use crate::output::{Palette, printable};
use crate::pipeline::{FileOutcome, FileResult, LocatedFinding};

/// All findings of a file, one a line. What kept a file from being done is said on stderr instead.
pub(crate) fn findings(out: &mut impl Write, palette: Palette, result: &FileResult) -> io::Result<()> {
    if result.outcome == FileOutcome::Error {
        return Ok(());
    }
    for finding in &result.findings {
        writeln!(out, "{}", finding_line(palette, &result.path, finding))?;
    }
    Ok(())
}

/// The findings of a file below its name. Notes are only counted unless `notes` asks for them: on a whole tree they would
/// hide what needs somebody.
pub(crate) fn grouped(out: &mut impl Write, palette: Palette, result: &FileResult, notes: bool) -> io::Result<()> {
    if result.outcome == FileOutcome::Error || (result.findings.is_empty() && !result.changed) {
        return Ok(());
    }
    let shown = |finding: &&LocatedFinding| notes || finding.level > Level::Note || finding.needs_person();
    let hidden = result.findings.iter().filter(|finding| !shown(finding)).count();
    let bold = palette.bold;
    write!(out, "{bold}{}{bold:#}: {}", printable(&result.path), result.outcome.as_str())?;
    match hidden {
        0 => writeln!(out)?,
        1 => writeln!(out, ", 1 note")?,
        more => writeln!(out, ", {more} notes")?,
    }
    for finding in result.findings.iter().filter(shown) {
        let place = format!("{}:{}", finding.start.line, finding.start.column);
        writeln!(out, "  {place:>7}  {}", finding_text(palette, finding))?;
    }
    Ok(())
}

/// What became of a file that was rewritten or that needs a person.
pub(crate) fn rewritten(out: &mut impl Write, palette: Palette, result: &FileResult, verbose: bool) -> io::Result<()> {
    if result.outcome == FileOutcome::Error {
        return Ok(());
    }
    if result.changed {
        let bold = palette.bold;
        writeln!(out, "{bold}{}{bold:#}: rewritten, {}", printable(&result.path), result.outcome.as_str())?;
    }
    let shown = |finding: &&LocatedFinding| verbose || finding.needs_person();
    for finding in result.findings.iter().filter(shown) {
        writeln!(out, "{}", finding_line(palette, &result.path, finding))?;
    }
    Ok(())
}

/// `path:line:column: level[rule] message`
pub(crate) fn finding_line(palette: Palette, path: &str, finding: &LocatedFinding) -> String {
    let bold = palette.bold;
    let place = format!("{}:{}:{}", printable(path), finding.start.line, finding.start.column);
    format!("{bold}{place}:{bold:#} {}", finding_text(palette, finding))
}

fn finding_text(palette: Palette, finding: &LocatedFinding) -> String {
    let style = match finding.level {
        Level::Note => palette.note,
        Level::Warning => palette.warning,
        Level::Error => palette.error,
    };
    let (level, rule, message) = (finding.level.as_str(), finding.rule, printable(&finding.message));
    format!("{style}{level}{style:#}[{rule}] {message}")
}
