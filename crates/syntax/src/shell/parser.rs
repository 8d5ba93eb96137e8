//! The parser's state: a cursor over the text that steps over line continuations.

use std::ops::Range;

use crate::shell::ast::{Dialect, List, Nested, Opaque, ShellScript};
use crate::shell::text::{self, TextBuilder};
use crate::source_map::{SourceMap, Span};

/// How deep compound commands and expansions may nest. Scripts that people write stay below 20; the limit bounds the
/// stack.
pub(super) const MAX_DEPTH: usize = 48;

/// Why parsing stopped, and where in the text.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) at: usize,
    pub(super) message: String,
}

pub(super) type Parsed<T> = Result<T, SyntaxError>;

/// A piece of a word with its quotes removed, for handing the word's value to another shell.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// These bytes of the text as they stand.
    Verbatim(usize, usize),
    /// Text that stands otherwise in the source (an escape).
    Decoded(String),
    /// The result of a command or of arithmetic.
    Unknown,
}

/// A here-document whose body has not been reached yet.
#[derive(Debug)]
pub(super) struct PendingHeredoc {
    pub(super) index: usize,
    pub(super) delimiter: String,
    pub(super) strip_tabs: bool,
    pub(super) quoted: bool,
}

/// The body of a here-document.
#[derive(Debug, Default)]
pub(super) struct HeredocBody {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) strip_tabs: bool,
    /// The body without quoting backslashes.
    pub(super) pieces: Vec<Piece>,
    /// Substitutions in an unquoted body.
    pub(super) nested: Vec<Nested>,
}

/// A position to come back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pos: usize,
    continuations: usize,
}

