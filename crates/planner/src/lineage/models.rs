//! What stages that start from a base of the tree's own make of it.

use wolfify_mappings::Distro;
use wolfify_syntax::BaseImage;

use crate::file::File;
use crate::lineage::{BaseState, TreeBase};
use crate::managers::{self, Support};
use crate::scripts;
use crate::stages::{Base, StageModel, Target, is_bare};

/// Why a stage stays on its distribution: what its base says.
pub(crate) fn why_left(base: &TreeBase) -> String {
    let reason = match &base.state {
        BaseState::Stays(reason) => reason.as_str(),
        BaseState::OnWolfi(_) => "reads another escape character",
    };
    format!("`{}` is built by `{}`, which {reason}", base.image, base.dockerfile)
}

/// Looks at the stages whose base is one of the tree's own that does not move with this plan.
pub(crate) fn catch_up(file: &File<'_>, models: &mut [StageModel]) {
    for (kin, (base, state)) in file.kin.iter().enumerate() {
        match &models[kin].base {
            // The base's file was planned under settings of its own, under which it moves.
            Base::Left(_) if state.moves => {
                let why = format!(
                    "`{}` is built by `{}`, whose base image has no counterpart under this file's settings",
                    base.image, base.dockerfile
                );
                for model in
                    models.iter_mut().filter(|model| matches!(model.base, Base::Parent(parent) if parent == kin))
                {
                    model.base = Base::Left(why.clone());
                }
            }
            // The base has moved before, and what stands on it goes on calling its old package manager.
            Base::Native => {
                if let Calls { foreign: Some(distro), apk: false } = calls(file, kin) {
                    follow(models, kin, distro);
                }
            }
            // The base is still to move, and what stands on it has: a run was stopped between the two.
            Base::Converted(_) if models[kin].distro != Some(Distro::Alpine) => {
                if let Calls { foreign: None, apk: true } = calls(file, kin) {
                    on(models, kin).into_iter().for_each(|stage| models[stage].migrates = false);
                }
            }
            _ => {}
        }
    }
}

/// The package managers that the stages on a base call.
#[derive(Debug, Default)]
struct Calls {
    /// The distribution of the first that Wolfi does not have.
    foreign: Option<Distro>,
    apk: bool,
}

fn calls(file: &File<'_>, kin: usize) -> Calls {
    let mut on_base = vec![false; file.dockerfile.stages.len()];
    for stage in &file.dockerfile.stages {
        on_base[stage.index] = match stage.base {
            BaseImage::Stage(parent) => parent == kin || on_base[parent],
            BaseImage::Image | BaseImage::Scratch => false,
        };
    }
    let scripts = scripts::read(file.text, file.dockerfile, &file.shells, |stage| on_base[stage]);
    let mut found = Calls::default();
    for script in scripts.iter().flatten() {
        script.visit(&mut |command, _| {
            let manager = managers::called(command).filter(|manager| manager.support() != Support::Reported);
            match manager.and_then(managers::Manager::distro) {
                Some(Distro::Alpine) => found.apk = true,
                Some(distro) => found.foreign = found.foreign.or(Some(distro)),
                None => {}
            }
        });
    }
    found
}

/// The stages that stand on one.
fn on(models: &[StageModel], kin: usize) -> Vec<usize> {
    let mut stands = vec![false; models.len()];
    for stage in kin + 1..models.len() {
        stands[stage] = matches!(models[stage].base, Base::Parent(parent) if parent == kin || stands[parent]);
    }
    (0..models.len()).filter(|stage| stands[*stage]).collect()
}

/// Takes the base for one that has just moved, and lets what stands on it follow.
fn follow(models: &mut [StageModel], kin: usize, distro: Distro) {
    let Some(source) = models[kin].source.take() else { return };
    let image = source.name.rsplit('/').next().unwrap_or(&source.name).to_owned();
    let tag = source.tag.as_deref().unwrap_or("latest");
    models[kin].base = Base::Converted(Target {
        bare: is_bare(&image),
        has_dev: true,
        as_is: false,
        always_dev: false,
        image,
        tag: tag.strip_suffix("-dev").unwrap_or(tag).to_owned(),
        lost_version: None,
        lost_java: None,
        note: None,
        packages: Vec::new(),
    });
    for stage in on(models, kin).into_iter().chain([kin]) {
        models[stage].migrates = true;
        models[stage].distro = Some(distro);
    }
}

/// What to say of a stage that starts from a base of the tree's own and moves with it.
pub(crate) fn remark(file: &File<'_>, stage: usize) -> Option<String> {
    let Base::Parent(parent) = file.stages[stage].base else { return None };
    let (base, state) = file.kin.get(parent).filter(|_| file.stages[stage].migrates)?;
    let TreeBase { image, dockerfile, .. } = base;
    Some(if state.moves {
        format!(
            "`{image}` is built by `{dockerfile}`, which moves to Wolfi; this stage is planned on what it becomes. Build that image first"
        )
    } else {
        format!("`{image}` is built by `{dockerfile}`, which is on Wolfi already; this stage follows")
    })
}
