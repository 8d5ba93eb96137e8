//! `mappings`: the built-in tables, and the check of a user's own.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::bail;
use wolfify_mappings::{Mappings, NameKind};

use crate::args::{Color, MappingsCommand};
use crate::builtin::{TABLES, named};
use crate::commands::ExitStatus;
use crate::engine;
use crate::output::{Output, Talk};

/// Does what the subcommand asks.
pub(crate) fn run(command: &MappingsCommand, color: Color, talk: Talk) -> anyhow::Result<ExitStatus> {
    match command {
        MappingsCommand::Show { table } => show(table.as_deref(), color),
        MappingsCommand::Lint { files } => lint(files, color, talk),
    }
}

fn show(table: Option<&str>, color: Color) -> anyhow::Result<ExitStatus> {
    let mut out = Output::new(None, color)?;
    let tables = named();
    if let Some(name) = table {
        let Some((_, text)) = tables.iter().find(|(known, _)| *known == name) else {
            bail!("no table is called \"{name}\"; `wolfify mappings show` lists them all");
        };
        out.write_all(text.as_bytes())?;
    } else {
        let width = tables.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, text) in tables {
            writeln!(out, "{name:width$}  {:6} rows", text.lines().count().saturating_sub(1))?;
        }
    }
    out.flush()?;
    Ok(ExitStatus::Success)
}

/// Ends with 2 when a file cannot be used, with 1 when it names packages that Wolfi is not known to have.
fn lint(files: &[PathBuf], color: Color, talk: Talk) -> anyhow::Result<ExitStatus> {
    let mut out = Output::new(None, color)?;
    let known = Mappings::new(TABLES);
    let mut status = ExitStatus::Success;
    for file in files {
        let table = match engine::user_table(file) {
            Ok(table) => table,
            Err(error) => {
                talk.failure(&error);
                status = ExitStatus::Failure;
                continue;
            }
        };
        for (_, name, packages) in table.packages() {
            for package in packages.iter().filter(|package| known.wolfi_package(package).is_none()) {
                let nearest = known.nearest(NameKind::Package, package).join(", ");
                let hint = if nearest.is_empty() { nearest } else { format!("; did you mean {nearest}?") };
                let file = file.display();
                writeln!(out, "{file}: `{name}` is mapped to `{package}`, which is no known Wolfi package{hint}")?;
                status = if status == ExitStatus::Success { ExitStatus::Found } else { status };
            }
        }
    }
    out.flush()?;
    Ok(status)
}
