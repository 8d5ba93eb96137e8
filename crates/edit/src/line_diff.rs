//! Which lines differ between two lists of lines.

use std::collections::HashMap;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Up to this many lines on both sides together the shortest difference is searched. Its cost grows with the square of
/// the number of differing lines, so longer stretches are first cut at lines that occur once on both sides.
const EXACT_LINES: usize = 512;

/// A stretch of old lines and the new lines in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineChange {
    /// Indexes of old lines.
    pub(crate) old: Range<usize>,
    /// Indexes of new lines.
    pub(crate) new: Range<usize>,
}

/// The changes that turn `old` into `new`, in order, none of them touching the next.
///
/// The result depends on the lines only, never on time, and the effort is near linear in their number: where no line can
/// serve as an anchor, a long stretch is given as one change.
pub(crate) fn line_changes(old: &[&str], new: &[&str]) -> Vec<LineChange> {
    let head = common(old.iter(), new.iter());
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = common(old_rest.iter().rev(), new_rest.iter().rev());
    let (old_mid, new_mid) = (&old_rest[..old_rest.len() - tail], &new_rest[..new_rest.len() - tail]);
    let mut changes = Vec::new();
    if old_mid.len() + new_mid.len() <= EXACT_LINES {
        exact(old_mid, new_mid, head, head, &mut changes);
    } else {
        anchored(old_mid, new_mid, head, &mut changes);
    }
    changes
}

fn common<'a>(a: impl Iterator<Item = &'a &'a str>, b: impl Iterator<Item = &'a &'a str>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

/// Shortest difference by Myers' algorithm.
fn exact(old: &[&str], new: &[&str], old_base: usize, new_base: usize, changes: &mut Vec<LineChange>) {
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        if !matches!(op, DiffOp::Equal { .. }) {
            push(changes, shift(op.old_range(), old_base), shift(op.new_range(), new_base));
        }
    }
}

fn shift(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Appends a change, joined to the last one when they touch.
fn push(changes: &mut Vec<LineChange>, old: Range<usize>, new: Range<usize>) {
    match changes.last_mut() {
        Some(last) if last.old.end == old.start && last.new.end == new.start => {
            last.old.end = old.end;
            last.new.end = new.end;
        }
        _ => changes.push(LineChange { old, new }),
    }
}

/// Cuts both lists at lines that occur once in each and in the same order (patience diff, one level), then looks at the
/// stretches between.
fn anchored(old: &[&str], new: &[&str], base: usize, changes: &mut Vec<LineChange>) {
    let (mut old_at, mut new_at) = (0, 0);
    let end = (old.len(), new.len());
    for (old_anchor, new_anchor) in anchors(old, new).into_iter().chain([end]) {
        let (old_gap, new_gap) = (&old[old_at..old_anchor], &new[new_at..new_anchor]);
        if old_gap.len() + new_gap.len() <= EXACT_LINES {
            exact(old_gap, new_gap, base + old_at, base + new_at, changes);
        } else {
            push(changes, base + old_at..base + old_anchor, base + new_at..base + new_anchor);
        }
        (old_at, new_at) = (old_anchor + 1, new_anchor + 1);
    }
}

/// The longest rising sequence of pairs of lines that are unique on both sides.
fn anchors(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    // The map is only asked, never walked, so its order has no part in the result.
    let mut new_lines: HashMap<&str, (usize, usize)> = HashMap::with_capacity(new.len());
    for (index, line) in new.iter().enumerate() {
        new_lines.entry(line).or_insert((index, 0)).1 += 1;
    }
    let mut old_count: HashMap<&str, usize> = HashMap::with_capacity(old.len());
    for line in old {
        *old_count.entry(line).or_insert(0) += 1;
    }
    let pairs = old.iter().enumerate().filter(|(_, line)| old_count[**line] == 1);
    let pairs = pairs.filter_map(|(index, line)| match new_lines.get(line) {
        Some(&(new_index, 1)) => Some((index, new_index)),
        _ => None,
    });
    longest_rising(&pairs.collect::<Vec<_>>())
}

/// Patience sorting on the second number; the first rises already.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // `tops[n]` is the pair with the smallest second number that ends a rising sequence of n + 1 pairs.
    let mut tops: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, pair) in pairs.iter().enumerate() {
        let length = tops.partition_point(|&top| pairs[top].1 < pair.1);
        previous.push(length.checked_sub(1).map(|shorter| tops[shorter]));
        if length == tops.len() {
            tops.push(index);
        } else {
            tops[length] = index;
        }
    }
    let mut sequence = Vec::with_capacity(tops.len());
    let mut next = tops.last().copied();
    while let Some(index) = next {
        sequence.push(pairs[index]);
        next = previous[index];
    }
    sequence.reverse();
    sequence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rebuild<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<&'a str> {
        let mut lines = Vec::new();
        let mut at = 0;
        for change in line_changes(old, new) {
            lines.extend(&old[at..change.old.start]);
            lines.extend(&new[change.new]);
            at = change.old.end;
        }
        lines.extend(&old[at..]);
        lines
    }

    #[test]
    fn small_lists_get_the_shortest_difference() {
        let changes = line_changes(&["a", "b", "c", "d"], &["a", "x", "c", "y", "d"]);
        assert_eq!(changes, [LineChange { old: 1..2, new: 1..2 }, LineChange { old: 3..3, new: 3..4 }]);
        assert_eq!(line_changes(&["a"], &["a"]), []);
    }

    #[test]
    fn long_lists_are_cut_at_unique_lines() {
        let old: Vec<String> = (0..5000).map(|n| format!("line {n}")).collect();
        let mut new = old.clone();
        new[10] = "ten".to_owned();
        new.remove(4000);
        new.insert(2500, "more".to_owned());
        let (old, new): (Vec<&str>, Vec<&str>) =
            (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
        assert_eq!(rebuild(&old, &new), new);
        assert_eq!(line_changes(&old, &new).len(), 3);
    }

    #[test]
    fn long_lists_without_a_unique_line_are_one_change() {
        let (old, new) = (["a", "b"].repeat(500), ["b", "c", "a"].repeat(400));
        assert_eq!(rebuild(&old, &new), new);
    }
}
