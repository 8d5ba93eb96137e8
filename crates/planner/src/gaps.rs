//! What would be left around lines that leave: where they go one after the other, the author's blank lines above and
//! below would meet, and a comment that speaks of them all would speak of nothing.

use std::collections::{BTreeSet, HashMap};

use text_size::{TextRange, TextSize};

use crate::comments::says_only_what_follows;
use crate::finding::Finding;
use crate::script::layout_size;

/// Takes along the comments right above, and the blank line that would be left twice.
pub(crate) fn close(text: &str, findings: &mut [Finding]) {
    let mut longer: HashMap<TextRange, TextRange> = HashMap::new();
    for group in groups(text, findings) {
        let start = with_comments(text, &group);
        let end = with_blank_line(text, start, group.end());
        let (first, last) = (group.deletions[0], group.deletions[group.deletions.len() - 1]);
        if group.may_start_earlier && start < first.start() {
            longer.insert(first, TextRange::new(start, first.end()));
        }
        if group.may_end_later && end > last.end() {
            let start = longer.get(&last).map_or(last.start(), |range| range.start());
            longer.insert(last, TextRange::new(start, end));
        }
    }
    let fixes = findings.iter_mut().filter_map(|finding| finding.fix.as_mut());
    for edit in fixes.flat_map(|fix| &mut fix.edits).filter(|edit| edit.text.is_empty()) {
        if let Some(range) = longer.get(&edit.range) {
            edit.range = *range;
        }
    }
}

/// Whole lines that leave, with none between them that stays.
struct Group {
    deletions: Vec<TextRange>,
    /// Nothing is put in front of them.
    may_start_earlier: bool,
    /// Nothing is put behind them.
    may_end_later: bool,
}

impl Group {
    fn start(&self) -> TextSize {
        self.deletions[0].start()
    }

    fn end(&self) -> TextSize {
        self.deletions[self.deletions.len() - 1].end()
    }
}

fn groups(text: &str, findings: &[Finding]) -> Vec<Group> {
    let edits = || findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits);
    let whole = |range: TextRange| {
        let before = &text[..usize::from(range.start())];
        (before.is_empty() || before.ends_with('\n')) && text[range].ends_with('\n')
    };
    let deletions: BTreeSet<(TextSize, TextSize)> = edits()
        .filter(|edit| edit.text.is_empty() && !edit.range.is_empty() && whole(edit.range))
        .map(|edit| (edit.range.start(), edit.range.end()))
        .collect();
    let others: BTreeSet<TextSize> =
        edits().filter(|edit| !edit.text.is_empty()).map(|edit| edit.range.start()).collect();
    let mut groups: Vec<Group> = Vec::new();
    for (start, end) in deletions {
        let range = TextRange::new(start, end);
        match groups.last_mut().filter(|group| group.end() == start) {
            Some(group) => group.deletions.push(range),
            None => groups.push(Group { deletions: vec![range], may_start_earlier: false, may_end_later: false }),
        }
    }
    for group in &mut groups {
        group.may_start_earlier = !others.contains(&group.start());
        group.may_end_later = !others.contains(&group.end());
    }
    groups
}

/// Where a group begins with the comments right above it, if nothing else stands below them.
fn with_comments(text: &str, group: &Group) -> TextSize {
    let after = &text[usize::from(group.end())..];
    let alone = after.is_empty() || after.starts_with('\n') || after.starts_with("\r\n");
    if !alone || !group.may_start_earlier {
        return group.start();
    }
    let mut start = usize::from(group.start());
    for line in text[..start].split_inclusive('\n').rev() {
        if !line.trim_start().starts_with('#') {
            return layout_size(start);
        }
        if !says_only_what_follows(line) {
            return group.start();
        }
        start -= line.len();
    }
    // What heads the file is about all of it.
    group.start()
}

/// Where what begins at `start` ends with the blank line below it, if there is another one above.
fn with_blank_line(text: &str, start: TextSize, end: TextSize) -> TextSize {
    let before = &text[..usize::from(start)];
    let after = &text[usize::from(end)..];
    let blank_before = before.ends_with("\n\n") || before.ends_with("\r\n\r\n");
    let blank = if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with('\n')) };
    if blank_before { end + layout_size(blank) } else { end }
}
