//! How a script is laid out over physical lines, and how words leave it without a trace.

use text_size::{TextRange, TextSize};
use wolfify_edit::Edit;

/// The physical text a script stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout<'a> {
    /// The whole file.
    pub(crate) text: &'a str,
    /// Where each line of the text starts. Looking for line ends again and again would take long on one long line.
    pub(crate) line_starts: &'a [TextSize],
    /// The token before a line end that continues the line.
    pub(crate) escape: char,
    /// Comment lines of the file outside heredocs, sorted; whole-line comments of a heredoc script are found by
    /// looking.
    pub(crate) comments: &'a [TextRange],
    /// The script is a here-document: lines end commands, and continuations are the shell's.
    pub(crate) heredoc: bool,
}

impl Layout<'_> {
    /// The source text of a range.
    pub(crate) fn slice(&self, range: TextRange) -> &str {
        &self.text[range]
    }

    /// The first byte of the line that holds `offset`.
    pub(crate) fn line_start(&self, offset: TextSize) -> TextSize {
        let next = self.line_starts.partition_point(|start| *start <= offset);
        next.checked_sub(1).map_or(TextSize::from(0), |line| self.line_starts[line])
    }

    /// The first byte after the line that holds `offset`, its line ending included.
    pub(crate) fn line_end(&self, offset: TextSize) -> TextSize {
        let next = self.line_starts.partition_point(|start| *start <= offset);
        self.line_starts.get(next).copied().unwrap_or_else(|| size(self.text.len()))
    }

    /// Skips blanks forward.
    pub(crate) fn skip_blanks(&self, offset: TextSize) -> TextSize {
        let rest = &self.text[usize::from(offset)..];
        offset + size(rest.len() - rest.trim_start_matches([' ', '\t']).len())
    }

    /// Skips blanks backward, but not the one that a backslash makes part of a word.
    pub(crate) fn skip_blanks_back(&self, offset: TextSize) -> TextSize {
        let before = &self.text[..usize::from(offset)];
        let code = before.trim_end_matches([' ', '\t']);
        let escaped = code.len() < before.len() && code.ends_with('\\');
        size(code.len() + usize::from(escaped))
    }

    /// Whether a word that ends at `offset` ends in a blank. At the end of an instruction Docker would take it away and
    /// leave the backslash before it.
    pub(crate) fn ends_in_blank(&self, offset: TextSize) -> bool {
        self.text[..usize::from(offset)].ends_with(|c: char| c.is_whitespace() && !matches!(c, '\n' | '\r'))
    }

    /// The end of a continuation (escape, blanks, line ending) that starts at `offset`, if one does.
    pub(crate) fn continuation_end(&self, offset: TextSize) -> Option<TextSize> {
        let rest = self.text[usize::from(offset)..].strip_prefix(self.escape)?;
        let rest_trimmed = if self.heredoc { rest } else { rest.trim_start_matches([' ', '\t']) };
        let after = rest_trimmed.strip_prefix("\r\n").or_else(|| rest_trimmed.strip_prefix('\n'))?;
        Some(size(self.text.len() - after.len()))
    }

    /// Comment lines that lie within `range`.
    pub(crate) fn comments_in(&self, range: TextRange) -> &[TextRange] {
        let from = self.comments.partition_point(|comment| comment.start() < range.start());
        let to = self.comments.partition_point(|comment| comment.end() <= range.end());
        self.comments.get(from..to).unwrap_or_default()
    }

    /// The end of the line above the one at `offset`, before its line ending.
    pub(crate) fn end_of_line_above(&self, offset: TextSize) -> TextSize {
        let above = &self.text[..usize::from(self.line_start(offset))];
        let above = above.strip_suffix('\n').unwrap_or(above);
        size(above.strip_suffix('\r').unwrap_or(above).len())
    }

    /// Whether a line ends at `offset`, blanks aside.
    pub(crate) fn ends_line(&self, offset: TextSize) -> bool {
        let rest = &self.text.as_bytes()[usize::from(self.skip_blanks(offset))..];
        rest.is_empty() || rest.starts_with(b"\n") || rest.starts_with(b"\r\n")
    }
}

