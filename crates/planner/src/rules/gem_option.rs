//! Options that RubyGems gave up.

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::finding::Level;
use crate::path::file_name;
use crate::rule::Rule;
use crate::words::{WordEdit, WordFate, edits};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "gem-option",
    summary: "options of `gem` that RubyGems 3 does not take any more",
    level: Level::Note,
    docs: "\
## What it finds

`--no-ri` and `--no-rdoc` of `gem install` and `gem update`.

## Why it matters on Wolfi

Every Ruby of Wolfi has RubyGems 3 or later, which ends with `invalid option: --no-ri`. The images of Ruby 2.5 and older
still took them.

## What it does

Writes `--no-document`, which is the same for both.

## Example

```dockerfile
FROM ruby:2.4
RUN gem install sinatra --no-ri --no-rdoc
CMD [\"ruby\", \"/srv/app.rb\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/ruby:latest-dev
USER root
RUN gem install sinatra --no-document
USER 65532
ENTRYPOINT [\"ruby\", \"/srv/app.rb\"]
```
",
};

/// Looks at one command.
pub(crate) fn check(cx: &CommandCx<'_>, draft: &mut Draft) {
    let is_gem = cx.command.name().is_some_and(|name| file_name(&name) == "gem");
    let args = cx.command.args();
    let installs = args.first().is_some_and(|verb| matches!(verb.text.as_str(), "install" | "update"));
    if !is_gem || !installs || !cx.editable() || cx.exec_form() || cx.place.depth > 0 {
        return;
    }
    let gone = args.iter().filter(|word| matches!(word.text.as_str(), "--no-ri" | "--no-rdoc"));
    let mut has_new = args.iter().any(|word| matches!(word.text.as_str(), "--no-document" | "-N"));
    let mut words = Vec::new();
    for word in gone {
        let fate = match has_new {
            true => WordFate::Delete,
            false => WordFate::Replace(vec!["--no-document".to_owned()]),
        };
        has_new = true;
        words.push(WordEdit { range: word.span.range, fate });
    }
    let Some(first) = words.first().map(|word| word.range) else { return };
    let edits = edits(&cx.layout(), cx.command.span.range, &words);
    let message = "RubyGems 3 has `--no-document` for `--no-ri` and `--no-rdoc`, which it does not take any more";
    draft.report(&RULE, Level::Note, first, message, Some(("Use `--no-document`", edits)));
}
