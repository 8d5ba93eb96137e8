//! Which instructions put files where: COPY, ADD, the bind mounts of RUN, and `mv`, `cp` and `ln` inside RUN.

use std::collections::{BTreeMap, HashMap};

use wolfify_syntax::shell::SimpleCommand;
use wolfify_syntax::{Arguments, Heredoc, Instruction, Keyword};

use super::calls;
use crate::commands::runs;
use crate::file::File;
use crate::path::{absolute, file_name, in_context};

/// One source of one instruction that puts files somewhere.
#[derive(Debug, Clone)]
pub(super) struct Copy {
    /// The instruction's index in the file, and a number that grows within it.
    pub(super) order: (usize, usize),
    /// Sources keep their names below the target; otherwise a file may take the target's own name.
    pub(super) into_directory: bool,
    /// `--parents`: sources keep their directories as well.
    pub(super) parents: bool,
    /// What is copied.
    pub(super) origin: Origin,
}

/// Where copied files come from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// A file or directory of the build context, or a pattern.
    Context(String),
    /// A path at the end of an earlier stage.
    Stage(usize, String),
    /// A path in the same image, as it was before the instruction.
    Image(String),
    /// The text of a here-document.
    Text(String),
    /// An image, a URL, an archive, or something that only the build knows.
    Unknown,
}

/// What a stage's instructions put where.
#[derive(Debug, Default)]
pub(super) struct StageCopies {
    /// By target, an absolute path; in the order of the instructions.
    pub(super) by_target: BTreeMap<String, Vec<Copy>>,
    /// Bind mounts, which are there for one RUN only: by instruction, then target.
    pub(super) mounts: BTreeMap<usize, Vec<(String, Copy)>>,
    /// The working directory at the end.
    pub(super) workdir: String,
}

/// The stages of each name, in lower case, in order.
pub(super) type Names = HashMap<String, Vec<usize>>;

/// Reads a stage from its first instruction to its last. `workdirs` gets the directory in force at each of them.
pub(super) fn read(file: &File<'_>, names: &Names, stage: usize, start: &str, workdirs: &mut [String]) -> StageCopies {
    let cx = Reader { file, names, stage };
    let mut found = StageCopies { workdir: start.to_owned(), ..StageCopies::default() };
    for (index, instruction) in file.body(stage) {
        workdirs[index].clone_from(&found.workdir);
        match (instruction.keyword, &instruction.arguments) {
            (Keyword::Workdir, Arguments::Words(words)) => {
                if let Some(path) = words.first().and_then(|word| expand(file, index, &word.text)) {
                    found.workdir = absolute(&found.workdir, &path);
                }
            }
            // The base's own files lie in another build context.
            (Keyword::Copy | Keyword::Add, _) if stage >= file.dockerfile.front => {
                cx.transfers(index, instruction, &mut found);
            }
            _ if runs(instruction) == Keyword::Run && stage >= file.dockerfile.front => {
                cx.mounts(index, instruction, &mut found);
                moves(file, index, &mut found);
            }
            _ => {}
        }
    }
    found
}

/// A word as Docker expands it; `None` where only the build knows its value.
fn expand(file: &File<'_>, instruction: usize, text: &str) -> Option<String> {
    file.evaluation.scope(instruction).expand(text).ok()?.value.text().map(str::to_owned)
}

/// One stage and what its words may name.
struct Reader<'r, 'f> {
    file: &'r File<'f>,
    names: &'r Names,
    stage: usize,
}

impl Reader<'_, '_> {
    fn transfers(&self, index: usize, instruction: &Instruction, found: &mut StageCopies) {
        let sources = instruction.sources();
        let Some(target) = instruction.destination().and_then(|to| expand(self.file, index, to.raw)) else { return };
        let into_directory = target.ends_with(['/', '.']) || sources.len() > 1;
        let target = absolute(&found.workdir, &target);
        let from = instruction.flag("from").map(|flag| flag.value.as_ref().map_or("", |value| value.text.as_str()));
        let parents = instruction.flag("parents").is_some();
        for (number, source) in sources.iter().map(|source| source.raw).enumerate() {
            let origin = match (here_document(instruction, source), from) {
                (Some(heredoc), _) => Origin::Text(body(self.file, heredoc)),
                (None, Some(from)) => self.of_stage(index, from, source),
                (None, None) => of_context(self.file, index, instruction.keyword, source),
            };
            let copy = Copy { order: (index, number), into_directory, parents, origin };
            found.by_target.entry(target.clone()).or_default().push(copy);
        }
    }

    fn of_stage(&self, index: usize, from: &str, source: &str) -> Origin {
        let stage = expand(self.file, index, from).and_then(|from| self.stage_named(&from));
        match (stage, expand(self.file, index, source)) {
            (Some(stage), Some(source)) => Origin::Stage(stage, absolute("/", &source)),
            _ => Origin::Unknown,
        }
    }

