//! Build tools that leave again by apt's marks.
//!
//! Official images remember what was installed (`saved="$(apt-mark showmanual)"`), install build tools, mark everything
//! as automatic (`apt-mark auto '.*'`), mark what was there before as wanted again, and let `apt-get purge --auto-remove`
//! take the rest. On Wolfi that is `apk add --virtual .build-deps` and `apk del .build-deps`. Where some of the new
//! packages are meant to stay (libraries found with `ldd`, names marked by hand) the two are not the same, and the tools
//! stay in the image with a word about it.

use wolfify_syntax::shell::{ShellScript, ShellWord, SimpleCommand, WordPart};

use crate::commands::ParsedCommands;
use crate::draft::{CommandId, Draft, RemovedCommand};
use crate::finding::Level;
use crate::managers::{Action, ArgumentKind, Manager, OptionRole, PackageCommand};
use crate::rules::housekeeping::INDEX;
use crate::variables::Mentions;

/// The name of the virtual package that build tools get.
pub(crate) const BUILD_DEPS: &str = ".build-deps";

/// The steps of one script that mark and remove.
#[derive(Debug, Default)]
pub(crate) struct BuildTools {
    /// The only install, when everything it brings leaves again.
    pub(crate) install: Option<usize>,
    /// Commands that remove what is marked as automatic.
    pub(crate) removals: Vec<usize>,
    /// The install was written with `--virtual`.
    pub(crate) is_virtual: bool,
}

/// The mark commands of a script, in order.
#[derive(Default)]
struct Found<'s> {
    saved: Vec<(&'s SimpleCommand, &'s str)>,
    tests: Vec<(&'s SimpleCommand, &'s str)>,
    marks: Vec<(&'s SimpleCommand, Vec<&'s str>)>,
    installs: Vec<usize>,
    removals: Vec<usize>,
    marks_all: bool,
    something_stays: bool,
}

/// Takes out the marks of a script where all of them are understood.
pub(crate) fn collect(
    parsed: &ParsedCommands,
    draft: &mut Draft,
    instruction: usize,
    index: usize,
    script: &ShellScript,
) {
    if !script.text.contains("apt-mark") {
        return;
    }
    let mut found = Found::default();
    script.visit(&mut |command, _| found.look_at(command, parsed));
    if found.marks_all {
        draft.build_tools.insert((instruction, index), found.tools(&script.text));
    }
    for command in found.understood(&script.text).unwrap_or_default() {
        let id = CommandId { instruction, script: index, command: command.id };
        draft.claimed.insert(id);
        draft.claim_nested(id, command);
        let message = "apt's marks: apk keeps what was asked for by name".to_owned();
        draft.removed.insert(
            id,
            RemovedCommand { rule: &INDEX, level: Level::Note, message, range: command.span.range, joined: None },
        );
    }
}

impl<'s> Found<'s> {
    fn look_at(&mut self, command: &'s SimpleCommand, parsed: &ParsedCommands) {
        if let Some(name) = saved_marks(command, parsed) {
            self.saved.push((command, name));
        } else if let Some(name) = tested(command) {
            self.tests.push((command, name));
        }
        let Some(manager) = parsed.get(command) else { return };
        let after_saving = !self.saved.is_empty();
        if manager.action == Action::Mark && manager.manager == Manager::AptMark {
            self.mark(command, manager);
        } else if manager.action.installs() && after_saving {
            self.installs.push(command.id);
        } else if removes_automatic(manager) {
            self.removals.push(command.id);
        }
    }

    fn mark(&mut self, command: &'s SimpleCommand, manager: &PackageCommand) {
        let names: Vec<&str> = command.words.iter().filter_map(sole_parameter).collect();
        let is = |verb: &str| manager.action_words.iter().any(|index| command.words[*index].text == verb);
        self.marks_all |= is("auto");
        self.something_stays |= is("manual") && (manager.arguments_from_input || manager.arguments.len() > names.len());
        if !manager.arguments_from_input {
            self.marks.push((command, names));
        }
    }

