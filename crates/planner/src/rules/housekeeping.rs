//! What package managers need around installs and apk does not: indexes, upgrades, caches, configuration.

use wolfify_edit::Edit;

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::finding::Level;
use crate::managers::{Action, PackageCommand, cleanup};
use crate::rule::Rule;
use crate::words::{WordEdit, WordFate};

/// Refreshing indexes, configuring the package manager.
pub(crate) static INDEX: Rule = Rule {
    id: "package-index",
    summary: "refreshing package indexes and configuring the old package manager",
    level: Level::Note,
    docs: "\
## What it finds

`apt-get update`, `yum makecache`, `apk update`, marks, debconf answers and the like.

## Why it matters on Wolfi

`apk add --no-cache` reads a fresh index by itself; the rest has no meaning there.

## Example

```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y curl
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache curl
```
",
};

/// Upgrades.
pub(crate) static UPGRADE: Rule = Rule {
    id: "package-upgrade",
    summary: "upgrades of all installed packages",
    level: Level::Note,
    docs: "\
## What it finds

`apt-get upgrade`, `dist-upgrade`, `yum update`, `apk upgrade`.

## Why it matters on Wolfi

Chainguard rebuilds its images every night from current packages; pulling the image is the upgrade.

## Example

```dockerfile
FROM debian:12
RUN apt-get update && apt-get upgrade -y
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
```
",
};

/// Caches.
pub(crate) static CACHE: Rule = Rule {
    id: "package-cache",
    summary: "cleaning the caches of the old package manager",
    level: Level::Note,
    docs: "\
## What it finds

`apt-get clean`, `yum clean all`, `rm -rf /var/lib/apt/lists/*` in all their spellings.

## Why it matters on Wolfi

`apk add --no-cache` leaves no cache behind, and the directories do not exist.

## Example

```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache curl
```
",
};

/// Takes out what has no meaning on Wolfi.
pub(crate) fn check(cx: &CommandCx<'_>, command: &PackageCommand, draft: &mut Draft) {
    let called = format!("{} {}", command.manager.name(), verb(cx, command));
    let called = called.trim_end();
    if stands(cx, command, draft) {
        let message = format!("`{called}` stays beside an install of this RUN that is left to a person");
        draft.leave(cx, &INDEX, Level::Warning, cx.command.span.range, message);
        return;
    }
    let (rule, level, message) = match command.action {
        Action::Update => {
            (&INDEX, Level::Note, format!("`{called}`: `apk add --no-cache` reads a fresh index by itself"))
        }
        Action::Upgrade => {
            (&UPGRADE, Level::Note, format!("`{called}`: the image is rebuilt from current packages every night"))
        }
        Action::Clean => (&CACHE, Level::Note, format!("`{called}`: `apk add --no-cache` leaves no cache behind")),
        _ => (&INDEX, Level::Warning, format!("`{called}` only concerns the old package manager")),
    };
    if cx.place.in_substitution {
        let range = cx.command.span.range;
        draft.leave(cx, rule, Level::Error, range, format!("{message}, but its output is used; replace it by hand"));
        return;
    }
    draft.remove(cx, rule, level, message);
}

/// Half an edit would only puzzle: where an install is left, its index and its cache are left with it.
fn stands(cx: &CommandCx<'_>, command: &PackageCommand, draft: &Draft) -> bool {
    let script = (cx.id.instruction, cx.id.script);
    match command.action {
        Action::Update | Action::Clean => draft.left_installs.contains(&script),
        // `dpkg -i x.deb || apt-get install -f`: `true` in its place would hide that nothing was installed.
        Action::Fix => draft.left_installs.contains(&script) || draft.file_installs.contains(&script),
        _ => false,
    }
}

fn verb(cx: &CommandCx<'_>, command: &PackageCommand) -> String {
    let words = command.action_words.iter().map(|index| cx.command.words[*index].text.as_str());
    words.collect::<Vec<_>>().join(" ")
}

/// `rm -rf /var/lib/apt/lists/*` and its relatives; true when the command is dealt with.
pub(crate) fn check_paths(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    let Some(cleanup) = cleanup::is_index_cleanup(cx.command) else { return false };
    if draft.left_installs.contains(&(cx.id.instruction, cx.id.script)) {
        return false;
    }
    let foreign: Vec<usize> = cleanup
        .managed
        .iter()
        .filter(|(_, path)| !path.shared_with_wolfi || path.role.is_cache())
        .map(|(index, _)| *index)
        .collect();
    if foreign.is_empty() {
        return false;
    }
    if foreign.len() == cleanup.managed.len() && cleanup.is_complete() {
        draft.remove(cx, &CACHE, Level::Note, "`apk add --no-cache` leaves no cache behind");
        return true;
    }
    if cleanup.tool != cleanup::CleanupTool::Rm || !cx.editable() || cx.exec_form() {
        return false;
    }
    let words: Vec<WordEdit> = foreign
        .iter()
        .map(|index| WordEdit { range: cx.command.words[*index].span.range, fate: WordFate::Delete })
        .collect();
    let edits: Vec<Edit> = crate::words::edits(&cx.layout(), cx.command.span.range, &words);
    let range = cx.command.span.range;
    // The command is not claimed: other rules may look at what is left of it.
    draft.report(&CACHE, Level::Note, range, "these paths do not exist on Wolfi", Some(("Remove the paths", edits)));
    false
}
