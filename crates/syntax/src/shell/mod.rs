//! The shell layer: scripts of RUN, CMD, ENTRYPOINT, HEALTHCHECK and heredocs as a tree of commands with source places.

mod ast;

pub use ast::{
    AndOr, AndOrOperator, Assignment, Command, Compound, CompoundKind, Dialect, List, ListItem, ListRole, Nested,
    NestedKind, Opaque, Pipeline, Redirect, Separator, ShellScript, ShellWord, SimpleCommand, WordPart, Wrapper,
};
