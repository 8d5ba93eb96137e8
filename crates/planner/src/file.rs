//! The file as rules see it: the parsed Dockerfile with its scripts and stage models.

use std::cell::OnceCell;

use text_size::{TextRange, TextSize};
use wolfify_mappings::{ImageTarget, Mappings, Tier};
use wolfify_syntax::shell::ShellScript;
use wolfify_syntax::{Dockerfile, Evaluation, Instruction, Keyword, Newline};

use crate::context::BuildContext;
use crate::context_files::ContextFiles;
use crate::effective::Effective;
use crate::lineage::{BaseStage, Kin, Lineage};
use crate::memo::Memo;
use crate::options::Options;
use crate::script::Layout;
use crate::script::layout_size;
use crate::shells::Shell;
use crate::stages::{Base, StageModel};

/// One file with everything that is known before any rule has run.
pub(crate) struct File<'a> {
    /// The text as read.
    pub(crate) text: &'a str,
    /// Where each line of the text starts.
    pub(crate) line_starts: Vec<TextSize>,
    /// The parsed file.
    pub(crate) dockerfile: &'a Dockerfile,
    /// The tables in force.
    pub(crate) mappings: &'a Mappings,
    /// What the user chose.
    pub(crate) options: &'a Options,
    /// What the tree knows of the file.
    pub(crate) lineage: &'a Lineage,
    /// The bases of the tree's own that stand in front, by stage.
    pub(crate) kin: &'a [Kin<'a>],
    /// Stage models, by stage index.
    pub(crate) stages: Vec<StageModel>,
    /// The stage that each stage stands on in the end, itself where it starts from an image.
    pub(crate) bottoms: Vec<usize>,
    /// What a container of each stage was like on the images that the file names.
    pub(crate) before: Vec<Effective>,
    /// What the tables have said so far.
    pub(crate) memo: Memo,
    /// ARG and ENV through the file.
    pub(crate) evaluation: &'a Evaluation,
    /// The shell in force, by instruction index.
    pub(crate) shells: Vec<Shell>,
    /// Scripts by instruction index; empty for instructions without any.
    pub(crate) scripts: Vec<Vec<ShellScript>>,
    /// The files beside the Dockerfile.
    pub(crate) context: &'a dyn BuildContext,
    /// Which of them lies where in the image, once somebody has asked.
    pub(crate) context_files: OnceCell<ContextFiles>,
}

