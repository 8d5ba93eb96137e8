//! Installs that follow one another become one.
//!
//! What stood between two installs is often the set-up of a package source. Once that is gone, `apk add a && apk add b`
//! is `apk add a b`: the second ran only after the first, and now both run or neither does. Only plain installs are
//! joined, and only over `&&`, or over `;` at the top of a script that a failing command ends anyway.

use std::collections::{BTreeMap, HashMap, HashSet};

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::shell::{
    AndOr, AndOrOperator, Command, CompoundKind, List, Pipeline, Redirect, Separator, ShellScript, SimpleCommand,
};

use crate::draft::{CommandId, Draft, Install, Joined, RemovedCommand};
use crate::file::File;
use crate::finding::Level;
use crate::managers::Text;
use crate::managers::paths::managed_path;
use crate::script::is_set_e;

/// More names than this on one line read worse than two commands.
const ON_ONE_LINE: usize = 8;

/// Joins what can be joined in every script.
pub(crate) fn settle(file: &File<'_>, draft: &mut Draft) {
    let several: Vec<usize> =
        draft.installs.iter().filter(|(_, installs)| installs.len() > 1).map(|(index, _)| *index).collect();
    for instruction in several {
        let errexit = file.shells[instruction].errexit();
        for (index, script) in file.scripts[instruction].iter().enumerate() {
            let heredoc = crate::commands::is_heredoc(file, instruction, script);
            let groups = groups(draft, instruction, index, script, errexit);
            for (first, others) in groups {
                join(file, draft, heredoc, first, &others);
            }
        }
    }
}

/// Installs to join: each that takes others in, with them in order.
fn groups(
    draft: &Draft,
    instruction: usize,
    index: usize,
    script: &ShellScript,
    errexit: bool,
) -> BTreeMap<CommandId, Vec<CommandId>> {
    let installs = draft.installs[&instruction].iter().filter(|install| install.id.script == index);
    let plain = installs.filter(|install| install.operands.is_some() && !install.temporary);
    let from = CommandId { instruction, script: index, command: 0 };
    let removed = draft.removed.range(from..).map(|(id, _)| *id);
    let removed = removed.take_while(|id| id.instruction == instruction && id.script == index);
    let mut search = Search {
        installs: plain.map(|install| (install.id.command, install.id)).collect(),
        removed: removed.map(|id| id.command).collect(),
        groups: BTreeMap::new(),
    };
    if let Ok(list) = &script.list
        && search.installs.len() > 1
    {
        search.script(list, errexit);
    }
    search.groups
}

struct Search {
    installs: HashMap<usize, CommandId>,
    removed: HashSet<usize>,
    groups: BTreeMap<CommandId, Vec<CommandId>>,
}

impl Search {
    /// The list at the top, where a command that fails may end the script.
    fn script(&mut self, list: &List, mut errexit: bool) {
        let mut open = None;
        for item in &list.items {
            let alone = item.and_or.rest.is_empty();
            let background = is_background(item.separator.as_ref().map(|(separator, _)| *separator));
            let before = open.filter(|_| errexit && alone && !background);
            let after = self.and_or(&item.and_or, before);
            open = after.filter(|_| alone && !background);
            errexit = shell_option(&item.and_or).unwrap_or(errexit);
        }
    }

    fn list(&mut self, list: &List) {
        for item in &list.items {
            self.and_or(&item.and_or, None);
        }
    }

    /// Goes along a chain; `open` is the install that can take more in.
    fn and_or(&mut self, and_or: &AndOr, mut open: Option<CommandId>) -> Option<CommandId> {
        let rest = and_or.rest.iter().map(|(operator, _, pipeline)| (Some(*operator), pipeline));
        for (operator, pipeline) in std::iter::once((None, &and_or.first)).chain(rest) {
            // In `a || b && c` c follows a as well as b.
            let after_or = operator == Some(AndOrOperator::Or);
            if after_or {
                open = None;
            }
            match (self.install(pipeline), open) {
                (Some(install), Some(first)) => self.groups.entry(first).or_default().push(install),
                (Some(install), None) => open = Some(install).filter(|_| !after_or),
                (None, _) if self.leaves(pipeline) => {}
                (None, _) => {
                    open = None;
                    self.compounds(pipeline);
                }
            }
        }
        open
    }

    fn compounds(&mut self, pipeline: &Pipeline) {
        for command in &pipeline.commands {
            if let Command::Compound(compound) = command
                && compound.kind != CompoundKind::Test
            {
                compound.lists.iter().for_each(|(_, list)| self.list(list));
            }
        }
    }

    /// The plain install that a pipeline is.
    fn install(&self, pipeline: &Pipeline) -> Option<CommandId> {
        match (&pipeline.commands[..], &pipeline.bang) {
            ([Command::Simple(simple)], None) => self.installs.get(&simple.id).copied(),
            _ => None,
        }
    }

    fn leaves(&self, pipeline: &Pipeline) -> bool {
        let gone = |command: &Command| matches!(command, Command::Simple(simple) if self.leaves_whole(simple));
        pipeline.bang.is_none() && pipeline.commands.iter().all(gone)
    }

