//! The stages that a stage stands on, which the planner reads as one with it.

use std::ops::Range;

use wolfify_syntax::{Instruction, Keyword};

use super::trace::Refusal;
use crate::file::File;
use crate::stages::SourceImageName;

/// A stage with all that it starts from, the one on the image first.
pub(super) fn chain(file: &File<'_>, stage: usize) -> Vec<usize> {
    let mut found: Vec<usize> = file.chain(stage).collect();
    found.reverse();
    found
}

/// The instructions of a chain of stages, the FROMs left out.
pub(super) fn body<'f>(
    file: &'f File<'_>,
    stage: usize,
) -> impl DoubleEndedIterator<Item = (usize, &'f Instruction)> + use<'f> {
    let stages = chain(file, stage);
    stages.into_iter().flat_map(move |stage| file.body(stage))
}

/// Where the instructions of a chain of stages stand.
pub(super) fn ranges(file: &File<'_>, stage: usize) -> Vec<Range<usize>> {
    chain(file, stage).into_iter().map(|stage| file.dockerfile.stages[stage].instructions.clone()).collect()
}

/// The image that a stage starts from in the end.
pub(super) fn source<'f>(file: &'f File<'_>, stage: usize) -> Option<&'f SourceImageName> {
    file.stages[file.bottoms[stage]].source.as_ref()
}

/// Whether anything but the stage itself runs commands on the image that it stands on.
pub(super) fn is_shared(file: &File<'_>, stage: usize) -> bool {
    let bottom = file.bottoms[stage];
    let mut others = (0..file.stages.len()).filter(|other| *other != stage && file.bottoms[*other] == bottom);
    others.any(|other| file.body(other).any(|(_, instruction)| instruction.keyword == Keyword::Run))
}

/// Refuses what a stage takes over from another one and what the planner does not look for there.
pub(super) fn refuse_inherited_start(file: &File<'_>, stage: usize) -> Result<(), Refusal> {
    const STARTS: &[Keyword] = &[Keyword::Cmd, Keyword::Entrypoint, Keyword::Healthcheck, Keyword::Onbuild];
    let first = file.dockerfile.stages[stage].instructions.start;
    let mut inherited = body(file, stage).filter(|(index, _)| *index < first);
    match inherited.find(|(_, instruction)| STARTS.contains(&instruction.keyword)) {
        Some((_, instruction)) => {
            Err(Refusal::new(instruction.range, "the stage that it starts from says what a container starts"))
        }
        None => Ok(()),
    }
}
