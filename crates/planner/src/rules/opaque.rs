//! Scripts that cannot be read.

use wolfify_syntax::shell::ShellScript;

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::managers::Manager;
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "opaque-script",
    summary: "shell scripts that cannot be read but name a package manager",
    level: Level::Error,
    docs: "\
## What it finds

A script that the shell parser does not understand, or one for another interpreter, with the name of a package manager
in it.

## Why it matters on Wolfi

Nothing in it is edited, so the old package manager is still called; it does not exist on the new image.

## Example

```dockerfile
FROM debian:12
SHELL [\"/usr/bin/fish\", \"-c\"]
RUN apt-get install -y curl; or exit 1
```

## Result

The script stays as it is.
",
};

/// Reports the opaque parts of a script that name a package manager.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft, instruction: usize, script: &ShellScript) {
    for (opaque_script, opaque) in script.opaque() {
        let Some(name) = named_manager(&opaque_script.text) else { continue };
        let range = opaque_script.map.segments().first().map_or(file.instruction(instruction).range, |first| {
            let last = opaque_script.map.segments().last().map_or(first, |last| last);
            text_size::TextRange::new(first.source, last.source + last.len)
        });
        let message =
            format!("the script calls `{name}` and could not be read ({}); translate it by hand", opaque.reason);
        draft.report(&RULE, Level::Error, range, message, None);
    }
}

/// The first package manager named in a text, as a word.
pub(crate) fn named_manager(text: &str) -> Option<&'static str> {
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    words.find_map(|word| {
        Manager::names().find(|name| *name == word && !matches!(*name, "apk" | "nix" | "snap" | "guix"))
    })
}
