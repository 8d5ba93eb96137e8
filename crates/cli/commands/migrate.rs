//! `diff`, `check` and `apply`: one run, three uses of it.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::bail;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::args::{ApplyArgs, Color, InputArgs, PlanArgs, ResultArgs, RunArgs};
use crate::commands::{ExitStatus, plan};
use crate::config::Configs;
use crate::engines::Engines;
use crate::git::WorkTrees;
use crate::input::{self, Input, Inputs, Want};
use crate::output::{Output, Talk, printable};
use crate::parallel::{Threads, in_order};
use crate::pipeline::{Action, FileOutcome, FileResult, Job, keep_panics};
use crate::progress::Progress;
use crate::report::{Page, Reporter, Summary, finding_line, page_part};
use crate::tree::Tree;
use crate::write;

/// Reports what is to be done, and writes nothing.
pub(crate) fn run(args: RunArgs, action: Action, color: Color, talk: Talk) -> anyhow::Result<ExitStatus> {
    keep_panics();
    let configs = Arc::new(Configs::new(&args.plan.config)?);
    let run = Run { result: args.result, action, color, talk, threads: Threads(args.input.jobs) };
    let Inputs { files: inputs, family, .. } = collect(&args.input, run.threads, &configs, talk)?;
    let mut job = job(args.plan, configs, action, args.input.max_size)?;
    job.tree = Tree::read(&family, &inputs, &job, run.threads)?;
    run.all(&job, &inputs, |input| Some(job.process(input)))
}

/// Rewrites files, or does what a plan says.
pub(crate) fn apply(args: ApplyArgs, color: Color, talk: Talk) -> anyhow::Result<ExitStatus> {
    let ApplyArgs { run: args, backup, allow_dirty, given } = args;
    if args.input.named().iter().any(|path| path == Path::new("-")) {
        bail!("`apply` rewrites files, and stdin is none; use `wolfify convert -`");
    }
    keep_panics();
    let configs = Arc::new(Configs::new(&args.plan.config)?);
    let action = Action::Apply { backup };
    let run = Run { result: args.result, action, color, talk, threads: Threads(args.input.jobs) };
    if let Some(mut planned) = plan::named(&args.input.paths, &given)? {
        planned.retain(|planned| args.input.shard.is_none_or(|shard| input::belongs(shard, &planned.label())));
        let job = in_place_job(args.plan, configs, action, args.input.max_size, allow_dirty)?;
        return run.all(&job, &planned, |planned| job.unless_stopped(|| plan::apply(&job, planned, backup)));
    }
    let Inputs { files: inputs, strays, family, .. } = collect(&args.input, run.threads, &configs, talk)?;
    let mut job = in_place_job(args.plan, configs, action, args.input.max_size, allow_dirty)?;
    job.tree = Tree::read(&family, &inputs, &job, run.threads)?;
    strays.iter().for_each(|stray| _ = write::remove_if_left_behind(stray));
    job.written = write_tops(&job, &inputs, run.threads)?;
    run.all(&job, &inputs, |input| job.unless_stopped(|| job.process(input)))
}

/// What the arguments name. Says what was passed over.
fn collect(args: &InputArgs, threads: Threads, configs: &Arc<Configs>, talk: Talk) -> anyhow::Result<Inputs> {
    let want = if args.include_compose { Want::Compose } else { Want::Dockerfiles };
    let inputs = input::collect(args, want, threads, configs)?;
    inputs.notes.iter().for_each(|note| talk.say(&printable(note)));
    Ok(inputs)
}

