//! Holds a result against what must always be true of it, before anybody writes it.

use std::collections::HashSet;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::Mappings;
use wolfify_syntax::shell::ShellScript;
use wolfify_syntax::{BaseImage, Dockerfile, Keyword, Stage};

use crate::context::BuildContext;
use crate::finding::Level;
use crate::lineage::{BaseState, Lineage};
use crate::managers::{self, Support};
use crate::options::Options;
use crate::plan::Plan;
use crate::planner::plan;
use crate::scripts;
use crate::shells::shells;
use crate::verify_stages;

/// A promise that a result breaks. Always a defect of the planner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// The new text is not a Dockerfile.
    #[error("the result does not parse: {0}")]
    Unparsable(String),
    /// A shell script that could be read before cannot be read now.
    #[error("line {line}: the script can no longer be read: {reason}")]
    Script {
        /// Line of the instruction in the new text, from 1.
        line: u32,
        /// What the shell parser says.
        reason: String,
    },
    /// A stage that moved to Wolfi still calls its old package manager, and no finding says so.
    #[error("line {line}: `{manager}` is left without a word about it")]
    Leftover {
        /// Line of the instruction in the new text, from 1.
        line: u32,
        /// The manager called.
        manager: &'static str,
    },
    /// Stages came or went by accident, or `COPY --from` names one that is not there.
    #[error("the stages no longer fit: {0}")]
    Stages(String),
    /// An instruction came, went or was swallowed by another.
    #[error("{expected} instructions were planned and {found} are there")]
    Instructions {
        /// As many as the edits lead to.
        expected: usize,
        /// As many as the result has.
        found: usize,
    },
    /// Something is run in a stage whose image has no shell.
    #[error("line {line}: there is no shell to run this")]
    NoShell {
        /// Line of the instruction in the new text, from 1.
        line: u32,
    },
    /// The final stage starts what it does not have.
    #[error("line {line}: nothing brings `{program}` into this stage")]
    Missing {
        /// Line of the instruction in the new text, from 1.
        line: u32,
        /// The program.
        program: String,
    },
    /// An image is asked for under a tag that the free tier does not have.
    #[error("line {line}: the free tier has no `{image}`")]
    Tag {
        /// Line of the FROM in the new text, from 1.
        line: u32,
        /// Image and tag.
        image: String,
    },
    /// A variable went out of scope.
    #[error("line {line}: `{name}` is not known in this stage any more")]
    Variable {
        /// Line of the instruction in the new text, from 1.
        line: u32,
        /// The variable.
        name: String,
    },
    /// A second run would change the result.
    #[error("a second run would change the result")]
    NotStable,
}

/// Checks `new_text`, the result of applying `plan` to `text`.
///
/// # Errors
///
/// The first broken promise; the file must then be left as it was.
#[expect(clippy::too_many_arguments, reason = "what a plan needs, and what came of it")]
pub fn verify(
    text: &str,
    dockerfile: &Dockerfile,
    result: &Plan,
    new_text: &str,
    mappings: &Mappings,
    context: &dyn BuildContext,
    options: &Options,
    lineage: &Lineage,
) -> Result<(), Broken> {
    if text == new_text {
        return Ok(());
    }
    let new = wolfify_syntax::parse(new_text).map_err(|error| Broken::Unparsable(error.to_string()))?;
    let new_scripts = scripts::read(new_text, &new, &shells(&new), |_| true);
    check_scripts(text, dockerfile, &new, &new_scripts)?;
    check_stages(dockerfile, &new)?;
    check_tags(&new, &came(dockerfile, &new), mappings)?;
    check_instructions(dockerfile, result, &new)?;
    check_planned(dockerfile, result, &new, mappings)?;
    let changes = |lineage: &Lineage| {
        let again = plan(new_text, &new, mappings, context, options, lineage);
        again.findings.iter().any(|finding| finding.fix.is_some())
    };
    // A run that is stopped may leave a base of the tree's own as it was.
    if changes(&lineage.after()) || lineage.moves() && changes(lineage) {
        return Err(Broken::NotStable);
    }
    check_leftovers(dockerfile, result, &new, &new_scripts, lineage)
}

