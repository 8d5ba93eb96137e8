//! `# wolfify: ignore[rule]` and what the configuration ignores.
//!
//! What an ignored rule would change stays as it is, together with the instruction it stands in: half a rewritten
//! command would be worse than either. An ignored FROM keeps its image, and a stage with a RUN that goes on calling the
//! old package manager stays on its old base, so that what is left still builds.

use std::cell::Cell;
use std::collections::HashSet;

use text_size::TextRange;
use wolfify_syntax::Dockerfile;

use crate::finding::{Finding, Level};
use crate::options::Options;
use crate::plan::{Outcome, PackageCounts, Plan};
use crate::rule::Rule;
use crate::rules;

/// The rule's record.
pub(crate) static UNUSED: Rule = Rule {
    id: "unused-suppression",
    summary: "`wolfify: ignore` comments that suppress nothing",
    level: Level::Note,
    docs: "\
## What it finds

A comment `# wolfify: ignore[rule, …]` on the line above an instruction, or above a line inside of one, where no such
rule has anything to say; also a rule's name that does not exist. `# wolfify: ignore` without rules means all of them,
`# wolfify: ignore-file` the whole file.

## Why it matters on Wolfi

What an ignored rule would change stays as it is, with the instruction around it. A comment that suppresses nothing may
be a typing error, or left over from a migration that is done.

## Example

```dockerfile
FROM debian:12
# wolfify: ignore[apt-install]
RUN echo done
```

## Result

The stage moves to Wolfi; the comment stays and is reported.
",
};

/// Instructions that no rule may touch, by index.
pub(crate) type Frozen = HashSet<usize>;

/// Everything that is ignored in one file.
pub(crate) struct Suppressions<'o> {
    comments: Vec<Comment>,
    /// `ignore-file`
    file: Option<TextRange>,
    /// By the configuration.
    everywhere: &'o [String],
}

struct Comment {
    range: TextRange,
    /// The instruction below, or the line below inside of one.
    covers: Option<TextRange>,
    /// None means all.
    rules: Vec<String>,
    used: Cell<bool>,
}

impl<'o> Suppressions<'o> {
    /// Reads the comments of a file; `None` when nothing is ignored, as in most.
    pub(crate) fn read(text: &str, dockerfile: &Dockerfile, options: &'o Options) -> Option<Self> {
        let mut found = Self { comments: Vec::new(), file: None, everywhere: &options.ignored };
        if text.contains("wolfify:") {
            for &range in &dockerfile.comments {
                match parse(&text[range]) {
                    Some(Directive::File) => found.file = found.file.or(Some(range)),
                    Some(Directive::Rules(rules)) => {
                        let covers = covered(text, dockerfile, range);
                        found.comments.push(Comment { range, covers, rules, used: Cell::new(false) });
                    }
                    None => {}
                }
            }
        }
        let nothing = found.comments.is_empty() && found.file.is_none() && found.everywhere.is_empty();
        (!nothing).then_some(found)
    }

    /// Whether a finding is ignored.
    pub(crate) fn covers(&self, finding: &Finding) -> bool {
        let named = |rules: &[String]| {
            // Keeping a base image is what brings that remark about.
            let also = (finding.rule == rules::base_image::UNKNOWN.id).then_some(rules::base_image::RULE.id);
            rules.iter().any(|rule| *rule == finding.rule || Some(rule.as_str()) == also)
        };
        if named(self.everywhere) {
            return true;
        }
        let start = finding.range.start();
        let comment = self.comments.iter().find(|comment| {
            comment.covers.is_some_and(|range| range.contains_inclusive(start))
                && (comment.rules.is_empty() || named(&comment.rules))
        });
        if let Some(comment) = comment {
            comment.used.set(true);
        }
        comment.is_some()
    }

    /// Plans until no ignored rule wants to change anything any more.
    pub(crate) fn plan(&self, dockerfile: &Dockerfile, plan: impl Fn(&Frozen) -> Plan) -> Plan {
        if let Some(range) = self.file {
            let message = "the file is left alone: `wolfify: ignore-file`".to_owned();
            let finding = Finding { rule: rules::skip::RULE.id, level: Level::Note, message, range, fix: None };
            return Plan { findings: vec![finding], outcome: Outcome::Skipped, packages: PackageCounts::default() };
        }
        let mut frozen = Frozen::new();
        loop {
            let mut result = plan(&frozen);
            let ignored = result.findings.iter().filter(|finding| finding.fix.is_some() && self.covers(finding));
            let more: Vec<usize> = ignored.map(|finding| instruction_at(dockerfile, finding.range)).collect();
            let before = frozen.len();
            frozen.extend(more);
            if frozen.len() == before {
                result.findings.retain(|finding| !self.covers(finding));
                result.findings.extend(self.unused());
                result.findings.sort_by_key(|finding| (finding.range.start(), finding.range.end(), finding.rule));
                return result;
            }
        }
    }

