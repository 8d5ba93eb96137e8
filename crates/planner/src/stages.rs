//! What each stage was built on and what it will be built on.

use wolfify_mappings::{Distro, ImageMapping, Tier};

/// A stage before and after.
#[derive(Debug, Clone)]
pub(crate) struct StageModel {
    /// The source image, when the stage starts from one that can be named.
    pub(crate) source: Option<SourceImageName>,
    /// The package family of the source, taken over from the parent stage where there is one.
    pub(crate) distro: Option<Distro>,
    /// What becomes of the base.
    pub(crate) base: Base,
    /// Commands of this stage run on Wolfi after the migration.
    pub(crate) migrates: bool,
}

/// The name of a source image, after static evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SourceImageName {
    /// As Docker users know it: without `docker.io/library/`.
    pub(crate) name: String,
    /// The tag, when one is written.
    pub(crate) tag: Option<String>,
}

/// What becomes of a stage's base.
#[derive(Debug, Clone)]
pub(crate) enum Base {
    /// Replaced by a Chainguard image.
    Converted(Target),
    /// An earlier stage of the file.
    Parent(usize),
    /// Already a Chainguard image or Wolfi.
    Native,
    /// Left as it is, with the reason.
    Left(String),
    /// `scratch`.
    Scratch,
}

/// The image that a stage will be built on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Path below the registry, or with a registry of its own.
    pub(crate) image: String,
    /// The tag without `-dev`.
    pub(crate) tag: String,
    /// The tag is fixed and never gets `-dev`: a base image with shell and apk.
    pub(crate) bare: bool,
    /// There is a variant with shell and apk under this tag with `-dev`.
    pub(crate) has_dev: bool,
    /// The user names registry and tag: an image of their own, written as it is, with whatever it holds.
    pub(crate) as_is: bool,
    /// What takes the place of the source image is in the `-dev` variant only.
    pub(crate) always_dev: bool,
    /// The version that the tier cannot keep.
    pub(crate) lost_version: Option<String>,
    /// The release of Java that the old tag names beside a version of its own: `3.9-eclipse-temurin-17`.
    pub(crate) lost_java: Option<String>,
    /// Something a person should know about the mapping.
    pub(crate) note: Option<String>,
    /// Packages that make up for what the source image was.
    pub(crate) packages: Vec<String>,
}

/// The stage at the bottom of each stage. A stage starts from an earlier one only.
pub(crate) fn bottoms(stages: &[StageModel]) -> Vec<usize> {
    let mut bottoms = Vec::with_capacity(stages.len());
    for (index, stage) in stages.iter().enumerate() {
        bottoms.push(match stage.base {
            Base::Parent(parent) => bottoms[parent],
            _ => index,
        });
    }
    bottoms
}

/// The family of a source image, by its name and the distribution part of its tag.
pub(crate) fn distro_of(name: &str, tag: Option<&str>) -> Distro {
    const FEDORA: &[&str] = &[
        "centos",
        "fedora",
        "rockylinux",
        "almalinux",
        "amazonlinux",
        "oraclelinux",
        "redhat",
        "ubi",
        "rhel",
        "scientificlinux",
        "photon",
        "mageia",
    ];
    let last = name.rsplit('/').next().unwrap_or(name);
    let tag = tag.unwrap_or_default();
    if last.starts_with("alpine") || tag.split(['-', '_']).any(|part| part.starts_with("alpine")) {
        return Distro::Alpine;
    }
    let fedora = name.split('/').any(|part| FEDORA.iter().any(|family| part.starts_with(family)))
        || FEDORA.iter().any(|family| tag.split(['-', '_']).any(|part| part.starts_with(family)));
    if fedora { Distro::Fedora } else { Distro::Debian }
}

/// The tag of a target, without `-dev`, and the version that is lost with it.
pub(crate) fn target_tag(
    mapping: &ImageMapping,
    image: &str,
    fixed: Option<&str>,
    source: &SourceImageName,
    tier: Tier,
) -> (String, Option<String>) {
    let by_tag = || {
        let tag = source.tag.as_deref()?;
        let of_language = match image {
            "node" => crate::tag::node_release(tag),
            "python" => crate::tag::python_release(tag),
            _ => None,
        };
        of_language.or_else(|| crate::tag::version(tag))
    };
    let in_name = crate::tag::version_in_name(&source.name);
    let variant = mapping.variant.as_deref();
    let with_variant = |tag: &str| variant.map_or_else(|| tag.to_owned(), |variant| format!("{tag}-{variant}"));
    let of_version = |version: &str| match image {
        // Java images name the release only: 17.0 is openjdk-17, and 1.8 was 8.
        "jdk" | "jre" => {
            let major = version.strip_prefix("1.").unwrap_or(version).split('.').next().unwrap_or_default();
            format!("openjdk-{major}")
        }
        _ => with_variant(version),
    };
    match (fixed, in_name.clone().or_else(by_tag)) {
        // The row's tag says only which variant it is: the version stands in the name.
        (Some(fixed @ ("latest" | "latest-dev")), Some(version))
            if tier == Tier::Paid && in_name.is_some() && !mapping.own =>
        {
            (format!("{}{}", of_version(&version), fixed.trim_start_matches("latest")), None)
        }
        (Some(fixed), version) => (fixed.to_owned(), version.filter(|_| !is_bare(image) && !mapping.own)),
        (None, Some(version)) if tier == Tier::Paid => (of_version(&version), None),
        (None, version) => (with_variant("latest"), version.filter(|_| tier == Tier::Free)),
    }
}

/// A base image that has shell and apk under its one tag.
pub(crate) fn is_bare(image: &str) -> bool {
    matches!(image, "wolfi-base" | "chainguard-base")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_by_name_and_tag() {
        assert_eq!(distro_of("python", Some("3.11-alpine3.18")), Distro::Alpine);
        assert_eq!(distro_of("alpine", None), Distro::Alpine);
        assert_eq!(distro_of("registry.access.redhat.com/ubi9/python-311", None), Distro::Fedora);
        assert_eq!(distro_of("centos", Some("7")), Distro::Fedora);
        assert_eq!(distro_of("python", Some("3.11-slim")), Distro::Debian);
        assert_eq!(distro_of("rubinius", None), Distro::Debian);
    }
}
