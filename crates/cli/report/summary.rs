//! Counts over all files.

use serde::{Deserialize, Serialize};
use wolfify_planner::{Level, Outcome, PackageCounts};

use crate::pipeline::{FileOutcome, FileResult};

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

    /// How many files had each outcome, best first.
    pub(crate) fn outcomes(&self) -> [(&'static str, u64); 6] {
        [
            ("split", self.split),
            ("runtime", self.runtime),
            ("dev", self.dev),
            ("unchanged", self.unchanged),
            ("skipped", self.skipped),
            ("error", self.errors),
        ]
    }

    /// The counts as they stand in a JSON report.
    pub(crate) fn counts(&self) -> Counts {
        Counts {
            files: self.files,
            changed: self.changed,
            outcomes: Outcomes {
                split: self.split,
                runtime: self.runtime,
                dev: self.dev,
                unchanged: self.unchanged,
                skipped: self.skipped,
                error: self.errors,
            },
            findings: Findings { note: self.note_findings, warning: self.warning_findings, error: self.error_findings },
            packages: Packages {
                mapped: self.packages.mapped,
                dropped: self.packages.dropped,
                unknown: self.packages.unknown,
            },
        }
    }
}

/// `summary` of a JSON report.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    files: u64,
    changed: u64,
    outcomes: Outcomes,
    findings: Findings,
    packages: Packages,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Outcomes {
    split: u64,
    runtime: u64,
    dev: u64,
    unchanged: u64,
    skipped: u64,
    error: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Findings {
    note: u64,
    warning: u64,
    error: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Packages {
    mapped: u64,
    dropped: u64,
    unknown: u64,
}

impl Counts {
    /// Adds what another machine counted.
    pub(crate) fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.changed += other.changed;
        self.outcomes.split += other.outcomes.split;
        self.outcomes.runtime += other.outcomes.runtime;
        self.outcomes.dev += other.outcomes.dev;
        self.outcomes.unchanged += other.outcomes.unchanged;
        self.outcomes.skipped += other.outcomes.skipped;
        self.outcomes.error += other.outcomes.error;
        self.findings.note += other.findings.note;
        self.findings.warning += other.findings.warning;
        self.findings.error += other.findings.error;
        self.packages.mapped += other.packages.mapped;
        self.packages.dropped += other.packages.dropped;
        self.packages.unknown += other.packages.unknown;
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
