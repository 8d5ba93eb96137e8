//! How far a run has come, for people who watch.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::output::Talk;

/// Fewer files are done before anybody could read it.
const FEW: usize = 100;

/// One line on stderr, on a terminal only: how many files of how many, how fast, how long still.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    /// The result goes to the same terminal, so the line has to make way for it.
    shared: bool,
}

impl Progress {
    /// The line for `files` files; nothing when nobody sees it.
    pub(crate) fn new(files: usize, talk: Talk, to_stdout: bool) -> Self {
        let shared = to_stdout && std::io::stdout().is_terminal();
        if talk.quiet || files < FEW || !std::io::stderr().is_terminal() {
            return Self { bar: None, shared };
        }
        let bar = ProgressBar::with_draw_target(Some(files as u64), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{pos}/{len} files, {rate}/s, {eta} left {wide_bar}");
        let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| _ = write!(out, "{:.0}", state.per_sec());
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).with_key("rate", rate));
        Self { bar: Some(bar), shared }
    }

    /// One more file is done; `speak` says and prints what there is about it, and `talks` and `prints` say whether it
    /// will.
    pub(crate) fn step<T>(&self, talks: bool, prints: bool, speak: impl FnOnce() -> T) -> T {
        let Some(bar) = &self.bar else { return speak() };
        bar.inc(1);
        if talks || (prints && self.shared) { bar.suspend(speak) } else { speak() }
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
