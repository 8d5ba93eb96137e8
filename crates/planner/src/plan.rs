//! The result for one file.

use crate::finding::Finding;

/// Everything to say and to do about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// In order of position, then rule. The edits of the plan are the edits of their fixes, all of them.
    pub findings: Vec<Finding>,
    /// How far the migration got.
    pub outcome: Outcome,
    /// Packages met in install commands.
    pub packages: PackageCounts,
}

/// How far a file's migration got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Split into a `-dev` builder and a distroless runtime.
    Split,
    /// The final stage is distroless without a split.
    Runtime,
    /// The final stage has a shell: a `-dev` image or a distribution base.
    Dev,
    /// Nothing to migrate.
    Unchanged,
    /// Left alone on purpose: no known base image, Windows, a template, …
    Skipped,
}

impl Outcome {
    /// The word used in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Runtime => "runtime",
            Self::Dev => "dev",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
        }
    }
}

/// Package occurrences by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackageCounts {
    /// Mapped to a Wolfi package, by a table or by the same name.
    pub mapped: u64,
    /// Left out, with a reason.
    pub dropped: u64,
    /// Not known; kept as written.
    pub unknown: u64,
}