impl File<'_> {
    /// Which files of the build context lie where in the image.
    pub(crate) fn context_files(&self) -> &ContextFiles {
        self.context_files.get_or_init(|| ContextFiles::read(self))
    }

    /// Whether a stage is a base of the tree's own, which another file builds.
    pub(crate) fn is_kin(&self, stage: usize) -> bool {
        stage < self.kin.len()
    }

    /// The base of the tree's own that a stage stands on in the end.
    pub(crate) fn kin_below(&self, stage: usize) -> Option<&BaseStage> {
        self.kin.get(self.bottoms[stage]).map(|(_, base)| *base).filter(|_| !self.is_kin(stage))
    }

    /// Whether other files of the tree start from a stage.
    pub(crate) fn is_started_from(&self, stage: usize) -> bool {
        let is = |name: &Option<String>| match name {
            Some(name) => self.dockerfile.stage_by_reference(name).is_some_and(|named| named.index == stage),
            None => stage + 1 == self.stages.len(),
        };
        self.lineage.starts.iter().any(is)
    }

    /// The registry part of a target reference.
    pub(crate) fn registry(&self) -> String {
        match &self.options.registry {
            Some(registry) => registry.trim_end_matches('/').to_owned(),
            None => format!("cgr.dev/{}", self.options.org),
        }
    }

    /// The reference to a target image.
    pub(crate) fn reference(&self, image: &str, tag: &str) -> String {
        ImageTarget::reference(image, tag, &self.registry())
    }

    /// What the organisation can pull.
    pub(crate) fn tier(&self) -> Tier {
        tier(self.options)
    }

    /// The instruction at an index.
    pub(crate) fn instruction(&self, index: usize) -> &Instruction {
        &self.dockerfile.instructions[index]
    }

    /// A stage and those that it stands on, up to the one on an image.
    pub(crate) fn chain(&self, stage: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(stage), |stage| match self.stages[*stage].base {
            Base::Parent(parent) => Some(parent),
            _ => None,
        })
    }

    /// The instructions of a stage with their indexes, the FROM left out.
    pub(crate) fn body(&self, stage: usize) -> impl DoubleEndedIterator<Item = (usize, &Instruction)> {
        let range = self.dockerfile.stages[stage].instructions.clone();
        range.skip(1).map(|index| (index, &self.dockerfile.instructions[index]))
    }

    /// The line ending to write.
    pub(crate) fn newline(&self) -> &'static str {
        match self.dockerfile.newline {
            Newline::Lf => "\n",
            Newline::Crlf => "\r\n",
        }
    }

    /// A keyword in the author's letter case.
    pub(crate) fn keyword(&self, stage: usize, keyword: &str) -> String {
        let from = &self.dockerfile.instructions[self.dockerfile.stages[stage].instructions.start];
        let lower = self.text[from.keyword_range].chars().all(|c| c.is_ascii_lowercase());
        if lower { keyword.to_ascii_lowercase() } else { keyword.to_owned() }
    }

    /// The layout of a script of an instruction.
    pub(crate) fn layout(&self, heredoc: bool) -> Layout<'_> {
        let escape = if heredoc { '\\' } else { self.dockerfile.escape };
        Layout { text: self.text, line_starts: &self.line_starts, escape, comments: &self.dockerfile.comments, heredoc }
    }

    /// Where a line goes that has to stand before an instruction: above the comments that belong to it.
    pub(crate) fn line_before(&self, instruction: usize) -> TextSize {
        let layout = self.layout(false);
        let mut at = layout.line_start(self.instruction(instruction).range.start());
        while let Some(comment) = self.comment_line_ending_at(at) {
            at = layout.line_start(comment.start());
        }
        at
    }

    /// Where a line goes that has to stand after an instruction.
    pub(crate) fn line_after(&self, instruction: usize) -> TextSize {
        let range = self.instruction(instruction).range;
        self.layout(false).line_end(range.end())
    }

    /// Whether a line put after an instruction would be read as one: a continuation that is left open would swallow it.
    pub(crate) fn is_closed(&self, instruction: usize) -> bool {
        let after = self.line_after(instruction);
        let lines = &self.text[..usize::from(after)];
        !lines.trim_end_matches(['\r', '\n', ' ', '\t']).ends_with(self.dockerfile.escape)
            || !self.instruction(instruction).heredocs.is_empty()
    }

    /// Comment lines directly above an instruction, top down.
    pub(crate) fn comments_above(&self, instruction: usize) -> Vec<TextRange> {
        let layout = self.layout(false);
        let mut at = layout.line_start(self.instruction(instruction).range.start());
        let mut found = Vec::new();
        while let Some(comment) = self.comment_line_ending_at(at) {
            at = layout.line_start(comment.start());
            found.push(comment);
        }
        found.reverse();
        found
    }

    /// The comment on the line that ends right before `line_start`, unless it is a parser directive.
    fn comment_line_ending_at(&self, line_start: TextSize) -> Option<TextRange> {
        let line_start_bytes = usize::from(line_start);
        if line_start_bytes == 0 {
            return None;
        }
        let previous = self.layout(false).line_start(layout_size(line_start_bytes - 1));
        let comments = &self.dockerfile.comments;
        let comment = *comments.get(comments.partition_point(|comment| comment.start() < previous))?;
        let directive = self.dockerfile.directives.iter().any(|directive| directive.range.start() == comment.start());
        (comment.start() < line_start && !directive).then_some(comment)
    }

    /// The comment on the line that starts at `line_start`.
    pub(crate) fn comment_line_at(&self, line_start: TextSize) -> Option<TextRange> {
        let comments = &self.dockerfile.comments;
        let comment = *comments.get(comments.partition_point(|comment| comment.start() < line_start))?;
        (self.layout(false).line_start(comment.start()) == line_start).then_some(comment)
    }

    /// Whether the file itself defines a variable that the instruction at `index` sees.
    pub(crate) fn declares(&self, index: usize, name: &str) -> bool {
        self.evaluation.scope(index).get(name).definition.is_some()
    }

    /// Whether an instruction's keyword is `keyword`, also below ONBUILD.
    pub(crate) fn is(&self, instruction: usize, keyword: Keyword) -> bool {
        self.instruction(instruction).keyword == keyword
    }
}

/// What an organisation can pull.
pub(crate) fn tier(options: &Options) -> Tier {
    if options.org == "chainguard" { Tier::Free } else { Tier::Paid }
}
