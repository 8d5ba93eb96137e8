//! Questions to the old package manager.

use wolfify_edit::Edit;
use wolfify_mappings::Distro;

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::finding::Level;
use crate::managers::{Action, PackageCommand};
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "package-query",
    summary: "questions to the old package manager",
    level: Level::Error,
    docs: "\
## What it finds

`dpkg --print-architecture`, `dpkg -l`, `rpm -q`, `apt-cache policy` and the like.

## Why it matters on Wolfi

The command does not exist there. The architecture can be asked for with `uname -m`, which says `x86_64` and `aarch64`
where dpkg says `amd64` and `arm64`; Wolfi has no others.

## Example

```dockerfile
FROM debian:12
RUN /opt/fetch https://example.com/tool-$(dpkg --print-architecture)
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN /opt/fetch https://example.com/tool-$(uname -m | sed -e 's/x86_64/amd64/' -e 's/aarch64/arm64/')
```
",
};

const DEBIAN_ARCHITECTURE: &str = "uname -m | sed -e 's/x86_64/amd64/' -e 's/aarch64/arm64/'";

/// Rewrites the question for the architecture; reports the others.
pub(crate) fn check(cx: &CommandCx<'_>, command: &PackageCommand, draft: &mut Draft) {
    if command.manager.distro() == Some(Distro::Alpine) {
        // Wolfi's apk answers as Alpine's does.
        draft.claimed.insert(cx.id);
        return;
    }
    let words: Vec<&str> = cx.command.args().iter().map(|word| word.text.as_str()).collect();
    let asks_architecture = matches!(words[..], ["--print-architecture"]) && command.manager.name() == "dpkg";
    // Inside a quoted operand the quotes of the replacement could end the operand; after `!` a pipeline cannot stand alone.
    if asks_architecture && cx.editable() && !cx.place.in_operand && !cx.exec_form() && cx.command.redirects.is_empty()
    {
        let edit = Edit::replace(cx.command.span.range, DEBIAN_ARCHITECTURE);
        let message = "`dpkg --print-architecture` becomes `uname -m` in dpkg's words";
        draft.rewrite(cx, &RULE, Level::Note, message, "Ask uname", vec![edit]);
        return;
    }
    let message = if matches!(command.action, Action::Unknown(_)) {
        format!("this call of `{}` is not understood, and the command does not exist on Wolfi", command.manager.name())
    } else {
        format!("`{}` does not exist on Wolfi; `apk info` answers such questions", command.manager.name())
    };
    draft.leave(cx, &RULE, Level::Error, cx.command.span.range, message);
}
