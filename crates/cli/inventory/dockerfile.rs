//! The stages of one Dockerfile.

use wolfify_planner::managers;
use wolfify_syntax::shell::instruction_scripts;
use wolfify_syntax::{BaseImage, Dockerfile, Stage};

use crate::engine::Rewrite;
use crate::inventory::Entry;
use crate::pipeline::LocatedFinding;

/// A row for each FROM that names an image.
pub(crate) fn stages(path: &str, text: &str, rewrite: &Rewrite<'_>, findings: &[LocatedFinding]) -> Vec<Entry> {
    let old = &rewrite.dockerfile;
    let new = wolfify_syntax::parse(&rewrite.new_text).ok();
    let values = images(old);
    let shells = old.shells();
    let mut rows = Vec::new();
    for stage in old.stages.iter().filter(|stage| stage.base == BaseImage::Image) {
        let from = &old.instructions[stage.instructions.start];
        let mut row = Entry {
            path: path.to_owned(),
            line: from.start_line,
            kind: "dockerfile",
            name: stage.name.as_ref().map_or_else(|| stage.index.to_string(), |name| name.text.clone()),
            outcome: rewrite.plan.outcome.as_str(),
            becomes: becomes(old, new.as_ref(), rewrite, stage).unwrap_or_default(),
            ..Entry::default()
        };
        row.set_image(&stage.image.text, &values[stage.index]);
        for index in stage.instructions.clone() {
            let instruction = &old.instructions[index];
            for script in instruction_scripts(instruction, &shells[index].dialect, text) {
                script.visit(&mut |command, _| {
                    row.managers.extend(managers::called(command).map(managers::Manager::name));
                });
            }
        }
        row.managers.sort_unstable();
        row.managers.dedup();
        let lines = from.start_line
            ..old
                .stages
                .get(stage.index + 1)
                .map_or(u32::MAX, |next| old.instructions[next.instructions.start].start_line);
        let own = findings.iter().filter(|finding| finding.needs_person() && lines.contains(&finding.start.line));
        row.for_person = own.count();
        rows.push(row);
    }
    rows
}

/// The image of each stage with the defaults of build arguments, where those are known.
fn images(dockerfile: &Dockerfile) -> Vec<String> {
    let evaluation = dockerfile.evaluate();
    let expand = |stage: &Stage| {
        let expansion = evaluation.scope(stage.instructions.start).expand(&stage.image.text).ok()?;
        expansion.value.text().map(str::to_owned)
    };
    dockerfile.stages.iter().map(|stage| expand(stage).unwrap_or_else(|| stage.image.text.clone())).collect()
}

/// The image that a stage starts from afterwards, if it is another one.
fn becomes(old: &Dockerfile, new: Option<&Dockerfile>, rewrite: &Rewrite<'_>, stage: &Stage) -> Option<String> {
    let from = &old.instructions[stage.instructions.start];
    let finding = rewrite.plan.findings.iter().find(|finding| {
        finding.rule == "base-image" && finding.fix.is_some() && from.range.contains_range(finding.range)
    })?;
    // A split adds stages; then the finding is all there is to go by.
    match new.filter(|new| new.stages.len() == old.stages.len()) {
        Some(new) => Some(images(new)[stage.index].clone()),
        None => finding.message.split('`').nth(3).map(str::to_owned),
    }
}
