//! Tools that a stage takes out of another image although its own new image has them.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::Lookup;
use wolfify_syntax::{Arguments, ImageRef, Instruction, Keyword, Transfer};

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::instructions::lines_with_comments;
use crate::path::file_name;
use crate::rule::Rule;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "copied-tool",
    summary: "tools copied out of another image that the new image has itself",
    level: Level::Note,
    docs: "\
## What it finds

`COPY --from=composer` and the like: a tool out of an image whose counterpart is the very image that the stage moves to, and
which a RUN of that stage calls.

## Why it matters on Wolfi

Chainguard's PHP image has Composer in its -dev variant. The copy would go on pulling an image of another distribution for
the sake of a file that is there.

## What it does

Takes the COPY out. What is copied into a stage that runs nothing stays.

## Example

```dockerfile
FROM php:8.4-cli
WORKDIR /app
COPY --from=composer:2 /usr/bin/composer /usr/bin/composer
RUN composer --version
```

## Result

```dockerfile
FROM cgr.dev/chainguard/php:latest-dev
WORKDIR /app
USER root
RUN apk add --no-cache php-8.5-dom php-8.5-fileinfo php-8.5-posix php-8.5-simplexml php-8.5-xml php-8.5-xmlreader php-8.5-xmlwriter
RUN composer --version
USER 65532
```
",
};

/// Looks at all stages that migrate.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    for stage in (0..file.stages.len()).filter(|stage| file.stages[*stage].migrates) {
        let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { continue };
        for (index, instruction) in file.body(stage) {
            let Some(tools) = tools(file, instruction, &target.image, &target.tag) else { continue };
            let called =
                tools.iter().all(|tool| file.body(stage).any(|(run, _)| run > index && calls(file, run, tool)));
            if !called {
                continue;
            }
            let names: Vec<String> = tools.iter().map(|tool| format!("`{tool}`")).collect();
            let message = format!("the new image has {} itself", names.join(", "));
            let edit = Edit::delete(lines(file, index, &tools));
            draft.dropped_instructions.insert(index);
            // What stays of its image is of no interest any more.
            draft.findings.retain(|finding| !instruction.range.contains_range(finding.range));
            draft.report(&RULE, Level::Note, instruction.range, message, Some(("Remove the copy", vec![edit])));
        }
    }
}

/// The lines of the COPY, and of the comments above it that speak of nothing but the tools.
fn lines(file: &File<'_>, index: usize, tools: &[String]) -> TextRange {
    let own = lines_with_comments(file, index);
    let comments = file.comments_above(index);
    let speaks = |comment: &TextRange| {
        let text = file.text[*comment].to_ascii_lowercase();
        tools.iter().any(|tool| text.contains(tool.as_str()))
    };
    match comments.first() {
        Some(first) if comments.iter().all(speaks) => TextRange::new(own.start().min(first.start()), own.end()),
        _ => own,
    }
}

/// The tools that a COPY takes out of an image whose counterpart is `target`, where that has them all in its -dev variant
/// and they go to a directory of the PATH under their own names.
fn tools(file: &File<'_>, instruction: &Instruction, target: &str, tag: &str) -> Option<Vec<String>> {
    let Arguments::Transfer(Transfer::Plain(words)) = &instruction.arguments else { return None };
    let from = instruction.from_flag()?;
    if instruction.keyword != Keyword::Copy || file.dockerfile.stage_by_reference(&from.text).is_some() {
        return None;
    }
    let reference = ImageRef::parse(&from.text).ok()?;
    let name = reference.familiar();
    let name = if name == "composer/composer" { "composer" } else { &name };
    let Lookup::Mapped(mapping) = file.mappings.image(name, reference.tag_text()) else { return None };
    if mapping.target(file.tier())?.image != target {
        return None;
    }
    let (to, sources) = words.split_last()?;
    let variant = crate::effective::variant(tag, true);
    let has = |tool: &str| match file.mappings.command(tool) {
        Lookup::Mapped(command) => {
            let mut packages = command.packages.iter();
            packages.any(|package| file.mappings.in_target_image(target, variant, package) == Some(true))
        }
        _ => false,
    };
    let to = to.text.as_str();
    let mut tools = Vec::new();
    for source in sources {
        let tool = file_name(&source.text);
        let places = ["/usr/local/bin", "/usr/bin", "/bin"];
        let in_path = places.iter().any(|place| {
            to.strip_prefix(place).is_some_and(|rest| matches!(rest, "" | "/") || rest.strip_prefix('/') == Some(tool))
        });
        if !in_path || !has(tool) {
            return None;
        }
        tools.push(tool.to_owned());
    }
    (!tools.is_empty()).then_some(tools)
}

/// Whether a RUN calls a tool by its name or its place.
fn calls(file: &File<'_>, run: usize, tool: &str) -> bool {
    let mut found = false;
    for script in file.scripts[run].iter().filter(|_| file.is(run, Keyword::Run)) {
        script.visit(&mut |command, _| found |= command.name().is_some_and(|name| file_name(&name) == tool));
    }
    found
}
