//! Variables that the old image set.

mod go_programs;

use wolfify_edit::Edit;
use wolfify_syntax::{Arguments, Flag, Instruction, Keyword};

use crate::draft::Draft;
use crate::effective::{BaseFacts, variant};
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::rule::Rule;
use crate::stages::Base;

use go_programs::{GoPrograms, Wanted};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "old-environment",
    summary: "environment variables that the old image set and the new one does not",
    level: Level::Warning,
    docs: "\
## What it finds

A variable of the old image (`GOPATH`, `GEM_HOME`, `PHP_INI_DIR`, `PYTHON_VERSION`) that the file uses and does not set,
where the new image has not got it; also a directory that follows from one, such as `/go/bin` or `/usr/local/bundle`, and
a PATH written out in full that leaves out `/usr/bin`, where Wolfi has what the official images have in `/usr/local/bin`.

## Why it matters on Wolfi

Chainguard images set next to no variables. `$GOPATH/bin` becomes `/bin`, and what `go install` builds is not in the
PATH.

## What it does

Sets the variable before it is first used, with the value it had, or with the one that fits the new image; for Go, before
`go install` fetches a program that a later command calls. Versions of the old image are not known here: the finding says
what to set.

## Example

```dockerfile
FROM golang:1.24
RUN go install example.com/tool@latest && cp $GOPATH/bin/tool /tool
```

## Result

```dockerfile
FROM cgr.dev/chainguard/go:latest-dev
ENV GOPATH=/go PATH=/go/bin:$PATH
RUN go install example.com/tool@latest && cp $GOPATH/bin/tool /tool
```
",
};

/// A variable of a source image that means something on the new one.
struct Variable {
    /// The new image.
    image: &'static str,
    name: &'static str,
    /// The value there.
    value: &'static str,
    /// What the PATH had because of it.
    path: Option<&'static str>,
    /// A directory that is only used because the variable had this value.
    directories: &'static [&'static str],
    /// Commands that write where the variable says, each with its verb, or none for all verbs.
    commands: &'static [(&'static str, &'static str)],
}

/// Where the value is another than the old one, it is that of the Wolfi package (`/etc/php`).
const VARIABLES: &[Variable] = &[
    Variable {
        image: "go",
        name: "GOPATH",
        value: "/go",
        path: Some("/go/bin"),
        directories: &["/go/bin", "/go/pkg", "/go/src"],
        commands: &[],
    },
    Variable { image: "php", name: "PHP_INI_DIR", value: "/etc/php", path: None, directories: &[], commands: &[] },
    Variable {
        image: "ruby",
        name: "GEM_HOME",
        value: "/usr/local/bundle",
        path: Some("/usr/local/bundle/bin"),
        directories: &["/usr/local/bundle"],
        commands: &[],
    },
    Variable {
        image: "ruby",
        name: "BUNDLE_APP_CONFIG",
        value: "/usr/local/bundle",
        path: None,
        directories: &[],
        commands: &[],
    },
    Variable {
        image: "rust",
        name: "CARGO_HOME",
        value: "/usr/local/cargo",
        path: Some("/usr/local/cargo/bin"),
        directories: &["/usr/local/cargo/bin", "/usr/local/cargo/git", "/usr/local/cargo/registry"],
        commands: &[("cargo", "install"), ("rustup", "")],
    },
    Variable {
        image: "rust",
        name: "RUSTUP_HOME",
        value: "/usr/local/rustup",
        path: None,
        directories: &["/usr/local/rustup"],
        commands: &[("rustup", "")],
    },
    // Deno's image is a package on a base image.
    Variable {
        image: "wolfi-base",
        name: "DENO_DIR",
        value: "/deno-dir",
        path: None,
        directories: &["/deno-dir"],
        commands: &[("deno", "")],
    },
];

