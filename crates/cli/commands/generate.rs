//! `completions` and `man`: texts made from the command line's own description.

use std::io::Write as _;

use crate::args::Color;
use crate::commands::ExitStatus;
use crate::environment;
use crate::output::Output;

/// A completion script.
pub(crate) fn completions(shell: clap_complete::Shell, color: Color) -> anyhow::Result<ExitStatus> {
    // Into memory first: the generator panics where its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut environment::command(), "wolfify", &mut script);
    print(&script, color)
}

/// The manual: one page, the subcommands after the main part.
pub(crate) fn man(color: Color) -> anyhow::Result<ExitStatus> {
    let mut command = environment::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let man = clap_mangen::Man::new(sub.clone());
        writeln!(page, ".SH \"WOLFIFY {}\"", sub.get_name().to_uppercase())?;
        man.render_description_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    print(&page, color)
}

fn print(text: &[u8], color: Color) -> anyhow::Result<ExitStatus> {
    let mut out = Output::new(None, color)?;
    out.write_all(text)?;
    out.flush()?;
    Ok(ExitStatus::Success)
}
