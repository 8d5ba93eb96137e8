//! All account commands of a script at once, in order, each knowing what those before it made.

use std::collections::BTreeMap;

use wolfify_syntax::Span;
use wolfify_syntax::shell::{AndOrOperator, CommandContext, ShellScript, ShellWord, SimpleCommand};

use super::replacement::Surroundings;
use super::value::{Lookup, Value};
use super::world::World;
use super::{Translation, apply, translate};

/// One account command of a script and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The command's number in its script.
    pub id: usize,
    /// The whole command, redirections included.
    pub span: Span,
    /// What becomes of it.
    pub translation: Translation,
    /// What to put in the place of `span`; `None` where the text stays, or where it may not be edited because the
    /// command stands inside a quoted operand or is glued together from several places.
    pub text: Option<String>,
}

/// Translates the account commands of a script and learns from all its commands.
///
/// Words of a command removed are replaced by `true`, so that no operator around it loses its side.
pub fn translate_script(script: &ShellScript, world: &mut World, lookup: Lookup<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut errexit = false;
    let mut variables = BTreeMap::new();
    script.visit(&mut |command, context| {
        errexit |= sets_errexit(command);
        assign(&mut variables, command, context, lookup);
        let lookup: Lookup<'_> = &|name| variables.get(name).cloned().unwrap_or_else(|| lookup(name));
        if let Some(translation) = translate(command, world, lookup) {
            let text = text(command, context, &translation, errexit);
            steps.push(Step { id: command.id, span: command.span, translation, text });
        }
        apply(world, command, lookup, runs_for_certain(context));
    });
    steps
}

/// Whether the command runs whenever its script succeeds.
#[must_use]
pub fn runs_for_certain(context: &CommandContext) -> bool {
    context.operator_before != Some(AndOrOperator::Or)
        && context.operator_after != Some(AndOrOperator::Or)
        && context.roles.is_empty()
        && !context.negated
}

impl Surroundings {
    /// What is around a command found by [`ShellScript::visit`].
    #[must_use]
    pub fn of(context: &CommandContext, errexit: bool) -> Self {
        Self {
            after_or: context.operator_before == Some(AndOrOperator::Or),
            in_pipeline: context.pipeline_len > 1 || context.negated,
            last: context.operator_after.is_none(),
            alone: context.operator_before.is_none() && context.operator_after.is_none(),
            errexit,
        }
    }
}

fn text(command: &SimpleCommand, context: &CommandContext, translation: &Translation, errexit: bool) -> Option<String> {
    let editable = command.span.contiguous || command.redirects.is_empty();
    if !editable || (context.in_operand && !translation.is_plain()) {
        return None;
    }
    match translation {
        Translation::Replace(replacement) | Translation::NeedsShadow { replacement: Some(replacement), .. } => {
            Some(replacement.text(command, Surroundings::of(context, errexit)))
        }
        Translation::Remove { .. } => Some("true".to_owned()),
        _ => None,
    }
}

/// Notes the variables that a bare assignment or `export` sets: their value, or that it is not static.
fn assign(
    variables: &mut BTreeMap<String, Option<String>>,
    command: &SimpleCommand,
    context: &CommandContext,
    lookup: Lookup<'_>,
) {
    let first = command.words.first().map(|word| word.text.as_str());
    if !matches!(first, None | Some("export" | "readonly" | "local")) {
        return;
    }
    let known = |value: &Value| value.known().filter(|_| runs_for_certain(context));
    let value_of = |variables: &BTreeMap<String, Option<String>>, word: &ShellWord| {
        let lookup = |name: &str| variables.get(name).cloned().unwrap_or_else(|| lookup(name));
        Value::read(word, &lookup).ok()
    };
    for assignment in &command.assignments {
        let value = assignment.value.as_ref().and_then(|word| value_of(variables, word));
        let value = value.filter(|_| !assignment.append).as_ref().and_then(known);
        variables.insert(assignment.name.clone(), value);
    }
    for word in command.words.iter().skip(1) {
        let Some(value) = value_of(variables, word) else { continue };
        if let Some((name, _)) = value.leading().split_once('=') {
            let name = name.to_owned();
            let rest = value.without_leading(name.len() + 1);
            variables.insert(name, rest.as_ref().and_then(known));
        }
    }
}

/// `set -e`, `set -eux`, `set -o errexit`
fn sets_errexit(command: &SimpleCommand) -> bool {
    let mut words = command.words.iter().map(|word| word.text.as_str());
    words.next() == Some("set")
        && words
            .any(|word| word == "errexit" || (word.starts_with('-') && !word.starts_with("--") && word.contains('e')))
}
