//! What a Dockerfile gives to those that build on it.

use wolfify_mappings::Mappings;
use wolfify_syntax::{Arguments, BaseImage, Dockerfile, Evaluation, Keyword};

use crate::context::BuildContext;
use crate::lineage::{BaseState, Composite, Lineage, composite};
use crate::options::Options;
use crate::planner::{Subject, open};
use crate::stages::Base;
use crate::suppress::Frozen;

/// The most instructions that may stand below a file. Real chains have a few dozen; a chain without an end would make
/// every file of it as long as all before together.
const MOST_INSTRUCTIONS: usize = 2_000;

/// A stage of another Dockerfile, with all that it stands on, as one stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseStage {
    /// FROM and all instructions, those of the stages below first, with line feeds.
    pub(crate) text: String,
    /// The same after the migration.
    pub(crate) new_text: String,
    /// The escape token of both.
    pub(crate) escape: char,
    /// Who runs what stands on it, once it is migrated; `None` when that is not known.
    pub(crate) user: Option<String>,
    /// It comes to Wolfi with this plan; otherwise it was there before.
    pub(crate) moves: bool,
}

impl BaseStage {
    /// The stage once its migration is done.
    pub(super) fn after(&self) -> Self {
        Self { text: self.new_text.clone(), moves: false, ..self.clone() }
    }
}

/// Says what a stage of a Dockerfile gives to other files: of `text`, which becomes `new_text`, the stage that is called
/// `stage`, or the last one.
#[must_use]
pub fn describe(
    lineage: &Lineage,
    text: &str,
    new_text: &str,
    stage: Option<&str>,
    mappings: &Mappings,
    context: &dyn BuildContext,
    options: &Options,
) -> BaseState {
    let stays = |reason: &str| BaseState::Stays(reason.to_owned());
    let done = lineage.after();
    let Some((before, after)) = wolfify_syntax::parse(text).ok().zip(wolfify_syntax::parse(new_text).ok()) else {
        return stays("cannot be read");
    };
    let look = |lineage: &Lineage, text: &str, dockerfile: &Dockerfile| {
        look(lineage, text, dockerfile, stage, mappings, context, options)
    };
    let (Some((was_there, _)), Some((is_there, user))) = (look(lineage, text, &before), look(&done, new_text, &after))
    else {
        return stays("has no stage of that name");
    };
    if !is_there {
        return stays("stays on its distribution");
    }
    let one = |lineage: &Lineage, dockerfile: &Dockerfile| one_stage(lineage, dockerfile, stage, mappings);
    match one(lineage, &before).zip(one(&done, &after)) {
        Some((text, new_text)) => {
            let moves = !was_there;
            BaseState::OnWolfi(BaseStage { text, new_text, escape: before.escape, user, moves })
        }
        None => stays("stands on too much to be followed"),
    }
}

/// Whether a stage stands on Wolfi already, and who is in force at its end.
fn look(
    lineage: &Lineage,
    text: &str,
    dockerfile: &Dockerfile,
    stage: Option<&str>,
    mappings: &Mappings,
    context: &dyn BuildContext,
    options: &Options,
) -> Option<(bool, Option<String>)> {
    let composite = Composite::new(lineage, text, dockerfile, mappings);
    let (text, dockerfile) = composite.as_ref().map_or((text, dockerfile), Composite::file);
    let kin = composite.as_ref().map(Composite::kin).unwrap_or_default();
    let subject = Subject { text, dockerfile, mappings, context, options, lineage, kin: &kin };
    let index = stage_index(dockerfile, stage)?;
    let evaluation = dockerfile.evaluate();
    let (file, _) = open(subject, &evaluation, &Frozen::new());
    let native = matches!(file.stages[file.bottoms[index]].base, Base::Native);
    Some((native, file.before[index].user.value.clone()))
}

/// The stage of a name or number, or the last one.
pub(super) fn stage_index(dockerfile: &Dockerfile, stage: Option<&str>) -> Option<usize> {
    match stage {
        Some(name) => dockerfile.stage_by_reference(name).map(|stage| stage.index),
        None => dockerfile.stages.len().checked_sub(1),
    }
}

/// A stage and all below it as the text of one stage.
fn one_stage(lineage: &Lineage, dockerfile: &Dockerfile, stage: Option<&str>, mappings: &Mappings) -> Option<String> {
    let mut chain = vec![stage_index(dockerfile, stage)?];
    while let BaseImage::Stage(parent) = dockerfile.stages[chain[chain.len() - 1]].base {
        chain.push(parent);
    }
    let evaluation = dockerfile.evaluate();
    let bottom = &dockerfile.stages[*chain.last()?];
    let image = evaluation.scope(bottom.instructions.start).expand(&bottom.image.text).ok()?;
    let own = lineage.bases.iter().find(|base| base.word == bottom.image.text && composite::counts(base, mappings));
    let mut out = match own.map(|base| &base.state) {
        Some(BaseState::OnWolfi(below)) if below.escape == dockerfile.escape => below.text.clone(),
        Some(_) => return None,
        None => format!("FROM {}\n", image.value.text()?),
    };
    let mut count = out.lines().count();
    for index in chain.into_iter().rev() {
        for at in dockerfile.stages[index].instructions.clone().skip(1) {
            push(&mut out, dockerfile, &evaluation, at);
            count += 1;
        }
    }
    (count <= MOST_INSTRUCTIONS).then_some(out)
}

/// Adds an instruction with its heredocs. `ARG NAME` gets the value that the ARG before the first FROM gives it, which
/// does not come along.
fn push(out: &mut String, dockerfile: &Dockerfile, evaluation: &Evaluation, at: usize) {
    let instruction = &dockerfile.instructions[at];
    if let (Keyword::Arg, Arguments::Pairs(pairs)) = (instruction.keyword, &instruction.arguments)
        && let [pair] = &pairs[..]
        && pair.value.is_none()
        && let Some(value) = evaluation.scope_after(at).get(&pair.key.text).value.text()
        && !value.contains(['"', '\\', '`', '$', '\n'])
    {
        out.push_str(&format!("ARG {}=\"{value}\"\n", pair.key.text));
        return;
    }
    let lines = dockerfile.slice(dockerfile.instruction_lines(instruction));
    out.push_str(&lines.replace("\r\n", "\n"));
    if !out.ends_with('\n') {
        out.push('\n');
    }
}
