//! What a lookup can answer.

/// The answer to "what is this on Wolfi?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<T> {
    /// Known.
    Mapped(T),
    /// Several candidates, best first; none is taken without a person or a rule that decides.
    Ambiguous(Vec<T>),
    /// Has no meaning on Wolfi, or is always there.
    Dropped {
        /// Why, as a clause that reads on after the name ("is part of every image").
        reason: String,
        /// Where this is known from.
        provenance: Provenance,
    },
    /// Known not to exist on Wolfi, with what to do instead.
    Absent {
        /// What to do, as a sentence ("Install it with `pip`.").
        advice: String,
        /// Where this is known from.
        provenance: Provenance,
    },
    /// Nobody knows it.
    Unknown,
}

impl<T> Lookup<T> {
    /// The one answer, if there is one.
    pub fn mapped(self) -> Option<T> {
        match self {
            Self::Mapped(answer) => Some(answer),
            _ => None,
        }
    }
}

/// How sure a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A name rule only, or a published row that looks wrong.
    Low,
    /// Judgement, or the same name with a verified target.
    Medium,
    /// Published or verified, and the target exists.
    High,
}

/// Where an answer comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// How sure it is.
    pub confidence: Confidence,
    /// The row's own source, or the name of the rule or user file.
    pub source: String,
}

/// The families of package names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Distro {
    /// Debian, Ubuntu and derivatives.
    Debian,
    /// Fedora, CentOS, RHEL, UBI, Rocky, Alma, Amazon Linux, Oracle Linux.
    Fedora,
    /// Alpine.
    Alpine,
}

/// A package's equivalent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageMapping {
    /// The Wolfi packages to install in its place; never empty.
    pub packages: Vec<String>,
    /// Something a person should know, if anything.
    pub note: Option<String>,
    /// Where this is known from.
    pub provenance: Provenance,
}

/// A command's provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandMapping {
    /// The Wolfi packages that carry it, best first; empty when only BusyBox has it.
    pub packages: Vec<String>,
    /// Wolfi's BusyBox has an applet of that name.
    pub busybox: bool,
    /// Every `-dev` image carries it.
    pub in_dev_images: bool,
    /// `wolfi-base` carries it.
    pub in_wolfi_base: bool,
    /// Wolfi calls it by this name.
    pub name: Option<String>,
    /// Where this is known from.
    pub provenance: Provenance,
}

/// An image's equivalent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageMapping {
    /// Path below the registry (`python`), or with a registry of its own (`reg.corp:5000/base`), which only a user's
    /// table names; without tag. The image of a paid organisation.
    pub image: String,
    /// A tag that the row fixes (`latest`, `latest-fpm`).
    pub tag: Option<String>,
    /// From a table of the user.
    pub own: bool,
    /// On the free tier, under that same name.
    pub free: bool,
    /// What stands in for it on the free tier when `free` is false.
    pub free_equivalent: Option<ImageTarget>,
    /// A variant that stays part of the tag, after the version (`fpm` in `8.4-fpm-dev`).
    pub variant: Option<String>,
    /// Wolfi packages to add so that the target does what the source did; only a base image as target needs them.
    pub packages: Vec<String>,
    /// Something a person should know, if anything.
    pub note: Option<String>,
    /// Where this is known from.
    pub provenance: Provenance,
}

impl ImageMapping {
    /// What to write on `tier`; `None` when the free tier has nothing in its place.
    pub fn target(&self, tier: Tier) -> Option<ImageTarget> {
        if tier == Tier::Free && !self.free {
            return self.free_equivalent.clone();
        }
        Some(ImageTarget { image: self.image.clone(), tag: self.tag.clone() })
    }
}

/// An image below a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageTarget {
    /// Path below the registry (`python`); without tag.
    pub image: String,
    /// A fixed tag, if the row fixes one.
    pub tag: Option<String>,
}

impl ImageTarget {
    /// Whether an image's name starts with a registry (`reg.corp:5000/base`).
    pub fn names_registry(image: &str) -> bool {
        crate::reference::has_registry(image)
    }

    /// The reference to write: below `registry`, unless the image names a registry of its own.
    pub fn reference(image: &str, tag: &str, registry: &str) -> String {
        if Self::names_registry(image) { format!("{image}:{tag}") } else { format!("{registry}/{image}:{tag}") }
    }
}

/// Which part of the catalogue an organisation can pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// `cgr.dev/chainguard`: `latest` and `latest-dev` of the free images.
    Free,
    /// Any other organisation.
    Paid,
}

/// A Wolfi package by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WolfiPackage {
    /// How sure it is that it can be installed today.
    pub status: WolfiStatus,
    /// For a virtual name: the real packages that provide it.
    pub provided_by: Vec<String>,
}

/// How sure it is that a Wolfi package can be installed today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WolfiStatus {
    /// In an APKINDEX the user gave.
    Indexed,
    /// In the lock of a free image.
    Confirmed,
    /// In the build or run closure of the free images.
    Likely,
    /// In the source tree, outside that closure.
    Uncertain,
    /// Removed.
    Gone,
}
