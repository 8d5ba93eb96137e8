//! Start commands that the new image's entrypoint would take for arguments.

use wolfify_edit::Edit;
use wolfify_mappings::EntrypointKind;
use wolfify_syntax::Keyword;

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::rule::Rule;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "start-command",
    summary: "start commands that the new image's entrypoint would take for arguments",
    level: Level::Warning,
    docs: "\
## What it finds

A CMD without an ENTRYPOINT, on an image whose Chainguard counterpart has an entrypoint of its own. The images of Docker
Hub run such a CMD as it stands.

## Why it matters on Wolfi

The entrypoint of most Chainguard images is the interpreter or the server itself. `CMD [\"python\", \"app.py\"]` would run
`python python app.py`, and the container would stop at once.

## What it does

Makes the CMD the ENTRYPOINT, so that the same command runs. Arguments given to `docker run` are then added to it instead
of taking its place.

## Example

```dockerfile
FROM python:3.13-slim
COPY app.py /app.py
CMD [\"python\", \"/app.py\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest
COPY app.py /app.py
ENTRYPOINT [\"python\", \"/app.py\"]
```
",
};

/// Looks at the last CMD of every stage that migrates.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    // By stage: whether the author set an ENTRYPOINT in it or below it.
    let mut own_entrypoint: Vec<bool> = Vec::new();
    for stage in 0..file.stages.len() {
        let below = matches!(file.stages[stage].base, Base::Parent(parent) if own_entrypoint[parent]);
        let here = file.body(stage).any(|(_, instruction)| instruction.keyword == Keyword::Entrypoint);
        own_entrypoint.push(below || here);
        if !(below || here) && file.stages[stage].migrates {
            check_stage(file, draft, stage);
        }
    }
}

fn check_stage(file: &File<'_>, draft: &mut Draft, stage: usize) {
    let last = file.body(stage).rfind(|(_, instruction)| instruction.keyword == Keyword::Cmd);
    if let Some((index, _)) = last
        && swallows_command(file, stage, index)
    {
        report(file, draft, index);
    }
}

/// Whether the old image ran the CMD as it stands and the new one hands it to its entrypoint.
fn swallows_command(file: &File<'_>, stage: usize, index: usize) -> bool {
    let mut bottom = stage;
    while let Base::Parent(parent) = file.stages[bottom].base {
        bottom = parent;
    }
    let Base::Converted(target) = &file.stages[bottom].base else { return false };
    let variant = if target.tag.ends_with("fpm") { "fpm" } else { "runtime" };
    let entrypoint =
        file.mappings.image_config(&target.image, variant).map(|config| config.entrypoint).unwrap_or_default();
    let Some(program) = entrypoint.first() else { return false };
    let source = file.stages[bottom].source.as_ref();
    let kind = source
        .and_then(|source| file.mappings.source_image(&source.name, source.tag.as_deref()))
        .map_or(EntrypointKind::None, |image| image.entrypoint_kind);
    match kind {
        EntrypointKind::None | EntrypointKind::Wrapper => true,
        // A server's set-up script runs the command it is given; the new entrypoint is the server itself.
        EntrypointKind::Setup => names(file, index, program),
        EntrypointKind::Program => false,
    }
}

/// Whether a CMD calls the program that the entrypoint is.
fn names(file: &File<'_>, index: usize, program: &str) -> bool {
    let program = program.rsplit('/').next().unwrap_or(program);
    let mut first = None;
    for script in &file.scripts[index] {
        script.visit(&mut |command, _| {
            if first.is_none() {
                first = command.name();
            }
        });
    }
    first.is_some_and(|name| name == program)
}

fn report(file: &File<'_>, draft: &mut Draft, index: usize) {
    let instruction = file.instruction(index);
    let lower = file.text[instruction.keyword_range].chars().all(|c| c.is_ascii_lowercase());
    let edit = Edit::replace(instruction.keyword_range, if lower { "entrypoint" } else { "ENTRYPOINT" });
    let message = "the new image's own entrypoint would take this command for its arguments; it becomes the ENTRYPOINT";
    draft.report(&RULE, Level::Warning, instruction.range, message, Some(("Make it the ENTRYPOINT", vec![edit])));
}
