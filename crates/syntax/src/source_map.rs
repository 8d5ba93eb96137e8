//! Where a piece of derived text (joined lines, an unquoted word, a nested script) stands in the source.

use text_size::{TextRange, TextSize};

/// A place in the source file.
///
/// `range` runs from the first to the last byte that belongs to the thing. Where the thing is glued together over a
/// line continuation the range also covers bytes that do not belong to it; `contiguous` is false then and the range
/// may be reported but never replaced as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Bytes of the source file.
    pub range: TextRange,
    /// Whether every byte of `range` belongs to the thing, one to one.
    pub contiguous: bool,
}

/// One run of derived text that is a verbatim copy of source bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Offset in the derived text.
    pub derived: TextSize,
    /// Offset in the source file.
    pub source: TextSize,
    /// Length in bytes, the same on both sides.
    pub len: TextSize,
}

/// Maps offsets of derived text back to the source file.
///
/// Segments are sorted by `derived` and do not overlap. Derived bytes outside every segment (a decoded escape, for
/// instance) have no place of their own in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceMap {
    segments: Vec<Segment>,
}

impl SourceMap {
    /// A map of one segment: `len` bytes of derived text that stand at `source`.
    #[must_use]
    pub fn identity(source: TextSize, len: TextSize) -> Self {
        Self { segments: vec![Segment { derived: 0.into(), source, len }] }
    }

    /// Appends a segment; joins it to the last one when both sides go on without a gap.
    ///
    /// Segments must be pushed in rising order of `derived`.
    pub fn push(&mut self, segment: Segment) {
        if segment.len == 0.into() {
            return;
        }
        if let Some(last) = self.segments.last_mut()
            && last.derived + last.len == segment.derived
            && last.source + last.len == segment.source
        {
            last.len += segment.len;
            return;
        }
        self.segments.push(segment);
    }

    /// Appends the part of `parent` that covers `range` of its derived text, for derived text that begins at `derived`
    /// and is a verbatim copy of that part.
    pub fn extend_from(&mut self, derived: TextSize, parent: &Self, range: TextRange) {
        let first = parent.segments.partition_point(|segment| segment.derived + segment.len <= range.start());
        for segment in &parent.segments[first..] {
            let start = segment.derived.max(range.start());
            let end = (segment.derived + segment.len).min(range.end());
            if start >= end {
                break;
            }
            self.push(Segment {
                derived: derived + (start - range.start()),
                source: segment.source + (start - segment.derived),
                len: end - start,
            });
        }
    }

    /// The segments in order.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The source place of a derived range, or `None` when no byte of it stands in the source.
    ///
    /// An empty range maps to the empty range before the byte that follows it.
    #[must_use]
    pub fn span(&self, derived: TextRange) -> Option<Span> {
        if derived.is_empty() {
            let at = self.offset(derived.start())?;
            return Some(Span { range: TextRange::empty(at), contiguous: true });
        }
        // The end of the text has an offset but no byte: bytes behind the last segment have no place.
        let last = self.segments.last()?;
        if derived.end() > last.derived + last.len {
            return None;
        }
        let start = self.offset(derived.start())?;
        let end = self.offset(derived.end() - TextSize::from(1))? + TextSize::from(1);
        if start >= end {
            return None;
        }
        let range = TextRange::new(start, end);
        Some(Span { range, contiguous: range.len() == derived.len() && self.same_segment(derived) })
    }

    /// The source offset of the derived byte at `offset`; the end of the text maps to the end of the last segment.
    #[must_use]
    pub fn offset(&self, offset: TextSize) -> Option<TextSize> {
        let next = self.segments.partition_point(|segment| segment.derived <= offset);
        let segment = self.segments.get(next.checked_sub(1)?)?;
        let into = offset - segment.derived;
        let at_end = next == self.segments.len() && into == segment.len;
        (into < segment.len || at_end).then(|| segment.source + into)
    }

    fn same_segment(&self, derived: TextRange) -> bool {
        let next = self.segments.partition_point(|segment| segment.derived <= derived.start());
        next.checked_sub(1)
            .and_then(|index| self.segments.get(index))
            .is_some_and(|segment| derived.end() <= segment.derived + segment.len)
    }
}
