//! Directories that every old distribution has, and Wolfi only where somebody makes them.

mod effects;
mod place;

use std::collections::BTreeSet;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::shell::ShellScript;
use wolfify_syntax::{Arguments, Keyword};

use crate::commands::is_exec;
use crate::draft::{CommandId, Draft};
use crate::file::File;
use crate::finding::Level;
use crate::path::{absolute, file_name, upwards};
use crate::rule::Rule;
use crate::stages::Base;

use effects::Effect;
use place::Steps;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "missing-directory",
    summary: "directories that Wolfi does not have from the start",
    level: Level::Note,
    docs: "\
## What it finds

Commands and COPY instructions that put files into a directory which the old distribution has and Wolfi's base layout
has not: `/usr/local/bin`, `/usr/src`, `/srv`, `/usr/local/src` and others; and the old image's working directory.

## Why it matters on Wolfi

`curl -o /usr/local/bin/x` and `mkdir /usr/src/app` end with `No such file or directory`. `mv x /usr/local/bin` and
`COPY x /usr/local/bin` are worse: they write a file of that name.

## What it does

Puts a `mkdir -p` before the first such command of a stage, gives a `mkdir` the `-p` that it lacks, and ends the
destination of a COPY with a slash. Nothing where an earlier instruction, the image or a package brings the directory:
images with a compiler have `/usr/local/bin`.

## Example

```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y curl \\
 && curl -o /usr/local/bin/tool https://example.com/tool \\
 && chmod +x /usr/local/bin/tool
COPY start /usr/local/sbin
USER 1000
CMD [\"tool\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache curl \\
 && mkdir -p /usr/local/bin \\
 && curl -o /usr/local/bin/tool https://example.com/tool \\
 && chmod +x /usr/local/bin/tool
COPY start /usr/local/sbin/
USER 1000
CMD [\"tool\"]
```
",
};

/// Looks at the stages that migrate.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    draft.follow_installs(file.mappings);
    let mut stages: Vec<Layout> = Vec::with_capacity(file.stages.len());
    for stage in 0..file.stages.len() {
        let mut layout = match file.stages[stage].base {
            Base::Parent(parent) => stages[parent].clone(),
            _ => Layout::of_image(file, stage),
        };
        if file.stages[stage].migrates {
            check_stage(file, draft, stage, &mut layout);
        }
        stages.push(layout);
    }
}

/// The directories of the old image, as far as they are there at some point of a stage.
#[derive(Debug, Clone, Default)]
struct Layout {
    directories: Vec<Directory>,
}

#[derive(Debug, Clone)]
struct Directory {
    path: String,
    /// Wolfi packages that bring it.
    packages: Vec<String>,
    /// It is there in the image that runs, too: the image itself, COPY or WORKDIR made it.
    copied: bool,
    /// It is there for the commands of the stage.
    made: bool,
}

impl Layout {
    fn of_image(file: &File<'_>, stage: usize) -> Self {
        let Base::Converted(target) = &file.stages[stage].base else { return Self::default() };
        let source = file.stages[stage].source.as_ref();
        let rows = source.map(|source| file.mappings.old_directories(&source.name)).unwrap_or_default();
        let rows = file.mappings.old_directories("*").into_iter().chain(rows);
        let mut directories: Vec<(String, Vec<String>)> = rows.map(|row| (row.path.to_owned(), row.packages)).collect();
        let workdir = file.before[stage].base.workdir.clone();
        if file.before[stage].base.known && upwards(&workdir).count() > 2 {
            directories.push((workdir, Vec::new()));
        }
        let config = |variant: &str| file.mappings.image_config(&target.image, variant);
        let (dev, runtime) = (config("dev"), config("runtime"));
        let own: Vec<String> = dev
            .iter()
            .chain(&runtime)
            .flat_map(|config| config.paths.iter().map(|path| path.path.clone()).chain([config.workdir.clone()]))
            .collect();
        let has = |variant: &str, package: &String| {
            file.mappings.in_target_image(&target.image, variant, package) == Some(true)
        };
        let directories = directories.into_iter().map(|(path, packages)| {
            let copied = own.iter().any(|own| is_at_or_below(&absolute("/", own), &path))
                || packages.iter().any(|package| has("runtime", package));
            let made =
                copied || packages.iter().any(|package| has("dev", package) || target.packages.contains(package));
            Directory { path, packages, copied, made }
        });
        Self { directories: directories.collect() }
    }

