//! Which stages need the variant of their image that has a shell.

use wolfify_syntax::{Arguments, CommandForm, Keyword};

use crate::draft::Draft;
use crate::file::File;
use crate::insertions::Insertions;
use crate::stages::Base;

/// By stage: whether something in it, or in a stage that starts from it, runs through a shell or apk.
pub(crate) fn needs_shell(file: &File<'_>, draft: &Draft, insertions: &Insertions) -> Vec<bool> {
    let count = file.stages.len();
    let mut needs: Vec<bool> = (0..count).map(|stage| runs_something(file, draft, insertions, stage)).collect();
    for (stage, needs) in needs.iter_mut().enumerate() {
        // Whatever is built on a base of the tree's own may need what it has.
        *needs |= file.is_kin(stage) || file.is_started_from(stage);
    }
    for stage in (0..count).rev() {
        if needs[stage]
            && let Base::Parent(parent) = file.stages[stage].base
        {
            needs[parent] = true;
        }
    }
    needs
}

fn runs_something(file: &File<'_>, draft: &Draft, insertions: &Insertions, stage: usize) -> bool {
    // What the stage planner made a runtime has lost its shell forms on the way, the health check's too.
    if draft.settled_stage == Some(stage) && draft.builder != Some(stage) {
        return false;
    }
    if matches!(&file.stages[stage].base, Base::Converted(target) if target.always_dev) {
        return true;
    }
    let range = file.dockerfile.stages[stage].instructions.clone();
    let shell_at_hand = runtime_has_shell(file, stage);
    let added = range.clone().any(|index| insertions.installs_at(file.line_before(index)));
    added
        || draft.dev_stages.contains(&stage)
        || file.body(stage).any(|(index, instruction)| {
            if draft.dropped_instructions.contains(&index) || draft.exec_forms.contains(&index) {
                return false;
            }
            match (&instruction.keyword, &instruction.arguments) {
                (Keyword::Run | Keyword::Onbuild, _) => true,
                (Keyword::Cmd | Keyword::Entrypoint, Arguments::Command(CommandForm::Shell { .. })) => !shell_at_hand,
                (Keyword::Healthcheck, Arguments::Healthcheck(Some(CommandForm::Shell { .. }))) => true,
                _ => false,
            }
        })
}

/// The stages that install packages, or need a shell, on an image that has no variant for it.
pub(crate) fn without_apk(file: &File<'_>, draft: &Draft, insertions: &Insertions, dev: &[bool]) -> Vec<usize> {
    let lacks = |stage: &usize| {
        let Base::Converted(target) = &file.stages[*stage].base else { return false };
        let same = (0..file.stages.len()).filter(|other| file.bottoms[*other] == *stage);
        let installs =
            |index: usize| draft.installs.contains_key(&index) || insertions.installs_at(file.line_before(index));
        let installs = same.into_iter().any(|stage| file.body(stage).any(|(index, _)| installs(index)));
        dev[*stage]
            && !target.bare
            && !target.as_is
            && !target.has_dev
            && (installs || !runtime_has_shell(file, *stage))
    };
    (0..file.stages.len()).filter(lacks).collect()
}

/// Whether the image that a stage stands on has a shell without being a `-dev` variant.
pub(crate) fn runtime_has_shell(file: &File<'_>, stage: usize) -> bool {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return false };
    let variant = crate::effective::variant(&target.tag, false);
    file.mappings.image_config(&target.image, variant).is_some_and(|config| config.has_shell == Some(true))
}

/// Whether a stage stands on the variant of an image that is meant to be run, not to be built on.
pub(crate) fn is_runtime(file: &File<'_>, stage: usize, dev: &[bool]) -> bool {
    let stage = file.bottoms[stage];
    match &file.stages[stage].base {
        Base::Converted(target) => !target.bare && !target.as_is && !dev[stage],
        Base::Scratch => true,
        Base::Native | Base::Left(_) | Base::Parent(_) => false,
    }
}