/// The stages of the result have what they need. That a start command's program is missing is the planner's fault only
/// where it settled what the runtime is; otherwise it may have been missing before, and a finding tells.
fn check_planned(old: &Dockerfile, result: &Plan, new: &Dockerfile, mappings: &Mappings) -> Result<(), Broken> {
    match verify_stages::check(old, new, &came(old, new), mappings) {
        Err(Broken::Missing { .. }) if !result.settles_runtime() => Ok(()),
        other => other,
    }
}

/// Whether the runtime that a plan settles has all that it needs. True for plans that settle none.
pub(crate) fn runtime_holds(text: &str, dockerfile: &Dockerfile, result: &Plan, mappings: &Mappings) -> bool {
    if !result.settles_runtime() {
        return true;
    }
    let Ok(edits) = result.edits(text) else { return false };
    wolfify_syntax::parse(&edits.apply()).is_ok_and(|new| check_planned(dockerfile, result, &new, mappings).is_ok())
}

fn check_scripts(
    text: &str,
    old: &Dockerfile,
    new: &Dockerfile,
    new_scripts: &[Vec<ShellScript>],
) -> Result<(), Broken> {
    let opaque = new_scripts.iter().enumerate().find_map(|(index, scripts)| {
        // `ENTRYPOINT []` has nothing to be read.
        let mut texts = scripts.iter().filter(|script| !script.text.is_empty());
        let reason = texts.find_map(|script| Some(script.opaque().first()?.1.reason.clone()))?;
        Some(Broken::Script { line: new.instructions[index].start_line, reason })
    });
    // The old scripts are only looked at in this rare case: reading scripts is what takes most of the time.
    match opaque {
        Some(broken) if readable(text, old) => Err(broken),
        _ => Ok(()),
    }
}

fn readable(text: &str, dockerfile: &Dockerfile) -> bool {
    let scripts = scripts::read(text, dockerfile, &shells(dockerfile), |_| true);
    scripts.iter().flatten().all(|script| script.opaque().is_empty())
}

/// No instruction is lost but those that an edit takes away whole, and none is there that no edit puts in.
fn check_instructions(old: &Dockerfile, result: &Plan, new: &Dockerfile) -> Result<(), Broken> {
    let mut edits: Vec<&Edit> =
        result.findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
    edits.dedup();
    let inserted: usize = edits.iter().filter(|edit| edit.range.is_empty()).map(|edit| whole_lines(&edit.text)).sum();
    let deletions: Vec<TextRange> = edits.iter().filter(|edit| edit.text.is_empty()).map(|edit| edit.range).collect();
    let deleted = old.instructions.iter().filter(|instruction| {
        let next = deletions.partition_point(|range| range.start() <= instruction.range.start());
        next > 0 && deletions[next - 1].contains_range(instruction.range)
    });
    let expected = old.instructions.len() + inserted - deleted.count();
    let found = new.instructions.len();
    if expected == found { Ok(()) } else { Err(Broken::Instructions { expected, found }) }
}

/// How many lines an insertion adds, when it adds whole lines.
fn whole_lines(text: &str) -> usize {
    let whole = text.ends_with('\n') || text.starts_with('\n') || text.starts_with("\r\n");
    if !whole {
        return 0;
    }
    let mut continued = false;
    let mut count = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        // A command that is put before another one of a script may end with the line end between them.
        count += usize::from(!continued && begins_instruction(line));
        continued = line.ends_with(['\\', '`']);
    }
    // A lone continuation is a part of an instruction.
    if text.starts_with(" \\") { 0 } else { count }
}

fn begins_instruction(line: &str) -> bool {
    let word = line.split_ascii_whitespace().next().unwrap_or_default();
    Keyword::ALL.iter().any(|keyword| keyword.as_str().eq_ignore_ascii_case(word))
}

/// An image of the free tier is only asked for under a tag that it has, unless a table of the user asks for another.
fn check_tags(new: &Dockerfile, came: &[bool], mappings: &Mappings) -> Result<(), Broken> {
    for stage in new.stages.iter().filter(|stage| came[stage.index] && stage.base == BaseImage::Image) {
        let Some(text) = stage.image.text.strip_prefix("cgr.dev/chainguard/") else { continue };
        let Some((image, tag)) = text.split_once(':').filter(|_| !text.contains(['$', '@'])) else { continue };
        if mappings.is_own_tag(image, tag) {
            continue;
        }
        let variants = mappings.image_variants(image);
        let configs = variants.iter().filter_map(|variant| mappings.image_config(image, variant));
        let tags: Vec<String> = configs.flat_map(|config| config.free_tags).collect();
        if !tags.is_empty() && !tags.iter().any(|own| own == tag) {
            let line = new.instructions[stage.instructions.start].start_line;
            return Err(Broken::Tag { line, image: text.to_owned() });
        }
    }
    Ok(())
}

