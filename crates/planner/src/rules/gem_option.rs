//! Options that RubyGems gave up.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::shell::SimpleCommand;

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

`--no-ri` and `--no-rdoc` of `gem install` and `gem update`, and in what is written to a `.gemrc`.

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

/// What RubyGems does not take any more.
const GONE: [&str; 2] = ["--no-ri", "--no-rdoc"];
const NEW: &str = "--no-document";

/// Looks at one command.
pub(crate) fn check(cx: &CommandCx<'_>, draft: &mut Draft) {
    if !cx.editable() || cx.exec_form() || cx.place.depth > 0 {
        return;
    }
    let found = match is_install(cx.command) {
        true => of_install(cx),
        false => of_configuration(cx),
    };
    let Some((first, edits)) = found else { return };
    let message = "RubyGems 3 has `--no-document` for `--no-ri` and `--no-rdoc`, which it does not take any more";
    draft.report(&RULE, Level::Note, first, message, Some(("Use `--no-document`", edits)));
}

fn is_install(command: &SimpleCommand) -> bool {
    let is_gem = command.name().is_some_and(|name| file_name(&name) == "gem");
    is_gem && command.args().first().is_some_and(|verb| matches!(verb.text.as_str(), "install" | "update"))
}

/// The first of the old options, and what is to be done.
fn of_install(cx: &CommandCx<'_>) -> Option<(TextRange, Vec<Edit>)> {
    let args = cx.command.args();
    let gone = args.iter().filter(|word| GONE.contains(&word.text.as_str()));
    let mut has_new = args.iter().any(|word| matches!(word.text.as_str(), NEW | "-N"));
    let mut words = Vec::new();
    for word in gone {
        let fate = match has_new {
            true => WordFate::Delete,
            false => WordFate::Replace(vec![NEW.to_owned()]),
        };
        has_new = true;
        words.push(WordEdit { range: word.span.range, fate });
    }
    let first = words.first()?.range;
    Some((first, edits(&cx.layout(), cx.command.span.range, &words)))
}

/// `echo 'gem: --no-ri --no-rdoc' >> ~/.gemrc`
fn of_configuration(cx: &CommandCx<'_>) -> Option<(TextRange, Vec<Edit>)> {
    let written = |target: &str| target.trim_end_matches(['"', '\'']).ends_with("gemrc");
    let mut targets = cx.command.redirects.iter().filter_map(|redirect| redirect.target.as_ref());
    let writes = cx.command.name().is_some_and(|name| matches!(file_name(&name), "echo" | "printf"));
    if !writes || !targets.any(|target| written(&target.text)) {
        return None;
    }
    let words = cx.command.args().iter().filter(|word| cx.file.text[word.span.range] == word.text);
    let edits: Vec<Edit> =
        words.filter_map(|word| Some(Edit::replace(word.span.range, with_new_option(&word.text)?))).collect();
    Some((edits.first()?.range, edits))
}

/// A text with the new option for the old ones, once for each line; `None` where it has none of them.
fn with_new_option(text: &str) -> Option<String> {
    // `echo` writes `\n` for the end of a line.
    let lines: Vec<String> = text
        .split("\\n")
        .map(|line| {
            let mut has_new = line.contains(NEW);
            let mut kept = Vec::new();
            for word in line.split(' ') {
                let bare = word.trim_matches(['"', '\'']);
                if !GONE.contains(&bare) {
                    kept.push(word.to_owned());
                    continue;
                }
                // The last option has the quote behind it.
                let option = if has_new { "" } else { NEW };
                let rest = word.replace(bare, option);
                match kept.last_mut().filter(|_| has_new) {
                    Some(last) => last.push_str(&rest),
                    None => kept.push(rest),
                }
                has_new = true;
            }
            kept.join(" ")
        })
        .collect();
    let new = lines.join("\\n");
    (new != text).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::with_new_option;

    #[test]
    fn options_in_a_configuration() {
        for (old, new) in [
            ("'gem: --no-ri --no-rdoc'", "'gem: --no-document'"),
            ("\"gem: --no-rdoc\"", "\"gem: --no-document\""),
            ("'gem: --env-shebang --no-ri --bindir b'", "'gem: --env-shebang --no-document --bindir b'"),
            ("'gem: --no-rdoc --no-ri --no-document'", "'gem: --no-document'"),
            (r"'install: --no-ri\nupdate: --no-rdoc\n'", r"'install: --no-document\nupdate: --no-document\n'"),
        ] {
            assert_eq!(with_new_option(old).as_deref(), Some(new), "{old}");
        }
        assert_eq!(with_new_option("'gem: --no-document'"), None);
    }
}
