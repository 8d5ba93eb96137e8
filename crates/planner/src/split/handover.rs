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
    /// RUNs of which nothing is left.
    pub(super) runs: BTreeSet<usize>,
    /// Each with its place, the edits that take it out, and whether it is about an account.
    pub(super) commands: Vec<(TextRange, Vec<Edit>, bool)>,
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
        cx.trace.runs.iter().any(|run| names_accounts(cx.file, &cx.trace, *run, &gone))
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
    let taken = |place: &str| content.copies.iter().any(|copied| copied.owned && is_below(place, &copied.path));
    // Of the home of an account, all that there is to own.
    let home = |place: &str| {
        let mut below = cx.head_writes().filter(|written| is_below(&written.path, place));
        cx.trace.homes.values().any(|home| home == place) && below.all(|written| taken(&written.path))
    };
    !places.is_empty() && places.iter().all(|place| super::path::is_scratch(place) || taken(place) || home(place))
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

/// Commands whose words are packages, or programs.
const INSTALLERS: &[&str] = &[
    "apk", "bundle", "cargo", "composer", "gem", "go", "npm", "pip", "pip3", "pipenv", "pnpm", "poetry", "type", "uv",
    "which", "yarn",
];

/// Whether a RUN names an account, or relies on its home, outside of what leaves.
pub(super) fn names_accounts(file: &File<'_>, trace: &Trace, run: usize, gone: &[TextRange]) -> bool {
    let scope = file.evaluation.scope(run);
    let lookup = |name: &str| scope.get(name).value.text().map(str::to_owned);
    let mut named = false;
    for script in &file.scripts[run] {
        // What no script says clearly may name anything.
        named |= !script.opaque().is_empty();
        script.visit(&mut |command, place| {
            if named || gone.iter().any(|own| own.contains_range(command.span.range)) {
                return;
            }
            let name = command.name();
            let makes = name.as_deref() == Some("mkdir");
            // `pip install flask` speaks of no account, and what is only printed does nothing.
            let printed = command.redirects.is_empty() && place.pipeline_len == 1 && place.roles.is_empty();
            let installs = name.is_some_and(|name| {
                INSTALLERS.contains(&name.as_str()) || (printed && matches!(name.as_str(), "echo" | "printf"))
            });
            let targets = command.redirects.iter().filter_map(|redirect| redirect.target.as_ref());
            let values = command.assignments.iter().filter_map(|assignment| assignment.value.as_ref());
            named |= command
                .redirects
                .iter()
                .filter_map(|redirect| redirect.heredoc.as_deref())
                .any(|text| trace.accounts.iter().any(|name| !name.is_empty() && text.contains(name.as_str())));
            named |= command.words.iter().chain(targets).chain(values).any(|word| {
                let texts = word.expand(&lookup).unwrap_or_else(|| vec![word.text.clone()]);
                let names = |text: &String| !installs && names_account(trace, text);
                texts.iter().any(|text| names(text) || (!makes && is_in_home(trace, text)))
            });
        });
    }
    named
}

/// Whether a word has the name of an account as a whole part (`www`, `www:www`, `--user=www`, `~www`).
fn names_account(trace: &Trace, text: &str) -> bool {
    let parts = text.split(|letter: char| letter.is_whitespace() || ":=,\"'~".contains(letter));
    parts.into_iter().any(|part| !part.is_empty() && trace.accounts.contains(part))
}

/// Whether a word is a path in the home of an account, which only `useradd -m` and the like make.
fn is_in_home(trace: &Trace, text: &str) -> bool {
    text.contains('/') && trace.homes.values().any(|home| home.len() > 1 && is_below(text, home))
}

/// Whether a RUN of the builder is run by a user without rights.
pub(super) fn runs_as_another_user(file: &File<'_>, trace: &Trace, stage: usize) -> bool {
    file.body(stage).any(|(index, instruction)| {
        let user = matches!(&instruction.arguments,
            Arguments::Words(words) if words.first().is_some_and(|word| !crate::rules::root_user::is_root(&word.text)));
        instruction.keyword == Keyword::User && user && trace.runs.iter().any(|run| *run > index)
    })
}

/// Whether a RUN has a command for accounts, or one that gives files away.
pub(super) fn is_about_accounts(file: &File<'_>, index: usize) -> bool {
    calls(file, index, &|_, name| ACCOUNTS.contains(&name) || matches!(name, "chown" | "chgrp" | "chmod"))
}

/// Whether a RUN has a command for accounts.
pub(super) fn makes_an_account(file: &File<'_>, index: usize) -> bool {
    calls(file, index, &|_, name| ACCOUNTS.contains(&name))
}

/// Whether a command for accounts is left in the builder.
pub(super) fn makes_accounts(cx: &Cx<'_>, dissolved: &BTreeSet<usize>, leaving: &Needless) -> bool {
    let mut runs = cx.trace.runs.iter().chain(&cx.trace.account_runs).filter(|run| !dissolved.contains(run));
    runs.any(|run| calls(cx.file, *run, &|id, name| ACCOUNTS.contains(&name) && !leaving.ids.contains(&id)))
}

/// Whether an instruction has a command that `is_one` knows.
fn calls(file: &File<'_>, instruction: usize, is_one: &dyn Fn(CommandId, &str) -> bool) -> bool {
    let mut found = false;
    for (number, script) in file.scripts[instruction].iter().enumerate() {
        script.visit(&mut |command, _| {
            let id = CommandId { instruction, script: number, command: command.id };
            found |= command.name().is_some_and(|name| is_one(id, &name));
        });
    }
    found
}

/// The comments right above a RUN, when they speak of nothing but what left it.
fn comments_about_accounts(file: &File<'_>, index: usize) -> Vec<Edit> {
    let comments = file.comments_above(index);
    let all = comments.iter().all(|comment| crate::comments::speaks_only_of_accounts(&file.text[*comment]));
    let layout = file.layout(false);
    let lines = comments.into_iter().filter(|_| all).map(|comment| {
        Edit::delete(TextRange::new(layout.line_start(comment.start()), layout.line_end(comment.end())))
    });
    lines.collect()
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
        if removals.all {
            found.runs.insert(index);
            continue;
        }
        if !clean {
            found.accounts = false;
            continue;
        }
        let mut comments = comments_about_accounts(cx.file, index);
        for candidate in own {
            let mut edits = removals.edits.get(&candidate.id.command).cloned().unwrap_or_default();
            edits.append(&mut comments);
            found.ids.insert(candidate.id);
            found.commands.push((candidate.range, edits, candidate.account));
        }
    }
    found
}
