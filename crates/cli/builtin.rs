//! The tables in `mappings/`, embedded. The only `include_str!` of the program.

use wolfify_mappings::BuiltinTables;

/// The text of every table, as it lies in the repository.
pub(crate) const TABLES: BuiltinTables = BuiltinTables {
    applets: include_str!("../../mappings/applets.tsv"),
    commands: include_str!("../../mappings/commands.tsv"),
    dev_libraries: include_str!("../../mappings/dev-libraries.tsv"),
    image_config: include_str!("../../mappings/image-config.tsv"),
    image_patterns: include_str!("../../mappings/image-patterns.tsv"),
    images: include_str!("../../mappings/images.tsv"),
    package_patterns: include_str!("../../mappings/package-patterns.tsv"),
    packages_alpine: include_str!("../../mappings/packages-alpine.tsv"),
    packages_debian: include_str!("../../mappings/packages-debian.tsv"),
    packages_fedora: include_str!("../../mappings/packages-fedora.tsv"),
    source_images: include_str!("../../mappings/source-images.tsv"),
    sources: include_str!("../../mappings/sources.tsv"),
    streams: include_str!("../../mappings/streams.tsv"),
    tool_sets: include_str!("../../mappings/tool-sets.tsv"),
    wolfi_packages: include_str!("../../mappings/wolfi-packages.tsv"),
    wolfi_provides: include_str!("../../mappings/wolfi-provides.tsv"),
};
