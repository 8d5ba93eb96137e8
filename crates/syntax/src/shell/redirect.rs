//! Redirections and here-documents.

use crate::shell::ast::{Redirect, ShellWord};
use crate::shell::lexer::{WordMode, is_meta};
use crate::shell::parser::{HeredocBody, Parsed, Parser, PendingHeredoc, Piece};

/// Longest first.
const OPERATORS: [&str; 12] = ["&>>", "<<<", "<<-", "&>", ">>", ">&", ">|", "<<", "<&", "<>", ">", "<"];

impl Parser<'_> {
    /// A redirection, if one begins at the cursor (blanks already stepped over).
    pub(super) fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let mark = self.mark();
        self.peek();
        let start = self.pos;
        let (fd, described) = self.descriptor();
        let Some(operator) = self.redirect_operator(described) else {
            self.reset(mark);
            return Ok(None);
        };
        self.pos += operator.len();
        self.token_end = self.pos;
        self.skip_blanks();
        let target = match self.peek() {
            Some(byte) if self.starts_word(byte) => self.uncounted(|parser| parser.word(WordMode::Argument))?,
            _ => return self.error("redirection without a target"),
        };
        let heredoc = operator == "<<" || operator == "<<-";
        let body = heredoc.then(|| self.open_heredoc(&target, operator == "<<-"));
        Ok(Some(Redirect {
            operator: operator.to_owned(),
            fd,
            target: Some(target),
            heredoc: None,
            heredoc_span: None,
            span: self.span(start, self.token_end),
            body,
        }))
    }

    /// `2` in `2>` or `{name}` in `{name}>`: the number, and whether there was any.
    fn descriptor(&mut self) -> (Option<u32>, bool) {
        let rest = self.rest();
        let digits = rest.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 && matches!(rest.get(digits), Some(b'<' | b'>')) {
            let fd = self.text[self.pos..self.pos + digits].parse().ok();
            self.pos += digits;
            return (fd, true);
        }
        if rest.first() == Some(&b'{') {
            let in_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
            let name = rest[1..].iter().take(64).take_while(in_name).count();
            if name > 0 && rest.get(name + 1) == Some(&b'}') && matches!(rest.get(name + 2), Some(b'<' | b'>')) {
                self.pos += name + 2;
                return (None, true);
            }
        }
        (None, false)
    }

    fn redirect_operator(&mut self, described: bool) -> Option<&'static str> {
        let found = OPERATORS.into_iter().find(|operator| self.looking_at(operator))?;
        let process = matches!(found, "<" | ">") && self.raw(1) == Some(b'(') && !described;
        (!process).then_some(found)
    }

    /// Whether a word begins with this byte at the cursor.
    pub(super) fn starts_word(&self, byte: u8) -> bool {
        match byte {
            b'<' | b'>' => self.raw(1) == Some(b'('),
            _ => !is_meta(byte),
        }
    }

    fn open_heredoc(&mut self, target: &ShellWord, strip_tabs: bool) -> usize {
        let quoted = target.text.contains(['\'', '"', '\\']);
        let delimiter = unquoted(&target.text);
        let index = self.bodies.len();
        self.bodies.push(HeredocBody { strip_tabs, ..HeredocBody::default() });
        self.pending.push(PendingHeredoc { index, delimiter, strip_tabs, quoted });
        index
    }

    /// Reads the bodies of the here-documents opened on the line before the cursor.
    pub(super) fn heredoc_bodies(&mut self) -> Parsed<()> {
        for heredoc in std::mem::take(&mut self.pending) {
            let start = self.pos;
            let end = self.find_terminator(&heredoc)?;
            let after = self.pos;
            if heredoc.quoted {
                self.bodies[heredoc.index].pieces = vec![Piece::Verbatim(start, end)];
            } else {
                let outer = std::mem::take(&mut self.nested);
                let token_end = self.token_end;
                self.substitution += 1;
                let pieces = self.deeper(|parser| parser.scripts_within(start, end))?;
                self.substitution -= 1;
                let body = &mut self.bodies[heredoc.index];
                body.nested = std::mem::replace(&mut self.nested, outer);
                body.pieces = pieces;
                self.token_end = token_end;
                self.pos = after;
            }
            let body = &mut self.bodies[heredoc.index];
            (body.start, body.end) = (start, end);
        }
        Ok(())
    }

    /// The end of the body that begins at the cursor; leaves the cursor after the terminator's line.
    fn find_terminator(&mut self, heredoc: &PendingHeredoc) -> Parsed<usize> {
        let mut joined = false;
        while self.pos < self.end {
            let start = self.pos;
            let rest = &self.text[start..self.end];
            let (line, next) = match rest.find('\n') {
                Some(length) => (&rest[..length], start + length + 1),
                None => (rest, self.end),
            };
            let bare = if heredoc.strip_tabs { line.trim_start_matches('\t') } else { line };
            self.pos = next;
            if !joined && bare == heredoc.delimiter {
                return Ok(start);
            }
            // In an unquoted body a backslash before the line end glues the next line on: that is no terminator.
            let backslashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
            joined = !heredoc.quoted && backslashes % 2 == 1;
        }
        self.error(format!("here-document without its end `{}`", heredoc.delimiter))
    }
}

/// A here-document's delimiter without its quotes.
fn unquoted(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if quote != Some('\'') => plain.extend(characters.next()),
            '\'' | '"' if quote.is_none() => quote = Some(character),
            _ if quote == Some(character) => quote = None,
            _ => plain.push(character),
        }
    }
    plain
}
