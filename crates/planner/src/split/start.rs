//! What a container of the stage starts, word by word.

use std::collections::BTreeMap;

use text_size::TextRange;
use wolfify_syntax::shell::{AndOrOperator, Command, ShellScript};
use wolfify_syntax::{Arguments, CommandForm, Instruction, Keyword};

use super::path::base_name;
use crate::file::File;

/// ENTRYPOINT and CMD of a stage, taken together.
#[derive(Debug, Clone, Default)]
pub(super) struct Start {
    /// The ENTRYPOINT in force.
    pub(super) entrypoint: Option<usize>,
    /// The CMD in force; `None` when a shell-form ENTRYPOINT makes it void.
    pub(super) cmd: Option<usize>,
    /// The words of each, where it is one plain command.
    pub(super) words: BTreeMap<usize, Vec<String>>,
    /// Instructions that count for nothing: a later one takes their place, or the ENTRYPOINT's shell does not look at them.
    pub(super) void: Vec<usize>,
    /// Why a shell is needed to run it.
    pub(super) shell: Option<(TextRange, String)>,
    /// The start script of Red Hat's Java images is started, whose work is one call of `java`.
    pub(super) run_java: bool,
    /// Instructions whose words are to be written as an array.
    pub(super) rewritten: BTreeMap<usize, Vec<String>>,
}

impl Start {
    /// Reads the last ENTRYPOINT and CMD of a stage.
    pub(super) fn read(file: &File<'_>, stage: usize) -> Self {
        let last = |keyword| {
            let found = file.body(stage).rfind(|(_, instruction)| instruction.keyword == keyword);
            found.map(|(index, _)| index)
        };
        let (entrypoint, mut cmd) = (last(Keyword::Entrypoint), last(Keyword::Cmd));
        if entrypoint.is_some_and(|index| is_shell(file.instruction(index)) && !is_empty(file.instruction(index))) {
            cmd = None;
        }
        let says = |index: &usize| !is_empty(file.instruction(*index));
        let mut start = Self { entrypoint: entrypoint.filter(says), cmd: cmd.filter(says), ..Self::default() };
        let starts = file.body(stage).filter(|(_, own)| matches!(own.keyword, Keyword::Cmd | Keyword::Entrypoint));
        start.void =
            starts.map(|(index, _)| index).filter(|index| ![entrypoint, cmd].contains(&Some(*index))).collect();
        for index in start.instructions() {
            start.read_one(file, index);
        }
        start
    }

    /// The instructions in force, in the order of the words.
    pub(super) fn instructions(&self) -> Vec<usize> {
        self.entrypoint.into_iter().chain(self.cmd).collect()
    }

    fn read_one(&mut self, file: &File<'_>, index: usize) {
        let instruction = file.instruction(index);
        let Arguments::Command(form) = &instruction.arguments else { return };
        match form {
            CommandForm::Exec { strings, .. } => {
                let words: Vec<String> = strings.iter().map(|string| string.value.clone()).collect();
                if let Some(words) = of_run_java(file, index, &words) {
                    self.run_java = true;
                    self.words.insert(index, words.clone());
                    self.rewritten.insert(index, words);
                    return;
                }
                if !calls_shell(&words) {
                    self.words.insert(index, words);
                    return;
                }
                let nested = file.scripts[index].first().and_then(nested_operand);
                self.shell_text(index, instruction.range, nested);
            }
            CommandForm::Shell { .. } => self.shell_text(index, instruction.range, file.scripts[index].first()),
        }
    }

    fn shell_text(&mut self, index: usize, range: TextRange, script: Option<&ShellScript>) {
        match script.map(|script| simple_words(script, false)) {
            Some(Ok(words)) => {
                self.words.insert(index, words.clone());
                self.rewritten.insert(index, words);
            }
            Some(Err(reason)) => self.shell = self.shell.take().or(Some((range, reason))),
            None => self.shell = self.shell.take().or(Some((range, "it is a script for a shell".to_owned()))),
        }
    }

    /// All words, from ENTRYPOINT and CMD.
    pub(super) fn all(&self) -> Vec<String> {
        self.instructions().into_iter().filter_map(|index| self.words.get(&index)).flatten().cloned().collect()
    }

    /// Where the program proper stands, behind `dumb-init --` and the like: instruction and word.
    pub(super) fn program(&self) -> Option<(usize, usize)> {
        let places: Vec<(usize, usize)> = self
            .instructions()
            .into_iter()
            .flat_map(|index| (0..self.words.get(&index).map_or(0, Vec::len)).map(move |at| (index, at)))
            .collect();
        let word = |place: &(usize, usize)| self.words[&place.0][place.1].as_str();
        let mut at = 0;
        while let Some(place) = places.get(at) {
            if !crate::init_process::is_one(word(place)) && base_name(word(place)) != "exec" {
                return Some(*place);
            }
            at += 1;
            while places.get(at).is_some_and(|place| word(place).starts_with('-')) {
                at += 1;
            }
        }
        None
    }

    /// The program's name as written.
    pub(super) fn program_word(&self) -> Option<&str> {
        self.program().map(|(index, at)| self.words[&index][at].as_str())
    }

    /// The words behind the program.
    pub(super) fn arguments(&self) -> Vec<String> {
        let Some((index, at)) = self.program() else { return Vec::new() };
        let own = self.words[&index][at + 1..].iter().cloned();
        let later = self.instructions().into_iter().skip_while(|other| *other != index).skip(1);
        own.chain(later.filter_map(|index| self.words.get(&index)).flatten().cloned()).collect()
    }

