//! A whole Dockerfile: directives, instructions, stages.

use std::ops::Range;

use text_size::TextRange;

use crate::instruction::{Instruction, Word};

/// A parsed Dockerfile. Every range counts bytes of the text that was parsed, a byte order mark included.
#[derive(Debug, Clone)]
pub struct Dockerfile {
    /// Whether the text starts with a UTF-8 byte order mark.
    pub bom: bool,
    /// The line ending of the first line that has one.
    pub newline: Newline,
    /// Parser directives (`# syntax=`, `# escape=`, `# check=`) in order.
    pub directives: Vec<Directive>,
    /// The escape token in force: `\` or `` ` ``.
    pub escape: char,
    /// All instructions in file order.
    pub instructions: Vec<Instruction>,
    /// Build stages in file order.
    pub stages: Vec<Stage>,
    /// Comment lines outside heredocs, also those inside continued instructions; without indentation and line ending.
    pub comments: Vec<TextRange>,
}

/// A line ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newline {
    /// `\n`
    Lf,
    /// `\r\n`
    Crlf,
}

/// A parser directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Which one.
    pub name: DirectiveName,
    /// Its value, trimmed.
    pub value: String,
    /// The comment line, without the line ending.
    pub range: TextRange,
}

/// The parser directives that BuildKit knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectiveName {
    /// `# syntax=`: the frontend image.
    Syntax,
    /// `# escape=`: the escape token.
    Escape,
    /// `# check=`: build checks.
    Check,
}

/// A build stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Position among the stages, from 0; what `COPY --from=0` names.
    pub index: usize,
    /// The name after `AS`, as written.
    pub name: Option<Word>,
    /// The image the stage starts from, as written.
    pub image: Word,
    /// What `image` refers to.
    pub base: BaseImage,
    /// Indexes into [`Dockerfile::instructions`]; the first is the FROM.
    pub instructions: Range<usize>,
}

/// What the image word of a FROM refers to, before any image is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseImage {
    /// `scratch`: an empty file system.
    Scratch,
    /// An earlier stage of this file, by its index.
    Stage(usize),
    /// An image reference, perhaps with variables in it.
    Image,
}
