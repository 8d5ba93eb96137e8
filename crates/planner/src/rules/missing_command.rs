//! Tools that came with the old image and do not come with the new one.

use wolfify_mappings::{CommandMapping, Lookup};

use crate::commands::CommandCx;
use crate::draft::{Draft, Need};
use crate::finding::Level;
use crate::needs::RULE;
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
    // Accounts have a rule of their own, and a language's own tools are what its image is for.
    if mapping.packages.iter().any(|package| package == "shadow")
        || name == "getent"
        || is_own_tool(cx, name)
        || provided(cx, &mapping, draft)
    {
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

/// Whether a command is what the target image is named for (`dotnet` in `dotnet-sdk`, `npm` in `node`).
fn is_own_tool(cx: &CommandCx<'_>, name: &str) -> bool {
    const LANGUAGE_TOOLS: &[(&str, &[&str])] = &[
        ("dotnet-sdk", &["dotnet"]),
        ("go", &["go", "gofmt"]),
        ("gradle", &["gradle", "java", "javac", "jar"]),
        ("jdk", &["java", "javac", "jar", "keytool"]),
        ("jre", &["java", "keytool"]),
        ("maven", &["mvn", "java", "javac", "jar"]),
        ("node", &["node", "npm", "npx", "corepack", "yarn"]),
        ("php", &["php", "composer"]),
        ("python", &["python", "python3", "pip", "pip3"]),
        ("ruby", &["ruby", "gem", "bundle", "bundler", "rake", "irb"]),
        ("rust", &["cargo", "rustc"]),
    ];
    let Some(stage) = bottom(cx) else { return false };
    let Base::Converted(target) = &cx.file.stages[stage].base else { return false };
    LANGUAGE_TOOLS.iter().any(|(image, tools)| *image == target.image && tools.contains(&name))
}

/// Whether the image at the bottom of the stage carried the command.
fn came_with_source(cx: &CommandCx<'_>, name: &str) -> bool {
    cx.file.source_had(cx.stage, name)
}

/// The stage whose base image the stage of the command stands on.
fn bottom(cx: &CommandCx<'_>) -> Option<usize> {
    let bottom = cx.file.bottoms[cx.stage];
    matches!(cx.file.stages[bottom].base, Base::Converted(_)).then_some(bottom)
}

fn provided(cx: &CommandCx<'_>, mapping: &CommandMapping, draft: &Draft) -> bool {
    let bare =
        bottom(cx).is_some_and(|stage| matches!(&cx.file.stages[stage].base, Base::Converted(target) if target.bare));
    mapping.busybox
        || (bare && mapping.in_wolfi_base)
        || (!bare && mapping.in_dev_images)
        || mapping.packages.iter().any(|package| cx.file.in_target(cx.stage, package) || installed(cx, draft, package))
}

/// Whether an install of the stage, or of one below it, brings the package.
fn installed(cx: &CommandCx<'_>, draft: &Draft, package: &str) -> bool {
    draft.installed.first(cx.stage, package).is_some() || draft.installed.below(&cx.file.stages, cx.stage, package)
}
