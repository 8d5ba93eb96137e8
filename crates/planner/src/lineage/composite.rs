//! A file with the stages of its bases in front.

use text_size::{TextRange, TextSize};
use wolfify_edit::Edit;
use wolfify_mappings::{Lookup, Mappings};
use wolfify_syntax::{BaseImage, Dockerfile, ImageRef, Newline};

use crate::finding::Finding;
use crate::lineage::{BaseStage, BaseState, Lineage, TreeBase};
use crate::script::layout_size;

/// The text of a file with a stage for each base that another file of the tree builds, and its parse.
#[derive(Debug)]
pub(crate) struct Composite<'l> {
    text: String,
    dockerfile: Dockerfile,
    bases: Vec<(&'l TreeBase, &'l BaseStage)>,
    /// Where the bases stand in the text.
    range: TextRange,
}

/// Whether a base of the tree's own takes part. What the tables know by its name is the image of that name.
pub(super) fn counts(base: &TreeBase, mappings: &Mappings) -> bool {
    let Ok(image) = ImageRef::parse(&base.image) else { return false };
    !matches!(mappings.image(&image.familiar(), image.tag_text()), Lookup::Mapped(_))
}

impl<'l> Composite<'l> {
    /// Puts the bases in front; `None` when there are none to put.
    pub(crate) fn new(lineage: &'l Lineage, text: &str, dockerfile: &Dockerfile, mappings: &Mappings) -> Option<Self> {
        let bases: Vec<(&TreeBase, &BaseStage)> = lineage
            .bases
            .iter()
            .filter_map(|base| match &base.state {
                BaseState::OnWolfi(stage) if stage.escape == dockerfile.escape => Some((base, stage)),
                _ => None,
            })
            .filter(|(base, _)| counts(base, mappings))
            .collect();
        if bases.is_empty() {
            return None;
        }
        let at = usize::from(place(text, dockerfile)?);
        let mut front: String = bases.iter().map(|(_, stage)| stage.text.as_str()).collect();
        if dockerfile.newline == Newline::Crlf {
            front = front.replace('\n', "\r\n");
        }
        let whole = format!("{}{front}{}", &text[..at], &text[at..]);
        let parsed = wolfify_syntax::parse(&whole).ok()?;
        let range = TextRange::at(layout_size(at), layout_size(front.len()));
        let mut composite = Self { text: whole, dockerfile: parsed, bases, range };
        composite.link()?;
        Some(composite)
    }

    /// Lets the stages that start from a base start from its stage.
    fn link(&mut self) -> Option<()> {
        let front = self.bases.len();
        let stages = &mut self.dockerfile.stages;
        // A base that is not one stage any more would put all numbers wrong.
        let inside = |stage: &wolfify_syntax::Stage| self.range.contains_range(stage.image.range);
        if stages.iter().filter(|stage| inside(stage)).count() != front || stages.len() == front {
            return None;
        }
        for stage in stages.iter_mut().skip(front).filter(|stage| stage.base == BaseImage::Image) {
            let own = self.bases.iter().position(|(base, _)| base.word == stage.image.text);
            if let Some(own) = own {
                stage.base = BaseImage::Stage(own);
            }
        }
        self.dockerfile.front = front;
        Some(())
    }

    /// The text and its parse.
    pub(crate) fn file(&self) -> (&str, &Dockerfile) {
        (&self.text, &self.dockerfile)
    }

    /// The bases, by the stages that they are.
    pub(crate) fn kin(&self) -> Vec<(&'l TreeBase, &'l BaseStage)> {
        self.bases.clone()
    }

    /// What a plan says of the file itself, in the file's own places.
    pub(crate) fn own(&self, findings: Vec<Finding>) -> Vec<Finding> {
        findings.into_iter().filter_map(|finding| self.own_finding(finding)).collect()
    }

    fn own_finding(&self, mut finding: Finding) -> Option<Finding> {
        finding.range = self.own_range(finding.range)?;
        if let Some(fix) = &mut finding.fix {
            let edits = std::mem::take(&mut fix.edits);
            let own = edits.into_iter().filter_map(|edit| {
                let range = self.own_range(edit.range)?;
                Some(Edit { range, text: edit.text })
            });
            fix.edits = own.collect();
        }
        finding.fix = finding.fix.filter(|fix| !fix.edits.is_empty());
        Some(finding)
    }

    fn own_range(&self, range: TextRange) -> Option<TextRange> {
        if range.end() <= self.range.start() {
            return Some(range);
        }
        (range.start() >= self.range.end()).then(|| range - self.range.len())
    }
}

/// Where the first stage begins, with the comments above it.
fn place(text: &str, dockerfile: &Dockerfile) -> Option<TextSize> {
    let from = &dockerfile.instructions[dockerfile.stages.first()?.instructions.start];
    let mut at = dockerfile.line_start(from.range.start());
    for comment in dockerfile.comments.iter().rev() {
        let start = dockerfile.line_start(comment.start());
        if comment.end() > at {
            continue;
        }
        if !text[TextRange::new(comment.end(), at)].trim_matches(['\r', ' ', '\t']).eq("\n") {
            break;
        }
        at = start;
    }
    // A byte order mark stays in front.
    Some(if at == TextSize::new(0) && dockerfile.bom { TextSize::new(3) } else { at })
}
