//! From places in the source back to the script's text, and from pieces of words to places.

use wolfify_syntax::shell::{ShellScript, ShellWord};
use wolfify_syntax::{Span, TextRange, TextSize};

use super::TextChange;

/// The script's text at a place, when every byte of it stands there.
pub(crate) fn text_at<'s>(script: &'s ShellScript, span: &Span) -> Option<&'s str> {
    let start = derived(script, span.range.start())?;
    let end = derived(script, span.range.end().checked_sub(1.into())?)? + 1;
    script.text.get(start..end)
}

/// The script's text between two places.
pub(crate) fn text_between(script: &ShellScript, from: TextSize, to: TextSize) -> Option<&str> {
    let start = derived(script, from.checked_sub(1.into())?)? + 1;
    script.text.get(start..derived(script, to)?)
}

/// The offset in the script's text of a source offset.
fn derived(script: &ShellScript, source: TextSize) -> Option<usize> {
    let segments = script.map.segments();
    let after = segments.partition_point(|segment| segment.source <= source);
    let segment = segments[..after].last()?;
    let within = source - segment.source;
    (within < segment.len).then(|| usize::from(segment.derived + within))
}

/// The place of a piece of a contiguous span.
pub(crate) fn piece(span: &Span, range: std::ops::Range<usize>) -> Option<Span> {
    let offset = |at: usize| TextSize::try_from(at).ok().map(|at| span.range.start() + at);
    let range = TextRange::new(offset(range.start)?, offset(range.end)?);
    (span.contiguous && range.end() <= span.range.end()).then_some(Span { range, contiguous: true })
}

/// The empty place before a span.
pub(crate) fn before(span: &Span) -> Span {
    Span { range: TextRange::empty(span.range.start()), contiguous: true }
}

/// The empty place after a span.
pub(crate) fn after(span: &Span) -> Span {
    Span { range: TextRange::empty(span.range.end()), contiguous: true }
}

/// A change of a whole word.
pub(crate) fn whole(word: &ShellWord, text: impl Into<String>) -> Option<TextChange> {
    word.span.contiguous.then(|| TextChange { span: word.span, text: text.into() })
}

/// A change of the first `from` in a word.
pub(crate) fn within(word: &ShellWord, from: &str, to: impl Into<String>) -> Option<TextChange> {
    let at = word.text.find(from)?;
    Some(TextChange { span: piece(&word.span, at..at + from.len())?, text: to.into() })
}

/// Text put at an empty place.
pub(crate) fn insert(span: Span, text: impl Into<String>) -> TextChange {
    TextChange { span, text: text.into() }
}
