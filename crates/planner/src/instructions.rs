//! Whole instructions: the lines they fill.

use text_size::TextRange;

use crate::comments::{speaks_of_installing, speaks_only_of_packages};
use crate::file::File;
use crate::script::layout_size;

/// The lines an instruction fills, line ending included.
///
/// A blank line goes along where two would be left in a row.
pub(crate) fn lines_of(file: &File<'_>, instruction: usize) -> TextRange {
    let layout = file.layout(false);
    let range = file.instruction(instruction).range;
    with_blank_line(file, TextRange::new(layout.line_start(range.start()), layout.line_end(range.end())))
}

/// The lines of an instruction and of the comments above it that speak of nothing else.
pub(crate) fn lines_with_comments(file: &File<'_>, instruction: usize) -> TextRange {
    let layout = file.layout(false);
    let range = file.instruction(instruction).range;
    let comments = file.comments_above(instruction);
    let goes = !comments.is_empty()
        && (comments.iter().all(|comment| speaks_only_of_packages(layout.slice(*comment)))
            || (stands_alone(file, range)
                && comments.iter().all(|comment| speaks_of_installing(layout.slice(*comment)))));
    let start = if goes { comments[0].start() } else { range.start() };
    with_blank_line(file, TextRange::new(layout.line_start(start), layout.line_end(range.end())))
}

/// Whether an empty line or the end of the file follows, so that a comment above it is about nothing else.
fn stands_alone(file: &File<'_>, instruction: TextRange) -> bool {
    let after = &file.text[usize::from(instruction.end())..];
    after.split_inclusive('\n').nth(1).is_none_or(|line| line.trim().is_empty())
}

fn with_blank_line(file: &File<'_>, lines: TextRange) -> TextRange {
    let before = &file.text[..usize::from(lines.start())];
    let after = &file.text[usize::from(lines.end())..];
    let blank_before =
        before.is_empty() || before == "\u{feff}" || before.ends_with("\n\n") || before.ends_with("\r\n\r\n");
    let blank_after = if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with('\n')) };
    if blank_before && blank_after > 0 {
        return TextRange::new(lines.start(), lines.end() + layout_size(blank_after));
    }
    lines
}
