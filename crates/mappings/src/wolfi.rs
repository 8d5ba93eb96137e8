//! The known Wolfi names.

use crate::lookup::{WolfiPackage, WolfiStatus};
use crate::mappings::Mappings;

/// Columns of `wolfi-packages.tsv`.
mod column {
    pub(super) const STATUS: usize = 1;
    pub(super) const ORIGIN: usize = 2;
}

impl Mappings {
    /// What is known of the Wolfi package or virtual name `name`.
    ///
    /// With an APKINDEX that one decides, and a name it does not have is `None`.
    pub fn wolfi_package(&self, name: &str) -> Option<WolfiPackage> {
        if let Some(index) = &self.index {
            let provided_by = index.providers(name);
            return index.provides(name).then_some(WolfiPackage { status: WolfiStatus::Indexed, provided_by });
        }
        let own = self.own_status(name);
        let provided_by = self.tables.wolfi_provides.find(name).map(|row| row.words(1)).unwrap_or_default();
        let provided = provided_by.iter().filter_map(|package| self.own_status(package));
        let status = own.into_iter().chain(provided).min()?;
        Some(WolfiPackage { status, provided_by })
    }

    /// The recipe that builds the Wolfi package `name` (`openssl` for `libssl3`).
    pub fn origin_of(&self, name: &str) -> Option<String> {
        if let Some(package) = self.index.as_ref().and_then(|index| index.package(name)) {
            return Some(package.origin.clone());
        }
        let row = self.tables.wolfi_packages.find(name)?;
        Some(row.optional(column::ORIGIN).unwrap_or_else(|| name.to_owned()))
    }

    /// Whether `name` can stand in an `apk add`, as far as is known.
    pub(crate) fn is_known(&self, name: &str) -> bool {
        self.wolfi_package(name).is_some_and(|package| package.status != WolfiStatus::Gone)
    }

    fn own_status(&self, name: &str) -> Option<WolfiStatus> {
        let row = self.tables.wolfi_packages.find(name)?;
        Some(match row.column(column::STATUS) {
            "confirmed" => WolfiStatus::Confirmed,
            "likely" => WolfiStatus::Likely,
            "uncertain" => WolfiStatus::Uncertain,
            _ => WolfiStatus::Gone,
        })
    }
}
