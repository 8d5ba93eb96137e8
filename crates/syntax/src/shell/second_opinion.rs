//! A second parser's opinion. Only where both agree is a script ever edited.

use std::borrow::Cow;

use brush_parser::{ParserOptions, Token, TokenizerOptions};

use crate::shell::ast::Opaque;
use crate::shell::parser::{MAX_DEPTH, Parser};

/// Compares what `parser` has read with what brush-parser makes of the same text.
///
/// brush must accept the script, and each argument word must be one word to brush, at the same place.
pub(super) fn check(parser: &Parser<'_>) -> Result<(), Opaque> {
    let text = joined(parser);
    let extended = parser.extglob || text.contains("[[");
    let options = TokenizerOptions { enable_extended_globbing: extended, ..TokenizerOptions::default() };
    let tokens = brush_parser::uncached_tokenize_str(&text, &options)
        .map_err(|error| Opaque { reason: format!("a second parser rejects it: {error}") })?;
    if deepest_parenthesis(&tokens) > MAX_DEPTH {
        return Err(Opaque { reason: format!("nested more than {MAX_DEPTH} levels deep") });
    }
    let options = ParserOptions { enable_extended_globbing: extended, ..ParserOptions::default() };
    brush_parser::parse_tokens(&tokens, &options)
        .map_err(|error| Opaque { reason: format!("a second parser rejects it: {error}") })?;
    same_words(parser, &text, &tokens)
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

/// The text without line continuations, which brush takes for part of the word after them.
fn joined<'a>(parser: &Parser<'a>) -> Cow<'a, str> {
    if parser.continuations.is_empty() {
        return Cow::Borrowed(parser.text);
    }
    Cow::Owned(parser.slice(0, parser.text.len()))
}

fn same_words(parser: &Parser<'_>, text: &str, tokens: &[Token]) -> Result<(), Opaque> {
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
    let mut removed = 0;
    let mut positions = CharPositions { text, byte: 0, characters: 0 };
    for (start, end) in parser.words.iter().copied() {
        while parser.continuations.get(removed).is_some_and(|at| *at < end) {
            removed += 1;
        }
        let place = positions.of(end - 2 * removed);
        while words.next_if(|(other, _)| *other < place).is_some() {}
        let mine = parser.slice(start, end);
        if words.next_if(|(other, word)| *other == place && *word == mine).is_none() {
            return Err(Opaque { reason: format!("two parsers disagree about the word `{mine}`") });
        }
    }
    Ok(())
}

/// Counts characters up to rising byte offsets.
struct CharPositions<'a> {
    text: &'a str,
    byte: usize,
    characters: usize,
}

impl CharPositions<'_> {
    fn of(&mut self, byte: usize) -> usize {
        self.characters += self.text[self.byte..byte].chars().count();
        self.byte = byte;
        self.characters
    }
}
