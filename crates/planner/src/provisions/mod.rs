//! Commands that the steps of the file itself bring: installers of languages, downloads, builds, copies.
//!
//! Nothing here decides whether a command is there. It only tells who may have made it, so that a command that an
//! earlier step made is not taken for one that came with the old image.

mod created;
mod installers;
mod names;

use std::collections::HashSet;

use wolfify_syntax::shell::{
    Command, CommandContext, CompoundKind, List, ListRole, ShellScript, ShellWord, SimpleCommand,
};
use wolfify_syntax::{Arguments, Instruction, Keyword};

use crate::installed::Installed;
use crate::stages::StageModel;

/// What earlier steps bring, by command name and stage.
#[derive(Debug, Default)]
pub(crate) struct Provisions {
    made: Installed,
    /// Steps that may bring anything (`make install`, a script of the author's), under [`ANYTHING`], or anything of a
    /// language's packages, under the first letters of Wolfi's name for them.
    open: Installed,
    /// Commands that a script asks for before it uses them (`command -v gpgconf`), by instruction.
    asked: HashSet<(usize, String)>,
}

/// Who may bring a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// A step names it.
    Named,
    /// A step before may have made it.
    Perhaps,
    /// No step of the file.
    No,
}

/// The key in `open` of steps that may bring anything.
const ANYTHING: &str = "*";

/// The key in `open` of steps that bring what a file lists: whatever language has a package of it.
const LIST: &str = "list";

/// What one step brings.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// Command names.
    names: Vec<String>,
    /// Keys of `open`.
    open: Vec<&'static str>,
}

impl Provisions {
    /// Notes what a command of a RUN brings.
    pub(crate) fn command(
        &mut self,
        stage: usize,
        instruction: usize,
        command: &SimpleCommand,
        place: &CommandContext,
    ) {
        let mut step = Step::default();
        created::by_command(command, &mut step);
        installers::by_command(command, place, &mut step);
        names::in_words(command, &mut step);
        self.add(stage, instruction, step);
    }

    /// Notes the functions that a script defines, and the commands it can do without.
    pub(crate) fn script(&mut self, stage: usize, instruction: usize, script: &ShellScript) {
        let mut step = Step::default();
        if let Ok(list) = &script.list {
            functions(list, &mut step.names);
        }
        script.visit(&mut |command, _| {
            let names = asked_for(command).into_iter().map(|name| (instruction, name));
            self.asked.extend(names);
        });
        self.add(stage, instruction, step);
    }

    /// Notes what an instruction other than a script brings: COPY, ADD, ENV, and the mounts of RUN.
    pub(crate) fn instruction(&mut self, stage: usize, index: usize, instruction: &Instruction) {
        let mut step = Step::default();
        match (instruction.keyword, &instruction.arguments) {
            (Keyword::Copy | Keyword::Add, _) => created::by_transfer(instruction, &mut step),
            (Keyword::Env | Keyword::Arg, Arguments::Pairs(pairs)) => {
                for value in pairs.iter().filter_map(|pair| pair.value.as_ref()) {
                    names::in_text(&value.text, &mut step);
                }
            }
            (Keyword::Run, _) => {
                let mounts = instruction.flags.iter().filter(|flag| flag.name == "mount");
                mounts
                    .filter_map(|flag| flag.value.as_ref())
                    .for_each(|value| created::by_mount(&value.text, &mut step));
            }
            _ => {}
        }
        self.add(stage, index, step);
    }

    fn add(&mut self, stage: usize, instruction: usize, step: Step) {
        for name in step.names.iter().filter(|name| !name.is_empty()) {
            self.made.add(stage, name, instruction);
        }
        for key in step.open {
            self.open.add(stage, key, instruction);
        }
    }

    /// Whether the script of an instruction looks whether `name` is there.
    pub(crate) fn is_asked_for(&self, instruction: usize, name: &str) -> bool {
        self.asked.contains(&(instruction, name.to_owned()))
    }

    /// Whether a step before installed what a file of the application lists.
    pub(crate) fn reads_a_list(&self, stages: &[StageModel], stage: usize) -> bool {
        self.open.first(stage, LIST).is_some() || self.open.below(stages, stage, LIST)
    }

    /// Whether a step before now makes a command of just that name.
    pub(crate) fn makes(&self, stages: &[StageModel], stage: usize, name: &str) -> bool {
        self.made.first(stage, name).is_some() || self.made.below(stages, stage, name)
    }

    /// Who may have made `name`, for which Wolfi has `packages`, before now.
    pub(crate) fn who(&self, stages: &[StageModel], stage: usize, name: &str, packages: &[String]) -> Made {
        let has = |all: &Installed, key: &str| all.first(stage, key).is_some() || all.below(stages, stage, key);
        let stem = names::without_version(name);
        // A link called `python` is no Python 3.6.
        let language = name.contains('.') && matches!(stem, "node" | "perl" | "php" | "python" | "ruby");
        if has(&self.made, name) || (stem != name && !language && has(&self.made, stem)) {
            return Made::Named;
        }
        let of_language = |key: &str| packages.iter().any(|package| package.starts_with(key));
        let by_language = installers::LANGUAGES.iter().any(|key| of_language(key) && has(&self.open, key));
        if by_language || has(&self.open, ANYTHING) { Made::Perhaps } else { Made::No }
    }
}

/// The names that `command -v`, `which`, `type` and `hash` look for.
fn asked_for(command: &SimpleCommand) -> Vec<String> {
    let operands = || command.args().iter().filter(|word| !word.text.starts_with('-'));
    let asks = match command.name().as_deref() {
        Some("which" | "type" | "hash") => true,
        Some("command") => command.args().first().is_some_and(|word| matches!(word.text.as_str(), "-v" | "-V")),
        _ => false,
    };
    operands().filter(|_| asks).filter_map(ShellWord::literal).collect()
}

/// The names of all functions defined in a list.
fn functions(list: &List, names: &mut Vec<String>) {
    for item in &list.items {
        let rest = item.and_or.rest.iter().map(|(_, _, pipeline)| pipeline);
        for command in std::iter::once(&item.and_or.first).chain(rest).flat_map(|pipeline| &pipeline.commands) {
            let Command::Compound(compound) = command else { continue };
            if compound.kind == CompoundKind::Function {
                names.extend(compound.name.clone());
            }
            for (_, inner) in compound.lists.iter().filter(|(role, _)| *role != ListRole::FunctionBody) {
                functions(inner, names);
            }
        }
    }
}