/// Takes words out so that no blank, no empty continued line and no dangling continuation is left.
///
/// `words` are sorted and disjoint; `command` is what they belong to. A run at its start takes the gap behind it along,
/// every other one the gap before it or its whole line: what lies outside the command is not touched.
pub(crate) fn delete_words(layout: &Layout<'_>, command: TextRange, words: &[TextRange]) -> Vec<Edit> {
    let runs = merge_neighbours(layout, words);
    let delete = |(index, &run): (usize, &TextRange)| {
        if run.start() == command.start() {
            delete_head(layout, run)
        } else {
            delete_run(layout, command, run, &runs[..index])
        }
    };
    runs.iter().enumerate().flat_map(delete).collect()
}

/// The command begins with the run: the next word moves up to its place.
fn delete_head(layout: &Layout<'_>, run: TextRange) -> Vec<Edit> {
    let mut at = layout.skip_blanks(run.end());
    while let Some(next) = layout.continuation_end(at) {
        let word = layout.skip_blanks(next);
        if !layout.comments_in(TextRange::new(next, layout.line_end(word))).is_empty() {
            break;
        }
        at = word;
    }
    vec![Edit::delete(TextRange::new(run.start(), at))]
}

/// Joins words that only blanks and continuations (no comment) separate.
fn merge_neighbours(layout: &Layout<'_>, words: &[TextRange]) -> Vec<TextRange> {
    let mut merged: Vec<TextRange> = Vec::new();
    for &word in words {
        if let Some(last) = merged.last_mut()
            && is_gap(layout, TextRange::new(last.end(), word.start()))
        {
            *last = last.cover(word);
        } else {
            merged.push(word);
        }
    }
    merged
}

fn is_gap(layout: &Layout<'_>, range: TextRange) -> bool {
    let mut at = range.start();
    loop {
        at = layout.skip_blanks(at);
        if at >= range.end() {
            return true;
        }
        match layout.continuation_end(at) {
            Some(next) => at = next,
            None => return false,
        }
    }
}

fn delete_run(layout: &Layout<'_>, command: TextRange, run: TextRange, gone: &[TextRange]) -> Vec<Edit> {
    let line_start = layout.line_start(run.start());
    let before = layout.skip_blanks_back(run.start());
    let after = layout.skip_blanks(run.end());
    let first_on_line = before <= line_start;
    if !first_on_line {
        // The gap before goes, never the one behind: that may belong to a command that is taken out.
        return vec![Edit::delete(TextRange::new(before, run.end()))];
    }
    if run.end() >= command.end() && !layout.ends_line(run.end()) {
        return delete_before_operator(layout, line_start, run, gone);
    }
    if let Some(next_line) = layout.continuation_end(after) {
        return vec![Edit::delete(TextRange::new(line_start, next_line))];
    }
    if !layout.ends_line(run.end()) {
        return vec![Edit::delete(TextRange::new(run.start(), after))];
    }
    delete_last_line(layout, line_start, run, gone)
}

/// An operator follows the run on its line: it moves up behind the last word that stays.
///
/// Empty lines between the two go, as no operator may stand alone below them. Comments stay, and so does the line.
fn delete_before_operator(layout: &Layout<'_>, line_start: TextSize, run: TextRange, gone: &[TextRange]) -> Vec<Edit> {
    let (_, code_end, comments) = lines_above(layout, line_start, gone);
    let between = TextRange::new(code_end, line_start);
    let untouched = !comments && gone.last().is_none_or(|run| run.end() <= code_end);
    let code_end = if untouched { above_empty_lines(layout, code_end) } else { code_end };
    match continuation_before(layout, code_end) {
        Some(continuation) if untouched || (!comments && between.is_empty()) => {
            vec![Edit::delete(TextRange::new(continuation.start(), run.end()))]
        }
        _ => vec![Edit::delete(run)],
    }
}

/// The end of the last line at or above `at` that is not empty. Builders pass over empty lines in an instruction.
fn above_empty_lines(layout: &Layout<'_>, mut at: TextSize) -> TextSize {
    while at > 0.into() {
        let previous = layout.line_start(at - TextSize::from(1));
        if !layout.slice(TextRange::new(previous, at)).trim().is_empty() {
            break;
        }
        at = previous;
    }
    at
}

