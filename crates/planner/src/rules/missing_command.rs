//! Tools that came with the old image, or with its packages, and do not come with the new ones.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::{CommandMapping, EntrypointKind, Lookup, unversioned};
use wolfify_syntax::Keyword;
use wolfify_syntax::shell::{AndOrOperator, ShellWord, SimpleCommand};

use crate::commands::CommandCx;
use crate::draft::{Draft, Need};
use crate::effective::Command;
use crate::file::File;
use crate::finding::Level;
use crate::managers::Manager;
use crate::needs::RULE as NEEDED;
use crate::path::file_name;
use crate::provisions::Made;
use crate::rule::Rule;
use crate::rules::run_java;
use crate::stages::{Base, Target};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "missing-command",
    summary: "commands that nothing on Wolfi brings",
    level: Level::Error,
    docs: "\
## What it finds

A command in a RUN or a start command that the old image or one of its packages had, that no step of the file makes, and that no Wolfi
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
    browser_libraries(cx, draft);
    native_modules(cx, draft);
    if let Some((message, range)) = init_script(cx.file, cx.stage, cx.command) {
        draft.report(&RULE, Level::Error, range, message, None);
    }
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

/// Playwright installs the libraries of its browsers with apt-get by itself.
fn browser_libraries(cx: &CommandCx<'_>, draft: &mut Draft) {
    let literal: Vec<String> = cx.command.words.iter().filter_map(ShellWord::literal).collect();
    let has = |wanted: &str| literal.iter().any(|word| file_name(word) == wanted);
    let option = literal.iter().find(|word| matches!(word.as_str(), "--with-deps" | "install-deps"));
    if let Some(option) = option.filter(|_| has("playwright")) {
        let message = format!(
            "`{option}` makes Playwright call apt-get, which the new image has not: leave it out, and install the libraries that its \
             browsers need with apk"
        );
        draft.report(&RULE, Level::Error, cx.command.span.range, message, None);
    }
}

/// node-gyp, which compiles modules of Node, is a Python program in all but name.
fn native_modules(cx: &CommandCx<'_>, draft: &mut Draft) {
    let literal: Vec<String> = cx.command.words.iter().filter_map(ShellWord::literal).collect();
    let compiles = cx.command.name().is_some_and(|name| match name.as_str() {
        "node-gyp" | "node-pre-gyp" => true,
        "npm" | "yarn" | "pnpm" => {
            let installs =
                literal.get(1).is_none_or(|verb| matches!(verb.as_str(), "ci" | "i" | "install" | "rebuild"));
            literal.iter().any(|word| word.starts_with("--build-from-source"))
                || (installs && cx.file.context.read("binding.gyp").is_some())
        }
        _ => false,
    });
    let Some(package) = compiles.then(|| package_of(cx.file, cx.stage, draft, "python3")).flatten() else { return };
    let why = format!(
        "node-gyp, which compiles the modules, calls `python3`, which came with the old image; `{package}` brings it"
    );
    let (range, instruction) = (range(cx), cx.id.instruction);
    let need = Need { package, rule: &NEEDED, why, range, instruction, level: Level::Note };
    draft.needs.entry(cx.stage).or_default().push(need);
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
    if draft.provisions.is_asked_for(cx.id.instruction, name) {
        return;
    }
    draft.follow_installs(cx.file.mappings);
    if let Some(new) = wolfi_name(cx.file, cx.stage, draft, name) {
        rename(cx, draft, name, &new);
    }
    if has(cx.file, cx.stage, draft, name, mapping) {
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
            // `playwright` after `pip install -r requirements.txt`: a package of the system would come beside it.
            let listed = draft.provisions.reads_a_list(&cx.file.stages, cx.stage) && !is_of_systems(cx.file, name);
            if tolerated || listed || draft.unknown_stages.contains(&cx.stage) {
                return;
            }
            let why = format!(
                "nothing in the stage brings `{name}` on Wolfi; a package of the old distribution may have brought it along; `{package}` has it"
            );
            (why, Level::Warning)
        }
    };
    let range = range(cx);
    let instruction = cx.id.instruction;
    let needs = std::iter::once(package.as_str()).chain(companions(package).iter().copied());
    let needs = needs.map(|package| Need {
        package: package.to_owned(),
        rule: &NEEDED,
        why: why.clone(),
        range,
        instruction,
        level,
    });
    draft.needs.entry(cx.stage).or_default().extend(needs);
}

