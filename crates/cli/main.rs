//! The `wolfify` command: arguments, finding files, writing, reports. What to change is decided by the libraries.

mod args;
mod builtin;
mod commands;
mod compose;
mod config;
mod context;
mod engine;
mod engines;
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
mod write;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::commands::ExitStatus;

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to clap, but go to stdout and end with 0. A closed pipe is nobody's fault.
            let _ = error.print();
            return if error.use_stderr() { ExitStatus::Failure } else { ExitStatus::Success }.into();
        }
    };
    match commands::run(cli) {
        Ok(status) => status.into(),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "wolfify: {error:#}");
            ExitStatus::Failure.into()
        }
    }
}