    /// A redirection may stay behind, unless it writes a list of the old package manager.
    fn leaves_whole(&self, simple: &SimpleCommand) -> bool {
        let goes = |redirect: &Redirect| {
            let target = redirect.target.as_ref().map_or("", |target| target.text.as_str());
            redirect.operator.starts_with('<') || managed_path(&Text::from_static(target)).is_some()
        };
        self.removed.contains(&simple.id) && simple.redirects.iter().all(goes)
    }
}

fn is_background(separator: Option<Separator>) -> bool {
    separator == Some(Separator::Ampersand)
}

/// What `set -e` or `set +e` makes of a failing command from here on.
fn shell_option(and_or: &AndOr) -> Option<bool> {
    let pipelines = std::iter::once(&and_or.first).chain(and_or.rest.iter().map(|(_, _, pipeline)| pipeline));
    let commands = pipelines.flat_map(|pipeline| &pipeline.commands);
    let mut simple = commands.filter_map(|command| match command {
        Command::Simple(simple) if simple.words.first().is_some_and(|word| word.text == "set") => Some(simple),
        _ => None,
    });
    simple.next_back().map(is_set_e)
}

/// Moves the names of `others` to the install `first`, and takes those commands out.
fn join(file: &File<'_>, draft: &mut Draft, heredoc: bool, first: CommandId, others: &[CommandId]) {
    let Some(installs) = draft.installs.get(&first.instruction) else { return };
    let find = |id: CommandId| installs.iter().find(|install| install.id == id);
    let Some(target) = find(first).cloned() else { return };
    let target = &target;
    let mut joined = target.clone();
    let mut names = Vec::new();
    let mut taken = Vec::new();
    for other in others.iter().filter_map(|id| find(*id)) {
        let count = names.len();
        if !may_join(file, heredoc, &joined, other) || !add(&mut joined, other, &mut names) {
            names.truncate(count);
            break;
        }
        taken.push(other.clone());
    }
    if taken.is_empty() || (target.findings.is_empty() && taken.iter().all(|other| other.findings.is_empty())) {
        return;
    }
    let edits = extend(file, draft, target, &joined, &names);
    let gone: HashSet<CommandId> = taken.iter().map(|other| other.id).collect();
    if let Some(installs) = draft.installs.get_mut(&first.instruction) {
        installs.retain(|install| !gone.contains(&install.id));
        installs.iter_mut().filter(|install| install.id == first).for_each(|install| *install = joined.clone());
    }
    taken.into_iter().for_each(|other| take_out(draft, other, &edits));
}

/// No comment may get lost, or come to stand at something else.
fn may_join(file: &File<'_>, heredoc: bool, first: &Install, other: &Install) -> bool {
    let layout = file.layout(heredoc);
    let between = TextRange::new(first.range.start(), other.range.end().max(first.range.start()));
    let comments = !layout.comments_in(between).is_empty() || (heredoc && layout.slice(between).contains('#'));
    !comments
}

/// Adds the operands of `other`; `false` when the line would become too long.
fn add(joined: &mut Install, other: &Install, names: &mut Vec<String>) -> bool {
    let (Some(operands), Some(more)) = (joined.operands.as_mut(), &other.operands) else { return false };
    let fresh: Vec<String> = more.iter().filter(|name| !operands.contains(name)).cloned().collect();
    let separator = if joined.separator == " " { other.separator.clone() } else { joined.separator.clone() };
    if separator == " " && operands.len() + fresh.len() > ON_ONE_LINE {
        return false;
    }
    joined.separator = separator;
    operands.extend(fresh.iter().cloned());
    names.extend(fresh);
    joined.packages.extend(other.packages.iter().cloned());
    true
}

/// Puts names behind the last word of `target`, in every fix that writes this word; all edits of the command.
fn extend(file: &File<'_>, draft: &mut Draft, target: &Install, joined: &Install, names: &[String]) -> Vec<Edit> {
    let behind: String = names.iter().map(|name| format!("{}{name}", joined.separator)).collect();
    let last = target.last_word;
    let whole = |edits: &[Edit]| -> Vec<Edit> {
        let mut edits = edits.to_vec();
        match edits.iter_mut().find(|edit| edit.range == last) {
            Some(edit) => edit.text.push_str(&behind),
            None => edits.push(Edit::replace(last, format!("{}{behind}", &file.text[last]))),
        }
        edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
        edits
    };
    let mut all = whole(&[]);
    for finding in &mut draft.findings[target.findings.clone()] {
        if let Some(fix) = finding.fix.as_mut().filter(|_| !names.is_empty()) {
            fix.edits = whole(&fix.edits);
            // The command's own finding comes last, with all of its edits.
            all.clone_from(&fix.edits);
        }
    }
    if names.is_empty() { Vec::new() } else { all }
}

fn take_out(draft: &mut Draft, other: Install, edits: &[Edit]) {
    let message = "installing joins the command before it";
    let removed = RemovedCommand {
        rule: other.rule,
        level: Level::Note,
        message: message.to_owned(),
        range: other.range,
        joined: Some(Joined { findings: other.findings, edits: edits.to_vec() }),
    };
    draft.removed.insert(other.id, removed);
}
