//! Everything the built-in tables install, for holding it against an APKINDEX.

use crate::mappings::Mappings;
use crate::table::{Row, Table};

/// A Wolfi package that a built-in table names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'t> {
    /// The table, by the name of its file.
    pub table: &'static str,
    /// The first columns of its row: the package, the distribution and pattern, the command, the image.
    pub key: &'t str,
    /// The package to install.
    pub package: &'t str,
}

/// A table, the columns of its key, and the column with its packages.
type Columns = (&'static str, Table<'static>, usize, usize);

impl Mappings {
    /// Every package that the tables in force install, in the order of tables and rows.
    pub fn targets(&self) -> impl Iterator<Item = Target<'static>> {
        let tables = &self.tables;
        let columns: [Columns; 8] = [
            ("commands.tsv", tables.commands, 1, 1),
            ("dev-libraries.tsv", tables.dev_libraries, 1, 1),
            ("image-patterns.tsv", tables.image_patterns, 2, 5),
            ("images.tsv", tables.images, 1, 4),
            ("package-patterns.tsv", tables.package_patterns, 2, 3),
            ("packages-alpine.tsv", tables.packages_alpine, 1, 2),
            ("packages-debian.tsv", tables.packages_debian, 1, 2),
            ("packages-fedora.tsv", tables.packages_fedora, 1, 2),
        ];
        columns.into_iter().flat_map(|(name, table, keys, column)| {
            table.rows().flat_map(move |row: Row<'static>| {
                let packages = row.column(column).split([' ', '|']).filter(|package| !package.is_empty());
                packages.map(move |package| Target { table: name, key: row.key(keys), package })
            })
        })
    }
}
