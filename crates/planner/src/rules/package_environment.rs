//! Variables that only steer the old package manager, and cache mounts that only serve it.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::{Arguments, Flag, Instruction, KeyValue, Keyword};

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::instructions::lines_with_comments;
use crate::managers::Text;
use crate::managers::environment::manager_variable;
use crate::managers::paths::managed_path;
use crate::rule::Rule;
use crate::script::delete_words;

/// Variables.
pub(crate) static RULE: Rule = Rule {
    id: "package-environment",
    summary: "variables that only steer the old package manager",
    level: Level::Note,
    docs: "\
## What it finds

`ENV`, `ARG` and `export` of variables such as `DEBIAN_FRONTEND`.

## Why it matters on Wolfi

apk asks nothing and reads none of them.

## Example

```dockerfile
FROM debian:12
ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
ENV LANG=C.UTF-8
```
",
};

/// Cache mounts.
pub(crate) static MOUNT: Rule = Rule {
    id: "package-cache-mount",
    summary: "cache mounts of the old package manager",
    level: Level::Note,
    docs: "\
## What it finds

`RUN --mount=type=cache` on the directories of apt, yum or dnf.

## Why it matters on Wolfi

The directories mean nothing to apk. It keeps indexes and packages in `/etc/apk/cache` when that exists.

## What it does

The first mount moves to apk's cache and the install uses it; further ones go.

## Example

```dockerfile
FROM debian:12
RUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt apt-get install -y curl
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN --mount=type=cache,target=/etc/apk/cache apk add --update-cache curl
```
",
};

/// Looks at the instructions of all stages that migrate.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    for stage in 0..file.stages.len() {
        if !file.stages[stage].migrates {
            continue;
        }
        for (index, instruction) in file.body(stage) {
            match (&instruction.keyword, &instruction.arguments) {
                (Keyword::Env | Keyword::Arg, Arguments::Pairs(pairs)) => pairs_of(file, draft, index, pairs),
                (Keyword::Run, _) => mounts(file, draft, index, instruction),
                _ => {}
            }
        }
    }
}

fn goes(file: &File<'_>, pair: &KeyValue) -> bool {
    let name = pair.key.text.as_str();
    manager_variable(name).is_some_and(|variable| !variable.also_at_run_time) && !file.uses_variable(name)
}

fn pairs_of(file: &File<'_>, draft: &mut Draft, index: usize, pairs: &[KeyValue]) {
    let gone: Vec<&KeyValue> = pairs.iter().filter(|pair| goes(file, pair)).collect();
    if gone.is_empty() {
        return;
    }
    let edits = if gone.len() == pairs.len() {
        draft.dropped_instructions.insert(index);
        vec![Edit::delete(lines_with_comments(file, index))]
    } else {
        let ranges: Vec<TextRange> = gone.iter().map(|pair| pair.range).collect();
        // For the layout the pairs are a command of their own: what follows a first pair moves up to the keyword.
        let all = TextRange::new(pairs[0].range.start(), file.instruction(index).range.end());
        delete_words(&file.layout(false), all, &ranges)
    };
    for pair in gone {
        let message = format!("`{}` only steers the old package manager", pair.key.text);
        draft.report(&RULE, Level::Note, pair.range, message, Some(("Remove the variable", edits.clone())));
    }
}

/// `export DEBIAN_FRONTEND=noninteractive`; true when the command is dealt with.
pub(crate) fn check_export(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    if cx.command.name().as_deref() != Some("export") || cx.command.args().is_empty() {
        return false;
    }
    let steers = cx.command.args().iter().all(|word| {
        let name = word.text.split('=').next().unwrap_or_default();
        manager_variable(name).is_some_and(|variable| !variable.also_at_run_time)
    });
    if steers {
        draft.remove(cx, &RULE, Level::Note, "these variables only steer the old package manager");
    }
    steers
}

/// Whether a RUN keeps a cache of the old package manager, which then becomes apk's.
pub(crate) fn has_cache_mount(instruction: &Instruction) -> bool {
    instruction.flags.iter().any(|flag| cache_target(flag).is_some())
}

/// The target's text in a cache mount of a package manager.
fn cache_target(flag: &Flag) -> Option<&str> {
    let value = flag.value.as_ref().filter(|_| flag.name == "mount")?.text.as_str();
    let option = |names: &[&str]| {
        value.split(',').find_map(|part| {
            let (name, text) = part.trim().split_once('=')?;
            names.contains(&name).then_some(text)
        })
    };
    let target = option(&["target", "dst", "destination"]).filter(|_| option(&["type"]) == Some("cache"))?;
    managed_path(&Text::from_static(target)).map(|_| target)
}

fn mounts(file: &File<'_>, draft: &mut Draft, index: usize, instruction: &Instruction) {
    if draft.dropped_instructions.contains(&index) {
        return;
    }
    let found: Vec<&Flag> = instruction.flags.iter().filter(|flag| cache_target(flag).is_some()).collect();
    let installs = draft.installs.contains_key(&index);
    for (position, flag) in found.iter().enumerate() {
        let Some(target) = cache_target(flag) else { continue };
        if installs && position == 0 {
            let written = &file.text[flag.range];
            let edits = vec![Edit::replace(flag.range, written.replacen(target, "/etc/apk/cache", 1))];
            let edits = if target == "/etc/apk/cache" { Vec::new() } else { edits };
            draft.report(
                &MOUNT,
                Level::Note,
                flag.range,
                "the cache mount becomes apk's",
                Some(("Mount apk's cache", edits)),
            );
        } else {
            let edits = delete_words(&file.layout(false), instruction.range, &[flag.range]);
            draft.report(
                &MOUNT,
                Level::Note,
                flag.range,
                "this cache means nothing to apk",
                Some(("Remove the mount", edits)),
            );
        }
    }
}
