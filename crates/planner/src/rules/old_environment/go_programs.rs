//! Programs that `go install` puts into `/go/bin`, which was in the PATH of the old image.

use std::collections::{HashMap, HashSet};

use wolfify_syntax::shell::{ShellWord, SimpleCommand};
use wolfify_syntax::{Instruction, Keyword};

use crate::draft::Draft;
use crate::file::File;

/// Where the old image's GOPATH is.
const HOME: &str = "/go";

/// What of the old environment a stage has to have before it fetches programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// GOPATH and the PATH.
    Both,
    /// The PATH alone: the file sets GOPATH.
    Path,
}

/// What the stages of a file fetch with `go`, and what they call of it.
#[derive(Debug, Default)]
pub(super) struct GoPrograms {
    /// The first instruction that fetches something, by stage.
    first: HashMap<usize, usize>,
    /// Stages whose programs are called, from the first to the last.
    wanted: Vec<(usize, Wanted)>,
}

/// What has been seen so far.
#[derive(Default)]
struct Seen {
    programs: GoPrograms,
    /// Stage and name of each program.
    own: HashSet<(usize, String)>,
    /// The first stage with a program, by the stage that all of its family start from.
    family: HashMap<(usize, String), usize>,
    /// The first stage with any program, by the same.
    any: HashMap<usize, usize>,
    /// What each stage lacks, as the first call has shown.
    wanted: HashMap<usize, Option<Wanted>>,
}

impl GoPrograms {
    /// Reads all stages that stand on an image with a GOPATH.
    pub(super) fn read(file: &File<'_>, draft: &Draft) -> Self {
        let mut seen = Seen::default();
        let has_home = |bottom: usize| file.before[bottom].base.env.iter().any(|(name, _)| name == "GOPATH");
        for stage in (0..file.stages.len()).filter(|stage| has_home(file.bottoms[*stage])) {
            for (index, instruction) in file.body(stage) {
                // The command of a builder is that of its runtime, which is told where the program lies.
                let starts = matches!(instruction.keyword, Keyword::Cmd | Keyword::Entrypoint);
                if instruction.keyword == Keyword::Run || (starts && draft.builder != Some(stage)) {
                    seen.instruction(file, stage, index, instruction);
                }
            }
        }
        let lacks = seen.wanted.into_iter().filter_map(|(stage, wanted)| Some((stage, wanted?)));
        let mut wanted: Vec<_> = lacks.collect();
        wanted.sort_by_key(|(stage, _)| *stage);
        GoPrograms { wanted, ..seen.programs }
    }

    /// The first instruction of a stage that fetches something with `go`.
    pub(super) fn first(&self, stage: usize) -> Option<usize> {
        self.first.get(&stage).copied()
    }

    /// What a stage lacks of the environment in which its programs are called.
    pub(super) fn wanted(&self, stage: usize) -> Option<Wanted> {
        let at = self.wanted.binary_search_by_key(&stage, |(stage, _)| *stage).ok()?;
        Some(self.wanted[at].1)
    }

    /// All stages that lack something, from the first to the last.
    pub(super) fn stages(&self) -> impl Iterator<Item = (usize, Wanted)> {
        self.wanted.iter().copied()
    }
}

impl Seen {
    fn instruction(&mut self, file: &File<'_>, stage: usize, index: usize, instruction: &Instruction) {
        let elsewhere = ["GOBIN=", "GOPATH="].iter().any(|name| instruction.joined.contains(name));
        let old_home = lies_in_old_home(file, index);
        for script in &file.scripts[index] {
            script.visit(&mut |command, _| {
                if fetches(command) {
                    if !elsewhere && old_home {
                        self.fetched(file, stage, index, command);
                    }
                    return;
                }
                if let Some(owner) = self.owner(file, stage, command) {
                    self.called(file, owner, index);
                }
            });
        }
    }

