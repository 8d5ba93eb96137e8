//! `mappings`: the built-in tables, and the check of a user's own.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::bail;
use wolfify_mappings::{Mappings, NameKind, PackageRow, Target};

use crate::args::{Color, MappingsCommand};
use crate::builtin::{TABLES, named};
use crate::commands::ExitStatus;
use crate::engine;
use crate::index;
use crate::output::{Output, Talk, relative};

/// Does what the subcommand asks.
pub(crate) fn run(command: &MappingsCommand, color: Color, talk: Talk) -> anyhow::Result<ExitStatus> {
    match command {
        MappingsCommand::Show { table } => show(table.as_deref(), color),
        MappingsCommand::Lint { files, index } => lint(files, index.as_deref(), color, talk),
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
fn lint(files: &[PathBuf], index: Option<&Path>, color: Color, talk: Talk) -> anyhow::Result<ExitStatus> {
    let mut known = Mappings::new(TABLES);
    if let Some(index) = index {
        known.set_index(index::load(index)?);
    }
    let verdict = if index.is_some() { "the APKINDEX does not have" } else { "is no known Wolfi package" };
    let mut out = Output::new(None, color)?;
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
        let name = String::from_utf8_lossy(&relative(file)).into_owned();
        let mut rows: Vec<PackageRow<'_>> = table.packages().collect();
        rows.sort_by_key(|row| (row.line, row.column));
        for row in rows {
            for package in row.packages.iter().filter(|package| known.wolfi_package(package).is_none()) {
                let nearest = known.nearest(NameKind::Package, package).join(", ");
                let hint = if nearest.is_empty() {
                    "; look for it with `apk search`".to_owned()
                } else {
                    format!("; did you mean {nearest}?")
                };
                let PackageRow { name: from, line, column, .. } = row;
                writeln!(out, "{name}:{line}:{column}: `{from}` is mapped to `{package}`, which {verdict}{hint}")?;
                status = if status == ExitStatus::Success { ExitStatus::Found } else { status };
            }
        }
    }
    // Without an APKINDEX the tests of the tables have done that.
    for Target { table, key, package } in known.targets().filter(|_| index.is_some()) {
        if known.wolfi_package(package).is_none() {
            let key = key.replace('\t', " ");
            writeln!(out, "built-in {table}: `{key}` is mapped to `{package}`, which {verdict}")?;
            status = if status == ExitStatus::Success { ExitStatus::Found } else { status };
        }
    }
    out.flush()?;
    Ok(status)
}
