//! What has no use any more once some commands are gone, which count as commands that succeed: alternatives of a command
//! that cannot fail, and loops that only tried it again.
//!
//! Only what merely waits, speaks or steers leaves this way; nothing else is lost with it.

use std::collections::HashSet;

use wolfify_syntax::shell::{
    AndOr, AndOrOperator, Command, Compound, CompoundKind, List, ListRole, Nested, Pipeline, Redirect, SimpleCommand,
};

/// Commands that leave nothing behind.
const IDLE: [&str; 13] =
    [":", "[", "break", "continue", "echo", "exit", "false", "printf", "return", "seq", "sleep", "test", "true"];

/// Looks at a script of which the commands `removed` go.
pub(super) struct Moot<'a> {
    pub(super) removed: &'a HashSet<usize>,
}

impl Moot<'_> {
    /// Whether a pipeline leaves nothing behind, so that it may go when it never runs.
    pub(super) fn is_idle(&self, pipeline: &Pipeline) -> bool {
        pipeline.commands.iter().all(|command| match command {
            Command::Simple(simple) => self.is_gone(simple) || is_idle(simple),
            Command::Compound(compound) => {
                matches!(compound.kind, CompoundKind::Brace | CompoundKind::Subshell)
                    && compound.redirects.iter().all(is_quiet)
                    && compound.lists.iter().all(|(_, list)| self.is_idle_list(list))
            }
        })
    }

    /// Whether a compound command comes to nothing: a loop that ends at once, a condition that is never met.
    pub(super) fn is_moot(&self, compound: &Compound) -> bool {
        let words_are_idle = |nested: &Nested| nested.script.list.as_ref().is_ok_and(|list| self.is_idle_list(list));
        if !compound.nested.iter().all(words_are_idle) || !compound.redirects.iter().all(is_quiet) {
            return false;
        }
        match (compound.kind, &compound.lists[..]) {
            (CompoundKind::For, [(ListRole::LoopBody, body)]) => self.breaks(body, 1),
            (CompoundKind::Until, [(ListRole::Condition, condition), (ListRole::LoopBody, body)]) => {
                (self.is_met(condition, false) && self.is_idle_list(body))
                    || (self.is_idle_list(condition) && self.breaks(body, 1))
            }
            (CompoundKind::While, [(ListRole::Condition, condition), (ListRole::LoopBody, body)]) => {
                (self.is_met(condition, true) && self.is_idle_list(body))
                    || (self.is_idle_list(condition) && self.breaks(body, 1))
            }
            (CompoundKind::If, [(ListRole::Condition, condition), (ListRole::Body, body)]) => {
                let asks = || only_asks(condition) && self.has_gone(body);
                (self.is_met(condition, true) || asks()) && self.is_idle_list(body)
            }
            _ => false,
        }
    }

    /// Whether a removed command is in a list.
    fn has_gone(&self, list: &List) -> bool {
        let mut commands = list.items.iter().flat_map(|item| chain(&item.and_or)).flat_map(|(_, own)| &own.commands);
        commands.any(|command| matches!(command, Command::Simple(simple) if self.is_gone(simple)))
    }

    fn is_idle_list(&self, list: &List) -> bool {
        list.items.iter().all(|item| chain(&item.and_or).all(|(_, pipeline)| self.is_idle(pipeline)))
    }

    /// Whether a list is one removed command, with or without `!`.
    fn is_met(&self, list: &List, bang: bool) -> bool {
        match &list.items[..] {
            [item] if item.and_or.rest.is_empty() => {
                let pipeline = &item.and_or.first;
                pipeline.bang.is_some() == bang && self.is_gone_pipeline(pipeline)
            }
            _ => false,
        }
    }

    /// Whether a list comes to `break` after at least `least` removed commands and nothing else.
    fn breaks(&self, list: &List, least: usize) -> bool {
        let Some(first) = list.items.first() else { return false };
        let mut gone = 0;
        let mut reached = false;
        for (operator, pipeline) in chain(&first.and_or) {
            if reached {
                if !self.is_idle(pipeline) {
                    return false;
                }
            } else if operator == Some(AndOrOperator::Or) {
                return false;
            } else if pipeline.bang.is_none() && self.is_gone_pipeline(pipeline) {
                gone += 1;
            } else if is_break(pipeline) || self.breaks_if_met(pipeline) {
                gone += usize::from(!is_break(pipeline));
                reached = true;
            } else {
                return false;
            }
        }
        let rest = List { items: list.items[1..].to_vec() };
        reached && gone >= least && self.is_idle_list(&rest)
    }

    /// `if x; then break; fi`
    fn breaks_if_met(&self, pipeline: &Pipeline) -> bool {
        let ([Command::Compound(compound)], None) = (&pipeline.commands[..], &pipeline.bang) else { return false };
        match (compound.kind, &compound.lists[..]) {
            (CompoundKind::If, [(ListRole::Condition, condition), (ListRole::Body, body)]) => {
                self.is_met(condition, false) && self.breaks(body, 0)
            }
            _ => false,
        }
    }

    fn is_gone_pipeline(&self, pipeline: &Pipeline) -> bool {
        pipeline.commands.iter().all(|command| matches!(command, Command::Simple(simple) if self.is_gone(simple)))
    }

    fn is_gone(&self, simple: &SimpleCommand) -> bool {
        self.removed.contains(&simple.id) && simple.redirects.iter().all(is_quiet)
    }
}

/// Commands that read and print.
const READERS: [&str; 12] =
    ["[", "arch", "command", "dpkg", "echo", "egrep", "fgrep", "grep", "test", "true", "uname", "which"];

/// Whether a list only asks for something, substitutions included: `[ -n "$(arch | grep arm)" ]`.
fn only_asks(list: &List) -> bool {
    list.items.iter().flat_map(|item| chain(&item.and_or)).flat_map(|(_, own)| &own.commands).all(|command| {
        let Command::Simple(simple) = command else { return false };
        let name = simple.words.first().map_or("", |word| word.text.as_str());
        // `command` runs what it is given, unless it only looks for it.
        let looks = name != "command" || simple.words.get(1).is_some_and(|word| word.text == "-v");
        READERS.contains(&name)
            && looks
            && simple.redirects.iter().all(is_quiet)
            && simple.nested.iter().all(|nested| nested.script.list.as_ref().is_ok_and(only_asks))
    })
}

fn chain(and_or: &AndOr) -> impl Iterator<Item = (Option<AndOrOperator>, &Pipeline)> {
    let rest = and_or.rest.iter().map(|(operator, _, pipeline)| (Some(*operator), pipeline));
    std::iter::once((None, &and_or.first)).chain(rest)
}

fn is_idle(simple: &SimpleCommand) -> bool {
    let name = simple.words.first().map(|word| word.text.as_str());
    simple.nested.is_empty()
        && simple.redirects.iter().all(is_quiet)
        && name.map_or(!simple.assignments.is_empty(), |name| IDLE.contains(&name))
}

fn is_break(pipeline: &Pipeline) -> bool {
    let ([Command::Simple(simple)], None) = (&pipeline.commands[..], &pipeline.bang) else { return false };
    matches!(&simple.words[..], [word] if word.text == "break") && simple.redirects.is_empty()
}

/// A redirection that makes no file.
fn is_quiet(redirect: &Redirect) -> bool {
    let target = redirect.target.as_ref().map_or("", |target| target.text.as_str());
    redirect.heredoc.is_none()
        && (target == "/dev/null"
            || (redirect.operator.ends_with('&') && target.chars().all(|c| c.is_ascii_digit() || c == '-')))
}
