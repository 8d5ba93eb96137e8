//! The order of apk's package versions.

use std::cmp::Ordering;

/// Compares two versions as apk does: numbers, a letter, suffixes (`_alpha` … `_rc` below, `_cvs` … `_p` above), `-rN`.
pub(crate) fn compare_versions(left: &str, right: &str) -> Ordering {
    let (left, left_revision) = split_revision(left);
    let (right, right_revision) = split_revision(right);
    let (left, left_suffix) = left.split_once('_').unwrap_or((left, ""));
    let (right, right_suffix) = right.split_once('_').unwrap_or((right, ""));
    compare_numbers(left, right)
        .then_with(|| suffix_key(left_suffix).cmp(&suffix_key(right_suffix)))
        .then(left_revision.cmp(&right_revision))
}

fn split_revision(version: &str) -> (&str, u64) {
    match version.rsplit_once("-r") {
        Some((version, revision)) => (version, revision.parse().unwrap_or(0)),
        None => (version, 0),
    }
}

fn compare_numbers(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => match number_key(a).cmp(&number_key(b)) {
                Ordering::Equal => {}
                order => return order,
            },
        }
    }
}

/// `12b` → (12, "b").
fn number_key(part: &str) -> (u64, &str) {
    let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    (part[..digits].parse().unwrap_or(0), &part[digits..])
}

/// Where a suffix stands: before the plain version or after it.
fn suffix_key(suffix: &str) -> (i8, u64) {
    const BELOW: [&str; 4] = ["alpha", "beta", "pre", "rc"];
    const ABOVE: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];
    let name = suffix.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = suffix[name.len()..].parse().unwrap_or(0);
    let rank = |names: &[&str]| names.iter().position(|known| *known == name).and_then(|at| i8::try_from(at).ok());
    match (rank(&BELOW), rank(&ABOVE)) {
        (Some(at), _) => (at - 4, number),
        (None, Some(at)) => (at + 1, number),
        (None, None) => (0, number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        let ascending = [
            "1.0_alpha1-r0",
            "1.0_rc1-r0",
            "1.0_rc2-r0",
            "1.0-r0",
            "1.0-r2",
            "1.0-r10",
            "1.0_p1-r0",
            "1.0.1-r0",
            "1.2-r0",
            "1.10-r0",
            "1.10b-r0",
            "2-r0",
            "20250101-r0",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare_versions(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare_versions(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(compare_versions("1.0", "1.0-r0"), Ordering::Equal);
    }
}
