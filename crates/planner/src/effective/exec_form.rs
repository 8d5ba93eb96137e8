//! The exec form of a shell-form command.

use wolfify_syntax::shell::{Command, ShellScript, ShellWord, SimpleCommand, WordPart};

/// Names that only a shell knows; as the first word of an exec form nothing would be found.
const BUILTINS: &[&str] = &[
    ".", ":", "alias", "bg", "break", "cd", "command", "continue", "declare", "disown", "eval", "exit", "export", "fg",
    "getopts", "hash", "jobs", "let", "local", "popd", "pushd", "read", "readonly", "return", "set", "shift", "shopt",
    "source", "times", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset", "wait",
];

/// The words of a script that is one plain command, so that no shell is needed to start it.
///
/// # Errors
///
/// What the shell is needed for, as a noun.
pub(crate) fn exec_form(script: &ShellScript) -> Result<Vec<String>, &'static str> {
    let list = script.list.as_ref().map_err(|_| "a script that cannot be read")?;
    let [item] = &list.items[..] else { return Err("several commands") };
    if item.separator.is_some() {
        return Err("`;` or `&`");
    }
    if !item.and_or.rest.is_empty() {
        return Err("`&&` or `||`");
    }
    let pipeline = &item.and_or.first;
    match &pipeline.commands[..] {
        [Command::Simple(command)] if pipeline.bang.is_none() => words(command),
        [Command::Simple(_)] => Err("`!`"),
        [Command::Compound(_)] => Err("a compound command"),
        _ => Err("a pipe"),
    }
}

/// The first word of a command that was meant to be an array: `['npm',` of `['npm', 'start']`, as the shell takes it.
pub(crate) fn broken_array(script: &ShellScript) -> Option<String> {
    let list = script.list.as_ref().ok()?;
    let Command::Simple(command) = list.items.first()?.and_or.first.commands.first()? else { return None };
    let word = command.words.first()?;
    is_broken_array(&word.text).then(|| word.text.clone())
}

/// `[` alone is the command `test`.
pub(crate) fn is_broken_array(word: &str) -> bool {
    word.starts_with('[') && !matches!(word, "[" | "[[")
}

fn words(command: &SimpleCommand) -> Result<Vec<String>, &'static str> {
    if !command.redirects.is_empty() {
        return Err("a redirection");
    }
    if !command.assignments.is_empty() {
        return Err("a variable set for the command");
    }
    let mut words = Vec::with_capacity(command.words.len());
    for word in &command.words {
        words.push(literal(word)?);
    }
    // The shell of a start command has nothing left to do anyway.
    while words.len() > 1 && words[0] == "exec" {
        if words[1].starts_with('-') {
            return Err("options of `exec`");
        }
        words.remove(0);
    }
    match words.first() {
        None => Err("an empty command"),
        Some(name) if is_broken_array(name) => Err("an array that is not JSON"),
        Some(name) if BUILTINS.contains(&name.as_str()) => Err("a command of the shell's own"),
        Some(_) => Ok(words),
    }
}

fn literal(word: &ShellWord) -> Result<String, &'static str> {
    let mut text = String::new();
    for part in &word.parts {
        match part {
            WordPart::Literal { text: literal, .. } => text.push_str(literal),
            WordPart::Parameter { .. } => return Err("a variable"),
            WordPart::CommandSubstitution { .. } | WordPart::Process => return Err("the output of a command"),
            WordPart::Arithmetic => return Err("arithmetic"),
            WordPart::Glob(_) | WordPart::Brace(_) => return Err("a file name pattern"),
            WordPart::Tilde(_) => return Err("`~`"),
        }
    }
    Ok(text)
}