    /// `path` is a directory now, and so are all above it.
    fn make(&mut self, path: &str, by_copy: bool) {
        for directory in self.directories.iter_mut().filter(|own| is_at_or_below(path, &own.path)) {
            directory.made = true;
            directory.copied |= by_copy;
        }
    }

    /// Notes the packages that an instruction installs.
    fn install(&mut self, draft: &Draft, stage: usize, instruction: usize) {
        let brings = |package: &String| draft.brings.first(stage, package) == Some(instruction);
        for directory in self.directories.iter_mut().filter(|own| !own.made) {
            directory.made = directory.packages.iter().any(brings);
        }
    }

    /// The directory that has to be there for a file or directory at `path`, if it is not.
    fn missing(&self, path: &str, itself: bool) -> Option<String> {
        let is_in = |own: &Directory| path == own.path || (!itself && parent(path) == own.path);
        self.directories.iter().find(|own| !own.made && is_in(own)).map(|own| own.path.clone())
    }
}

fn parent(path: &str) -> &str {
    path[..path.len() - file_name(path).len()].trim_end_matches('/')
}

fn is_at_or_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn check_stage(file: &File<'_>, draft: &mut Draft, stage: usize, layout: &mut Layout) {
    let may_be_distroless = stage + 1 == file.stages.len();
    for (index, instruction) in file.body(stage) {
        layout.install(draft, stage, index);
        if draft.dropped_instructions.contains(&index) {
            continue;
        }
        match (instruction.keyword, &instruction.arguments) {
            (Keyword::Workdir, _) => {
                // The directory that is in force behind it.
                if let Arguments::Words(words) = &instruction.arguments
                    && let Some(word) = words.first()
                {
                    layout
                        .make(&absolute(file.context_files().workdir(index), &expanded(file, index, &word.text)), true);
                }
            }
            (Keyword::Copy | Keyword::Add, _) => {
                check_transfer(file, draft, index, layout, may_be_distroless);
            }
            (Keyword::Run, _) => {
                for (number, script) in file.scripts[index].iter().enumerate() {
                    check_script(file, draft, (index, number), script, layout);
                }
            }
            _ => {}
        }
    }
}

/// The value of a word of the file; a variable that is not known stays as it is.
fn expanded(file: &File<'_>, index: usize, text: &str) -> String {
    let value = file.evaluation.scope(index).expand(text).ok();
    value.and_then(|value| value.value.text().map(str::to_owned)).unwrap_or_else(|| text.to_owned())
}

fn check_transfer(file: &File<'_>, draft: &mut Draft, index: usize, layout: &mut Layout, may_be_distroless: bool) {
    let instruction = file.instruction(index);
    let Some(destination) = instruction.destination().filter(|destination| destination.contiguous) else { return };
    let (sources, end) = (instruction.sources(), destination.range);
    let text = expanded(file, index, destination.text);
    let path = absolute(file.context_files().workdir(index), &text);
    if text.ends_with('/') || text.ends_with("/.") || text == "." || sources.len() > 1 {
        return layout.make(&path, true);
    }
    let known = layout.directories.iter().find(|own| own.path == path);
    let is_missing = known.is_some_and(|own| !own.copied && (!own.made || may_be_distroless));
    if is_missing && sources.first().is_some_and(|source| may_be_a_file(source.text, &path)) {
        let message = format!("Wolfi has no `{path}`, so that a file would be copied under that name");
        let edit = Edit::insert(end.end(), "/");
        draft.report(&RULE, Level::Note, end, message, Some(("Copy into the directory", vec![edit])));
        return layout.make(&path, true);
    }
    layout.make(if known.is_some() { &path } else { parent(&path) }, true);
}

/// Whether what is copied may be a file: no path with a slash at its end, no directory of the same name.
fn may_be_a_file(source: &str, destination: &str) -> bool {
    !source.ends_with('/')
        && !matches!(file_name(source), "." | "..")
        && file_name(source) != file_name(destination)
        && !source.starts_with("<<")
}

