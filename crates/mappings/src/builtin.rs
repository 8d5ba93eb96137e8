//! The texts of the built-in tables, handed in by whoever embeds them.

use crate::table::Table;

/// The text of every table in `mappings/`, header lines included.
///
/// The format of each is described in `mappings/README.md`.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltinTables {
    /// `applets.tsv`: what BusyBox has.
    pub applets: &'static str,
    /// `commands.tsv`: command → package.
    pub commands: &'static str,
    /// `copied-files.tsv`: what files of other images need.
    pub copied_files: &'static str,
    /// `dev-libraries.tsv`: `-dev` package → the packages with its shared objects.
    pub dev_libraries: &'static str,
    /// `directories.tsv`: directories of the old distributions that Wolfi's base layout lacks.
    pub directories: &'static str,
    /// `image-config.tsv`: what a Chainguard image is like.
    pub image_config: &'static str,
    /// `image-patterns.tsv`: source images by pattern.
    pub image_patterns: &'static str,
    /// `images.tsv`: source image → Chainguard image.
    pub images: &'static str,
    /// `moved-paths.tsv`: where files of the old image lie in the new one.
    pub moved_paths: &'static str,
    /// `package-kinds.tsv`: advice by what the shape of a name tells.
    pub package_kinds: &'static str,
    /// `package-patterns.tsv`: packages by distribution and pattern.
    pub package_patterns: &'static str,
    /// `package-relations.tsv`: what a Wolfi package brings along.
    pub package_relations: &'static str,
    /// `package-setup.tsv`: what the old distribution's package did when it was installed, and Wolfi's does not.
    pub package_setup: &'static str,
    /// `packages-alpine.tsv`.
    pub packages_alpine: &'static str,
    /// `packages-debian.tsv`.
    pub packages_debian: &'static str,
    /// `packages-fedora.tsv`.
    pub packages_fedora: &'static str,
    /// `source-images.tsv`: what a source image gives.
    pub source_images: &'static str,
    /// `sources.tsv`: what the short names in the `source` columns stand for.
    pub sources: &'static str,
    /// `stand-ins.tsv`: images without apk, and what to build on where packages are installed.
    pub stand_ins: &'static str,
    /// `streams.tsv`: the version streams of language and database packages.
    pub streams: &'static str,
    /// `tool-sets.tsv`: the commands that several source images carry.
    pub tool_sets: &'static str,
    /// `wolfi-packages.tsv`: the known Wolfi names.
    pub wolfi_packages: &'static str,
    /// `wolfi-provides.tsv`: virtual names.
    pub wolfi_provides: &'static str,
}

/// The same, ready for lookup.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tables {
    pub(crate) applets: Table<'static>,
    pub(crate) commands: Table<'static>,
    pub(crate) copied_files: Table<'static>,
    pub(crate) dev_libraries: Table<'static>,
    pub(crate) directories: Table<'static>,
    pub(crate) image_config: Table<'static>,
    pub(crate) image_patterns: Table<'static>,
    pub(crate) images: Table<'static>,
    pub(crate) moved_paths: Table<'static>,
    pub(crate) package_kinds: Table<'static>,
    pub(crate) package_patterns: Table<'static>,
    pub(crate) package_relations: Table<'static>,
    pub(crate) package_setup: Table<'static>,
    pub(crate) packages_alpine: Table<'static>,
    pub(crate) packages_debian: Table<'static>,
    pub(crate) packages_fedora: Table<'static>,
    pub(crate) source_images: Table<'static>,
    pub(crate) sources: Table<'static>,
    pub(crate) stand_ins: Table<'static>,
    pub(crate) streams: Table<'static>,
    pub(crate) tool_sets: Table<'static>,
    pub(crate) wolfi_packages: Table<'static>,
    pub(crate) wolfi_provides: Table<'static>,
}

impl From<BuiltinTables> for Tables {
    fn from(texts: BuiltinTables) -> Self {
        Self {
            applets: Table::new(texts.applets, 1),
            commands: Table::new(texts.commands, 1),
            copied_files: Table::new(texts.copied_files, 2),
            dev_libraries: Table::new(texts.dev_libraries, 1),
            directories: Table::new(texts.directories, 2),
            image_config: Table::new(texts.image_config, 2),
            image_patterns: Table::new(texts.image_patterns, 2),
            images: Table::new(texts.images, 1),
            moved_paths: Table::new(texts.moved_paths, 2),
            package_kinds: Table::new(texts.package_kinds, 2),
            package_patterns: Table::new(texts.package_patterns, 2),
            package_relations: Table::new(texts.package_relations, 1),
            package_setup: Table::new(texts.package_setup, 2),
            packages_alpine: Table::new(texts.packages_alpine, 1),
            packages_debian: Table::new(texts.packages_debian, 1),
            packages_fedora: Table::new(texts.packages_fedora, 1),
            source_images: Table::new(texts.source_images, 2),
            sources: Table::new(texts.sources, 1),
            stand_ins: Table::new(texts.stand_ins, 1),
            streams: Table::new(texts.streams, 1),
            tool_sets: Table::new(texts.tool_sets, 1),
            wolfi_packages: Table::new(texts.wolfi_packages, 1),
            wolfi_provides: Table::new(texts.wolfi_provides, 1),
        }
    }
}
