//! Reads a user's table: our YAML format, of which dfc's is a part.
//!
//! ```yaml
//! images:
//!   registry.corp:5000/base: team/base:1     # source image: target[:tag]
//!   "golang*": go
//! packages:
//!   debian:
//!     libfoo-dev: [foo-dev]                  # a list, or one name
//!     internal-repo: []                      # nothing: dropped
//!     odd: {packages: [one, two], note: see the runbook}
//! ```

use std::collections::BTreeMap;

use crate::glob;
use crate::images::familiar;
use crate::lookup::Distro;
use crate::reference;
use crate::user::{ImageEntry, PackageEntry, UserTable};
use crate::yaml::{self, Node, Place, Problem, Value};

/// A user's table that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct TableError {
    /// The name the table was given.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

impl UserTable {
    /// Reads the text of the file called `name`.
    ///
    /// # Errors
    ///
    /// Text that is not YAML, unknown or repeated keys, an unknown distribution, an image that is no image reference,
    /// and two equally specific patterns that match the same name.
    pub fn parse(text: &str, name: &str) -> Result<Self, TableError> {
        read(text, name).map_err(|(place, message)| TableError {
            file: name.to_owned(),
            line: place.line,
            column: place.column,
            message,
        })
    }
}

fn read(text: &str, file: &str) -> Result<UserTable, Problem> {
    let mut table = UserTable::default();
    let Some(document) = yaml::parse(text)? else {
        return Ok(table);
    };
    for (key, place, node) in entries(&document, "the file")? {
        match key.as_str() {
            "images" => table.images = images(node, file)?,
            "packages" => table.packages = packages(node, file)?,
            "version" => version(node)?,
            _ => return Err((place, format!("unknown key `{key}`: expected `images` or `packages`"))),
        }
    }
    Ok(table)
}

fn version(node: &Node) -> Result<(), Problem> {
    match &node.value {
        Value::Text(text) if text == "1" => Ok(()),
        _ => Err((node.place, "unknown version: expected 1".to_owned())),
    }
}

/// The entries of a mapping by key, each key once; nothing at all counts as an empty mapping.
fn entries<'n>(node: &'n Node, what: &str) -> Result<Vec<(String, Place, &'n Node)>, Problem> {
    let entries = match &node.value {
        Value::Map(entries) => entries.as_slice(),
        Value::Null => &[],
        Value::Text(_) | Value::List(_) => {
            return Err((node.place, format!("{what} has to be a mapping (`key: value`)")));
        }
    };
    let mut seen: BTreeMap<&str, Place> = BTreeMap::new();
    let mut found = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let Value::Text(name) = &key.value else {
            return Err((key.place, "a key has to be a name".to_owned()));
        };
        if let Some(first) = seen.insert(name, key.place) {
            return Err((key.place, format!("`{name}` is already on line {}", first.line)));
        }
        found.push((name.clone(), key.place, value));
    }
    Ok(found)
}

fn images(node: &Node, file: &str) -> Result<BTreeMap<String, ImageEntry>, Problem> {
    let mut images: BTreeMap<String, ImageEntry> = BTreeMap::new();
    let mut places = Vec::new();
    for (source, place, node) in entries(node, "`images`")? {
        let parsed = reference::parse(&source, true);
        let parsed = parsed.map_err(|problem| (place, format!("the source image `{source}` {problem}")))?;
        let name = familiar(parsed.name);
        let key = parsed.tag.map_or_else(|| name.to_owned(), |tag| format!("{name}:{tag}"));
        let Value::Text(target) = &node.value else {
            return Err((node.place, format!("`{source}` has to have one target image (`target:tag`)")));
        };
        let parsed = reference::parse(target, false);
        let parsed = parsed.map_err(|problem| (node.place, format!("the target image `{target}` {problem}")))?;
        let entry = ImageEntry {
            image: parsed.name.to_owned(),
            tag: parsed.tag.map(str::to_owned),
            file: file.to_owned(),
            layer: 0,
        };
        if images.insert(key.clone(), entry).is_some() {
            return Err((place, format!("`{source}` is the same image as `{key}`, which is already there")));
        }
        places.push((key, place));
    }
    refuse_ambiguous_patterns(&places)?;
    Ok(images)
}

