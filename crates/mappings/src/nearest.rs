//! Names that look like a mistyped one.

use std::collections::BTreeSet;

use crate::mappings::Mappings;
use crate::table::{Row, Table};

/// What kind of name was mistyped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A Wolfi package.
    Package,
    /// A source image.
    Image,
    /// A command.
    Command,
}

/// How many names are offered at most.
const MOST: usize = 3;

impl Mappings {
    /// Known names within a small edit distance of `name`, nearest first; at most three.
    pub fn nearest(&self, kind: NameKind, name: &str) -> Vec<String> {
        let tables = match kind {
            NameKind::Package => vec![self.tables.wolfi_packages, self.tables.wolfi_provides],
            NameKind::Image => vec![self.tables.images],
            NameKind::Command => vec![self.tables.commands],
        };
        let letters: Vec<char> = name.chars().collect();
        let bound = (letters.len() / 4).clamp(1, 3);
        let mut found = BTreeSet::new();
        for row in tables.iter().flat_map(Table::rows).filter(|row| is_offered(kind, *row)) {
            let candidate = row.column(0);
            if let Some(distance) = edit_distance(&letters, candidate, bound).filter(|_| candidate != name) {
                found.insert((distance, candidate));
            }
        }
        found.into_iter().take(MOST).map(|(_, candidate)| candidate.to_owned()).collect()
    }
}

/// Whether a row names something that can be had.
fn is_offered(kind: NameKind, row: Row<'_>) -> bool {
    match kind {
        NameKind::Package => row.column(1) != "gone",
        NameKind::Image => true,
        NameKind::Command => row.column(2) != "absent",
    }
}

/// The Levenshtein distance with a swap of neighbours as one step, or `None` when it is above `bound`.
fn edit_distance(a: &[char], b: &str, bound: usize) -> Option<usize> {
    if a.len().abs_diff(b.chars().count()) > bound {
        return None;
    }
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut current = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            current[j] = (previous[j] + 1).min(current[j - 1] + 1).min(previous[j - 1] + changed);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                current[j] = current[j].min(before[j - 2] + 1);
            }
        }
        if current.iter().min().is_some_and(|least| *least > bound) {
            return None;
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous.last().copied().filter(|distance| *distance <= bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let distance = |a: &str, b: &str, bound| edit_distance(&a.chars().collect::<Vec<_>>(), b, bound);
        assert_eq!(distance("curl", "crul", 2), Some(1));
        assert_eq!(distance("curl", "curl", 0), Some(0));
        assert_eq!(distance("git", "gti-lfs", 3), None);
        assert_eq!(distance("openssl-dev", "opensl-dev", 2), Some(1));
        assert_eq!(distance("", "ab", 2), Some(2));
        assert_eq!(distance("abc", "xyz", 2), None);
    }
}
