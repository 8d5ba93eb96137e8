//! Unified diffs that `git apply` and `patch -p1` take.

use std::fmt::Write as _;
use std::ops::Range;

use text_size::TextRange;

use crate::edit_set::EditSet;
use crate::line_diff::line_changes;
use crate::quote::header_name;

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// The unified diff of what `edits` do to their text; empty when they change nothing.
///
/// The paths are bytes relative to the repository's root; the prefixes `a/` and `b/` are put before them. The diff is
/// made from the edits, so its cost grows with the file's size and not with the number of lines changed.
#[must_use]
pub fn unified_diff(path_old: impl AsRef<[u8]>, path_new: impl AsRef<[u8]>, edits: &EditSet<'_>) -> String {
    let lines = Lines::new(edits.text());
    let regions = Regions::new(edits, &lines);
    let mut changes = Vec::new();
    for region in &regions.0 {
        push_changes(&mut changes, region.lines.start, &lines.all[region.lines.clone()], &region.new);
    }
    render(path_old.as_ref(), path_new.as_ref(), &lines.all, &changes)
}

/// The unified diff between two texts; empty when they are equal.
#[must_use]
pub fn diff(path_old: impl AsRef<[u8]>, path_new: impl AsRef<[u8]>, old: &str, new: &str) -> String {
    let lines = Lines::new(old);
    let mut changes = Vec::new();
    push_changes(&mut changes, 0, &lines.all, new);
    render(path_old.as_ref(), path_new.as_ref(), &lines.all, &changes)
}

/// Old lines and the new lines in their place.
struct Change<'a> {
    old: Range<usize>,
    new: Vec<&'a str>,
}

fn push_changes<'a>(changes: &mut Vec<Change<'a>>, base: usize, old: &[&str], new: &'a str) {
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    for change in line_changes(old, &new) {
        let old = change.old.start + base..change.old.end + base;
        changes.push(Change { old, new: new[change.new].to_vec() });
    }
}

/// The lines of a text, each with its line ending.
struct Lines<'t> {
    all: Vec<&'t str>,
    /// Where each line starts, and the end of the text.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        let all: Vec<&str> = text.split_inclusive('\n').collect();
        let mut starts = Vec::with_capacity(all.len() + 1);
        let mut at = 0;
        starts.push(at);
        for line in &all {
            at += line.len();
            starts.push(at);
        }
        Self { all, starts }
    }

    /// The line that holds the byte at `offset`; the number of lines at the end of the text after a line ending.
    fn containing(&self, offset: usize) -> usize {
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        let inside_last = line == self.all.len() && self.all.last().is_some_and(|last| !last.ends_with('\n'));
        if inside_last { line - 1 } else { line }
    }
}

/// Whole lines and the text that the edits put in their place.
struct Region {
    lines: Range<usize>,
    new: String,
}

struct Regions(Vec<Region>);

impl Regions {
    /// Widens edits to whole lines; edits whose lines touch share a region.
    fn new(edits: &EditSet<'_>, lines: &Lines<'_>) -> Self {
        let text = edits.text();
        let mut regions: Vec<Region> = Vec::new();
        let mut open: Option<OpenRegion> = None;
        for (range, new) in edits.edits() {
            let first = lines.containing(usize::from(range.start()));
            let joins = open.as_ref().is_some_and(|region| first <= region.end_line(lines));
            if !joins {
                regions.extend(open.take().map(|region| region.close(text, lines)));
            }
            let region = open.get_or_insert_with(|| OpenRegion::new(first, lines));
            region.absorb(text, range, new);
        }
        regions.extend(open.map(|region| region.close(text, lines)));
        Self(regions)
    }
}

/// A region to which edits may still be added.
struct OpenRegion {
    first: usize,
    /// Old bytes up to here are dealt with.
    done: usize,
    new: String,
}

impl OpenRegion {
    fn new(first: usize, lines: &Lines<'_>) -> Self {
        Self { first, done: lines.starts[first], new: String::new() }
    }

    fn absorb(&mut self, text: &str, range: TextRange, new: &str) {
        self.new.push_str(&text[self.done..usize::from(range.start())]);
        self.new.push_str(new);
        self.done = usize::from(range.end());
    }

    /// The first line that does not belong to the region: where both sides stand at the start of a line, or the end.
    fn end_line(&self, lines: &Lines<'_>) -> usize {
        let line = lines.containing(self.done);
        let at_start = lines.starts[line] == self.done && (self.new.is_empty() || self.new.ends_with('\n'));
        if at_start { line } else { (line + 1).min(lines.all.len()) }
    }

    fn close(mut self, text: &str, lines: &Lines<'_>) -> Region {
        let end = self.end_line(lines);
        self.new.push_str(&text[self.done..lines.starts[end].max(self.done)]);
        Region { lines: self.first..end, new: self.new }
    }
}

