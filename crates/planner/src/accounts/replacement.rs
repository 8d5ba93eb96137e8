//! The text that takes a command's place, and where it stands.

use wolfify_syntax::shell::{Redirect, SimpleCommand};

/// One command of a replacement: a simple command, a `{ …; }` group or a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandText {
    /// The text, without redirections of the command it replaces.
    pub text: String,
    /// Whether it is a pipeline of its own, which a redirection or another pipeline may only meet inside braces.
    pub is_pipeline: bool,
}

impl CommandText {
    pub(crate) fn command(text: String) -> Self {
        Self { text, is_pipeline: false }
    }

    pub(crate) fn pipeline(text: String) -> Self {
        Self { text, is_pipeline: true }
    }
}

/// What is around the replaced command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The operator right before its pipeline is `||`.
    pub after_or: bool,
    /// It is one of several commands of a pipeline, or its pipeline begins with `!`.
    pub in_pipeline: bool,
    /// Its pipeline is the last (or only one) of the and-or list, so `set -e` looks at its status.
    pub last: bool,
    /// Its pipeline is the only one of its and-or list.
    pub alone: bool,
    /// `set -e` is in force.
    pub errexit: bool,
}

/// Commands that take the place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// In order; each runs only when those before it succeeded. Assignments and wrappers (`sudo`) of the replaced
    /// command are in them, its redirections are not.
    pub commands: Vec<CommandText>,
    /// Differences and guesses worth telling, one sentence each.
    pub notes: Vec<String>,
    /// A login shell that the user gets and the image lacks (`/bin/bash`).
    pub login_shell: Option<String>,
}

impl Replacement {
    /// The text for the whole span of `command`, redirections included, fit for its surroundings.
    ///
    /// A here-document's body is not part of the span and stays where it is.
    #[must_use]
    pub fn text(&self, command: &SimpleCommand, surroundings: Surroundings) -> String {
        let redirects: Vec<String> = command.redirects.iter().map(redirect_text).collect();
        self.joined(&redirects.join(" "), surroundings)
    }

    /// The commands as one text, with `redirects` applied to all of them.
    #[must_use]
    pub fn joined(&self, redirects: &str, surroundings: Surroundings) -> String {
        // Under `set -e` the left side of `&&` may fail unnoticed; a list may not.
        let list = surroundings.errexit && surroundings.last && !surroundings.in_pipeline;
        let separator = if list { "; " } else { " && " };
        let texts: Vec<&str> = self.commands.iter().map(|command| command.text.as_str()).collect();
        let joined = texts.join(separator);
        if !self.needs_braces(redirects, surroundings, list) {
            return [joined.as_str(), redirects].join(" ").trim_end().to_owned();
        }
        format!("{{ {joined}; }} {redirects}").trim_end().to_owned()
    }

    fn needs_braces(&self, redirects: &str, surroundings: Surroundings, list: bool) -> bool {
        match self.commands.as_slice() {
            [] => false,
            [only] => only.is_pipeline && (surroundings.in_pipeline || !redirects.is_empty()),
            _ => {
                surroundings.after_or
                    || surroundings.in_pipeline
                    || !redirects.is_empty()
                    || (list && !surroundings.alone)
            }
        }
    }

    /// Whether the text may stand inside the quoted operand of a `sh -c` without a second look.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let plain = |c: char| c == ' ' || super::value::is_plain_char(c);
        self.commands.len() == 1 && self.commands.iter().all(|command| command.text.chars().all(plain))
    }
}

fn redirect_text(redirect: &Redirect) -> String {
    let fd = redirect.fd.map(|fd| fd.to_string()).unwrap_or_default();
    let target = redirect.target.as_ref().map_or("", |target| target.text.as_str());
    format!("{fd}{}{target}", redirect.operator)
}
