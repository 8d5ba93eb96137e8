//! The tables in force and the state around them.

use crate::builtin::{BuiltinTables, Tables};
use crate::index::ApkIndex;
use crate::lookup::{Confidence, Provenance};
use crate::table::Row;
use crate::user::UserTable;

/// Everything that is known: the built-in tables, the user's own, and an APKINDEX when there is one.
#[derive(Debug, Clone, Default)]
pub struct Mappings {
    pub(crate) tables: Tables,
    /// Whether the rules for families of names apply; they are part of the built-in mappings.
    pub(crate) families: bool,
    pub(crate) user: UserTable,
    pub(crate) index: Option<ApkIndex>,
}

impl Mappings {
    /// The built-in tables alone.
    pub fn new(builtin: BuiltinTables) -> Self {
        Self { tables: builtin.into(), families: true, ..Self::default() }
    }

    /// The same without the built-in image and package mappings (`--no-builtin-mappings`).
    ///
    /// What images contain, which Wolfi names exist and who carries a command are facts and stay.
    #[must_use]
    pub fn without_builtin(mut self) -> Self {
        let Tables {
            images, image_patterns, package_patterns, packages_alpine, packages_debian, packages_fedora, ..
        } = Tables::default();
        let facts = self.tables;
        self.tables = Tables {
            images,
            image_patterns,
            package_patterns,
            packages_alpine,
            packages_debian,
            packages_fedora,
            ..facts
        };
        self.families = false;
        self
    }

    /// Puts a user's table above everything that is there: later tables win over earlier ones and over the built-in.
    pub fn overlay(&mut self, table: UserTable) {
        self.user.merge(table);
    }

    /// Lets an APKINDEX decide which packages, virtual names, commands and shared objects exist.
    pub fn set_index(&mut self, index: ApkIndex) {
        self.index = Some(index);
    }

    /// How many rows each built-in table in force has, by the name of its file.
    pub fn row_counts(&self) -> Vec<(&'static str, usize)> {
        let tables = &self.tables;
        let named = [
            ("applets.tsv", tables.applets),
            ("commands.tsv", tables.commands),
            ("copied-files.tsv", tables.copied_files),
            ("dev-libraries.tsv", tables.dev_libraries),
            ("directories.tsv", tables.directories),
            ("image-config.tsv", tables.image_config),
            ("image-patterns.tsv", tables.image_patterns),
            ("images.tsv", tables.images),
            ("moved-paths.tsv", tables.moved_paths),
            ("package-kinds.tsv", tables.package_kinds),
            ("package-patterns.tsv", tables.package_patterns),
            ("package-relations.tsv", tables.package_relations),
            ("package-setup.tsv", tables.package_setup),
            ("packages-alpine.tsv", tables.packages_alpine),
            ("packages-debian.tsv", tables.packages_debian),
            ("packages-fedora.tsv", tables.packages_fedora),
            ("source-images.tsv", tables.source_images),
            ("stand-ins.tsv", tables.stand_ins),
            ("wolfi-packages.tsv", tables.wolfi_packages),
            ("wolfi-provides.tsv", tables.wolfi_provides),
        ];
        named.map(|(name, table)| (name, table.rows().count())).to_vec()
    }

    /// The provenance that the columns `confidence` and `source` of a row state.
    pub(crate) fn provenance(&self, row: Row<'_>, confidence: usize, source: usize) -> Provenance {
        self.provenance_of(row.column(confidence), row.column(source))
    }

    /// The same from the text of the two columns.
    pub(crate) fn provenance_of(&self, confidence: &str, source: &str) -> Provenance {
        Provenance { confidence: parse_confidence(confidence), source: self.source(source) }
    }

    /// The text behind the short names of a `source` column.
    pub(crate) fn source(&self, ids: &str) -> String {
        let name =
            |id: &str| self.tables.sources.find(id).map_or_else(|| id.to_owned(), |row| row.column(1).to_owned());
        ids.split_ascii_whitespace().map(name).collect::<Vec<_>>().join("; ")
    }
}

/// The confidence a table's column states; anything but `high` and `medium` is low.
pub(crate) fn parse_confidence(text: &str) -> Confidence {
    match text {
        "high" => Confidence::High,
        "medium" => Confidence::Medium,
        _ => Confidence::Low,
    }
}