fn packages(node: &Node, file: &str) -> Result<BTreeMap<Distro, BTreeMap<String, PackageEntry>>, Problem> {
    let mut distros = BTreeMap::new();
    for (name, place, node) in entries(node, "`packages`")? {
        let distro = match name.as_str() {
            "debian" => Distro::Debian,
            "fedora" => Distro::Fedora,
            "alpine" => Distro::Alpine,
            _ => {
                let message = format!("unknown distribution `{name}`: expected `debian`, `fedora` or `alpine`");
                return Err((place, message));
            }
        };
        let mut table = BTreeMap::new();
        let mut places = Vec::new();
        for (package, place, node) in entries(node, &format!("`{name}`"))? {
            check_name(&package, place, true)?;
            table.insert(package.clone(), package_entry(&package, place, node, file)?);
            places.push((package, place));
        }
        refuse_ambiguous_patterns(&places)?;
        if !table.is_empty() {
            distros.insert(distro, table);
        }
    }
    Ok(distros)
}

fn package_entry(package: &str, place: Place, node: &Node, file: &str) -> Result<PackageEntry, Problem> {
    let mut entry = PackageEntry { packages: Vec::new(), note: None, place, file: file.to_owned(), layer: 0 };
    if !matches!(node.value, Value::Map(_)) {
        entry.packages = names(package, node)?;
        return Ok(entry);
    }
    let mut has_packages = false;
    for (key, place, node) in entries(node, &format!("`{package}`"))? {
        match (key.as_str(), &node.value) {
            ("packages", _) => {
                entry.packages = names(package, node)?;
                has_packages = true;
            }
            ("note", Value::Text(note)) => entry.note = Some(note.clone()),
            ("note", _) => return Err((node.place, "a note has to be text".to_owned())),
            _ => return Err((place, format!("unknown key `{key}`: expected `packages` or `note`"))),
        }
    }
    if !has_packages {
        return Err((node.place, format!("`{package}` has no `packages`; write `packages: []` to drop it")));
    }
    Ok(entry)
}

/// One name or a list of them; the empty list drops.
fn names(package: &str, node: &Node) -> Result<Vec<String>, Problem> {
    let items = match &node.value {
        Value::Text(_) => std::slice::from_ref(node),
        Value::List(items) => items.as_slice(),
        Value::Null | Value::Map(_) => {
            return Err((node.place, format!("`{package}` has to have a list of packages; write `[]` to drop it")));
        }
    };
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        let Value::Text(name) = &item.value else {
            return Err((item.place, "a package has to be a name".to_owned()));
        };
        check_name(name, item.place, false)?;
        names.push(name.clone());
    }
    Ok(names)
}

/// Refuses what can be no package name; `*` is allowed where `pattern` is set.
fn check_name(name: &str, place: Place, pattern: bool) -> Result<(), Problem> {
    // Spaces are left to yum's groups (`@Development Tools`).
    let is_group = pattern && name.starts_with('@');
    let is_allowed = |c: char| {
        c.is_ascii_alphanumeric() || "+-._:~=<>/@".contains(c) || (pattern && c == '*') || (is_group && c == ' ')
    };
    if name.is_empty() || !name.chars().all(is_allowed) || name.starts_with('-') {
        return Err((place, format!("`{name}` is no package name")));
    }
    Ok(())
}

/// Two equally specific patterns that match the same name leave open which one counts.
fn refuse_ambiguous_patterns(places: &[(String, Place)]) -> Result<(), Problem> {
    let mut buckets: BTreeMap<_, Vec<&(String, Place)>> = BTreeMap::new();
    for entry in places.iter().filter(|(name, _)| name.contains('*')) {
        buckets.entry(glob::specificity(&entry.0)).or_default().push(entry);
    }
    for bucket in buckets.into_values() {
        for (position, (pattern, place)) in bucket.iter().enumerate() {
            let other = bucket[..position].iter().find(|(other, _)| glob::overlap(other, pattern));
            if let Some((other, at)) = other {
                let message = format!(
                    "`{pattern}` and `{other}` (line {}) are equally specific and match the same names",
                    at.line
                );
                return Err((*place, message));
            }
        }
    }
    Ok(())
}
