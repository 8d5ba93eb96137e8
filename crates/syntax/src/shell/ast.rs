//! The tree: lists, and-or lists, pipelines, commands, words. Names are those of POSIX, chapter 2.

use crate::source_map::{SourceMap, Span};

/// Which shell reads the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialect {
    /// `/bin/sh`: dash, ash or bash in POSIX mode, by image.
    Sh,
    /// bash, by SHELL, `bash -c` or `#!`.
    Bash,
    /// Something else (cmd, PowerShell, Python, …), by name; such a script is never parsed. The exec form, which no
    /// shell reads, is `exec`: its list is always one simple command.
    Other(String),
}

/// A script and its tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellScript {
    /// Which shell reads it.
    pub dialect: Dialect,
    /// The text as the shell sees it.
    pub text: String,
    /// From `text` to the source.
    pub map: SourceMap,
    /// The tree, or why there is none.
    pub list: Result<List, Opaque>,
}

/// Why a script has no tree. An opaque script is never edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque {
    /// What could not be read, for a person.
    pub reason: String,
}

/// A compound list: and-or lists with their terminators.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List {
    /// In order.
    pub items: Vec<ListItem>,
}

/// An and-or list and what ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListItem {
    /// The commands.
    pub and_or: AndOr,
    /// `;`, `&` or a newline; `None` where the list's end is the end.
    pub separator: Option<(Separator, Span)>,
}

/// What ends an and-or list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// `;`
    Semicolon,
    /// `&`: runs in the background.
    Ampersand,
    /// A line end (heredoc scripts, quoted newlines).
    Newline,
}

/// Pipelines joined by `&&` and `||`, left-associative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AndOr {
    /// The first pipeline.
    pub first: Pipeline,
    /// Operator, its place, and the pipeline after it.
    pub rest: Vec<(AndOrOperator, Span, Pipeline)>,
    /// From the first to the last byte.
    pub span: Span,
}

/// `&&` or `||`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AndOrOperator {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// The place of `!`.
    pub bang: Option<Span>,
    /// One or more commands.
    pub commands: Vec<Command>,
    /// The places of `|` or `|&`, one fewer than commands.
    pub pipes: Vec<Span>,
    /// From the first to the last byte, `!` and `time` included.
    pub span: Span,
}

/// A simple or compound command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Words, assignments and redirections.
    Simple(SimpleCommand),
    /// `{}`, `()`, `if`, `for`, …
    Compound(Compound),
}

/// A compound command or function definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compound {
    /// Which.
    pub kind: CompoundKind,
    /// Its lists in order, each with the part it plays.
    pub lists: Vec<(ListRole, List)>,
    /// `for` words, the `case` subject and patterns, the words of `[[ … ]]` (operators spelt as words included).
    pub words: Vec<ShellWord>,
    /// Redirections after it.
    pub redirects: Vec<Redirect>,
    /// Scripts inside its words, redirections and arithmetic; a compound command's own lists are not among them.
    pub nested: Vec<Nested>,
    /// The variable of a `for`, the name of a function.
    pub name: Option<String>,
    /// From the first to the last byte, redirections included.
    pub span: Span,
}

/// The compound commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompoundKind {
    /// `{ …; }`
    Brace,
    /// `( … )`
    Subshell,
    /// `if … fi`
    If,
    /// `for … in …; do … done`
    For,
    /// `for ((…)); do … done`
    ArithmeticFor,
    /// `select`
    Select,
    /// `while … done`
    While,
    /// `until … done`
    Until,
    /// `case … esac`
    Case,
    /// `name() …`
    Function,
    /// `(( … ))`
    Arithmetic,
    /// `[[ … ]]`
    Test,
    /// `coproc …`
    Coproc,
}

/// The part a list plays in a compound command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListRole {
    /// Its status decides what runs (`if`, `elif`, `while`, `until`).
    Condition,
    /// A body that runs at most once (`then`, `else`, a `case` arm, `{}`, `()`).
    Body,
    /// A body that may run several times.
    LoopBody,
    /// The body of a function.
    FunctionBody,
}

