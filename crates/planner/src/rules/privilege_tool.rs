//! Start commands that begin as root and go on as another user.

use text_size::TextRange;
use wolfify_syntax::Keyword;
use wolfify_syntax::shell::{ShellScript, SimpleCommand};

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::rule::Rule;
use crate::rules::root_user::{run_as, source_runs_as_root};
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "privilege-tool",
    summary: "start commands that need root to go on as another user",
    level: Level::Warning,
    docs: "\
## What it finds

`gosu`, `su-exec`, `setpriv`, `runuser`, `su` or `sudo -u` in a CMD, an ENTRYPOINT or a script from the build context that
they call, where the old image starts as root and the new one does not; also `chown`, `usermod` and their like in such a
script. A script that looks who runs it (`id -u`) is left to itself.

## Why it matters on Wolfi

Most Chainguard images run as uid 65532. A process that is not root cannot become another user: the container stops with
\"operation not permitted\". The tools themselves exist on Wolfi: `gosu`, `su-exec`, `setpriv`, `runuser`, `sudo`, `tini` and
`dumb-init` are packages of these names.

## What it does

Ends the stage with `USER root`: the container starts as it did before, with a warning. It would be better to take the
switch out, and to give the files to uid 65532 when the image is built.

## Example

```dockerfile
FROM python:3.12
COPY app.py /app.py
ENTRYPOINT [\"gosu\", \"nobody\", \"python\", \"/app.py\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest
COPY app.py /app.py
USER root
ENTRYPOINT [\"gosu\", \"nobody\", \"python\", \"/app.py\"]
```
",
};

/// Looks at the start commands of all stages that migrate and where the author named no user.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    // By stage: whether the author set a USER in it or below it.
    let mut own_user: Vec<bool> = Vec::new();
    for stage in 0..file.stages.len() {
        let below = matches!(file.stages[stage].base, Base::Parent(parent) if own_user[parent]);
        let here = file.body(stage).any(|(_, instruction)| instruction.keyword == Keyword::User);
        own_user.push(below || here);
        if !(below || here) && file.stages[stage].migrates && loses_root(file, stage) {
            check_stage(file, draft, stage);
        }
    }
}

/// Whether the old image starts as root and the new one does not.
fn loses_root(file: &File<'_>, stage: usize) -> bool {
    let bottom = file.bottoms[stage];
    let Base::Converted(target) = &file.stages[bottom].base else { return false };
    source_runs_as_root(file, bottom) && run_as(file, &target.image) != 0
}

fn check_stage(file: &File<'_>, draft: &mut Draft, stage: usize) {
    // What a builder's runtime starts is settled with the runtime.
    if draft.builder.or(draft.settled_stage) == Some(stage) {
        return;
    }
    for (index, instruction) in file.body(stage) {
        if !matches!(instruction.keyword, Keyword::Cmd | Keyword::Entrypoint) {
            continue;
        }
        for script in &file.scripts[index] {
            if let Some((tool, command)) = switch(script) {
                keep(draft, stage, command.span.range, &format!("`{tool}` goes on as another user"));
            }
        }
        for called in file.context_files().scripts(file, index).iter() {
            let Some(script) = called.parse().filter(|_| !looks_who_it_is(&called.file.text)) else { continue };
            if let Some((tool, command)) = switch(&script).or_else(|| work_of_root(&script)) {
                let line = called.line(command.span.range.start());
                let name = called.file.name();
                keep(draft, stage, called.range, &format!("`{name}`, line {line}, calls `{tool}`"));
            }
        }
    }
}

/// Leaves the container root, as it was.
fn keep(draft: &mut Draft, stage: usize, range: TextRange, who: &str) {
    let message = format!(
        "{who}, which only root can; the container stays root, as it was. Take it out and end with `USER 65532` if it can do \
         without"
    );
    draft.report(&RULE, Level::Warning, range, message, None);
    draft.kept_root.insert(stage);
}

/// Whether a script asks as whom it runs, and so knows what to do as somebody else than root.
pub(super) fn looks_who_it_is(text: &str) -> bool {
    ["id -u", "EUID", "$UID", "${UID", "whoami"].iter().any(|sign| text.contains(sign))
}

/// The first command of a script that gives files away or changes accounts.
pub(super) fn work_of_root(script: &ShellScript) -> Option<(String, &SimpleCommand)> {
    const TOOLS: &[&str] = &[
        "addgroup", "adduser", "chgrp", "chown", "chpasswd", "delgroup", "deluser", "groupadd", "groupdel", "groupmod",
        "newusers", "passwd", "useradd", "userdel", "usermod",
    ];
    let mut found = None;
    script.visit(&mut |command, _| {
        let tool = command.name().filter(|name| TOOLS.contains(&name.as_str()));
        found = found.take().or(tool.map(|tool| (tool, command)));
    });
    found
}

/// The first command of a script that becomes another user.
fn switch(script: &ShellScript) -> Option<(String, &SimpleCommand)> {
    const TOOLS: &[&str] = &["gosu", "su-exec", "setpriv", "runuser", "su", "chpst", "s6-setuidgid", "setuidgid"];
    let mut found = None;
    script.visit(&mut |command, _| {
        let sudo = |name: &String| name == "sudo" && command.words.iter().any(|word| word.text.starts_with("-u"));
        let names = command.wrappers.iter().map(|wrapper| wrapper.name.clone()).chain(command.name());
        let tool = names.into_iter().find(|name| TOOLS.contains(&name.as_str()) || sudo(name));
        if let (Some(tool), None) = (tool, &found) {
            found = Some((tool, command));
        }
    });
    found
}
