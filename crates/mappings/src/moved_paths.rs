//! Where files of old images and distributions are on Wolfi, and what has to be done beside an install.

use crate::mappings::Mappings;

/// Columns of `moved-paths.tsv`.
mod path_column {
    pub(super) const PATH: usize = 1;
    pub(super) const KIND: usize = 2;
    pub(super) const NEW: usize = 3;
    pub(super) const ADVICE: usize = 4;
}

/// Columns of `package-setup.tsv`.
mod setup_column {
    pub(super) const WHEN: usize = 1;
    pub(super) const UNLESS: usize = 2;
    pub(super) const LINE: usize = 3;
    pub(super) const WHY: usize = 4;
}

/// A path that a Dockerfile for the old image may name. It stands for all that is below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldPath {
    /// The path in the old image.
    pub path: &'static str,
    /// Where the same thing is in the new one.
    pub new: Option<&'static str>,
    /// What to do, where nothing in the new image takes its place.
    pub gone: Option<&'static str>,
    /// The new image has no such file, and nothing misses it.
    pub absent: bool,
    /// The user of the new image may write there already.
    pub own: bool,
    /// What runs in the new image only reads it.
    pub read: bool,
}

/// What has to be done after a package is installed, because the old distribution's package did it by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageSetup {
    /// Only for stages that name this path; `None` for all.
    pub when: Option<&'static str>,
    /// Not for stages that name this word in a COPY or in what they start.
    pub unless: Option<&'static str>,
    /// The commands.
    pub line: &'static str,
    /// Why, as a clause.
    pub why: &'static str,
}

impl Mappings {
    /// The paths that are elsewhere in the Chainguard image `place`, or after the package `apk:NAME` is installed.
    pub fn old_paths(&self, place: &str) -> Vec<OldPath> {
        let prefix = format!("{place}\t");
        let rows = self.tables.moved_paths.starting_with(&prefix);
        rows.map(|row| {
            let has = |kind: &str| row.column(path_column::KIND).split(' ').any(|own| own == kind);
            OldPath {
                path: row.column(path_column::PATH),
                new: Some(row.column(path_column::NEW)).filter(|_| has("moved")),
                gone: Some(row.column(path_column::ADVICE)).filter(|_| has("gone")),
                absent: has("absent"),
                own: has("own"),
                read: has("read"),
            }
        })
        .collect()
    }

    /// What has to be done after `package` is installed on a base image.
    pub fn package_setup(&self, package: &str) -> Vec<PackageSetup> {
        let prefix = format!("{package}\t");
        let rows = self.tables.package_setup.starting_with(&prefix);
        rows.map(|row| PackageSetup {
            when: Some(row.column(setup_column::WHEN)).filter(|when| *when != "always"),
            unless: Some(row.column(setup_column::UNLESS)).filter(|word| !word.is_empty()),
            line: row.column(setup_column::LINE),
            why: row.column(setup_column::WHY),
        })
        .collect()
    }

    /// The packages with a row in `package-setup.tsv`.
    pub fn packages_with_setup(&self) -> Vec<&'static str> {
        let mut packages: Vec<&'static str> = self.tables.package_setup.rows().map(|row| row.column(0)).collect();
        packages.dedup();
        packages
    }

    /// The packages with rows in `moved-paths.tsv`.
    pub fn packages_with_paths(&self) -> Vec<&'static str> {
        let rows = self.tables.moved_paths.starting_with("apk:");
        let mut packages: Vec<&'static str> = rows.filter_map(|row| row.column(0).strip_prefix("apk:")).collect();
        packages.dedup();
        packages
    }

    /// What to build on in place of `image`, which has no variant with apk on the free tier, and what to install there.
    pub fn stand_in(&self, image: &str) -> (String, Vec<String>) {
        match self.tables.stand_ins.find(image) {
            Some(row) => (row.column(1).to_owned(), row.words(2)),
            None => ("wolfi-base".to_owned(), vec![image.to_owned()]),
        }
    }
}
