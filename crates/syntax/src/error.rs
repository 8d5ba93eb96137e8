//! Why a text is not a Dockerfile.

use text_size::TextRange;

/// The text is not a Dockerfile that BuildKit would read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    /// What the error is about.
    pub range: TextRange,
    /// What is wrong, in one sentence without a final full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl ParseError {
    pub(crate) fn new(range: TextRange, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: help.into() }
    }
}
