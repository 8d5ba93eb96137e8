//! A second parser's opinion. Only where both agree is a script ever edited.

use std::ops::Range;

use brush_parser::{ParserOptions, Token, TokenizerOptions};

use crate::shell::ast::Opaque;
use crate::shell::parser::{MAX_DEPTH, Parser};

/// Compares what `parser` has read with what brush-parser makes of the same text.
///
/// brush must accept the script and the inside of each `$( )` and `<( )`, and each argument word must be one word to
/// brush, at the same place.
pub(super) fn check(parser: &Parser<'_>) -> Result<(), Opaque> {
    if is_plain(parser.text) {
        return Ok(());
    }
    let extended = parser.extglob || parser.text.contains("[[");
    for (position, region) in regions(parser).into_iter().enumerate() {
        let flat = flatten(parser, &region);
        let tokens = accepted(&flat.text, extended)?;
        if position == 0 {
            same_words(parser, &flat, &tokens)?;
        }
    }
    Ok(())
}

/// Words that begin or end something longer than a command.
const RESERVED: [&str; 17] = [
    "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select", "then",
    "time", "until", "while",
];

/// Whether a text that could be read leaves nothing to disagree about: words of plain characters, or quotes with nothing
/// special inside, between `&&`, `||`, `|`, `;` and line ends. Most commands are like this, and a second reading would
/// take longer than all other work on them.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut word) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        let length = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => 1,
            b'_' | b'.' | b'/' | b':' | b'=' | b'@' | b'%' | b'+' | b',' | b'-' | b'*' => 1,
            b'\'' | b'"' => match quoted(&bytes[at..]) {
                Some(length) => length,
                None => return false,
            },
            b' ' | b'\t' | b'\n' | b'&' | b'|' | b';' => {
                let Some(length) = separator(&bytes[at..]) else { return false };
                if RESERVED.contains(&&text[word..at]) {
                    return false;
                }
                word = at + length;
                length
            }
            _ => return false,
        };
        at += length;
    }
    !RESERVED.contains(&&text[word..])
}

/// The length of the quotes that `bytes` begin with, when they hold nothing that a shell reads.
fn quoted(bytes: &[u8]) -> Option<usize> {
    let inside = &bytes[1..];
    let end = inside.iter().position(|byte| *byte == bytes[0])?;
    let special = |byte: &u8| matches!(byte, b'$' | b'`' | b'\\' | b'!') || !byte.is_ascii();
    (!inside[..end].iter().any(special)).then_some(end + 2)
}

/// The length of the blank or operator that `bytes` begin with; `None` for any other operator.
fn separator(bytes: &[u8]) -> Option<usize> {
    let run = bytes.iter().take_while(|byte| **byte == bytes[0]).count();
    let next = bytes.get(run).copied();
    match (bytes[0], run) {
        (b' ' | b'\t' | b'\n', _) => Some(run),
        (b'&', 2) => Some(2),
        (b'|', 1 | 2) if next != Some(b'&') => Some(run),
        (b';', 1) if next != Some(b'&') => Some(1),
        _ => None,
    }
}

fn accepted(text: &str, extended: bool) -> Result<Vec<Token>, Opaque> {
    let options = TokenizerOptions { enable_extended_globbing: extended, ..TokenizerOptions::default() };
    let tokens = brush_parser::uncached_tokenize_str(text, &options)
        .map_err(|error| Opaque { reason: format!("a second parser rejects it: {error}") })?;
    if deepest_parenthesis(&tokens) > MAX_DEPTH {
        return Err(Opaque { reason: format!("nested more than {MAX_DEPTH} levels deep") });
    }
    let options = ParserOptions { enable_extended_globbing: extended, ..ParserOptions::default() };
    brush_parser::parse_tokens(&tokens, &options)
        .map_err(|error| Opaque { reason: format!("a second parser rejects it: {error}") })?;
    Ok(tokens)
}

