//! Package managers that are recognised and not translated.

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::finding::Level;
use crate::managers::PackageCommand;
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "unsupported-package-manager",
    summary: "package managers that are recognised and not translated",
    level: Level::Error,
    docs: "\
## What it finds

`zypper`, `pacman`, `emerge`, `nix`, `brew`, `snap` and others in a stage that moves to Wolfi.

## Why it matters on Wolfi

They do not exist there, and there is no table for their package names.

## Example

```dockerfile
FROM ubuntu:24.04
RUN snap install hello
```

## Result

The command stays as it is and is reported as an error.
",
};

/// Reports the command.
pub(crate) fn check(cx: &CommandCx<'_>, command: &PackageCommand, draft: &mut Draft) {
    let message = format!("`{}` does not exist on Wolfi; use `apk add` with the Wolfi names", command.manager.name());
    draft.leave(cx, &RULE, Level::Error, cx.command.words[cx.command.name_index].span.range, message);
}
