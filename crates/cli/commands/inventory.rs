//! `inventory`: what a tree builds on. A campaign starts with this.

use std::io::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::args::{Color, InventoryArgs};
use crate::commands::{ExitStatus, migrate};
use crate::config::Configs;
use crate::input::{self, Input, Inputs, Want};
use crate::inventory::{Entry, Reference, counterpart, references, render, settle};
use crate::output::{Output, Talk, printable};
use crate::parallel::{Threads, in_order};
use crate::pipeline::{Action, FileOutcome, FileResult, Job, keep_panics};
use crate::tree::{self, Tree};

/// What one file gives.
enum Found {
    Dockerfile(Box<FileResult>, Vec<Entry>),
    Other(Vec<Entry>),
}

/// Looks at all files and prints the list.
pub(crate) fn run(args: InventoryArgs, color: Color, talk: Talk) -> anyhow::Result<ExitStatus> {
    let threads = Threads(args.input.jobs);
    let configs = Arc::new(Configs::new(&args.plan.config)?);
    let Inputs { files, notes, others, family, .. } = input::collect(&args.input, Want::Images, threads, &configs)?;
    notes.iter().for_each(|note| talk.say(&printable(note)));
    let mut job = migrate::job(args.plan, configs, Action::Check, args.input.max_size)?;
    keep_panics();
    job.tree = Tree::read(&family, &files, &job, threads)?;
    let built = tree::built(&family, &job, threads)?;
    let (mut rows, mut failed) = (Vec::new(), false);
    let inputs: Vec<(bool, Input)> =
        files.into_iter().map(|input| (true, input)).chain(others.into_iter().map(|input| (false, input))).collect();
    let work =
        |(dockerfile, input): &(bool, Input)| Some(if *dockerfile { stages(&job, input) } else { other(&job, input) });
    in_order(&inputs, threads, work, |found| {
        match found {
            Found::Dockerfile(result, entries) => {
                failed |= result.outcome == FileOutcome::Error;
                migrate::tell(talk, &result, Action::Check);
                rows.extend(entries);
            }
            Found::Other(entries) => rows.extend(entries),
        }
        Ok(ControlFlow::Continue(()))
    })?;
    settle(&mut rows, &built, |path, word| job.tree.builder(path, word));
    rows.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    let mut out = Output::new(args.output_file.as_deref(), color)?;
    render(&mut out, args.format, &rows)?;
    out.flush()?;
    Ok(if failed { ExitStatus::Failure } else { ExitStatus::Success })
}

fn stages(job: &Job, input: &Input) -> Found {
    let (result, entries) = job.process_with(input, |text, rewrite, findings| {
        crate::inventory::stages(&input.label(), text, rewrite, findings)
    });
    Found::Dockerfile(Box::new(result), entries.unwrap_or_default())
}

/// A file that is no Dockerfile. What cannot be read names no images; it is not what the run is about.
fn other(job: &Job, input: &Input) -> Found {
    let text = job.read(input).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let path = input.label();
    let variables = job.variables(input, &text);
    let (named, _) = references(&path, &text, &variables);
    let Ok(setup) = job.engines.of(input) else { return Found::Other(Vec::new()) };
    let entry = |reference: Reference| {
        let value = variables.expand(&reference.image).into_owned();
        let becomes = if reference.built { None } else { counterpart(&setup.engine, &value) };
        let becomes = becomes.map(|(image, _)| image).unwrap_or_default();
        Entry::of_reference(&path, reference, &value, becomes)
    };
    Found::Other(named.into_iter().map(entry).collect())
}
