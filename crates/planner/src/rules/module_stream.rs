//! Module streams of dnf.

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::finding::Level;
use crate::managers::{ArgumentKind, PackageCommand};
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "module-stream",
    summary: "module streams chosen with dnf or microdnf",
    level: Level::Note,
    docs: "\
## What it finds

`dnf module enable nodejs:20` and its relatives.

## Why it matters on Wolfi

There are no modules; versions stand in the names of packages. The stream is remembered, so that a later install of the
product takes the package of that version where Wolfi has it.

## Example

```dockerfile
FROM registry.access.redhat.com/ubi9/ubi-minimal
RUN microdnf module enable nodejs:22 && microdnf install -y nodejs
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache nodejs-22 npm
```
",
};

/// Takes the command out.
pub(crate) fn check(cx: &CommandCx<'_>, command: &PackageCommand, draft: &mut Draft) {
    note(cx.stage, command, draft);
    draft.remove(
        cx,
        &RULE,
        Level::Note,
        "there are no module streams on Wolfi; versions stand in the names of packages",
    );
}

/// Remembers the versions that a command chooses.
pub(crate) fn note(stage: usize, command: &PackageCommand, draft: &mut Draft) {
    for argument in &command.arguments {
        if let ArgumentKind::ModuleStream(stream) = &argument.kind
            && let Some(version) = stream.stream.as_ref().and_then(|stream| stream.as_static())
        {
            draft.streams.insert((stage, stream.name.clone()), version.to_owned());
        }
    }
}