fn check_script(
    file: &File<'_>,
    draft: &mut Draft,
    (instruction, number): (usize, usize),
    script: &ShellScript,
    layout: &mut Layout,
) {
    if layout.directories.iter().all(|own| own.made) {
        return;
    }
    let steps = Steps::of(script);
    let mut cwd = file.context_files().workdir(instruction).to_owned();
    for at in 0..steps.len() {
        let mut missing = Missing::default();
        steps.visit(at, &mut |part| {
            let id = part.command().map(|command| CommandId { instruction, script: number, command: command.id });
            if id.is_some_and(|id| draft.gone.contains(&id) || draft.removed.contains_key(&id)) {
                return;
            }
            let value = |word: &wolfify_syntax::shell::ShellWord| effects::value(file, instruction, word);
            for (effect, range) in effects::of(part, &value) {
                match effect {
                    Effect::Enters(path) => cwd = absolute(&cwd, &path),
                    Effect::Makes(path) => layout.make(&absolute(&cwd, &path), false),
                    Effect::Creates(path) => {
                        missing.note(layout, layout.missing(&absolute(&cwd, &path), false), range);
                    }
                    Effect::Uses(path) => missing.note(layout, layout.missing(&absolute(&cwd, &path), true), range),
                    Effect::Mkdir(paths) => {
                        let paths: Vec<String> = paths.iter().map(|path| absolute(&cwd, path)).collect();
                        add_parents(file, draft, part, &paths, layout);
                    }
                }
            }
        });
        if let Some(range) = missing.range {
            make_before(file, draft, instruction, (&steps, at), &missing.directories, range);
        }
    }
}

/// What a step of a script asks for and is not there.
#[derive(Default)]
struct Missing {
    directories: BTreeSet<String>,
    /// Where the step names the first of them.
    range: Option<TextRange>,
}

impl Missing {
    /// Notes a directory, which counts as made from here on.
    fn note(&mut self, layout: &mut Layout, directory: Option<String>, range: TextRange) {
        let Some(directory) = directory else { return };
        layout.make(&directory, false);
        self.directories.insert(directory);
        self.range.get_or_insert(range);
    }
}

/// `mkdir` without `-p` in a directory that is not there.
fn add_parents(file: &File<'_>, draft: &mut Draft, part: effects::Part<'_>, paths: &[String], layout: &mut Layout) {
    let lacking = paths.iter().find_map(|path| layout.missing(path, false).filter(|directory| directory != path));
    paths.iter().for_each(|path| layout.make(path, false));
    let (Some(directory), Some(command)) = (lacking, part.command()) else { return };
    let Some(name) = command.words.get(command.name_index).filter(|word| word.span.contiguous) else { return };
    let end = name.span.range.end();
    // In exec form the word is a JSON string, quotes not included.
    let edit = match file.text[usize::from(end)..].starts_with('"') {
        true => Edit::insert(end + text_size::TextSize::of('"'), ", \"-p\""),
        false => Edit::insert(end, " -p"),
    };
    let message = format!("Wolfi has no `{directory}` from the start; `-p` makes it as well");
    draft.report(&RULE, Level::Note, command.span.range, message, Some(("Add `-p`", vec![edit])));
}

/// Puts `mkdir -p` before a step of a script.
fn make_before(
    file: &File<'_>,
    draft: &mut Draft,
    instruction: usize,
    (steps, at): (&Steps<'_>, usize),
    missing: &BTreeSet<String>,
    range: TextRange,
) {
    let all: Vec<&str> = missing.iter().map(String::as_str).collect();
    let (named, all) = (all.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", "), all.join(" "));
    let message = format!("Wolfi has no {named} from the start");
    if is_exec(file, instruction) {
        let message = format!("{message}: make it in a RUN before this one");
        return draft.report(&RULE, Level::Warning, range, message, None);
    }
    let Some((offset, separator)) = steps.before(file, at) else { return };
    let edit = Edit::insert(offset, format!("mkdir -p {all}{separator}"));
    draft.report(&RULE, Level::Note, range, message, Some(("Make the directory", vec![edit])));
}
