//! Tables from distribution packages, commands and images to Wolfi: schema, loading, lookup.
//!
//! Pure: the texts of the tables are handed in, nothing is read from disk here.

mod builtin;
mod commands;
mod config;
mod copied_files;
mod directories;
mod families;
mod glob;
mod images;
mod index;
mod lookup;
mod mappings;
mod moved_paths;
mod nearest;
mod packages;
mod reference;
mod relations;
mod table;
mod targets;
mod user;
mod user_file;
mod version;
mod wolfi;
mod yaml;

pub use builtin::BuiltinTables;
pub use config::{EntrypointKind, ImageConfig, ImagePath, ImageUser, SourceImage};
pub use copied_files::{CopiedFile, Linkage};
pub use directories::OldDirectory;
pub use index::{ApkIndex, IndexError, IndexPackage};
pub use lookup::{
    CommandMapping, Confidence, Distro, ImageMapping, ImageTarget, Lookup, PackageMapping, Provenance, Tier,
    WolfiPackage, WolfiStatus,
};
pub use mappings::Mappings;
pub use moved_paths::{OldPath, PackageSetup};
pub use nearest::NameKind;
pub use relations::unversioned;
pub use targets::Target;
pub use user::{PackageRow, UserTable};
pub use user_file::TableError;