fn render(path_old: &[u8], path_new: &[u8], lines: &[&str], changes: &[Change<'_>]) -> String {
    let mut out = String::new();
    if changes.is_empty() {
        return out;
    }
    put(&mut out, format_args!("--- {}\n+++ {}\n", header_name("a/", path_old), header_name("b/", path_new)));
    let mut rest = changes;
    // New line number minus old line number, before the hunk.
    let mut shift = 0isize;
    while !rest.is_empty() {
        let close = |pair: &[Change<'_>]| pair[1].old.start - pair[0].old.end <= 2 * CONTEXT;
        let count = rest.windows(2).take_while(|pair| close(pair)).count() + 1;
        let (hunk, after) = rest.split_at(count);
        shift += render_hunk(&mut out, lines, hunk, shift);
        rest = after;
    }
    out
}

/// Writes one hunk and says by how many lines the file has grown.
fn render_hunk(out: &mut String, lines: &[&str], hunk: &[Change<'_>], shift: isize) -> isize {
    let start = hunk[0].old.start.saturating_sub(CONTEXT);
    let end = (hunk[hunk.len() - 1].old.end + CONTEXT).min(lines.len());
    let grown: isize = hunk.iter().map(|change| change.new.len() as isize - change.old.len() as isize).sum();
    let new_len = (end - start).saturating_add_signed(grown);
    let old_place = place(start, end - start);
    let new_place = place(start.saturating_add_signed(shift), new_len);
    put(out, format_args!("@@ -{old_place} +{new_place} @@\n"));
    let mut at = start;
    for change in hunk {
        push_lines(out, ' ', &lines[at..change.old.start]);
        push_lines(out, '-', &lines[change.old.clone()]);
        push_lines(out, '+', &change.new);
        at = change.old.end;
    }
    push_lines(out, ' ', &lines[at..end]);
    grown
}

/// `line,count`: the count is left out when it is one; an empty stretch is named by the line before it.
fn place(start: usize, count: usize) -> String {
    match count {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{count}", start + 1),
    }
}

fn push_lines(out: &mut String, mark: char, lines: &[&str]) {
    for line in lines {
        out.push(mark);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("impossible: writing to a String");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Edit, Fix};

    fn by_edits(text: &str, edits: &[(u32, u32, &str)]) -> String {
        let edits = edits.iter().map(|&(start, end, new)| Edit::replace(TextRange::new(start.into(), end.into()), new));
        let fix = Fix { title: "test".to_owned(), edits: edits.collect() };
        unified_diff("f", "f", &EditSet::from_fixes(text, [&fix]).unwrap())
    }

    #[test]
    fn words_lines_and_ends() {
        assert_eq!(by_edits("a\nb\nc\n", &[(2, 3, "x")]), "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
        assert_eq!(by_edits("a\nb\n", &[(2, 2, "x\n")]), "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n a\n+x\n b\n");
        assert_eq!(by_edits("a\nb\n", &[(0, 2, "")]), "--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n-a\n b\n");
        assert_eq!(by_edits("a\n", &[(2, 2, "b\n")]), "--- a/f\n+++ b/f\n@@ -1 +1,2 @@\n a\n+b\n");
        assert_eq!(by_edits("a\n", &[(0, 2, "")]), "--- a/f\n+++ b/f\n@@ -1 +0,0 @@\n-a\n");
        assert_eq!(by_edits("a\n", &[(0, 1, "a")]), "");
    }

    #[test]
    fn a_missing_final_newline_is_marked() {
        let none = "\\ No newline at end of file\n";
        assert_eq!(by_edits("a", &[(1, 1, "b")]), format!("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n{none}+ab\n{none}"));
        assert_eq!(by_edits("a", &[(1, 1, "\nb\n")]), format!("--- a/f\n+++ b/f\n@@ -1 +1,2 @@\n-a\n{none}+a\n+b\n"));
        assert_eq!(by_edits("a\nb\n", &[(3, 4, "")]), format!("--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n+b\n{none}"));
    }

    #[test]
    fn an_edit_that_eats_a_line_ending_takes_the_next_line_in() {
        let old = "a\nb\nc\n";
        assert_eq!(by_edits(old, &[(1, 2, "")]), "--- a/f\n+++ b/f\n@@ -1,3 +1,2 @@\n-a\n-b\n+ab\n c\n");
        assert_eq!(by_edits(old, &[(1, 2, " "), (2, 4, "")]), "--- a/f\n+++ b/f\n@@ -1,3 +1 @@\n-a\n-b\n-c\n+a c\n");
    }

    #[test]
    fn changes_far_apart_get_their_own_hunk() {
        let old: String = (0..30).map(|n| format!("{n}\n")).collect();

        let diff = by_edits(&old, &[(0, 0, "new\n"), (68, 70, "x")]);
        assert!(diff.contains("@@ -1,3 +1,4 @@\n+new\n 0\n 1\n 2\n"), "{diff}");
        assert!(diff.contains("@@ -24,7 +25,7 @@\n 23\n 24\n 25\n-26\n+x\n 27\n"), "{diff}");
    }
}
