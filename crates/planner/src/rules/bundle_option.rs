//! Options that Bundler gave up, because it remembered them for later commands.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::shell::{AndOrOperator, ShellWord, SimpleCommand};

use crate::commands::CommandCx;
use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::path::file_name;
use crate::rule::Rule;
use crate::words::{WordEdit, WordFate, edits};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "bundle-option",
    summary: "options of `bundle install` that Bundler 4 does not take any more",
    level: Level::Note,
    docs: "\
## What it finds

`--without`, `--with`, `--deployment`, `--path`, `--system`, `--clean`, `--frozen`, `--no-prune`, `--shebang` and
`--binstubs` of `bundle install`, and `bundle` without a command.

## Why it matters on Wolfi

Bundler 4, which today's Ruby brings and `gem install bundler` installs, ends with an error for options that it remembered
for later commands, before it looks which Bundler the lock file asks for. Without a command it shows its help. A file that
installs an older Bundler, or calls one by `bundle _2.4.22_`, is left alone.

## What it does

Says the same by `bundle config set --local` and `bundle binstubs --all`, in the same RUN. Where that would change what runs
when, the finding is an error.

## Example

```dockerfile
FROM ruby:3.2
WORKDIR /srv
COPY Gemfile Gemfile.lock ./
RUN bundle install --jobs 4 --without development test
CMD bundle exec puma && true
```

## Result

```dockerfile
FROM cgr.dev/chainguard/ruby:latest-dev
WORKDIR /srv
COPY Gemfile Gemfile.lock ./
USER root
RUN bundle config set --local without 'development test' && bundle install --jobs 4
USER 65532
ENTRYPOINT []
CMD bundle exec puma && true
```
",
};

/// What an option is in Bundler's configuration.
enum Setting {
    /// It is there or not.
    Flag(&'static str),
    /// It has one word behind it, or behind its `=`.
    Value(&'static str),
    /// It has all words behind it up to the next option.
    List(&'static str),
    /// A command of its own, behind the install.
    Binstubs,
}

const OPTIONS: &[(&str, Setting)] = &[
    ("--binstubs", Setting::Binstubs),
    ("--clean", Setting::Flag("clean")),
    ("--deployment", Setting::Flag("deployment")),
    ("--frozen", Setting::Flag("frozen")),
    ("--no-prune", Setting::Flag("no_prune")),
    ("--path", Setting::Value("path")),
    ("--shebang", Setting::Value("shebang")),
    ("--system", Setting::Flag("path.system")),
    ("--with", Setting::List("with")),
    ("--without", Setting::List("without")),
];

/// Looks at one command.
pub(crate) fn check(cx: &CommandCx<'_>, draft: &mut Draft) {
    if !cx.command.name().is_some_and(|name| matches!(file_name(&name), "bundle" | "bundler")) {
        return;
    }
    let args = cx.command.args();
    // `bundle _1.17.3_ install` calls that one.
    let pins = || installs_another(cx.file, cx.stage);
    if args.first().is_some_and(|word| word.text.starts_with('_'))
        || *draft.pinned_bundler.entry(cx.stage).or_insert_with(pins)
    {
        return;
    }
    let Some(bare) = is_bare_install(args) else { return };
    let found = Found::read(args);
    if found.gone.is_empty() && !bare {
        return;
    }
    report(cx, draft, &found, bare);
}

/// Whether an install goes without its name; `None` for other commands.
fn is_bare_install(args: &[ShellWord]) -> Option<bool> {
    match args.first() {
        Some(first) if !first.text.starts_with('-') => (first.text == "install").then_some(false),
        // What Bundler makes of a command behind an option has not been tried.
        _ => {
            let other =
                |word: &ShellWord| matches!(word.text.as_str(), "--version" | "-v" | "--help" | "-h" | "install");
            (!args.iter().any(other)).then_some(true)
        }
    }
}

fn report(cx: &CommandCx<'_>, draft: &mut Draft, found: &Found, bare: bool) {
    let options: Vec<String> = found.options.iter().map(|option| format!("`{option}`")).collect();
    let mut message = match options.is_empty() {
        true => "Bundler 4 shows its help without a command".to_owned(),
        false => format!("Bundler 4 does not take {} any more", options.join(", ")),
    };
    let range = found.gone.first().copied().unwrap_or_else(|| cx.command.words[cx.command.name_index].span.range);
    match rewritten(cx, found, bare) {
        Some(edits) => {
            if !found.settings.is_empty() {
                draft.bundler_settings.insert(cx.stage);
            }
            if !options.is_empty() {
                message.push_str("; `bundle config` and `bundle binstubs` say the same");
            }
            draft.report(&RULE, Level::Note, range, message, Some(("Say it by `bundle config`", edits)));
        }
        None => {
            let settings: Vec<String> = found.settings.iter().map(|setting| format!("`{setting}`")).collect();
            let before = if settings.is_empty() { "name the command".to_owned() } else { settings.join(", ") };
            draft.report(&RULE, Level::Error, range, format!("{message}: {before} before it"), None);
        }
    }
}

/// What the options of one command are today.
#[derive(Default)]
struct Found {
    /// `--without`
    options: Vec<String>,
    /// `bundle config set --local without test`
    settings: Vec<String>,
    /// `bundle binstubs --all`
    after: Option<String>,
    /// The words that go.
    gone: Vec<TextRange>,
}

impl Found {
    fn read(words: &[ShellWord]) -> Self {
        let mut found = Self::default();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            let (name, inline) = match word.text.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.text.as_str(), None),
            };
            let Some((_, setting)) = OPTIONS.iter().find(|(own, _)| *own == name) else { continue };
            found.options.push(name.to_owned());
            found.gone.push(word.span.range);
            let most = match setting {
                _ if inline.is_some() => 0,
                Setting::Flag(_) => 0,
                Setting::Value(_) | Setting::Binstubs => 1,
                Setting::List(_) => usize::MAX,
            };
            let values: Vec<&ShellWord> =
                words[at..].iter().take_while(|word| !word.text.starts_with('-')).take(most).collect();
            at += values.len();
            found.gone.extend(values.iter().map(|word| word.span.range));
            let value = inline.or_else(|| joined(&values));
            found.set(setting, value);
        }
        found
    }

