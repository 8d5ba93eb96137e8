//! One instruction with all its parts.

use std::fmt;

use text_size::{TextRange, TextSize};

use crate::lex::{NoVariables, Options, lex};
use crate::lines::go_lower;
use crate::source_map::SourceMap;

/// One Dockerfile instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Which instruction.
    pub keyword: Keyword,
    /// The keyword as written.
    pub keyword_range: TextRange,
    /// From the keyword to the last byte of the instruction, the last heredoc's terminator included; without the final
    /// line ending.
    pub range: TextRange,
    /// First line, from 1.
    pub start_line: u32,
    /// Last line, from 1, as BuildKit counts it (heredocs included).
    pub end_line: u32,
    /// The instruction's logical line as BuildKit joins it: continuations glued, comment and blank lines left out,
    /// heredoc bodies not included. Starts with the keyword.
    pub joined: String,
    /// From `joined` to the source.
    pub joined_map: SourceMap,
    /// `--name=value` flags before the arguments.
    pub flags: Vec<Flag>,
    /// Heredocs opened on the logical line, in order. Those behind `ONBUILD RUN`, `COPY` and `ADD` belong to the inner
    /// instruction.
    pub heredocs: Vec<Heredoc>,
    /// What follows the flags.
    pub arguments: Arguments,
}

impl Instruction {
    /// The first flag of that name.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// The stage or image that `--from` of a COPY names.
    #[must_use]
    pub fn from_flag(&self) -> Option<&Word> {
        self.flag("from")?.value.as_ref()
    }

    /// The sources of COPY and ADD and, behind them, the destination; nothing for other instructions. Heredoc openers
    /// are among the sources.
    #[must_use]
    pub fn operands(&self) -> Vec<Operand<'_>> {
        match &self.arguments {
            Arguments::Transfer(Transfer::Plain(words)) => words.iter().map(Operand::of_word).collect(),
            Arguments::Transfer(Transfer::Json(strings)) => strings.iter().map(Operand::of_string).collect(),
            _ => Vec::new(),
        }
    }

    /// What COPY and ADD take.
    #[must_use]
    pub fn sources(&self) -> Vec<Operand<'_>> {
        let mut operands = self.operands();
        operands.pop();
        operands
    }

    /// Where COPY and ADD put it.
    #[must_use]
    pub fn destination(&self) -> Option<Operand<'_>> {
        self.operands().pop()
    }
}

/// The instruction keywords of the Docker reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Keyword {
    /// `ADD`
    Add,
    /// `ARG`
    Arg,
    /// `CMD`
    Cmd,
    /// `COPY`
    Copy,
    /// `ENTRYPOINT`
    Entrypoint,
    /// `ENV`
    Env,
    /// `EXPOSE`
    Expose,
    /// `FROM`
    From,
    /// `HEALTHCHECK`
    Healthcheck,
    /// `LABEL`
    Label,
    /// `MAINTAINER`
    Maintainer,
    /// `ONBUILD`
    Onbuild,
    /// `RUN`
    Run,
    /// `SHELL`
    Shell,
    /// `STOPSIGNAL`
    Stopsignal,
    /// `USER`
    User,
    /// `VOLUME`
    Volume,
    /// `WORKDIR`
    Workdir,
}

impl Keyword {
    /// All keywords in alphabetical order.
    pub const ALL: [Self; 18] = [
        Self::Add,
        Self::Arg,
        Self::Cmd,
        Self::Copy,
        Self::Entrypoint,
        Self::Env,
        Self::Expose,
        Self::From,
        Self::Healthcheck,
        Self::Label,
        Self::Maintainer,
        Self::Onbuild,
        Self::Run,
        Self::Shell,
        Self::Stopsignal,
        Self::User,
        Self::Volume,
        Self::Workdir,
    ];

    /// The keyword in upper case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "ADD",
            Self::Arg => "ARG",
            Self::Cmd => "CMD",
            Self::Copy => "COPY",
            Self::Entrypoint => "ENTRYPOINT",
            Self::Env => "ENV",
            Self::Expose => "EXPOSE",
            Self::From => "FROM",
            Self::Healthcheck => "HEALTHCHECK",
            Self::Label => "LABEL",
            Self::Maintainer => "MAINTAINER",
            Self::Onbuild => "ONBUILD",
            Self::Run => "RUN",
            Self::Shell => "SHELL",
            Self::Stopsignal => "STOPSIGNAL",
            Self::User => "USER",
            Self::Volume => "VOLUME",
            Self::Workdir => "WORKDIR",
        }
    }

    /// The keyword that `text` spells, in whatever case.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let lower = go_lower(text);
        Self::ALL.into_iter().find(|keyword| keyword.as_str().eq_ignore_ascii_case(&lower))
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A `--name=value` or `--name` flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The name without dashes, in lower case as Docker compares it.
    pub name: String,
    /// The value after `=`, as written.
    pub value: Option<Word>,
    /// The whole flag.
    pub range: TextRange,
}

/// A blank-separated word of an instruction, by Docker's own rules (quotes and escapes do not split).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The text as BuildKit sees it, quotes and escapes included.
    pub text: String,
    /// Where it stands.
    pub range: TextRange,
    /// False when the word is glued over a line continuation; it is never edited then.
    pub contiguous: bool,
}

impl Word {
    /// The word without quotes and escapes, variables left as written, as Docker reads it in FROM, USER, WORKDIR, ENV
    /// and so on; `None` when the quotes do not match.
    #[must_use]
    pub fn unquoted(&self, escape: char) -> Option<String> {
        let options = Options { keep_unset: true, ..Options::new(escape) };
        lex(&self.text, options, &mut NoVariables).ok().map(|lexed| lexed.result)
    }

