//! What is known of files that are copied out of other images.

use crate::glob;
use crate::images::familiar;
use crate::mappings::Mappings;

/// Columns of `copied-files.tsv`.
mod column {
    pub(super) const IMAGE: usize = 0;
    pub(super) const PATH: usize = 1;
    pub(super) const LINKAGE: usize = 2;
    pub(super) const NOTE: usize = 3;
}

/// What a program needs from the image that it is copied into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    /// Nothing: it is linked statically.
    Static,
    /// It is no program: archives, scripts of a language, settings.
    Data,
    /// The GNU C library, which Wolfi has, perhaps with other libraries.
    Glibc,
    /// musl, which Wolfi has not.
    Musl,
    /// The old distribution's package manager or layout.
    Distribution,
}

/// A file or directory of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedFile {
    /// What it needs.
    pub linkage: Linkage,
    /// Something a person should know, if anything.
    pub note: Option<String>,
}

impl Mappings {
    /// What is known of `path` in the image `name` at `tag`.
    ///
    /// The most specific image wins, then the longest path. A row's path stands for all below it, `*` for all of the image.
    pub fn copied_file(&self, name: &str, tag: Option<&str>, path: &str) -> Option<CopiedFile> {
        let image = format!("{}:{}", familiar(name), tag.unwrap_or("latest"));
        let below = |row: &str| {
            row == "*" || path.strip_prefix(row).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let rows = self.tables.copied_files.rows_for(&image);
        let row = rows
            .filter(|row| glob::matches(row.column(column::IMAGE), &image) && below(row.column(column::PATH)))
            .max_by_key(|row| {
                let path = row.column(column::PATH);
                (glob::specificity(row.column(column::IMAGE)), if path == "*" { 0 } else { path.len() })
            })?;
        let linkage = match row.column(column::LINKAGE) {
            "static" => Linkage::Static,
            "data" => Linkage::Data,
            "glibc" => Linkage::Glibc,
            "musl" => Linkage::Musl,
            _ => Linkage::Distribution,
        };
        Some(CopiedFile { linkage, note: row.optional(column::NOTE) })
    }
}
