//! Directories of the old distributions that Wolfi's base layout lacks.

use crate::mappings::Mappings;

/// Columns of `directories.tsv`.
mod column {
    pub(super) const PATH: usize = 1;
    pub(super) const PACKAGES: usize = 2;
}

/// A directory that is there in an old image, and on Wolfi only where something makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldDirectory {
    /// The absolute path.
    pub path: &'static str,
    /// Wolfi packages that bring it.
    pub packages: Vec<String>,
}

impl Mappings {
    /// The directories that `image` has beside those of its distribution, or those of every distribution for `*`.
    pub fn old_directories(&self, image: &str) -> Vec<OldDirectory> {
        let prefix = format!("{image}\t");
        let rows = self.tables.directories.starting_with(&prefix);
        rows.map(|row| OldDirectory { path: row.column(column::PATH), packages: row.words(column::PACKAGES) }).collect()
    }
}
