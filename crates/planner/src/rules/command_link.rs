//! Links that give a command the name under which the new image has it already.

use wolfify_edit::Edit;
use wolfify_mappings::Lookup;
use wolfify_syntax::shell::ShellWord;

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::finding::Level;
use crate::path::file_name;
use crate::rule::Rule;
use crate::rules::missing_command;
use crate::rules::moved_path::old_paths;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "command-link",
    summary: "links to commands that have their usual name on Wolfi",
    level: Level::Note,
    docs: "\
## What it finds

`ln` that gives a command of the old image another name: `node` for `nodejs`, `python` for `python3`, `php` for `php83`.

## Why it matters on Wolfi

Wolfi's packages call the command by that name already, so that `ln -s` ends with `File exists`, and `ln -sf` makes a
link to itself.

## What it does

Takes the link out where the same program has the name already. Where another program is to have it, `ln` gets `-f`.
What the link points to is called as Wolfi does; where Wolfi has no such command, that is reported.

## Example

```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y nodejs \\
 && ln -s /usr/bin/nodejs /usr/bin/node
CMD [\"node\", \"/srv/server.js\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache nodejs
USER 65532
CMD [\"node\", \"/srv/server.js\"]
```
",
};

/// Looks at one command; true when it goes.
pub(crate) fn check(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    if cx.command.name().is_none_or(|name| file_name(&name) != "ln") || !cx.editable() || cx.place.pipeline_len > 1 {
        return false;
    }
    let Some(link) = Link::read(cx.command.args()) else { return false };
    draft.follow_installs(cx.file.mappings);
    let paths = old_paths(cx.file, draft, cx.stage);
    let moved = |path: &str| match paths.iter().find(|row| row.path == path) {
        Some(row) => row.new.unwrap_or(row.path).to_owned(),
        None => path.to_owned(),
    };
    let (source, target) = (moved(&link.source), moved(&link.target));
    let (program, name) = (file_name(&source).to_owned(), file_name(&target).to_owned());
    let new = new_name(cx, draft, &source);
    let is_there = in_system_directory(&target) && missing_command::is_present(cx.file, cx.stage, draft, &name);
    let follows = absolute(&renamed(&source, new.as_deref()), &target);
    let leads_there = exists(cx, draft, &source);
    let is_superfluous =
        is_there && (follows == target || (is_alias(cx, &source, &program, &name) && !(link.force && leads_there)));
    if is_superfluous && is_removed_before(cx, &link.target) {
        let message = format!("Wolfi calls the program `{name}` itself; take this out, and what removes it before");
        draft.report(&RULE, Level::Error, cx.command.span.range, message, None);
        return false;
    }
    if is_superfluous {
        let message = format!("`{name}` is the command's own name on Wolfi, where the link would be in its own way");
        draft.remove(cx, &RULE, Level::Note, message);
        return true;
    }
    if let Some(advice) = absent(cx, draft, &source) {
        let message = format!("the link leads nowhere: `{program}`: {advice}");
        draft.report(&RULE, Level::Error, link.source_word.span.range, message, None);
    }
    if cx.exec_form() || cx.place.depth > 0 {
        return false;
    }
    if let Some(new) = &new {
        let edit = missing_command::renaming(link.source_word, &program, new);
        let message = format!("`{program}` is called `{new}` on Wolfi");
        draft.report(&RULE, Level::Note, link.source_word.span.range, message, Some(("Use Wolfi's name", vec![edit])));
    }
    let is_in_the_way = is_there && !link.force && leads_there && !is_removed_before(cx, &link.target);
    if let (true, Some(options)) = (is_in_the_way, link.options) {
        let option = if options.text.starts_with("--") { " --force" } else { "f" };
        let edit = Edit::insert(options.span.range.end(), option);
        let message = format!("`{name}` is there on Wolfi; the link takes its place");
        draft.report(&RULE, Level::Note, cx.command.span.range, message, Some(("Add `-f`", vec![edit])));
    }
    false
}

/// `ln -s SOURCE TARGET`.
struct Link<'a> {
    source: String,
    target: String,
    source_word: &'a ShellWord,
    /// The word with the `-s`.
    options: Option<&'a ShellWord>,
    force: bool,
}

