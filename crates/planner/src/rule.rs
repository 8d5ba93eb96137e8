//! What a rule is.

use crate::finding::Level;

/// One thing the planner looks for: its documentation and its identity. What it does stands in its file under
/// `rules/`.
#[derive(Debug)]
pub struct Rule {
    /// Kebab case, named for what is found, so that it reads well after "ignore".
    pub id: &'static str,
    /// One line for lists.
    pub summary: &'static str,
    /// The usual level of its findings.
    pub level: Level,
    /// Markdown: what it finds, why it matters on Wolfi, an example and its result.
    pub docs: &'static str,
}
