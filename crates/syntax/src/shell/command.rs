//! What a simple command really runs: behind `sudo` and the like, and inside `sh -c`.

use std::ops::Range;

use crate::shell::ast::{Dialect, Nested, NestedKind, ShellWord, SimpleCommand};
use crate::shell::parser::{Parser, Piece};
use crate::shell::script::nested_script;
use crate::shell::text::TextBuilder;
use crate::shell::wrapper;

impl SimpleCommand {
    /// The name of the command proper, behind all wrappers and without its directory; `None` when it is not static.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        self.words.get(self.name_index).and_then(base_name)
    }

    /// The words after the name.
    #[must_use]
    pub fn args(&self) -> &[ShellWord] {
        self.words.get(self.name_index + 1..).unwrap_or_default()
    }
}

/// The static value of a word without directories.
pub(super) fn base_name(word: &ShellWord) -> Option<String> {
    let value = word.literal()?;
    Some(value.rsplit('/').next().unwrap_or_default().to_owned())
}

/// The value of a word as far as it decides whether the word is an option.
pub(super) fn option_text(word: &ShellWord) -> String {
    word.literal().unwrap_or_else(|| word.text.trim_start_matches(['"', '\'']).to_owned())
}

/// Words that are a script for a shell of the given dialect; several are joined by blanks.
#[derive(Debug)]
pub(super) struct ScriptOperand {
    pub(super) words: Range<usize>,
    pub(super) dialect: Option<Dialect>,
}

/// How a shell was called.
struct ShellCall {
    dialect: Dialect,
    /// The word after `-c`.
    script: Option<usize>,
    /// Whether the script comes from standard input.
    input: bool,
}

fn shell_dialect(name: &str) -> Option<Dialect> {
    match name {
        "sh" | "ash" | "dash" => Some(Dialect::Sh),
        "bash" | "rbash" => Some(Dialect::Bash),
        _ => None,
    }
}

fn shell_call(words: &[ShellWord], name_index: usize) -> Option<ShellCall> {
    let dialect = shell_dialect(&words.get(name_index).and_then(base_name)?)?;
    let mut at = name_index + 1;
    let mut script = false;
    let mut input = false;
    while let Some(word) = words.get(at) {
        let option = option_text(word);
        if !option.starts_with(['-', '+']) {
            break;
        }
        at += 1;
        match option.as_str() {
            "-" | "--" => break,
            "--rcfile" | "--init-file" => at += 1,
            long if long.starts_with("--") => {}
            short => {
                script |= short.contains('c') && short.starts_with('-');
                input |= short.contains('s');
                at += short.matches(['o', 'O']).count();
            }
        }
    }
    let input = !script && (input || at >= words.len());
    Some(ShellCall { dialect, script: (script && at < words.len()).then_some(at), input })
}

/// The dialect of the shell that reads its script from standard input.
pub(super) fn reads_script_from_input(command: &SimpleCommand) -> Option<Dialect> {
    shell_call(&command.words, command.name_index).filter(|call| call.input).map(|call| call.dialect)
}

/// The words of a command that are a script.
pub(super) fn script_operand(words: &[ShellWord], name_index: usize) -> Option<ScriptOperand> {
    let name = words.get(name_index).and_then(base_name)?;
    let one =
        |index: usize, dialect| (index < words.len()).then_some(ScriptOperand { words: index..index + 1, dialect });
    match name.as_str() {
        "eval" => {
            let first = name_index + 1;
            (first < words.len()).then_some(ScriptOperand { words: first..words.len(), dialect: None })
        }
        "trap" => {
            let action = words.get(name_index + 1)?.literal()?;
            let plain = action.starts_with('-') || !action.contains(' ');
            if plain { None } else { one(name_index + 1, None) }
        }
        "su" | "runuser" | "sg" => one(su_command(words, name_index)?, Some(Dialect::Sh)),
        "scl" if words.len() > name_index + 3 => one(words.len() - 1, Some(Dialect::Bash)),
        "find" => {
            let exec =
                words.iter().skip(name_index).position(|word| matches!(word.text.as_str(), "-exec" | "-execdir"))?;
            let call = shell_call(words, name_index + exec + 1)?;
            one(call.script?, Some(call.dialect))
        }
        _ => {
            let call = shell_call(words, name_index)?;
            one(call.script?, Some(call.dialect))
        }
    }
}

/// The index of the operand of `su … -c`.
fn su_command(words: &[ShellWord], name_index: usize) -> Option<usize> {
    let mut at = name_index + 1;
    while let Some(word) = words.get(at) {
        let option = option_text(word);
        at += 1;
        match option.as_str() {
            "--" => return None,
            "-c" | "--command" | "--session-command" => return Some(at),
            "-s" | "-g" | "-G" | "-w" | "-u" | "--shell" | "--group" | "--user" => at += 1,
            short if short.starts_with('-') && !short.starts_with("--") && short.ends_with('c') => return Some(at),
            _ => {}
        }
    }
    None
}

impl Parser<'_> {
    /// Finds the wrappers of a command and the script among its words.
    pub(super) fn look_inside(&self, command: &mut SimpleCommand, ranges: &[Range<usize>], pieces: &[Piece]) {
        wrapper::find(command);
        let Some(operand) = script_operand(&command.words, command.name_index) else { return };
        let mut value = TextBuilder::default();
        for (position, index) in operand.words.clone().enumerate() {
            if position > 0 {
                value.insert(" ");
            }
            value.append(self.decode(&pieces[ranges[index].clone()]));
        }
        let dialect = operand.dialect.as_ref().unwrap_or(self.dialect);
        let script = nested_script(value, dialect, self.depth);
        command.nested.push(Nested { kind: NestedKind::Operand(operand.words.start), script });
    }
}
