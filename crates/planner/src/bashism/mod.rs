//! What bash or dash did in a script and BusyBox's ash does not, or does differently.
//!
//! Wolfi's `/bin/sh` is ash. Every judgement was tried on ash 1.37 and 1.38 next to bash 5.2 and dash 0.5.12; a rewrite
//! is given only where both sides printed the same and left the same files.

mod brace;
mod builtins;
mod compound;
mod file;
mod place;
mod walk;
mod words;

#[cfg(test)]
mod facts_tests;

use wolfify_syntax::Span;
use wolfify_syntax::shell::ShellScript;

pub(crate) use file::interpreter;
pub use file::{Interpreter, ScriptFile, check_file};

/// The shell that a script was written for: what `/bin/sh` or SHELL is in the original image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash, or `/bin/sh` of Fedora, CentOS, UBI.
    Bash,
    /// `/bin/sh` of Debian and Ubuntu.
    Dash,
    /// `/bin/sh` of Alpine and Wolfi.
    Ash,
}

/// What ash makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A syntax error, an unknown command or an unknown option.
    Error,
    /// It runs and does something else.
    Silent,
}

/// A place where ash does not do what the original shell did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bashism {
    /// Where.
    pub span: Span,
    /// What, for a person: `arrays`, `${x^^}`, `echo with \t`.
    pub feature: String,
    /// What ash makes of it.
    pub effect: Effect,
    /// Changes of the text, in order and apart from each other, after which ash does the same. They suit ash; for bash
    /// the text may then mean something else.
    pub rewrite: Option<Vec<TextChange>>,
}

/// A piece of source text and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextChange {
    /// The piece; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// Finds what ash does not do the way `was` did, in order of appearance.
///
/// Scripts that name their own shell (`bash -c '…'`) are left out: that shell reads them on Wolfi as well. A script
/// without a tree has no findings; see [`ShellScript::opaque`].
#[must_use]
pub fn check(script: &ShellScript, was: Shell) -> Vec<Bashism> {
    let mut found = match was {
        Shell::Ash => Vec::new(),
        Shell::Bash | Shell::Dash => walk::walk(script, was),
    };
    found.sort_by_key(|bashism| (bashism.span.range.start(), bashism.span.range.end()));
    found
}
