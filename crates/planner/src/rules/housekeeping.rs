//! What package managers need around installs and apk does not: indexes, upgrades, caches, configuration.

use wolfify_edit::Edit;
use wolfify_syntax::shell::WordPart;

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::finding::Level;
use crate::managers::{Action, PackageCommand};
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

fn verb(cx: &CommandCx<'_>, command: &PackageCommand) -> String {
    let words = command.action_words.iter().map(|index| cx.command.words[*index].text.as_str());
    words.collect::<Vec<_>>().join(" ")
}

/// Directories that only hold the indexes, caches and databases of package managers.
const CACHES: &[&str] = &[
    "/var/lib/apt/lists",
    "/var/lib/apt",
    "/var/cache/apt",
    "/var/cache/apk",
    "/var/cache/yum",
    "/var/cache/dnf",
    "/var/cache/tdnf",
    "/var/cache/microdnf",
    "/var/cache/debconf",
    "/var/cache/ldconfig",
    "/var/lib/dnf",
    "/var/lib/yum",
    "/var/lib/rpm",
    "/var/lib/dpkg",
    "/var/log/apt",
    "/var/log/dpkg.log",
    "/var/log/yum.log",
    "/var/log/dnf.log",
    "/var/log/dnf.rpm.log",
    "/var/log/dnf.librepo.log",
    "/var/log/hawkey.log",
    "/etc/apt",
    "/etc/yum.repos.d",
    "/etc/apk/cache",
    "/root/.rpmdb",
];

/// `rm -rf /var/lib/apt/lists/*` and its relatives; true when the command is dealt with.
pub(crate) fn check_paths(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    match cx.command.name().as_deref() {
        Some("rm" | "rmdir") => check_rm(cx, draft),
        Some("find") => check_find(cx, draft),
        _ => false,
    }
}

fn check_rm(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    let first = cx.command.name_index + 1;
    let operands: Vec<usize> =
        (first..cx.command.words.len()).filter(|index| !cx.command.words[*index].text.starts_with('-')).collect();
    let caches: Vec<usize> = operands.iter().copied().filter(|index| is_cache(&path_text(cx, *index))).collect();
    if caches.is_empty() {
        return false;
    }
    if caches.len() == operands.len() {
        draft.remove(cx, &CACHE, Level::Note, "`apk add --no-cache` leaves no cache behind");
        return true;
    }
    if !cx.editable() || cx.exec_form() {
        return false;
    }
    let words: Vec<WordEdit> = caches
        .iter()
        .map(|index| WordEdit { range: cx.command.words[*index].span.range, fate: WordFate::Delete })
        .collect();
    let edits: Vec<Edit> = crate::words::edits(&cx.layout(), cx.command.span.range.start(), &words);
    draft.rewrite(cx, &CACHE, Level::Note, "these directories do not exist on Wolfi", "Remove the paths", edits);
    // Other rules may still look at what is left of the command.
    draft.claimed.remove(&cx.id);
    false
}

/// `find /var/lib/apt/lists -delete` and the like, when every path it starts from is a cache.
fn check_find(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    let mut paths =
        cx.command.args().iter().take_while(|word| !word.text.starts_with(['-', '(', '!', '\\'])).peekable();
    let deletes = cx.command.args().iter().any(|word| matches!(word.text.as_str(), "-delete" | "rm"));
    if paths.peek().is_none() || !deletes || !paths.all(|word| word.literal().is_some_and(|path| is_cache(&path))) {
        return false;
    }
    draft.remove(cx, &CACHE, Level::Note, "`apk add --no-cache` leaves no cache behind");
    true
}

/// A path word as text, globs included.
fn path_text(cx: &CommandCx<'_>, index: usize) -> String {
    let part = |part: &WordPart| match part {
        WordPart::Literal { text, .. } | WordPart::Glob(text) | WordPart::Brace(text) => text.clone(),
        _ => "$".to_owned(),
    };
    cx.command.words[index].parts.iter().map(part).collect()
}

fn is_cache(path: &str) -> bool {
    if path.contains('{') {
        return braces(path).is_some_and(|paths| paths.iter().all(|path| is_cache(path)));
    }
    let path = path.replace("//", "/");
    CACHES
        .iter()
        .any(|cache| path.strip_prefix(cache).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '*'])))
        && !path.contains('$')
        && !path.contains("..")
}

/// The alternatives of one `{a,b}`.
fn braces(path: &str) -> Option<Vec<String>> {
    let (before, rest) = path.split_once('{')?;
    let (inside, after) = rest.split_once('}')?;
    (!after.contains('{')).then(|| inside.split(',').map(|part| format!("{before}{part}{after}")).collect())
}

#[cfg(test)]
mod tests {
    use super::is_cache;

    #[test]
    fn caches_in_all_spellings() {
        for path in [
            "/var/lib/apt/lists/*",
            "/var/lib/apt/lists",
            "/var/lib/apt/lists/",
            "/var/cache/apt/archives/*.deb",
            "/var/cache/apk/*",
            "/var/lib/{apt,dpkg}/",
            "/var/cache/yum*",
            "/var//lib/apt/lists/*",
        ] {
            assert!(is_cache(path), "{path}");
        }
        for path in [
            "/tmp/*",
            "/var/lib/aptitude",
            "/var/lib/mysql",
            "/var/lib/{apt,mysql}",
            "/var/cache",
            "/var/lib/apt/lists/../..",
        ] {
            assert!(!is_cache(path), "{path}");
        }
    }
}
