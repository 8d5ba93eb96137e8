//! Python packages that one stage installs and another one takes from it.
//!
//! `COPY --from=build /usr/local/lib/python3.12/site-packages …` and `COPY --from=build /usr/local/bin …` carry what pip
//! installed between two stages of the official image. The new image keeps its packages among its own files, where they
//! cannot be told apart; a virtual environment at one path in both stages carries them as well.

use std::collections::BTreeSet;

use wolfify_edit::Edit;
use wolfify_syntax::{Arguments, Instruction, Keyword, Transfer, Word};

use super::language::VENV;
use super::path::is_below;
use super::trace::Tracer;
use crate::context::BuildContext;
use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::instructions::lines_with_comments;
use crate::options::Split;
use crate::rules::stage_split::RULE;
use crate::stages::Base;

/// Gives the stages concerned their environment.
pub(crate) fn settle(file: &File<'_>, context: &dyn BuildContext, draft: &mut Draft, insertions: &mut Insertions) {
    if file.options.split == Split::Never {
        return;
    }
    let mut makers: BTreeSet<usize> = BTreeSet::new();
    for stage in 0..file.stages.len() {
        let Some(taken) = taken(file, stage) else { continue };
        let is_user = |trace: &super::trace::Trace| trace.pip.is_empty() && trace.venvs.is_empty();
        let own = Tracer::new(file, draft, context, stage).run_leniently();
        let maker = Tracer::new(file, draft, context, taken.from).run_leniently();
        let first = maker.filter(|trace| trace.venvs.is_empty()).and_then(|trace| trace.pip.first().copied());
        let (Some(first), true) = (first, own.as_ref().is_some_and(is_user)) else { continue };
        if makers.insert(taken.from) {
            make(file, draft, insertions, taken.from, first);
        }
        take(file, draft, insertions, stage, &taken);
    }
}

/// What a stage takes of the packages of another one.
struct Taken {
    /// The other stage.
    from: usize,
    /// The COPY of the packages, and its two words.
    packages: (usize, [text_size::TextRange; 2]),
    /// COPY instructions of the programs.
    programs: Vec<usize>,
}

fn taken(file: &File<'_>, stage: usize) -> Option<Taken> {
    if !is_python(file, stage) {
        return None;
    }
    let mut packages = None;
    let mut programs = Vec::new();
    for (index, instruction) in file.body(stage) {
        let Some((from, source, target)) = copied(file, instruction) else { continue };
        let (path, place) = (source.text.trim_end_matches('/'), target.text.trim_end_matches('/'));
        if is_packages(path) && path == place {
            let words = [source.range, target.range];
            // Two of them would need two environments.
            if packages.replace((from, index, words)).is_some() {
                return None;
            }
        } else if is_below(path, "/usr/local/bin") && is_below(place, "/usr/local/bin") {
            programs.push((from, index));
        }
    }
    let (from, index, words) = packages?;
    if !is_python(file, from) || from >= stage {
        return None;
    }
    let programs = programs.into_iter().filter(|(other, _)| *other == from).map(|(_, index)| index).collect();
    Some(Taken { from, packages: (index, words), programs })
}

fn is_python(file: &File<'_>, stage: usize) -> bool {
    matches!(&file.stages[stage].base, Base::Converted(target) if target.image == "python" && file.stages[stage].migrates)
}

/// A COPY of one thing from another stage.
fn copied<'f>(file: &File<'_>, instruction: &'f Instruction) -> Option<(usize, &'f Word, &'f Word)> {
    let (Keyword::Copy, Arguments::Transfer(Transfer::Plain(words))) = (instruction.keyword, &instruction.arguments)
    else {
        return None;
    };
    let stage = file.dockerfile.copied_stage(instruction)?;
    match &words[..] {
        [source, target] => Some((stage.index, source, target)),
        _ => None,
    }
}

/// Whether a path is where the official image keeps what pip installs.
fn is_packages(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/usr/local/lib/python") else { return path == "/usr/local" };
    let version = rest.strip_suffix("/site-packages").unwrap_or(rest);
    !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn make(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions, stage: usize, first: usize) {
    let start = file.dockerfile.stages[stage].instructions.start;
    let copies = |index: &usize| matches!(file.instruction(*index).keyword, Keyword::Copy | Keyword::Add);
    let first = (start + 1..first).rev().take_while(copies).last().unwrap_or(first);
    draft.planned_runs.insert(first);
    let finding = || {
        LineFinding::note(
            &RULE,
            file.instruction(first).keyword_range,
            super::content::TAKEN_OVER.replace("the runtime", "another stage"),
            "Install into an environment",
        )
    };
    let at = file.line_before(first);
    insertions.add(at, Order::Build, format!("{} python -m venv {VENV}", file.keyword(stage, "RUN")), finding());
    insertions.add(at, Order::Build, path_line(file, stage), finding());
}

fn path_line(file: &File<'_>, stage: usize) -> String {
    format!("{} PATH=\"{VENV}/bin:$PATH\"", file.keyword(stage, "ENV"))
}

fn take(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions, stage: usize, taken: &Taken) {
    let (index, words) = taken.packages;
    draft.environment_copies.insert(index);
    let mut edits: Vec<Edit> = words.iter().map(|range| Edit::replace(*range, VENV)).collect();
    for program in &taken.programs {
        edits.push(Edit::delete(lines_with_comments(file, *program)));
        draft.dropped_instructions.insert(*program);
    }
    let message = "what pip installed lies among the new image's own files; a virtual environment carries it from one \
                   stage to the other, with its programs";
    let range = file.instruction(index).range;
    draft.report(&RULE, Level::Note, range, message, Some(("Take the environment", edits)));
    let finding = LineFinding::note(
        &RULE,
        file.instruction(index).keyword_range,
        "the programs of the environment come first",
        "Put the environment into PATH",
    );
    insertions.add(file.line_before(index), Order::Environment, path_line(file, stage), finding);
}

#[cfg(test)]
mod tests {
    use super::is_packages;

    #[test]
    fn the_directories_of_pip() {
        assert!(is_packages("/usr/local/lib/python3.12/site-packages") && is_packages("/usr/local/lib/python3.12"));
        assert!(is_packages("/usr/local") && !is_packages("/usr/local/lib") && !is_packages("/usr/local/lib/python"));
    }
}
