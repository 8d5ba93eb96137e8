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
    /// Known names within a small edit distance of `name`, nearest first; at most three. With an APKINDEX only packages that
    /// it has.
    pub fn nearest(&self, kind: NameKind, name: &str) -> Vec<String> {
        let tables = match kind {
            NameKind::Package => vec![self.tables.wolfi_packages, self.tables.wolfi_provides],
            NameKind::Image => vec![self.tables.images],
            NameKind::Command => vec![self.tables.commands],
        };
        // One letter away from a name of one or two letters is any other.
        if name.len() < 3 {
            return Vec::new();
        }
        let bound = (name.len() / 4).clamp(1, 3);
        let mut distance = EditDistance::new(name, bound);
        let mut found = BTreeSet::new();
        let index = self.index.as_ref().filter(|_| kind == NameKind::Package);
        if let Some(index) = index {
            found.extend(index.names().filter_map(|candidate| Some((distance.to(candidate)?, candidate))));
        }
        for row in tables.iter().flat_map(Table::rows) {
            let candidate = row.column(0);
            let is_offered = || index.map_or_else(|| is_offered(kind, row), |index| index.provides(candidate));
            let near = distance.to(candidate).filter(|_| is_offered());
            found.extend(near.map(|distance| (distance, candidate)));
        }
        found.retain(|(_, candidate)| *candidate != name);
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

/// The Levenshtein distance from one name, with a swap of neighbours as one step. Names are ASCII, so bytes will do.
struct EditDistance<'n> {
    name: &'n [u8],
    bound: usize,
    /// The last three rows of the matrix, kept to save allocations over thousands of names.
    rows: [Vec<usize>; 3],
}

impl<'n> EditDistance<'n> {
    fn new(name: &'n str, bound: usize) -> Self {
        Self { name: name.as_bytes(), bound, rows: Default::default() }
    }

    /// The distance to `other`, or `None` when it is above the bound.
    fn to(&mut self, other: &str) -> Option<usize> {
        let (a, b) = (self.name, other.as_bytes());
        if a.len().abs_diff(b.len()) > self.bound {
            return None;
        }
        let [before, previous, current] = &mut self.rows;
        previous.clear();
        previous.extend(0..=b.len());
        for i in 1..=a.len() {
            // Cells further from the diagonal than the bound are above it.
            let (from, to) = (i.saturating_sub(self.bound).max(1), (i + self.bound).min(b.len()));
            current.clear();
            current.resize(b.len() + 1, self.bound + 1);
            current[0] = i;
            let mut least = if from == 1 { i } else { self.bound + 1 };
            for j in from..=to {
                let changed = usize::from(a[i - 1] != b[j - 1]);
                let mut cost = (previous[j] + 1).min(current[j - 1] + 1).min(previous[j - 1] + changed);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    cost = cost.min(before[j - 2] + 1);
                }
                least = least.min(cost);
                current[j] = cost;
            }
            if least > self.bound {
                return None;
            }
            std::mem::swap(before, previous);
            std::mem::swap(previous, current);
        }
        previous.last().copied().filter(|distance| *distance <= self.bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let distance = |a, b, bound| EditDistance::new(a, bound).to(b);
        assert_eq!(distance("curl", "crul", 2), Some(1));
        assert_eq!(distance("curl", "curl", 0), Some(0));
        assert_eq!(distance("git", "gti-lfs", 3), None);
        assert_eq!(distance("openssl-dev", "opensl-dev", 2), Some(1));
        assert_eq!(distance("", "ab", 2), Some(2));
        assert_eq!(distance("abc", "xyz", 2), None);
    }
}
