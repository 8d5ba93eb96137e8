//! Expansions inside words: parameters, command and process substitution, arithmetic.

use crate::shell::ast::{Nested, NestedKind, WordPart};
use crate::shell::lexer::{Parts, WordMode};
use crate::shell::parser::{MAX_DEPTH, Parsed, Parser, Piece};
use crate::shell::text::TextBuilder;

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_special_parameter(byte: u8) -> bool {
    matches!(byte, b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')
}

impl Parser<'_> {
    /// What begins with `$`.
    pub(super) fn dollar(&mut self, parts: &mut Parts, quoted: bool) -> Parsed<()> {
        let start = self.pos;
        self.bump();
        match self.peek() {
            Some(b'(') => {
                if self.looking_at("((") && self.arithmetic(parts, "((", "))")? {
                    return Ok(());
                }
                self.command_substitution(parts, quoted)
            }
            Some(b'[') => {
                if self.arithmetic(parts, "[", "]")? {
                    return Ok(());
                }
                self.error("unterminated `$[`")
            }
            Some(b'{') => self.deeper(|parser| parser.braced_parameter(parts, start, quoted)),
            Some(b'\'') if !quoted => self.ansi_quotes(parts),
            Some(b'"') if !quoted => self.double_quotes(parts),
            Some(byte) if is_name_start(byte) => {
                let name = self.name();
                self.parameter(parts, start, name, String::new(), quoted);
                Ok(())
            }
            Some(byte) if byte.is_ascii_digit() || is_special_parameter(byte) => {
                self.bump();
                self.parameter(parts, start, char::from(byte).to_string(), String::new(), quoted);
                Ok(())
            }
            _ => {
                parts.literal("$", quoted);
                self.pieces.push(Piece::Verbatim(start, start + 1));
                Ok(())
            }
        }
    }

    fn parameter(&mut self, parts: &mut Parts, start: usize, name: String, operation: String, quoted: bool) {
        parts.0.push(WordPart::Parameter { name, operation, quoted });
        self.pieces.push(Piece::Verbatim(start, self.pos));
    }

    /// A variable name; the cursor stands on its first byte.
    pub(super) fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(byte) = self.peek()
            && is_name_byte(byte)
        {
            name.push(char::from(byte));
            self.bump();
        }
        name
    }

    /// `${…}`, the cursor on `{`.
    fn braced_parameter(&mut self, parts: &mut Parts, start: usize, quoted: bool) -> Parsed<()> {
        self.bump();
        let mut name = String::new();
        if let Some(prefix @ (b'#' | b'!')) = self.peek()
            && self.raw(1).is_some_and(|next| is_name_byte(next) || matches!(next, b'@' | b'*'))
        {
            name.push(char::from(prefix));
            self.bump();
        }
        match self.peek() {
            Some(byte) if is_name_byte(byte) => name += &self.name(),
            Some(byte) if is_special_parameter(byte) => {
                name.push(char::from(byte));
                self.bump();
            }
            _ => return self.error("bad parameter expansion"),
        }
        let from = self.pos;
        let kept = self.pieces.len();
        self.operation(quoted)?;
        self.pieces.truncate(kept);
        let operation = self.slice(from, self.pos);
        self.bump();
        self.parameter(parts, start, name, operation, quoted);
        Ok(())
    }

    /// Steps to the `}` that ends a parameter expansion; keeps the scripts found on the way.
    fn operation(&mut self, quoted: bool) -> Parsed<()> {
        let operator = match self.peek() {
            Some(b':') => self.raw(1),
            other => other,
        };
        // In double quotes `'` is an ordinary character, except in patterns.
        let quotes_quote = !quoted || !matches!(operator, Some(b'-' | b'+' | b'=' | b'?'));
        let mut scratch = Parts::default();
        loop {
            match self.peek() {
                None => return self.error("unterminated `${`"),
                Some(b'}') => return Ok(()),
                Some(b'"') => self.double_quotes(&mut scratch)?,
                Some(b'\'') if quotes_quote => self.single_quotes(&mut scratch)?,
                Some(b'$') => self.dollar(&mut scratch, quoted)?,
                Some(b'`') => self.backquotes(&mut scratch, quoted)?,
                Some(b'\\') => {
                    self.bump();
                    self.bump_char();
                }
                Some(_) => {
                    self.bump_char();
                }
            }
        }
    }

    /// `$( )`, the cursor on `(`.
    fn command_substitution(&mut self, parts: &mut Parts, quoted: bool) -> Parsed<()> {
        let nested = self.substituted_list(NestedKind::Substitution)?;
        parts.0.push(WordPart::CommandSubstitution { nested: Some(nested), quoted });
        self.pieces.push(Piece::Unknown);
        Ok(())
    }

    /// `<( )` or `>( )`, the cursor on its first byte.
    pub(super) fn process_substitution(&mut self, parts: &mut Parts) -> Parsed<()> {
        self.bump();
        self.substituted_list(NestedKind::Process)?;
        parts.0.push(WordPart::Process);
        self.pieces.push(Piece::Unknown);
        Ok(())
    }

    /// `( list )` inside a word; gives the index of the new script in `nested`.
    fn substituted_list(&mut self, kind: NestedKind) -> Parsed<usize> {
        self.bump();
        let start = self.pos;
        let nested = std::mem::take(&mut self.nested);
        let pieces = std::mem::take(&mut self.pieces);
        let pending = std::mem::take(&mut self.pending);
        self.substitution += 1;
        let list = self.deeper(|parser| parser.list(true))?;
        self.substitution -= 1;
        if self.peek() != Some(b')') {
            return self.error("unexpected token in a substitution");
        }
        if !self.pending.is_empty() {
            return self.error("here-document without a body in a substitution");
        }
        let script = self.script_at(start, self.pos, list);
        self.substitutions.push(start..self.pos);
        self.bump();
        self.nested = nested;
        self.pieces = pieces;
        self.pending = pending;
        self.nested.push(Nested { kind, script });
        Ok(self.nested.len() - 1)
    }

    /// `` `…` ``: the text between is unescaped and is a script of its own.
    pub(super) fn backquotes(&mut self, parts: &mut Parts, quoted: bool) -> Parsed<()> {
        let open = self.pos;
        self.bump();
        let mut inner = TextBuilder::default();
        let mut from = self.pos;
        loop {
            match self.peek() {
                None => {
                    self.pos = open;
                    return self.error("unterminated backquote");
                }
                Some(b'`') => break,
                Some(b'\\') => match self.raw(1) {
                    Some(next) if matches!(next, b'$' | b'`' | b'\\') || (quoted && next == b'"') => {
                        self.copy_text(&mut inner, from, self.pos);
                        inner.insert(&char::from(next).to_string());
                        self.pos += 2;
                        from = self.pos;
                    }
                    _ => self.bump(),
                },
                Some(_) => {
                    self.bump_char();
                }
            }
        }
        self.copy_text(&mut inner, from, self.pos);
        self.bump();
        let script = crate::shell::script::nested_script(inner, self.dialect, self.depth);
        self.nested.push(Nested { kind: NestedKind::Substitution, script });
        parts.0.push(WordPart::CommandSubstitution { nested: Some(self.nested.len() - 1), quoted });
        self.pieces.push(Piece::Unknown);
        Ok(())
    }

    /// Copies `start..end` without continuations.
    pub(super) fn copy_text(&self, target: &mut TextBuilder, start: usize, end: usize) {
        let next = self.continuations.partition_point(|at| *at < start);
        let mut from = start;
        for at in self.continuations[next..].iter().take_while(|at| **at < end) {
            target.copy(self.text, self.map, from, *at);
            from = at + 2;
        }
        target.copy(self.text, self.map, from.min(end), end);
    }

    /// `$((…))` or `$[…]`, the cursor on the bracket; false, and nothing read, when it does not end as arithmetic does.
    fn arithmetic(&mut self, parts: &mut Parts, open: &str, close: &str) -> Parsed<bool> {
        let mark = self.mark();
        self.pos += open.len();
        let from = self.pos;
        if !self.skip_arithmetic(close) {
            self.reset(mark);
            return Ok(false);
        }
        let to = self.pos;
        // What was stepped over is read again: its continuations must not be noted twice.
        self.reset(mark);
        self.deeper(|parser| parser.scripts_within(from, to))?;
        self.pos = to + close.len();
        parts.0.push(WordPart::Arithmetic);
        self.pieces.push(Piece::Unknown);
        Ok(true)
    }

    /// Steps to `close` at the outermost level; false when the first bracket that closes is not followed by the second.
    pub(super) fn skip_arithmetic(&mut self, close: &str) -> bool {
        let closing = close.as_bytes()[0];
        let opening = if closing == b')' { b'(' } else { b'[' };
        let mut level = 0_usize;
        while let Some(byte) = self.peek() {
            if byte == closing {
                if level == 0 {
                    return self.looking_at(close);
                }
                level -= 1;
            } else if byte == opening {
                level += 1;
                if level > MAX_DEPTH {
                    return false;
                }
            } else if byte == b'\\' {
                self.bump();
            } else if matches!(byte, b'\'' | b'"') {
                let rest = &self.rest()[1..];
                match rest.iter().position(|other| *other == byte) {
                    Some(length) => self.pos += length + 1,
                    None => return false,
                }
            }
            self.bump_char();
        }
        false
    }

    /// Reads `from..to` as double-quoted text is read, for the scripts in it; gives the text's pieces. The cursor is left
    /// at `to`.
    pub(super) fn scripts_within(&mut self, from: usize, to: usize) -> Parsed<Vec<Piece>> {
        let outer_end = std::mem::replace(&mut self.end, to);
        let kept = self.pieces.len();
        self.pos = from;
        let mut scratch = Parts::default();
        while self.peek().is_some() {
            self.quoted_part(&mut scratch, b"")?;
        }
        self.end = outer_end;
        self.pos = to;
        Ok(self.pieces.split_off(kept))
    }

    /// `$'…'`, the cursor on the quote.
    fn ansi_quotes(&mut self, parts: &mut Parts) -> Parsed<()> {
        self.bump();
        let mut value = String::new();
        loop {
            match self.raw(0) {
                None => return self.error("unterminated `$'`"),
                Some(b'\'') => break,
                Some(b'\\') => {
                    self.bump();
                    self.ansi_escape(&mut value);
                }
                Some(_) => {
                    let from = self.bump_char();
                    value.push_str(&self.text[from..self.pos]);
                }
            }
        }
        self.bump();
        parts.literal(&value, true);
        self.pieces.push(Piece::Decoded(value));
        Ok(())
    }

    /// What follows a backslash inside `$'…'`.
    fn ansi_escape(&mut self, value: &mut String) {
        if self.pos >= self.end {
            return;
        }
        let from = self.bump_char();
        let kind = &self.text[from..self.pos];
        let plain = match kind {
            "n" => '\n',
            "t" => '\t',
            "r" => '\r',
            "a" => '\u{7}',
            "b" => '\u{8}',
            "e" | "E" => '\u{1b}',
            "f" => '\u{c}',
            "v" => '\u{b}',
            "\\" | "'" | "\"" | "?" => kind.chars().next().unwrap_or('\\'),
            "x" => return self.numeric_escape(value, 16, 2),
            "u" => return self.numeric_escape(value, 16, 4),
            "U" => return self.numeric_escape(value, 16, 8),
            "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" => {
                self.pos = from;
                return self.numeric_escape(value, 8, 3);
            }
            _ => {
                value.push('\\');
                value.push_str(kind);
                return;
            }
        };
        value.push(plain);
    }

    fn numeric_escape(&mut self, value: &mut String, radix: u32, most: usize) {
        let mut number = 0_u32;
        for _ in 0..most {
            let Some(digit) = self.raw(0).and_then(|byte| char::from(byte).to_digit(radix)) else { break };
            number = number.wrapping_mul(radix).wrapping_add(digit);
            self.bump();
        }
        // A byte above 127 need not be a character; such a value is never used as text.
        value.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    /// All parts of a parameter operation's word, read as a text of its own.
    pub(super) fn operation_parts(&mut self) -> Parsed<Vec<WordPart>> {
        let mut parts = Parts::default();
        self.word_parts(&mut parts, WordMode::Operation)?;
        Ok(parts.0)
    }
}
