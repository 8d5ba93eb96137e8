//! The subcommands.

mod convert;
mod explain;
mod generate;
mod index;
mod inventory;
mod lookup;
mod mappings;
mod merge;
mod migrate;
mod plan;

use std::process::ExitCode;

use crate::args::{Cli, Command, Format, ResultArgs, RunArgs};
use crate::output::Talk;
use crate::pipeline::Action;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Nothing to do, or done.
    Success,
    /// `diff`: there is a diff. `check`: something to migrate or left for a person.
    Found,
    /// A file could not be read, parsed or written; or wrong usage.
    Failure,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Success => Self::from(0),
            ExitStatus::Found => Self::from(1),
            ExitStatus::Failure => Self::from(2),
        }
    }
}

/// Does what the command line asks.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitStatus> {
    let talk = Talk::new(&cli.talk);
    let color = cli.talk.color;
    match cli.command {
        Command::Diff(args) => migrate::run(args, Action::Diff, color, talk),
        Command::Check(args) => migrate::run(args, Action::Check, color, talk),
        Command::Apply(args) => migrate::apply(args, color, talk),
        Command::Plan(args) => {
            let result =
                ResultArgs { format: Format::Json, output_file: args.out, report: args.report, exit_zero: true };
            let run = RunArgs { input: args.input, plan: args.plan, result };
            migrate::run(run, Action::Plan, color, talk)
        }
        Command::Inventory(args) => inventory::run(args, color, talk),
        Command::Merge(args) => merge::run(&args),
        Command::Convert(args) => convert::run(args, talk),
        Command::Explain { rule } => explain::run(rule.as_deref(), color),
        Command::Lookup(args) => lookup::run(&args, color),
        Command::Index { command } => index::run(&command, color),
        Command::Mappings { command } => mappings::run(&command, color, talk),
        Command::Completions { shell } => generate::completions(shell, color),
        Command::Man => generate::man(color),
    }
}
