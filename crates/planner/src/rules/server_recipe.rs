//! Commands that fit the old server image to a user without privileges, or clear its samples away.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::OldPath;
use wolfify_syntax::shell::ShellWord;
use wolfify_syntax::{Arguments, Instruction, Keyword, Transfer, Word};

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::finding::Level;
use crate::path::{absolute, file_name};
use crate::rule::Rule;
use crate::rules::moved_path::old_paths;
use crate::words::{WordEdit, WordFate, edits};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "server-recipe",
    summary: "commands that prepared the old server image for what the new one does by itself",
    level: Level::Note,
    docs: "\
## What it finds

In a stage that moves to Chainguard's nginx: `chown`, `chmod`, `mkdir` and `touch` of the places that nginx writes to,
links of its logs to the container's output, `rm` of its sample site.

## Why it matters on Wolfi

Chainguard's nginx runs as uid 65532, and what it writes to belongs to that user; its temporary files are in
`/var/lib/nginx/tmp`, so that `/var/cache/nginx` is not there and the build would stop. The sample site is
`nginx.default.conf`.

## What it does

Takes out what the new image has done. A COPY of a single site takes the place of the sample, which need not be removed
then. Nothing is left to run, and the image without a shell does.

## Example

```dockerfile
FROM nginx:1.27
RUN rm /etc/nginx/conf.d/default.conf && chown -R nginx /var/cache/nginx
COPY site.conf /etc/nginx/conf.d/
```

## Result

```dockerfile
FROM cgr.dev/chainguard/nginx:latest
COPY site.conf /etc/nginx/conf.d/nginx.default.conf
```
",
};

/// The sample site of the official image, and of Chainguard's.
const SAMPLE: &str = "/etc/nginx/conf.d/default.conf";
const OWN_SAMPLE: &str = "/etc/nginx/conf.d/nginx.default.conf";
const SITES: &str = "/etc/nginx/conf.d";
const PAGES: &str = "/usr/share/nginx/html";

/// Looks at one command; true when it is dealt with.
pub(crate) fn check(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    let Some(name) = cx.command.name() else { return false };
    let program = file_name(&name);
    if !matches!(program, "chown" | "chgrp" | "chmod" | "mkdir" | "touch" | "ln" | "rm")
        || cx.place.in_substitution
        || cx.place.pipeline_len > 1
        || !cx.command.redirects.is_empty()
    {
        return false;
    }
    let paths = old_paths(cx.file, draft, cx.stage);
    if paths.is_empty() {
        return false;
    }
    match program {
        "rm" => removes(cx, draft, &paths),
        "ln" => links_logs(cx, draft, &paths),
        _ => prepares(cx, draft, &paths, program),
    }
}

/// The words of a command that are no options.
fn operands<'a>(cx: &CommandCx<'a>) -> Vec<&'a ShellWord> {
    cx.command.args().iter().filter(|word| !word.text.starts_with('-')).collect()
}

fn plain(text: &str) -> &str {
    let text = text.trim_matches(['"', '\'']);
    if text.len() > 1 { text.trim_end_matches('/') } else { text }
}

/// `chown`, `chmod`, `mkdir`, `touch`
fn prepares(cx: &CommandCx<'_>, draft: &mut Draft, paths: &[OldPath], program: &str) -> bool {
    let mut operands = operands(cx);
    // The owner, or the mode.
    if matches!(program, "chown" | "chgrp" | "chmod") && !operands.is_empty() {
        operands.remove(0);
    }
    let only_reads = matches!(program, "chown" | "chgrp") && starts_itself(cx);
    let is_done = |word: &&ShellWord| {
        let text = plain(&word.text);
        paths.iter().any(|path| path.own && path.path == text)
            || (only_reads && paths.iter().any(|path| path.read && is_below(text, path.path)))
    };
    let done: Vec<TextRange> = operands.iter().filter(|word| is_done(word)).map(|word| word.span.range).collect();
    if done.is_empty() {
        return false;
    }
    if done.len() == operands.len() {
        let message = "the new image's server runs as uid 65532, and what it writes to belongs to that user already";
        draft.remove(cx, &RULE, Level::Note, message);
        return true;
    }
    if !cx.editable() || cx.exec_form() || cx.place.depth > 0 {
        return false;
    }
    let words: Vec<WordEdit> = done.iter().map(|range| WordEdit { range: *range, fate: WordFate::Delete }).collect();
    let message = "what the new image's server writes to belongs to its user already; that part of the command goes";
    let edits = edits(&cx.layout(), cx.command.span.range, &words);
    draft.rewrite(cx, &RULE, Level::Note, message, "Leave the path out", edits);
    true
}

