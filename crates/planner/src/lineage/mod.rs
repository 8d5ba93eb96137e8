//! Dockerfiles whose base is built by another Dockerfile of the same tree.
//!
//! Such a file keeps its FROM: the name of the image stays. Everything else about it depends on what that image is
//! after its own migration. So the file is planned as if the base's instructions stood in a stage of its own, in front
//! of the file's stages ([`Composite`]): packages, accounts, environment, working directory, shell and start command
//! are then inherited like those of any earlier stage. Of the plan that results only what concerns the file itself is
//! kept. The base has a plan of its own, and its result tells who runs what stands on it ([`BaseStage`]).

mod base_stage;
mod composite;
mod models;

use std::collections::BTreeSet;

pub use base_stage::{BaseStage, describe};
pub(crate) use composite::Composite;
pub(crate) use models::{catch_up, remark, why_left};

/// A base of the tree's own and what it gives.
pub(crate) type Kin<'l> = (&'l TreeBase, &'l BaseStage);

/// What a tree knows of one of its Dockerfiles.
#[derive(Debug, Clone, Default)]
pub struct Lineage {
    /// The images it starts from that other files of the tree build.
    pub bases: Vec<TreeBase>,
    /// The stages of it that other files of the tree start from: names or numbers, `None` for the last one.
    pub starts: BTreeSet<Option<String>>,
}

impl Lineage {
    /// What will be known once all is migrated: the tree of a second run.
    pub(crate) fn after(&self) -> Self {
        let after = |base: &TreeBase| match &base.state {
            BaseState::OnWolfi(stage) => TreeBase { state: BaseState::OnWolfi(stage.after()), ..base.clone() },
            BaseState::Stays(_) => base.clone(),
        };
        Self { bases: self.bases.iter().map(after).collect(), starts: self.starts.clone() }
    }

    /// Whether a base moves to Wolfi with this plan.
    pub(crate) fn moves(&self) -> bool {
        self.bases.iter().any(|base| matches!(&base.state, BaseState::OnWolfi(stage) if stage.moves))
    }

    /// What is known of the base that a FROM names.
    pub(crate) fn of_word(&self, word: &str) -> Option<&TreeBase> {
        self.bases.iter().find(|base| base.word == word)
    }
}

/// An image that another file of the tree builds.
#[derive(Debug, Clone)]
pub struct TreeBase {
    /// The image as FROM names it.
    pub word: String,
    /// The same with its variables put in.
    pub image: String,
    /// The Dockerfile that builds it, for people.
    pub dockerfile: String,
    /// What it is after its own migration.
    pub state: BaseState,
}

/// What an image of the tree's own is after its own migration.
#[derive(Debug, Clone)]
pub enum BaseState {
    /// It stays on its distribution, for this reason.
    Stays(String),
    /// It stands on Wolfi.
    OnWolfi(BaseStage),
}
