//! One replacement, and the group of replacements that is applied whole or not at all.

use text_size::{TextRange, TextSize};

/// Replaces the bytes of `range` in the original text by `text` (LSP `TextEdit`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// Bytes of the original text; empty for an insertion.
    pub range: TextRange,
    /// The new text; empty for a deletion.
    pub text: String,
}

impl Edit {
    /// Takes `range` out.
    #[must_use]
    pub fn delete(range: TextRange) -> Self {
        Self { range, text: String::new() }
    }

    /// Puts `text` in the place of `range`.
    #[must_use]
    pub fn replace(range: TextRange, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }

    /// Puts `text` before the byte at `offset`.
    #[must_use]
    pub fn insert(offset: TextSize, text: impl Into<String>) -> Self {
        Self { range: TextRange::empty(offset), text: text.into() }
    }
}

/// Edits that belong together: applied whole or not at all (SARIF `fix`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: String,
    /// The edits, sorted by range.
    pub edits: Vec<Edit>,
}
