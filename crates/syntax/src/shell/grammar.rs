//! Lists, pipelines and simple commands.

use std::ops::Range;

use crate::shell::ast::{
    AndOr, AndOrOperator, Assignment, Command, List, ListItem, Pipeline, Redirect, Separator, ShellWord, SimpleCommand,
    WordPart,
};
use crate::shell::expansion::is_name_byte;
use crate::shell::lexer::{WordMode, is_meta};
use crate::shell::parser::{Parsed, Parser};
use crate::source_map::Span;

/// Reserved words that end a list.
const CLOSERS: [&str; 8] = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

/// All reserved words.
const RESERVED: [&str; 21] = [
    "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "select", "function",
    "{", "}", "!", "[[", "coproc", "time", "in",
];

/// Builtins whose arguments may be array assignments.
const DECLARATIONS: [&str; 5] = ["declare", "local", "export", "readonly", "typeset"];

/// A simple command under construction.
#[derive(Debug, Default)]
struct Draft {
    assignments: Vec<Assignment>,
    words: Vec<ShellWord>,
    redirects: Vec<Redirect>,
    /// For each word, its pieces.
    pieces: Vec<Range<usize>>,
}

impl Parser<'_> {
    /// The reserved word at the cursor; empty when there is none.
    pub(super) fn keyword(&mut self) -> &'static str {
        let mark = self.mark();
        let mut text = [0_u8; 9];
        let mut length = 0;
        while let Some(byte) = self.peek()
            && !is_meta(byte)
            && length < text.len()
        {
            text[length] = byte;
            length += 1;
            self.bump();
        }
        self.reset(mark);
        RESERVED.into_iter().find(|word| word.as_bytes() == &text[..length]).unwrap_or("")
    }

    /// Steps over a reserved word that the caller has seen.
    pub(super) fn take_keyword(&mut self, keyword: &str) {
        for _ in 0..keyword.len() {
            self.peek();
            self.bump();
        }
        self.token_end = self.pos;
    }

    /// Steps over the reserved word that must stand here.
    pub(super) fn expect_keyword(&mut self, keyword: &str) -> Parsed<()> {
        self.skip_newlines()?;
        if self.keyword() != keyword {
            return self.error(format!("`{keyword}` expected"));
        }
        self.take_keyword(keyword);
        Ok(())
    }

    /// A list up to something that cannot begin a command. Only `$( )`, `case` arms and whole scripts may be empty.
    pub(super) fn list(&mut self, may_be_empty: bool) -> Parsed<List> {
        let mut items = Vec::new();
        loop {
            self.skip_newlines()?;
            let Some(byte) = self.peek() else { break };
            if byte == b')' || self.looking_at(";;") || self.looking_at(";&") || CLOSERS.contains(&self.keyword()) {
                break;
            }
            let and_or = self.and_or()?;
            let separator = self.separator()?;
            let last = separator.is_none();
            items.push(ListItem { and_or, separator });
            if last {
                break;
            }
        }
        if items.is_empty() && !may_be_empty {
            return self.error("command expected");
        }
        Ok(List { items })
    }

    fn separator(&mut self) -> Parsed<Option<(Separator, Span)>> {
        self.skip_blanks();
        let start = self.pos;
        let kind = match self.peek() {
            Some(b'\n') => {
                self.newline()?;
                return Ok(Some((Separator::Newline, self.span(start, start + 1))));
            }
            Some(b';') if !self.looking_at(";;") && !self.looking_at(";&") => Separator::Semicolon,
            Some(b'&') if !self.looking_at("&&") => Separator::Ampersand,
            _ => return Ok(None),
        };
        self.bump();
        self.token_end = self.pos;
        Ok(Some((kind, self.span(self.pos - 1, self.pos))))
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        self.skip_blanks();
        let start = self.pos;
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let at = self.pos;
            let operator = if self.eat("&&") {
                AndOrOperator::And
            } else if self.eat("||") {
                AndOrOperator::Or
            } else {
                break;
            };
            let place = self.span(at, self.pos);
            self.skip_newlines()?;
            rest.push((operator, place, self.pipeline()?));
        }
        Ok(AndOr { first, rest, span: self.span(start, self.token_end) })
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        self.skip_blanks();
        let start = self.pos;
        let bang = self.pipeline_prefix();
        let mut commands = vec![self.command()?];
        let mut pipes = Vec::new();
        loop {
            self.skip_blanks();
            let at = self.pos;
            if self.looking_at("||") || !(self.eat("|&") || self.eat("|")) {
                break;
            }
            pipes.push(self.span(at, self.pos));
            self.skip_newlines()?;
            commands.push(self.command()?);
        }
        Ok(Pipeline { bang, commands, pipes, span: self.span(start, self.token_end) })
    }

    /// `!`, and `time` before a compound command (before a simple one it is read as a wrapper).
    fn pipeline_prefix(&mut self) -> Option<Span> {
        let mut bang = None;
        loop {
            self.skip_blanks();
            let at = self.pos;
            match self.keyword() {
                "!" => {
                    self.take_keyword("!");
                    bang = Some(self.span(at, self.pos));
                }
                "time" if self.time_before_compound() => {}
                _ => return bang,
            }
        }
    }

    /// Steps over `time [-p]` when a compound command follows.
    fn time_before_compound(&mut self) -> bool {
        let mark = self.mark();
        let token_end = self.token_end;
        self.take_keyword("time");
        self.skip_blanks();
        if self.looking_at("-p ") {
            self.pos += 2;
            self.skip_blanks();
        }
        if self.raw(0) == Some(b'(') || !matches!(self.keyword(), "" | "time" | "in") {
            return true;
        }
        self.reset(mark);
        self.token_end = token_end;
        false
    }

    pub(super) fn command(&mut self) -> Parsed<Command> {
        self.skip_blanks();
        if self.raw(0) == Some(b'(') {
            return self.deeper(Self::parenthesis).map(Command::Compound);
        }
        match self.keyword() {
            "" | "time" | "in" => self.simple_or_function(),
            keyword => self.deeper(|parser| parser.compound(keyword)).map(Command::Compound),
        }
    }

    fn simple_or_function(&mut self) -> Parsed<Command> {
        let start = self.pos;
        let nested = std::mem::take(&mut self.nested);
        let pieces = std::mem::take(&mut self.pieces);
        let mut draft = Draft::default();
        while self.simple_part(&mut draft)? {
            let alone = draft.words.len() == 1 && draft.assignments.is_empty() && draft.redirects.is_empty();
            if alone && self.raw(0) == Some(b'(') {
                let name = draft.words.pop().map(|word| word.text).unwrap_or_default();
                if self.substitution == 0 {
                    self.words.pop();
                }
                let function = self.deeper(|parser| parser.function_after_name(start, name))?;
                (self.nested, self.pieces) = (nested, pieces);
                return Ok(Command::Compound(function));
            }
        }
        if draft.words.is_empty() && draft.assignments.is_empty() && draft.redirects.is_empty() {
            return self.error("command expected");
        }
        let span = self.span(start, self.token_end);
        let mut command = SimpleCommand {
            id: 0,
            assignments: draft.assignments,
            words: draft.words,
            redirects: draft.redirects,
            wrappers: Vec::new(),
            name_index: 0,
            nested: std::mem::replace(&mut self.nested, nested),
            span,
        };
        let own = std::mem::replace(&mut self.pieces, pieces);
        self.look_inside(&mut command, &draft.pieces, &own);
        Ok(Command::Simple(command))
    }

    /// One assignment, redirection or word; false when the command has ended.
    fn simple_part(&mut self, draft: &mut Draft) -> Parsed<bool> {
        self.skip_blanks();
        let Some(byte) = self.peek() else { return Ok(false) };
        if let Some(redirect) = self.redirect()? {
            draft.redirects.push(redirect);
        } else if !self.starts_word(byte) {
            return Ok(false);
        } else if draft.words.is_empty()
            && let Some(assignment) = self.assignment()?
        {
            draft.assignments.push(assignment);
        } else {
            let from = self.pieces.len();
            let declares = draft.words.first().is_some_and(|name| DECLARATIONS.contains(&name.text.as_str()));
            let word = if declares { self.declaration()? } else { self.word(WordMode::Argument)? };
            draft.words.push(word);
            draft.pieces.push(from..self.pieces.len());
        }
        self.skip_blanks();
        Ok(true)
    }

    /// `NAME=`, `NAME+=` or `NAME[…]=` at the cursor: the name and whether it appends. The cursor is left after `=`.
    fn assignment_head(&mut self) -> Option<(String, bool)> {
        let mark = self.mark();
        if !self.peek().is_some_and(|byte| is_name_byte(byte) && !byte.is_ascii_digit()) {
            return None;
        }
        let name = self.name();
        if self.peek() == Some(b'[') && !self.subscript() {
            self.reset(mark);
            return None;
        }
        let append = self.peek() == Some(b'+') && self.raw(1) == Some(b'=');
        if append {
            self.bump();
        }
        if self.peek() != Some(b'=') {
            self.reset(mark);
            return None;
        }
        self.bump();
        self.token_end = self.pos;
        Some((name, append))
    }

    /// Steps over `[…]`; false when it does not end in the same word.
    fn subscript(&mut self) -> bool {
        let mut level = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'[' => level += 1,
                b']' => level -= 1,
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'\'' | b'"' | b'`' => return false,
                _ => {}
            }
            self.bump_char();
            if level == 0 {
                return true;
            }
        }
        false
    }

    fn assignment(&mut self) -> Parsed<Option<Assignment>> {
        let start = self.pos;
        let Some((name, append)) = self.assignment_head() else { return Ok(None) };
        let mut array = Vec::new();
        let value = if self.peek() == Some(b'(') {
            array = self.array()?;
            None
        } else {
            Some(self.word(WordMode::Assignment)?)
        };
        Ok(Some(Assignment { name, value, append, array, span: self.span(start, self.token_end) }))
    }

    /// `( word … )`, the cursor on the parenthesis.
    fn array(&mut self) -> Parsed<Vec<ShellWord>> {
        self.bump();
        let mut words = Vec::new();
        loop {
            self.skip_newlines()?;
            match self.peek() {
                Some(b')') => break,
                Some(byte) if self.starts_word(byte) => {
                    words.push(self.uncounted(|parser| parser.word(WordMode::Argument))?);
                }
                _ => return self.error("unterminated array"),
            }
        }
        self.bump();
        self.token_end = self.pos;
        Ok(words)
    }

    /// An argument of `export` and the like, which may be `NAME=(…)`.
    fn declaration(&mut self) -> Parsed<ShellWord> {
        let start = self.pos;
        let mark = self.mark();
        if self.assignment_head().is_none() || self.peek() != Some(b'(') {
            self.reset(mark);
            return self.word(WordMode::Argument);
        }
        let mut parts = vec![WordPart::Literal { text: self.slice(start, self.pos), quoted: false }];
        parts.extend(self.array()?.into_iter().flat_map(|word| word.parts));
        // Never a static string, whatever its elements.
        parts.push(WordPart::Glob(String::new()));
        let end = self.pos;
        Ok(ShellWord { text: self.slice(start, end), parts, span: self.span(start, end) })
    }

    /// Runs `inner` without counting its words among the arguments.
    pub(super) fn uncounted<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.substitution += 1;
        let result = inner(self);
        self.substitution -= 1;
        result
    }
}
