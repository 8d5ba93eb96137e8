//! The shell layer: scripts of RUN, CMD, ENTRYPOINT, HEALTHCHECK and heredocs as a tree of commands with source places.

mod ast;
mod command;
mod compound;
mod expansion;
mod grammar;
mod instruction;
mod lexer;
mod parameter;
mod parser;
mod pattern;
mod redirect;
mod script;
mod second_opinion;
mod text;
mod visit;
mod word;
mod wrapper;

pub use ast::{
    AndOr, AndOrOperator, Assignment, Command, Compound, CompoundKind, Dialect, List, ListItem, ListRole, Nested,
    NestedKind, Opaque, Pipeline, Redirect, Separator, ShellScript, ShellWord, SimpleCommand, WordPart, Wrapper,
};
pub use instruction::{exec_command, instruction_scripts};
pub use script::parse_script;
pub use visit::CommandContext;