/// What is left of a command whose last lines go, together with the comments above them: it ends in the line above.
///
/// `heading` are the comment lines, `run` the words below them. `None` when it is not clear what stands above.
pub(crate) fn end_above(
    layout: &Layout<'_>,
    heading: TextRange,
    run: TextRange,
    gone: &[TextRange],
) -> Option<Vec<Edit>> {
    let (_, code_end, comments) = lines_above(layout, heading.start(), gone);
    let continuation = continuation_before(layout, code_end)?;
    let end = if comments { continuation.end() } else { code_end };
    let words = TextRange::new(layout.line_start(run.start()), run.end());
    Some(vec![Edit::delete(TextRange::new(continuation.start(), end)), Edit::delete(words)])
}

/// The run fills the last line of an instruction: the continuation before it has to go as well, or it would swallow what
/// follows.
fn delete_last_line(layout: &Layout<'_>, line_start: TextSize, run: TextRange, gone: &[TextRange]) -> Vec<Edit> {
    let (empty, code_end, comments) = lines_above(layout, line_start, gone);
    let Some(continuation) = continuation_before(layout, code_end) else {
        // A heredoc line of its own, or text we do not recognise: only the words go.
        return vec![Edit::delete(run)];
    };
    if !comments {
        return vec![Edit::delete(TextRange::new(continuation.start(), run.end()))];
    }
    // The comments stay, now below the instruction.
    let line_ending_before = layout.text[..usize::from(line_start)].trim_end_matches(['\r', '\n']).len();
    let mut edits = vec![Edit::delete(continuation)];
    edits.extend(empty.into_iter().rev().map(Edit::delete));
    edits.push(Edit::delete(TextRange::new(size(line_ending_before), run.end())));
    edits
}

/// Walks up from a line over comments and lines that only continue: the latter, bottom up, the end of the last line with
/// code, and whether there are comments.
///
/// Lines whose words are `gone` have an edit of their own.
fn lines_above(layout: &Layout<'_>, line_start: TextSize, mut gone: &[TextRange]) -> (Vec<TextRange>, TextSize, bool) {
    let mut empty = Vec::new();
    let mut comments = false;
    let mut at = line_start;
    while at > 0.into() {
        let previous = layout.line_start(at - TextSize::from(1));
        let line = TextRange::new(previous, at);
        let code = layout.skip_blanks(previous);
        while gone.last().is_some_and(|run| run.start() >= line.end()) {
            gone = &gone[..gone.len() - 1];
        }
        if is_comment_line(layout, line) {
            comments = true;
        } else if gone.last().is_some_and(|run| goes_whole(layout, *run, code)) {
            // Its edit is there already.
        } else if continuation_before(layout, at).is_some_and(|rest| rest.start() <= layout.skip_blanks(previous)) {
            empty.push(line);
        } else {
            break;
        }
        at = previous;
    }
    (empty, at, comments)
}

/// Whether a deleted run takes the line along that has its first word at `code`.
fn goes_whole(layout: &Layout<'_>, run: TextRange, code: TextSize) -> bool {
    let first_on_line = layout.skip_blanks_back(run.start()) <= layout.line_start(run.start());
    let continues = layout.continuation_end(layout.skip_blanks(run.end())).is_some();
    first_on_line && run.start() <= code && code < run.end() && continues
}

fn is_comment_line(layout: &Layout<'_>, line: TextRange) -> bool {
    let index = layout.comments.partition_point(|comment| comment.start() < line.start());
    layout.comments.get(index).is_some_and(|comment| comment.start() < line.end())
}

/// The blanks and the escape token that end the line before `line_start`, without the line ending.
fn continuation_before(layout: &Layout<'_>, line_start: TextSize) -> Option<TextRange> {
    let line = layout.text[..usize::from(line_start)].strip_suffix('\n')?;
    let line = line.strip_suffix('\r').unwrap_or(line);
    let escaped = line.trim_end_matches([' ', '\t']).strip_suffix(layout.escape)?;
    let code = escaped.trim_end_matches([' ', '\t']);
    Some(TextRange::new(size(code.len()), size(line.len())))
}

