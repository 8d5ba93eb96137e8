//! The tables in `mappings/`, embedded. The only `include_str!` of the program.

use wolfify_mappings::BuiltinTables;

/// The text of every table, as it lies in the repository.
pub(crate) const TABLES: BuiltinTables = BuiltinTables {
    applets: include_str!("../../mappings/applets.tsv"),
    commands: include_str!("../../mappings/commands.tsv"),
    copied_files: include_str!("../../mappings/copied-files.tsv"),
    dev_libraries: include_str!("../../mappings/dev-libraries.tsv"),
    image_config: include_str!("../../mappings/image-config.tsv"),
    image_patterns: include_str!("../../mappings/image-patterns.tsv"),
    images: include_str!("../../mappings/images.tsv"),
    moved_paths: include_str!("../../mappings/moved-paths.tsv"),
    package_patterns: include_str!("../../mappings/package-patterns.tsv"),
    package_relations: include_str!("../../mappings/package-relations.tsv"),
    package_setup: include_str!("../../mappings/package-setup.tsv"),
    packages_alpine: include_str!("../../mappings/packages-alpine.tsv"),
    packages_debian: include_str!("../../mappings/packages-debian.tsv"),
    packages_fedora: include_str!("../../mappings/packages-fedora.tsv"),
    source_images: include_str!("../../mappings/source-images.tsv"),
    sources: include_str!("../../mappings/sources.tsv"),
    stand_ins: include_str!("../../mappings/stand-ins.tsv"),
    streams: include_str!("../../mappings/streams.tsv"),
    tool_sets: include_str!("../../mappings/tool-sets.tsv"),
    wolfi_packages: include_str!("../../mappings/wolfi-packages.tsv"),
    wolfi_provides: include_str!("../../mappings/wolfi-provides.tsv"),
};

/// Every table by the name of its file.
pub(crate) fn named() -> [(&'static str, &'static str); 21] {
    let BuiltinTables {
        applets,
        commands,
        copied_files,
        dev_libraries,
        image_config,
        image_patterns,
        images,
        moved_paths,
        package_patterns,
        package_relations,
        package_setup,
        packages_alpine,
        packages_debian,
        packages_fedora,
        source_images,
        sources,
        stand_ins,
        streams,
        tool_sets,
        wolfi_packages,
        wolfi_provides,
    } = TABLES;
    [
        ("applets", applets),
        ("commands", commands),
        ("copied-files", copied_files),
        ("dev-libraries", dev_libraries),
        ("image-config", image_config),
        ("image-patterns", image_patterns),
        ("images", images),
        ("moved-paths", moved_paths),
        ("package-patterns", package_patterns),
        ("package-relations", package_relations),
        ("package-setup", package_setup),
        ("packages-alpine", packages_alpine),
        ("packages-debian", packages_debian),
        ("packages-fedora", packages_fedora),
        ("source-images", source_images),
        ("sources", sources),
        ("stand-ins", stand_ins),
        ("streams", streams),
        ("tool-sets", tool_sets),
        ("wolfi-packages", wolfi_packages),
        ("wolfi-provides", wolfi_provides),
    ]
}