/// Writes the files that build on others of the tree before those, and answers what they were. A run that is stopped
/// in between leaves bases that can be planned as before.
fn write_tops(job: &Job, inputs: &[Input], threads: Threads) -> anyhow::Result<HashMap<String, String>> {
    let mut written = HashMap::new();
    for level in job.tree.tops(inputs) {
        let work = |input: &&Input| job.unless_stopped(|| job.process(input));
        in_order(&level, threads, work, |result| {
            if result.changed {
                written.insert(result.path, result.text);
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(written)
}

/// A job that rewrites files: it can be stopped, and asks git first.
fn in_place_job(
    plan: PlanArgs,
    configs: Arc<Configs>,
    action: Action,
    max_size: u64,
    allow_dirty: bool,
) -> anyhow::Result<Job> {
    let mut job = job(plan, configs, action, max_size)?;
    job.work_trees = (!allow_dirty).then(WorkTrees::default);
    finish_files_on_signals(&job)?;
    Ok(job)
}

/// How a run is reported.
struct Run {
    result: ResultArgs,
    action: Action,
    color: Color,
    talk: Talk,
    threads: Threads,
}

impl Run {
    /// Does `work` on all inputs and reports the results in order.
    fn all<I: Sync>(
        &self,
        job: &Job,
        inputs: &[I],
        work: impl Fn(&I) -> Option<FileResult> + Sync,
    ) -> anyhow::Result<ExitStatus> {
        let (action, talk) = (self.action, self.talk);
        let in_place = matches!(action, Action::Apply { .. });
        let mut out = Output::new(self.result.output_file.as_deref(), self.color)?;
        let mut reporter =
            Reporter::new(self.result.format, action, talk.verbose, out.is_terminal.then_some(inputs.len()));
        let renderer = reporter.renderer(out.palette);
        let mut summary = Summary::default();
        reporter.begin(&mut out)?;
        let mut page = self.result.report.as_deref().map(Page::new).transpose()?;
        let paged = page.is_some();
        let progress = Progress::new(inputs.len(), talk, self.result.output_file.is_none());
        let rendered = |input: &I| {
            let result = work(input)?;
            let on_page = if paged { page_part(&result) } else { Ok(Vec::new()) };
            Some((renderer.file(&result), on_page, result))
        };
        let done = in_order(inputs, self.threads, rendered, |(part, on_page, result)| {
            let part = part?;
            if let Some(page) = &mut page {
                page.file(&on_page?)?;
            }
            summary.add(&result);
            progress.step(is_told(talk, &result, action), !part.is_empty(), || {
                tell(talk, &result, action);
                reporter.file(&mut out, &result, &part)
            })?;
            // Files are still written when nobody reads the report any more.
            Ok(if out.is_closed() && !in_place { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        });
        progress.end();
        done?;
        reporter.end(&mut out, &summary)?;
        if let Some(page) = &mut page {
            page.end(&summary)?;
        }
        self.conclude(job, &summary, inputs.len())
    }

    /// The last words, and how the program ends.
    fn conclude(&self, job: &Job, summary: &Summary, files: usize) -> anyhow::Result<ExitStatus> {
        let unanswered = job.work_trees.as_ref().map(WorkTrees::unanswered).unwrap_or_default();
        unanswered.iter().for_each(|line| self.talk.say(&printable(line)));
        if job.stop.load(Ordering::Relaxed) {
            bail!(
                "stopped after {} of {files} files, {} rewritten; every file is whole, run again to go on",
                summary.files,
                summary.changed
            );
        }
        self.talk.say(&conclusion(summary, self.action));
        let status = status(summary, self.action);
        let lenient = self.result.exit_zero && status == ExitStatus::Found;
        Ok(if lenient { ExitStatus::Success } else { status })
    }
}

/// What to do with each file.
pub(crate) fn job(plan: PlanArgs, configs: Arc<Configs>, action: Action, max_size: u64) -> anyhow::Result<Job> {
    let engines = Engines::new(plan, configs)?;
    let (tree, written) = (Tree::default(), HashMap::new());
    Ok(Job { engines, action, max_size, work_trees: None, tree, written, stop: Arc::default() })
}

/// Lets the first interrupt end the run between two files, so that no temporary file is left behind. A second one ends
/// it at once.
fn finish_files_on_signals(job: &Job) -> anyhow::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&job.stop))?;
        signal_hook::flag::register(signal, Arc::clone(&job.stop))?;
    }
    Ok(())
}

/// Whether `tell` will say something.
fn is_told(talk: Talk, result: &FileResult, action: Action) -> bool {
    let findings = matches!(action, Action::Diff | Action::Convert) && !talk.quiet;
    result.outcome == FileOutcome::Error || (findings && !result.findings.is_empty())
}

/// Says on stderr what the result itself does not: errors always, and for a diff what it leaves to do.
pub(crate) fn tell(talk: Talk, result: &FileResult, action: Action) {
    if result.outcome == FileOutcome::Error {
        for finding in &result.findings {
            talk.error(&format!("{}:{}:{}", result.path, finding.start.line, finding.start.column), &finding.message);
        }
        return;
    }
    if matches!(action, Action::Diff | Action::Convert) {
        let shown = result.findings.iter().filter(|finding| talk.verbose || finding.needs_person());
        shown.for_each(|finding| talk.say(&finding_line(talk.palette(), &result.path, finding)));
    }
}

fn status(summary: &Summary, action: Action) -> ExitStatus {
    let found = match action {
        Action::Diff => summary.changed > 0,
        Action::Check => summary.changed > 0 || summary.for_person > 0,
        Action::Apply { .. } | Action::Convert => summary.refused > 0,
        Action::Plan => false,
    };
    match (summary.errors, found) {
        (0, false) => ExitStatus::Success,
        (0, true) => ExitStatus::Found,
        _ => ExitStatus::Failure,
    }
}

/// The last line: what was done, what is left.
fn conclusion(summary: &Summary, action: Action) -> String {
    if summary.files == 0 {
        return "no Dockerfile found".to_owned();
    }
    let verb = if matches!(action, Action::Apply { .. }) { "rewritten" } else { "to migrate" };
    let migrated = count(&[(summary.split, "split"), (summary.runtime, "runtime"), (summary.dev, "dev")]);
    let migrated = if migrated.is_empty() { migrated } else { format!(" ({migrated})") };
    let rest = count(&[(summary.unchanged, "unchanged"), (summary.skipped, "skipped"), (summary.errors, "failed")]);
    let rest = if rest.is_empty() { rest } else { format!(", {rest}") };
    let left = match summary.for_person {
        0 => String::new(),
        1 => "; 1 finding needs a person".to_owned(),
        more => format!("; {more} findings need a person"),
    };
    let files = if summary.files == 1 { "file" } else { "files" };
    format!("{} {files}: {} {verb}{migrated}{rest}{left}", summary.files, summary.changed)
}

fn count(parts: &[(u64, &str)]) -> String {
    let parts = parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}"));
    parts.collect::<Vec<_>>().join(", ")
}
