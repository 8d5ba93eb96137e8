//! Commands that run another command: `sudo`, `env`, `exec`, `xargs`, …

use crate::shell::ast::{ShellWord, SimpleCommand, Wrapper};
use crate::shell::command::{base_name, option_text};

/// The arguments of a wrapper before the command it runs.
struct Wrapping {
    names: &'static [&'static str],
    /// Short options with a value in the same or the next word.
    short: &'static str,
    /// Long options with a value in the next word.
    long: &'static [&'static str],
    /// Operands before the command.
    operands: usize,
    /// Short options that make it something else than a wrapper.
    never: &'static str,
}

const PLAIN: Wrapping = Wrapping { names: &[], short: "", long: &[], operands: 0, never: "" };

/// From the manual pages of sudo, coreutils, util-linux, findutils, BusyBox and the tools themselves.
const WRAPPINGS: [Wrapping; 19] = [
    Wrapping {
        names: &["sudo"],
        short: "ughpCrtTUDR",
        long: &["user", "group", "host", "prompt", "close-from", "role", "type", "chdir", "chroot", "other-user"],
        never: "lvVe",
        ..PLAIN
    },
    Wrapping { names: &["env"], short: "uC", long: &["unset", "chdir"], never: "S", ..PLAIN },
    Wrapping { names: &["exec"], short: "a", ..PLAIN },
    Wrapping { names: &["command"], never: "vV", ..PLAIN },
    Wrapping {
        names: &[
            "builtin",
            "nohup",
            "eatmydata",
            "setsid",
            "catchsegv",
            "fakeroot",
            "linux32",
            "linux64",
            "unbuffer",
            "dumb-init",
            "busybox",
            "chronic",
            "noglob",
            "dbus-run-session",
        ],
        ..PLAIN
    },
    Wrapping { names: &["time"], short: "fo", long: &["format", "output"], ..PLAIN },
    Wrapping { names: &["nice"], short: "n", long: &["adjustment"], ..PLAIN },
    Wrapping { names: &["timeout"], short: "sk", long: &["signal", "kill-after"], operands: 1, ..PLAIN },
    Wrapping {
        names: &["xargs"],
        short: "adEILnPs",
        long: &["arg-file", "delimiter", "max-lines", "max-args", "max-procs", "max-chars", "process-slot-var"],
        ..PLAIN
    },
    Wrapping { names: &["gosu", "su-exec", "faketime", "setarch"], operands: 1, ..PLAIN },
    Wrapping { names: &["doas"], short: "uC", never: "Ls", ..PLAIN },
    Wrapping { names: &["chroot"], long: &["userspec", "groups"], operands: 1, ..PLAIN },
    Wrapping { names: &["stdbuf"], short: "ioe", long: &["input", "output", "error"], ..PLAIN },
    Wrapping { names: &["ionice"], short: "cnpPu", long: &["class", "classdata"], ..PLAIN },
    Wrapping { names: &["retry"], short: "tdmb", long: &["times", "delay", "tries", "max", "min"], ..PLAIN },
    Wrapping {
        names: &["xvfb-run"],
        short: "efnpsw",
        long: &["error-file", "auth-file", "server-num", "server-args"],
        ..PLAIN
    },
    Wrapping { names: &["tini"], short: "pe", ..PLAIN },
    Wrapping { names: &["taskset"], operands: 1, never: "p", ..PLAIN },
    Wrapping { names: &["flock"], short: "wE", long: &["timeout", "wait"], operands: 1, never: "cu" },
];

/// Fills in `wrappers` and `name_index`.
pub(super) fn find(command: &mut SimpleCommand) {
    let mut at = 0;
    while let Some(next) = command_after(&command.words, at) {
        let name = base_name(&command.words[at]).unwrap_or_default();
        command.wrappers.push(Wrapper { name, words: at..next });
        at = next;
    }
    command.name_index = at;
}

/// The index of the command that the wrapper at `at` runs; `None` when there is no wrapper, or nothing for it to run.
fn command_after(words: &[ShellWord], at: usize) -> Option<usize> {
    let name = base_name(words.get(at)?)?;
    let wrapping = WRAPPINGS.iter().find(|wrapping| wrapping.names.contains(&name.as_str()))?;
    let mut next = at + 1;
    let mut operands = wrapping.operands;
    let mut options = true;
    while let Some(word) = words.get(next) {
        let text = option_text(word);
        if options && text == "--" {
            options = false;
            next += 1;
        } else if options && text.starts_with('-') {
            next += option_words(&text, wrapping)?;
        } else if is_setting(&name, &text) {
            next += 1;
        } else if operands > 0 {
            operands -= 1;
            next += 1;
        } else {
            return Some(next);
        }
    }
    None
}

/// How many words an option takes; `None` when it makes the command no wrapper.
fn option_words(option: &str, wrapping: &Wrapping) -> Option<usize> {
    if let Some(long) = option.strip_prefix("--") {
        return Some(if wrapping.long.contains(&long) { 2 } else { 1 });
    }
    for (place, letter) in option.char_indices().skip(1) {
        if wrapping.never.contains(letter) {
            return None;
        }
        if wrapping.short.contains(letter) {
            return Some(if place + letter.len_utf8() == option.len() { 2 } else { 1 });
        }
    }
    Some(1)
}

/// Whether an operand is a setting of the wrapper, not the command: `A=b` for `env`, a count for `retry`.
fn is_setting(wrapper: &str, text: &str) -> bool {
    match wrapper {
        "env" | "sudo" => is_assignment(text),
        "retry" => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}
