//! Options from the environment, and what is wrong with a command line in one line.

use std::ffi::OsString;
use std::mem::ManuallyDrop;

use clap::builder::FalseyValueParser;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, Command, CommandFactory as _, FromArgMatches as _, ValueEnum as _};

use crate::args::{Cli, Command as Subcommand, Format};

/// Reads the command line, and from the environment what it leaves open.
pub(crate) fn read(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    // Read once; to take it apart again would be a tenth of a short run.
    let mut command = ManuallyDrop::new(command());
    let matches = command.try_get_matches_from_mut(arguments)?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    if let (Subcommand::Apply(apply), Some((_, matches))) = (&mut cli.command, matches.subcommand()) {
        let given = matches.ids().filter(|id| matches.value_source(id.as_str()) == Some(ValueSource::CommandLine));
        apply.given = given.map(|id| id.as_str().to_owned()).collect();
    }
    Ok(cli)
}

/// The command line, every long option of which has a variable: `--max-size` has `WOLFIFY_MAX_SIZE`.
pub(crate) fn command() -> Command {
    with_variables(Cli::command())
}

/// Only the command that is called, and help on it, needs its variables.
fn with_variables(command: Command) -> Command {
    command.mut_args(with_variable).mut_subcommands(|command| command.defer(with_variables))
}

fn with_variable(arg: Arg) -> Arg {
    let Some(long) = arg.get_long() else { return arg };
    let name = format!("WOLFIFY_{}", long.replace('-', "_").to_uppercase());
    if long == "format" && is_of_another_command(&arg, &name) {
        return arg;
    }
    let arg = match arg.get_action() {
        ArgAction::SetTrue => arg.value_parser(FalseyValueParser::new()),
        _ => arg,
    };
    arg.env(name).hide_env(true)
}

/// Commands have formats of their own. A variable that is meant for a report must not stop a `lookup`.
fn is_of_another_command(arg: &Arg, variable: &str) -> bool {
    let Some(value) = std::env::var_os(variable) else { return false };
    let value = value.to_string_lossy();
    let own = arg.get_possible_values().iter().any(|known| known.matches(&value, false));
    !own && Format::from_str(&value, false).is_ok()
}

/// Whether clap's text is to be printed as it is: help, version.
pub(crate) fn is_help(error: &clap::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::MissingSubcommand
    )
}

/// What is wrong, and what to do, in one line.
pub(crate) fn one_line(error: &clap::Error, arguments: &[OsString]) -> String {
    let text = error.render().to_string();
    let mut said = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(tip) = line.strip_prefix("tip: ") {
            said.push_str("; ");
            said.push_str(tip);
        } else if let Some(values) = line.strip_prefix("[possible values: ") {
            said.push_str("; possible are ");
            said.push_str(values.trim_end_matches(']'));
        } else if !line.is_empty() && !["Usage: ", "For more information"].iter().any(|other| line.starts_with(other)) {
            if !said.is_empty() {
                said.push(' ');
            }
            said.push_str(line.strip_prefix("error: ").unwrap_or(line));
        }
    }
    format!("{said}; see `{} --help`", called(arguments))
}

/// `wolfify index update` of `wolfify index update --arch mips`.
fn called(arguments: &[OsString]) -> String {
    let mut name = "wolfify".to_owned();
    let cli = Cli::command();
    let mut command = &cli;
    for word in arguments.iter().skip(1).filter_map(|word| word.to_str()) {
        if let Some(found) = command.find_subcommand(word) {
            command = found;
            name.push(' ');
            name.push_str(word);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(arguments: &[&str]) -> String {
        let words: Vec<OsString> = ["wolfify"].iter().chain(arguments).map(OsString::from).collect();
        match read(&words) {
            Ok(_) => panic!("{arguments:?} is no mistake"),
            Err(error) => one_line(&error, &words),
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn mistakes_take_one_line() {
        assert_eq!(
            wrong(&["diff", "--fromat", "json"]),
            "unexpected argument '--fromat' found; a similar argument exists: '--format'; see `wolfify diff --help`"
        );
        assert_eq!(
            wrong(&["lookup"]),
            "the following required arguments were not provided: <KIND> <NAME>; see `wolfify lookup --help`"
        );
        assert_eq!(
            wrong(&["check", "--shard", "4/3"]),
            "invalid value '4/3' for '--shard <I/N>': expected I/N with I from 1 to N, such as 2/3; \
             see `wolfify check --help`"
        );
        for arguments in [&["diff", "--split", "maybe"][..], &["foo"], &["index", "update", "--arch", "mips"]] {
            assert!(!wrong(arguments).contains('\n'), "{arguments:?}");
        }
    }

    #[test]
    fn help_is_that_of_the_command() {
        for (arguments, command) in [
            (&["--color", "pink", "diff"][..], "wolfify diff"),
            (&["index", "update", "--arch", "mips"], "wolfify index update"),
            (&["diff", "--split", "apply"], "wolfify diff"),
            (&["lookup"], "wolfify lookup"),
            (&["difff"], "wolfify"),
        ] {
            let said = wrong(arguments);
            assert!(said.ends_with(&format!("; see `{command} --help`")), "{arguments:?}: {said}");
        }
    }
}
