//! What a container starts, and what starts the same on another image.

use crate::path::file_name;
use wolfify_mappings::EntrypointKind;

use super::{BaseFacts, Command, Effective};

/// What a container starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Run {
    /// A program with its arguments.
    Words(Vec<String>),
    /// A script.
    Shell {
        /// `/bin/sh -c`
        shell: Vec<String>,
        /// The script.
        text: String,
    },
    /// Nothing: such an image only serves as a base.
    Nothing,
    /// Something that the tables or the file do not tell.
    Unknown,
}

/// What a stage has to say so that a command is started.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Start {
    /// `ENTRYPOINT`; `None` to leave the image's own. With neither this nor a CMD the image starts the same by itself.
    pub(crate) entrypoint: Option<Vec<String>>,
    /// `CMD`; `None` for the image's own, or none at all where an ENTRYPOINT is written.
    pub(crate) cmd: Option<Vec<String>>,
}

/// Servers that are the entrypoint of their image: their arguments are the CMD.
const SERVERS: &[&str] = &[
    "catalina.sh",
    "haproxy",
    "httpd",
    "mariadbd",
    "memcached",
    "mongod",
    "nginx",
    "postgres",
    "rabbitmq-server",
    "redis-server",
    "valkey-server",
];

/// What the container runs once the entrypoint scripts of official images have done their part.
pub(crate) fn runs(effective: &Effective) -> Run {
    let (Some(entrypoint), Some(cmd)) = (&effective.entrypoint.value, &effective.cmd.value) else {
        return Run::Unknown;
    };
    let base = &effective.base;
    let own = effective.entrypoint.instruction.is_some();
    if entrypoint.is_empty() || passes_on(base, entrypoint) || (!own && is_script(base)) {
        return passed_on(base, cmd, !entrypoint.is_empty());
    }
    match entrypoint {
        Command::Exec(words) => Run::Words(words.iter().cloned().chain(cmd.words()).collect()),
        // The shell gets the CMD as its positional parameters, which such a script does not look at.
        Command::Shell { shell, text } => Run::Shell { shell: shell.clone(), text: text.clone() },
    }
}

/// Whether the image's own entrypoint is a script that starts what it is given.
fn is_script(base: &BaseFacts) -> bool {
    matches!(base.entrypoint_kind, EntrypointKind::Wrapper | EntrypointKind::Setup)
}

/// Whether an ENTRYPOINT of the file names the image's own entrypoint script.
fn passes_on(base: &BaseFacts, entrypoint: &Command) -> bool {
    match entrypoint {
        Command::Exec(words) => is_script(base) && words.len() == 1 && is_same_script(&words[0], &base.entrypoint[0]),
        Command::Shell { .. } => false,
    }
}

fn passed_on(base: &BaseFacts, cmd: &Command, by_script: bool) -> Run {
    match cmd {
        Command::Shell { shell, text } => Run::Shell { shell: shell.clone(), text: text.clone() },
        Command::Exec(words) => match (words.first(), base.cmd.first()) {
            (None, _) => Run::Nothing,
            (Some(first), _) if by_script && takes(&base.program, first) => {
                Run::Words(base.program.iter().take(1).chain(words).cloned().collect())
            }
            // `docker-entrypoint.sh -c fsync=off` and `docker-entrypoint.sh server.js` put the program before.
            (Some(first), Some(program)) if by_script && is_argument(first) => {
                Run::Words([program.clone()].into_iter().chain(words.iter().cloned()).collect())
            }
            (Some(_), _) => Run::Words(words.clone()),
        },
    }
}

/// Whether an entrypoint script hands a first word to its program: `run` of Deno's, or an option.
fn takes(program: &[String], first: &String) -> bool {
    program.split_first().is_some_and(|(_, verbs)| first.starts_with('-') || verbs.contains(first))
}

/// A first word that entrypoint scripts take for an argument of their program.
fn is_argument(word: &str) -> bool {
    let script = [".js", ".mjs", ".cjs", ".ts", ".conf"].iter().any(|ending| word.ends_with(ending));
    word.starts_with('-') || (script && !word.starts_with('/'))
}

/// How `words` are started on `target`.
pub(crate) fn start_on(words: &[String], target: &BaseFacts) -> Start {
    let Some((first, arguments)) = words.split_first() else { return Start::default() };
    let as_cmd = |cmd: &[String]| Start { entrypoint: None, cmd: Some(cmd.to_vec()) };
    let as_entrypoint = || Start { entrypoint: Some(words.to_vec()), cmd: None };
    match &target.entrypoint[..] {
        [] => as_cmd(words),
        // A service bundle: it starts php-fpm itself and takes no command.
        [program, _] if file_name(program) == "s6-svscan" && file_name(first) == "php-fpm" => Start::default(),
        [_] if target.entrypoint_kind == EntrypointKind::Setup => as_cmd(words),
        [program] | [_, program] if is_server(program, first) && is_part(arguments, &target.cmd) => Start::default(),
        [program] | [_, program] if is_server(program, first) && !arguments.is_empty() => as_cmd(arguments),
        [program] | [_, program] if is_server(program, first) && target.cmd.is_empty() => Start::default(),
        _ => as_entrypoint(),
    }
}

/// Whether the old image's own entrypoint is the program that the new one's is: its arguments stay as they are.
pub(crate) fn same_program(effective: &Effective, target: &BaseFacts) -> bool {
    let base = &effective.base;
    let stem = |path: &'_ str| file_name(path).trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').to_owned();
    let ([own], [new]) = (&base.entrypoint[..], &target.entrypoint[..]) else { return false };
    effective.entrypoint.instruction.is_none()
        && base.entrypoint_kind == EntrypointKind::Program
        && target.entrypoint_kind == EntrypointKind::Program
        && stem(own) == stem(new)
}

/// Whether an image's own CMD says the same: `-g "daemon off;"` stands in that of nginx, beside where errors go.
fn is_part(arguments: &[String], cmd: &[String]) -> bool {
    !arguments.is_empty() && cmd.windows(arguments.len()).any(|part| part == arguments)
}

/// Whether a program is a server that images start by themselves.
pub(crate) fn is_known_server(name: &str) -> bool {
    SERVERS.contains(&name)
}

/// Whether a command calls the server that an image's entrypoint is.
fn is_server(entrypoint: &str, command: &str) -> bool {
    let (entrypoint, command) = (file_name(entrypoint), file_name(command));
    let command = if command == "mysqld" { "mariadbd" } else { command };
    entrypoint == command && SERVERS.contains(&entrypoint)
}

/// Whether two paths may mean one script: the same name, in a directory of the PATH.
pub(crate) fn is_same_script(a: &str, b: &str) -> bool {
    file_name(a) == file_name(b) && [a, b].iter().all(|path| !path.contains('/') || path.starts_with("/usr/local/bin/"))
}

/// Why starting `words` needs a shell, as a clause; `None` when it needs none as far as the words tell.
pub(crate) fn start_shell(words: &[String]) -> Option<String> {
    let first = words.iter().position(|word| !is_launcher(word))?;
    let name = file_name(&words[first]);
    if matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh") {
        return Some(format!("the start command is run by `{name}`"));
    }
    let is_script = [".sh", ".bash"].iter().any(|ending| name.ends_with(ending));
    is_script.then(|| format!("`{}` is a shell script", words[first]))
}

/// A program that only starts what stands behind it.
fn is_launcher(word: &str) -> bool {
    matches!(file_name(word), "exec" | "tini" | "dumb-init" | "gosu" | "su-exec" | "--" | "-g")
}
