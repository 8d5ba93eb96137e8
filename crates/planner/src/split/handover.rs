//! Commands of the builder that make an account and give it files, which `COPY --chown` does for the runtime's own user.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::shell::SimpleCommand;
use wolfify_syntax::{Arguments, CommandForm, Keyword};

use super::content::{Content, Cx};
use super::effect::{ACCOUNTS, Call};
use super::path::is_below;
use super::trace::{Trace, Tracer};
use crate::draft::CommandId;
use crate::file::File;

/// Commands inside RUNs that stay, which leave.
#[derive(Debug, Clone, Default)]
pub(super) struct Needless {
    /// The commands.
    pub(super) ids: BTreeSet<CommandId>,
    /// The accounts leave as well, nothing names them any more.
    pub(super) accounts: bool,
    /// Each with its place and the edits that take it out.
    pub(super) commands: Vec<(TextRange, Vec<Edit>)>,
}

/// One command that may leave.
struct Candidate {
    id: CommandId,
    range: TextRange,
    account: bool,
}

/// What can leave once `content` is what the runtime takes.
pub(super) fn needless(cx: &Cx<'_>, content: &Content) -> Needless {
    if runs_as_another_user(cx.file, &cx.trace, cx.stage) {
        return Needless::default();
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    for index in cx.trace.runs.iter().copied().filter(|index| *index > cx.from()) {
        candidates.extend(of_run(cx, content, index));
    }
    let named = |account: bool| {
        let gone: Vec<TextRange> =
            candidates.iter().filter(|own| !own.account || account).map(|own| own.range).collect();
        cx.trace.runs.iter().any(|run| names_accounts(cx, *run, &gone))
    };
    let accounts = !cx.trace.accounts.is_empty() && !named(true);
    candidates.retain(|own| !own.account || accounts);
    edits(cx, &candidates, accounts)
}

/// The commands of one RUN that may leave: in shell form, all of them run whenever it does.
fn of_run(cx: &Cx<'_>, content: &Content, index: usize) -> Vec<Candidate> {
    let instruction = cx.file.instruction(index);
    let shell = matches!(&instruction.arguments, Arguments::Command(CommandForm::Shell { .. }));
    let touched = cx.draft.gone.iter().any(|id| id.instruction == index);
    let [script] = &cx.file.scripts[index][..] else { return Vec::new() };
    if !shell || touched {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut moves = false;
    script.visit(&mut |command, place| {
        let Some(name) = command.name() else { return };
        moves |= matches!(name.as_str(), "cd" | "pushd" | "popd");
        let call = Call { index, range: command.span.range, name: &name, command, place };
        let hands_over = matches!(name.as_str(), "chown" | "chgrp") && !moves && is_taken_over(cx, content, &call);
        let account = ACCOUNTS.contains(&name.as_str());
        let certain = Tracer::is_certain(&call) && command.redirects.is_empty() && command.wrappers.is_empty();
        if certain && (hands_over || account) {
            let id = CommandId { instruction: index, script: 0, command: command.id };
            found.push(Candidate { id, range: command.span.range, account });
        }
    });
    found
}

/// Whether all that a `chown` names is copied into the runtime for its user.
fn is_taken_over(cx: &Cx<'_>, content: &Content, call: &Call<'_>) -> bool {
    let Some(places) = places(cx, call.command, call.index) else { return false };
    let scratch = super::path::is_scratch;
    !places.is_empty()
        && places.iter().all(|place| {
            scratch(place) || content.copies.iter().any(|copied| copied.owned && is_below(place, &copied.path))
        })
}

/// The absolute paths that a `chown` names; a relative one is seen from the last WORKDIR above.
fn places(cx: &Cx<'_>, command: &SimpleCommand, index: usize) -> Option<Vec<String>> {
    let mut words = command.args().iter().filter(|word| !word.text.starts_with('-'));
    let scope = cx.file.evaluation.scope(index);
    let lookup = |name: &str| scope.get(name).value.text().map(str::to_owned);
    words.next()?;
    let cwd = cx
        .trace
        .written
        .iter()
        .rev()
        .find(|written| written.instruction < index && cx.file.is(written.instruction, Keyword::Workdir));
    let cwd = cwd.map_or(cx.start_directory.as_str(), |written| written.path.as_str());
    let mut found = Vec::new();
    for word in words {
        if word.text.contains(['*', '?', '{', '[', '~']) {
            return None;
        }
        found.extend(word.expand(&lookup)?.iter().map(|path| super::path::join(cwd, path)));
    }
    Some(found)
}

/// Whether a RUN names an account outside of what leaves.
fn names_accounts(cx: &Cx<'_>, run: usize, gone: &[TextRange]) -> bool {
    let range = cx.file.instruction(run).range;
    let mut text = String::new();
    let mut at = range.start();
    let mut gone: Vec<&TextRange> = gone.iter().filter(|own| range.contains_range(**own)).collect();
    gone.sort_by_key(|own| own.start());
    for own in gone {
        text.push_str(&cx.file.text[TextRange::new(at, own.start().max(at))]);
        at = own.end().max(at);
    }
    text.push_str(&cx.file.text[TextRange::new(at, range.end())]);
    cx.trace.accounts.iter().any(|name| !name.is_empty() && text.contains(name.as_str()))
}

/// Whether a RUN of the builder is run by a user without rights.
pub(super) fn runs_as_another_user(file: &File<'_>, trace: &Trace, stage: usize) -> bool {
    file.body(stage).any(|(index, instruction)| {
        let user = matches!(&instruction.arguments,
            Arguments::Words(words) if words.first().is_some_and(|word| !crate::rules::root_user::is_root(&word.text)));
        instruction.keyword == Keyword::User && user && trace.runs.iter().any(|run| *run > index)
    })
}

fn edits(cx: &Cx<'_>, candidates: &[Candidate], accounts: bool) -> Needless {
    let mut by_run: BTreeMap<usize, Vec<&Candidate>> = BTreeMap::new();
    for candidate in candidates {
        by_run.entry(candidate.id.instruction).or_default().push(candidate);
    }
    let mut found = Needless { accounts, ..Needless::default() };
    for (index, own) in by_run {
        let ids: HashSet<usize> = own.iter().map(|candidate| candidate.id.command).collect();
        let [script] = &cx.file.scripts[index][..] else { continue };
        let removals = crate::removals::without(cx.file, cx.draft, index, 0, script, &ids);
        let clean = removals.edits.values().flatten().all(|edit| edit.text != "true");
        if removals.all || !clean {
            found.accounts = false;
            continue;
        }
        for candidate in own {
            let edits = removals.edits.get(&candidate.id.command).cloned().unwrap_or_default();
            found.ids.insert(candidate.id);
            found.commands.push((candidate.range, edits));
        }
    }
    found
}
