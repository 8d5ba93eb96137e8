//! Where a command can be put before another one of a script.

use text_size::{TextRange, TextSize};
use wolfify_syntax::shell::{AndOrOperator, Command, Pipeline, Separator, ShellScript};

use super::effects::Part;
use crate::file::File;
use crate::walk;

/// How a pipeline follows the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// It is the first of its and-or list, behind `;` or a line end, or the first of all.
    Next,
    /// Like [`Self::Next`], behind `&`.
    Background,
    And,
    Or,
}

/// The pipelines of a script's own list, in order.
pub(super) struct Steps<'s>(Vec<(Joint, &'s Pipeline)>);

impl<'s> Steps<'s> {
    pub(super) fn of(script: &'s ShellScript) -> Self {
        let mut steps = Vec::new();
        let mut joint = Joint::Next;
        for item in script.list.iter().flat_map(|list| &list.items) {
            steps.push((joint, &item.and_or.first));
            steps.extend(item.and_or.rest.iter().map(|(operator, _, pipeline)| match operator {
                AndOrOperator::And => (Joint::And, pipeline),
                AndOrOperator::Or => (Joint::Or, pipeline),
            }));
            joint = match item.separator {
                Some((Separator::Ampersand, _)) => Joint::Background,
                _ => Joint::Next,
            };
        }
        Self(steps)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Shows every command of a pipeline, and the redirections of compound commands.
    pub(super) fn visit(&self, at: usize, visitor: &mut dyn FnMut(Part<'s>)) {
        walk::inside(self.0[at].1, &mut |pipeline, _| {
            for command in &pipeline.commands {
                visitor(match command {
                    Command::Simple(simple) => Part::Command(simple),
                    Command::Compound(compound) => Part::Redirects(&compound.redirects),
                });
            }
        });
    }

    /// The offset at which a command goes that has to run before the pipeline at `at`, and what joins the two: what the
    /// author writes between commands, so that the lines look alike.
    pub(super) fn before(&self, file: &File<'_>, at: usize) -> Option<(TextSize, String)> {
        let range = |at: usize| self.0.get(at).map(|(_, pipeline)| pipeline.span.range);
        let between = |at: usize| {
            let (before, after) = (range(at.checked_sub(1)?)?, range(at)?);
            let gap = (before.end() <= after.start()).then(|| TextRange::new(before.end(), after.start()))?;
            let text = &file.text[gap];
            text.chars()
                .all(|c| matches!(c, ' ' | '\t' | '\r' | '\n' | '\\' | '`' | '&' | ';'))
                .then(|| text.to_owned())
        };
        // Behind `||` it would run only where the command before fails.
        let first = if self.0[at].0 == Joint::Or { self.start_of_list(at) } else { at };
        let own = match self.0[first].0 {
            Joint::Background => None,
            _ => between(first),
        };
        let next = || match self.0.get(first + 1)?.0 {
            Joint::And => between(first + 1),
            _ => None,
        };
        let separator = own.or_else(next).unwrap_or_else(|| " && ".to_owned());
        Some((range(first)?.start(), separator))
    }

    /// The first pipeline of the and-or list that the one at `at` is in.
    fn start_of_list(&self, at: usize) -> usize {
        let begins = |at: &usize| matches!(self.0[*at].0, Joint::Next | Joint::Background);
        (0..=at).rev().find(begins).unwrap_or(0)
    }
}
