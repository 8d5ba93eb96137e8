//! Options of GNU tools that BusyBox does not have, or understands otherwise.

use wolfify_edit::Edit;
use wolfify_mappings::Distro;

use crate::commands::CommandCx;
use crate::draft::{Draft, Need};
use crate::finding::Level;
use crate::gnu::{self, Change, Checked, Verdict, WordChange};
use crate::rule::Rule;
use crate::words::{WordEdit, WordFate, edits};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "gnu-option",
    summary: "options of GNU tools that BusyBox lacks or understands otherwise",
    level: Level::Warning,
    docs: "\
## What it finds

A command such as `tar`, `sed`, `find`, `sort` or `date` with an option or a form that BusyBox's applet does not know, or
that makes it do something else without saying so.

## Why it matters on Wolfi

The tools of the base images are BusyBox applets. Short options mostly work, long ones mostly do not.

## What it does

Where a form exists that gives the same result in both (tried by running both), the words are changed. Otherwise the
package with the GNU tool is installed. A command that BusyBox runs in the same way is left alone.

## Example

```dockerfile
FROM debian:12
RUN sha256sum --check sums.txt && tar --transform 's/^a/b/' -xf x.tar
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache gnutar
RUN sha256sum -c sums.txt && tar --transform 's/^a/b/' -xf x.tar
```
",
};

/// Judges one command that no other rule has claimed.
pub(crate) fn check(cx: &CommandCx<'_>, draft: &mut Draft) {
    if cx.file.stages[cx.stage].distro == Some(Distro::Alpine) {
        // Alpine's tools are BusyBox's as well.
        return;
    }
    for checked in gnu::check_all(cx.command, cx.asks_status) {
        // `id` is one of the account commands.
        if checked.tool != "id" {
            judge(cx, &checked, draft);
        }
    }
}

fn judge(cx: &CommandCx<'_>, checked: &Checked, draft: &mut Draft) {
    let range = cx.command.words.get(checked.index).map_or(cx.command.span.range, |word| word.span.range);
    match &checked.verdict {
        Verdict::Same => {}
        Verdict::Rewrite { words, what } => {
            let edits = if cx.editable() && !cx.exec_form() { word_edits(cx, words) } else { None };
            match edits {
                Some(edits) => {
                    let message = format!("BusyBox {} wants it in other words: {what}", checked.tool);
                    draft.rewritten.extend(edits.iter().map(|edit| (edit.range, draft.findings.len())));
                    draft.report(
                        &RULE,
                        Level::Note,
                        cx.command.span.range,
                        message,
                        Some(("Use BusyBox's form", edits)),
                    );
                }
                None => {
                    let message =
                        format!("BusyBox {} wants it in other words: {what}; change it by hand", checked.tool);
                    draft.report(&RULE, Level::Error, range, message, None);
                }
            }
        }
        Verdict::NeedsPackage { packages, why, silent } => need(cx, packages, why, *silent, draft, range),
        Verdict::Report { why, silent } => {
            let level = if *silent { Level::Warning } else { Level::Error };
            draft.report(&RULE, level, range, format!("{why}; look at it"), None);
        }
    }
}

fn need(
    cx: &CommandCx<'_>,
    packages: &[&'static str],
    why: &str,
    silent: bool,
    draft: &mut Draft,
    range: text_size::TextRange,
) {
    for (position, package) in packages.iter().enumerate() {
        if cx.file.in_target(cx.stage, package) {
            continue;
        }
        let hint = if silent { " without saying so" } else { "" };
        let brings = match (position, packages.first()) {
            (1.., Some(tool)) => format!("`{tool}` calls `{package}` for it"),
            _ => format!("`{package}` brings the real tool"),
        };
        draft.needs.entry(cx.stage).or_default().push(Need {
            package: (*package).to_owned(),
            rule: &RULE,
            why: format!("{why}, so it would not do the same{hint}; {brings}"),
            range,
            instruction: cx.id.instruction,
            level: Level::Warning,
        });
    }
}

/// Edits for the changes; `None` where one of them does not fit a quoted operand.
fn word_edits(cx: &CommandCx<'_>, changes: &[WordChange]) -> Option<Vec<Edit>> {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " _./:=@%+,-".contains(c));
    let mut words: Vec<(usize, Vec<String>)> = Vec::new();
    for change in changes {
        // A word may go and have something in its place, or stay and have something after it.
        let at = match words.iter().position(|(index, _)| *index == change.index) {
            Some(at) => at,
            None => {
                words.push((change.index, vec![cx.command.words[change.index].text.clone()]));
                words.len() - 1
            }
        };
        let texts = &mut words[at].1;
        match &change.change {
            Change::Delete => drop(texts.remove(0)),
            Change::Replace(text) => texts[0].clone_from(text),
            Change::InsertAfter(text) => texts.push(text.clone()),
        }
        if cx.place.depth > 0 && !texts.iter().all(|text| plain(text)) {
            return None;
        }
    }
    let words: Vec<WordEdit> = words
        .into_iter()
        .map(|(index, texts)| {
            let fate = if texts.is_empty() { WordFate::Delete } else { WordFate::Replace(texts) };
            WordEdit { range: cx.command.words[index].span.range, fate }
        })
        .collect();
    Some(edits(&cx.layout(), cx.command.span.range, &words))
}