/// Looks at the stages that start from an image and migrate.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions) {
    for stage in (0..file.stages.len()).filter(|stage| file.stages[*stage].migrates) {
        file.body(stage).for_each(|(index, instruction)| search_path(file, draft, index, instruction));
    }
    let taken = taken(file);
    let programs = GoPrograms::read(file, draft);
    let mut has_path = vec![false; file.stages.len()];
    for (stage, taken) in taken.iter().enumerate() {
        let Base::Converted(target) = &file.stages[stage].base else { continue };
        let facts = BaseFacts::target_image(file.mappings, &target.image, variant(&target.tag, true));
        for (name, _) in &file.before[stage].base.env {
            if name == "PATH" || facts.env(name).is_some() {
                continue;
            }
            if draft.builder == Some(stage) && draft.planned_variables.contains(name) {
                continue;
            }
            if let Some(variable) = VARIABLES.iter().find(|row| row.name == name && row.image == target.image) {
                has_path[stage] |= set(file, stage, variable, taken, &programs, insertions);
            } else if let Some(index) = uses(file, stage, name, &[])
                && !draft.settled_variables.iter().any(|(at, settled)| *at == index && settled == name)
                // The number of the new image's user stands there now.
                && !draft.users.contains_key(&index)
                && !draft.owners.contains(&index)
            {
                let message = format!(
                    "`{name}` was set by the old image and is not by the new one; set it with ENV if it is needed"
                );
                draft.report(&RULE, Level::Error, file.instruction(index).range, message, None);
            }
        }
    }
    let planned = draft.builder.filter(|_| draft.planned_variables.contains("GOPATH"));
    go_path(file, &programs, planned, has_path, insertions);
}

/// Puts the programs that `go install` brings into the PATH where nothing else has done so. A builder that is planned
/// has its GOPATH already.
fn go_path(
    file: &File<'_>,
    programs: &GoPrograms,
    planned: Option<usize>,
    mut has_path: Vec<bool>,
    insertions: &mut Insertions,
) {
    let mut lacking = programs.stages().peekable();
    for stage in 0..file.stages.len() {
        if let Base::Parent(parent) = file.stages[stage].base {
            has_path[stage] |= has_path[parent];
        }
        let Some((_, wanted)) = lacking.next_if(|(lacking, _)| *lacking == stage) else { continue };
        let Some(index) = programs.first(stage).filter(|_| !has_path[stage] && goes_on_with_go(file, stage)) else {
            continue;
        };
        let home = if wanted == Wanted::Both && planned != Some(stage) { "GOPATH=/go " } else { "" };
        let line = format!("{} {home}PATH=/go/bin:$PATH", file.keyword(stage, "ENV"));
        let finding = LineFinding::note(
            &RULE,
            file.instruction(index).keyword_range,
            "`/go/bin`, where this installs a program, was in the PATH of the old image and is not in the new one's",
            "Add /go/bin to the PATH",
        );
        insertions.add(file.line_before(index), Order::Environment, line, finding);
        has_path[stage] = true;
    }
}

/// Whether a stage of this file stands on the new image for Go.
fn goes_on_with_go(file: &File<'_>, stage: usize) -> bool {
    let base = &file.stages[file.bottoms[stage]].base;
    !file.is_kin(stage) && matches!(base, Base::Converted(target) if target.image == "go")
}

/// A PATH written out in full, for an image that had its programs in /usr/local/bin.
fn search_path(file: &File<'_>, draft: &mut Draft, index: usize, instruction: &Instruction) {
    let (Keyword::Env, Arguments::Pairs(pairs)) = (instruction.keyword, &instruction.arguments) else { return };
    let path = pairs.iter().rfind(|pair| pair.key.text == "PATH").and_then(|pair| pair.value.as_ref());
    let Some(value) = path.filter(|value| value.contiguous) else { return };
    let (text, range) = value.inner();
    let folders: Vec<&str> = text.split(':').collect();
    let reaches = |folder: &&str| folder.contains('$') || matches!(folder.trim_end_matches('/'), "/bin" | "/usr/bin");
    if folders.iter().any(reaches) || !folders.contains(&"/usr/local/bin") || file.is(index, Keyword::Onbuild) {
        return;
    }
    let message = "the new image has its programs in /usr/bin, which this PATH leaves out";
    let edit = Edit::insert(range.end(), ":/usr/bin");
    draft.report(&RULE, Level::Warning, value.range, message, Some(("Add /usr/bin", vec![edit])));
}

/// By stage: the instructions that copy something out of it, or out of one that starts from it.
fn taken(file: &File<'_>) -> Vec<Vec<usize>> {
    let mut taken = vec![Vec::new(); file.stages.len()];
    for (index, instruction) in file.dockerfile.instructions.iter().enumerate() {
        if let Some(stage) = file.dockerfile.copied_stage(instruction) {
            taken[file.bottoms[stage.index]].push(index);
        }
    }
    taken
}

