//! Visits every node of a script once and asks the rules.

use wolfify_syntax::Span;
use wolfify_syntax::shell::{
    AndOr, Assignment, Command, Compound, Dialect, List, Nested, NestedKind, Pipeline, Redirect, ShellScript,
    ShellWord, SimpleCommand,
};

use super::{Bashism, Effect, Shell, TextChange, builtins, compound, place, words};

/// What the rules need to know, and what they found.
pub(crate) struct Walker<'s> {
    pub(crate) script: &'s ShellScript,
    pub(crate) was: Shell,
    /// Inside a function body.
    pub(crate) in_function: bool,
    found: Vec<Bashism>,
}

/// All findings of a script and of the scripts that the same shell reads inside it.
pub(crate) fn walk(script: &ShellScript, was: Shell) -> Vec<Bashism> {
    let mut walker = Walker { script, was, in_function: false, found: Vec::new() };
    if let Ok(list) = &script.list {
        walker.list(list);
    }
    walker.found
}

/// Where a word stands, for what the shell expands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    /// An argument or a `for` word: braces are expanded, the result is split.
    Argument,
    /// An assignment's value, a redirection, a `case` subject or pattern.
    Other,
    /// In `[[ … ]]`.
    Test,
}

impl Walker<'_> {
    pub(crate) fn bash(&self) -> bool {
        self.was == Shell::Bash
    }

    pub(crate) fn report(
        &mut self,
        span: Span,
        feature: impl Into<String>,
        effect: Effect,
        rewrite: Option<Vec<TextChange>>,
    ) {
        self.found.push(Bashism { span, feature: feature.into(), effect, rewrite });
    }

    fn list(&mut self, list: &List) {
        for item in &list.items {
            self.and_or(&item.and_or);
        }
    }

    fn and_or(&mut self, and_or: &AndOr) {
        self.pipeline(&and_or.first);
        for (_, _, pipeline) in &and_or.rest {
            self.pipeline(pipeline);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        for command in &pipeline.commands {
            match command {
                Command::Simple(simple) => self.simple(simple),
                Command::Compound(compound) => self.compound(compound),
            }
        }
        if self.bash() {
            pipeline.pipes.iter().for_each(|pipe| self.pipe(pipe));
        }
    }

    /// `|&`
    fn pipe(&mut self, pipe: &Span) {
        if place::text_at(self.script, pipe) != Some("|&") {
            return;
        }
        let end = pipe.range.start();
        let blank_before = end
            .checked_sub(1.into())
            .map(|start| Span { range: wolfify_syntax::TextRange::new(start, end), contiguous: true })
            .and_then(|span| place::text_at(self.script, &span))
            .is_some_and(|before| before.trim().is_empty());
        let text = if blank_before { "2>&1 |" } else { " 2>&1 |" };
        let rewrite = pipe.contiguous.then(|| vec![TextChange { span: *pipe, text: text.to_owned() }]);
        self.report(*pipe, "|&", Effect::Error, rewrite);
    }

    fn simple(&mut self, command: &SimpleCommand) {
        for assignment in &command.assignments {
            self.assignment(assignment);
        }
        builtins::check(self, command);
        for word in &command.words {
            words::check(self, word, Position::Argument);
        }
        self.redirects(&command.redirects);
        self.nested(&command.nested);
    }

    fn assignment(&mut self, assignment: &Assignment) {
        if self.bash() {
            words::assignment(self, assignment);
        }
        for word in assignment.value.iter().chain(&assignment.array) {
            words::check(self, word, Position::Other);
        }
    }

    fn compound(&mut self, compound: &Compound) {
        if self.bash() {
            compound::check(self, compound);
        }
        let position = compound::position(compound.kind);
        for word in &compound.words {
            words::check(self, word, position);
        }
        let outer = self.in_function;
        self.in_function |= compound.kind == wolfify_syntax::shell::CompoundKind::Function;
        for (_, list) in &compound.lists {
            self.list(list);
        }
        self.in_function = outer;
        self.redirects(&compound.redirects);
        self.nested(&compound.nested);
    }

    fn redirects(&mut self, redirects: &[Redirect]) {
        for redirect in redirects {
            if self.bash() {
                compound::redirect(self, redirect);
            }
            let targets: Option<&ShellWord> = redirect.target.as_ref().filter(|_| redirect.heredoc.is_none());
            targets.into_iter().for_each(|word| words::check(self, word, Position::Other));
        }
    }

    /// Substitutions are read by the same shell; what `sh -c` reads is a matter of the shell it names.
    fn nested(&mut self, nested: &[Nested]) {
        for inner in nested {
            let same_shell = match inner.kind {
                NestedKind::Substitution | NestedKind::Process => true,
                NestedKind::Operand(_) | NestedKind::Heredoc => {
                    inner.script.dialect == self.script.dialect && self.script.dialect == Dialect::Sh
                }
            };
            if !same_shell {
                continue;
            }
            if self.bash() && inner.kind == NestedKind::Substitution {
                compound::file_substitution(self, &inner.script);
            }
            let mut walker =
                Walker { script: &inner.script, was: self.was, in_function: self.in_function, found: Vec::new() };
            if let Ok(list) = &inner.script.list {
                walker.list(list);
            }
            self.found.append(&mut walker.found);
        }
    }
}
