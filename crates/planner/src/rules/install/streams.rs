//! Versions that were asked for outside the package's name: by a module stream, a vendor's repository, or a pin.

use wolfify_mappings::{Confidence, Distro, Lookup, WolfiStatus};

use crate::draft::Draft;
use crate::file::File;
use crate::managers::{PackageSpec, Pin, RpmVersioned};
use crate::resolve::{Resolved, resolve};

/// Modules of Fedora and RHEL whose default profile is more or other than the package of that name.
const PROFILES: &[(&str, &[&str])] = &[
    ("container-tools", &["podman", "buildah", "skopeo"]),
    ("go-toolset", &["golang"]),
    ("llvm-toolset", &["clang", "llvm"]),
    ("mariadb", &["mariadb-server"]),
    ("mysql", &["mysql-server"]),
    ("nodejs", &["nodejs", "npm"]),
    ("php", &["php-cli", "php-fpm", "php-mbstring", "php-xml"]),
    ("postgresql", &["postgresql-server"]),
    ("rust-toolset", &["rust", "cargo"]),
];

/// Products whose packages carry the version right after the product's name (`php8.2-mbstring`, `ruby3.3-dev`).
const VERSION_IN_NAME: &[&str] = &["php", "ruby", "postgresql"];

/// The version in Debian's name of a PHP package: `8.3` of `php8.3-curl`.
pub(super) fn php_version(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("php")?;
    let version = rest.split('-').next()?;
    let (major, minor) = version.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(major) && is_number(minor)).then_some(version)
}

/// What installing a module brings.
pub(super) fn module_packages(module: &str) -> Vec<&str> {
    match PROFILES.iter().find(|(name, _)| *name == module) {
        Some((_, packages)) => packages.to_vec(),
        None => vec![module],
    }
}

/// The reading of an rpm word that the tables know best: the whole word, unless only a rule about names knows it.
pub(crate) fn rpm_reading(file: &File<'_>, distro: Distro, versioned: &RpmVersioned) -> PackageSpec {
    let lookup = |name: &str| file.mappings.package(distro, name);
    let whole = lookup(&versioned.whole.name);
    let by_rule = match &whole {
        Lookup::Unknown | Lookup::Absent { .. } => true,
        Lookup::Mapped(mapping) => mapping.provenance.confidence == Confidence::Low,
        _ => false,
    };
    if !by_rule {
        return versioned.whole.clone();
    }
    let known = |name: &str| !matches!(lookup(name), Lookup::Unknown | Lookup::Absent { .. });
    let reading = versioned.readings.iter().find(|reading| known(&reading.name));
    let reading = reading.or_else(|| versioned.readings.first().filter(|_| matches!(whole, Lookup::Unknown)));
    match reading {
        Some(reading) => PackageSpec {
            name: reading.name.clone(),
            pin: Some(Pin { operator: "-".to_owned(), version: reading.version.clone() }),
            arch: reading.arch.clone(),
            ..PackageSpec::default()
        },
        None => versioned.whole.clone(),
    }
}

/// A name, and a version that may have been asked for with it.
pub(super) struct Asked<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) stage: usize,
    pub(super) distro: Distro,
    pub(super) name: &'a str,
    pub(super) pin: Option<&'a Pin>,
}

impl Asked<'_> {
    /// The packages of the version asked for; `None` when no version was, or Wolfi has no packages by version here.
    pub(super) fn in_stream(&self, draft: &Draft) -> Option<Resolved> {
        let product = self.name.split('-').next().unwrap_or(self.name);
        let stream = |name: &str| draft.streams.get(&(self.stage, name.to_owned()));
        let Some(version) = stream(self.name).or_else(|| stream(product)) else {
            return self.in_pin();
        };
        if let Some(package) = self.versioned(self.name, version) {
            // Vendors' builds of Node bring npm along; Wolfi has it apart.
            let npm = (self.name == "nodejs").then(|| "npm".to_owned());
            let names = std::iter::once(package).chain(npm).collect();
            return Some(Resolved::Packages { names, note: None });
        }
        if VERSION_IN_NAME.contains(&product) {
            let name = format!("{product}{version}{}", &self.name[product.len()..]);
            if let found @ Resolved::Packages { .. } = resolve(self.file, self.stage, self.distro, &name) {
                return Some(found);
            }
        }
        if self.name != product {
            return None;
        }
        match resolve(self.file, self.stage, self.distro, self.name) {
            Resolved::Packages { names, .. } => {
                let note = format!("Wolfi has no package of {product} {version} by that version; this is its own");
                Some(Resolved::Packages { names, note: Some(note) })
            }
            _ => None,
        }
    }

    /// `nodejs-18.14.2`, `gcc=4:12.2.0-3`: the stream of that version, where Wolfi has it. `nodejs>18` names none.
    fn in_pin(&self) -> Option<Resolved> {
        let pin = self.pin.filter(|pin| !pin.operator.contains(['<', '>']))?;
        let version = pin.version.as_static()?;
        // Where the name becomes several packages, one of them alone would not do.
        let Resolved::Packages { names, .. } = resolve(self.file, self.stage, self.distro, self.name) else {
            return None;
        };
        if names != [self.name] {
            return None;
        }
        let version = version.rsplit(':').next().unwrap_or(version);
        self.versioned(self.name, version).map(|package| Resolved::Packages { names: vec![package], note: None })
    }

    /// `NAME-MAJOR.MINOR` or `NAME-MAJOR`, if it can be installed.
    fn versioned(&self, name: &str, version: &str) -> Option<String> {
        let mut numbers = version.split(|c: char| !c.is_ascii_digit()).take_while(|part| !part.is_empty());
        let major = numbers.next()?;
        let minor = numbers.next().map(|minor| format!("{name}-{major}.{minor}"));
        minor.into_iter().chain([format!("{name}-{major}")]).find(|package| {
            self.file.mappings.wolfi_package(package).is_some_and(|known| known.status != WolfiStatus::Gone)
        })
    }
}
