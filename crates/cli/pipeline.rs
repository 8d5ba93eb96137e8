//! One file from reading to writing.

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use text_size::TextRange;
use wolfify_edit::{EditSet, Fix, LineColumn, LineIndex, unified_diff};
use wolfify_planner::{BuildContext, Finding, Level, NoContext, Outcome, PackageCounts};

use crate::compose;
use crate::context::FsContext;
use crate::engine::{Engine, Rewrite, internal};
use crate::engines::Engines;
use crate::git::WorkTrees;
use crate::input::{Input, decode};
use crate::inventory::Variables;
use crate::output::relative;
use crate::problem::{Problem, STRICT, UNCOMMITTED, UNWRITABLE};
use crate::tree::Tree;
use crate::write;

/// What to do with every file.
pub(crate) struct Job {
    pub(crate) engines: Engines,
    pub(crate) action: Action,
    /// The largest file that is read, in bytes.
    pub(crate) max_size: u64,
    /// Asked before a file is rewritten; `None` when changes that are not committed do not matter.
    pub(crate) work_trees: Option<WorkTrees>,
    /// Who builds on whom.
    pub(crate) tree: Tree,
    /// The texts of files that are written already, by path, as they were.
    pub(crate) written: HashMap<String, String>,
    /// Set when the run is to stop; files that were begun are still finished.
    pub(crate) stop: Arc<AtomicBool>,
}

/// What becomes of the new text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Nothing.
    Check,
    /// Put down, to be applied later.
    Plan,
    /// Shown as a unified diff.
    Diff,
    /// Handed on whole, also when nothing changed or went wrong.
    Convert,
    /// Written in place of the old one.
    Apply {
        /// The old one is kept.
        backup: bool,
    },
}

/// The result for one file, with all that a report needs.
#[derive(Debug)]
pub(crate) struct FileResult {
    /// The name in reports.
    pub(crate) path: String,
    pub(crate) outcome: FileOutcome,
    /// Whether the new text differs from the old.
    pub(crate) changed: bool,
    pub(crate) findings: Vec<LocatedFinding>,
    pub(crate) packages: PackageCounts,
    /// The diff or the new text, as the action asks.
    pub(crate) output: Vec<u8>,
    /// The text that positions and edits point into; empty when there is none.
    pub(crate) text: String,
    /// The images that stages start from, as they are written.
    pub(crate) images: Vec<String>,
}

/// How a file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileOutcome {
    /// As planned.
    Planned(Outcome),
    /// Not read, not parsed, not written; the finding says why.
    Error,
}

/// A finding with its position for people.
#[derive(Debug)]
pub(crate) struct LocatedFinding {
    pub(crate) rule: &'static str,
    pub(crate) level: Level,
    pub(crate) message: String,
    pub(crate) start: LineColumn,
    /// Behind the last character.
    pub(crate) end: LineColumn,
    /// The same in bytes.
    pub(crate) range: TextRange,
    pub(crate) fix: Option<Fix>,
}

impl LocatedFinding {
    fn new(finding: Finding, index: &LineIndex) -> Self {
        Self {
            rule: finding.rule,
            level: finding.level,
            message: finding.message,
            start: index.line_column(finding.range.start()),
            end: index.line_column(finding.range.end()),
            range: finding.range,
            fix: finding.fix,
        }
    }

    pub(crate) fn problem(problem: Problem, text: &str) -> Self {
        let Problem { kind, message, range } = problem;
        Self::new(Finding { rule: kind.id, level: Level::Error, message, range, fix: None }, &LineIndex::new(text))
    }

    /// Whether something is left for a person. A note without a fix is only worth knowing.
    pub(crate) fn needs_person(&self) -> bool {
        needs_person(self.level, self.fix.as_ref())
    }
}

/// Whether a finding leaves something for a person.
pub(crate) fn needs_person(level: Level, fix: Option<&Fix>) -> bool {
    level == Level::Error || (fix.is_none() && level > Level::Note)
}

impl Job {
    /// Does something with a file, unless the run is to stop.
    pub(crate) fn unless_stopped(&self, work: impl FnOnce() -> FileResult) -> Option<FileResult> {
        if self.stop.load(Ordering::Relaxed) { None } else { Some(work()) }
    }

