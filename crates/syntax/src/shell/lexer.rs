//! Words: where they end and what they are made of.

use crate::shell::ast::{ShellWord, WordPart};
use crate::shell::parser::{Parsed, Parser, Piece};

/// What the word is for; decides where it ends and which characters are special.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WordMode {
    /// A command word, a redirection target, a `for` word, a `case` pattern.
    Argument,
    /// The value of an assignment: no globs, no braces, `~` also after `:`.
    Assignment,
    /// Inside `[[ ]]`: extended patterns, no braces.
    Test,
    /// After `=~`.
    Regex,
    /// The word of a parameter operation, standing alone: nothing but its end ends it.
    Operation,
}

/// Parts of a word; neighbouring literals of one kind are one part.
#[derive(Debug, Default)]
pub(super) struct Parts(pub(super) Vec<WordPart>);

impl Parts {
    pub(super) fn literal(&mut self, addition: &str, protected: bool) {
        if let Some(WordPart::Literal { text, quoted }) = self.0.last_mut()
            && *quoted == protected
        {
            text.push_str(addition);
        } else {
            self.0.push(WordPart::Literal { text: addition.to_owned(), quoted: protected });
        }
    }
}

pub(super) fn is_meta(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// Bytes that mean nothing but themselves inside an unquoted word.
fn is_plain(byte: u8) -> bool {
    !is_meta(byte)
        && !matches!(byte, b'\\' | b'\'' | b'"' | b'$' | b'`' | b'*' | b'?' | b'[' | b'{' | b'}' | b'~' | b':')
}

/// A brace expansion that is being stepped over.
struct OpenBrace {
    start: usize,
    end: usize,
    parts: usize,
}

impl Parser<'_> {
    /// Reads the word at the cursor; the cursor must stand on its first byte.
    pub(super) fn word(&mut self, mode: WordMode) -> Parsed<ShellWord> {
        self.peek();
        let start = self.pos;
        let mut parts = Parts::default();
        self.word_parts(&mut parts, mode)?;
        let end = self.pos;
        self.token_end = end;
        let process = parts.0.contains(&WordPart::Process);
        if mode == WordMode::Argument && self.substitution == 0 && !process {
            self.words.push((start, end));
        }
        Ok(ShellWord { text: self.slice(start, end), parts: parts.0, span: self.span(start, end) })
    }

    /// Reads parts up to the end of the word.
    pub(super) fn word_parts(&mut self, parts: &mut Parts, mode: WordMode) -> Parsed<()> {
        let start = self.pos;
        let mut brace: Option<OpenBrace> = None;
        let mut parentheses = 0_usize;
        loop {
            if let Some(open) = brace.take_if(|open| self.pos >= open.end) {
                parts.0.truncate(open.parts);
                parts.0.push(WordPart::Brace(self.slice(open.start, open.end)));
            }
            let Some(byte) = self.peek() else { break };
            if is_meta(byte) {
                if !self.meta_in_word(byte, parts, mode, &mut parentheses)? {
                    break;
                }
                continue;
            }
            match byte {
                b'{' if brace.is_none() && !matches!(mode, WordMode::Assignment | WordMode::Regex) => {
                    let from = self.pos;
                    if let Some(end) = self.brace_end() {
                        brace = Some(OpenBrace { start: from, end, parts: parts.0.len() });
                        // Keeps what is stepped over apart from the literal before it.
                        parts.0.push(WordPart::Brace(String::new()));
                    }
                    self.plain_byte(parts);
                }
                b'~' => self.tilde(parts, mode, start),
                b'*' | b'?' | b'[' if mode != WordMode::Assignment => self.glob(byte, parts),
                _ => self.part(byte, parts)?,
            }
        }
        Ok(())
    }

    /// A metacharacter: true when it belongs to the word and has been read.
    fn meta_in_word(&mut self, byte: u8, parts: &mut Parts, mode: WordMode, parentheses: &mut usize) -> Parsed<bool> {
        match (byte, mode) {
            (_, WordMode::Operation) => {}
            (b'<' | b'>', _) if self.raw(1) == Some(b'(') && mode != WordMode::Regex => {
                self.process_substitution(parts)?;
                return Ok(true);
            }
            (b'(', WordMode::Regex) => *parentheses += 1,
            (b')', WordMode::Regex) if *parentheses > 0 => *parentheses -= 1,
            (b'|', WordMode::Regex) if self.raw(1) != Some(b'|') || *parentheses > 0 => {}
            (b' ' | b'\t' | b'<' | b'>' | b'&' | b';', WordMode::Regex) if *parentheses > 0 => {}
            (b'(', _) if self.extglob || mode == WordMode::Test => return self.extended_pattern(parts),
            _ => return Ok(false),
        }
        self.plain_byte(parts);
        Ok(true)
    }

    /// The parts that every context knows: quotes, escapes, expansions, plain text.
    fn part(&mut self, byte: u8, parts: &mut Parts) -> Parsed<()> {
        match byte {
            b'\\' => self.escape(parts),
            b'\'' => self.single_quotes(parts)?,
            b'"' => self.double_quotes(parts)?,
            b'$' => self.dollar(parts, false)?,
            b'`' => self.backquotes(parts, false)?,
            _ => {
                let rest = self.rest();
                let length = rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len()).max(1);
                self.verbatim(parts, self.pos + length, false);
            }
        }
        Ok(())
    }

    /// Takes the text up to `end` as it stands.
    pub(super) fn verbatim(&mut self, parts: &mut Parts, end: usize, quoted: bool) {
        let start = self.pos;
        parts.literal(&self.text[start..end], quoted);
        self.pieces.push(Piece::Verbatim(start, end));
        self.pos = end;
    }

    fn plain_byte(&mut self, parts: &mut Parts) {
        self.verbatim(parts, self.pos + 1, false);
    }

    /// `\c` outside quotes.
    fn escape(&mut self, parts: &mut Parts) {
        self.bump();
        if self.pos >= self.end {
            // Nothing follows: the shells take the backslash for itself.
            parts.literal("\\", true);
            self.pieces.push(Piece::Verbatim(self.pos - 1, self.pos));
            return;
        }
        let start = self.bump_char();
        let text = &self.text[start..self.pos];
        parts.literal(text, true);
        self.pieces.push(Piece::Decoded(text.to_owned()));
    }

    pub(super) fn single_quotes(&mut self, parts: &mut Parts) -> Parsed<()> {
        let Some(length) = self.text[self.pos + 1..self.end].find('\'') else {
            return self.error("unterminated single quote");
        };
        self.bump();
        self.verbatim(parts, self.pos + length, true);
        self.bump();
        Ok(())
    }

    pub(super) fn double_quotes(&mut self, parts: &mut Parts) -> Parsed<()> {
        let open = self.pos;
        self.bump();
        parts.literal("", true);
        loop {
            match self.peek() {
                None => {
                    self.pos = open;
                    return self.error("unterminated double quote");
                }
                Some(b'"') => {
                    self.bump();
                    return Ok(());
                }
                Some(_) => self.quoted_part(parts, b"\"")?,
            }
        }
    }

    /// One part of double-quoted text (or of a here-document's body); `closers` are the quote bytes that end a run.
    pub(super) fn quoted_part(&mut self, parts: &mut Parts, closers: &[u8]) -> Parsed<()> {
        match self.raw(0) {
            Some(b'$') => self.dollar(parts, true),
            Some(b'`') => self.backquotes(parts, true),
            Some(b'\\') => {
                match self.raw(1) {
                    Some(next) if matches!(next, b'$' | b'`' | b'\\') || closers.contains(&next) => {
                        let text = char::from(next).to_string();
                        parts.literal(&text, true);
                        self.pieces.push(Piece::Decoded(text));
                        self.pos += 2;
                    }
                    _ => self.verbatim(parts, self.pos + 1, true),
                }
                Ok(())
            }
            _ => {
                let special = |byte: &u8| matches!(byte, b'$' | b'`' | b'\\') || closers.contains(byte);
                let rest = self.rest();
                let length = rest.iter().position(special).unwrap_or(rest.len()).max(1);
                self.verbatim(parts, self.pos + length, true);
                Ok(())
            }
        }
    }

    /// `~` or `~user` where a word, or a value after `:`, begins.
    fn tilde(&mut self, parts: &mut Parts, mode: WordMode, start: usize) {
        let after_colon = mode == WordMode::Assignment && self.pos > 0 && self.text.as_bytes()[self.pos - 1] == b':';
        let rest = &self.rest()[1..];
        let login = rest
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+')))
            .unwrap_or(rest.len());
        let ends = rest.get(login).is_none_or(|byte| is_meta(*byte) || matches!(byte, b'/' | b':'));
        if (self.pos == start || after_colon) && ends {
            let end = self.pos + 1 + login;
            parts.0.push(WordPart::Tilde(self.text[self.pos..end].to_owned()));
            self.pieces.push(Piece::Verbatim(self.pos, end));
            self.pos = end;
        } else {
            self.plain_byte(parts);
        }
    }

    /// `*`, `?`, or `[` when a `]` closes it in the same word.
    fn glob(&mut self, byte: u8, parts: &mut Parts) {
        let end = match byte {
            b'[' => match self.bracket_end() {
                Some(end) => end,
                None => return self.plain_byte(parts),
            },
            _ => self.pos + 1,
        };
        parts.0.push(WordPart::Glob(self.text[self.pos..end].to_owned()));
        self.pieces.push(Piece::Verbatim(self.pos, end));
        self.pos = end;
    }

    /// The end of the bracket expression at the cursor: all of it when its members are plain, else only the `[`.
    fn bracket_end(&mut self) -> Option<usize> {
        if self.no_bracket > self.pos {
            return None;
        }
        let bytes = &self.text.as_bytes()[..self.end];
        let mut at = self.pos + 1;
        if matches!(bytes.get(at), Some(b'!' | b'^')) {
            at += 1;
        }
        let first = at;
        let mut plain = true;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b']' if at > first => return Some(if plain { at + 1 } else { self.pos + 1 }),
                b'[' if bytes.get(at + 1) == Some(&b':') => {
                    // `[:alnum:]`: its `]` does not close. Class names are short.
                    let class = bytes[at + 2..].windows(2).take(8).position(|pair| pair == b":]");
                    at += class.map_or(0, |length| length + 3);
                }
                b'\\' | b'\'' | b'"' | b'$' | b'`' => plain = false,
                byte if is_meta(*byte) => break,
                _ => {}
            }
            at += 1;
        }
        self.no_bracket = at;
        None
    }

    /// The end of a brace expansion that begins at the cursor.
    ///
    /// A comma or `..` at its own level makes the braces an expansion; a blank or an operator ends the search. Where an
    /// unclosed brace has a closed one after it only the brace itself is taken: enough to know the word is not static.
    fn brace_end(&mut self) -> Option<usize> {
        if self.no_brace > self.pos {
            return None;
        }
        let bytes = &self.text.as_bytes()[..self.end];
        let mut at = self.pos + 1;
        let mut level = 0_usize;
        let mut list = false;
        let mut inner = false;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'\'' | b'"' => match bytes[at + 1..].iter().position(|other| other == byte) {
                    Some(length) => at += 1 + length,
                    None => break,
                },
                b'$' if matches!(bytes.get(at + 1), Some(b'{')) => {
                    at += 1;
                    level += 1;
                }
                b'{' => level += 1,
                b'}' if level == 0 => return list.then_some(at + 1),
                b'}' => {
                    level -= 1;
                    inner = true;
                }
                b',' if level == 0 => list = true,
                b'.' if level == 0 && bytes.get(at + 1) == Some(&b'.') => list = true,
                byte if is_meta(*byte) || *byte == b'`' => break,
                _ => {}
            }
            at += 1;
        }
        self.no_brace = at;
        inner.then_some(self.pos + 1)
    }

    /// `@(…)`, `!(…)` and the like: the parenthesis after a pattern operator, stepped over as part of the word.
    fn extended_pattern(&mut self, parts: &mut Parts) -> Parsed<bool> {
        let operator = self.pos.checked_sub(1).map(|at| self.text.as_bytes()[at]);
        if !matches!(operator, Some(b'?' | b'*' | b'+' | b'@' | b'!')) {
            return Ok(false);
        }
        let start = self.pos;
        let mut level = 0_usize;
        let mut scratch = Parts::default();
        loop {
            match self.peek() {
                None => return self.error("unterminated extended pattern"),
                Some(b'(') => level += 1,
                Some(b')') => level -= 1,
                Some(byte @ (b'\\' | b'\'' | b'"' | b'$' | b'`')) => {
                    self.part(byte, &mut scratch)?;
                    continue;
                }
                Some(_) => {}
            }
            let from = self.bump_char();
            self.pieces.push(Piece::Verbatim(from, self.pos));
            if level == 0 {
                parts.0.push(WordPart::Glob(self.slice(start, self.pos)));
                return Ok(true);
            }
        }
    }
}
