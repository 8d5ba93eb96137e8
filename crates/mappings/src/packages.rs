//! Which Wolfi packages stand for a distribution's package.

use crate::families;
use crate::lookup::{Confidence, Distro, Lookup, PackageMapping, Provenance};
use crate::mappings::Mappings;
use crate::table::{Row, Table};

/// Columns of `packages-*.tsv`.
mod column {
    pub(super) const ACTION: usize = 1;
    pub(super) const TARGETS: usize = 2;
    pub(super) const CONFIDENCE: usize = 3;
    pub(super) const NOTE: usize = 4;
    pub(super) const SOURCE: usize = 5;
}

impl Mappings {
    /// What stands for `name`, a package of `distro` without version pin or architecture suffix.
    ///
    /// In this order: the user's table, the built-in table, the name families, the same name when Wolfi has it.
    pub fn package(&self, distro: Distro, name: &str) -> Lookup<PackageMapping> {
        if let Some(answer) = self.user.package(distro, name) {
            return answer;
        }
        let answer = match self.package_table(distro).find(name) {
            Some(row) => self.package_row(row, 0),
            None => self.derived_package(distro, name),
        };
        self.checked_against_index(answer)
    }

    fn package_table(&self, distro: Distro) -> Table<'static> {
        match distro {
            Distro::Debian => self.tables.packages_debian,
            Distro::Fedora => self.tables.packages_fedora,
            Distro::Alpine => self.tables.packages_alpine,
        }
    }

    /// The answer of a row whose columns after the key start `shift` later than in `packages-*.tsv`.
    pub(crate) fn package_row(&self, row: Row<'_>, shift: usize) -> Lookup<PackageMapping> {
        let provenance = self.provenance(row, column::CONFIDENCE + shift, column::SOURCE + shift);
        let note = row.optional(column::NOTE + shift);
        let targets = row.column(column::TARGETS + shift);
        let words = |text: &str| text.split_ascii_whitespace().map(str::to_owned).collect();
        match row.column(column::ACTION + shift) {
            "drop" => Lookup::Dropped { reason: note.unwrap_or_default(), provenance },
            "absent" => Lookup::Absent { advice: note.unwrap_or_default(), provenance },
            "choose" => {
                let one = |packages: &str| PackageMapping {
                    packages: words(packages),
                    note: note.clone(),
                    provenance: provenance.clone(),
                };
                Lookup::Ambiguous(targets.split('|').map(one).collect())
            }
            _ => Lookup::Mapped(PackageMapping { packages: words(targets), note, provenance }),
        }
    }

    fn derived_package(&self, distro: Distro, name: &str) -> Lookup<PackageMapping> {
        let family = |rules: fn(&Self, Distro, &str) -> Option<Lookup<PackageMapping>>| {
            if self.families { rules(self, distro, name) } else { None }
        };
        let same = || self.is_known(name).then(|| same_name(name));
        let answer = family(families::before_same_name).or_else(same).or_else(|| family(families::after_same_name));
        answer.unwrap_or(Lookup::Unknown)
    }

    /// Lowers an answer whose packages the user's APKINDEX does not have.
    fn checked_against_index(&self, answer: Lookup<PackageMapping>) -> Lookup<PackageMapping> {
        let (Some(index), Lookup::Mapped(mapping)) = (&self.index, &answer) else {
            return answer;
        };
        let names = mapping.packages.iter().map(String::as_str);
        let missing: Vec<&str> = names.filter(|name| !index.provides(name)).collect();
        if missing.is_empty() {
            return answer;
        }
        let missing = format!("not in the APKINDEX: {}", missing.join(", "));
        let note = mapping.note.as_ref().map_or_else(|| missing.clone(), |note| format!("{note}; {missing}"));
        let provenance = Provenance { confidence: Confidence::Low, ..mapping.provenance.clone() };
        Lookup::Mapped(PackageMapping { packages: mapping.packages.clone(), note: Some(note), provenance })
    }
}

/// The package of the same name, which Wolfi is known to have.
fn same_name(name: &str) -> Lookup<PackageMapping> {
    let provenance = Provenance { confidence: Confidence::Medium, source: "same name, known in Wolfi".to_owned() };
    Lookup::Mapped(PackageMapping { packages: vec![name.to_owned()], note: None, provenance })
}
