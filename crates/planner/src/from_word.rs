//! The image word of a FROM as written: its literal pieces, its variables, and where name, tag and digest part.

use std::ops::Range;

/// A piece of the word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Plain text.
    Literal(Range<usize>),
    /// `$NAME` or `${NAME…}`.
    Variable {
        /// The name.
        name: String,
        /// The whole expansion.
        range: Range<usize>,
        /// The word of `${NAME:-word}` or `${NAME-word}`.
        default: Option<Range<usize>>,
        /// Has an operator other than `-`: the value is more than the variable.
        operated: bool,
    },
}

impl Piece {
    /// Where the piece stands.
    pub(crate) fn range(&self) -> Range<usize> {
        match self {
            Self::Literal(range) | Self::Variable { range, .. } => range.clone(),
        }
    }
}

/// The word taken apart. Offsets count bytes of the word's text, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FromWord {
    /// Without surrounding quotes.
    pub(crate) inner: Range<usize>,
    /// All pieces of `inner`.
    pub(crate) pieces: Vec<Piece>,
    /// Registry and path.
    pub(crate) name: Range<usize>,
    /// The tag after `:`.
    pub(crate) tag: Option<Range<usize>>,
    /// The digest after `@`.
    pub(crate) digest: Option<Range<usize>>,
}

impl FromWord {
    /// Takes `text` apart; `None` when quotes or braces are not balanced, or quotes stand inside the word.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let inner = unquoted(text);
        let pieces = pieces(text, inner.clone())?;
        let plain = |wanted: u8, from: usize| {
            pieces
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Literal(range) => Some(range.clone()),
                    Piece::Variable { .. } => None,
                })
                .flatten()
                .filter(|&at| at >= from && text.as_bytes()[at] == wanted)
                .collect::<Vec<usize>>()
        };
        let at = plain(b'@', inner.start).first().copied();
        let name_and_tag = inner.start..at.unwrap_or(inner.end);
        let last_slash = plain(b'/', inner.start).into_iter().rfind(|&slash| slash < name_and_tag.end);
        let colon = plain(b':', last_slash.unwrap_or(inner.start)).into_iter().find(|&colon| colon < name_and_tag.end);
        Some(Self {
            name: inner.start..colon.unwrap_or(name_and_tag.end),
            tag: colon.map(|colon| colon + 1..name_and_tag.end),
            digest: at.map(|at| at + 1..inner.end),
            inner,
            pieces,
        })
    }

    /// Whether a variable takes part in `range`.
    pub(crate) fn has_variable(&self, range: &Range<usize>) -> bool {
        self.variables().any(|piece| piece.range().start >= range.start && piece.range().end <= range.end)
    }

    /// The variable pieces.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| matches!(piece, Piece::Variable { .. }))
    }

    /// The only piece of `range`, when it is a plain variable.
    pub(crate) fn sole_variable(&self, range: &Range<usize>) -> Option<&Piece> {
        self.pieces
            .iter()
            .find(|piece| piece.range() == *range && matches!(piece, Piece::Variable { operated: false, .. }))
    }
}

fn unquoted(text: &str) -> Range<usize> {
    let quoted = |quote| text.len() >= 2 && text.starts_with(quote) && text.ends_with(quote);
    if quoted('"') || quoted('\'') { 1..text.len() - 1 } else { 0..text.len() }
}

fn pieces(text: &str, inner: Range<usize>) -> Option<Vec<Piece>> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let mut literal = inner.start;
    let mut at = inner.start;
    while at < inner.end {
        match bytes[at] {
            b'"' | b'\'' | b'\\' | b'`' => return None,
            b'$' => {
                let piece = variable(text, at, inner.end)?;
                if literal < at {
                    pieces.push(Piece::Literal(literal..at));
                }
                at = piece.range().end;
                literal = at;
                pieces.push(piece);
            }
            _ => at += 1,
        }
    }
    if literal < inner.end {
        pieces.push(Piece::Literal(literal..inner.end));
    }
    Some(pieces)
}

fn variable(text: &str, dollar: usize, end: usize) -> Option<Piece> {
    let rest = &text[dollar + 1..end];
    if let Some(braced) = rest.strip_prefix('{') {
        let name = name_of(braced);
        let close = closing_brace(braced)?;
        let operation = &braced[name.len()..close];
        let body = dollar + 2;
        let default_at =
            [":-", "-"].iter().find(|operator| operation.starts_with(**operator)).map(|operator| operator.len());
        return Some(Piece::Variable {
            name: name.to_owned(),
            range: dollar..body + close + 1,
            default: default_at.map(|skip| body + name.len() + skip..body + close),
            operated: name.is_empty() || (!operation.is_empty() && default_at.is_none()),
        });
    }
    let name = name_of(rest);
    let operated = name.is_empty();
    let name_len = name.len();
    Some(Piece::Variable { name: name.to_owned(), range: dollar..dollar + 1 + name_len, default: None, operated })
}

fn name_of(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (&str, Option<&str>, Option<&str>) {
        let word = FromWord::parse(text).expect("a word");
        (&text[word.name], word.tag.map(|tag| &text[tag]), word.digest.map(|digest| &text[digest]))
    }

    #[test]
    fn name_tag_and_digest_part_outside_variables() {
        assert_eq!(parts("node:20"), ("node", Some("20"), None));
        assert_eq!(parts("registry:5000/a/b"), ("registry:5000/a/b", None, None));
        assert_eq!(parts("\"ubuntu:22.04\""), ("ubuntu", Some("22.04"), None));
        assert_eq!(parts("${BASE:-ubuntu:22.04}"), ("${BASE:-ubuntu:22.04}", None, None));
        assert_eq!(parts("${BASE}:${VER}-slim@sha256:aa"), ("${BASE}", Some("${VER}-slim"), Some("sha256:aa")));
        assert_eq!(parts("$REG/library/node"), ("$REG/library/node", None, None));
    }

    #[test]
    fn variables_know_their_own_default() {
        let word = FromWord::parse("${BASE:-ubuntu:22.04}").expect("a word");
        assert!(matches!(&word.pieces[..], [Piece::Variable { name, default: Some(range), operated: false, .. }]
            if name == "BASE" && *range == (8..20)));
        assert!(word.sole_variable(&word.inner).is_some());
        let cut = FromWord::parse("${V%-*}").expect("a word");
        assert!(matches!(&cut.pieces[..], [Piece::Variable { operated: true, .. }]));
    }

    #[test]
    fn odd_quoting_is_refused() {
        assert_eq!(FromWord::parse("a\"b\"c"), None);
        assert_eq!(FromWord::parse("${unclosed"), None);
    }
}
