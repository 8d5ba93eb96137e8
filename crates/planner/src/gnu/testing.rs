//! Parses command lines for tests.

use text_size::TextSize;
use wolfify_syntax::SourceMap;
use wolfify_syntax::shell::{Dialect, SimpleCommand, parse_script};

use super::{Change, Verdict, WordChange, asks_status, check_all};

/// The simple commands of a bash script, nested ones included.
pub(crate) fn commands(script: &str) -> Vec<SimpleCommand> {
    let map = SourceMap::identity(TextSize::new(0), TextSize::of(script));
    let parsed = parse_script(script, &map, Dialect::Bash);
    assert!(parsed.list.is_ok(), "{script}: {:?}", parsed.list);
    let mut commands = Vec::new();
    parsed.visit(&mut |command, _| commands.push(command.clone()));
    commands
}

/// The verdicts on all commands of a script.
pub(crate) fn verdicts(script: &str) -> Vec<Verdict> {
    commands(script)
        .iter()
        .flat_map(|command| check_all(command, asks_status(script)))
        .map(|checked| checked.verdict)
        .collect()
}

/// The verdict of the one command of a script as `busybox-full` judges wget.
pub(crate) fn wget_verdict(script: &str) -> Option<Verdict> {
    super::check_busybox_full_wget(&commands(script)[0])
}

/// The script with the changes applied to its words, or `None` where there is none or a package is needed.
pub(crate) fn rewritten(script: &str) -> Option<String> {
    let mut edits = Vec::new();
    for command in commands(script) {
        for checked in check_all(&command, asks_status(script)) {
            match checked.verdict {
                Verdict::Same => {}
                Verdict::Rewrite { words, .. } => edits.extend(words.iter().map(|change| place(&command, change))),
                Verdict::NeedsPackage { .. } | Verdict::Report { .. } => return None,
            }
        }
    }
    edits.sort_by_key(|(range, _)| std::cmp::Reverse((range.start, range.end)));
    let mut text = script.to_owned();
    for (range, new) in &edits {
        text.replace_range(range.clone(), new);
    }
    (!edits.is_empty()).then_some(text)
}

fn place(command: &SimpleCommand, change: &WordChange) -> (std::ops::Range<usize>, String) {
    let range: std::ops::Range<usize> = command.words[change.index].span.range.into();
    match &change.change {
        Change::Replace(text) => (range, text.clone()),
        Change::InsertAfter(text) => (range.end..range.end, format!(" {text}")),
        // The blank before goes with it.
        Change::Delete => (range.start - 1..range.end, String::new()),
    }
}