/// A recursive-descent parser over one text.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) map: &'a SourceMap,
    pub(super) dialect: &'a Dialect,
    pub(super) pos: usize,
    /// Where the text ends for now (a here-document's body is read as a text of its own).
    pub(super) end: usize,
    /// Offsets of the backslashes of all `\`-newline pairs stepped over, rising.
    pub(super) continuations: Vec<usize>,
    /// End of the last token.
    pub(super) token_end: usize,
    pub(super) depth: usize,
    /// Depth of `$( )` around the cursor.
    pub(super) substitution: usize,
    /// `@(…)` and the like are patterns everywhere (`shopt -s extglob`), not only inside `[[ ]]`.
    pub(super) extglob: bool,
    /// Scripts found in the words of the command being read.
    pub(super) nested: Vec<Nested>,
    /// Pieces of the words of the command being read.
    pub(super) pieces: Vec<Piece>,
    pub(super) pending: Vec<PendingHeredoc>,
    pub(super) bodies: Vec<HeredocBody>,
    /// Argument words outside substitutions, for the second opinion (which takes process substitutions apart).
    pub(super) words: Vec<(usize, usize)>,
    /// The insides of all `$( )` and `<( )`, for the same.
    pub(super) substitutions: Vec<Range<usize>>,
    /// No `]` closes a `[` before this offset; keeps `[[[[…` linear.
    pub(super) no_bracket: usize,
    /// The same for `{`.
    pub(super) no_brace: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, map: &'a SourceMap, dialect: &'a Dialect, depth: usize) -> Self {
        Self {
            text,
            map,
            dialect,
            pos: 0,
            end: text.len(),
            continuations: Vec::new(),
            token_end: 0,
            depth,
            substitution: 0,
            extglob: text.contains("extglob"),
            nested: Vec::new(),
            pieces: Vec::new(),
            pending: Vec::new(),
            bodies: Vec::new(),
            words: Vec::new(),
            substitutions: Vec::new(),
            no_bracket: 0,
            no_brace: 0,
        }
    }

    pub(super) fn error<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(SyntaxError { at: self.pos, message: message.into() })
    }

    /// The next byte after any line continuations.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while self.rest().starts_with(b"\\\n") {
            self.continuations.push(self.pos);
            self.pos += 2;
        }
        self.raw(0)
    }

    /// The byte `ahead` bytes on, continuations not stepped over.
    pub(super) fn raw(&self, ahead: usize) -> Option<u8> {
        let at = self.pos + ahead;
        if at < self.end { self.text.as_bytes().get(at).copied() } else { None }
    }

    /// The bytes from the cursor to the end.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.pos..self.end).unwrap_or_default()
    }

    /// Steps over the ASCII byte at the cursor.
    pub(super) fn bump(&mut self) {
        self.pos += 1;
    }

    /// Steps over a whole character and returns where it began.
    pub(super) fn bump_char(&mut self) -> usize {
        let start = self.pos;
        self.pos += self.text[start..self.end].chars().next().map_or(0, char::len_utf8);
        start
    }

    pub(super) fn looking_at(&mut self, token: &str) -> bool {
        self.peek();
        self.rest().starts_with(token.as_bytes())
    }

    /// Steps over `token` if it stands here.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.looking_at(token);
        if found {
            self.pos += token.len();
            self.token_end = self.pos;
        }
        found
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { pos: self.pos, continuations: self.continuations.len() }
    }

    pub(super) fn reset(&mut self, mark: Mark) {
        self.pos = mark.pos;
        self.continuations.truncate(mark.continuations);
    }

    /// Blanks, continuations and a comment.
    pub(super) fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t') = self.peek() {
            self.bump();
        }
        if self.raw(0) == Some(b'#') {
            let rest = self.rest();
            self.pos += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        }
    }

    /// Blanks, comments and line ends; bodies of here-documents are read on the way.
    pub(super) fn skip_newlines(&mut self) -> Parsed<()> {
        loop {
            self.skip_blanks();
            if self.raw(0) != Some(b'\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }

    /// Steps over a line end, and over the here-documents that begin after it.
    pub(super) fn newline(&mut self) -> Parsed<()> {
        self.bump();
        if self.pending.is_empty() { Ok(()) } else { self.heredoc_bodies() }
    }

    /// Runs `inner` one level deeper.
    pub(super) fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return self.error(format!("nested more than {MAX_DEPTH} levels deep"));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn has_continuation(&self, start: usize, end: usize) -> bool {
        let next = self.continuations.partition_point(|at| *at < start);
        self.continuations.get(next).is_some_and(|at| *at < end)
    }

    /// The text from `start` to `end` without continuations.
    pub(super) fn slice(&self, start: usize, end: usize) -> String {
        if !self.has_continuation(start, end) {
            return self.text[start..end].to_owned();
        }
        let next = self.continuations.partition_point(|at| *at < start);
        let mut joined = String::with_capacity(end - start);
        let mut from = start;
        for at in self.continuations[next..].iter().take_while(|at| **at < end) {
            joined.push_str(&self.text[from..*at]);
            from = at + 2;
        }
        joined.push_str(&self.text[from.min(end)..end]);
        joined
    }

    /// The source place of `start..end`.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let mut span = text::span(self.map, start, end);
        span.contiguous &= !self.has_continuation(start, end);
        span
    }

    /// The value of a word or here-document as another shell would get it.
    ///
    /// Parameters stay as written; what commands and arithmetic give is unknown and stands there as `${_}`.
    pub(super) fn decode(&self, pieces: &[Piece]) -> TextBuilder {
        let mut value = TextBuilder::default();
        for piece in pieces {
            match piece {
                Piece::Verbatim(start, end) => self.copy_text(&mut value, *start, *end),
                Piece::Decoded(text) => value.insert(text),
                Piece::Unknown => value.insert("${_}"),
            }
        }
        value
    }

    /// The script that stands at `start..end` of this text and whose tree is `list`.
    pub(super) fn script_at(&self, start: usize, end: usize, list: List) -> ShellScript {
        ShellScript {
            dialect: self.dialect.clone(),
            text: self.text[start..end].to_owned(),
            map: text::submap(self.map, start, end),
            list: Ok(list),
        }
    }
}

/// The reason an error gives to a person.
pub(super) fn opaque(text: &str, error: &SyntaxError) -> Opaque {
    let near: String = text[error.at.min(text.len())..].chars().take(20).collect();
    let reason = if near.is_empty() {
        format!("{} at the end of the script", error.message)
    } else {
        format!("{} near `{}`", error.message, near.escape_debug())
    };
    Opaque { reason }
}
