//! The `wolfify` command: arguments, finding files, writing, reports. What to change is decided by the libraries.

mod args;
mod builtin;
mod commands;
mod compose;
mod config;
mod context;
mod engine;
mod engines;
mod environment;
mod failure;
mod git;
mod index;
mod input;
mod inventory;
mod output;
mod parallel;
mod pipeline;
mod problem;
mod progress;
mod report;
mod tree;
mod write;

use std::io::Write as _;
use std::process::ExitCode;

use crate::commands::ExitStatus;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let cli = match environment::read(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to clap, but go to stdout and end with 0. A closed pipe is nobody's fault.
            let _ = if environment::is_help(&error) {
                error.print()
            } else {
                writeln!(
                    std::io::stderr(),
                    "wolfify: {}",
                    output::printable(&environment::one_line(&error, &arguments))
                )
            };
            return if error.use_stderr() { ExitStatus::Failure } else { ExitStatus::Success }.into();
        }
    };
    match commands::run(cli) {
        Ok(status) => status.into(),
        Err(error) => {
            let message = format!("{error:#}");
            // What has a place of its own is said as all other errors are.
            let name = if has_place(&message) { "" } else { "wolfify: " };
            let _ = writeln!(std::io::stderr(), "{name}{}", output::printable_but(&message, &['\n']));
            ExitStatus::Failure.into()
        }
    }
}

/// Whether a message begins with `path:line:column: `.
fn has_place(message: &str) -> bool {
    let mut parts = message.split(": ").next().unwrap_or_default().rsplit(':');
    let is_number = |part: Option<&str>| part.is_some_and(|part| part.parse::<u32>().is_ok());
    is_number(parts.next()) && is_number(parts.next()) && parts.next().is_some_and(|path| !path.is_empty())
}
