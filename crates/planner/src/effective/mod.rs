//! What a container of a stage is like: its user, start command, working directory, environment, ports.
//!
//! [`before`] computes it on the images that the file names, [`after`] on the images that take their place; both follow
//! the same instructions by the rules of the Docker reference. [`start`] says what has to change so that the same
//! command is started.

#![allow(dead_code, unused_imports, reason = "the stage planner will ask for the rest")]

mod base;
mod compare;
mod exec_form;
mod start;
mod walk;

use std::rc::Rc;

pub(crate) use base::{BaseFacts, variant};
pub use compare::{Aspect, Difference, compare};
pub(crate) use exec_form::{broken_array, exec_form};
pub(crate) use start::{Run, Start, is_known_server, is_same_script, runs, same_program, start_on, start_shell};
pub(crate) use walk::{after, before, on_base};

/// A value and the instruction that set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting<T> {
    /// The value; `None` when it is not known.
    pub(crate) value: Option<T>,
    /// The instruction, perhaps of an earlier stage; `None` when it is the base image's.
    pub(crate) instruction: Option<usize>,
}

impl<T> Setting<T> {
    fn of_base(value: Option<T>) -> Self {
        Self { value, instruction: None }
    }

    fn of_instruction(value: Option<T>, instruction: usize) -> Self {
        Self { value, instruction: Some(instruction) }
    }
}

/// A start command as the image's configuration holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// The exec form.
    Exec(Vec<String>),
    /// The shell form: the words of SHELL and the text they are given.
    Shell {
        /// `/bin/sh -c`
        shell: Vec<String>,
        /// The script.
        text: String,
    },
}

impl Command {
    /// Nothing at all: `CMD []`, or an image without one.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Exec(words) if words.is_empty())
    }

    /// The words that the kernel gets.
    pub(crate) fn words(&self) -> Vec<String> {
        match self {
            Self::Exec(words) => words.clone(),
            Self::Shell { shell, text } => shell.iter().cloned().chain([text.clone()]).collect(),
        }
    }
}

/// A port, as far as the file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Port {
    /// The lowest and the highest number; `None` when a variable decides.
    pub(crate) numbers: Option<(u16, u16)>,
    /// The EXPOSE.
    pub(crate) instruction: usize,
}

/// What the configuration of a stage's image says in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effective {
    /// The image at the bottom.
    pub(crate) base: Rc<BaseFacts>,
    /// `USER`, group included, as Docker would keep it.
    pub(crate) user: Setting<String>,
    /// `WORKDIR`, always absolute.
    pub(crate) workdir: Setting<String>,
    /// `ENTRYPOINT`; an empty one is none.
    pub(crate) entrypoint: Setting<Command>,
    /// `CMD`; an empty one is none.
    pub(crate) cmd: Setting<Command>,
    /// `STOPSIGNAL`; empty for SIGTERM.
    pub(crate) stop_signal: Setting<String>,
    /// `HEALTHCHECK`; empty for none.
    pub(crate) healthcheck: Setting<Command>,
    /// The ports that this stage adds to those below it.
    pub(crate) ports: Vec<Port>,
    /// The volumes that this stage adds to those below it, with their instructions.
    pub(crate) volumes: Vec<Setting<String>>,
}

impl Effective {
    /// A container of the base image itself.
    fn of(base: BaseFacts) -> Self {
        let base = Rc::new(base);
        let known = |words: &[String]| base.known.then(|| Command::Exec(words.to_vec()));
        Self {
            user: Setting::of_base(base.user.clone()),
            workdir: Setting::of_base(base.known.then(|| base.workdir.clone())),
            entrypoint: Setting::of_base(known(&base.entrypoint)),
            cmd: Setting::of_base(known(&base.cmd)),
            stop_signal: Setting::of_base(base.known.then(|| base.stop_signal.clone())),
            healthcheck: Setting::of_base(base.known.then(|| Command::Exec(Vec::new()))),
            ports: Vec::new(),
            volumes: Vec::new(),
            base,
        }
    }

    /// Whether the container runs as root; `None` when that is not known.
    pub(crate) fn is_root(&self) -> Option<bool> {
        let user = self.user.value.as_deref()?;
        Some(matches!(user.split(':').next().unwrap_or_default(), "" | "root" | "0"))
    }
}

#[cfg(test)]
mod tests;