/// A simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimpleCommand {
    /// Number in its file's script, unique over all nested scripts of one root script, in order of appearance.
    pub id: usize,
    /// Assignments before the name.
    pub assignments: Vec<Assignment>,
    /// The name and the arguments; empty for a bare assignment or redirection.
    pub words: Vec<ShellWord>,
    /// Redirections, wherever they stand.
    pub redirects: Vec<Redirect>,
    /// `sudo`, `env` and the like before the command proper, outermost first.
    pub wrappers: Vec<Wrapper>,
    /// Index into `words` of the command proper, after all wrappers.
    pub name_index: usize,
    /// Scripts inside: `sh -c`, `$( )`, `eval`, a heredoc fed to a shell.
    pub nested: Vec<Nested>,
    /// From the first to the last byte, assignments and redirections included.
    pub span: Span,
}

/// A command that runs another: `sudo -E`, `env A=b`, `exec`, `time`, `nice -n 5`, `xargs -r`, …
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapper {
    /// Its name without directory.
    pub name: String,
    /// Indexes into the command's `words`: the name and its own options and operands.
    pub words: std::ops::Range<usize>,
}

/// A script inside a simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nested {
    /// Where it comes from.
    pub kind: NestedKind,
    /// The script; ids go on counting in it.
    pub script: ShellScript,
}

/// Where a nested script comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NestedKind {
    /// The operand of `sh -c`, `bash -c`, `su -c`, `eval`; the index of the word.
    Operand(usize),
    /// `$( )` or backquotes in the word, assignment or redirection.
    Substitution,
    /// `<( )` or `>( )`.
    Process,
    /// A here-document that a shell reads as its script.
    Heredoc,
}

/// `NAME=value` before a command, or alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The name, without subscript.
    pub name: String,
    /// The value; `None` for an array.
    pub value: Option<ShellWord>,
    /// `+=`
    pub append: bool,
    /// The elements of `NAME=(…)`.
    pub array: Vec<ShellWord>,
    /// The whole assignment.
    pub span: Span,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The operator: `>`, `>>`, `<`, `>&`, `<<`, `<<-`, `<<<`, `&>`, `<>`, `>|`, …
    pub operator: String,
    /// The file descriptor written before it.
    pub fd: Option<u32>,
    /// The word after it; for a here-document, its delimiter.
    pub target: Option<ShellWord>,
    /// The body of a here-document, as text; leading tabs removed for `<<-`.
    pub heredoc: Option<String>,
    /// Where that body stands, up to its terminator.
    pub heredoc_span: Option<Span>,
    /// Operator, descriptor and target; not the body of a here-document.
    pub span: Span,
    /// While parsing: which here-document body belongs here. Bodies are read a line end later than their operators.
    pub(super) body: Option<usize>,
}

/// A word of a shell script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellWord {
    /// The text as the shell sees it, quotes included.
    pub text: String,
    /// Its parts in order.
    pub parts: Vec<WordPart>,
    /// Where it stands.
    pub span: Span,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WordPart {
    /// Plain text, quotes and escapes already removed.
    Literal {
        /// The text.
        text: String,
        /// Whether quotes or a backslash protected it.
        quoted: bool,
    },
    /// `$NAME`, `${NAME}`, `${NAME:-word}`, `$1`, `$@`.
    Parameter {
        /// The name; with its leading `#` or `!` for `${#NAME}` and `${!NAME}`.
        name: String,
        /// What follows the name inside `${ }`, as written (`:-word`, `#v`, `//a/b`); empty for none.
        operation: String,
        /// Inside double quotes: no field splitting.
        quoted: bool,
    },
    /// `$( )` or backquotes.
    CommandSubstitution {
        /// Index into the `nested` of the simple or compound command the word belongs to.
        nested: Option<usize>,
        /// Inside double quotes.
        quoted: bool,
    },
    /// `$(( ))`
    Arithmetic,
    /// An unquoted `*`, `?` or `[…]`.
    Glob(String),
    /// An unquoted `{a,b}` or `{1..3}` with all its text.
    Brace(String),
    /// A leading unquoted `~` or `~user`.
    Tilde(String),
    /// `<( )` or `>( )`.
    Process,
}
