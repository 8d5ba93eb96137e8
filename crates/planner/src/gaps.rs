//! Blank lines around what leaves: where lines go one after the other, each by itself would leave the author's blank
//! lines above and below, two in a row.

use std::collections::{BTreeSet, HashMap};

use text_size::{TextRange, TextSize};

use crate::finding::Finding;
use crate::script::layout_size;

/// Takes the blank line along that would be left twice.
pub(crate) fn close(text: &str, findings: &mut [Finding]) {
    let edits = || findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits);
    let whole = |range: TextRange| {
        let before = &text[..usize::from(range.start())];
        (before.is_empty() || before.ends_with('\n')) && text[range].ends_with('\n')
    };
    let deletions: BTreeSet<(TextSize, TextSize)> = edits()
        .filter(|edit| edit.text.is_empty() && !edit.range.is_empty() && whole(edit.range))
        .map(|edit| (edit.range.start(), edit.range.end()))
        .collect();
    // A line that is put there keeps the blank line.
    let others: BTreeSet<TextSize> =
        edits().filter(|edit| !edit.text.is_empty()).map(|edit| edit.range.start()).collect();
    let mut longer: HashMap<TextRange, TextRange> = HashMap::new();
    let mut group: Option<(TextSize, TextSize)> = None;
    for (start, end) in &deletions {
        let first = group.filter(|(_, last)| last >= start).map_or(*start, |(first, _)| first);
        let last = group.filter(|(_, last)| last >= start).map_or(*end, |(_, last)| last.max(*end));
        group = Some((first, last));
        let before = &text[..usize::from(first)];
        let after = &text[usize::from(last)..];
        let blank = if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with('\n')) };
        let blank_before = before.ends_with("\n\n") || before.ends_with("\r\n\r\n");
        if blank > 0 && blank_before && *end == last && !others.contains(&last) {
            longer.insert(TextRange::new(*start, *end), TextRange::new(*start, last + layout_size(blank)));
        }
    }
    // In a row of deletions only the last one meets the blank line.
    longer.retain(|range, _| {
        !deletions.range((range.end(), TextSize::new(0))..).next().is_some_and(|(start, _)| *start == range.end())
    });
    let fixes = findings.iter_mut().filter_map(|finding| finding.fix.as_mut());
    for edit in fixes.flat_map(|fix| &mut fix.edits).filter(|edit| edit.text.is_empty()) {
        if let Some(range) = longer.get(&edit.range) {
            edit.range = *range;
        }
    }
}
