//! Control flow before and after: both scripts are run in the mind, with the same luck.
//!
//! Every simple command that no edit touches is looked at as a step that succeeds or fails by chance; commands that were
//! rewritten or taken out, and everything new, succeed. For many throws of the dice the steps that run, their order and
//! whether the script as a whole fails have to be the same before and after. This knows nothing of how the planner
//! takes commands out: it only knows what a shell does.

use std::collections::{HashMap, HashSet};

use wolfify_edit::{Edit, TextRange};
use wolfify_syntax::shell::{AndOr, Dialect};
use wolfify_syntax::shell::{
    AndOrOperator, Command, Compound, CompoundKind, List, ListItem, ListRole, NestedKind, Pipeline, Separator,
    ShellScript, SimpleCommand, instruction_scripts,
};
use wolfify_syntax::{Arguments, Dockerfile, Keyword};

/// Throws of the dice for each script.
const THROWS: u64 = 24;

/// What differs, by line of the instruction in the original; empty when nothing does.
pub(crate) fn differences(text: &str, new_text: &str, edits: &[Edit]) -> Vec<String> {
    let (Ok(old), Ok(new)) = (wolfify_syntax::parse(text), wolfify_syntax::parse(new_text)) else { return Vec::new() };
    let inserted = inserted_runs(edits);
    let edits: Vec<TextRange> = edits.iter().map(|edit| edit.range).collect();
    let kept = kept_instructions(&old, &edits);
    let old_runs: Vec<(u32, ShellScript, Vec<TextRange>)> = runs(text, &old)
        .into_iter()
        .filter(|(index, _, _)| kept.contains(index))
        .map(|(_, line, script)| (line, script, edits.clone()))
        .collect();
    let mut inserted = inserted;
    let new_runs: Vec<ShellScript> = runs(new_text, &new)
        .into_iter()
        .map(|(_, _, script)| script)
        .filter(|script| match inserted.iter().position(|line| *line == script.text) {
            Some(at) => {
                inserted.swap_remove(at);
                false
            }
            None => true,
        })
        .collect();
    if old_runs.len() != new_runs.len() {
        return vec![format!("{} scripts became {}", old_runs.len(), new_runs.len())];
    }
    old_runs
        .iter()
        .zip(&new_runs)
        .filter_map(|((line, before, edits), after)| {
            compare(before, edits, after).map(|what| format!("line {line}: {what}"))
        })
        .collect()
}

/// The scripts of RUN lines that are put in, one for each place.
fn inserted_runs(edits: &[Edit]) -> Vec<String> {
    let mut places: Vec<&Edit> = edits.iter().filter(|edit| edit.range.is_empty()).collect();
    places.sort_by_key(|edit| edit.range.start());
    places.dedup();
    let lines = places.iter().flat_map(|edit| edit.text.lines());
    lines.filter_map(|line| line.strip_prefix("RUN ").or(line.strip_prefix("run "))).map(str::to_owned).collect()
}

/// Instructions that no single edit takes away whole.
fn kept_instructions(dockerfile: &Dockerfile, edits: &[TextRange]) -> HashSet<usize> {
    dockerfile
        .instructions
        .iter()
        .enumerate()
        .filter(|(_, instruction)| !edits.iter().any(|edit| edit.contains_range(instruction.range)))
        .map(|(index, _)| index)
        .collect()
}

fn runs(text: &str, dockerfile: &Dockerfile) -> Vec<(usize, u32, ShellScript)> {
    let mut out = Vec::new();
    for (index, instruction) in dockerfile.instructions.iter().enumerate() {
        let runs = match &instruction.arguments {
            Arguments::Onbuild(inner) => inner.keyword == Keyword::Run,
            _ => instruction.keyword == Keyword::Run,
        };
        if runs {
            for script in instruction_scripts(instruction, &Dialect::Sh, text) {
                out.push((index, instruction.start_line, script));
            }
        }
    }
    out
}

