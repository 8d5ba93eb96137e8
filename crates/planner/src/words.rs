//! Edits inside one command, word by word, in the author's layout.

use text_size::{TextRange, TextSize};
use wolfify_edit::Edit;

use crate::script::{Layout, delete_words, end_above, layout_size as size};

/// What becomes of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WordFate {
    /// Stays.
    Keep,
    /// Goes, with its gap or its line.
    Delete,
    /// Becomes one or more words; more than one are laid out as the author lays out words.
    Replace(Vec<String>),
}

/// A word that is to be edited.
#[derive(Debug, Clone)]
pub(crate) struct WordEdit {
    /// The word in the source.
    pub(crate) range: TextRange,
    /// What becomes of it.
    pub(crate) fate: WordFate,
}

/// The edits for the words of the command at `command`; `words` are in source order.
///
/// Where several names take the place of one that had a line of its own, each gets a line of its own.
pub(crate) fn edits(layout: &Layout<'_>, command: TextRange, words: &[WordEdit]) -> Vec<Edit> {
    let mut deleted: Vec<TextRange> =
        words.iter().filter(|word| word.fate == WordFate::Delete).map(|word| word.range).collect();
    // Combined options (`-qq`) are several options in one word.
    deleted.sort_by_key(|range| range.start());
    deleted.dedup();
    let mut edits = delete_words(layout, command, &deleted);
    let headings = headings_without_words(layout, command, &deleted);
    if let Some(last) = headings.last() {
        end_above_heading(layout, command, &deleted, &mut edits, last.range);
    }
    edits.extend(headings);
    for word in words {
        if let WordFate::Replace(texts) = &word.fate {
            let text = texts.join(&separator(layout, word.range));
            if layout.slice(word.range) != text {
                edits.push(Edit::replace(word.range, text));
            }
        }
    }
    edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
    edits
}

/// Where the last words of a command go with the comment above them, no continuation may be left in front of it: the
/// command after it may leave as well.
fn end_above_heading(
    layout: &Layout<'_>,
    command: TextRange,
    deleted: &[TextRange],
    edits: &mut Vec<Edit>,
    heading: TextRange,
) {
    let last = edits.iter().position(|edit| {
        edit.range.end() == command.end()
            && edit.range.start() >= heading.end()
            && layout.slice(TextRange::new(heading.end(), edit.range.start())).trim().is_empty()
    });
    let gone: Vec<TextRange> = deleted.iter().copied().filter(|word| word.end() <= heading.start()).collect();
    let moved_up = last.and_then(|index| Some((index, end_above(layout, heading, edits[index].range, &gone)?)));
    if let Some((index, ends)) = moved_up {
        edits.remove(index);
        edits.extend(ends);
    }
}

/// Comment lines that stand above nothing but lines whose words all go: what they spoke of is gone.
fn headings_without_words(layout: &Layout<'_>, command: TextRange, deleted: &[TextRange]) -> Vec<Edit> {
    let mut edits = Vec::new();
    if layout.heredoc || deleted.is_empty() {
        return edits;
    }
    let mut block = None;
    let comments = layout.comments_in(command);
    for (index, comment) in comments.iter().enumerate() {
        let (start, end) = (layout.line_start(comment.start()), layout.line_end(comment.start()));
        let first = *block.get_or_insert(start);
        if comments.get(index + 1).is_some_and(|next| layout.line_start(next.start()) == end) {
            continue;
        }
        if lines_go(layout, command, deleted, end) || speaks_of_deleted(layout, deleted, first, end) {
            edits.push(Edit::delete(TextRange::new(first, end)));
        }
        block = None;
    }
    edits
}

/// Whether the comment block from `first` to `end` names the one word of the line below it, and that word goes.
fn speaks_of_deleted(layout: &Layout<'_>, deleted: &[TextRange], first: TextSize, end: TextSize) -> bool {
    let line = layout.slice(TextRange::new(end, layout.line_end(end)));
    let Some(word) = line.trim().strip_suffix(layout.escape).map(str::trim_end) else { return false };
    let range = TextRange::at(layout.skip_blanks(end), size(word.len()));
    if word.is_empty() || deleted.binary_search_by_key(&range.start(), |word| word.start()).is_err() {
        return false;
    }
    let name = word.split(['=', ':']).next().unwrap_or(word);
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-.+_".contains(c);
    layout.slice(TextRange::new(first, end)).split(|c| !is_word(c)).any(|said| said == name)
}

