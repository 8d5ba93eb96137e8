//! Pieces of a script's text and the way back to the source.

use text_size::{TextRange, TextSize};

use crate::source_map::{SourceMap, Span};

/// A text offset as [`TextSize`]. Scripts longer than 4 GiB are refused before anything is measured.
pub(super) fn size(offset: usize) -> TextSize {
    TextSize::try_from(offset).expect("impossible: scripts of 4 GiB and more are refused")
}

/// The map of a part of a text, counted from the start of the part.
pub(super) fn submap(map: &SourceMap, start: usize, end: usize) -> SourceMap {
    let mut part = SourceMap::default();
    part.extend_from(0.into(), map, TextRange::new(size(start), size(end)));
    part
}

/// The place of `start..end`, as close as it can be told.
///
/// Unlike [`SourceMap::span`] this never gives up: a first byte without a place stands where the text before it ends,
/// and last bytes without a place are left out. Such a span is marked as not contiguous. What lies inside the text
/// also lies inside its span.
pub(super) fn span(map: &SourceMap, start: usize, end: usize) -> Span {
    let wanted = TextRange::new(size(start), size(end));
    if let Some(span) = map.span(wanted) {
        return span;
    }
    let segments = map.segments();
    let first = segments.partition_point(|segment| segment.derived + segment.len <= wanted.start());
    let after = segments.partition_point(|segment| segment.derived < wanted.end());
    let from = match (segments.get(first), first.checked_sub(1).and_then(|index| segments.get(index))) {
        (Some(own), _) if own.derived <= wanted.start() => own.source + (wanted.start() - own.derived),
        (_, Some(before)) => before.source + before.len,
        (Some(next), None) => next.source,
        (None, None) => 0.into(),
    };
    let last = after.checked_sub(1).and_then(|index| segments.get(index));
    let to = last.map_or(from, |last| last.source + (wanted.end().min(last.derived + last.len) - last.derived));
    Span { range: TextRange::new(from, to.max(from)), contiguous: false }
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
        self.map.extend_from(size(self.text.len()), map, TextRange::new(size(start), size(end)));
        self.text.push_str(&text[start..end]);
    }

    /// Appends text that stands nowhere in the source.
    pub(super) fn insert(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends other built text.
    pub(super) fn append(&mut self, other: Self) {
        if self.text.is_empty() {
            *self = other;
        } else {
            self.copy(&other.text, &other.map, 0, other.text.len());
        }
    }
}
