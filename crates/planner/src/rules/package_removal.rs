//! Removing packages.

use wolfify_mappings::Distro;

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::finding::Level;
use crate::managers::environment::manager_variable;
use crate::managers::{Action, Argument, ArgumentKind, OptionRole, PackageCommand};
use crate::marks::BUILD_DEPS;
use crate::resolve::{Resolved, resolve};
use crate::rule::Rule;
use crate::rules::php_extension::{self, BuildTools};
use crate::variables::Variables;
use crate::words::{WordEdit, WordFate, edits};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "package-removal",
    summary: "packages removed again",
    level: Level::Note,
    docs: "\
## What it finds

`apt-get purge`, `autoremove`, `yum remove`, `apk del`.

## Why it matters on Wolfi

What the stage itself installed before goes with `apk del`, which also removes what nothing needs any more. A package
that only the old image brought is not there, and taking it out has no meaning.

## Example

```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y gcc make && make && apt-get purge -y --auto-remove gcc
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache gcc glibc-dev make && make && apk del gcc glibc-dev
```
",
};

/// Rewrites a removal to `apk del`, or takes it out when there is nothing to remove.
pub(crate) fn check(
    cx: &CommandCx<'_>,
    command: &PackageCommand,
    distro: Distro,
    variables: &Variables<'_>,
    draft: &mut Draft,
) {
    let range = cx.command.span.range;
    if by_marks(cx, command, draft) {
        return;
    }
    if command.arguments_from_input || cx.place.in_substitution || !cx.editable() {
        draft.leave(
            cx,
            &RULE,
            Level::Error,
            range,
            "not rewritten: the packages to remove come from elsewhere; use `apk del`",
        );
        return;
    }
    let mut words: Vec<WordEdit> = Vec::new();
    let mut kept = 0;
    let mut unclear = false;
    for argument in &command.arguments {
        match fate(cx, argument, distro, variables, draft) {
            Some(WordFate::Delete) => words.push(word(cx, argument.word_index, WordFate::Delete)),
            Some(fate) => {
                kept += 1;
                words.push(word(cx, argument.word_index, fate));
            }
            None => unclear = true,
        }
    }
    if unclear {
        draft.leave(
            cx,
            &RULE,
            Level::Error,
            range,
            "not rewritten: what is removed is only known when it runs; use `apk del`",
        );
        return;
    }
    if kept == 0 {
        let message = if command.action == Action::Autoremove {
            "`apk del` removes what nothing needs by itself"
        } else {
            "the stage installs nothing of this on Wolfi, so there is nothing to remove"
        };
        draft.remove(cx, &RULE, Level::Note, message);
        return;
    }
    if command.manager.distro() != Some(Distro::Alpine) {
        head(cx, command, &mut words);
    }
    words.sort_by_key(|word| word.range.start());
    let edits = if cx.exec_form() {
        crate::exec::edits(cx, &words)
    } else {
        edits(&cx.layout(), cx.command.span.range, &words)
    };
    if edits.is_empty() {
        draft.claimed.insert(cx.id);
        return;
    }
    draft.root_commands.insert(cx.id.instruction);
    draft.rewrite(cx, &RULE, Level::Note, "what the stage installed goes with `apk del`", "Remove with apk", edits);
}

/// Deals with a removal of what apt's marks say; true when it was one.
fn by_marks(cx: &CommandCx<'_>, command: &PackageCommand, draft: &mut Draft) -> bool {
    let tools = draft.build_tools.get(&(cx.id.instruction, cx.id.script));
    let Some(tools) = tools.filter(|tools| tools.removals.contains(&cx.id.command)) else { return false };
    if !tools.is_virtual || !cx.editable() || cx.exec_form() {
        let message = "left out, so the build tools stay in the image: which packages are still needed was found with apt's \
            marks; install the tools with `apk add --virtual .build-deps` and use `apk del .build-deps`, or build in a stage of its own";
        draft.remove(cx, &RULE, Level::Warning, message);
        return true;
    }
    let mut words = Vec::new();
    head(cx, command, &mut words);
    let verb = command.action_words.first().map(|index| cx.command.words[*index].span.range);
    for word in words.iter_mut().filter(|word| Some(word.range) == verb) {
        word.fate = WordFate::Replace(vec!["del".to_owned(), BUILD_DEPS.to_owned()]);
    }
    words.sort_by_key(|word| word.range.start());
    let edits = edits(&cx.layout(), cx.command.span.range, &words);
    draft.root_commands.insert(cx.id.instruction);
    draft.rewrite(cx, &RULE, Level::Note, "what was installed to build goes with `apk del`", "Remove with apk", edits);
    true
}

