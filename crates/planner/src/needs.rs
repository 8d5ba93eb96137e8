//! Packages that something in a stage needs: they join an install that runs before, or get one of their own.

use std::collections::{BTreeMap, HashSet};

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::Distro;
use wolfify_syntax::shell::ShellScript;
use wolfify_syntax::{Arguments, Instruction, Keyword};

use crate::context::BuildContext;
use crate::draft::{Draft, Install, Need};
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::php_extensions;
use crate::rule::Rule;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "needed-package",
    summary: "tools that the old image had and the new one has not",
    level: Level::Warning,
    docs: "\
## What it finds

A command or an option in a stage that the new image cannot serve: a tool that the old distribution had in every image,
or a GNU option that BusyBox does not know.

## Why it matters on Wolfi

Chainguard images carry next to nothing that the application does not need. The build stops with \"not found\".

## What it does

Adds the package to the first install of the stage that runs before the command, or puts a `RUN apk add` before it.

## Example

```dockerfile
FROM debian:12
RUN tar --transform 's/^old/new/' -xf /tmp/a.tar
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache gnutar
RUN tar --transform 's/^old/new/' -xf /tmp/a.tar
```
",
};

/// Places all needs of all stages.
pub(crate) fn settle(file: &File<'_>, context: &dyn BuildContext, draft: &mut Draft, insertions: &mut Insertions) {
    ask_for_images(file, draft);
    ask_for_cpp_library(file, context, draft);
    ask_for_time_zones(file, draft);
    ask_for_fonts(file, draft);
    ask_for_compiler(file, draft);
    php_extensions::ask(file, context, draft);
    for (stage, needs) in std::mem::take(&mut draft.needs) {
        settle_stage(file, draft, insertions, stage, needs);
    }
}

/// What a source image was and its target is not: `perl` on a base image.
fn ask_for_images(file: &File<'_>, draft: &mut Draft) {
    for (stage, model) in file.stages.iter().enumerate() {
        let Base::Converted(target) = &model.base else { continue };
        // A stage of one line is its image with the packages.
        let from = file.dockerfile.stages[stage].instructions.start;
        let instruction = file.body(stage).next().map_or(from, |(index, _)| index);
        if instruction == from && !file.is_closed(from) {
            continue;
        }
        let joins = first_install(file, draft, stage);
        for package in &target.packages {
            if draft.brought.first(stage, package).is_some() || is_idle(file, stage, package) {
                continue;
            }
            draft.needs.entry(stage).or_default().push(Need {
                package: package.clone(),
                rule: &RULE,
                why: format!("the old image had `{package}`; on `{}` it is a package of its own", target.image),
                range: file.dockerfile.stages[stage].image.range,
                instruction: joins
                    .filter(|_| !mentioned(file, stage, package))
                    .map_or(instruction, |install| install + 1),
                level: Level::Note,
            });
        }
    }
}

/// Whether nothing of a builder calls a program that its old image had for fetching files. People look for it in an image
/// that is run, and a script that nobody can read may call it.
fn is_idle(file: &File<'_>, stage: usize, package: &str) -> bool {
    let above = || (0..file.stages.len()).filter(|other| file.bottoms[*other] == stage);
    if !matches!(package, "curl" | "wget") || above().any(|other| other + 1 == file.stages.len()) {
        return false;
    }
    let mut runs = above().flat_map(|other| file.body(other)).filter(|(_, own)| own.keyword != Keyword::Arg);
    runs.all(|(index, instruction)| {
        let scripts = &file.scripts[index];
        let names = instruction.joined.contains(package)
            || instruction.heredocs.iter().any(|heredoc| file.text[heredoc.body].contains(package));
        let calls_files = || instruction.keyword == Keyword::Run && (scripts.is_empty() || calls_a_file(scripts));
        !names && !calls_files() && scripts.iter().all(|script| script.opaque().is_empty())
    })
}

/// Whether a script calls a program by a path, or a tool that may call others.
fn calls_a_file(scripts: &[ShellScript]) -> bool {
    const READERS: &[&str] =
        &["sh", "bash", "dash", "ash", "make", "cmake", "python", "python3", "perl", "source", "."];
    let mut calls = false;
    for script in scripts {
        script.visit(&mut |command, _| {
            let may =
                |name: Option<String>| name.is_none_or(|name| name.contains('/') || READERS.contains(&name.as_str()));
            calls |= !command.words.is_empty() && may(command.name());
        });
    }
    calls
}

