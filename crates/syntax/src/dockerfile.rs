//! A whole Dockerfile: directives, instructions, stages.

use std::collections::HashMap;
use std::ops::Range;

use text_size::{TextRange, TextSize};

use crate::instruction::{Instruction, Word};
use crate::lines::{go_lower, size};

/// A parsed Dockerfile. Every range counts bytes of the text that was parsed, a byte order mark included.
#[derive(Debug, Clone)]
pub struct Dockerfile {
    /// Whether the text starts with a UTF-8 byte order mark.
    pub bom: bool,
    /// The line ending of the first line that has one.
    pub newline: Newline,
    /// Parser directives (`# syntax=`, `# escape=`, `# check=`) in order.
    pub directives: Vec<Directive>,
    /// The escape token in force: `\` or `` ` ``.
    pub escape: char,
    /// All instructions in file order.
    pub instructions: Vec<Instruction>,
    /// Build stages in file order.
    pub stages: Vec<Stage>,
    /// Comment lines outside heredocs, also those inside continued instructions; without indentation and line ending.
    /// Parser directives are not among them.
    pub comments: Vec<TextRange>,
    /// How many stages in front stand for base images that other files build; numbers (`--from=0`) do not count them.
    /// A parsed file has none.
    pub front: usize,
    text: String,
    line_starts: Vec<TextSize>,
    /// The last stage of each name, in lower case.
    names: HashMap<String, usize>,
}

impl Dockerfile {
    #[expect(clippy::too_many_arguments, reason = "one for each field, and only the parser calls it")]
    pub(crate) fn new(
        text: &str,
        bom: bool,
        newline: Newline,
        directives: Vec<Directive>,
        escape: char,
        instructions: Vec<Instruction>,
        stages: Vec<Stage>,
        comments: Vec<TextRange>,
    ) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| size(at + 1));
        let line_starts = std::iter::once(size(0)).chain(starts).collect();
        let named = |stage: &Stage| stage.name.as_ref().map(|name| (go_lower(&name.text), stage.index));
        let names = stages.iter().filter_map(named).collect();
        let text = text.to_owned();
        Self { bom, newline, directives, escape, instructions, stages, comments, front: 0, text, line_starts, names }
    }

    /// The text that was parsed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The source text of a range.
    ///
    /// # Panics
    ///
    /// When the range reaches beyond the text or cuts a character in two; no range of this file does.
    #[must_use]
    pub fn slice(&self, range: TextRange) -> &str {
        &self.text[range]
    }

    /// The line that `offset` is on, from 0.
    #[must_use]
    pub fn line_index(&self, offset: TextSize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// Where the line that `offset` is on begins.
    #[must_use]
    pub fn line_start(&self, offset: TextSize) -> TextSize {
        self.line_starts[self.line_index(offset)]
    }

    /// The whole lines that `range` touches, the last line ending included.
    #[must_use]
    pub fn full_lines(&self, range: TextRange) -> TextRange {
        let next = self.line_starts.get(self.line_index(range.end()) + 1);
        TextRange::new(self.line_start(range.start()), next.copied().unwrap_or_else(|| TextSize::of(&self.text)))
    }

    /// The whole lines of an instruction, heredocs, dangling continuations and comment lines inside it included.
    #[must_use]
    pub fn instruction_lines(&self, instruction: &Instruction) -> TextRange {
        let line = |number: u32| {
            let start = usize::try_from(number).ok().and_then(|number| self.line_starts.get(number));
            start.copied().unwrap_or_else(|| TextSize::of(&self.text))
        };
        TextRange::new(line(instruction.start_line - 1), line(instruction.end_line))
    }

    /// The stage that the instruction at `index` belongs to; `None` for an ARG before the first FROM.
    #[must_use]
    pub fn stage_of(&self, index: usize) -> Option<&Stage> {
        let after = self.stages.partition_point(|stage| stage.instructions.start <= index);
        self.stages[..after].last().filter(|stage| stage.instructions.contains(&index))
    }

    /// The stage that `COPY --from=reference` or `RUN --mount=from=reference` means: by its name, in whatever case, or
    /// by its number. BuildKit also takes stages further down, as long as there is no circle.
    #[must_use]
    pub fn stage_by_reference(&self, reference: &str) -> Option<&Stage> {
        let named = self.names.get(&go_lower(reference)).copied();
        let numbered = || Some(reference.parse::<usize>().ok()? + self.front);
        self.stages.get(named.or_else(numbered)?)
    }

    /// The stage that a COPY takes from; `None` where it takes from the build context or from an image.
    #[must_use]
    pub fn copied_stage(&self, instruction: &Instruction) -> Option<&Stage> {
        self.stage_by_reference(instruction.from_flag()?.inner().0)
    }

    /// The instructions of a stage, its FROM first.
    #[must_use]
    pub fn stage_instructions(&self, stage: &Stage) -> &[Instruction] {
        &self.instructions[stage.instructions.clone()]
    }

    /// The ARG instructions before the first FROM.
    #[must_use]
    pub fn global_args(&self) -> &[Instruction] {
        let end = self.stages.first().map_or(self.instructions.len(), |stage| stage.instructions.start);
        &self.instructions[..end]
    }
}

/// A line ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newline {
    /// `\n`
    Lf,
    /// `\r\n`
    Crlf,
}

/// A parser directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Which one.
    pub name: DirectiveName,
    /// Its value, trimmed.
    pub value: String,
    /// The comment line, without the line ending.
    pub range: TextRange,
}

/// The parser directives that BuildKit knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectiveName {
    /// `# syntax=`: the frontend image.
    Syntax,
    /// `# escape=`: the escape token.
    Escape,
    /// `# check=`: build checks.
    Check,
}

/// A build stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Position among the stages, from 0; what `COPY --from=0` names.
    pub index: usize,
    /// The name after `AS`, as written.
    pub name: Option<Word>,
    /// The image the stage starts from, as written.
    pub image: Word,
    /// What `image` refers to.
    pub base: BaseImage,
    /// Indexes into [`Dockerfile::instructions`]; the first is the FROM.
    pub instructions: Range<usize>,
}

/// What the image word of a FROM refers to, before any image is looked up. Variables count with their defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseImage {
    /// `scratch`: an empty file system.
    Scratch,
    /// An earlier stage of this file, by its index.
    Stage(usize),
    /// An image reference, perhaps with variables in it.
    Image,
}
