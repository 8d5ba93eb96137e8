//! `explain`: what a rule finds and why.

use std::io::Write as _;

use anyhow::bail;
use wolfify_planner::RULES;

use crate::args::Color;
use crate::commands::ExitStatus;
use crate::output::Output;
use crate::problem;

/// What is known of one rule.
struct Entry {
    id: &'static str,
    summary: &'static str,
    level: &'static str,
    docs: &'static str,
}

/// Prints the documentation of one rule, or the list of all.
pub(crate) fn run(rule: Option<&str>, color: Color) -> anyhow::Result<ExitStatus> {
    let mut out = Output::new(None, color)?;
    let bold = out.palette.bold;
    let entries = entries();
    if let Some(id) = rule {
        let Some(entry) = entries.iter().find(|entry| entry.id == id) else {
            bail!("no rule is called \"{id}\"; `wolfify explain` lists them all");
        };
        let Entry { summary, level, docs, .. } = entry;
        writeln!(out, "{bold}{id}{bold:#} ({level}): {summary}\n\n{}", docs.trim_end())?;
    } else {
        let width = entries.iter().map(|entry| entry.id.len()).max().unwrap_or(0);
        for Entry { id, summary, level, .. } in entries {
            writeln!(out, "{bold}{id:width$}{bold:#}  {level:7}  {summary}")?;
        }
    }
    out.flush()?;
    Ok(ExitStatus::Success)
}

/// The planner's rules and what can go wrong with a file, sorted by name.
fn entries() -> Vec<Entry> {
    let problems = problem::KINDS.iter();
    let problems = problems.map(|kind| Entry { id: kind.id, summary: kind.summary, level: "error", docs: kind.docs });
    let rules = RULES.iter().map(|rule| Entry {
        id: rule.id,
        summary: rule.summary,
        level: rule.level.as_str(),
        docs: rule.docs,
    });
    let mut entries: Vec<Entry> = problems.chain(rules).collect();
    entries.sort_by_key(|entry| entry.id);
    entries
}