/// Debian's and Fedora's images have the C++ library, which programs from a builder are linked with.
fn ask_for_cpp_library(file: &File<'_>, context: &dyn BuildContext, draft: &mut Draft) {
    const PACKAGE: &str = "libstdc++";
    let mut has_cpp = None;
    for (stage, model) in file.stages.iter().enumerate() {
        let bare = matches!(&model.base, Base::Converted(target) if target.bare);
        if !bare || model.distro == Some(Distro::Alpine) {
            continue;
        }
        let Some((instruction, builder)) = file.body(stage).find_map(|(index, instruction)| {
            let builder = file.dockerfile.copied_stage(instruction)?;
            let named = instruction.from_flag()?.text.clone();
            (builder.index < stage && compiles_cpp(file, builder.index)).then_some((index, named))
        }) else {
            continue;
        };
        if !*has_cpp.get_or_insert_with(|| may_hold_cpp(context)) {
            return;
        }
        draft.needs.entry(stage).or_default().push(Need {
            package: PACKAGE.to_owned(),
            rule: &RULE,
            why: format!("the old image had the C++ library, and `{builder}` may compile C++"),
            range: file.instruction(instruction).keyword_range,
            instruction,
            level: Level::Note,
        });
    }
}

/// `COPY --from=build /usr/share/zoneinfo`: Debian's image had the time zones without being asked for them.
fn ask_for_time_zones(file: &File<'_>, draft: &mut Draft) {
    const PACKAGE: &str = "tzdata";
    for instruction in file.dockerfile.instructions.iter().filter(|one| one.joined.contains("/usr/share/zoneinfo")) {
        let Some(stage) = file.dockerfile.copied_stage(instruction) else { continue };
        let stage = stage.index;
        let Some((first, _)) = file.body(stage).next() else { continue };
        let brought =
            draft.brought.first(stage, PACKAGE).is_some() || draft.brought.below(&file.stages, stage, PACKAGE);
        if !file.stages[stage].migrates || brought || file.in_target(stage, PACKAGE) {
            continue;
        }
        draft.needs.entry(stage).or_default().push(Need {
            package: PACKAGE.to_owned(),
            rule: &RULE,
            why: "the time zones that are copied from here came with the old image; `tzdata` has them".to_owned(),
            range: instruction.keyword_range,
            instruction: first,
            level: Level::Note,
        });
    }
}

/// What Debian's fontconfig depends on, and CentOS's: Wolfi's has no font, and writes empty boxes.
///
/// Source: Debian's `fontconfig-config` depends on `fonts-dejavu-core` before all others.
pub(crate) const FONT: &str = "ttf-dejavu";

/// The package that brought a font along on the old distribution, among packages without any.
pub(crate) fn without_font<'p>(distro: Option<Distro>, packages: impl Iterator<Item = &'p str>) -> Option<&'p str> {
    let had = matches!(distro, Some(Distro::Debian | Distro::Fedora));
    let mut asks = None;
    for package in packages.filter(|_| had) {
        if package.starts_with("ttf-") || package.starts_with("font-") {
            return None;
        }
        if matches!(package, "fontconfig" | "fontconfig-dev" | "libfontconfig1") {
            asks = Some(package);
        }
    }
    asks
}

/// Asks for a font where fontconfig alone is installed in what is run. The planner sees to the stage that it settles.
fn ask_for_fonts(file: &File<'_>, draft: &mut Draft) {
    let Some(last) = file.stages.len().checked_sub(1) else { return };
    for stage in file.chain(last) {
        let model = &file.stages[stage];
        if !model.migrates || draft.settled_stage == Some(stage) {
            continue;
        }
        let own = draft.installed.since(0).iter().filter(|(own, ..)| *own == stage);
        let Some(name) = without_font(model.distro, own.map(|(_, package, _)| package.as_str())) else { continue };
        let Some(instruction) = draft.brought.first(stage, name) else { continue };
        let why = format!("`{name}` of the old distribution brought a font along; `{FONT}` is the same one");
        draft.needs.entry(stage).or_default().push(Need {
            package: FONT.to_owned(),
            rule: &RULE,
            why,
            range: file.instruction(instruction).keyword_range,
            instruction: instruction + 1,
            level: Level::Note,
        });
    }
}

/// Debian's and Fedora's libtool depend on the compiler that they call; Wolfi's does not.
fn ask_for_compiler(file: &File<'_>, draft: &mut Draft) {
    const PACKAGES: [&str; 2] = ["gcc", "glibc-dev"];
    for (stage, model) in file.stages.iter().enumerate() {
        let brings = draft.brings.first(stage, PACKAGES[0]).is_some() || file.in_target(stage, PACKAGES[0]);
        let Some(install) = draft.brought.first(stage, "libtool").filter(|_| !brings) else { continue };
        if !matches!(model.distro, Some(Distro::Debian | Distro::Fedora)) || !model.migrates {
            continue;
        }
        let mut runs = file.body(stage).filter(|(index, _)| *index >= install);
        let Some((instruction, range)) = runs.find_map(|(index, _)| Some((index, compiles(&file.scripts[index])?)))
        else {
            continue;
        };
        draft.needs.entry(stage).or_default().extend(PACKAGES.map(|package| Need {
            package: package.to_owned(),
            rule: &RULE,
            why: format!("libtool of the old distribution brought the compiler along; `{package}` is a part of it"),
            range,
            instruction,
            level: Level::Note,
        }));
    }
}