    /// The commands that leave together; `None` when a saved list is used in another way.
    fn understood(&self, text: &str) -> Option<Vec<&'s SimpleCommand>> {
        let mentions = Mentions::of(text);
        for (_, name) in &self.saved {
            let marked = self.marks.iter().flat_map(|(_, names)| names).filter(|other| *other == name).count();
            let tested = self.tests.iter().filter(|(_, other)| other == name);
            let guards = tested.clone().filter(|(test, _)| self.guards_a_mark(test)).count();
            if guards != tested.count() || marked + guards != mentions.count(name) {
                return None;
            }
        }
        let is_saved = |name: &str| self.saved.iter().any(|(_, saved)| *saved == name);
        let tests = self.tests.iter().filter(|(_, name)| is_saved(name)).map(|(command, _)| *command);
        let belongs = |names: &[&str]| names.is_empty() || names.iter().any(|name| is_saved(name));
        let marks = self.marks.iter().filter(|(_, names)| !self.saved.is_empty() && belongs(names));
        let all = self.saved.iter().map(|(command, _)| *command).chain(tests).chain(marks.map(|(command, _)| *command));
        Some(all.collect())
    }

    /// Whether a test stands right before a mark: `[ -z "$saved" ] || apt-mark manual $saved`.
    fn guards_a_mark(&self, test: &SimpleCommand) -> bool {
        self.marks.iter().any(|(mark, _)| mark.id == test.id + 1)
    }

    fn tools(&self, text: &str) -> BuildTools {
        let exact = !self.something_stays && self.understood(text).is_some() && self.removals.len() == 1;
        let install = match self.installs[..] {
            [install] if exact && install < self.removals[0] => Some(install),
            _ => None,
        };
        BuildTools { install, removals: self.removals.clone(), is_virtual: false }
    }
}

/// `saved="$(apt-mark showmanual)"`: the variable.
fn saved_marks<'s>(command: &'s SimpleCommand, parsed: &ParsedCommands) -> Option<&'s str> {
    let ([assignment], true, [nested]) = (&command.assignments[..], command.words.is_empty(), &command.nested[..])
    else {
        return None;
    };
    let mut inner = Vec::new();
    nested.script.visit(&mut |command, _| inner.push(command));
    let [query] = inner[..] else { return None };
    let manager = parsed.get(query).filter(|manager| manager.manager == Manager::AptMark)?;
    (manager.action == Action::Query && command.redirects.is_empty()).then_some(assignment.name.as_str())
}

/// `[ -z "$name" ]`: the variable.
fn tested(command: &SimpleCommand) -> Option<&str> {
    if !matches!(command.words.first()?.text.as_str(), "[" | "test") {
        return None;
    }
    let [_, operator, operand, ..] = &command.words[..] else { return None };
    matches!(operator.text.as_str(), "-z" | "-n").then(|| sole_parameter(operand)).flatten()
}

/// `$name`, `${name}`, `"$name"`.
fn sole_parameter(word: &ShellWord) -> Option<&str> {
    // The quotes around it count as text, empty text.
    let mut parts = word.parts.iter().filter(|part| !matches!(part, WordPart::Literal { text, .. } if text.is_empty()));
    match (parts.next(), parts.next()) {
        (Some(WordPart::Parameter { name, operation, .. }), None) if operation.is_empty() => Some(name),
        _ => None,
    }
}

/// `apt-get purge --auto-remove` and `apt-get autoremove`, without names.
fn removes_automatic(manager: &PackageCommand) -> bool {
    let names = manager.arguments.iter().any(|argument| !matches!(argument.kind, ArgumentKind::Other(_)));
    let automatic = manager.action == Action::Autoremove || manager.has(&OptionRole::Autoremove);
    manager.action.removes() && automatic && !names
}
