//! Which stages install which packages.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::stages::{Base, StageModel};

/// Packages by the stages that install them.
#[derive(Debug, Default)]
pub(crate) struct Installed {
    /// The first instruction that installs a package: by package, then stage.
    first: HashMap<String, HashMap<usize, usize>>,
    /// Whether a stage, or one it stands on, installs a package, as far as it was asked.
    found: RefCell<HashMap<String, HashMap<usize, bool>>>,
    /// Every package once for each stage, in the order of [`Self::add`].
    log: Vec<(usize, String, usize)>,
}

impl Installed {
    /// Notes an install. Instructions come in order within a stage.
    pub(crate) fn add(&mut self, stage: usize, package: &str, instruction: usize) {
        let stages = match self.first.get_mut(package) {
            Some(stages) => stages,
            None => self.first.entry(package.to_owned()).or_default(),
        };
        if let Entry::Vacant(entry) = stages.entry(stage) {
            entry.insert(instruction);
            self.log.push((stage, package.to_owned(), instruction));
        }
    }

    /// Stage, package and instruction of everything added, in order, the first `seen` left out.
    pub(crate) fn since(&self, seen: usize) -> &[(usize, String, usize)] {
        self.log.get(seen..).unwrap_or_default()
    }

    /// The first instruction of a stage that installs a package.
    pub(crate) fn first(&self, stage: usize, package: &str) -> Option<usize> {
        self.first.get(package)?.get(&stage).copied()
    }

    /// Whether one of the stages that a stage stands on installs a package.
    ///
    /// Those stages must be complete: the answer is kept, so that a long chain of stages is walked once.
    pub(crate) fn below(&self, stages: &[StageModel], stage: usize, package: &str) -> bool {
        let Some(installing) = self.first.get(package) else { return false };
        let mut found = self.found.borrow_mut();
        let known = match found.get_mut(package) {
            Some(known) => known,
            None => found.entry(package.to_owned()).or_default(),
        };
        let mut path = Vec::new();
        let mut current = stage;
        let answer = loop {
            let Base::Parent(parent) = stages[current].base else { break false };
            if let Some(known) = known.get(&parent) {
                break *known;
            }
            path.push(parent);
            if installing.contains_key(&parent) {
                break true;
            }
            current = parent;
        };
        known.extend(path.into_iter().map(|stage| (stage, answer)));
        answer
    }
}
