//! Shell syntax that ash does not have.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::Distro;
use wolfify_syntax::Keyword;
use wolfify_syntax::shell::{Dialect, ShellScript, ShellWord};

use crate::bashism::{self, Bashism, Shell};
use crate::commands::runs;
use crate::draft::{CommandId, Draft, Need};
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "bash-syntax",
    summary: "shell syntax that BusyBox's ash does not have or reads otherwise",
    level: Level::Warning,
    docs: "\
## What it finds

Scripts that ran under bash, or under the old image's `/bin/sh`, and that ash would refuse or run differently: arrays,
`${x^^}`, brace expansion, `echo` with escapes; and a SHELL or `bash -c` where the image has no bash.

## Why it matters on Wolfi

`/bin/sh` is BusyBox's ash. `-dev` images carry bash, `wolfi-base` does not.

## What it does

Rewrites what can be said in ash with the same result; otherwise installs bash and lets it run the stage's commands.

## Example

```dockerfile
FROM debian:12
SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]
RUN echo a | tee /b
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache bash
SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]
RUN echo a | tee /b
```
",
};

/// Judges the scripts of all stages that migrate.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions) {
    for stage in 0..file.stages.len() {
        if file.stages[stage].migrates {
            check_stage(file, draft, insertions, stage);
        }
    }
}

fn check_stage(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions, stage: usize) {
    let was = match file.stages[stage].distro {
        Some(Distro::Fedora) => Shell::Bash,
        Some(Distro::Alpine) => Shell::Ash,
        _ => Shell::Dash,
    };
    let mut under_bash = false;
    for (index, instruction) in file.body(stage) {
        if instruction.keyword == Keyword::Shell && file.shells[index].dialect() == Dialect::Bash {
            need_bash(file, draft, stage, index, instruction.range, "SHELL names bash, which the image does not have");
        }
        if runs(instruction) != Keyword::Run || draft.dropped_instructions.contains(&index) {
            continue;
        }
        if let Some((range, why)) = names_bash(file, index) {
            need_bash(file, draft, stage, index, range, why);
        }
        let own_shell = file.shells[index].instruction.is_some();
        if own_shell || under_bash {
            continue;
        }
        let found = findings(file, draft, index, was);
        let stubborn = found.iter().find(|bashism| bashism.rewrite.is_none());
        match stubborn.filter(|_| was == Shell::Bash) {
            Some(bashism) => {
                under_bash = true;
                switch_to_bash(file, draft, insertions, stage, index, bashism);
            }
            None => rewrite(draft, &found),
        }
    }
}

/// Where a RUN needs bash to be there before it: a here-document that begins with `#!/bin/bash`, and a link to bash in
/// the place of `/bin/sh`.
fn names_bash(file: &File<'_>, index: usize) -> Option<(TextRange, &'static str)> {
    let runs_under = file.shells[index].dialect();
    for script in &file.scripts[index] {
        if script.dialect == Dialect::Bash && runs_under != Dialect::Bash {
            return Some((file.instruction(index).keyword_range, "bash reads this here-document"));
        }
        let mut link = None;
        script.visit(&mut |command, _| {
            let bash = |word: &&ShellWord| matches!(word.text.as_str(), "bash" | "/bin/bash" | "/usr/bin/bash");
            let sh = command.args().iter().any(|word| matches!(word.text.as_str(), "sh" | "/bin/sh" | "/usr/bin/sh"));
            if sh && matches!(command.name().as_deref(), Some("ln" | "cp")) {
                link = link.or(command.args().iter().find(bash).map(|word| word.span.range));
            }
        });
        if let Some(range) = link {
            return Some((range, "bash takes the place of `/bin/sh` here, and the image has none"));
        }
    }
    None
}

/// What ash would do otherwise, outside commands that other rules have dealt with.
fn findings(file: &File<'_>, draft: &Draft, index: usize, was: Shell) -> Vec<Bashism> {
    let mut all = Vec::new();
    for (script_index, script) in file.scripts[index].iter().enumerate() {
        if script.dialect != Dialect::Sh {
            continue;
        }
        let claimed = claimed_ranges(draft, index, script_index, script);
        let free = |bashism: &Bashism| !overlaps(&claimed, bashism.span.range);
        all.extend(bashism::check(script, was).into_iter().filter(free));
    }
    all
}

/// Whether a range shares a byte with one of `ranges`, which are apart and in order.
fn overlaps(ranges: &[TextRange], range: TextRange) -> bool {
    let next = ranges.partition_point(|other| other.end() <= range.start());
    ranges.get(next).is_some_and(|other| other.intersect(range).is_some_and(|part| !part.is_empty()))
}

/// The places of the commands that other rules have dealt with, joined where one lies in the other.
fn claimed_ranges(draft: &Draft, instruction: usize, index: usize, script: &ShellScript) -> Vec<TextRange> {
    let mut ranges = Vec::new();
    script.visit(&mut |command, _| {
        let id = CommandId { instruction, script: index, command: command.id };
        if draft.claimed.contains(&id) || draft.removed.contains_key(&id) {
            ranges.push(command.span.range);
        }
    });
    ranges.sort_unstable_by_key(|range| (range.start(), range.end()));
    let mut joined: Vec<TextRange> = Vec::new();
    for range in ranges {
        match joined.last_mut().filter(|last| range.start() < last.end()) {
            Some(last) => *last = last.cover(range),
            None => joined.push(range),
        }
    }
    joined
}

fn rewrite(draft: &mut Draft, found: &[Bashism]) {
    for bashism in found {
        let message = match bashism.effect {
            bashism::Effect::Error => format!("ash does not know {}", bashism.feature),
            bashism::Effect::Silent => format!("ash reads {} otherwise", bashism.feature),
        };
        let edits: Option<Vec<Edit>> =
            bashism.rewrite.as_ref().filter(|changes| changes.iter().all(|change| change.span.contiguous)).map(
                |changes| changes.iter().map(|change| Edit::replace(change.span.range, change.text.clone())).collect(),
            );
        match edits {
            Some(edits) => {
                draft.report(&RULE, Level::Note, bashism.span.range, message, Some(("Say it in ash", edits)));
            }
            None => {
                let message = format!("{message}; run the command with bash, or say it otherwise");
                draft.report(&RULE, Level::Warning, bashism.span.range, message, None);
            }
        }
    }
}

fn switch_to_bash(
    file: &File<'_>,
    draft: &mut Draft,
    insertions: &mut Insertions,
    stage: usize,
    index: usize,
    bashism: &Bashism,
) {
    let why = format!("ash does not know {}; bash runs the stage's commands from here", bashism.feature);
    need_bash(file, draft, stage, index, bashism.span.range, &why);
    let finding = LineFinding {
        rule: &RULE,
        level: Level::Warning,
        message: why,
        title: "Let bash run the commands".to_owned(),
        range: bashism.span.range,
    };
    let line = format!("{} [\"/bin/bash\", \"-c\"]", file.keyword(stage, "SHELL"));
    insertions.add(file.line_before(index), Order::Shell, line, finding);
}

fn need_bash(file: &File<'_>, draft: &mut Draft, stage: usize, instruction: usize, range: TextRange, why: &str) {
    if file.in_target(stage, "bash") {
        return;
    }
    draft.needs.entry(stage).or_default().push(Need {
        package: "bash".to_owned(),
        rule: &RULE,
        why: why.to_owned(),
        range,
        instruction,
        level: Level::Note,
    });
}