    /// Puts `words` in the place of the program and what follows it, `count` words in all. Where those are the
    /// ENTRYPOINT's and the CMD's, the CMD keeps its share.
    pub(super) fn replace(&mut self, count: usize, words: &[&str]) {
        let Some((index, at)) = self.program() else { return };
        let behind: Vec<usize> = self.instructions().into_iter().skip_while(|other| *other != index).skip(1).collect();
        let Some(own) = self.words.get_mut(&index) else { return };
        let end = (at + count).min(own.len());
        let mut left = count - (end - at);
        let share = left.min(words.len().saturating_sub(1));
        let (here, there) = words.split_at(words.len() - share);
        own.splice(at..end, here.iter().map(|word| (*word).to_owned()));
        self.rewritten.insert(index, own.clone());
        let mut there: Vec<String> = there.iter().map(|word| (*word).to_owned()).collect();
        for index in behind {
            let Some(other) = self.words.get_mut(&index).filter(|_| left > 0) else { continue };
            let taken = left.min(other.len());
            left -= taken;
            let before = other.clone();
            other.splice(..taken, there.drain(..));
            if *other != before {
                self.rewritten.insert(index, other.clone());
            }
        }
    }
}

/// What `run-java.sh` of Red Hat's images starts, where the file names the archive (`JAVA_APP_JAR`).
fn of_run_java(file: &File<'_>, index: usize, words: &[String]) -> Option<Vec<String>> {
    let [script] = words else { return None };
    let scope = file.evaluation.scope_after(file.dockerfile.stage_of(index)?.instructions.end - 1);
    let jar = scope.get("JAVA_APP_JAR").value.text().map(str::to_owned)?;
    script.ends_with("/java/run/run-java.sh").then(|| vec!["java".to_owned(), "-jar".to_owned(), jar])
}

fn is_empty(instruction: &Instruction) -> bool {
    match &instruction.arguments {
        Arguments::Command(CommandForm::Exec { strings, .. }) => strings.is_empty(),
        Arguments::Command(CommandForm::Shell { range, .. }) => range.is_empty(),
        _ => false,
    }
}

/// Whether an instruction is in shell form.
fn is_shell(instruction: &Instruction) -> bool {
    matches!(&instruction.arguments, Arguments::Command(CommandForm::Shell { .. }))
}

/// Whether a command is a shell with a script in its words.
fn calls_shell(words: &[String]) -> bool {
    let shell = words.first().is_some_and(|word| matches!(base_name(word), "sh" | "bash" | "ash" | "dash"));
    shell && words.iter().skip(1).take_while(|word| word.starts_with('-')).any(|word| word.contains('c'))
}

fn nested_operand(script: &ShellScript) -> Option<&ShellScript> {
    let mut found = None;
    if let Ok(list) = &script.list
        && let Some(item) = list.items.first()
        && let Some(Command::Simple(command)) = item.and_or.first.commands.first()
    {
        found = command.nested.first().map(|nested| &nested.script);
    }
    found
}

/// The words of a script that is one plain command; else why a shell has to read it.
///
/// With `health`, an `|| exit 1` at the end is left out: any failure of a health check counts alike.
pub(super) fn simple_words(script: &ShellScript, health: bool) -> Result<Vec<String>, String> {
    let list = script.list.as_ref().map_err(|opaque| opaque.reason.clone())?;
    let several = || "it is made of several commands".to_owned();
    let [item] = &list.items[..] else { return Err(several()) };
    let exits = match &item.and_or.rest[..] {
        [] => true,
        [(AndOrOperator::Or, _, last)] if health => {
            matches!(&last.commands[..], [Command::Simple(command)] if command.name().as_deref() == Some("exit"))
        }
        _ => false,
    };
    let [Command::Simple(command)] = &item.and_or.first.commands[..] else { return Err(several()) };
    if !exits
        || item.and_or.first.bang.is_some()
        || item
            .separator
            .as_ref()
            .is_some_and(|(separator, _)| *separator == wolfify_syntax::shell::Separator::Ampersand)
    {
        return Err(several());
    }
    let discards = |redirect: &wolfify_syntax::shell::Redirect| {
        health && redirect.target.as_ref().is_none_or(|target| matches!(target.text.as_str(), "/dev/null" | "1" | "2"))
    };
    if !command.redirects.iter().all(discards) {
        return Err("it redirects output".to_owned());
    }
    if let Some(assignment) = command.assignments.first() {
        return Err(format!("it sets `{}`", assignment.name));
    }
    let words: Vec<String> = command
        .words
        .iter()
        .map(|word| word.literal().ok_or_else(|| format!("`{}` is only known when it runs", word.text)))
        .collect::<Result<_, _>>()?;
    match words.split_first() {
        Some((first, _)) if first.starts_with('[') => Err("it is an array that is not JSON".to_owned()),
        Some((first, rest)) if first == "exec" && !rest.is_empty() => Ok(rest.to_vec()),
        Some((first, _)) if matches!(first.as_str(), "cd" | "." | "source" | "export" | "set" | "eval" | "ulimit") => {
            Err(format!("`{first}` is part of the shell"))
        }
        Some(_) => Ok(words),
        None => Err("it is empty".to_owned()),
    }
}
