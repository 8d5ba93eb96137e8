//! What an installed package brings along: its dependencies, and the virtual names of all of them.

use std::collections::BTreeSet;

use crate::mappings::Mappings;

/// Columns of `package-relations.tsv`.
mod column {
    pub(super) const DEPENDS: usize = 1;
    pub(super) const PROVIDES: usize = 2;
}

impl Mappings {
    /// Everything that is installed with the Wolfi package `package`, itself first of all, as [`unversioned`] names.
    ///
    /// Complete only as far as commands hang on it: dependencies without commands are left out.
    pub fn brought_by(&self, package: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![package.to_owned()];
        while let Some(name) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            names.insert(unversioned(&name));
            // A virtual name stands for its newest provider.
            let row = self.tables.package_relations.find(&name).or_else(|| {
                let provider = self.tables.wolfi_provides.find(&name)?.words(1).into_iter().next()?;
                self.tables.package_relations.find(&provider)
            });
            if let Some(row) = row {
                names.extend(row.words(column::PROVIDES).iter().map(|name| unversioned(name)));
                open.extend(row.words(column::DEPENDS));
            }
        }
        names
    }
}

/// A package's name without its version stream: `nodejs` for `nodejs-22`, `postgresql-client` for
/// `postgresql-16-client`, `py-pip` for `py3.13-pip` and `py3-pip`.
pub fn unversioned(name: &str) -> String {
    let mut parts = name.split('-');
    let mut out = parts.next().map_or_else(String::new, |first| without_module_version(first, name).to_owned());
    for part in parts {
        let version =
            part.starts_with(|c: char| c.is_ascii_digit()) && part.chars().all(|c| c.is_ascii_digit() || c == '.');
        if !version {
            out.push('-');
            out.push_str(part);
        }
    }
    out
}

/// `py` for the `py3.13` of `py3.13-pip`; the first part of any other name as it is.
fn without_module_version<'a>(first: &'a str, name: &str) -> &'a str {
    let stem = first.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if first.len() < name.len() && matches!(stem, "py" | "php" | "ruby" | "erl" | "lua") { stem } else { first }
}

#[cfg(test)]
mod tests {
    use super::unversioned;

    #[test]
    fn streams_have_one_name() {
        let cases = [
            ("nodejs-22", "nodejs"),
            ("python-3.13", "python"),
            ("python3", "python3"),
            ("postgresql-16-client", "postgresql-client"),
            ("py3.13-pip", "py-pip"),
            ("py3-pip", "py-pip"),
            ("ruby3.4-bundler", "ruby-bundler"),
            ("openjdk-21-default-jdk", "openjdk-default-jdk"),
            ("7zip", "7zip"),
            ("libssl3", "libssl3"),
            ("php-8.4-pear", "php-pear"),
        ];
        for (name, expected) in cases {
            assert_eq!(unversioned(name), expected, "{name}");
        }
    }
}
