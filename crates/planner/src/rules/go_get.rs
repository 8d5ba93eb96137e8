//! `go get` of the time before modules.

use wolfify_syntax::Keyword;
use wolfify_syntax::shell::SimpleCommand;

use crate::draft::{CommandId, Draft};
use crate::file::File;
use crate::finding::Level;
use crate::path::file_name;
use crate::rule::Rule;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "go-get",
    summary: "`go get` outside a module, which ends the build since Go 1.18",
    level: Level::Error,
    docs: "\
## What it finds

`go get` in a stage on an image with Go 1.17 or older, before anything could have brought a `go.mod`.

## Why it matters on Wolfi

The free tier has the newest Go only. Since Go 1.18 `go get` changes the `go.mod` of a module and does nothing else; without
one the build ends with `go.mod file not found in current directory or any parent directory`.

## What it does

Reports it. A program is installed by `go install PACKAGE@VERSION`; for an application of that time `go mod init` makes the
module.

## Example

```dockerfile
FROM golang:1.13
RUN go get -u github.com/example/tool
CMD [\"/go/bin/tool\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/go:latest-dev
ENV GOPATH=/go PATH=/go/bin:$PATH
RUN go get -u github.com/example/tool
USER 65532
ENTRYPOINT [\"/go/bin/tool\"]
```
",
};

/// The first release of Go in which `go get` wants a module.
const FIRST: (u32, u32) = (1, 18);

/// Looks at the stages that move to a newer Go.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    let mut may_have_module: Vec<bool> = Vec::with_capacity(file.stages.len());
    for stage in 0..file.stages.len() {
        let mut has = match file.stages[stage].base {
            Base::Parent(parent) => may_have_module[parent],
            _ => false,
        };
        let old = file.stages[stage].migrates && is_older(file, stage);
        for (index, instruction) in file.body(stage) {
            has |= matches!(instruction.keyword, Keyword::Copy | Keyword::Add);
            if instruction.keyword == Keyword::Run {
                check_run(file, draft, index, old, &mut has);
            }
        }
        may_have_module.push(has);
    }
}

/// Whether the image that a stage stands on had a Go in which `go get` needs no module, and has a newer one now.
fn is_older(file: &File<'_>, stage: usize) -> bool {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return false };
    let lost = target.lost_version.as_deref().filter(|_| target.image == "go");
    let mut numbers = lost.into_iter().flat_map(|version| version.split('.')).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < FIRST,
        _ => false,
    }
}

fn check_run(file: &File<'_>, draft: &mut Draft, index: usize, old: bool, has_module: &mut bool) {
    let instruction = file.instruction(index);
    // A mount may bring the module, and a script that nobody can read may clone it.
    *has_module |= instruction.flag("mount").is_some();
    for (number, script) in file.scripts[index].iter().enumerate() {
        *has_module |= script.list.is_err();
        script.visit(&mut |command, _| {
            let id = CommandId { instruction: index, script: number, command: command.id };
            let gets = is_go(command, "get");
            if gets && old && !*has_module && !draft.gone.contains(&id) {
                let message = "Go gets packages inside a module only, since 1.18: `go install PACKAGE@VERSION` installs a program, \
                               `go mod init` makes a module";
                draft.report(&RULE, Level::Error, command.span.range, message, None);
            }
            *has_module |= !gets && may_bring_module(command);
        });
    }
}

fn is_go(command: &SimpleCommand, verb: &str) -> bool {
    let is_verb = command.args().first().is_some_and(|word| word.text == verb);
    is_verb && command.name().is_some_and(|name| file_name(&name) == "go")
}

fn may_bring_module(command: &SimpleCommand) -> bool {
    const BRINGERS: &[&str] = &["bzr", "git", "glide", "hg", "make", "sh", "bash", "svn", "tar", "unzip"];
    let by_path = |name: &str| name.starts_with(['.', '/']);
    is_go(command, "mod")
        || command.name().is_none_or(|name| BRINGERS.contains(&file_name(&name)) || by_path(&name))
            && !command.words.is_empty()
}
