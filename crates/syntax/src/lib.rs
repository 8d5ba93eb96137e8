//! Dockerfile bytes to typed stages, instructions, words and shell scripts, all with byte ranges.
//!
//! This is the only crate that sees a parser. What leaves it is owned data: no tree, no lifetime.

mod body;
mod dialect;
mod dockerfile;
mod error;
mod eval;
mod flags;
mod grammar;
mod image_ref;
mod instruction;
mod json;
mod lex;
mod lines;
mod lower;
mod parse;
mod scanner;
pub mod shell;
mod source_map;
mod split;

pub use dialect::ShellInForce;
pub use dockerfile::{BaseImage, Directive, DirectiveName, Dockerfile, Newline, Stage};
pub use error::ParseError;
pub use eval::{
    Definition, DefinitionId, DefinitionKind, Evaluation, ExpandError, Expansion, Scope, UsedVariable, Value,
};
pub use image_ref::{ImagePart, ImageRef, ImageRefError};
pub use instruction::{
    Arguments, CommandForm, Flag, Heredoc, Instruction, JsonString, KeyValue, Keyword, Operand, Transfer, Word,
};
pub use parse::parse;
pub use source_map::{Segment, SourceMap, Span};
pub use text_size::{TextRange, TextSize};