    /// The text and place between the quotes, when one pair of quotes surrounds the whole word and nothing inside is
    /// quoted or escaped; else the word itself. Only for a contiguous word is the place one that can be replaced.
    #[must_use]
    pub fn inner(&self) -> (&str, TextRange) {
        let one = TextSize::of('"');
        let between = ['"', '\''].into_iter().find_map(|quote| self.text.strip_prefix(quote)?.strip_suffix(quote));
        match between.filter(|text| !text.contains(['"', '\'', '\\', '`'])) {
            Some(text) => (text, TextRange::new(self.range.start() + one, self.range.end() - one)),
            None => (&self.text, self.range),
        }
    }
}

/// A `NAME=value` pair of ENV, LABEL or ARG, or the old `ENV NAME value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// The name as written.
    pub key: Word,
    /// The value as written; `None` for `ARG NAME`.
    pub value: Option<Word>,
    /// The whole pair.
    pub range: TextRange,
    /// The old form with a blank in place of `=`.
    pub legacy: bool,
}

/// A string of a JSON array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonString {
    /// The decoded value.
    pub value: String,
    /// The string with its quotes.
    pub range: TextRange,
    /// From `value` to the source: decoded escapes have no place of their own.
    pub map: SourceMap,
}

/// A here-document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The name, quotes removed.
    pub name: String,
    /// File descriptor written before `<<`; 0 when none was.
    pub file_descriptor: u32,
    /// Whether variables in the body are expanded (the name was not quoted).
    pub expand: bool,
    /// `<<-`: leading tabs are stripped.
    pub strip_tabs: bool,
    /// The opener on the logical line (`<<EOF`).
    pub opener: TextRange,
    /// The body: from the first byte after the line that opens it to the start of the terminator's line.
    pub body: TextRange,
    /// The terminator's line without its line ending.
    pub terminator: TextRange,
}

/// What follows the keyword and the flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arguments {
    /// `FROM image [AS name]`
    From {
        /// The image as written.
        image: Word,
        /// The name after `AS`.
        name: Option<Word>,
    },
    /// `RUN`, `CMD`, `ENTRYPOINT`
    Command(CommandForm),
    /// `HEALTHCHECK [flags] CMD …` or `HEALTHCHECK NONE` (`None`).
    Healthcheck(Option<CommandForm>),
    /// `SHELL ["…"]`
    Shell(Vec<JsonString>),
    /// `COPY`, `ADD`
    Transfer(Transfer),
    /// `ENV`, `LABEL`, `ARG`
    Pairs(Vec<KeyValue>),
    /// `EXPOSE`, `VOLUME` in the plain form, `USER`, `WORKDIR`, `STOPSIGNAL`, `MAINTAINER`.
    ///
    /// For `WORKDIR`, `USER`, `STOPSIGNAL` and `MAINTAINER` the whole rest of the line is one word.
    Words(Vec<Word>),
    /// `VOLUME ["…"]`
    Json(Vec<JsonString>),
    /// `ONBUILD instruction`. BuildKit does not look into a trigger before it runs; one that is no valid instruction
    /// is kept as [`Arguments::Words`] with the whole trigger as one word.
    Onbuild(Box<Instruction>),
}

/// Sources and destination of COPY and ADD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transfer {
    /// `COPY a b c`; the last word is the destination. Heredoc openers are among the words.
    Plain(Vec<Word>),
    /// `COPY ["a", "b"]`
    Json(Vec<JsonString>),
}

/// A source or the destination of COPY and ADD, in the plain form or as a string of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operand<'a> {
    /// The path, without quotes where one pair surrounds it.
    pub text: &'a str,
    /// As BuildKit sees it before it expands variables: with the quotes of the plain form.
    pub raw: &'a str,
    /// The place of `text`.
    pub range: TextRange,
    /// False when `range` holds more than `text`: a line continuation or the escapes of a string.
    pub contiguous: bool,
}

impl<'a> Operand<'a> {
    fn of_word(word: &'a Word) -> Self {
        let (text, range) = word.inner();
        Self { text, raw: &word.text, range, contiguous: word.contiguous }
    }

    fn of_string(string: &'a JsonString) -> Self {
        let one = TextSize::of('"');
        let range = TextRange::new(string.range.start() + one, string.range.end() - one);
        let contiguous = range.len() == TextSize::of(&string.value);
        Self { text: &string.value, raw: &string.value, range, contiguous }
    }
}

/// Shell form or exec form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandForm {
    /// The text that BuildKit hands to the shell: a part of the instruction's `joined` text.
    Shell {
        /// Byte range in [`Instruction::joined`].
        joined: TextRange,
        /// First to last byte in the source.
        range: TextRange,
    },
    /// A JSON array.
    Exec {
        /// Its strings.
        strings: Vec<JsonString>,
        /// The array with its brackets.
        range: TextRange,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unquotes() {
        let word = |text: &str| Word {
            text: text.to_owned(),
            range: TextRange::at(10.into(), TextSize::of(text)),
            contiguous: true,
        };
        assert_eq!(word("\"node:18\"").unquoted('\\').as_deref(), Some("node:18"));
        assert_eq!(word("a\\ b'$c'${d}").unquoted('\\').as_deref(), Some("a b$c${d}"));
        assert_eq!(word("\"a").unquoted('\\'), None);
        assert_eq!(word("\"node\"").inner(), ("node", TextRange::new(11.into(), 15.into())));
        assert_eq!(word("'a'b'c'").inner().0, "'a'b'c'");
        assert_eq!(word("'").inner().0, "'");
        assert_eq!(word("node").inner().1, TextRange::new(10.into(), 14.into()));
    }
}