    fn set(&mut self, setting: &Setting, value: Option<String>) {
        match (setting, value) {
            (Setting::Flag(key), _) => self.settings.push(format!("bundle config set --local {key} true")),
            (Setting::Value(key) | Setting::List(key), Some(value)) => {
                self.settings.push(format!("bundle config set --local {key} {value}"));
            }
            (Setting::Value(_) | Setting::List(_), None) => {}
            (Setting::Binstubs, value) => {
                let path = value.map(|value| format!(" --path={value}")).unwrap_or_default();
                self.after = Some(format!("bundle binstubs --all{path}"));
            }
        }
    }
}

/// Words as one word of a command.
fn joined(words: &[&ShellWord]) -> Option<String> {
    match words {
        [] => None,
        [word] => Some(word.text.clone()),
        words => {
            let texts: Vec<&str> = words.iter().map(|word| word.text.trim_matches(['"', '\''])).collect();
            let text = texts.join(" ");
            Some(if text.contains('$') { format!("\"{text}\"") } else { format!("'{text}'") })
        }
    }
}

/// The edits, where the commands can stand in the place of the one.
fn rewritten(cx: &CommandCx<'_>, found: &Found, bare: bool) -> Option<Vec<Edit>> {
    let place = cx.place;
    let several = !found.settings.is_empty() || found.after.is_some();
    // What comes before a pipeline need not be in it.
    let first = place.pipeline_len == 1 || (place.pipeline_index == 0 && found.after.is_none());
    let alone = place.pipeline_len == 1 || place.operator_before != Some(AndOrOperator::Or);
    let joins = first && alone && !place.negated && !place.background && cx.command.wrappers.is_empty();
    if !cx.editable() || cx.exec_form() || place.depth > 0 || (several && !joins) {
        return None;
    }
    let words: Vec<WordEdit> =
        found.gone.iter().map(|range| WordEdit { range: *range, fate: WordFate::Delete }).collect();
    let span = cx.command.span.range;
    let mut edits = edits(&cx.layout(), span, &words);
    if bare {
        let name = cx.command.words[cx.command.name_index].span.range;
        edits.push(Edit::insert(name.end(), " install"));
    }
    let grouped = several && place.operator_before == Some(AndOrOperator::Or);
    let mut head = found.settings.iter().map(|setting| format!("{setting} && ")).collect::<String>();
    let mut tail = found.after.iter().map(|after| format!(" && {after}")).collect::<String>();
    if grouped {
        head.insert_str(0, "{ ");
        tail.push_str("; }");
    }
    if !head.is_empty() {
        edits.push(Edit::insert(span.start(), head));
    }
    if !tail.is_empty() {
        edits.push(Edit::insert(span.end(), tail));
    }
    edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
    Some(edits)
}

/// Whether a RUN of the stage, or of one that it stands on, installs a Bundler in a version of its own.
fn installs_another(file: &File<'_>, stage: usize) -> bool {
    file.chain(stage).flat_map(|stage| file.body(stage)).any(|(index, _)| {
        let mut found = false;
        for script in &file.scripts[index] {
            script.visit(&mut |command, _| found |= pins_bundler(command));
        }
        found
    })
}

/// `gem install bundler -v 2.4.22`, `gem install bundler:1.17.3`
fn pins_bundler(command: &SimpleCommand) -> bool {
    let words: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
    let is_gem = command.name().is_some_and(|name| file_name(&name) == "gem");
    let own = |word: &&str| *word == "bundler" || word.starts_with("bundler:");
    let versioned = words
        .iter()
        .any(|word| word.starts_with("bundler:") || word.starts_with("-v") || word.starts_with("--version"));
    is_gem && words.iter().any(own) && versioned
}
