//! `--annotate`: notes in the file for whoever finishes the migration.

use text_size::TextRange;

use crate::file::File;
use crate::finding::{Finding, Level};
use crate::insertions::{Insertions, LineFinding, Order};
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "annotation",
    summary: "notes left in the file with --annotate",
    level: Level::Note,
    docs: "\
## What it finds

With `--annotate`, every finding that is left for a person.

## Why it matters on Wolfi

Whoever reviews the change sees in the file itself what still has to be done. The note is a comment line above the
instruction; it is not written twice.

## Example

```dockerfile
FROM registry.example.com/team/base:7
```

## Result

Without `--annotate` nothing is written.
",
};

/// Puts a comment above every instruction with work left in it.
pub(crate) fn check(file: &File<'_>, findings: &[Finding], insertions: &mut Insertions) {
    for finding in findings.iter().filter(|finding| finding.fix.is_none() && finding.level >= Level::Warning) {
        let Some(index) = instruction_at(file, finding.range) else { continue };
        let line = format!(
            "# TODO(wolfify): {}: {}",
            finding.rule,
            finding.message.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        if file.comments_above(index).iter().any(|comment| is_same(&file.text[*comment], &line)) {
            continue;
        }
        let note = LineFinding::note(
            &RULE,
            finding.range,
            "a note is left for whoever finishes the migration",
            "Leave a note",
        );
        insertions.add(file.line_before(index), Order::Note, line, note);
    }
}

/// Whether two notes say the same. Another version of the program may put it in other words: the rule and what it is about
/// decide.
fn is_same(one: &str, other: &str) -> bool {
    let key = |line: &str| -> Option<(String, String)> {
        let (rule, message) = line.strip_prefix("# TODO(wolfify): ")?.split_once(": ")?;
        Some((rule.to_owned(), message.split('`').nth(1)?.to_owned()))
    };
    one == other || key(one).is_some_and(|own| key(other) == Some(own))
}

fn instruction_at(file: &File<'_>, range: TextRange) -> Option<usize> {
    let instructions = &file.dockerfile.instructions;
    let next = instructions.partition_point(|instruction| instruction.range.start() <= range.start());
    next.checked_sub(1)
}
