//! Tables from distribution packages, commands and images to Wolfi: schema, loading, lookup.
//!
//! Pure: the texts of the tables are handed in, nothing is read from disk here.

mod lookup;

pub use lookup::{
    CommandMapping, Confidence, Distro, ImageMapping, Lookup, PackageMapping, Provenance, WolfiPackage, WolfiStatus,
};
