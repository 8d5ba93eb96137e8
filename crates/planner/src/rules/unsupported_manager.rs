//! Package managers that are recognised and not translated.

use wolfify_mappings::Distro;
use wolfify_syntax::shell::ShellScript;

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::finding::Level;
use crate::managers::{self, Manager, PackageCommand};
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "unsupported-package-manager",
    summary: "package managers that are recognised and not translated",
    level: Level::Error,
    docs: "\
## What it finds

`zypper`, `pacman`, `emerge`, `nix`, `brew`, `snap` and others in a stage that moves to Wolfi; any old package manager in a
CMD, ENTRYPOINT or HEALTHCHECK.

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

/// Reports the package managers of the old distribution that a start command or a health check calls.
pub(crate) fn check_start(draft: &mut Draft, script: &ShellScript) {
    script.visit(&mut |command, _| {
        let foreign = |manager: &Manager| manager.distro() != Some(Distro::Alpine);
        let Some(manager) = managers::called(command).filter(foreign) else { return };
        let message = format!(
            "`{}` is called when the container runs and does not exist on Wolfi; install what is needed in a RUN",
            manager.name()
        );
        draft.report(&RULE, Level::Error, command.words[command.name_index].span.range, message, None);
    });
}