    /// Does one file. Never fails as a whole: what goes wrong is in the result.
    pub(crate) fn process(&self, input: &Input) -> FileResult {
        self.process_with(input, |_, _, _| ()).0
    }

    /// The same with what `also` makes of the rewritten file.
    pub(crate) fn process_with<T>(
        &self,
        input: &Input,
        also: impl FnOnce(&str, &Rewrite<'_>, &[LocatedFinding]) -> T,
    ) -> (FileResult, Option<T>) {
        if let Some(text) = self.written.get(&input.label()) {
            return self.process_text(input, text.clone(), also);
        }
        let bytes = match self.read(input) {
            Ok(bytes) => bytes,
            Err(problem) => return (self.failed(input, problem, Vec::new()), None),
        };
        let text = match decode(bytes) {
            Ok(text) => text,
            Err((problem, bytes)) => return (self.failed(input, problem, bytes), None),
        };
        self.process_text(input, text, also)
    }

    fn process_text<T>(
        &self,
        input: &Input,
        text: String,
        also: impl FnOnce(&str, &Rewrite<'_>, &[LocatedFinding]) -> T,
    ) -> (FileResult, Option<T>) {
        // A mistake of ours in one file must not cost the others.
        let result =
            catch_unwind(AssertUnwindSafe(|| self.rewrite(input, &text, also))).unwrap_or_else(|_| Err(panicked()));
        match result {
            Ok((result, more)) => (FileResult { text, ..result }, more),
            Err(problem) => (self.failed(input, problem, text.into_bytes()), None),
        }
    }

    /// All bytes of a file that this run may read.
    pub(crate) fn read(&self, input: &Input) -> Result<Vec<u8>, Problem> {
        match input.not_rewritable() {
            Some(what) if matches!(self.action, Action::Apply { .. }) => {
                Err(Problem::new(&UNWRITABLE, format!("is {what} and cannot be rewritten; use `wolfify convert`")))
            }
            _ => input.read(self.max_size),
        }
    }

    fn failed(&self, input: &Input, problem: Problem, bytes: Vec<u8>) -> FileResult {
        let output = if self.action == Action::Convert { bytes.clone() } else { Vec::new() };
        // For positions only; what is not UTF-8 is valid up to the place of the problem.
        let text = String::from_utf8(bytes).unwrap_or_else(|error| {
            let valid = error.utf8_error().valid_up_to();
            String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned()
        });
        FileResult {
            path: input.label(),
            outcome: FileOutcome::Error,
            changed: false,
            findings: vec![LocatedFinding::problem(problem, &text)],
            packages: PackageCounts::default(),
            output,
            text,
            images: Vec::new(),
        }
    }

    fn rewrite<T>(
        &self,
        input: &Input,
        text: &str,
        also: impl FnOnce(&str, &Rewrite<'_>, &[LocatedFinding]) -> T,
    ) -> Result<(FileResult, Option<T>), Problem> {
        let setup = self.engines.of(input)?;
        if input.is_compose() {
            return self.compose(input, text, &setup.engine).map(|result| (result, None));
        }
        let context = context_of(input, setup.context.as_deref());
        let lineage = self.tree.lineage(&input.label());
        let rewrite = setup.engine.rewrite(text, context.as_ref(), &lineage)?;
        let index = LineIndex::new(text);
        let findings = rewrite.plan.findings.iter().map(|finding| LocatedFinding::new(finding.clone(), &index));
        let mut result = FileResult {
            path: input.label(),
            outcome: FileOutcome::Planned(rewrite.plan.outcome),
            changed: rewrite.new_text != text,
            findings: findings.collect(),
            packages: rewrite.plan.packages,
            output: Vec::new(),
            text: String::new(),
            images: rewrite.images(),
        };
        let left = result.findings.iter().filter(|finding| finding.needs_person()).count();
        if setup.strict && result.changed && left > 0 {
            withdraw(&mut result, left);
        }
        let more = also(text, &rewrite, &result.findings);
        self.act(input, text, &rewrite.edits, &rewrite.new_text, &mut result)?;
        Ok((result, Some(more)))
    }

    /// What compose puts in for the variables of a file: `.env` beside it.
    pub(crate) fn variables(&self, input: &Input, text: &str) -> Variables {
        let beside = input.beside(".env").filter(|_| input.is_compose() && text.contains('$'));
        let text = beside.and_then(|file| String::from_utf8(self.read(&file).ok()?).ok());
        text.map_or_else(Variables::default, |text| Variables::read(&text))
    }

    /// A compose file: the images that its services run.
    fn compose(&self, input: &Input, text: &str, engine: &Engine) -> Result<FileResult, Problem> {
        let findings = compose::findings(&input.label(), text, &self.variables(input, text), engine);
        let fixes = findings.iter().filter_map(|finding| finding.fix.as_ref());
        let edits = EditSet::from_fixes(text, fixes).map_err(|error| internal(&error.to_string()))?;
        let new_text = edits.apply();
        let index = LineIndex::new(text);
        let changed = new_text != text;
        let mut result = FileResult {
            path: input.label(),
            outcome: FileOutcome::Planned(if changed { Outcome::Runtime } else { Outcome::Unchanged }),
            changed,
            findings: findings.into_iter().map(|finding| LocatedFinding::new(finding, &index)).collect(),
            packages: PackageCounts::default(),
            output: Vec::new(),
            text: String::new(),
            images: Vec::new(),
        };
        self.act(input, text, &edits, &new_text, &mut result)?;
        Ok(result)
    }

    fn act(
        &self,
        input: &Input,
        text: &str,
        edits: &EditSet<'_>,
        new_text: &str,
        result: &mut FileResult,
    ) -> Result<(), Problem> {
        match self.action {
            Action::Check | Action::Plan => {}
            Action::Convert => {
                result.output = if result.changed { new_text.as_bytes().to_vec() } else { text.as_bytes().to_vec() };
            }
            Action::Diff if result.changed => {
                let name = diff_name(&input.path);
                result.output = unified_diff(&name, &name, edits).into_bytes();
            }
            Action::Apply { .. } if self.written.contains_key(&input.label()) => {}
            Action::Apply { backup } if result.changed => self.write(input, text, new_text, backup)?,
            Action::Diff | Action::Apply { .. } => {}
        }
        Ok(())
    }

    /// Puts a new text in the place of a file.
    pub(crate) fn write(&self, input: &Input, text: &str, new_text: &str, backup: bool) -> Result<(), Problem> {
        if self.work_trees.as_ref().is_some_and(|trees| trees.has_uncommitted_changes(&input.path)) {
            let message = "has changes that are not committed; commit or stash them, or use --allow-dirty";
            return Err(Problem::new(&UNCOMMITTED, message));
        }
        write::replace(&input.path, text.as_bytes(), new_text.as_bytes(), backup)
            .map_err(|error| Problem::new(&UNWRITABLE, format!("{error:#}")))
    }
}

pub(crate) fn context_of(input: &Input, named: Option<&Path>) -> Box<dyn BuildContext> {
    match named.or(input.folder()) {
        Some(folder) => Box::new(FsContext::new(folder)),
        None => Box::new(NoContext),
    }
}

/// `--strict`: the file stays as it is, so no finding is done.
fn withdraw(result: &mut FileResult, left: usize) {
    for finding in &mut result.findings {
        finding.fix = None;
    }
    result.changed = false;
    result.outcome = FileOutcome::Planned(Outcome::Skipped);
    let left = if left == 1 { "a finding needs".to_owned() } else { format!("{left} findings need") };
    let message = format!("left as it is because of --strict: {left} a person; settle that first");
    result.findings.insert(0, LocatedFinding::problem(Problem::new(&STRICT, message), ""));
}

thread_local! {
    /// Message and place of this thread's last panic.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps panics for the report; the default hook would print them between its lines.
pub(crate) fn keep_panics() {
    std::panic::set_hook(Box::new(|panic| PANIC.set(Some(panic.to_string()))));
}

fn panicked() -> Problem {
    internal(&PANIC.take().unwrap_or_else(|| "a panic without a message".to_owned()))
}

/// The name in a diff: no slash at its start, whatever the path.
fn diff_name(path: &Path) -> Vec<u8> {
    let name = relative(path);
    name.iter().skip_while(|&&byte| byte == b'/').copied().collect()
}