fn compare(before: &ShellScript, edits: &[TextRange], after: &ShellScript) -> Option<String> {
    let (Ok(old), Ok(new)) = (&before.list, &after.list) else { return None };
    let (mut kept, mut changed) = (HashMap::<String, usize>::new(), HashSet::new());
    before.visit(&mut |command, _| {
        let range = words_of(command);
        let touched = edits.iter().any(|edit| touches(*edit, range));
        let removed = edits.iter().any(|edit| edit.contains_range(range) && !edit.is_empty());
        if touched || removed {
            changed.insert(command.span.range);
        } else if !command.words.is_empty() {
            *kept.entry(label(command)).or_default() += 1;
        }
    });
    let mut now = HashMap::<String, usize>::new();
    after.visit(&mut |command, _| *now.entry(label(command)).or_default() += 1);
    // What is rewritten to the words of a command that stays cannot be told from it.
    let steps: HashSet<String> =
        kept.into_iter().filter(|(label, count)| now.get(label) <= Some(count)).map(|(label, _)| label).collect();
    let unchanged = HashSet::new();
    for seed in 0..THROWS {
        let (mut left, mut right) = (Run::new(seed, &steps, &changed), Run::new(seed, &steps, &unchanged));
        let ends = (left.script(old), right.script(new));
        if left.trace != right.trace {
            let at = left.trace.iter().zip(&right.trace).take_while(|(a, b)| a == b).count();
            let next = |trace: &[String]| trace.get(at).cloned().unwrap_or_else(|| "nothing".to_owned());
            return Some(format!(
                "after {at} steps `{}` ran before and `{}` runs now",
                next(&left.trace),
                next(&right.trace)
            ));
        }
        // A failing install is ours to show, so the result may only fail where the original went on after one of ours.
        if ends.0 && !ends.1 && !left.ours_decided {
            return Some("the script succeeded before and fails now".to_owned());
        }
        if !ends.0 && ends.1 {
            return Some("the script failed before and succeeds now".to_owned());
        }
    }
    None
}

/// Where a command's words stand, without its redirections.
fn words_of(command: &SimpleCommand) -> TextRange {
    match (command.words.first(), command.words.last()) {
        (Some(first), Some(last)) => first.span.range.cover(last.span.range),
        _ => command.span.range,
    }
}

/// Whether an edit changes bytes inside a range; one that only meets its border does not.
fn touches(edit: TextRange, range: TextRange) -> bool {
    if edit.is_empty() {
        return range.start() < edit.start() && edit.start() <= range.end();
    }
    edit.intersect(range).is_some_and(|part| !part.is_empty())
}

/// A command by its words; two that look alike share their luck, which is the same on both sides.
fn label(command: &SimpleCommand) -> String {
    command.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

enum Flow {
    Next(bool),
    /// `set -e` or `exit` ended the script, with this success.
    End(bool),
}

struct Run<'a> {
    seed: u64,
    steps: &'a HashSet<String>,
    /// Commands that are ours although one with the same words stays (`… | apt-key add -` twice).
    changed: &'a HashSet<TextRange>,
    trace: Vec<String>,
    errexit: bool,
    ours_decided: bool,
}

impl<'a> Run<'a> {
    fn new(seed: u64, steps: &'a HashSet<String>, changed: &'a HashSet<TextRange>) -> Self {
        Self { seed, steps, changed, trace: Vec::new(), errexit: false, ours_decided: false }
    }

    fn script(&mut self, list: &List) -> bool {
        match self.list(list, true) {
            Flow::Next(success) | Flow::End(success) => success,
        }
    }

    /// `checked`: a failure may end the script under `set -e`.
    fn list(&mut self, list: &List, checked: bool) -> Flow {
        let mut success = true;
        for ListItem { and_or, separator } in &list.items {
            let background = matches!(separator, Some((Separator::Ampersand, _)));
            match self.and_or(and_or, checked && !background) {
                Flow::Next(result) => success = result || background,
                Flow::End(result) if background => {
                    let _ = result;
                    success = true;
                }
                end => return end,
            }
        }
        Flow::Next(success)
    }

    fn and_or(&mut self, and_or: &AndOr, checked: bool) -> Flow {
        let last = and_or.rest.len();
        let mut flow = self.pipeline(&and_or.first, checked && last == 0);
        for (index, (operator, _, pipeline)) in and_or.rest.iter().enumerate() {
            let Flow::Next(success) = flow else { return flow };
            let runs = (*operator == AndOrOperator::And) == success;
            if runs {
                flow = self.pipeline(pipeline, checked && index + 1 == last);
            }
        }
        flow
    }

    fn pipeline(&mut self, pipeline: &Pipeline, checked: bool) -> Flow {
        let mut success = true;
        for command in &pipeline.commands {
            match self.command(command, checked && pipeline.bang.is_none() && pipeline.commands.len() == 1) {
                Flow::Next(result) => success = result,
                // Every part of a longer pipeline has a shell of its own.
                Flow::End(result) if pipeline.commands.len() > 1 => success = result,
                end => return end,
            }
        }
        let result = success != pipeline.bang.is_some();
        if !result && checked && self.errexit && pipeline.bang.is_none() {
            return Flow::End(false);
        }
        Flow::Next(result)
    }