fn word(cx: &CommandCx<'_>, index: usize, fate: WordFate) -> WordEdit {
    WordEdit { range: cx.command.words[index].span.range, fate }
}

/// What becomes of one operand; `None` when it is not known what it stands for.
fn fate(
    cx: &CommandCx<'_>,
    argument: &Argument,
    distro: Distro,
    variables: &Variables<'_>,
    draft: &Draft,
) -> Option<WordFate> {
    let text = &cx.command.words[argument.word_index];
    let tools = php_extension::build_tools(cx, distro, text);
    if tools == Some(BuildTools::Needless) || php_extension::library_list(cx, text, draft) == Some(true) {
        return Some(WordFate::Delete);
    }
    let names: Vec<String> = match (&argument.kind, tools) {
        (ArgumentKind::Variable(_), Some(BuildTools::Needed(names))) => names,
        (ArgumentKind::Virtual(name), _) => return Some(virtual_fate(cx, draft, name)),
        (ArgumentKind::Package(spec), _) => vec![spec.name.clone()],
        (ArgumentKind::RpmVersioned(versioned), _) => vec![versioned.whole.name.clone()],
        (ArgumentKind::Variable(_), _) if variables.is_translated(text) => return Some(WordFate::Keep),
        (ArgumentKind::Variable(_), _) => text.expand(&|name| variables.value(name))?,
        (ArgumentKind::Glob(_) | ArgumentKind::Group(_), _) => return Some(WordFate::Delete),
        _ => return None,
    };
    let mut packages = Vec::new();
    for name in names {
        if installed_as_virtual(cx, draft, &name) {
            packages.push(name);
            continue;
        }
        if let Resolved::Packages { names, .. } = resolve(cx.file, cx.stage, distro, &name) {
            packages.extend(names.into_iter().filter(|package| installed(cx, draft, package)));
        }
    }
    Some(match packages[..] {
        [] => WordFate::Delete,
        _ => WordFate::Replace(packages),
    })
}

/// A virtual package goes with what it stood for, unless an install of it is left to a person.
fn virtual_fate(cx: &CommandCx<'_>, draft: &Draft, name: &str) -> WordFate {
    let left = draft.left_installs.contains(&(cx.id.instruction, cx.id.script));
    let made = installed_as_virtual(cx, draft, name) || draft.virtuals.below(&cx.file.stages, cx.stage, name);
    if left || made { WordFate::Keep } else { WordFate::Delete }
}

/// Whether an earlier command of the stage installs a package.
fn installed(cx: &CommandCx<'_>, draft: &Draft, package: &str) -> bool {
    draft.installed.first(cx.stage, package).is_some()
}

/// Whether a name is that of a virtual package some command of the stage makes.
fn installed_as_virtual(cx: &CommandCx<'_>, draft: &Draft, name: &str) -> bool {
    draft.virtuals.first(cx.stage, name).is_some()
}

/// `apt-get -y purge --auto-remove` to `apk del`.
fn head(cx: &CommandCx<'_>, command: &PackageCommand, words: &mut Vec<WordEdit>) {
    for wrapper in &cx.command.wrappers {
        if matches!(wrapper.name.as_str(), "sudo" | "doas" | "env") {
            words.extend(wrapper.words.clone().map(|index| word(cx, index, WordFate::Delete)));
        }
    }
    for assignment in &cx.command.assignments {
        if manager_variable(&assignment.name).is_some() {
            words.push(WordEdit { range: assignment.span.range, fate: WordFate::Delete });
        }
    }
    words.push(word(cx, command.name_index, WordFate::Replace(vec!["apk".to_owned()])));
    for (position, index) in command.action_words.iter().enumerate() {
        let fate = if position == 0 { WordFate::Replace(vec!["del".to_owned()]) } else { WordFate::Delete };
        words.push(word(cx, *index, fate));
    }
    for option in command.options.iter().filter(|option| option.role != OptionRole::Dynamic) {
        words.push(word(cx, option.word_index, WordFate::Delete));
        if let Some(value) = option.value.as_ref().filter(|value| value.word_index != option.word_index) {
            words.push(word(cx, value.word_index, WordFate::Delete));
        }
    }
}
