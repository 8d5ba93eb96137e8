//! Files that are left alone as a whole.

use wolfify_syntax::{DirectiveName, Keyword};

use crate::file::File;
use crate::finding::{Finding, Level};
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "not-migrated",
    summary: "files that are left alone: Windows images, templates, unknown syntax front ends",
    level: Level::Note,
    docs: "\
## What it finds

A Dockerfile for Windows containers, one with template placeholders (`{{ … }}`, `<% … %>`, `@NAME@` in an image), or one
whose `# syntax=` names a front end that is not Docker's own.

## Why it matters on Wolfi

Such a file is not what will be built, or is read by other rules than Docker's. Every edit in it would be a guess.

## Example

```dockerfile
FROM {{base_image}}
RUN apt-get install -y curl
```

## Result

Nothing changes.
",
};

/// The finding that ends the migration of a file, if there is a reason to leave it.
pub(crate) fn check(file: &File<'_>) -> Option<Finding> {
    let (range, message) = front_end(file).or_else(|| template(file)).or_else(|| windows(file))?;
    Some(Finding { rule: RULE.id, level: Level::Note, message, range, fix: None })
}

type Reason = (text_size::TextRange, String);

fn front_end(file: &File<'_>) -> Option<Reason> {
    let directive = file.dockerfile.directives.iter().find(|directive| directive.name == DirectiveName::Syntax)?;
    let value = directive.value.as_str();
    let name = value.strip_prefix("docker.io/").unwrap_or(value);
    let known = name.split([':', '@']).next().is_some_and(|name| {
        matches!(name, "docker/dockerfile" | "docker/dockerfile-upstream" | "docker/dockerfile-experimental")
            || name.ends_with("/docker/dockerfile")
            || name.ends_with("/docker/dockerfile-upstream")
    });
    (!known).then(|| {
        (directive.range, format!("the syntax front end `{value}` is not Docker's own; the file is left alone"))
    })
}

/// Placeholders that another program fills in before Docker reads the file.
fn template(file: &File<'_>) -> Option<Reason> {
    for stage in &file.dockerfile.stages {
        let text = stage.image.text.as_str();
        let at_sign = text.matches('@').count() >= 2 && text.starts_with('@');
        if text.contains("{{") || text.contains("<%") || text.contains("%%") || at_sign || text.starts_with("#{") {
            return Some((
                stage.image.range,
                format!("`{text}` is a placeholder of a template; the file is left alone"),
            ));
        }
    }
    None
}

fn windows(file: &File<'_>) -> Option<Reason> {
    const NAMES: &[&str] =
        &["nanoserver", "servercore", "windowsservercore", "windows", "microsoft/iis", "dotnet/framework"];
    let stage = file.dockerfile.stages.iter().find(|stage| {
        let text = stage.image.text.to_ascii_lowercase();
        let by_name = NAMES
            .iter()
            .any(|name| text.split(['/', ':', '-']).any(|part| part == *name) || text.contains(&format!("/{name}")));
        by_name || text.contains("windowsservercore") || text.contains("nanoserver")
    });
    if let Some(stage) = stage {
        return Some((stage.image.range, format!("`{}` is a Windows image; the file is left alone", stage.image.text)));
    }
    let shell = file.dockerfile.instructions.iter().find(|instruction| {
        instruction.keyword == Keyword::Shell
            && matches!(&instruction.arguments, wolfify_syntax::Arguments::Shell(words)
                if words.first().is_some_and(|word| word.value.eq_ignore_ascii_case("cmd")))
    })?;
    Some((shell.range, "the SHELL is that of Windows; the file is left alone".to_owned()))
}
