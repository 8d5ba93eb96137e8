//! Loads the tables of the repository the way the binary embeds them.

use std::path::PathBuf;

use wolfify_mappings::{BuiltinTables, Mappings};

/// The directory of the tables.
pub(crate) fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../mappings")
}

fn text(name: &str) -> &'static str {
    let path = directory().join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Box::leak(text.into_boxed_str())
}

/// Every built-in table.
pub(crate) fn mappings() -> Mappings {
    Mappings::new(BuiltinTables {
        applets: text("applets.tsv"),
        commands: text("commands.tsv"),
        copied_files: text("copied-files.tsv"),
        dev_libraries: text("dev-libraries.tsv"),
        directories: text("directories.tsv"),
        image_config: text("image-config.tsv"),
        image_patterns: text("image-patterns.tsv"),
        images: text("images.tsv"),
        moved_paths: text("moved-paths.tsv"),
        package_kinds: text("package-kinds.tsv"),
        package_patterns: text("package-patterns.tsv"),
        package_relations: text("package-relations.tsv"),
        package_setup: text("package-setup.tsv"),
        packages_alpine: text("packages-alpine.tsv"),
        packages_debian: text("packages-debian.tsv"),
        packages_fedora: text("packages-fedora.tsv"),
        source_images: text("source-images.tsv"),
        sources: text("sources.tsv"),
        stand_ins: text("stand-ins.tsv"),
        streams: text("streams.tsv"),
        tool_sets: text("tool-sets.tsv"),
        wolfi_packages: text("wolfi-packages.tsv"),
        wolfi_provides: text("wolfi-provides.tsv"),
    })
}
