//! Dockerfiles that build on what other Dockerfiles of the tree build.
//!
//! What builds which image is read from the compose, bake, skaffold and CI files and the recipes of the tree, what
//! builds on it from the FROM lines. Everything is read before the first file is written, so that the plan of a file
//! never depends on whose turn it is, and before the files are divided into shards, so that every shard plans alike.

mod builders;
mod edges;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use wolfify_planner::{BaseState, Lineage, TreeBase};

use crate::input::{Input, decode};
use crate::parallel::{Threads, in_order};
use crate::pipeline::{Job, context_of, needs_person};
use builders::Builders;
pub(crate) use builders::built;
use edges::Edge;

/// A chain of more Dockerfiles than this is not followed.
const LONGEST: usize = 16;

/// The files of a tree before it is divided, and those that build images from them.
#[derive(Debug, Default)]
pub(crate) struct Family {
    /// All Dockerfiles.
    pub(crate) files: Vec<Input>,
    /// Files that may build images.
    pub(crate) builders: Vec<Input>,
}

/// A stage of a Dockerfile.
type Place = (String, Option<String>);

/// Who builds on whom.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// By Dockerfile: the bases that the tree builds.
    edges: HashMap<String, Vec<Edge>>,
    /// By Dockerfile: the stages that others start from.
    starts: HashMap<String, BTreeSet<Option<String>>>,
    /// What those stages are after their migration.
    states: HashMap<Place, BaseState>,
}

impl Tree {
    /// Looks at the tree around `inputs`, the files that this run is to do.
    pub(crate) fn read(family: &Family, inputs: &[Input], job: &Job, threads: Threads) -> anyhow::Result<Self> {
        let mut tree = Self::default();
        let built = built(family, job, threads)?;
        if built.is_empty() {
            return Ok(tree);
        }
        let builders = Builders::new(&built);
        let found = |input: &Input| Some((input.label(), edges::of(&job.read(input).ok()?, &input.label(), &builders)));
        in_order(&family.files, threads, found, |(label, edges)| {
            if !edges.is_empty() {
                tree.edges.insert(label, edges);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let order = edges::settle(&mut tree.edges, LONGEST);
        for edge in tree.edges.values().flatten() {
            tree.starts.entry(edge.dockerfile.clone()).or_default().insert(edge.stage.clone());
        }
        let by_label: HashMap<String, &Input> = family.files.iter().map(|input| (input.label(), input)).collect();
        for level in tree.wanted(inputs, &order) {
            let state = |(label, stage): &Place| {
                let input = by_label.get(label)?;
                Some(((label.clone(), stage.clone()), tree.state(job, input, stage.as_deref())))
            };
            let mut done = Vec::new();
            in_order(&level, threads, state, |one| {
                done.push(one);
                Ok(ControlFlow::Continue(()))
            })?;
            tree.states.extend(done);
        }
        Ok(tree)
    }

    /// The Dockerfile that builds the image that a FROM of another one names.
    pub(crate) fn builder(&self, label: &str, word: &str) -> Option<&str> {
        let edge = self.edges.get(label)?.iter().find(|edge| edge.word == word)?;
        Some(&edge.dockerfile)
    }

    /// What is known around one file.
    pub(crate) fn lineage(&self, label: &str) -> Lineage {
        let bases = self.edges.get(label).map(Vec::as_slice).unwrap_or_default().iter().map(|edge| {
            let state = self.states.get(&(edge.dockerfile.clone(), edge.stage.clone())).cloned();
            TreeBase {
                word: edge.word.clone(),
                image: edge.image.clone(),
                dockerfile: edge.dockerfile.clone(),
                state: state.unwrap_or_else(|| BaseState::Stays("is not part of this run".to_owned())),
            }
        });
        Lineage { bases: bases.collect(), starts: self.starts.get(label).cloned().unwrap_or_default() }
    }

    /// Files that build on others, those on top first: as long as a base is not written, what stands on it can be
    /// planned again and gives the same.
    pub(crate) fn tops<'i>(&self, inputs: &'i [Input]) -> Vec<Vec<&'i Input>> {
        let mut levels: Vec<Vec<&Input>> = Vec::new();
        for input in inputs {
            let Some(edges) = self.edges.get(&input.label()) else { continue };
            let level = edges.iter().map(|edge| edge.level).max().unwrap_or_default();
            levels.resize_with(levels.len().max(level + 1), Vec::new);
            levels[level].push(input);
        }
        levels.reverse();
        levels
    }

    /// The stages that the inputs build on, in an order in which each comes after its own bases.
    fn wanted(&self, inputs: &[Input], levels: &HashMap<String, usize>) -> Vec<Vec<Place>> {
        let mut seen: HashSet<Place> = HashSet::new();
        let mut open: Vec<String> = inputs.iter().map(Input::label).collect();
        while let Some(label) = open.pop() {
            for edge in self.edges.get(&label).into_iter().flatten() {
                if seen.insert((edge.dockerfile.clone(), edge.stage.clone())) {
                    open.push(edge.dockerfile.clone());
                }
            }
        }
        let mut wanted: Vec<Vec<Place>> = Vec::new();
        for place in seen {
            let level = levels.get(&place.0).copied().unwrap_or_default();
            wanted.resize_with(wanted.len().max(level + 1), Vec::new);
            wanted[level].push(place);
        }
        wanted.iter_mut().for_each(|level| level.sort());
        wanted
    }

    /// What a stage of a Dockerfile is after its migration. A mistake of ours in it is reported with the file itself.
    fn state(&self, job: &Job, input: &Input, stage: Option<&str>) -> BaseState {
        let describe = || -> Result<BaseState, String> {
            let text = job.read(input).map_err(|_| "cannot be read".to_owned())?;
            let text = decode(text).map_err(|_| "is not UTF-8".to_owned())?;
            let setup = job.engines.of(input).map_err(|problem| problem.message)?;
            let context = context_of(input, setup.context.as_deref());
            let lineage = self.lineage(&input.label());
            let rewrite = setup.engine.rewrite(&text, context.as_ref(), &lineage).map_err(|_| "cannot be planned")?;
            if rewrite.new_text != text {
                if setup.strict
                    && rewrite.plan.findings.iter().any(|finding| needs_person(finding.level, finding.fix.as_ref()))
                {
                    return Err("is left as it is because of --strict".to_owned());
                }
                if job.work_trees.as_ref().is_some_and(|trees| trees.has_uncommitted_changes(&input.path)) {
                    return Err("has changes that are not committed".to_owned());
                }
            }
            Ok(setup.engine.describe(&text, &rewrite.new_text, stage, context.as_ref(), &lineage))
        };
        let state = catch_unwind(AssertUnwindSafe(describe)).unwrap_or_else(|_| Err("cannot be planned".to_owned()));
        state.unwrap_or_else(BaseState::Stays)
    }
}
