//! Settles what rules took out: commands leave with their operators, empty RUNs leave whole.

use std::collections::{BTreeMap, HashSet};

use text_size::TextRange;
use wolfify_edit::{Edit, Fix};
use wolfify_syntax::Keyword;
use wolfify_syntax::shell::ShellScript;

use crate::comments::speaks_only_of_packages;
use crate::draft::{CommandId, Draft, Joined, RemovedCommand};
use crate::file::File;
use crate::finding::Level;
use crate::instructions::lines_with_comments;
use crate::rule::Rule;
use crate::script::{Fates, Removals, remove};

/// Turns `draft.removed` into findings with edits.
pub(crate) fn settle(file: &File<'_>, draft: &mut Draft) {
    let mut by_instruction: BTreeMap<usize, Vec<(CommandId, RemovedCommand)>> = BTreeMap::new();
    for (id, removed) in std::mem::take(&mut draft.removed) {
        draft.gone.insert(id);
        by_instruction.entry(id.instruction).or_default().push((id, removed));
    }
    for (instruction, removed) in by_instruction {
        settle_instruction(file, draft, instruction, removed);
    }
}

fn settle_instruction(
    file: &File<'_>,
    draft: &mut Draft,
    instruction: usize,
    removed: Vec<(CommandId, RemovedCommand)>,
) {
    let scripts = &file.scripts[instruction];
    let plans: Vec<Removals> = scripts
        .iter()
        .enumerate()
        .map(|(index, script)| {
            let ids = removed.iter().filter(|(id, _)| id.script == index).map(|(id, _)| id.command).collect();
            without(file, draft, instruction, index, script, &ids)
        })
        .collect();
    let whole =
        crate::commands::runs(file.instruction(instruction)) == Keyword::Run && plans.iter().all(|plan| plan.all);
    let drop_edit = Edit::delete(lines_with_comments(file, instruction));
    if whole {
        draft.dropped_instructions.insert(instruction);
    }
    for (id, removed) in removed {
        let edits = if whole {
            vec![drop_edit.clone()]
        } else {
            plans[id.script].edits.get(&id.command).cloned().unwrap_or_default()
        };
        if let Some(joined) = removed.joined {
            moved(draft, removed.rule, removed.range, joined, edits);
            continue;
        }
        let title = if whole { "Remove the instruction" } else { "Remove the command" };
        draft.report(removed.rule, removed.level, removed.range, removed.message, Some((title, edits)));
    }
}

/// An install whose packages another one takes: what was found about its words is done by taking it out.
fn moved(draft: &mut Draft, rule: &'static Rule, range: TextRange, joined: Joined, mut edits: Vec<Edit>) {
    const TITLE: &str = "Join the installs";
    edits.extend(joined.edits);
    edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
    if joined.findings.is_empty() {
        let message = "its packages join the install before it";
        draft.report(rule, Level::Note, range, message, Some((TITLE, edits)));
        return;
    }
    for finding in &mut draft.findings[joined.findings] {
        if finding.range == range {
            finding.message.push_str("; its packages join the install before it");
        }
        if finding.fix.is_some() {
            finding.fix = Some(Fix { title: TITLE.to_owned(), edits: edits.clone() });
        }
    }
}

/// The edits that take the commands `ids` out of a script.
pub(crate) fn without(
    file: &File<'_>,
    draft: &Draft,
    instruction: usize,
    index: usize,
    script: &ShellScript,
    ids: &HashSet<usize>,
) -> Removals {
    let rewritten: HashSet<usize> = draft
        .installs
        .get(&instruction)
        .into_iter()
        .flatten()
        .filter(|install| install.id.script == index)
        .map(|install| install.id.command)
        .collect();
    let heredoc = crate::commands::is_heredoc(file, instruction, script);
    let layout = file.layout(heredoc);
    let errexit = file.shells[instruction].errexit();
    let fates = Fates { removed: ids, rewritten: &rewritten, comment_goes: &speaks_only_of_packages, errexit };
    remove(&layout, script, &fates)
}