    fn command(&mut self, command: &Command, checked: bool) -> Flow {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound(compound) => self.compound(compound, checked),
        }
    }

    fn simple(&mut self, command: &SimpleCommand) -> Flow {
        for nested in &command.nested {
            if let (NestedKind::Operand(_) | NestedKind::Heredoc, Ok(list)) = (nested.kind, &nested.script.list) {
                let errexit = std::mem::take(&mut self.errexit);
                let success = self.script(list);
                self.errexit = errexit;
                return Flow::Next(success);
            }
        }
        let label = label(command);
        let mut words = label.split(' ');
        match (words.next(), words.next()) {
            (Some("set"), Some(option)) if option.starts_with('-') => {
                self.errexit |= option.contains('e');
                return Flow::Next(true);
            }
            (Some("exit"), code) if self.steps.contains(&label) => {
                return Flow::End(code.is_none_or(|code| code == "0"));
            }
            (Some("true" | ":"), _) => return Flow::Next(true),
            (Some("false"), _) => return Flow::Next(false),
            _ => {}
        }
        if !self.steps.contains(&label) || self.changed.contains(&command.span.range) {
            self.ours_decided = true;
            return Flow::Next(true);
        }
        let success = self.luck(&label);
        self.trace.push(label);
        Flow::Next(success)
    }

    fn luck(&self, label: &str) -> bool {
        if self.seed == 0 {
            return true;
        }
        let mut hash = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in label.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        // Mostly success, so that long chains are followed.
        !(hash >> 17).is_multiple_of(5)
    }

    fn compound(&mut self, compound: &Compound, checked: bool) -> Flow {
        let lists: Vec<&(ListRole, List)> = compound.lists.iter().collect();
        match compound.kind {
            CompoundKind::If => self.if_clause(&lists, checked),
            CompoundKind::While | CompoundKind::Until => {
                let [(_, condition), (_, body)] = &lists[..] else { return Flow::Next(true) };
                if let Flow::End(result) = self.list(condition, false) {
                    return Flow::End(result);
                }
                self.list(body, checked)
            }
            CompoundKind::Function => Flow::Next(true),
            _ => {
                let mut success = true;
                for (_, list) in &compound.lists {
                    match self.list(list, checked) {
                        Flow::Next(result) => success = result,
                        end @ Flow::End(_) if compound.kind == CompoundKind::Subshell => {
                            let Flow::End(result) = end else { return end };
                            success = result;
                        }
                        end @ Flow::End(_) => return end,
                    }
                }
                Flow::Next(success)
            }
        }
    }

    fn if_clause(&mut self, lists: &[&(ListRole, List)], checked: bool) -> Flow {
        let mut rest = lists.iter();
        while let Some((role, list)) = rest.next() {
            if *role != ListRole::Condition {
                return self.list(list, checked);
            }
            let condition = match self.list(list, false) {
                Flow::Next(result) => result,
                end @ Flow::End(_) => return end,
            };
            let Some((_, body)) = rest.next() else { return Flow::Next(true) };
            if condition {
                return self.list(body, checked);
            }
        }
        Flow::Next(true)
    }
}

#[test]
fn the_comparison_sees_what_it_should() {
    let edit = |text: &str, what: &str| {
        let at = text.find(what).unwrap();
        vec![Edit::delete(TextRange::at((at as u32).into(), (what.len() as u32).into()))]
    };
    let old = "FROM x\nRUN a || apt-get -f install && b\n";
    let edits = edit(old, "|| apt-get -f install &&");
    assert!(!differences(old, "FROM x\nRUN a || b\n", &edits).is_empty());
    assert!(differences(old, "FROM x\nRUN a || true && b\n", &edit(old, "apt-get -f install")).is_empty());
    let old = "FROM x\nRUN a && apt-get update; b\n";
    assert!(!differences(old, "FROM x\nRUN a && b\n", &edit(old, " apt-get update;")).is_empty());
    assert!(differences(old, "FROM x\nRUN a; b\n", &edit(old, " && apt-get update")).is_empty());
    // The same words twice: one goes, one stays.
    let old = "FROM x\nRUN wget a | apt-key add - && wget b | apt-key add - && c\n";
    let edits = edit(old, "wget a | apt-key add - && ");
    assert!(differences(old, "FROM x\nRUN wget b | apt-key add - && c\n", &edits).is_empty());
    assert!(!differences(old, "FROM x\nRUN wget b | apt-key add - || c\n", &edits).is_empty());
    // A command whose redirection changes is still that command.
    let old = "FROM x\nRUN a > /b && c\n";
    assert!(differences(old, "FROM x\nRUN a > /d && c\n", &edit(old, "/b")).is_empty());
    assert!(!differences(old, "FROM x\nRUN c\n", &edit(old, "/b")).is_empty());
}
