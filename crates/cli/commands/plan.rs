//! `plan` and `apply PLAN`: what was reviewed is what is written, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::bail;
use serde::Deserialize;
use text_size::TextRange;
use wolfify_edit::{Edit, EditSet, Fix};
use wolfify_planner::{Outcome, PackageCounts};

use crate::failure;
use crate::input::{Input, Source, decode};
use crate::pipeline::{FileOutcome, FileResult, Job, LocatedFinding};
use crate::problem::{Problem, UNWRITABLE};
use crate::report::{PLAN_BEGINNING, sha256};

/// One file of a plan.
#[derive(Debug, Deserialize)]
pub(crate) struct PlannedFile {
    path: PathBuf,
    outcome: String,
    /// Of the file as it was reviewed.
    sha256: String,
    /// Of what it becomes.
    new_sha256: String,
    edits: Vec<PlannedEdit>,
}

#[derive(Debug, Deserialize)]
struct PlannedEdit {
    start: u32,
    end: u32,
    text: String,
}

#[derive(Deserialize)]
struct Plan {
    wolfify_plan: u32,
    files: Vec<PlannedFile>,
}

/// What may be given with a plan: how to do it and how to report it. All else was settled when it was made.
const WITH_A_PLAN: [&str; 12] = [
    "allow_dirty",
    "backup",
    "color",
    "exit_zero",
    "format",
    "jobs",
    "max_size",
    "output_file",
    "paths",
    "quiet",
    "shard",
    "verbose",
];

impl PlannedFile {
    /// Its name in reports.
    pub(crate) fn label(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

/// The files of a plan, if that is what the paths of `apply` name; `given` is what the command line has beside them.
pub(crate) fn named(paths: &[PathBuf], given: &[String]) -> anyhow::Result<Option<Vec<PlannedFile>>> {
    let plans: Vec<&PathBuf> = paths.iter().filter(|path| is_plan(path)).collect();
    match (plans.as_slice(), paths.len()) {
        ([], _) => Ok(None),
        ([path], 1) => {
            // The names of groups are those of types.
            let is_option = |name: &&String| name.starts_with(|first: char| first.is_ascii_lowercase());
            if let Some(option) = given.iter().filter(is_option).find(|name| !WITH_A_PLAN.contains(&name.as_str())) {
                let option = option.replace('_', "-");
                bail!("`--{option}` changes nothing about a plan that is made; give it to `wolfify plan`");
            }
            read(path).map(Some)
        }
        _ => bail!("a plan is applied alone; call `wolfify apply` once for each"),
    }
}

/// No Dockerfile begins like that.
fn is_plan(path: &Path) -> bool {
    use std::io::Read as _;
    let mut beginning = vec![0; PLAN_BEGINNING.len()];
    let regular = path.metadata().is_ok_and(|metadata| metadata.is_file());
    regular
        && fs::File::open(path).and_then(|mut file| file.read_exact(&mut beginning)).is_ok()
        && beginning == PLAN_BEGINNING.as_bytes()
}

fn read(path: &Path) -> anyhow::Result<Vec<PlannedFile>> {
    let text = fs::read_to_string(path).map_err(|error| failure::cannot_read(path, &error))?;
    let broken = "not a whole plan; make it anew with `wolfify plan --out`";
    let plan: Plan = serde_json::from_str(&text).map_err(|error| failure::not_json(path, &error, broken))?;
    if plan.wolfify_plan != 1 {
        let message = format!("a plan of version {}; make it anew with this program", plan.wolfify_plan);
        return Err(failure::at(path, 1, 1, &message));
    }
    Ok(plan.files)
}

/// Does to one file what was planned.
pub(crate) fn apply(job: &Job, planned: &PlannedFile, backup: bool) -> FileResult {
    let input = Input { source: Source::File, path: planned.path.clone() };
    let done = rewrite(job, &input, planned, backup);
    let (outcome, changed, findings) = match done {
        Ok(changed) => (outcome(&planned.outcome), changed, Vec::new()),
        Err(problem) => (FileOutcome::Error, false, vec![LocatedFinding::problem(problem, "")]),
    };
    FileResult {
        path: input.label(),
        outcome,
        changed,
        findings,
        packages: PackageCounts::default(),
        output: Vec::new(),
        text: String::new(),
        images: Vec::new(),
    }
}

/// Whether the file had to be written.
fn rewrite(job: &Job, input: &Input, planned: &PlannedFile, backup: bool) -> Result<bool, Problem> {
    let text = decode(job.read(input)?).map_err(|(problem, _)| problem)?;
    let have = sha256(text.as_bytes());
    if have == planned.new_sha256 {
        return Ok(false);
    }
    if have != planned.sha256 {
        return Err(Problem::new(&UNWRITABLE, "has changed since it was planned; plan it again"));
    }
    let edits = planned.edits.iter().map(|edit| {
        let range = (edit.start <= edit.end).then(|| TextRange::new(edit.start.into(), edit.end.into()));
        range.map(|range| Edit { range, text: edit.text.clone() })
    });
    let edits: Option<Vec<Edit>> = edits.collect();
    let edits = edits.ok_or_else(|| Problem::new(&UNWRITABLE, "its edits in the plan make no sense; plan it again"))?;
    let fix = Fix { title: String::new(), edits };
    let set = EditSet::from_fixes(&text, [&fix])
        .map_err(|_| Problem::new(&UNWRITABLE, "its edits in the plan make no sense; plan it again"))?;
    let new = set.apply();
    if sha256(new.as_bytes()) != planned.new_sha256 {
        let message = "its edits in the plan lead to another text than it says; plan it again";
        return Err(Problem::new(&UNWRITABLE, message));
    }
    job.write(input, &text, &new, backup)?;
    Ok(true)
}

fn outcome(name: &str) -> FileOutcome {
    let known = [Outcome::Split, Outcome::Runtime, Outcome::Dev, Outcome::Unchanged, Outcome::Skipped];
    known.into_iter().find(|outcome| outcome.as_str() == name).map_or(FileOutcome::Error, FileOutcome::Planned)
}