/// What the compiler cannot do without and does not bring on Wolfi: the headers of the C library.
fn companions(package: &str) -> &'static [&'static str] {
    if package == "gcc" { &["glibc-dev"] } else { &[] }
}

/// Calls a command as Wolfi does.
fn rename(cx: &CommandCx<'_>, draft: &mut Draft, name: &str, new: &str) {
    let word = cx.command.words.get(cx.command.name_index);
    let Some(word) = word.filter(|word| word.span.contiguous && word.text.ends_with(name)) else { return };
    let edit = renaming(word, name, new);
    let message = format!("`{name}` is called `{new}` on Wolfi");
    draft.report(&RULE, Level::Note, word.span.range, message, Some(("Use Wolfi's name", vec![edit])));
}

/// What Wolfi calls a command of the old distribution, where that is another name, the new image or an installed package
/// has it, and no step of the file makes one of the old name.
pub(crate) fn wolfi_name(file: &File<'_>, stage: usize, draft: &Draft, name: &str) -> Option<String> {
    let Lookup::Mapped(mapping) = file.mappings.command(name) else { return None };
    let new = mapping.name.clone()?;
    let is_there = brought(file, stage, draft, &mapping) || is_present(file, stage, draft, &new);
    (is_there && !draft.provisions.makes(&file.stages, stage, name)).then_some(new)
}

/// Whether the new image has a command, or an installed package brings it.
pub(crate) fn is_present(file: &File<'_>, stage: usize, draft: &Draft, name: &str) -> bool {
    let Lookup::Mapped(mapping) = file.mappings.command(name) else { return false };
    mapping.name.is_none() && (brought(file, stage, draft, &mapping) || is_there(file, stage, draft, name, &mapping))
}

/// The edit of a command's last part.
pub(crate) fn renaming(word: &ShellWord, name: &str, new: &str) -> Edit {
    let length = crate::script::layout_size(name.len());
    Edit::replace(TextRange::new(word.span.range.end() - length, word.span.range.end()), new)
}

