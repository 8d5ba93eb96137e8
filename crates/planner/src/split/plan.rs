//! What the planner decides about a stage, in lines and edits.

use std::collections::BTreeSet;

use text_size::TextSize;
use wolfify_edit::Edit;

use super::handover::Needless;
use crate::draft::Need;
use crate::rule::Rule;

/// The new stage and everything that changes around it.
#[derive(Debug)]
pub(crate) struct SplitPlan {
    /// The stage that becomes the builder.
    pub(crate) stage: usize,
    /// Something is built in it; else it is the runtime itself.
    pub(crate) builds: bool,
    /// The runtime's image below the registry.
    pub(crate) image: String,
    /// Its tag.
    pub(crate) tag: String,
    /// Where the new stage begins.
    pub(super) at: TextSize,
    /// Its lines behind FROM.
    pub(super) lines: Vec<String>,
    /// Lines for the builder.
    pub(super) builder_lines: Vec<BuilderLine>,
    /// A line before the start command: where, the instruction, the text, why.
    pub(super) start_line: Option<(TextSize, usize, String, String)>,
    /// Packages that the builder needs.
    pub(super) needs: Vec<Need>,
    /// Commands of RUNs that stay, which leave.
    pub(super) needless: Needless,
    /// RUNs that leave.
    pub(super) dissolved: BTreeSet<usize>,
    /// Those of them whose directories a stage before the runtime makes.
    pub(super) moved: BTreeSet<usize>,
    /// Those of them whose packages the runtime gets.
    pub(super) carried: BTreeSet<usize>,
    /// Start commands that change, with what is said about it.
    pub(super) starts: Vec<(usize, String)>,
    /// Other instructions that change.
    pub(super) changed: Vec<Changed>,
    /// All other edits.
    pub(super) edits: Vec<Edit>,
    /// What the new FROM has after its keyword, with a blank.
    pub(super) flags: String,
    /// The name of the new stage.
    pub(super) name: Option<String>,
    /// Directories that are made for the runtime's user.
    pub(super) owned_directories: Vec<String>,
    /// Remarks for the finding.
    pub(super) remarks: Vec<String>,
    pub(super) doubtful: bool,
}

/// An instruction that the runtime has in other words.
#[derive(Debug, Clone)]
pub(super) struct Changed {
    pub(super) instruction: usize,
    /// The rule whose matter it is.
    pub(super) rule: &'static Rule,
    pub(super) message: String,
    /// What is done about it.
    pub(super) title: &'static str,
}

/// A line that is put into the builder.
#[derive(Debug)]
pub(super) struct BuilderLine {
    /// Where.
    pub(super) at: TextSize,
    /// Without line ending.
    pub(super) text: String,
    /// The instruction it is put beside.
    pub(super) instruction: usize,
    /// The instruction it is for.
    pub(super) about: usize,
    /// What it does.
    pub(super) why: String,
    /// It goes before the instruction, not after.
    pub(super) before: bool,
}

impl BuilderLine {
    /// The variables that it sets.
    pub(super) fn variables(&self) -> impl Iterator<Item = String> + use<'_> {
        let words = self.text.split_whitespace();
        let sets = self.text.get(..4).is_some_and(|keyword| keyword.eq_ignore_ascii_case("env "));
        words.skip(1).filter_map(|word| Some(word.split_once('=')?.0.to_owned())).filter(move |_| sets)
    }

    /// Whether it runs a command.
    pub(super) fn runs(&self) -> bool {
        self.text.get(..4).is_some_and(|keyword| keyword.eq_ignore_ascii_case("run "))
    }
}