/// Sets a variable before it is needed. Returns whether it did.
fn set(
    file: &File<'_>,
    stage: usize,
    variable: &Variable,
    taken: &[usize],
    programs: &GoPrograms,
    insertions: &mut Insertions,
) -> bool {
    let by_others = || {
        let wanted =
            taken.iter().any(|index| variable.directories.iter().any(|path| names(file.instruction(*index), path)));
        let own = file.body(stage).any(|(_, instruction)| defines(instruction, variable.name));
        let mut body = file.body(stage);
        body.find(|(_, instruction)| instruction.keyword == Keyword::Run && wanted && !own).map(|(index, _)| index)
    };
    let is_gopath = variable.name == "GOPATH";
    let fetch = programs.first(stage).filter(|index| is_gopath && !file.declares(*index, variable.name));
    let called = fetch.filter(|_| programs.wanted(stage) == Some(Wanted::Both));
    let fills = first_to_fill(file, stage).filter(|index| is_gopath && !file.declares(*index, variable.name));
    let read = fills.filter(|_| reads_sources(file, stage));
    let first = [uses(file, stage, variable.name, variable.directories), calls(file, stage, variable), called, read];
    let Some(index) = first.into_iter().flatten().min().or_else(by_others) else { return false };
    if is_gopath && !needs_gopath(file, stage, taken) {
        return false;
    }
    let gems =
        first_gems(file, stage).filter(|index| variable.name == "GEM_HOME" && !file.declares(*index, variable.name));
    // What is fetched goes where the variable says.
    let index = fetch.into_iter().chain(fills).chain(gems).fold(index, usize::min);
    let path = variable.path.map(|path| format!(" PATH={path}:$PATH")).unwrap_or_default();
    let line = format!("{} {}={}{path}", file.keyword(stage, "ENV"), variable.name, variable.value);
    let finding = LineFinding::note(
        &RULE,
        file.instruction(index).keyword_range,
        format!("`{}` was set by the old image and is not by the new one", variable.name),
        format!("Set {}", variable.name),
    );
    insertions.add(file.line_before(index), Order::Environment, line, finding);
    true
}

/// The first RUN that installs gems.
fn first_gems(file: &File<'_>, stage: usize) -> Option<usize> {
    let installs = |own: &Instruction| own.joined.contains("gem install") || own.joined.contains("bundle");
    let mut body = file.body(stage);
    body.find(|(_, own)| own.keyword == Keyword::Run && installs(own)).map(|(index, _)| index)
}

/// The first RUN that puts something below GOPATH.
fn first_to_fill(file: &File<'_>, stage: usize) -> Option<usize> {
    let fills = |own: &Instruction| own.joined.contains("go install") || own.joined.contains("go get");
    let mut body = file.body(stage);
    body.find(|(_, instruction)| instruction.keyword == Keyword::Run && fills(instruction)).map(|(index, _)| index)
}

/// Whether a RUN in the old image's own directory, which was GOPATH, reads what `go get` put below it.
fn reads_sources(file: &File<'_>, stage: usize) -> bool {
    let below = |text: &str| [" src/", " ./src/", " bin/", " ./bin/"].iter().any(|path| text.contains(path));
    file.body(stage).any(|(index, instruction)| {
        instruction.keyword == Keyword::Run
            && file.context_files().workdir(index) == "/go"
            && below(&instruction.joined)
    })
}

/// Whether GOPATH decides about something. A build with modules works in any directory, one below `/go` too.
fn needs_gopath(file: &File<'_>, stage: usize, taken: &[usize]) -> bool {
    let body = || file.body(stage).map(|(_, instruction)| instruction);
    let text = |wanted: &[&str]| body().any(|own| wanted.iter().any(|wanted| own.joined.contains(wanted)));
    let has_modules = text(&["go.mod", "go.sum", "go mod ", "-mod=", "GO111MODULE=on"])
        || file.context.read("go.mod").is_some()
        || body().filter(|own| own.keyword == Keyword::Run).any(|own| own.flags.iter().any(mounts_modules));
    let installs = text(&["go install", "go get", "go env", "/go/pkg"]);
    // What `-o` puts there is there.
    let looks_in_bin = || {
        let outside = taken.iter().map(|index| file.instruction(*index));
        let made = text(&["-o /go/bin/", "-o=/go/bin/", "-o \"/go/bin/"]);
        body().chain(outside).any(|own| names(own, "/go/bin")) && !made
    };
    let mentioned = body().any(|own| mentions(file, own, "GOPATH"));
    let mounted = body().any(|own| own.flags.iter().any(mounts_modules));
    !has_modules || installs || mentioned || mounted || looks_in_bin()
}