/// Where each line of a text starts; the first behind a byte order mark.
pub(crate) fn line_starts(text: &str) -> Vec<TextSize> {
    let first = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    std::iter::once(first).chain(text.match_indices('\n').map(|(at, _)| at + 1)).map(size).collect()
}

/// A byte count as a text offset. Files larger than 4 GiB are refused before they are parsed.
pub(crate) fn size(bytes: usize) -> TextSize {
    TextSize::try_from(bytes).expect("impossible: the file was measured when it was read")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delete(text: &str, words: &[&str]) -> String {
        let comments: Vec<TextRange> = text
            .split_inclusive('\n')
            .scan(0, |at, line| {
                let start = *at;
                *at += line.len();
                Some((start, line))
            })
            .filter(|(_, line)| line.trim_start().starts_with('#'))
            .map(|(start, line)| {
                let indent = line.len() - line.trim_start().len();
                TextRange::new(size(start + indent), size(start + line.trim_end().len()))
            })
            .collect();
        let line_starts = line_starts(text);
        let layout = Layout { text, line_starts: &line_starts, escape: '\\', comments: &comments, heredoc: false };
        let ranges: Vec<TextRange> = words
            .iter()
            .map(|word| {
                let at = text.find(word).expect("the word is in the text");
                TextRange::new(size(at), size(at + word.len()))
            })
            .collect();
        // The command ends before the first operator.
        let end = text.find(" &&").or(text.find("\\\n &&")).unwrap_or(text.trim_end().len());
        let command = TextRange::up_to(size(text[..end].trim_end_matches([' ', '\\', '\n']).len()));
        let mut out = text.to_owned();
        for edit in delete_words(&layout, command, &ranges).into_iter().rev() {
            out.replace_range(std::ops::Range::<usize>::from(edit.range), &edit.text);
        }
        out
    }

    #[test]
    fn a_word_inside_a_line_takes_one_gap_along() {
        assert_eq!(delete("RUN add xx bb c\n", &["bb"]), "RUN add xx c\n");
        assert_eq!(delete("RUN add xx bb c\n", &["xx", "bb"]), "RUN add c\n");
        assert_eq!(delete("RUN add xx bb\n", &["bb"]), "RUN add xx\n");
        assert_eq!(delete("RUN add xx bb && x\n", &["bb"]), "RUN add xx && x\n");
    }

    #[test]
    fn a_line_of_its_own_goes_whole() {
        assert_eq!(delete("RUN add \\\n    xx \\\n    bb \\\n    c\n", &["bb"]), "RUN add \\\n    xx \\\n    c\n");
        assert_eq!(
            delete("RUN add \\\r\n    xx \\\r\n    bb\r\nCMD x\r\n", &["bb"]),
            "RUN add \\\r\n    xx\r\nCMD x\r\n"
        );
        assert_eq!(delete("RUN add \\\n    xx \\\n    bb", &["xx", "bb"]), "RUN add");
        assert_eq!(delete("RUN add xx \\\n    bb \\\n && x\n", &["bb"]), "RUN add xx \\\n && x\n");
    }

    #[test]
    fn lines_that_only_continue_go_with_the_last_word() {
        assert_eq!(
            delete("RUN add \\\n    xx \\\n    \\\n    # why\n    bb\n\nCMD x\n", &["bb"]),
            "RUN add \\\n    xx\n    # why\n\nCMD x\n"
        );
        assert_eq!(
            delete("RUN add \\\n    xx \\\n    \\\n    bb\nCMD x\n", &["bb"]),
            "RUN add \\\n    xx \\\n    \nCMD x\n".replace(" \\\n    \n", "\n")
        );
    }

    #[test]
    fn an_operator_moves_up() {
        assert_eq!(delete("RUN add xx \\\n    -q && clean\n", &["-q"]), "RUN add xx && clean\n");
        assert_eq!(delete("RUN add xx -q && clean\n", &["-q"]), "RUN add xx && clean\n");
    }

    #[test]
    fn a_comment_above_the_last_line_survives() {
        assert_eq!(
            delete("RUN add \\\n    xx \\\n    # why\n    bb\nCMD x\n", &["bb"]),
            "RUN add \\\n    xx\n    # why\nCMD x\n"
        );
    }
}
