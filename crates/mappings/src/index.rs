//! Wolfi's APKINDEX: what can really be installed.

use std::collections::{BTreeMap, BTreeSet};

use crate::version::compare_versions;

/// The packages of an APKINDEX: the newest version of each name, with what it provides and needs.
#[derive(Debug, Clone, Default)]
pub struct ApkIndex {
    packages: BTreeMap<String, IndexPackage>,
    /// Every provided name (`so:…`, `cmd:…`, `pc:…`, virtual names) with its providers, best first.
    provided: BTreeMap<String, Vec<String>>,
    architectures: BTreeSet<String>,
    newest_build: Option<u64>,
}

/// One package of an APKINDEX.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexPackage {
    /// `V:`, the version with its `-rN`.
    pub version: String,
    /// `o:`, the recipe it is built from.
    pub origin: String,
    /// `p:`, what it provides, without versions.
    pub provides: Vec<String>,
    /// `D:`, what it needs, without versions and without conflicts (`!name`).
    pub depends: Vec<String>,
    /// `k:`, the provider priority: of several providers of a name the highest is taken.
    pub provider_priority: u32,
}

/// An APKINDEX that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct IndexError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl ApkIndex {
    /// Reads the text of an `APKINDEX` file: blocks of `X:value` lines divided by blank lines.
    ///
    /// Of several versions of a package the newest is kept, as `apk add` would.
    ///
    /// # Errors
    ///
    /// A line that is not `X:value`, a block without name or version, or a text without any package.
    pub fn parse(text: &str) -> Result<Self, IndexError> {
        let mut index = Self::default();
        let mut block = Block::default();
        let mut last = 0;
        for (number, line) in text.lines().enumerate() {
            last = number + 1;
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() {
                index.add(std::mem::take(&mut block), last)?;
            } else {
                block.read(line, last)?;
            }
        }
        index.add(block, last)?;
        if index.packages.is_empty() {
            return Err(IndexError { line: 1, message: "no package in it; is this an APKINDEX?".to_owned() });
        }
        index.index_provides();
        Ok(index)
    }

    fn add(&mut self, block: Block, line: usize) -> Result<(), IndexError> {
        let Block { name, package, architecture, built, seen } = block;
        if !seen {
            return Ok(());
        }
        self.newest_build = self.newest_build.max(built);
        if !architecture.is_empty() && !self.architectures.contains(&architecture) {
            self.architectures.insert(architecture);
        }
        let missing = |field: &str| IndexError { line, message: format!("the package above has no {field}") };
        if name.is_empty() {
            return Err(missing("name (P:)"));
        }
        if package.version.is_empty() {
            return Err(missing("version (V:)"));
        }
        let is_newer =
            self.packages.get(&name).is_none_or(|have| compare_versions(&have.version, &package.version).is_lt());
        if is_newer {
            self.packages.insert(name, package);
        }
        Ok(())
    }

    fn index_provides(&mut self) {
        let mut provided: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, package) in &self.packages {
            for provide in &package.provides {
                provided.entry(provide.clone()).or_default().push(name.clone());
            }
        }
        for providers in provided.values_mut() {
            providers.sort_by(|a, b| {
                let (left, right) = (&self.packages[a], &self.packages[b]);
                let by_version = compare_versions(&right.version, &left.version);
                right.provider_priority.cmp(&left.provider_priority).then(by_version).then_with(|| a.cmp(b))
            });
            providers.dedup();
        }
        self.provided = provided;
    }

    /// The package `name`; a virtual name is none.
    pub fn package(&self, name: &str) -> Option<&IndexPackage> {
        self.packages.get(name)
    }

    /// How many packages it has.
    pub fn len(&self) -> usize {
        self.packages.len()
    }

    /// Whether it has none; [`ApkIndex::parse`] does not return such an index.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    /// Whether `apk add name` finds something: a package or a provided name (`cmd:…` and `so:…` included).
    pub fn provides(&self, name: &str) -> bool {
        self.packages.contains_key(name) || self.provided.contains_key(name)
    }

    /// The packages that provide `name`, best first, without the package of that name itself.
    pub fn providers(&self, name: &str) -> Vec<String> {
        let providers = self.provided.get(name).into_iter().flatten();
        providers.filter(|provider| *provider != name).cloned().collect()
    }

    /// The packages that carry the command `name`, best first.
    pub fn command(&self, name: &str) -> Vec<String> {
        self.provided.get(&format!("cmd:{name}")).cloned().unwrap_or_default()
    }

    /// The packages that carry the shared object `name` (`libssl.so.3`), best first.
    pub fn shared_object(&self, name: &str) -> Vec<String> {
        self.provided.get(&format!("so:{name}")).cloned().unwrap_or_default()
    }

    /// The packages whose shared objects `dev` depends on; `None` when there is no such package.
    ///
    /// The links `libfoo.so` in a `-dev` package make it depend on the `so:` names they lead to.
    pub fn libraries_of(&self, dev: &str) -> Option<Vec<String>> {
        let name = if self.packages.contains_key(dev) { dev } else { self.provided.get(dev)?.first()? };
        let package = self.packages.get(name)?;
        let objects = package.depends.iter().filter(|depends| depends.starts_with("so:"));
        let providers = objects.filter_map(|object| self.provided.get(object)?.first());
        let libraries: BTreeSet<&String> = providers.filter(|provider| !is_libc(provider)).collect();
        Some(libraries.into_iter().cloned().collect())
    }

    /// `A:` of all packages, sorted (`x86_64`).
    pub fn architectures(&self) -> impl Iterator<Item = &str> {
        self.architectures.iter().map(String::as_str)
    }

    /// `t:` of the package built last, in seconds since 1970; `None` when no package says.
    pub fn newest_build(&self) -> Option<u64> {
        self.newest_build
    }

    /// Every package name, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.packages.keys().map(String::as_str)
    }
}