/// `--mount=type=cache,target=/go/pkg/mod`
fn mounts_modules(flag: &Flag) -> bool {
    flag.name == "mount" && flag.value.as_ref().is_some_and(|value| value.text.contains("/go/pkg"))
}

/// The first instruction of a stage that uses a variable which the file does not define, or names a directory.
fn uses(file: &File<'_>, stage: usize, name: &str, directories: &[&str]) -> Option<usize> {
    // A directory in an ENV, which means nothing yet if the file sets the variable before something runs.
    let mut waiting = None;
    for (index, instruction) in file.body(stage) {
        let is_env = instruction.keyword == Keyword::Env;
        let mentioned = mentions(file, instruction, name);
        let here = mentioned || directories.iter().any(|path| names(instruction, path));
        if here && !file.declares(index, name) {
            if mentioned || !is_env {
                return waiting.or(Some(index));
            }
            waiting = waiting.or(Some(index));
        }
        if is_env && defines(instruction, name) {
            return None;
        }
        if waiting.is_some() && instruction.keyword == Keyword::Run {
            return waiting;
        }
    }
    waiting
}

/// The first RUN that calls one of the commands, unless the stage sets the variable or says where to.
fn calls(file: &File<'_>, stage: usize, variable: &Variable) -> Option<usize> {
    if variable.commands.is_empty() || file.body(stage).any(|(_, instruction)| defines(instruction, variable.name)) {
        return None;
    }
    let runs = file.body(stage).filter(|(_, instruction)| instruction.keyword == Keyword::Run);
    let mut indexes = runs.map(|(index, _)| index);
    indexes.find(|index| {
        let mut found = false;
        for script in &file.scripts[*index] {
            script.visit(&mut |command, _| {
                let Some(name) = command.name() else { return };
                let words: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
                let verb = words.iter().find(|word| !word.starts_with(['-', '+'])).copied().unwrap_or_default();
                let elsewhere = words.iter().any(|word| word.starts_with("--root"));
                found |= !elsewhere
                    && variable
                        .commands
                        .iter()
                        .any(|(own, asked)| *own == name && (asked.is_empty() || *asked == verb));
            });
        }
        found
    })
}

fn defines(instruction: &Instruction, name: &str) -> bool {
    matches!(&instruction.arguments, Arguments::Pairs(pairs) if pairs.iter().any(|pair| pair.key.text == name))
}

/// Whether an instruction names a directory or something below it.
fn names(instruction: &Instruction, path: &str) -> bool {
    let text = &instruction.joined;
    text.match_indices(path).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + path.len()..].chars().next();
        before.is_none_or(|c| !(c.is_ascii_alphanumeric() || "_-./}".contains(c)))
            && after.is_none_or(|c| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
    })
}

/// Whether `$NAME` or `${NAME…}` stands in an instruction and is not set in its own script.
pub(crate) fn mentions(file: &File<'_>, instruction: &Instruction, name: &str) -> bool {
    let text = &instruction.joined;
    let bodies = instruction.heredocs.iter().map(|heredoc| &file.text[heredoc.body]);
    let assigned = text.contains(&format!("{name}="));
    !assigned && std::iter::once(text.as_str()).chain(bodies).any(|text| has_variable(text, name))
}

fn has_variable(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = &text[..at];
        let after = text[at + name.len()..].chars().next();
        let ends = after.is_none_or(|c| !(c.is_ascii_alphanumeric() || c == '_'));
        // A default in the braces says what to do without it.
        let has_default = before.ends_with("${") && matches!(after, Some(':' | '-' | '+'));
        ends && !has_default && (before.ends_with('$') || before.ends_with("${"))
    })
}
