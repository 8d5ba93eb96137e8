//! What the planner has to say about a place in the file.

use text_size::TextRange;
use wolfify_edit::Fix;

/// One thing done or left to do (SARIF `result`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id, in kebab case.
    pub rule: &'static str,
    /// How much attention it needs.
    pub level: Level,
    /// What was found, why, and what to do, in one or two sentences.
    pub message: String,
    /// The place in the original text.
    pub range: TextRange,
    /// What was done about it; `None` means work left for a person.
    pub fix: Option<Fix>,
}

/// SARIF `level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Done, worth knowing.
    Note,
    /// Done, look at it.
    Warning,
    /// Will not build or run until a person acts.
    Error,
}

impl Level {
    /// The word that SARIF uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}