    /// The earlier stage of a name or number; the last one of several.
    fn stage_named(&self, name: &str) -> Option<usize> {
        if let Ok(number) = name.parse::<usize>() {
            let stage = number.checked_add(self.file.dockerfile.front)?;
            return (stage < self.stage).then_some(stage);
        }
        let stages = self.names.get(&name.to_ascii_lowercase())?;
        stages[..stages.partition_point(|stage| *stage < self.stage)].last().copied()
    }

    /// `RUN --mount=type=bind,source=x,target=/y`
    fn mounts(&self, index: usize, instruction: &Instruction, found: &mut StageCopies) {
        for flag in instruction.flags.iter().filter(|flag| flag.name == "mount") {
            let value = flag.value.as_ref().map_or("", |value| value.text.as_str());
            let field = |names: &[&str]| {
                let mut fields = value.split(',').filter_map(|field| field.split_once('='));
                fields.find(|(key, _)| names.contains(key)).map(|(_, value)| value)
            };
            let target = field(&["target", "dst", "destination"]).and_then(|target| expand(self.file, index, target));
            let Some(target) = target.filter(|_| field(&["type"]).is_none_or(|kind| kind == "bind")) else { continue };
            let source = field(&["source", "src"]).unwrap_or("/");
            let origin = match field(&["from"]) {
                Some(from) => self.of_stage(index, from, source),
                None => of_context(self.file, index, Keyword::Copy, source),
            };
            let copy = Copy { order: (index, 0), into_directory: false, parents: false, origin };
            found.mounts.entry(index).or_default().push((absolute(&found.workdir, &target), copy));
        }
    }
}

fn here_document<'i>(instruction: &'i Instruction, word: &str) -> Option<&'i Heredoc> {
    let name = word.strip_prefix("<<")?;
    let name = name.strip_prefix('-').unwrap_or(name).trim_matches(['"', '\'']);
    instruction.heredocs.iter().find(|heredoc| heredoc.name == name)
}

fn body(file: &File<'_>, heredoc: &Heredoc) -> String {
    let lines = file.text[heredoc.body].split_inclusive('\n');
    lines.map(|line| if heredoc.strip_tabs { line.trim_start_matches('\t') } else { line }).collect()
}

fn of_context(file: &File<'_>, index: usize, keyword: Keyword, source: &str) -> Origin {
    const ARCHIVES: &[&str] = &[".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".tbz2", ".txz"];
    let Some(source) = expand(file, index, source) else { return Origin::Unknown };
    // ADD takes from afar and unpacks.
    let added =
        source.contains("://") || source.starts_with("git@") || ARCHIVES.iter().any(|end| source.ends_with(end));
    if keyword == Keyword::Add && added { Origin::Unknown } else { Origin::Context(in_context(&source)) }
}

/// `mv a b`, `cp a b` and `ln -s a b` with static paths.
fn moves(file: &File<'_>, index: usize, found: &mut StageCopies) {
    let workdir = found.workdir.clone();
    let mut number = 0;
    for script in &file.scripts[index] {
        calls::visit_in_directory(script, Some(&workdir), &mut |command, directory| {
            for (target, mut copy) in moved(command, directory, index) {
                number += 1;
                copy.order.1 = number;
                found.by_target.entry(target).or_default().push(copy);
            }
        });
    }
}

fn moved(command: &SimpleCommand, directory: Option<&str>, instruction: usize) -> Vec<(String, Copy)> {
    let Some(name) = command.name().filter(|name| matches!(name.as_str(), "mv" | "cp" | "ln" | "install")) else {
        return Vec::new();
    };
    let mut operands = Vec::new();
    for word in command.args() {
        match word.literal() {
            // `-t DIR` and the like turn the operands round.
            Some(text) if text.starts_with("-t") || text.starts_with("--t") => return Vec::new(),
            Some(text) if text.starts_with('-') => {}
            Some(text) => operands.push(text),
            None => return Vec::new(),
        }
    }
    let Some((target, sources)) = operands.split_last() else { return Vec::new() };
    let seen_from = |path: &str| match directory {
        Some(directory) => Some(absolute(directory, path)),
        None => path.starts_with('/').then(|| absolute("/", path)),
    };
    let Some(place) = seen_from(target) else { return Vec::new() };
    let into_directory = target.ends_with('/') || sources.len() > 1;
    let copies = sources.iter().filter_map(|source| {
        // A relative link is seen from where it lies.
        let source = match (name.as_str(), source.starts_with('/')) {
            ("ln", false) => absolute(place.rsplit_once('/').map_or("/", |(folder, _)| folder), source),
            _ => seen_from(source)?,
        };
        let inside = into_directory && !file_name(&place).is_empty();
        let copy =
            Copy { order: (instruction, 0), into_directory: inside, parents: false, origin: Origin::Image(source) };
        Some((place.clone(), copy))
    });
    copies.collect()
}