/// The first command of a script that calls the compiler by itself.
fn compiles(scripts: &[ShellScript]) -> Option<TextRange> {
    let mut found = None;
    for script in scripts {
        script.visit(&mut |command, _| {
            let name = command.name().unwrap_or_default();
            if found.is_none() && matches!(crate::path::file_name(&name), "configure" | "make" | "cmake") {
                found = Some(command.span.range);
            }
        });
    }
    found
}

/// Whether the build context has sources in C++; true as well where it cannot be seen as a whole.
fn may_hold_cpp(context: &dyn BuildContext) -> bool {
    const ENDS: &[&str] = &[".C", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".ixx"];
    const ENTRIES: usize = 2000;
    let Some(names) = context.list("") else { return true };
    let mut waiting = names;
    let mut seen = 0;
    while let Some(path) = waiting.pop() {
        seen += 1;
        if seen > ENTRIES || ENDS.iter().any(|end| path.ends_with(end)) {
            return true;
        }
        waiting.extend(context.list(&path).unwrap_or_default().into_iter().map(|name| format!("{path}/{name}")));
    }
    false
}

/// Whether a command of the stage, or of one that it builds on, may compile C++.
fn compiles_cpp(file: &File<'_>, stage: usize) -> bool {
    const COMPILERS: &[&str] = &["c++", "clang++", "cmake", "g++"];
    let mut found = false;
    for (index, _) in file.body(stage) {
        for script in &file.scripts[index] {
            script.visit(&mut |command, _| {
                found |= command.name().is_some_and(|name| COMPILERS.contains(&name.as_str()));
            });
        }
    }
    let base = match &file.stages[stage].base {
        Base::Converted(target) => target.image == "gcc-glibc",
        Base::Parent(parent) => compiles_cpp(file, *parent),
        Base::Native | Base::Left(_) | Base::Scratch => false,
    };
    found || base
}

/// The first RUN of a stage, when it installs packages.
fn first_install(file: &File<'_>, draft: &Draft, stage: usize) -> Option<usize> {
    let (index, _) = file.body(stage).find(|(_, instruction)| instruction.keyword == wolfify_syntax::Keyword::Run)?;
    let installs = draft.installs.get(&index)?;
    installs.iter().any(|install| install.unconditional && !install.temporary).then_some(index)
}

/// Whether the first RUN of a stage may call what a package brings.
fn mentioned(file: &File<'_>, stage: usize, package: &str) -> bool {
    let first = file.body(stage).find(|(_, instruction)| instruction.keyword == wolfify_syntax::Keyword::Run);
    first.is_some_and(|(_, instruction)| instruction.joined.contains(package))
}

fn settle_stage(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions, stage: usize, mut needs: Vec<Need>) {
    needs.sort_by(|a, b| {
        (a.instruction, &a.package, a.range.start()).cmp(&(b.instruction, &b.package, b.range.start()))
    });
    let mut joined: BTreeMap<(usize, usize), Vec<Need>> = BTreeMap::new();
    let mut lines: BTreeMap<usize, Vec<Need>> = BTreeMap::new();
    let mut settled: HashSet<String> = HashSet::new();
    for need in needs {
        // In order of instructions: what is there for one need is there for all later ones.
        if !settled.insert(need.package.clone()) || installed_before(file, draft, stage, &need) {
            continue;
        }
        match home(file, draft, stage, &need) {
            Some(home) => joined.entry(home).or_default().push(need),
            None => lines.entry(first_need(&lines, need.instruction)).or_default().push(need),
        }
    }
    for ((instruction, index), needs) in joined {
        join(draft, instruction, index, &needs);
    }
    for (instruction, needs) in lines {
        insert(file, draft, insertions, stage, instruction, &needs);
    }
}

/// New installs are gathered before the first instruction that needs one.
fn first_need(lines: &BTreeMap<usize, Vec<Need>>, instruction: usize) -> usize {
    lines.keys().next().copied().unwrap_or(instruction)
}

/// Whether an install of the stage, or of a stage below it, brings the package before it is needed.
fn installed_before(file: &File<'_>, draft: &Draft, stage: usize, need: &Need) -> bool {
    draft.brought.first(stage, &need.package).is_some_and(|first| first <= need.instruction)
        || draft.brought.below(&file.stages, stage, &need.package)
}

