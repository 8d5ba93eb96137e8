//! Tools that came with the old image and do not come with the new one.

use wolfify_mappings::{CommandMapping, Lookup};

use crate::commands::CommandCx;
use crate::draft::{Draft, Need};
use crate::finding::Level;
use crate::needs::RULE;
use crate::resolve::in_target;
use crate::stages::Base;

/// Asks for the package of a command that the old image had and the new one lacks.
pub(crate) fn check(cx: &CommandCx<'_>, draft: &mut Draft) {
    let names = wrapper_names(cx).chain(cx.command.name()).collect::<Vec<_>>();
    for name in names {
        check_name(cx, &name, draft);
    }
}

fn wrapper_names<'a>(cx: &'a CommandCx<'_>) -> impl Iterator<Item = String> + 'a {
    cx.command.wrappers.iter().map(|wrapper| wrapper.name.clone())
}

fn check_name(cx: &CommandCx<'_>, name: &str, draft: &mut Draft) {
    if !came_with_source(cx, name) {
        return;
    }
    let Lookup::Mapped(mapping) = cx.file.mappings.command(name) else { return };
    if provided(cx, &mapping, draft) {
        return;
    }
    let Some(package) = mapping.packages.first() else { return };
    draft.needs.entry(cx.stage).or_default().push(Need {
        package: package.clone(),
        rule: &RULE,
        why: format!("`{name}` came with the old image and is not in the new one; `{package}` brings it"),
        range: cx.command.words.get(cx.command.name_index).map_or(cx.command.span.range, |word| word.span.range),
        instruction: cx.id.instruction,
        level: Level::Note,
    });
}

/// Whether the image at the bottom of the stage carried the command.
fn came_with_source(cx: &CommandCx<'_>, name: &str) -> bool {
    let Some(stage) = bottom(cx) else { return false };
    let Some(source) = &cx.file.stages[stage].source else { return false };
    cx.file
        .mappings
        .source_image(&source.name, source.tag.as_deref())
        .is_some_and(|image| image.tools.iter().any(|tool| tool == name))
}

/// The stage whose base image the stage of the command stands on.
fn bottom(cx: &CommandCx<'_>) -> Option<usize> {
    let mut stage = cx.stage;
    loop {
        match cx.file.stages[stage].base {
            Base::Parent(parent) => stage = parent,
            Base::Converted(_) => return Some(stage),
            Base::Native | Base::Left(_) | Base::Scratch => return None,
        }
    }
}

fn provided(cx: &CommandCx<'_>, mapping: &CommandMapping, draft: &Draft) -> bool {
    let bare =
        bottom(cx).is_some_and(|stage| matches!(&cx.file.stages[stage].base, Base::Converted(target) if target.bare));
    mapping.busybox
        || (bare && mapping.in_wolfi_base)
        || (!bare && mapping.in_dev_images)
        || mapping.packages.iter().any(|package| in_target(cx.file, cx.stage, package) || installed(cx, draft, package))
}

/// Whether an install that runs before brings the package.
fn installed(cx: &CommandCx<'_>, draft: &Draft, package: &str) -> bool {
    draft.installs.range(..=cx.id.instruction).any(|(_, installs)| {
        installs.iter().any(|install| install.packages.iter().any(|name| name == package || is_stream(name, package)))
    })
}

/// `python-3.13` brings what `python-3.12` or `python3` brings.
fn is_stream(installed: &str, package: &str) -> bool {
    let stem = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-').to_owned();
    stem(installed) == stem(package)
}