/// Whether the lines from `at` to the next comment, empty line or end of the command hold deleted words only.
fn lines_go(layout: &Layout<'_>, command: TextRange, deleted: &[TextRange], mut at: TextSize) -> bool {
    let mut any = false;
    while at < command.end() {
        let line = TextRange::new(at, layout.line_end(at));
        let text = layout.slice(line).trim();
        if text.is_empty() || text.starts_with('#') {
            break;
        }
        let Some(words) = text.strip_suffix(layout.escape) else { return false };
        let words = TextRange::at(layout.skip_blanks(at), size(words.trim_end().len()));
        let from = deleted.partition_point(|word| word.end() <= words.start());
        let mut covered = words.start();
        for word in deleted[from..].iter().take_while(|word| word.start() < words.end()) {
            if !layout.slice(TextRange::new(covered, word.start().max(covered))).trim().is_empty() {
                return false;
            }
            covered = word.end();
        }
        if covered < words.end() {
            return false;
        }
        any = true;
        at = line.end();
    }
    any
}

/// A fix that carries this many edits is repeated in every remark about one of its words.
const REPEATED: usize = 64;

/// The edits that a remark about the word at `range` carries: those of the whole command, for a word alone would not
/// build. In a list of hundreds of words each remark has only the edits of its own word, or the first one; together they
/// would otherwise grow with the square of the list.
pub(crate) fn edits_of(edits: &[Edit], range: TextRange) -> Vec<Edit> {
    if edits.len() <= REPEATED {
        return edits.to_vec();
    }
    let first = edits.partition_point(|edit| edit.range.end() < range.start());
    let own = edits[first..].iter().take_while(|edit| edit.range.start() <= range.end());
    let own: Vec<Edit> =
        own.filter(|edit| edit.range.intersect(range).is_some_and(|part| !part.is_empty())).cloned().collect();
    if own.is_empty() { edits[..1].to_vec() } else { own }
}

/// What stands between words where `word` stands: a blank, or a continuation and the author's indentation when the word
/// begins its line.
pub(crate) fn separator(layout: &Layout<'_>, word: TextRange) -> String {
    let line_start = layout.line_start(word.start());
    let indent = layout.slice(TextRange::new(line_start, word.start()));
    let before = &layout.text[..usize::from(line_start)];
    let is_continued = || before.trim_end_matches([' ', '\t', '\r', '\n']).ends_with(layout.escape);
    if (indent.is_empty() && !is_continued()) || !indent.trim_matches([' ', '\t']).is_empty() {
        return " ".to_owned();
    }
    let newline = if before.ends_with("\r\n") { "\r\n" } else { "\n" };
    format!(" {}{newline}{indent}", layout.escape)
}

/// Whether a text is one word to every shell, and the same without quotes.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_./:=@%+,-".contains(c))
}

/// A text as one word of a shell: in single quotes, unless it is plain.
pub(crate) fn quote(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A word without surrounding quotes.
pub(crate) fn unquote(text: &str) -> String {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner.to_owned();
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{layout_size, line_starts};

    fn run(text: &str, fates: &[(&str, WordFate)]) -> String {
        let line_starts = line_starts(text);
        let layout = Layout { text, line_starts: &line_starts, escape: '\\', comments: &[], heredoc: false };
        let words: Vec<WordEdit> = fates
            .iter()
            .map(|(word, fate)| {
                let at = text.find(word).expect("the word is in the text");
                WordEdit { range: TextRange::at(layout_size(at), layout_size(word.len())), fate: fate.clone() }
            })
            .collect();
        let mut out = text.to_owned();
        for edit in edits(&layout, TextRange::up_to(layout_size(text.len())), &words).into_iter().rev() {
            out.replace_range(std::ops::Range::<usize>::from(edit.range), &edit.text);
        }
        out
    }

    fn to(words: &[&str]) -> WordFate {
        WordFate::Replace(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn one_line_stays_one_line() {
        let text = "RUN apt-get install -y one two\n";
        let fates = [
            ("apt-get", to(&["apk"])),
            ("install", to(&["add", "--no-cache"])),
            ("-y", WordFate::Delete),
            ("one", to(&["uno", "due"])),
        ];
        assert_eq!(run(text, &fates), "RUN apk add --no-cache uno due two\n");
    }

    #[test]
    fn a_word_on_its_line_is_replaced_by_lines() {
        let text = "RUN apt-get install \\\n        one \\\n        two\n";
        let fates = [("one", to(&["uno", "due"])), ("two", WordFate::Delete)];
        assert_eq!(run(text, &fates), "RUN apt-get install \\\n        uno \\\n        due\n");
    }
}