/// The install that can take the package: it always runs, in an earlier instruction of the stage.
fn home(file: &File<'_>, draft: &Draft, stage: usize, need: &Need) -> Option<(usize, usize)> {
    let range = &file.dockerfile.stages[stage].instructions;
    let installs = draft.installs.range(range.start..=need.instruction);
    installs.filter(|(instruction, _)| !draft.dropped_instructions.contains(instruction)).find_map(
        |(instruction, installs)| {
            let index = installs.iter().position(|install| {
                let before = *instruction < need.instruction || install.last_word.end() <= need.range.start();
                install.unconditional && !install.temporary && before
            })?;
            Some((*instruction, index))
        },
    )
}

fn join(draft: &mut Draft, instruction: usize, index: usize, needs: &[Need]) {
    let Some(install) = draft.installs.get(&instruction).and_then(|installs| installs.get(index)) else { return };
    let Install { last_word, separator, .. } = install.clone();
    let names: String = needs.iter().map(|need| format!("{separator}{}", need.package)).collect();
    let edit = Edit::insert(last_word.end(), names);
    for need in needs {
        draft.report(
            need.rule,
            need.level,
            need.range,
            need.why.clone(),
            Some(("Install the package", vec![edit.clone()])),
        );
    }
}

fn insert(
    file: &File<'_>,
    draft: &Draft,
    insertions: &mut Insertions,
    stage: usize,
    instruction: usize,
    needs: &[Need],
) {
    let mut names: Vec<&str> = needs.iter().map(|need| need.package.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let line = format!("{} apk add --no-cache {}", file.keyword(stage, "RUN"), names.join(" "));
    for need in needs {
        let finding = LineFinding {
            rule: need.rule,
            level: need.level,
            message: need.why.clone(),
            title: "Install the package".to_owned(),
            range: need.range,
        };
        let place = match file.dockerfile.stages[stage].instructions.start == instruction {
            true => file.line_after(instruction),
            false => {
                let place = while_root(file, stage, instruction);
                file.line_before(before_sources(file, draft, stage, place))
            }
        };
        insertions.add(place, Order::Install, line.clone(), finding);
    }
}

/// The place for an install that `instruction` needs: above the COPY lines that bring what changes from build to build, so
/// that the packages stay in the cache, as far as nothing in between has a say in the install.
fn before_sources(file: &File<'_>, draft: &Draft, stage: usize, instruction: usize) -> usize {
    let starts_as_root = matches!(&file.stages[stage].base, Base::Converted(target) if target.bare);
    let first = file.dockerfile.stages[stage].instructions.start + 1;
    let mut place = instruction;
    for index in (first..instruction).rev().filter(|index| !draft.dropped_instructions.contains(index)) {
        let own = file.instruction(index);
        match own.keyword {
            Keyword::Copy | Keyword::Add if speaks_of(own, OF_APK) => break,
            Keyword::Copy | Keyword::Add => place = if changes(file, own) { index } else { place },
            Keyword::Env | Keyword::Arg if speaks_of(own, READ_BY_APK) => break,
            // Whoever makes the directory owns it.
            Keyword::Workdir if !starts_as_root => break,
            Keyword::Run | Keyword::User | Keyword::From => break,
            _ => {}
        }
    }
    place
}

/// Where apk finds its repositories, its keys and the authorities that it trusts.
const OF_APK: &[&str] = &["/etc/apk", "/etc/ssl", "/etc/pki", "ca-certificates"];
/// Variables that apk reads.
const READ_BY_APK: &[&str] = &["proxy", "apk_", "ssl_cert"];

fn speaks_of(instruction: &Instruction, texts: &[&str]) -> bool {
    let joined = instruction.joined.to_ascii_lowercase();
    texts.iter().any(|text| joined.contains(text))
}

/// Whether what an instruction copies comes from the build context or from a stage of the file.
fn changes(file: &File<'_>, instruction: &Instruction) -> bool {
    instruction.from_flag().is_none() || file.dockerfile.copied_stage(instruction).is_some()
}

/// The place for an install that `instruction` needs: before a user takes over who may not install.
fn while_root(file: &File<'_>, stage: usize, instruction: usize) -> usize {
    let Base::Converted(target) = &file.stages[stage].base else { return instruction };
    let hands_over = |model: &Instruction| match &model.arguments {
        Arguments::Words(words) if model.keyword == Keyword::User => {
            words.first().is_some_and(|word| !crate::rules::root_user::is_root(&word.text))
        }
        _ => false,
    };
    let users = |index: &usize| *index < instruction && file.is(*index, Keyword::User);
    let last = file.body(stage).map(|(index, _)| index).rfind(users);
    // Where the author is root again, that will do on an image that does not start as root.
    let by_another = target.bare || last.is_some_and(|index| hands_over(file.instruction(index)));
    let first = file.body(stage).find(|(_, model)| hands_over(model)).filter(|_| by_another);
    first.map_or(instruction, |(index, _)| index.min(instruction))
}
