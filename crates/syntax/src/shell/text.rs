//! Pieces of a script's text and the way back to the source.

use text_size::{TextRange, TextSize};

use crate::source_map::{Segment, SourceMap, Span};

/// A text offset as [`TextSize`]. Scripts longer than 4 GiB are refused before anything is measured.
pub(super) fn size(offset: usize) -> TextSize {
    TextSize::try_from(offset).expect("impossible: scripts of 4 GiB and more are refused")
}

/// The map of a part of a text, counted from the start of the part.
pub(super) fn submap(map: &SourceMap, start: usize, end: usize) -> SourceMap {
    let mut part = SourceMap::default();
    push_part(&mut part, 0, map, start, end);
    part
}

/// Appends to `target` the places of `map[start..end]`, for text that stands at `at` in the derived text of `target`.
fn push_part(target: &mut SourceMap, at: usize, map: &SourceMap, start: usize, end: usize) {
    let (from, to) = (size(start), size(end));
    let segments = map.segments();
    let first = segments.partition_point(|segment| segment.derived + segment.len <= from);
    for segment in segments.iter().skip(first).take_while(|segment| segment.derived < to) {
        let begin = segment.derived.max(from);
        let stop = (segment.derived + segment.len).min(to);
        target.push(Segment {
            derived: size(at) + (begin - from),
            source: segment.source + (begin - segment.derived),
            len: stop - begin,
        });
    }
}

/// The place of `start..end`, as close as it can be told.
///
/// Unlike [`SourceMap::span`] this never gives up: bytes without a place are left out at both ends, and text without
/// any place stands, empty, where the text before it ends. Both are marked as not contiguous.
pub(super) fn span(map: &SourceMap, start: usize, end: usize) -> Span {
    let wanted = TextRange::new(size(start), size(end));
    if let Some(span) = map.span(wanted) {
        return span;
    }
    let segments = map.segments();
    let first = segments.partition_point(|segment| segment.derived + segment.len <= wanted.start());
    let after = segments.partition_point(|segment| segment.derived < wanted.end());
    if first < after {
        let head = segments[first];
        let tail = segments[after - 1];
        let from = head.source + (wanted.start().max(head.derived) - head.derived);
        let to = tail.source + (wanted.end().min(tail.derived + tail.len) - tail.derived);
        if from <= to {
            return Span { range: TextRange::new(from, to), contiguous: false };
        }
    }
    let before = first.checked_sub(1).and_then(|index| segments.get(index));
    let at = match (before, segments.first()) {
        (Some(segment), _) => segment.source + segment.len,
        (None, Some(segment)) => segment.source,
        (None, None) => 0.into(),
    };
    Span { range: TextRange::empty(at), contiguous: false }
}

/// Derived text under construction, with its map.
#[derive(Debug, Default)]
pub(super) struct TextBuilder {
    pub(super) text: String,
    pub(super) map: SourceMap,
}

impl TextBuilder {
    /// Appends `text[start..end]`, whose places `map` knows.
    pub(super) fn copy(&mut self, text: &str, map: &SourceMap, start: usize, end: usize) {
        push_part(&mut self.map, self.text.len(), map, start, end);
        self.text.push_str(&text[start..end]);
    }

    /// Appends text that stands nowhere in the source.
    pub(super) fn insert(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

impl TextBuilder {
    /// Appends other built text.
    pub(super) fn append(&mut self, other: Self) {
        if self.text.is_empty() {
            *self = other;
        } else {
            self.copy(&other.text, &other.map, 0, other.text.len());
        }
    }
}