/// Whether an install of the stage, or of one below it, brings a package with the command.
pub(crate) fn brought(file: &File<'_>, stage: usize, draft: &Draft, mapping: &CommandMapping) -> bool {
    mapping.packages.iter().any(|package| {
        draft.installed.first(stage, package).is_some() || draft.installed.below(&file.stages, stage, package)
    })
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

/// Asks for the packages of the commands that CMD or ENTRYPOINT starts, and for the variant of the image that has them.
pub(crate) fn check_start(file: &File<'_>, stage: usize, instruction: usize, draft: &mut Draft) {
    if file.is(instruction, Keyword::Cmd) && !is_started(file, stage) {
        return;
    }
    for script in &file.scripts[instruction] {
        script.visit(&mut |command, _| {
            if let Some((message, range)) = init_script(file, stage, command) {
                draft.report(&RULE, Level::Error, range, message, None);
            }
            let name = command.name().into_iter().map(|name| (name, command.name_index));
            let wrappers = command.wrappers.iter().map(|wrapper| (wrapper.name.clone(), wrapper.words.start));
            for (name, index) in wrappers.chain(name) {
                let range = command.words.get(index).map_or(command.span.range, |word| word.span.range);
                if run_java::lost(file, stage) == Some(Some(instruction)) {
                    continue;
                }
                if let Some(path) = in_old_directory(file, stage, command, index) {
                    let message = format!(
                        "`{path}` belongs to the old image and is not in the new one; start the program itself"
                    );
                    draft.report(&RULE, Level::Error, range, message, None);
                    continue;
                }
                // The script of an official image is a matter of the start command.
                let of_image = file.before[stage].base.entrypoint.iter().any(|word| file_name(word) == name);
                if of_image
                    || !in_system_directory(command, index, &name)
                    || !check_absent_start(file, stage, draft, &name, range)
                {
                    continue;
                }
                let reason = || format!("the start command runs `{name}`");
                let Some((package, why, level)) = for_start(file, stage, draft, &name, reason) else { continue };
                let need = Need { package, rule: &NEEDED, why, range, instruction, level };
                draft.needs.entry(stage).or_default().push(need);
            }
        });
    }
}

/// Whether the first word of a CMD is a program: no ENTRYPOINT stands before it, or one that starts what it is given.
fn is_started(file: &File<'_>, stage: usize) -> bool {
    let effective = &file.before[stage];
    let words = match &effective.entrypoint.value {
        Some(Command::Exec(words)) => words,
        Some(Command::Shell { .. }) => return false,
        None => return effective.entrypoint.instruction.is_none(),
    };
    let Some(index) = effective.entrypoint.instruction else {
        return words.is_empty() || effective.base.entrypoint_kind != EntrypointKind::Program;
    };
    let names_script = words.iter().any(|word| word.ends_with(".sh") || file_name(word).contains("entrypoint"));
    let launches = words.iter().all(|word| word.starts_with('-') || matches!(file_name(word), "tini" | "dumb-init"));
    launches || names_script || !file.context_files().scripts(file, index).is_empty()
}

/// The path of a start script that only images of one publisher have, unless the stage copies something there.
fn in_old_directory(file: &File<'_>, stage: usize, command: &SimpleCommand, index: usize) -> Option<String> {
    const OLD: &[&str] = &["/opt/bitnami/scripts/", "/opt/jboss/container/", "/usr/libexec/s2i/", "/usr/local/s2i/"];
    let path = command.words.get(index).and_then(ShellWord::literal)?;
    let directory = OLD.iter().find(|directory| path.starts_with(**directory))?;
    let copied = file.body(stage).any(|(_, instruction)| {
        matches!(instruction.keyword, Keyword::Copy | Keyword::Add)
            && instruction.joined.contains(directory.trim_end_matches('/'))
    });
    (!copied).then_some(path)
}

/// Where the old distributions keep their init scripts.
pub(crate) const INIT_DIRECTORIES: [&str; 2] = ["/etc/init.d/", "/etc/rc.d/init.d/"];

/// `/etc/init.d/mysql start`: packages of Wolfi have no such scripts. What is wrong, unless the stage makes the file.
pub(crate) fn init_script(file: &File<'_>, stage: usize, command: &SimpleCommand) -> Option<(String, TextRange)> {
    let read_by_shell = matches!(command.name().as_deref(), Some("sh" | "bash" | "ash" | "dash"));
    let word = match read_by_shell {
        true => command.args().iter().find(|word| !word.text.starts_with('-'))?,
        false => command.words.get(command.name_index)?,
    };
    let path = word.literal()?;
    let directory = INIT_DIRECTORIES.iter().find(|directory| path.starts_with(**directory))?;
    let known = file.init_scripts_made(stage);
    let made = known.contains(&path) || known.contains(*directory);
    let message = format!("`{path}`: there are no init scripts on Wolfi: start the program itself");
    (!made).then_some((message, word.span.range))
}

/// Whether a word names a command by itself, or in a directory of the system.
fn in_system_directory(command: &SimpleCommand, index: usize, name: &str) -> bool {
    let Some(path) = command.words.get(index).and_then(ShellWord::literal) else { return false };
    let directory = path.strip_suffix(name).unwrap_or(&path);
    matches!(directory, "" | "/bin/" | "/sbin/" | "/usr/bin/" | "/usr/sbin/")
}

/// Reports a command that nothing on Wolfi brings. Returns whether it is not one of those.
fn check_absent_start(file: &File<'_>, stage: usize, draft: &mut Draft, name: &str, range: TextRange) -> bool {
    if let Some(message) = absent(file, stage, draft, name) {
        draft.report(&RULE, Level::Error, range, message, None);
    }
    !matches!(file.mappings.command(name), Lookup::Absent { .. })
}

/// What to do without a command that nothing on Wolfi brings, and nothing in the stage makes.
pub(crate) fn absent(file: &File<'_>, stage: usize, draft: &Draft, name: &str) -> Option<String> {
    let Lookup::Absent { advice, .. } = file.mappings.command(name) else { return None };
    let is_manager = Manager::names().any(|manager| manager == name);
    let made = match draft.provisions.who(&file.stages, stage, name, &[]) {
        Made::Named => true,
        // What the old image started by itself is nothing that a step of the file may have made.
        Made::Perhaps => file.before[stage].base.cmd.first().is_none_or(|word| file_name(word) != name),
        Made::No => false,
    };
    (!is_manager && !made).then(|| format!("`{name}`: {advice}"))
}

/// What to install for a command that runs when the container does, with the reason. A command that only the variant
/// for building has makes the stage stand on that one.
pub(crate) fn for_start(
    file: &File<'_>,
    stage: usize,
    draft: &mut Draft,
    name: &str,
    reason: impl FnOnce() -> String,
) -> Option<(String, String, Level)> {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return None };
    if Manager::names().any(|manager| manager == name) {
        return None;
    }
    if is_entrypoint(file, target, name) {
        return None;
    }
    draft.follow_installs(file.mappings);
    let Lookup::Mapped(mapping) = file.mappings.command(name) else { return None };
    let made = draft.provisions.who(&file.stages, stage, name, &mapping.packages);
    if made == Made::Named {
        return None;
    }
    if is_there(file, stage, draft, name, &mapping) {
        let own = is_own_tool(file, stage, name) && !only_builds(file, target, &mapping);
        let of_image = !own && !target.bare && !installs_any(file, stage, draft, &mapping);
        if of_image && made == Made::No && !in_runtime(file, target, name) {
            draft.dev_stages.insert(stage);
            draft.dev_reasons.entry(stage).or_insert_with(reason);
        }
        return None;
    }
    let package = mapping.packages.first()?.clone();
    if file.source_had(stage, name) {
        let why = format!("`{name}` came with the old image and is not in the new one; `{package}` brings it");
        return Some((package, why, Level::Note));
    }
    // A program of a language may come with what the application brings along.
    let of_language = ["py3", "ruby", "perl", "php"].iter().any(|language| package.starts_with(language));
    if made == Made::Perhaps || !target.bare || of_language || draft.unknown_stages.contains(&stage) {
        return None;
    }
    let why = format!(
        "nothing in the stage brings `{name}` on Wolfi; a package of the old distribution may have brought it along; `{package}` has it"
    );
    Some((package, why, Level::Warning))
}

