//! Package files, source packages and what they need.

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::finding::Level;
use crate::managers::{Action, PackageCommand};
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "package-file",
    summary: "package files and source packages of the old distribution",
    level: Level::Error,
    docs: "\
## What it finds

`dpkg -i x.deb`, `rpm -i https://…`, `apt-get build-dep`, `apt-get source`, `dnf download`.

## Why it matters on Wolfi

Packages of another distribution cannot be installed there, and their sources are not in its repository.

## Example

```dockerfile
FROM debian:12
COPY app.deb /tmp/
RUN dpkg -i /tmp/app.deb
```

## Result

The command stays as it is and is reported as an error: take the program's own release, build it, or find it in Wolfi.
",
};

/// Reports the command.
pub(crate) fn check(cx: &CommandCx<'_>, command: &PackageCommand, draft: &mut Draft) {
    let name = command.manager.name();
    let message = match command.action {
        Action::BuildDep => {
            format!("`{name}` installs what a source package needs; name the packages and `apk add` them")
        }
        Action::Source | Action::Download => {
            format!("`{name}` fetches from the old distribution; use the program's own release")
        }
        Action::Swap | Action::Satisfy => {
            format!("`{name}` solves dependencies of the old distribution; `apk add` what is needed")
        }
        _ => format!(
            "`{name}` installs a package file of the old distribution; use the program's own release, or find it in Wolfi"
        ),
    };
    draft.leave(cx, &RULE, Level::Error, cx.command.span.range, message);
}
