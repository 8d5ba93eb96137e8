//! How BuildKit cuts a logical line: keyword, flags, arguments, words.
//!
//! Every range is one of byte offsets in the text given.

use std::ops::Range;

use crate::lines::{ends_flag, is_blank};

/// A logical line cut at its first seams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) keyword: Range<usize>,
    pub(crate) flags: Vec<RawFlag>,
    /// Everything behind the flags, without blanks around it.
    pub(crate) args: Range<usize>,
}

/// A flag, and its text with quotes and escapes removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawFlag {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

/// Cuts `line[within]`.
pub(crate) fn split(line: &str, within: Range<usize>, escape: char) -> Split {
    let whole = trim(line, within);
    let text = &line[whole.clone()];
    let keyword_end = text.find(is_blank).unwrap_or(text.len());
    let after = text[keyword_end..].trim_start_matches(is_blank);
    let start = whole.end - after.len();
    let mut flags = Vec::new();
    let end_of_flags = read_flags(line, start..whole.end, escape, &mut flags);
    let mut args = trim(line, end_of_flags..whole.end);
    if args.is_empty() {
        // Nothing stands right behind what is there.
        let end = flags.last().map_or(whole.start + keyword_end, |flag| flag.range.end);
        args = end..end;
    }
    Split { keyword: whole.start..whole.start + keyword_end, flags, args }
}

/// The range without the white space around it.
pub(crate) fn trim(line: &str, within: Range<usize>) -> Range<usize> {
    let text = &line[within.clone()];
    let start = within.end - text.trim_start().len();
    let end = within.start + text.trim_end().len();
    start..end.max(start)
}

/// Reads flags from the start of `line[within]`; returns where the arguments begin.
fn read_flags(line: &str, within: Range<usize>, escape: char, flags: &mut Vec<RawFlag>) -> usize {
    let mut at = within.start;
    loop {
        let rest = &line[at..within.end];
        at = within.end - rest.trim_start_matches(|c: char| is_blank(c) || c == '\n').len();
        if !line[at..within.end].starts_with("--") {
            return at;
        }
        let (flag, end) = read_flag(line, at..within.end, escape);
        if flag == "--" {
            return end;
        }
        flags.push(RawFlag { range: at..end, text: flag });
        at = end + line[end..within.end].chars().next().map_or(0, char::len_utf8);
    }
}

fn read_flag(line: &str, within: Range<usize>, escape: char) -> (String, usize) {
    let mut text = String::new();
    let mut quote = None;
    let mut chars = line[within.clone()].char_indices();
    while let Some((offset, c)) = chars.next() {
        if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && ends_flag(c) {
            if !c.is_ascii() {
                // BuildKit keeps the bytes of the character up to the one it takes for a blank.
                text.push(char::REPLACEMENT_CHARACTER);
            }
            return (text, within.start + offset);
        } else if quote.is_none() && matches!(c, '\'' | '"') {
            quote = Some(c);
        } else if c == escape {
            // An escape token at the very end is dropped.
            text.extend(chars.next().map(|(_, escaped)| escaped));
        } else {
            text.push(c);
        }
    }
    (text, within.end)
}

/// Words separated by blanks only, as FROM, COPY, ADD, EXPOSE and VOLUME have them.
pub(crate) fn blank_words(line: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut at = within.start;
    while at < within.end {
        let rest = &line[at..within.end];
        let length = rest.find(is_blank).unwrap_or(rest.len());
        if length > 0 {
            words.push(at..at + length);
        }
        at += length;
        at = within.end - line[at..within.end].trim_start_matches(is_blank).len();
    }
    words
}

/// Words in which quotes and escapes protect blanks, as ENV, LABEL and ARG have them.
pub(crate) fn quoted_words(line: &str, within: Range<usize>, escape: char) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    let mut quote = None;
    let mut chars = line[within.clone()].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let at = within.start + offset;
        if quote.is_none() && c.is_whitespace() {
            words.extend(start.take().map(|start| start..at));
            continue;
        }
        if c == escape && quote != Some('\'') {
            if chars.peek().is_none() {
                // An escape token at the very end does not belong to the word.
                words.extend(start.take().map(|start| start..at));
                break;
            }
            start.get_or_insert(at);
            chars.next();
            continue;
        }
        start.get_or_insert(at);
        if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '\'' | '"') {
            quote = Some(c);
        }
    }
    words.extend(start.map(|start| start..within.end));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(line: &str) -> (&str, Vec<String>, &str) {
        let split = split(line, 0..line.len(), '\\');
        (&line[split.keyword], split.flags.into_iter().map(|flag| flag.text).collect(), &line[split.args])
    }

    #[test]
    fn cuts_keyword_flags_and_arguments() {
        assert_eq!(cut("RUN"), ("RUN", vec![], ""));
        assert_eq!(cut("run\techo  a "), ("run", vec![], "echo  a"));
        assert_eq!(cut("COPY --from=a  --link b c"), ("COPY", vec!["--from=a".into(), "--link".into()], "b c"));
        assert_eq!(cut("RUN --mount=\"a b\" x"), ("RUN", vec!["--mount=a b".into()], "x"));
        assert_eq!(cut("COPY -- --from=a b"), ("COPY", vec![], "--from=a b"));
        assert_eq!(cut("COPY --from=a\\ b c"), ("COPY", vec!["--from=a b".into()], "c"));
        assert_eq!(cut("RUN -x --y"), ("RUN", vec![], "-x --y"));
        assert_eq!(cut("USER 张"), ("USER", vec![], "张"));
        assert_eq!(cut("RUN --y=张 x"), ("RUN", vec!["--y=\u{fffd}".into()], "x"));
        assert_eq!(cut("RUN --y"), ("RUN", vec!["--y".into()], ""));
    }

    #[test]
    fn cuts_words() {
        let words = |line: &'static str| -> Vec<&str> {
            quoted_words(line, 0..line.len(), '\\').into_iter().map(|range| &line[range]).collect()
        };
        assert_eq!(words("a=1 b=\"2 3\"  c='4 5'"), ["a=1", "b=\"2 3\"", "c='4 5'"]);
        assert_eq!(words("a=1\\ 2 b=\"\\\" \" c='\\' d"), ["a=1\\ 2", "b=\"\\\" \"", "c='\\'", "d"]);
        assert_eq!(words("a=\"x y"), ["a=\"x y"]);
        assert_eq!(words("a=b\\"), ["a=b"]);
        let line = "  a  [b] \u{a0}";
        let blank: Vec<&str> = blank_words(line, 0..line.len()).into_iter().map(|range| &line[range]).collect();
        assert_eq!(blank, ["a", "[b]", "\u{a0}"]);
    }
}
