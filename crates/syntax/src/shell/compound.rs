//! Compound commands and functions.

use crate::shell::ast::{
    AndOr, Compound, CompoundKind, Dialect, List, ListItem, ListRole, Nested, Pipeline, Redirect, ShellWord,
};
use crate::shell::lexer::{WordMode, is_meta};
use crate::shell::parser::{Parsed, Parser};

/// A compound command under construction.
struct Draft {
    kind: CompoundKind,
    start: usize,
    lists: Vec<(ListRole, List)>,
    words: Vec<ShellWord>,
    name: Option<String>,
    /// Scripts of the command around it.
    outer: Vec<Nested>,
}

impl Draft {
    fn list(&mut self, role: ListRole, list: List) {
        self.lists.push((role, list));
    }
}

impl Parser<'_> {
    fn draft(&mut self, kind: CompoundKind, start: usize) -> Draft {
        let outer = std::mem::take(&mut self.nested);
        Draft { kind, start, lists: Vec::new(), words: Vec::new(), name: None, outer }
    }

    /// Reads the redirections after a compound command and closes it.
    fn finish(&mut self, draft: Draft) -> Parsed<Compound> {
        let mut redirects: Vec<Redirect> = Vec::new();
        loop {
            self.skip_blanks();
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => break,
            }
        }
        Ok(Compound {
            kind: draft.kind,
            lists: draft.lists,
            words: draft.words,
            redirects,
            nested: std::mem::replace(&mut self.nested, draft.outer),
            name: draft.name,
            span: self.span(draft.start, self.token_end),
        })
    }

    /// `( … )` or `(( … ))`. The shells called `sh` on Debian and Alpine have no `((`: to them it is two subshells.
    pub(super) fn parenthesis(&mut self) -> Parsed<Compound> {
        let start = self.pos;
        let mut draft = self.draft(CompoundKind::Arithmetic, start);
        if *self.dialect == Dialect::Bash && self.looking_at("((") && self.arithmetic_command()? {
            return self.finish(draft);
        }
        draft.kind = CompoundKind::Subshell;
        self.bump();
        draft.list(ListRole::Body, self.list(false)?);
        if !self.eat(")") {
            return self.error("`)` expected");
        }
        self.finish(draft)
    }

    /// `((…))`; false, and nothing read, when it is a subshell in a subshell.
    fn arithmetic_command(&mut self) -> Parsed<bool> {
        let mark = self.mark();
        self.pos += 2;
        let from = self.pos;
        if !self.skip_arithmetic("))") {
            self.reset(mark);
            return Ok(false);
        }
        let to = self.pos;
        self.reset(mark);
        self.uncounted(|parser| parser.scripts_within(from, to))?;
        self.pos = to + 2;
        self.token_end = self.pos;
        Ok(true)
    }

    /// The compound command that begins with a reserved word.
    pub(super) fn compound(&mut self, keyword: &'static str) -> Parsed<Compound> {
        let start = self.pos;
        match keyword {
            "{" => self.brace_group(start),
            "if" => self.if_command(start),
            "while" => self.loop_command(CompoundKind::While, start),
            "until" => self.loop_command(CompoundKind::Until, start),
            "for" => self.for_command(CompoundKind::For, start),
            "select" => self.for_command(CompoundKind::Select, start),
            "case" => self.case_command(start),
            "function" => self.function_keyword(start),
            "[[" => self.test_command(start),
            "coproc" => self.coproc(start),
            _ => self.error(format!("unexpected `{keyword}`")),
        }
    }

    fn brace_group(&mut self, start: usize) -> Parsed<Compound> {
        let mut draft = self.draft(CompoundKind::Brace, start);
        draft.list(ListRole::Body, self.list_between("{", "}")?);
        self.finish(draft)
    }

    /// `open list close`, the cursor on `open`.
    fn list_between(&mut self, open: &str, close: &str) -> Parsed<List> {
        self.expect_keyword(open)?;
        let list = self.list(false)?;
        self.expect_keyword(close)?;
        Ok(list)
    }

    fn if_command(&mut self, start: usize) -> Parsed<Compound> {
        let mut draft = self.draft(CompoundKind::If, start);
        self.take_keyword("if");
        loop {
            draft.list(ListRole::Condition, self.list(false)?);
            self.expect_keyword("then")?;
            draft.list(ListRole::Body, self.list(false)?);
            match self.keyword() {
                "elif" => self.take_keyword("elif"),
                "else" => {
                    self.take_keyword("else");
                    draft.list(ListRole::Body, self.list(false)?);
                    break;
                }
                _ => break,
            }
        }
        self.expect_keyword("fi")?;
        self.finish(draft)
    }

    fn loop_command(&mut self, kind: CompoundKind, start: usize) -> Parsed<Compound> {
        let mut draft = self.draft(kind, start);
        // `until` is as long as `while`.
        self.take_keyword("while");
        draft.list(ListRole::Condition, self.list(false)?);
        draft.list(ListRole::LoopBody, self.list_between("do", "done")?);
        self.finish(draft)
    }

    fn for_command(&mut self, kind: CompoundKind, start: usize) -> Parsed<Compound> {
        let mut draft = self.draft(kind, start);
        self.take_keyword(if kind == CompoundKind::For { "for" } else { "select" });
        self.skip_blanks();
        if self.looking_at("((") {
            draft.kind = CompoundKind::ArithmeticFor;
            if !self.arithmetic_command()? {
                return self.error("unterminated `((`");
            }
            self.skip_blanks();
            self.eat(";");
        } else {
            self.for_words(&mut draft)?;
        }
        self.skip_newlines()?;
        let body = if self.keyword() == "{" { self.list_between("{", "}") } else { self.list_between("do", "done") };
        draft.list(ListRole::LoopBody, body?);
        self.finish(draft)
    }

    /// `NAME [in word …]` up to the body.
    fn for_words(&mut self, draft: &mut Draft) -> Parsed<()> {
        let name = self.name();
        if name.is_empty() {
            return self.error("name expected");
        }
        draft.name = Some(name);
        self.token_end = self.pos;
        self.skip_newlines()?;
        if self.keyword() != "in" {
            self.eat(";");
            return Ok(());
        }
        self.take_keyword("in");
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'\n') => return self.newline(),
                Some(b';') => {
                    self.bump();
                    return Ok(());
                }
                Some(byte) if self.starts_word(byte) => draft.words.push(self.word(WordMode::Argument)?),
                _ => return self.error("`do` expected"),
            }
        }
    }

    fn case_command(&mut self, start: usize) -> Parsed<Compound> {
        let mut draft = self.draft(CompoundKind::Case, start);
        self.take_keyword("case");
        self.skip_blanks();
        match self.peek() {
            Some(byte) if self.starts_word(byte) => draft.words.push(self.word(WordMode::Argument)?),
            _ => return self.error("word expected after `case`"),
        }
        self.expect_keyword("in")?;
        loop {
            self.skip_newlines()?;
            if self.keyword() == "esac" {
                break;
            }
            self.patterns(&mut draft.words)?;
            draft.list(ListRole::Body, self.list(true)?);
            self.skip_newlines()?;
            if !(self.eat(";;&") || self.eat(";;") || self.eat(";&")) {
                break;
            }
        }
        self.expect_keyword("esac")?;
        self.finish(draft)
    }

    /// `[(] pattern [| pattern]… )`
    fn patterns(&mut self, words: &mut Vec<ShellWord>) -> Parsed<()> {
        self.eat("(");
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(byte) if self.starts_word(byte) => words.push(self.word(WordMode::Argument)?),
                _ => return self.error("pattern expected"),
            }
            self.skip_blanks();
            if self.eat(")") {
                return Ok(());
            }
            if !self.eat("|") {
                return self.error("`)` expected after a pattern");
            }
        }
    }

    /// `[[ … ]]`
    fn test_command(&mut self, start: usize) -> Parsed<Compound> {
        let mut draft = self.draft(CompoundKind::Test, start);
        self.take_keyword("[[");
        self.uncounted(|parser| parser.test_words(&mut draft.words))?;
        self.finish(draft)
    }

    /// Words up to `]]`, which is stepped over.
    fn test_words(&mut self, words: &mut Vec<ShellWord>) -> Parsed<()> {
        let mut mode = WordMode::Test;
        loop {
            self.skip_newlines()?;
            if self.looking_at("]]") && self.raw(2).is_none_or(is_meta) {
                self.take_keyword("]]");
                return Ok(());
            }
            let test = mode == WordMode::Test;
            if test && ["&&", "||", "(", ")"].into_iter().any(|operator| self.eat(operator)) {
                continue;
            }
            match self.peek() {
                Some(b'<' | b'>') if test && self.raw(1) != Some(b'(') => {
                    self.bump();
                    continue;
                }
                Some(byte) if self.starts_word(byte) || (byte == b'(' && !test) => {}
                _ => return self.error("`]]` expected"),
            }
            let word = self.word(mode)?;
            mode = if test && word.text == "=~" { WordMode::Regex } else { WordMode::Test };
            words.push(word);
        }
    }

    fn function_keyword(&mut self, start: usize) -> Parsed<Compound> {
        self.take_keyword("function");
        self.skip_blanks();
        let name = match self.peek() {
            Some(byte) if self.starts_word(byte) => self.uncounted(|parser| parser.word(WordMode::Argument))?.text,
            _ => return self.error("function name expected"),
        };
        self.skip_blanks();
        self.function_after_name(start, name)
    }

    /// `()` (optional after `function`) and the body.
    pub(super) fn function_after_name(&mut self, start: usize, name: String) -> Parsed<Compound> {
        let mut draft = self.draft(CompoundKind::Function, start);
        draft.name = Some(name);
        if self.eat("(") {
            self.skip_blanks();
            if !self.eat(")") {
                return self.error("`)` expected in a function definition");
            }
        }
        self.skip_newlines()?;
        draft.list(ListRole::FunctionBody, self.single_command_list()?);
        self.finish(draft)
    }

    fn coproc(&mut self, start: usize) -> Parsed<Compound> {
        let mut draft = self.draft(CompoundKind::Coproc, start);
        self.take_keyword("coproc");
        self.skip_blanks();
        if self.keyword().is_empty() {
            // `coproc NAME { …; }`: a name only when a compound command follows.
            let mark = self.mark();
            let name = self.name();
            self.skip_blanks();
            let compound = self.raw(0) == Some(b'(') || !matches!(self.keyword(), "" | "time" | "in" | "!");
            if !name.is_empty() && compound {
                draft.name = Some(name);
            } else {
                self.reset(mark);
            }
        }
        draft.list(ListRole::Body, self.single_command_list()?);
        self.finish(draft)
    }

    /// One command as a list.
    fn single_command_list(&mut self) -> Parsed<List> {
        self.skip_blanks();
        let start = self.pos;
        let command = self.command()?;
        let span = self.span(start, self.token_end);
        let pipeline = Pipeline { bang: None, commands: vec![command], pipes: Vec::new(), span };
        let and_or = AndOr { first: pipeline, rest: Vec::new(), span };
        Ok(List { items: vec![ListItem { and_or, separator: None }] })
    }
}