/// The C library, which every image has.
fn is_libc(package: &str) -> bool {
    package == "glibc" || package.starts_with("glibc-2") || package.starts_with("ld-linux")
}

#[derive(Default)]
struct Block {
    name: String,
    package: IndexPackage,
    architecture: String,
    built: Option<u64>,
    seen: bool,
}

impl Block {
    fn read(&mut self, line: &str, number: usize) -> Result<(), IndexError> {
        let is_field = |field: &str| field.len() == 1 && field.bytes().all(|b| b.is_ascii_alphabetic());
        let Some((field, value)) = line.split_once(':').filter(|(field, _)| is_field(field)) else {
            let message =
                format!("expected a field like P:name, found {:?}", line.chars().take(20).collect::<String>());
            return Err(IndexError { line: number, message });
        };
        self.seen = true;
        match field {
            "P" => value.clone_into(&mut self.name),
            "V" => value.clone_into(&mut self.package.version),
            "A" => value.clone_into(&mut self.architecture),
            "t" => self.built = value.parse().ok(),
            "o" => value.clone_into(&mut self.package.origin),
            "p" => self.package.provides = names(value),
            "D" => self.package.depends = names(value),
            "k" => self.package.provider_priority = value.parse().unwrap_or(0),
            // Checksums, sizes, licence, description, commit and the like.
            _ => {}
        }
        Ok(())
    }
}

/// The names of a dependency list, without versions (`so:libz.so.1=1.3`, `foo~1.2`, `bar>=1`, `baz@tag`).
fn names(list: &str) -> Vec<String> {
    let words = list.split_ascii_whitespace().filter(|word| !word.starts_with('!'));
    words.map(|word| word.split(['=', '<', '>', '~', '@']).next().unwrap_or(word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
C:Q1abc=
P:openssl-dev
V:3.6.0-r1
A:x86_64
t:1767225599
o:openssl
D:libcrypto3=3.6.0-r1 so:libcrypto.so.3 so:libssl.so.3 so:libc.so.6 !libressl-dev
p:pc:libssl=3.6.0 pc:openssl=3.6.0

C:Q1def=
P:libssl3
V:3.6.0-r1
A:x86_64
t:1767225500
o:openssl
p:so:libssl.so.3=3

P:libcrypto3
V:3.6.0-r1
o:openssl
p:so:libcrypto.so.3=3

P:glibc
V:2.42-r1
o:glibc
p:so:libc.so.6=6

P:curl
V:8.9.0-r0
o:curl
p:cmd:curl=8.9.0-r0

P:curl
V:8.17.0-r0
o:curl
p:cmd:curl=8.17.0-r0

P:python-3.13
V:3.13.1-r0
o:python-3.13
p:python3=3.13.1 cmd:python3=3.13.1-r0
k:313

P:python-3.14
V:3.14.0-r0
o:python-3.14
p:python3=3.14.0 cmd:python3=3.14.0-r0
k:314
";

    #[test]
    fn reads_names_versions_and_provides() {
        let index = ApkIndex::parse(TEXT).unwrap();
        assert_eq!(index.len(), 7);
        assert_eq!(index.newest_build(), Some(1_767_225_599));
        assert_eq!(index.architectures().collect::<Vec<_>>(), ["x86_64"]);
        assert_eq!(index.package("curl").unwrap().version, "8.17.0-r0");
        assert_eq!(index.package("libssl3").unwrap().origin, "openssl");
        assert_eq!(index.providers("python3"), ["python-3.14", "python-3.13"]);
        assert_eq!(index.command("python3"), ["python-3.14", "python-3.13"]);
        assert_eq!(index.shared_object("libssl.so.3"), ["libssl3"]);
        assert!(index.provides("cmd:curl") && index.provides("pc:openssl") && !index.provides("libressl-dev"));
    }

    #[test]
    fn libraries_come_from_shared_object_dependencies() {
        let index = ApkIndex::parse(TEXT).unwrap();
        assert_eq!(index.libraries_of("openssl-dev").unwrap(), ["libcrypto3", "libssl3"]);
        assert_eq!(index.libraries_of("no-such-dev"), None);
    }

    #[test]
    fn line_ends_and_errors() {
        let crlf = TEXT.replace('\n', "\r\n");
        assert_eq!(ApkIndex::parse(&crlf).unwrap().len(), 7);
        assert_eq!(ApkIndex::parse("").unwrap_err().line, 1);
        assert_eq!(ApkIndex::parse("P:a\nV:1\n\n<html>\n").unwrap_err().line, 4);
        let error = ApkIndex::parse("P:a\n\nP:b\nV:1\n").unwrap_err();
        assert!(error.message.contains("version"), "{error}");
    }
}