    fn fetched(&mut self, file: &File<'_>, stage: usize, index: usize, command: &SimpleCommand) {
        let bottom = file.bottoms[stage];
        for path in command.args().iter().filter_map(ShellWord::literal).filter(|word| is_path(word)) {
            if is_remote(&path) {
                self.programs.first.entry(stage).or_insert(index);
            }
            let only_source = command.args().iter().any(|word| word.text == "-d");
            let Some(name) = program(&path).filter(|_| !only_source) else { continue };
            self.own.insert((stage, name.to_owned()));
            self.family.entry((bottom, name.to_owned())).or_insert(stage);
            if is_remote(&path) {
                self.any.entry(bottom).or_insert(stage);
            }
            self.programs.first.entry(stage).or_insert(index);
        }
    }

    /// The stage that has fetched what a command calls.
    fn owner(&self, file: &File<'_>, stage: usize, command: &SimpleCommand) -> Option<usize> {
        let bottom = file.bottoms[stage];
        if calls_anything(command) {
            return self.any.get(&bottom).copied();
        }
        let by_path = |index: usize| command.words.get(index).is_some_and(|word| word.text.contains('/'));
        let name = command.name().filter(|_| !by_path(command.name_index));
        let wrappers = command.wrappers.iter().map(|wrapper| wrapper.name.clone());
        name.into_iter().chain(wrappers).find_map(|name| {
            let key = (stage, name);
            if self.own.contains(&key) { Some(stage) } else { self.family.get(&(bottom, key.1)).copied() }
        })
    }

    fn called(&mut self, file: &File<'_>, owner: usize, index: usize) {
        let Some(first) = self.programs.first.get(&owner) else { return };
        self.wanted.entry(owner).or_insert_with(|| match file.declares(*first, "GOPATH") {
            false => Some(Wanted::Both),
            true => (!has_programs_in_path(file, index)).then_some(Wanted::Path),
        });
    }
}

/// `go install` and `go get`
fn fetches(command: &SimpleCommand) -> bool {
    let verb = command.args().first().map(|word| word.text.as_str());
    command.name().as_deref() == Some("go") && matches!(verb, Some("install" | "get"))
}

/// Commands that may call any program: generators in Go's sources, targets of a build, plugins of `protoc`.
fn calls_anything(command: &SimpleCommand) -> bool {
    match command.name().as_deref() {
        Some("go") => command.args().first().is_some_and(|word| word.text == "generate"),
        Some("make" | "gmake" | "mage" | "task" | "just" | "protoc" | "buf") => true,
        _ => false,
    }
}

fn is_path(word: &str) -> bool {
    word.contains('/') && !word.starts_with('-') && !word.contains([' ', '='])
}

/// Whether a path begins with a host.
fn is_remote(path: &str) -> bool {
    let host = path.split('/').next().unwrap_or_default();
    path.contains('@') || (host.contains('.') && !host.starts_with('.'))
}

/// The program's name: the last part of its path that is not a version.
fn program(path: &str) -> Option<&str> {
    let path = path.split('@').next().unwrap_or(path).trim_end_matches('/').trim_end_matches("/...");
    let is_version = |part: &&str| part.strip_prefix('v').is_some_and(|rest| rest.parse::<u32>().is_ok());
    path.rsplit('/').find(|part| !is_version(part)).filter(|part| !part.is_empty() && !part.starts_with('.'))
}

/// Whether programs go to the old image's directory, as far as the file says.
fn lies_in_old_home(file: &File<'_>, index: usize) -> bool {
    let scope = file.evaluation.scope(index);
    let home = scope.get("GOPATH");
    let is_old = |value: &str| value.split(':').next().is_some_and(|first| first.trim_end_matches('/') == HOME);
    scope.get("GOBIN").definition.is_none() && (home.definition.is_none() || home.value.text().is_some_and(is_old))
}

/// Whether the file has put the directory of programs into the PATH by now.
fn has_programs_in_path(file: &File<'_>, index: usize) -> bool {
    let Some(path) = file.evaluation.scope(index).get("PATH").definition else { return false };
    let named = |word: &str| word.contains("/go/bin") || word.contains("GOPATH");
    file.evaluation
        .origins(path)
        .iter()
        .any(|definition| definition.written.as_ref().is_some_and(|word| named(&word.text)))
}