/// Whether the variant that is meant to run has a command.
pub(crate) fn in_runtime(file: &File<'_>, target: &Target, name: &str) -> bool {
    let variant = crate::effective::variant(&target.tag, false);
    match file.mappings.command(name) {
        Lookup::Mapped(mapping) => {
            let has = |package: &String| file.mappings.in_target_image(&target.image, variant, package) == Some(true);
            let busybox = || file.mappings.in_target_image(&target.image, variant, "busybox") == Some(true);
            mapping.packages.iter().any(has) || (mapping.busybox && busybox())
        }
        _ => false,
    }
}

/// Whether the tables know that only the variant for building has a command: `yarn`, of Node's images.
fn only_builds(file: &File<'_>, target: &Target, mapping: &CommandMapping) -> bool {
    let has = |variant: &str| {
        let mut known =
            mapping.packages.iter().map(|package| file.mappings.in_target_image(&target.image, variant, package));
        known.any(|has| has == Some(true))
    };
    has("dev") && !has(crate::effective::variant(&target.tag, false))
}

/// Whether an install of the stage, or of one below it, brings one of the command's packages.
fn installs_any(file: &File<'_>, stage: usize, draft: &Draft, mapping: &CommandMapping) -> bool {
    mapping.packages.iter().any(|package| {
        let name = unversioned(package);
        draft.brings.first(stage, &name).is_some() || draft.brings.below(&file.stages, stage, &name)
    })
}

/// Whether a command is what the target image itself starts.
fn is_entrypoint(file: &File<'_>, target: &Target, name: &str) -> bool {
    let config = file.mappings.image_config(&target.image, crate::effective::variant(&target.tag, false));
    config.is_some_and(|config| config.entrypoint.iter().chain(config.cmd.first()).any(|word| file_name(word) == name))
}

