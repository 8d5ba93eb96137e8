//! `explain`: what a rule finds and why.

use std::io::Write as _;

use anyhow::bail;

use crate::args::Color;
use crate::commands::ExitStatus;
use crate::output::Output;
use crate::problem::{Documented, documented};

/// Prints the documentation of one rule, or the list of all.
pub(crate) fn run(rule: Option<&str>, color: Color) -> anyhow::Result<ExitStatus> {
    let mut out = Output::new(None, color)?;
    let bold = out.palette.bold;
    let entries = documented();
    if let Some(id) = rule {
        let Some(entry) = entries.iter().find(|entry| entry.id == id) else {
            bail!("no rule is called \"{id}\"; `wolfify explain` lists them all");
        };
        let Documented { summary, level, docs, .. } = entry;
        writeln!(out, "{bold}{id}{bold:#} ({level}): {summary}\n\n{}", docs.trim_end())?;
    } else {
        let width = entries.iter().map(|entry| entry.id.len()).max().unwrap_or(0);
        for Documented { id, summary, level, .. } in entries {
            writeln!(out, "{bold}{id:width$}{bold:#}  {level:7}  {summary}")?;
        }
    }
    out.flush()?;
    Ok(ExitStatus::Success)
}