    /// What the comments themselves give reason to say.
    fn unused(&self) -> Vec<Finding> {
        let report = |range, level, message| Finding { rule: UNUSED.id, level, message, range, fix: None };
        let mut findings = Vec::new();
        for comment in &self.comments {
            let unknown =
                comment.rules.iter().filter(|rule| !rules::RULES.iter().any(|known| known.id == rule.as_str()));
            findings.extend(unknown.map(|rule| {
                let message = format!("no rule is called `{rule}`; `wolfify explain` lists them");
                report(comment.range, Level::Warning, message)
            }));
            if comment.covers.is_none() {
                let message = "this comment suppresses nothing; put it on the line above an instruction".to_owned();
                findings.push(report(comment.range, Level::Note, message));
            } else if !comment.used.get() {
                let message = "this comment suppresses nothing here; remove it".to_owned();
                findings.push(report(comment.range, Level::Note, message));
            }
        }
        findings
    }
}

enum Directive {
    File,
    Rules(Vec<String>),
}

/// `# wolfify: ignore[a, b] because …`
fn parse(comment: &str) -> Option<Directive> {
    let words = comment.trim_start().trim_start_matches('#').trim_start().strip_prefix("wolfify:")?.trim();
    let rest = words.strip_prefix("ignore")?;
    if let Some(rest) = rest.strip_prefix("-file") {
        return (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(Directive::File);
    }
    if rest.is_empty() || rest.starts_with(char::is_whitespace) {
        return Some(Directive::Rules(Vec::new()));
    }
    let (rules, _) = rest.strip_prefix('[')?.split_once(']')?;
    let rules = rules.split(',').map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty());
    Some(Directive::Rules(rules.collect()))
}

/// What a comment speaks of: the instruction right below, or the rest of the next line inside of one.
fn covered(text: &str, dockerfile: &Dockerfile, comment: TextRange) -> Option<TextRange> {
    let instructions = &dockerfile.instructions;
    let next = instructions.partition_point(|instruction| instruction.range.start() < comment.end());
    let inside = next.checked_sub(1).map(|index| &instructions[index]);
    if let Some(instruction) = inside.filter(|instruction| instruction.range.contains_range(comment)) {
        let mut end = usize::from(comment.end());
        loop {
            let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
            let line_start = line_end;
            end = text[line_start..].find('\n').map_or(text.len(), |at| line_start + at);
            let line = text[line_start..end].trim();
            if !line.is_empty() && !line.starts_with('#') || end == text.len() {
                let line = TextRange::new(crate::script::layout_size(line_start), crate::script::layout_size(end));
                return line.intersect(instruction.range);
            }
        }
    }
    let instruction = instructions.get(next)?;
    let between = &text[usize::from(comment.end())..usize::from(instruction.range.start())];
    // The first line end is the comment's own.
    let only_comments = between.lines().skip(1).all(|line| line.trim_start().starts_with('#') || line.is_empty());
    let blank = between.matches('\n').count() > 1 && between.lines().skip(1).any(str::is_empty);
    (only_comments && !blank).then_some(instruction.range)
}

/// The instruction that a place belongs to: the one around it, else the one after.
fn instruction_at(dockerfile: &Dockerfile, range: TextRange) -> usize {
    let instructions = &dockerfile.instructions;
    let next = instructions.partition_point(|instruction| instruction.range.start() <= range.start());
    match next.checked_sub(1) {
        Some(index) if instructions[index].range.contains_inclusive(range.start()) => index,
        _ => next.min(instructions.len().saturating_sub(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives() {
        let rules = |comment| match parse(comment) {
            Some(Directive::Rules(rules)) => Some(rules.join(" ")),
            Some(Directive::File) => Some("file".to_owned()),
            None => None,
        };
        assert_eq!(rules("# wolfify: ignore[a, b] because").as_deref(), Some("a b"));
        assert_eq!(rules("  #wolfify:ignore").as_deref(), Some(""));
        assert_eq!(rules("# wolfify: ignore-file, generated").as_deref(), None);
        assert_eq!(rules("# wolfify: ignore-file generated").as_deref(), Some("file"));
        for other in ["# wolfify: ignored", "# TODO(wolfify): x", "# ignore[a]", "# wolfify: ignore[a"] {
            assert_eq!(rules(other), None, "{other}");
        }
    }
}
