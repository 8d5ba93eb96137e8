//! Tools that came with the old image, or with its packages, and do not come with the new ones.

use text_size::TextRange;
use wolfify_mappings::{CommandMapping, Lookup, unversioned};
use wolfify_syntax::shell::{AndOrOperator, ShellWord};

use crate::commands::CommandCx;
use crate::draft::{Draft, Need};
use crate::file::File;
use crate::finding::Level;
use crate::managers::Manager;
use crate::needs::RULE as NEEDED;
use crate::provisions::Made;
use crate::rule::Rule;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "missing-command",
    summary: "commands that nothing on Wolfi brings",
    level: Level::Error,
    docs: "\
## What it finds

A command in a RUN that the old image or one of its packages had, that no step of the file makes, and that no Wolfi
package has: helpers of Debian, Fedora and the official images, programs that are not in Wolfi.

## Why it matters on Wolfi

The build stops with \"not found\". What has to stand in its place depends on what the command did.

## What it does

Nothing to the command; the finding says what to do. A command that a Wolfi package has is the matter of
`needed-package`.

## Example

```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y apache2 && a2enmod rewrite
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache apache2 && a2enmod rewrite
```
",
};

/// Asks for the package of a command that nothing brings any more, or reports the command.
pub(crate) fn check(cx: &CommandCx<'_>, draft: &mut Draft) {
    draft.follow_installs(cx.file.mappings);
    for wrapper in &cx.command.wrappers {
        if cx.file.source_had(cx.stage, &wrapper.name) {
            check_name(cx, &wrapper.name, draft);
        }
    }
    if let Some(name) = cx.command.name()
        && stands_on_path(cx, &name)
    {
        check_name(cx, &name, draft);
    }
}

/// Whether the command is looked for on the PATH, or named in a directory of the system.
fn stands_on_path(cx: &CommandCx<'_>, name: &str) -> bool {
    let Some(path) = cx.command.words.get(cx.command.name_index).and_then(ShellWord::literal) else { return false };
    let directory = &path[..path.len() - name.len()];
    matches!(directory, "" | "/bin/" | "/sbin/" | "/usr/bin/" | "/usr/sbin/")
}

fn check_name(cx: &CommandCx<'_>, name: &str, draft: &mut Draft) {
    match cx.file.mappings.command(name) {
        Lookup::Mapped(mapping) => check_mapped(cx, name, &mapping, draft),
        Lookup::Absent { advice, .. } => check_absent(cx, name, &advice, draft),
        Lookup::Ambiguous(_) | Lookup::Dropped { .. } | Lookup::Unknown => {}
    }
}

fn check_mapped(cx: &CommandCx<'_>, name: &str, mapping: &CommandMapping, draft: &mut Draft) {
    if draft.provisions.is_asked_for(cx.id.instruction, name) || has(cx.file, cx.stage, draft, name, mapping) {
        return;
    }
    let Some(package) = mapping.packages.first() else { return };
    let had = cx.file.source_had(cx.stage, name);
    let made = draft.provisions.who(&cx.file.stages, cx.stage, name, &mapping.packages);
    let (why, level) = match (had, made) {
        (_, Made::Named) | (false, Made::Perhaps) => return,
        (true, _) => {
            (format!("`{name}` came with the old image and is not in the new one; `{package}` brings it"), Level::Note)
        }
        (false, Made::No) => {
            let tolerated = cx.place.operator_after == Some(AndOrOperator::Or) || cx.place.in_condition();
            if tolerated || draft.unknown_stages.contains(&cx.stage) {
                return;
            }
            let why = format!(
                "nothing in the stage brings `{name}` on Wolfi; a package of the old distribution may have brought it along; `{package}` has it"
            );
            (why, Level::Warning)
        }
    };
    let range = range(cx);
    let package = package.clone();
    let instruction = cx.id.instruction;
    draft.needs.entry(cx.stage).or_default().push(Need { package, rule: &NEEDED, why, range, instruction, level });
}

/// The package to install for a command that the old image of a stage had and that nothing brings to the new one.
pub(crate) fn package_of(file: &File<'_>, stage: usize, draft: &mut Draft, name: &str) -> Option<String> {
    if !file.source_had(stage, name) {
        return None;
    }
    draft.follow_installs(file.mappings);
    let Lookup::Mapped(mapping) = file.mappings.command(name) else { return None };
    let made = draft.provisions.who(&file.stages, stage, name, &mapping.packages);
    if made == Made::Named || has(file, stage, draft, name, &mapping) {
        return None;
    }
    mapping.packages.first().cloned()
}

/// Asks for the packages of the commands that CMD or ENTRYPOINT starts.
pub(crate) fn check_start(file: &File<'_>, stage: usize, instruction: usize, draft: &mut Draft) {
    for script in &file.scripts[instruction] {
        script.visit(&mut |command, _| {
            let Some(name) = command.name().filter(|name| Manager::names().all(|manager| manager != name)) else {
                return;
            };
            let Some(package) = package_of(file, stage, draft, &name) else { return };
            let range = command.words.get(command.name_index).map_or(command.span.range, |word| word.span.range);
            let why = format!("`{name}` came with the old image and is not in the new one; `{package}` brings it");
            let need = Need { package, rule: &NEEDED, why, range, instruction, level: Level::Note };
            draft.needs.entry(stage).or_default().push(need);
        });
    }
}

/// Whether a command is there, or another rule's matter.
pub(crate) fn has(file: &File<'_>, stage: usize, draft: &Draft, name: &str, mapping: &CommandMapping) -> bool {
    // Accounts have a rule of their own, and a language's own tools are what its image is for.
    mapping.packages.iter().any(|package| package == "shadow")
        || name == "getent"
        || is_own_tool(file, stage, name)
        || provided(file, stage, mapping, draft)
}

fn check_absent(cx: &CommandCx<'_>, name: &str, advice: &str, draft: &mut Draft) {
    let made = draft.provisions.who(&cx.file.stages, cx.stage, name, &[]);
    // Package managers of other distributions have a rule of their own.
    let asked = draft.provisions.is_asked_for(cx.id.instruction, name);
    if made != Made::No || asked || Manager::names().any(|manager| manager == name) {
        return;
    }
    draft.report(&RULE, Level::Error, range(cx), format!("`{name}`: {advice}"), None);
}

fn range(cx: &CommandCx<'_>) -> TextRange {
    cx.command.words.get(cx.command.name_index).map_or(cx.command.span.range, |word| word.span.range)
}

/// Whether a command is what the target image is named for (`dotnet` in `dotnet-sdk`, `npm` in `node`).
pub(crate) fn is_own_tool(file: &File<'_>, stage: usize, name: &str) -> bool {
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
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return false };
    LANGUAGE_TOOLS.iter().any(|(image, tools)| *image == target.image && tools.contains(&name))
}

/// Whether the new image or an install before brings one of the command's packages.
fn provided(file: &File<'_>, stage: usize, mapping: &CommandMapping, draft: &Draft) -> bool {
    let bare = matches!(&file.stages[file.bottoms[stage]].base, Base::Converted(target) if target.bare);
    let installed = |package: &str| {
        let name = unversioned(package);
        draft.brings.first(stage, &name).is_some() || draft.brings.below(&file.stages, stage, &name)
    };
    mapping.busybox
        || (bare && mapping.in_wolfi_base)
        || (!bare && mapping.in_dev_images)
        || mapping.packages.iter().any(|package| file.in_target(stage, package) || installed(package))
}
