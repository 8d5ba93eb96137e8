//! Which scripts a command calls, and the directory it is called in.

use wolfify_syntax::shell::{CommandContext, ShellScript, ShellWord, SimpleCommand};

use crate::accounts::runs_for_certain;
use crate::bashism::Interpreter;
use crate::path::absolute;

/// A word that names a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// Index into the command's words.
    pub(super) word: usize,
    /// The path as it stands there.
    pub(super) path: String,
    /// The shell before it (`bash x.sh`); `None` where the file's first line decides.
    pub(super) interpreter: Option<Interpreter>,
}

/// Calls `visitor` for every simple command with the directory it runs in: the one it starts in, or where a `cd` before
/// it went; `None` when that is not static.
pub(super) fn visit_in_directory<'s>(
    script: &'s ShellScript,
    workdir: Option<&str>,
    visitor: &mut dyn FnMut(&'s SimpleCommand, Option<&str>),
) {
    let mut directory = workdir.map(str::to_owned);
    script.visit(&mut |command, place| {
        visitor(command, directory.as_deref());
        if command.name().as_deref() == Some("cd") {
            directory = after_cd(command, place, directory.as_deref(), workdir);
        }
    });
}

/// Where `cd` leads. Inside a subshell, a function or a condition nobody follows it.
fn after_cd(
    command: &SimpleCommand,
    place: &CommandContext,
    directory: Option<&str>,
    start: Option<&str>,
) -> Option<String> {
    if !runs_for_certain(place) || place.depth > 0 || place.pipeline_len > 1 {
        return None;
    }
    let mut operands = command.args().iter().filter(|word| !matches!(word.text.as_str(), "-P" | "-L" | "--"));
    let path = operands.next().and_then(ShellWord::literal)?;
    match (path.as_str(), directory) {
        ("-", _) => start.map(str::to_owned),
        (path, _) if path.starts_with('/') => Some(absolute("/", path)),
        (path, Some(directory)) => Some(absolute(directory, path)),
        _ => None,
    }
}

/// The script a command calls: `./install.sh`, `sh -e install.sh`, `. ./env.sh`, or a name to be found in PATH.
pub(super) fn script_called(command: &SimpleCommand) -> Option<Call> {
    let at = command.name_index;
    let path = command.words.get(at)?.literal()?;
    let name = path.rsplit('/').next().unwrap_or(&path);
    let interpreter = match name {
        "sh" | "ash" | "dash" => Interpreter::Sh,
        "bash" | "rbash" => Interpreter::Bash,
        "." | "source" => return operand(command, at + 1, None),
        _ => return Some(Call { word: at, path, interpreter: None }),
    };
    let mut next = at + 1;
    while let Some(option) = command.words.get(next).map(|word| word.text.as_str()) {
        if !option.starts_with(['-', '+']) {
            return operand(command, next, Some(interpreter));
        }
        // The script is a word or comes from standard input.
        if !option.starts_with("--") && option.contains(['c', 's']) {
            return None;
        }
        next += 1 + usize::from(matches!(option, "-o" | "+o" | "-O" | "+O" | "--rcfile" | "--init-file"));
        next += usize::from(option.len() > 2 && !option.starts_with("--") && option.ends_with('o'));
    }
    None
}

fn operand(command: &SimpleCommand, word: usize, interpreter: Option<Interpreter>) -> Option<Call> {
    let path = command.words.get(word)?.literal()?;
    // A script named after a shell, or sourced, is not looked up in PATH alone.
    let path = if path.contains('/') { path } else { format!("./{path}") };
    Some(Call { word, path, interpreter })
}

#[cfg(test)]
mod tests {
    use wolfify_syntax::shell::{Dialect, parse_script};
    use wolfify_syntax::{SourceMap, TextSize};

    use super::*;

    fn calls(text: &str) -> Vec<(String, Option<String>)> {
        let map = SourceMap::identity(0.into(), TextSize::of(text));
        let script = parse_script(text, &map, Dialect::Sh);
        let mut found = Vec::new();
        visit_in_directory(&script, Some("/w"), &mut |command, directory| {
            found.extend(script_called(command).map(|call| (call.path, directory.map(str::to_owned))));
        });
        found
    }

    #[test]
    fn scripts_by_path_by_shell_and_by_source() {
        let found = calls("./a.sh && sh -eu b.sh x && bash -o pipefail /c.sh && . ./d && sh -c 'true'");
        let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["./a.sh", "./b.sh", "/c.sh", "./d", "true"]);
    }

    #[test]
    fn the_directory_follows_cd() {
        let found = calls("cd x && ./a.sh; cd /y; ./b.sh; (cd z && ./c.sh); ./d.sh");
        let places: Vec<(&str, Option<&str>)> = found
            .iter()
            .filter(|(path, _)| path != "cd")
            .map(|(path, place)| (path.as_str(), place.as_deref()))
            .collect();
        assert_eq!(places, [("./a.sh", Some("/w/x")), ("./b.sh", Some("/y")), ("./c.sh", None), ("./d.sh", None)]);
    }
}
