//! The user's own table.

use std::collections::BTreeMap;

use crate::glob;
use crate::lookup::{Confidence, Distro, ImageMapping, Lookup, PackageMapping, Provenance};
use crate::reference;
use crate::yaml::Place;

/// What one or several files of the user say; names without `*` and patterns apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserTable {
    pub(crate) images: BTreeMap<String, ImageEntry>,
    pub(crate) packages: BTreeMap<Distro, BTreeMap<String, PackageEntry>>,
    /// How many tables have been put above this one.
    layers: usize,
}

/// A target image as the user writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageEntry {
    /// Everything before the tag; may start with a registry and its port.
    pub(crate) image: String,
    pub(crate) tag: Option<String>,
    /// The file it is from.
    pub(crate) file: String,
    /// Which of several files that is, counted from the first.
    pub(crate) layer: usize,
}

/// The Wolfi packages the user gives for a name; none at all drops it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackageEntry {
    pub(crate) packages: Vec<String>,
    pub(crate) note: Option<String>,
    /// Where its row stands in the file.
    pub(crate) place: Place,
    /// The file it is from.
    pub(crate) file: String,
    /// Which of several files that is, counted from the first.
    pub(crate) layer: usize,
}

/// What a table says about one package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageRow<'t> {
    /// The distribution it is from.
    pub distro: Distro,
    /// Its name, or a pattern.
    pub name: &'t str,
    /// The Wolfi packages it is mapped to.
    pub packages: &'t [String],
    /// The line of the row in its file, counted from 1.
    pub line: usize,
    /// The column, in characters, counted from 1.
    pub column: usize,
}

impl UserTable {
    /// Every package row, by distribution and name.
    pub fn packages(&self) -> impl Iterator<Item = PackageRow<'_>> {
        self.packages.iter().flat_map(|(&distro, rows)| {
            rows.iter().map(move |(name, entry)| PackageRow {
                distro,
                name,
                packages: &entry.packages,
                line: entry.place.line,
                column: entry.place.column,
            })
        })
    }

    /// Whether `name`, without tag, is an image that something is mapped to, with a registry of its own.
    pub(crate) fn is_target(&self, name: &str) -> bool {
        reference::has_registry(name) && self.images.values().any(|entry| entry.image == name)
    }

    pub(crate) fn names_tag(&self, name: &str, tag: &str) -> bool {
        let mut entries = self.images.values().filter(|entry| entry.image == name);
        entries.any(|entry| entry.tag.as_deref().is_some_and(|own| own.strip_suffix("-dev").unwrap_or(own) == tag))
    }

    /// Puts `later` above what is here: a name or pattern that both have is taken from `later`.
    pub(crate) fn merge(&mut self, later: Self) {
        self.layers += 1;
        let layer = self.layers;
        self.images.extend(later.images.into_iter().map(|(name, entry)| (name, ImageEntry { layer, ..entry })));
        for (distro, packages) in later.packages {
            let packages = packages.into_iter().map(|(name, entry)| (name, PackageEntry { layer, ..entry }));
            self.packages.entry(distro).or_default().extend(packages);
        }
    }

    /// The user's answer for a package, if there is one.
    pub(crate) fn package(&self, distro: Distro, name: &str) -> Option<Lookup<PackageMapping>> {
        let entry = most_specific(self.packages.get(&distro)?, &[name])?;
        let provenance = user_provenance(&entry.file);
        if entry.packages.is_empty() {
            let reason = entry.note.clone().unwrap_or_else(|| "is mapped to nothing".to_owned());
            return Some(Lookup::Dropped { reason, provenance });
        }
        Some(Lookup::Mapped(PackageMapping { packages: entry.packages.clone(), note: entry.note.clone(), provenance }))
    }

    /// The user's answer for an image, if there is one; `name:tag` beats `name`.
    pub(crate) fn image(&self, name: &str, tag: Option<&str>) -> Option<Lookup<ImageMapping>> {
        let tagged = tag.map(|tag| format!("{name}:{tag}"));
        let keys: Vec<&str> = tagged.as_deref().into_iter().chain([name]).collect();
        let entry = most_specific(&self.images, &keys)?;
        Some(Lookup::Mapped(ImageMapping {
            image: entry.image.clone(),
            tag: entry.tag.clone(),
            own: true,
            // The user says what there is; which tier it is on is theirs to know.
            free: true,
            free_equivalent: None,
            variant: None,
            packages: Vec::new(),
            note: None,
            provenance: user_provenance(&entry.file),
        }))
    }
}

/// What a table's entries have in common.
trait Entry {
    /// Which of several files it is from; later ones count more.
    fn layer(&self) -> usize;
}

impl Entry for ImageEntry {
    fn layer(&self) -> usize {
        self.layer
    }
}

impl Entry for PackageEntry {
    fn layer(&self) -> usize {
        self.layer
    }
}

/// The entry for the first of `keys` that has one by name; otherwise that of the most specific pattern.
fn most_specific<'t, T: Entry>(entries: &'t BTreeMap<String, T>, keys: &[&str]) -> Option<&'t T> {
    if let Some(entry) = keys.iter().find_map(|key| entries.get(*key)) {
        return Some(entry);
    }
    let patterns = entries.iter().filter(|(pattern, _)| pattern.contains('*'));
    let matching = patterns.filter(|(pattern, _)| keys.iter().any(|key| glob::matches(pattern, key)));
    // Of two equally specific patterns, which one file cannot have, the later file's counts.
    matching.max_by_key(|(pattern, entry)| (glob::specificity(pattern), entry.layer())).map(|(_, entry)| entry)
}

fn user_provenance(file: &str) -> Provenance {
    Provenance { confidence: Confidence::High, source: file.to_owned() }
}