fn is_below(text: &str, path: &str) -> bool {
    text.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether the stage leaves the start to the image, so that no script of the author's writes anywhere.
fn starts_itself(cx: &CommandCx<'_>) -> bool {
    cx.file.body(cx.stage).all(|(index, instruction)| match instruction.keyword {
        Keyword::Entrypoint => false,
        Keyword::Cmd => {
            let mut calls = Vec::new();
            cx.file.scripts[index].iter().for_each(|script| {
                script.visit(&mut |command, _| calls.extend(command.name()));
            });
            !calls.is_empty() && calls.iter().all(|name| file_name(name) == "nginx")
        }
        _ => true,
    })
}

/// `ln -sf /dev/stdout /var/log/nginx/access.log`
fn links_logs(cx: &CommandCx<'_>, draft: &mut Draft, paths: &[OldPath]) -> bool {
    let operands = operands(cx);
    let [device, log] = &operands[..] else { return false };
    let is_log = paths.iter().any(|path| path.own && path.path == plain(&log.text));
    if !matches!(device.text.as_str(), "/dev/stdout" | "/dev/stderr") || !is_log {
        return false;
    }
    draft.remove(cx, &RULE, Level::Note, "the new image's logs go to the container's output already");
    true
}

fn removes(cx: &CommandCx<'_>, draft: &mut Draft, paths: &[OldPath]) -> bool {
    let operands = operands(cx);
    let texts: Vec<&str> = operands.iter().map(|word| plain(&word.text)).collect();
    if texts.is_empty() {
        return false;
    }
    if texts.iter().all(|text| paths.iter().any(|path| path.absent && path.path == *text)) {
        draft.remove(cx, &RULE, Level::Note, "Wolfi's package has no such file");
        return true;
    }
    let nginx = paths.iter().any(|path| path.path == PAGES);
    let samples = [SAMPLE, "/etc/nginx/conf.d/*", "/etc/nginx/conf.d/*.conf"];
    if nginx && texts.iter().all(|text| samples.contains(text)) {
        return replaces_sample(cx, draft);
    }
    let workdir = cx.file.context_files().workdir(cx.id.instruction);
    let pages = |text: &&str| absolute(workdir, text) == "/usr/share/nginx/html/*";
    if nginx && texts.iter().all(pages) && later_copy(cx, |to| is_below(&absolute(workdir, to), PAGES)).is_some() {
        let message =
            "the image has a welcome page only, whose place `index.html` of the site takes; it need not be removed";
        draft.remove(cx, &RULE, Level::Note, message);
        return true;
    }
    false
}

/// The sample site goes by being overwritten, where one site is copied.
fn replaces_sample(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    const WHY: &str = "the sample site of the new image is `nginx.default.conf`, and the site takes its place";
    if later_copy(cx, |to| to == SAMPLE).is_some() {
        draft.remove(cx, &RULE, Level::Note, WHY);
        return true;
    }
    let Some((source, destination)) = later_copy(cx, |to| to == SITES || is_site(to)) else { return false };
    let to = plain(&destination.text);
    let name = file_name(if to == SITES { plain(&source.text) } else { to });
    let is_site = std::path::Path::new(name).extension().is_some_and(|ending| ending == "conf");
    if !is_site || is_named_elsewhere(cx, name) {
        return false;
    }
    let edit = Edit::replace(destination.inner().1, OWN_SAMPLE);
    draft.report(&RULE, Level::Note, destination.range, WHY, Some(("Overwrite the sample site", vec![edit])));
    draft.remove(cx, &RULE, Level::Note, WHY);
    true
}

/// A file right in the directory of sites.
fn is_site(path: &str) -> bool {
    path.strip_prefix(SITES).and_then(|rest| rest.strip_prefix('/')).is_some_and(|name| !name.contains('/'))
}

/// The first COPY of a single file behind the command whose destination fits.
fn later_copy<'a>(cx: &CommandCx<'a>, fits: impl Fn(&str) -> bool) -> Option<(&'a Word, &'a Word)> {
    let copies = cx.file.body(cx.stage).filter(|(index, _)| *index > cx.id.instruction);
    copies.map(|(_, instruction)| instruction).find_map(|instruction| {
        let (source, destination) = single(instruction)?;
        let fitting = fits(plain(&destination.text)) && destination.contiguous;
        fitting.then_some((source, destination))
    })
}

fn single(instruction: &Instruction) -> Option<(&Word, &Word)> {
    let Arguments::Transfer(Transfer::Plain(words)) = &instruction.arguments else { return None };
    match (instruction.keyword, &words[..]) {
        (Keyword::Copy | Keyword::Add, [source, destination]) => Some((source, destination)),
        _ => None,
    }
}

/// Whether a RUN or a start command speaks of the file by its name.
fn is_named_elsewhere(cx: &CommandCx<'_>, name: &str) -> bool {
    cx.file.body(cx.stage).any(|(_, instruction)| {
        matches!(instruction.keyword, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint)
            && instruction.joined.contains(name)
    })
}
