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
    /// In this order: the user's table, the built-in table, the name families, the same name when Wolfi has it. With an
    /// APKINDEX an answer that it does not have gives way to the next; the user's own stands, with a note.
    pub fn package(&self, distro: Distro, name: &str) -> Lookup<PackageMapping> {
        if let Some(answer) = self.user.package(distro, name) {
            return self.doubted_by_index(answer);
        }
        let Some(row) = self.package_table(distro).find(name) else {
            let derived = self.derived_package(distro, name);
            return self.refused_by_index(&derived).unwrap_or(derived);
        };
        let answer = self.package_row(row, 0);
        let Some(refused) = self.refused_by_index(&answer) else {
            return answer;
        };
        let derived = self.derived_package(distro, name);
        let stands_in = matches!(derived, Lookup::Mapped(_)) && self.refused_by_index(&derived).is_none();
        if stands_in { derived } else { refused }
    }

    /// What the table of `distro` itself says of `name`.
    pub(crate) fn package_row_of(&self, distro: Distro, name: &str) -> Option<Lookup<PackageMapping>> {
        self.package_table(distro).find(name).map(|row| self.package_row(row, 0))
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

    /// The packages of an answer that the APKINDEX, if there is one, does not have.
    fn missing_in_index<'a>(&self, answer: &'a Lookup<PackageMapping>) -> Vec<&'a str> {
        let (Some(index), Lookup::Mapped(mapping)) = (&self.index, answer) else {
            return Vec::new();
        };
        mapping.packages.iter().map(String::as_str).filter(|name| !index.provides(name)).collect()
    }

    /// What to say in place of a built-in answer that cannot be installed; `None` when it can.
    fn refused_by_index(&self, answer: &Lookup<PackageMapping>) -> Option<Lookup<PackageMapping>> {
        let missing = self.missing_in_index(answer);
        let Lookup::Mapped(mapping) = answer else { return None };
        if missing.is_empty() {
            return None;
        }
        let advice = format!(
            "the APKINDEX does not have `{}`; look for another with `apk search`, or name it in a mapping file",
            missing.join("`, `")
        );
        Some(Lookup::Absent { advice, provenance: mapping.provenance.clone() })
    }

    /// The user's answer, with low confidence and a note where the APKINDEX does not have it: another repository may.
    fn doubted_by_index(&self, answer: Lookup<PackageMapping>) -> Lookup<PackageMapping> {
        let missing = self.missing_in_index(&answer).join(", ");
        match answer {
            Lookup::Mapped(mapping) if !missing.is_empty() => {
                let doubt = format!("not in the APKINDEX: {missing}");
                let note = mapping.note.map_or_else(|| doubt.clone(), |note| format!("{note}; {doubt}"));
                let provenance = Provenance { confidence: Confidence::Low, ..mapping.provenance };
                Lookup::Mapped(PackageMapping { packages: mapping.packages, note: Some(note), provenance })
            }
            answer => answer,
        }
    }
}

/// The package of the same name, which Wolfi is known to have.
fn same_name(name: &str) -> Lookup<PackageMapping> {
    let provenance = Provenance { confidence: Confidence::Medium, source: "same name, known in Wolfi".to_owned() };
    Lookup::Mapped(PackageMapping { packages: vec![name.to_owned()], note: None, provenance })
}