/// Every stage is still there, in order, and every reference to a stage finds one.
fn check_stages(old: &Dockerfile, new: &Dockerfile) -> Result<(), Broken> {
    let name = |stage: &'_ Stage| stage.name.as_ref().map(|name| name.text.clone());
    let after: HashSet<String> = new.stages.iter().filter_map(name).collect();
    if let Some(lost) = old.stages.iter().filter_map(name).find(|name| !after.contains(name)) {
        return Err(Broken::Stages(format!("the stage `{lost}` is gone")));
    }
    if new.stages.len() < old.stages.len() {
        return Err(Broken::Stages(format!("{} stages became {}", old.stages.len(), new.stages.len())));
    }
    let children = |dockerfile: &Dockerfile| {
        dockerfile.stages.iter().filter(|stage| matches!(stage.base, BaseImage::Stage(_))).count()
    };
    // The final stage may leave the stage that it started from for the image without a shell.
    let is_child = |dockerfile: &Dockerfile| {
        dockerfile.stages.last().is_some_and(|stage| matches!(stage.base, BaseImage::Stage(_)))
    };
    let left = usize::from(is_child(old) && !is_child(new));
    if children(new) + left < children(old) {
        return Err(Broken::Stages("a stage no longer starts from the stage it started from".to_owned()));
    }
    Ok(())
}

/// In stages that have come to Wolfi nothing but apk is called, or a finding without a fix says so.
fn check_leftovers(
    old: &Dockerfile,
    result: &Plan,
    new: &Dockerfile,
    scripts: &[Vec<ShellScript>],
    lineage: &Lineage,
) -> Result<(), Broken> {
    if result.findings.iter().any(|finding| finding.fix.is_none() && finding.level > Level::Note) {
        // Positions shift; a file with open findings has told the reader where to look.
        return Ok(());
    }
    let came = came(old, new);
    let base_came = |stage: &Stage| {
        let state = lineage.of_word(&stage.image.text).map(|base| &base.state);
        matches!(state, Some(BaseState::OnWolfi(_))) && stage.base == BaseImage::Image
    };
    for stage in new.stages.iter().filter(|stage| came[stage.index] || base_came(stage)) {
        for index in stage.instructions.clone() {
            if let Some(manager) = scripts[index].iter().find_map(first_foreign) {
                return Err(Broken::Leftover { line: new.instructions[index].start_line, manager });
            }
        }
    }
    Ok(())
}

/// By stage: whether it has come to Wolfi. A stage that was there before is its author's.
fn came(old: &Dockerfile, new: &Dockerfile) -> Vec<bool> {
    let mut came = on_wolfi(new);
    // Stages are only added before the last one.
    came.iter_mut()
        .zip(on_wolfi(old))
        .take(old.stages.len().saturating_sub(1))
        .for_each(|(came, before)| *came &= !before);
    if old.stages.len() == new.stages.len()
        && let (Some(last), Some(before)) = (came.last_mut(), on_wolfi(old).last())
    {
        *last &= !before;
    }
    came
}

/// By stage: whether it stands on one of Chainguard's images.
fn on_wolfi(dockerfile: &Dockerfile) -> Vec<bool> {
    let mut known = Vec::with_capacity(dockerfile.stages.len());
    for stage in &dockerfile.stages {
        known.push(match stage.base {
            BaseImage::Stage(parent) => known[parent],
            BaseImage::Image => stage.image.text.starts_with("cgr.dev/"),
            BaseImage::Scratch => false,
        });
    }
    known
}

/// The first package manager that a script calls and Wolfi does not have.
pub(crate) fn first_foreign(script: &ShellScript) -> Option<&'static str> {
    let mut found = None;
    script.visit(&mut |command, _| {
        let manager = managers::called(command);
        let foreign = manager.filter(|manager| {
            manager.support() != Support::Reported && manager.distro() != Some(wolfify_mappings::Distro::Alpine)
        });
        if found.is_none() {
            found = foreign.map(crate::managers::Manager::name);
        }
    });
    found
}
