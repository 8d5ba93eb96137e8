//! The inventory as a table, as CSV and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::args::InventoryFormat;
use crate::inventory::Entry;
use crate::output::printable;

/// Writes all rows.
pub(crate) fn render(out: &mut impl Write, format: InventoryFormat, rows: &[Entry]) -> io::Result<()> {
    match format {
        InventoryFormat::Table => table(out, rows),
        InventoryFormat::Csv => csv(out, rows),
        InventoryFormat::Json => json(out, rows),
    }
}

fn table(out: &mut impl Write, rows: &[Entry]) -> io::Result<()> {
    const HEAD: [&str; 8] = ["WHERE", "STAGE", "IMAGE", "BECOMES", "PACKAGES BY", "OUTCOME", "PERSON", "ORDER"];
    let dash = |text: &str| if text.is_empty() { "-".to_owned() } else { printable(text) };
    let cells: Vec<[String; 8]> = rows
        .iter()
        .map(|row| {
            let becomes =
                if row.built_by.is_empty() { dash(&row.becomes) } else { format!("built by {}", row.built_by) };
            let outcome = if row.outcome.is_empty() { row.kind } else { row.outcome };
            let order = if row.order == 0 { String::new() } else { row.order.to_string() };
            let place = format!("{}:{}", printable(&row.path), row.line);
            let managers = dash(&row.managers.join(","));
            let person = row.for_person.to_string();
            [place, dash(&row.name), dash(&row.image), becomes, managers, outcome.to_owned(), person, dash(&order)]
        })
        .collect();
    let mut widths = HEAD.map(|name| name.chars().count());
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in std::iter::once(&HEAD.map(str::to_owned)).chain(&cells) {
        let padded: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", padded.join("  ").trim_end())?;
    }
    Ok(())
}

fn csv(out: &mut impl Write, rows: &[Entry]) -> io::Result<()> {
    writeln!(
        out,
        "path,line,kind,name,image,registry,repository,tag,digest,managers,outcome,becomes,for_person,built_by,order"
    )?;
    for row in rows {
        let numbers = [row.line.to_string(), row.for_person.to_string(), row.order.to_string()];
        let managers = row.managers.join(" ");
        let fields: [&str; 15] = [
            &row.path,
            &numbers[0],
            row.kind,
            &row.name,
            &row.image,
            &row.registry,
            &row.repository,
            &row.tag,
            &row.digest,
            &managers,
            row.outcome,
            &row.becomes,
            &numbers[1],
            &row.built_by,
            &numbers[2],
        ];
        writeln!(out, "{}", fields.map(field).join(","))?;
    }
    Ok(())
}

/// Quoted where RFC 4180 asks for it. What a spreadsheet would take for a formula is made text.
fn field(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '@', '-']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn json(out: &mut impl Write, rows: &[Entry]) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'r> {
        version: u32,
        images: &'r [Entry],
    }
    serde_json::to_writer(&mut *out, &Document { version: 1, images: rows })?;
    writeln!(out)
}
