//! The renderings of one run. Every format is told the same: each file in order, then the summary.

mod diff;
mod json;
mod text;

use std::io::{self, Write as _};

use wolfify_planner::{Level, Outcome, PackageCounts};

use crate::args::Format;
use crate::output::Output;
use crate::pipeline::{Action, FileOutcome, FileResult};

pub(crate) use text::finding_line;

/// Writes the result of a run to its output.
pub(crate) enum Reporter {
    /// Unified diffs.
    Diff,
    /// Findings, one a line.
    Findings,
    /// What was rewritten, with what it leaves for a person.
    Rewritten {
        /// Also what is merely worth knowing.
        verbose: bool,
    },
    /// One document.
    Json(json::Document),
    /// One document a line.
    Jsonl,
}

impl Reporter {
    /// The rendering of `action` in `format`.
    pub(crate) fn new(format: Format, action: Action, verbose: bool) -> Self {
        match (format, action) {
            (Format::Json, _) => Self::Json(json::Document::default()),
            (Format::Jsonl, _) => Self::Jsonl,
            (Format::Text, Action::Diff | Action::Convert) => Self::Diff,
            (Format::Text, Action::Check) => Self::Findings,
            (Format::Text, Action::Apply { .. }) => Self::Rewritten { verbose },
        }
    }

    /// One file.
    pub(crate) fn file(&mut self, out: &mut Output, result: &FileResult) -> io::Result<()> {
        match self {
            Self::Diff => diff::file(out, result),
            Self::Findings => text::findings(out, result),
            Self::Rewritten { verbose } => text::rewritten(out, result, *verbose),
            Self::Json(document) => document.file(out, result),
            Self::Jsonl => json::line(out, result),
        }
    }

    /// The end of the report.
    pub(crate) fn end(&mut self, out: &mut Output, summary: &Summary) -> io::Result<()> {
        match self {
            Self::Json(document) => document.end(out, summary)?,
            Self::Jsonl => json::summary_line(out, summary)?,
            Self::Diff | Self::Findings | Self::Rewritten { .. } => {}
        }
        out.flush()
    }
}

/// Counts over all files.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) files: u64,
    pub(crate) changed: u64,
    pub(crate) split: u64,
    pub(crate) runtime: u64,
    pub(crate) dev: u64,
    pub(crate) unchanged: u64,
    pub(crate) skipped: u64,
    pub(crate) errors: u64,
    pub(crate) note_findings: u64,
    pub(crate) warning_findings: u64,
    pub(crate) error_findings: u64,
    /// Findings left for a person, those of files in error not counted.
    pub(crate) for_person: u64,
    /// Files left as they are by `--strict`.
    pub(crate) refused: u64,
    pub(crate) packages: PackageCounts,
}

impl Summary {
    /// Counts one file.
    pub(crate) fn add(&mut self, result: &FileResult) {
        self.files += 1;
        self.changed += u64::from(result.changed);
        *match result.outcome {
            FileOutcome::Planned(Outcome::Split) => &mut self.split,
            FileOutcome::Planned(Outcome::Runtime) => &mut self.runtime,
            FileOutcome::Planned(Outcome::Dev) => &mut self.dev,
            FileOutcome::Planned(Outcome::Unchanged) => &mut self.unchanged,
            FileOutcome::Planned(Outcome::Skipped) => &mut self.skipped,
            FileOutcome::Error => &mut self.errors,
        } += 1;
        for finding in &result.findings {
            *match finding.level {
                Level::Note => &mut self.note_findings,
                Level::Warning => &mut self.warning_findings,
                Level::Error => &mut self.error_findings,
            } += 1;
            self.for_person += u64::from(finding.needs_person() && result.outcome != FileOutcome::Error);
            self.refused += u64::from(finding.rule == crate::problem::STRICT.id);
        }
        self.packages.mapped += result.packages.mapped;
        self.packages.dropped += result.packages.dropped;
        self.packages.unknown += result.packages.unknown;
    }
}

impl FileOutcome {
    /// The word used in reports.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Planned(outcome) => outcome.as_str(),
            Self::Error => "error",
        }
    }
}