impl<'a> Link<'a> {
    /// Only links of one file to a path, all of it known.
    fn read(args: &'a [ShellWord]) -> Option<Self> {
        let (mut options, mut operands, mut force) = (None, Vec::new(), false);
        for word in args {
            let short = match word.text.as_str() {
                "--symbolic" => "-s",
                "--force" => "-f",
                "--no-dereference" => "-n",
                "--verbose" => "-v",
                text => text,
            };
            match short.strip_prefix('-') {
                Some(letters) if !letters.is_empty() && letters.chars().all(|c| "sfnv".contains(c)) => {
                    force |= letters.contains('f');
                    options = options.or(letters.contains('s').then_some(word));
                }
                Some(_) => return None,
                None => operands.push(word),
            }
        }
        let [source_word, target] = operands[..] else { return None };
        let (source, target) = (source_word.literal()?, target.literal()?);
        (target.starts_with('/') && !target.ends_with('/')).then_some(Self {
            source,
            target,
            source_word,
            options,
            force,
        })
    }
}

/// Whether a command of the script before this one takes the target away.
fn is_removed_before(cx: &CommandCx<'_>, target: &str) -> bool {
    cx.file.removals(cx.id.instruction, cx.id.script).get(target).is_some_and(|first| *first < cx.id.command)
}

/// The directories that are one on Wolfi.
fn in_system_directory(path: &str) -> bool {
    let directory = &path[..path.len() - file_name(path).len()];
    matches!(directory, "/bin/" | "/sbin/" | "/usr/bin/" | "/usr/sbin/")
}

/// What a link to `source` at `target` leads to, with the directories of the system by one name.
fn absolute(source: &str, target: &str) -> String {
    let directory = |path: &str| path[..path.len() - file_name(path).len()].to_owned();
    if source.starts_with('/') {
        if in_system_directory(source) && in_system_directory(target) {
            return format!("{}{}", directory(target), file_name(source));
        }
        return source.to_owned();
    }
    format!("{}{source}", directory(target))
}

fn renamed(source: &str, new: Option<&str>) -> String {
    let stem = source.len() - file_name(source).len();
    new.map_or_else(|| source.to_owned(), |new| format!("{}{new}", &source[..stem]))
}

/// What Wolfi calls the program that a link leads to, where it is another name.
fn new_name(cx: &CommandCx<'_>, draft: &Draft, source: &str) -> Option<String> {
    let of_system = !source.contains('/') || in_system_directory(source);
    of_system.then(|| missing_command::wolfi_name(cx.file, cx.stage, draft, file_name(source))).flatten()
}

/// Whether the new image has what a link leads to; of files that no package brings the author knows.
fn exists(cx: &CommandCx<'_>, draft: &Draft, source: &str) -> bool {
    let name = file_name(source);
    (source.contains('/') && !in_system_directory(source))
        || draft.provisions.makes(&cx.file.stages, cx.stage, name)
        || missing_command::is_present(cx.file, cx.stage, draft, name)
}

/// What to do where a link leads to a command that Wolfi lacks and nothing makes.
fn absent(cx: &CommandCx<'_>, draft: &Draft, source: &str) -> Option<String> {
    if !in_system_directory(source) || draft.provisions.makes(&cx.file.stages, cx.stage, file_name(source)) {
        return None;
    }
    match cx.file.mappings.command(file_name(source)) {
        Lookup::Absent { advice, .. } => Some(advice),
        _ => None,
    }
}

/// Whether `program` is what the old distribution calls the same thing: the table says so, or only a version tells them
/// apart.
fn is_alias(cx: &CommandCx<'_>, source: &str, program: &str, name: &str) -> bool {
    if source.contains('/') && !in_system_directory(source) {
        return false;
    }
    // Wolfi's `python` is another language than Python 2.
    if program.starts_with("python2") || program.starts_with("pip2") {
        return false;
    }
    let is_version = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if program.strip_prefix(name).is_some_and(is_version) {
        return true;
    }
    matches!(cx.file.mappings.command(program), Lookup::Mapped(mapping) if mapping.name.as_deref() == Some(name))
}
