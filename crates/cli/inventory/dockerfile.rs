//! The stages of one Dockerfile.

use std::collections::HashSet;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_planner::managers;
use wolfify_syntax::shell::instruction_scripts;
use wolfify_syntax::{BaseImage, Dockerfile, Keyword, Stage};

use crate::engine::Rewrite;
use crate::inventory::Entry;
use crate::pipeline::LocatedFinding;

/// A row for each FROM that names an image, and for each image that files are taken from.
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
    rows.extend(taken_from(path, rewrite));
    rows
}

/// `COPY --from=IMAGE` and `RUN --mount=from=IMAGE`.
fn taken_from(path: &str, rewrite: &Rewrite<'_>) -> Vec<Entry> {
    let old = &rewrite.dockerfile;
    let names: HashSet<String> =
        old.stages.iter().filter_map(|stage| Some(stage.name.as_ref()?.text.to_ascii_lowercase())).collect();
    let mut rows = Vec::new();
    for instruction in &old.instructions {
        for flag in &instruction.flags {
            let Some(value) = &flag.value else { continue };
            let (name, image) = match (instruction.keyword, flag.name.as_str()) {
                (Keyword::Copy | Keyword::Add, "from") => ("COPY --from", Some(value.text.as_str())),
                (Keyword::Run, "mount") => {
                    ("RUN --mount", value.text.split(',').find_map(|part| part.trim().strip_prefix("from=")))
                }
                _ => continue,
            };
            let Some(image) = image.map(|image| image.trim_matches(['"', '\''])) else { continue };
            // A name without tag or folder may also be a context that the call of the build brings.
            if names.contains(&image.to_ascii_lowercase()) || !image.contains(['/', ':']) {
                continue;
            }
            let mut row = Entry {
                path: path.to_owned(),
                line: instruction.start_line,
                kind: "dockerfile",
                name: name.to_owned(),
                outcome: rewrite.plan.outcome.as_str(),
                becomes: replaced(rewrite, flag.range, image).unwrap_or_default(),
                ..Entry::default()
            };
            row.set_image(image, image);
            rows.push(row);
        }
    }
    rows
}

/// What the plan puts in the place of an image in a flag.
fn replaced(rewrite: &Rewrite<'_>, flag: TextRange, image: &str) -> Option<String> {
    let edits = rewrite.plan.findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits);
    let inside = |edit: &&Edit| flag.contains_range(edit.range) && !edit.text.is_empty();
    let new = edits.into_iter().find(inside)?.text.trim_start_matches("--from=").to_owned();
    (new != image).then_some(new)
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
