//! Package manager command lines as data: who is called, to do what, with which options, on what.
//!
//! Nothing here edits or judges. [`parse`] reads one simple command by the tables of its front end and tells every
//! word apart; what a table does not have is marked, so that a planner can leave such a command alone.

mod action;
mod argument;
mod classify;
pub mod cleanup;
mod command;
pub mod environment;
pub mod files;
mod grammar;
mod manager;
mod option;
pub mod paths;
pub mod repos;
mod settings;
mod tables;
#[cfg(test)]
mod tests;
mod text;

pub use action::{Action, ModuleVerb};
pub use argument::{Argument, ArgumentKind, Marker, ModuleStream, Nevra, PackageSpec, Pin, RpmVersioned, VariableWord};
pub use command::{PackageCommand, called, parse, parse_words};
pub use manager::{Manager, Support};
pub use option::{OptionRole, OptionUse, OptionValue};
pub use settings::InstallSettings;
pub use text::{Hole, Text};

/// What `value` would stand for as an operand of such a command, for a variable whose value is known.
#[must_use]
pub fn operand(manager: Manager, action: &Action, value: &str) -> ArgumentKind {
    classify::classify(manager, action, &Text::from_static(value))
}
