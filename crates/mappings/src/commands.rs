//! Who carries a command, and which libraries a header package stands for.

use crate::lookup::{CommandMapping, Confidence, Lookup, Provenance};
use crate::mappings::Mappings;

/// Columns of `commands.tsv`.
mod column {
    pub(super) const PACKAGES: usize = 1;
    pub(super) const WHERE: usize = 2;
    pub(super) const CONFIDENCE: usize = 3;
    pub(super) const NOTE: usize = 4;
    pub(super) const SOURCE: usize = 5;
}

impl Mappings {
    /// Who carries the command `name` (without directory) on Wolfi.
    ///
    /// With an APKINDEX packages it does not have are left out, and where none is left its own `cmd:` names decide.
    pub fn command(&self, name: &str) -> Lookup<CommandMapping> {
        let Some(row) = self.tables.commands.find(name) else {
            return self.indexed_command(name);
        };
        let provenance = self.provenance(row, column::CONFIDENCE, column::SOURCE);
        let places = row.column(column::WHERE);
        match places {
            "absent" => {
                let advice = row.column(column::NOTE).to_owned();
                return match self.indexed_command(name) {
                    Lookup::Unknown => Lookup::Absent { advice, provenance },
                    found => found,
                };
            }
            "builtin" => return Lookup::Dropped { reason: "is built into the shell".to_owned(), provenance },
            _ => {}
        }
        let has = |place: &str| places.split(' ').any(|word| word == place);
        let mut packages = row.words(column::PACKAGES);
        if let Some(index) = self.index.as_ref().filter(|_| !packages.is_empty()) {
            packages.retain(|package| index.provides(package));
            if packages.is_empty() {
                packages = index.command(name);
            }
            if packages.is_empty() && !["busybox", "dev", "base"].into_iter().any(has) {
                return Lookup::Unknown;
            }
        }
        Lookup::Mapped(CommandMapping {
            packages,
            busybox: has("busybox"),
            in_dev_images: has("dev"),
            in_wolfi_base: has("base"),
            name: places.split(' ').find_map(|word| word.strip_prefix("named:")).map(str::to_owned),
            provenance,
        })
    }

    fn indexed_command(&self, name: &str) -> Lookup<CommandMapping> {
        let packages = self.index.as_ref().map(|index| index.command(name)).unwrap_or_default();
        if packages.is_empty() {
            return Lookup::Unknown;
        }
        let provenance = Provenance { confidence: Confidence::High, source: "the given APKINDEX".to_owned() };
        Lookup::Mapped(CommandMapping {
            packages,
            busybox: false,
            in_dev_images: false,
            in_wolfi_base: false,
            name: None,
            provenance,
        })
    }

    /// Whether Wolfi's BusyBox (the one in `wolfi-base` and in every `-dev` image) has the applet `name`.
    pub fn is_applet(&self, name: &str) -> bool {
        self.tables.applets.find(name).is_some_and(|row| row.column(1) == "yes")
    }

    /// The packages with the shared objects that a build against the header package `dev` will want when it runs.
    ///
    /// Empty when not known, and when the package has headers or static libraries only. With an APKINDEX the `so:`
    /// dependencies of `dev` decide.
    pub fn library_of(&self, dev: &str) -> Vec<String> {
        if let Some(packages) = self.index.as_ref().and_then(|index| index.libraries_of(dev)) {
            return packages;
        }
        if let Some(row) = self.tables.dev_libraries.find(dev) {
            return row.words(1);
        }
        // A virtual name (`postgresql-dev`) stands for its newest provider.
        let provider = self.tables.wolfi_provides.find(dev).and_then(|row| row.words(1).into_iter().next());
        let row = provider.and_then(|provider| self.tables.dev_libraries.find(&provider));
        row.map(|row| row.words(1)).unwrap_or_default()
    }
}