/// How deep parentheses nest, those of `[[ ]]` included, which this crate's parser reads without recursion.
fn deepest_parenthesis(tokens: &[Token]) -> usize {
    let (mut level, mut deepest) = (0_usize, 0);
    for token in tokens {
        match token {
            Token::Operator(operator, _) if operator == "(" => level += 1,
            Token::Operator(operator, _) if operator == ")" => level = level.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(level);
    }
    deepest
}

/// A piece of the text that is checked by itself, and the substitutions directly in it.
struct Region {
    range: Range<usize>,
    inner: Vec<Range<usize>>,
}

/// The whole text, then the inside of every substitution.
///
/// brush reads `$(case x in y) …)` wrongly and changes blanks inside `$( )`; with each level checked by itself neither
/// matters.
fn regions(parser: &Parser<'_>) -> Vec<Region> {
    let mut ranges = parser.substitutions.clone();
    ranges.sort_by_key(|range| (range.start, usize::MAX - range.end));
    let mut regions = vec![Region { range: 0..parser.text.len(), inner: Vec::new() }];
    let mut open = vec![0];
    for range in ranges {
        while let Some(index) = open.last()
            && regions[*index].range.end < range.end
        {
            open.pop();
        }
        let outer = open.last().copied().unwrap_or(0);
        regions[outer].inner.push(range.clone());
        open.push(regions.len());
        regions.push(Region { range, inner: Vec::new() });
    }
    regions
}

/// A region without line continuations (brush takes them for part of the word after them) and with each substitution's
/// text replaced by one letter.
struct Flat {
    text: String,
    /// For each replacement, where it ended in the parser's text and where it ends in `text`.
    anchors: Vec<(usize, usize)>,
}

fn flatten(parser: &Parser<'_>, region: &Region) -> Flat {
    let mut flat = Flat { text: String::with_capacity(region.range.len()), anchors: Vec::new() };
    let first = parser.continuations.partition_point(|at| *at < region.range.start);
    let mut continuations = parser.continuations[first..].iter().copied().peekable();
    let mut from = region.range.start;
    let end = region.range.end..region.range.end;
    for inner in region.inner.iter().chain(std::iter::once(&end)) {
        while let Some(at) = continuations.next_if(|at| *at < inner.start) {
            flat.text.push_str(&parser.text[from..at]);
            from = at + 2;
            flat.anchors.push((from, flat.text.len()));
        }
        flat.text.push_str(&parser.text[from..inner.start]);
        from = inner.end;
        while continuations.next_if(|at| *at < inner.end).is_some() {}
        if inner.end < region.range.end {
            flat.text.push('x');
            flat.anchors.push((from, flat.text.len()));
        }
    }
    flat
}

fn same_words(parser: &Parser<'_>, flat: &Flat, tokens: &[Token]) -> Result<(), Opaque> {
    let mut words: Vec<(usize, &str)> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Word(word, place) => Some((place.end.index, word.as_str())),
            Token::Operator(..) => None,
        })
        .collect();
    // Words behind a here-document's operator come after its body, and the blank before them counts for their start;
    // only the end of a word can be relied on.
    words.sort_by_key(|(end, _)| *end);
    let mut words = words.into_iter().peekable();
    let mut places = Places { flat, anchor: 0, base: (0, 0), byte: 0, characters: 0 };
    for (start, end) in parser.words.iter().copied() {
        let from = places.byte_of(start);
        let to = places.byte_of(end);
        let place = places.characters_before(to);
        while words.next_if(|(other, _)| *other < place).is_some() {}
        let mine = &flat.text[from..to];
        if words.next_if(|(other, word)| *other == place && *word == mine).is_none() {
            return Err(Opaque { reason: format!("two parsers disagree about the word `{mine}`") });
        }
    }
    Ok(())
}

/// Translates rising offsets of the parser's text to the flat text.
struct Places<'a> {
    flat: &'a Flat,
    anchor: usize,
    /// The last anchor passed.
    base: (usize, usize),
    byte: usize,
    characters: usize,
}

impl Places<'_> {
    fn byte_of(&mut self, offset: usize) -> usize {
        while let Some(anchor) = self.flat.anchors.get(self.anchor)
            && anchor.0 <= offset
        {
            self.base = *anchor;
            self.anchor += 1;
        }
        self.base.1 + (offset - self.base.0)
    }

    fn characters_before(&mut self, byte: usize) -> usize {
        self.characters += self.flat.text[self.byte..byte].chars().count();
        self.byte = byte;
        self.characters
    }
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn plain_is_what_nobody_reads_otherwise() {
        for text in ["apt-get update && rm -rf /x/* || true; a='b c' x | y", "", "echo \"if\"\nmake -j4"] {
            assert!(is_plain(text), "{text}");
        }
        for text in [
            "if a", "a; do", "a $b", "a `b`", "a\\ b", "a & b", "a |& b", "a;; b", "(a)", "{ a; }", "a > b", "! a",
            "a # b", "[ a ]", "\"$a\"", "'a", "a ~", "é", "a &&& b", "a\rb",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }
}
