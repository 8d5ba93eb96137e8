//! Tools that came with the old image and do not come with the new one.

use wolfify_mappings::{CommandMapping, Lookup};

use crate::commands::CommandCx;
use crate::draft::{Draft, Need};
use crate::file::File;
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
    let Some(package) = package_of(cx.file, cx.stage, draft, name) else { return };
    draft.needs.entry(cx.stage).or_default().push(Need {
        why: format!("`{name}` came with the old image and is not in the new one; `{package}` brings it"),
        package,
        rule: &RULE,
        range: cx.command.words.get(cx.command.name_index).map_or(cx.command.span.range, |word| word.span.range),
        instruction: cx.id.instruction,
        level: Level::Note,
    });
}

/// The package to install for a command that the old image of a stage had and that nothing brings to the new one.
pub(crate) fn package_of(file: &File<'_>, stage: usize, draft: &Draft, name: &str) -> Option<String> {
    if !file.source_had(stage, name) {
        return None;
    }
    let Lookup::Mapped(mapping) = file.mappings.command(name) else { return None };
    // Accounts have a rule of their own, and a language's own tools are what its image is for.
    if mapping.packages.iter().any(|package| package == "shadow")
        || name == "getent"
        || is_own_tool(file, stage, name)
        || provided(file, stage, &mapping, draft)
    {
        return None;
    }
    mapping.packages.first().cloned()
}

/// Whether a command is what the target image is named for (`dotnet` in `dotnet-sdk`, `npm` in `node`).
fn is_own_tool(file: &File<'_>, stage: usize, name: &str) -> bool {
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
    let Some(stage) = bottom(file, stage) else { return false };
    let Base::Converted(target) = &file.stages[stage].base else { return false };
    LANGUAGE_TOOLS.iter().any(|(image, tools)| *image == target.image && tools.contains(&name))
}

/// The stage whose base image a stage stands on.
fn bottom(file: &File<'_>, stage: usize) -> Option<usize> {
    let bottom = file.bottoms[stage];
    matches!(file.stages[bottom].base, Base::Converted(_)).then_some(bottom)
}

fn provided(file: &File<'_>, stage: usize, mapping: &CommandMapping, draft: &Draft) -> bool {
    let bare = bottom(file, stage)
        .is_some_and(|stage| matches!(&file.stages[stage].base, Base::Converted(target) if target.bare));
    let brought = |package: &String| {
        // By an install of the stage or of one below it.
        draft.installed.first(stage, package).is_some() || draft.installed.below(&file.stages, stage, package)
    };
    mapping.busybox
        || (bare && mapping.in_wolfi_base)
        || (!bare && mapping.in_dev_images)
        || mapping.packages.iter().any(|package| file.in_target(stage, package) || brought(package))
}