/// Whether a command is there, or another rule's matter.
pub(crate) fn has(file: &File<'_>, stage: usize, draft: &Draft, name: &str, mapping: &CommandMapping) -> bool {
    // Accounts of RUNs have a rule of their own.
    name == "getent"
        || mapping.packages.iter().any(|package| package == "shadow")
        || is_there(file, stage, draft, name, mapping)
}

/// Whether a command is there. A language's own tools are what its image is for.
fn is_there(file: &File<'_>, stage: usize, draft: &Draft, name: &str, mapping: &CommandMapping) -> bool {
    is_own_tool(file, stage, name)
        || matches!(&file.stages[file.bottoms[stage]].base, Base::Converted(target) if is_entrypoint(file, target, name))
        || provided(file, stage, mapping, draft)
}

fn check_absent(cx: &CommandCx<'_>, name: &str, advice: &str, draft: &mut Draft) {
    let made = draft.provisions.who(&cx.file.stages, cx.stage, name, &[]);
    // Package managers of other distributions have a rule of their own.
    let asked = draft.provisions.is_asked_for(cx.id.instruction, name);
    if made != Made::No || asked || Manager::names().any(|manager| manager == name) {
        return;
    }
    if python_of_today(cx, name, draft) {
        return;
    }
    draft.report(&RULE, Level::Error, range(cx), format!("`{name}`: {advice}"), None);
}

/// Calls Python 3 by its plain name where a release is asked for that Wolfi has not, as the start command is.
fn python_of_today(cx: &CommandCx<'_>, name: &str, draft: &mut Draft) -> bool {
    const NEW: &str = "python3";
    let release = name.strip_prefix("python3.").is_some_and(|minor| minor.bytes().all(|byte| byte.is_ascii_digit()));
    let word = cx.command.words.get(cx.command.name_index);
    let word = word.filter(|word| word.span.contiguous && word.text.ends_with(name) && release);
    let Some(word) = word.filter(|_| is_present(cx.file, cx.stage, draft, NEW)) else { return false };
    let edit = renaming(word, name, NEW);
    let message = format!("`{name}` is not in Wolfi: `{NEW}` takes its place");
    draft.report(&RULE, Level::Warning, word.span.range, message, Some(("Call python3", vec![edit])));
    true
}

fn range(cx: &CommandCx<'_>) -> TextRange {
    cx.command.words.get(cx.command.name_index).map_or(cx.command.span.range, |word| word.span.range)
}

/// Whether images of distributions have a command, or it installs a language's packages: then it is none of them.
fn is_of_systems(file: &File<'_>, name: &str) -> bool {
    const INSTALLERS: [&str; 11] =
        ["bundle", "composer", "gem", "node", "npm", "npx", "php", "pip", "pip3", "python3", "ruby"];
    INSTALLERS.contains(&name) || file.mappings.is_tool_of_a_set(name)
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
        ("php", &["php", "php-fpm", "composer"]),
        ("python", &["python", "python3", "pip", "pip3"]),
        ("ruby", &["ruby", "gem", "bundle", "bundler", "rake", "irb"]),
        ("rust", &["cargo", "rustc"]),
    ];
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return false };
    // Every other distribution of Java is called after one of these two.
    let image = ["jdk", "jre"].into_iter().find(|java| target.image.ends_with(&format!("-{java}")));
    let image = image.unwrap_or(&target.image);
    LANGUAGE_TOOLS.iter().any(|(own, tools)| *own == image && tools.contains(&name))
}

/// Whether the new image or an install before brings one of the command's packages.
fn provided(file: &File<'_>, stage: usize, mapping: &CommandMapping, draft: &Draft) -> bool {
    let bare = matches!(&file.stages[file.bottoms[stage]].base, Base::Converted(target) if target.bare);
    mapping.busybox
        || (bare && mapping.in_wolfi_base)
        || (!bare && mapping.in_dev_images)
        || mapping.packages.iter().any(|package| file.in_target(stage, package))
        || installs_any(file, stage, draft, mapping)
}
