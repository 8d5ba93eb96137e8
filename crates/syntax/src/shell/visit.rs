//! Walking a script and everything nested in it.

use crate::shell::ast::{
    AndOr, AndOrOperator, Command, Compound, Dialect, List, ListRole, Nested, NestedKind, Opaque, Pipeline, Separator,
    ShellScript, ShellWord, SimpleCommand,
};

/// Where a simple command stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommandContext {
    /// How many scripts are around the one the command stands in; 0 in the root script.
    pub depth: usize,
    /// The parts played by the lists around the command, outermost first, those around enclosing scripts included.
    pub roles: Vec<ListRole>,
    /// The command's place in its pipeline, from 0.
    pub pipeline_index: usize,
    /// How many commands the pipeline has.
    pub pipeline_len: usize,
    /// The operator before the command's pipeline in its and-or list.
    pub operator_before: Option<AndOrOperator>,
    /// The operator after the command's pipeline in its and-or list.
    pub operator_after: Option<AndOrOperator>,
    /// Whether an and-or list around the command ends in `&`.
    pub background: bool,
    /// Whether `!` stands before the command's own pipeline.
    pub negated: bool,
    /// In `$( )`, backquotes, `<( )` or `>( )`.
    pub in_substitution: bool,
    /// In a word of another command (`sh -c '…'`, `eval`): the text around it is quoted.
    pub in_operand: bool,
    /// The quote around the innermost such word (`"` also for a string of the exec form), when the whole of it stands in
    /// one pair; `None` when it is put together otherwise. Text put in there must not hold that quote, nor what is
    /// special inside it; without a quote not even a blank.
    pub operand_quote: Option<char>,
    /// In a here-document that a shell reads.
    pub in_heredoc: bool,
    /// The root script is of the exec form.
    pub exec: bool,
}

impl CommandContext {
    /// Whether the command's status decides what else runs in an `if`, `while` or `until` around it.
    #[must_use]
    pub fn in_condition(&self) -> bool {
        self.roles.contains(&ListRole::Condition)
    }

    /// Whether the command may run several times.
    #[must_use]
    pub fn in_loop(&self) -> bool {
        self.roles.contains(&ListRole::LoopBody)
    }

    /// Whether the command runs only when a function is called.
    #[must_use]
    pub fn in_function(&self) -> bool {
        self.roles.contains(&ListRole::FunctionBody)
    }
}

type Visitor<'a, 'v> = dyn FnMut(&'a SimpleCommand, &CommandContext) + 'v;

impl ShellScript {
    /// Calls `visitor` for every simple command in order of appearance, in nested scripts too.
    ///
    /// A command comes before the scripts inside it. Opaque scripts have no commands; see [`Self::opaque`].
    pub fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a SimpleCommand, &CommandContext)) {
        let exec = self.dialect == Dialect::Other("exec".to_owned());
        let mut context = CommandContext { exec, ..CommandContext::default() };
        if let Ok(list) = &self.list {
            visit_list(list, &mut context, visitor);
        }
    }

    /// This script and all scripts inside it that have no tree, with the reasons.
    #[must_use]
    pub fn opaque(&self) -> Vec<(&Self, &Opaque)> {
        let mut found = Vec::new();
        self.collect_opaque(&mut found);
        found
    }

    fn collect_opaque<'a>(&'a self, found: &mut Vec<(&'a Self, &'a Opaque)>) {
        match &self.list {
            Ok(list) => opaque_in_list(list, found),
            Err(opaque) => found.push((self, opaque)),
        }
    }
}

fn commands(list: &List) -> impl Iterator<Item = &Command> {
    list.items.iter().flat_map(|item| {
        let rest = item.and_or.rest.iter().map(|(_, _, pipeline)| pipeline);
        std::iter::once(&item.and_or.first).chain(rest).flat_map(|pipeline| &pipeline.commands)
    })
}

fn opaque_in_list<'a>(list: &'a List, found: &mut Vec<(&'a ShellScript, &'a Opaque)>) {
    for command in commands(list) {
        let nested = match command {
            Command::Simple(simple) => &simple.nested,
            Command::Compound(compound) => &compound.nested,
        };
        for nested in nested {
            nested.script.collect_opaque(found);
        }
        if let Command::Compound(compound) = command {
            for (_, list) in &compound.lists {
                opaque_in_list(list, found);
            }
        }
    }
}

fn visit_list<'a>(list: &'a List, context: &mut CommandContext, visitor: &mut Visitor<'a, '_>) {
    for item in &list.items {
        let background = context.background;
        context.background |= matches!(item.separator, Some((Separator::Ampersand, _)));
        visit_and_or(&item.and_or, context, visitor);
        context.background = background;
    }
}

fn visit_and_or<'a>(and_or: &'a AndOr, context: &mut CommandContext, visitor: &mut Visitor<'a, '_>) {
    let mut before = None;
    let pipelines = std::iter::once(&and_or.first).chain(and_or.rest.iter().map(|(_, _, pipeline)| pipeline));
    let operators = and_or.rest.iter().map(|(operator, _, _)| Some(*operator)).chain(std::iter::once(None));
    for (pipeline, after) in pipelines.zip(operators) {
        visit_pipeline(pipeline, (before, after), context, visitor);
        before = after;
    }
}

fn visit_pipeline<'a>(
    pipeline: &'a Pipeline,
    (before, after): (Option<AndOrOperator>, Option<AndOrOperator>),
    context: &mut CommandContext,
    visitor: &mut Visitor<'a, '_>,
) {
    for (index, command) in pipeline.commands.iter().enumerate() {
        match command {
            Command::Simple(simple) => {
                // Scripts nested in earlier commands have set these for themselves.
                context.operator_before = before;
                context.operator_after = after;
                context.pipeline_index = index;
                context.pipeline_len = pipeline.commands.len();
                context.negated = pipeline.bang.is_some();
                visitor(simple, context);
                visit_nested(&simple.nested, &simple.words, context, visitor);
            }
            Command::Compound(compound) => visit_compound(compound, context, visitor),
        }
    }
}

fn visit_compound<'a>(compound: &'a Compound, context: &mut CommandContext, visitor: &mut Visitor<'a, '_>) {
    visit_nested(&compound.nested, &[], context, visitor);
    for (role, list) in &compound.lists {
        context.roles.push(*role);
        visit_list(list, context, visitor);
        context.roles.pop();
    }
}

fn visit_nested<'a>(
    nested: &'a [Nested],
    words: &[ShellWord],
    context: &mut CommandContext,
    visitor: &mut Visitor<'a, '_>,
) {
    for nested in nested {
        let Ok(list) = &nested.script.list else { continue };
        let outer = (context.in_substitution, context.in_operand, context.in_heredoc, context.operand_quote);
        match nested.kind {
            NestedKind::Operand(index) => {
                let in_json = context.exec && context.depth == 0;
                context.in_operand = true;
                context.operand_quote = if in_json { Some('"') } else { operand_quote(words, index) };
            }
            NestedKind::Substitution | NestedKind::Process => context.in_substitution = true,
            NestedKind::Heredoc => context.in_heredoc = true,
        }
        context.depth += 1;
        visit_list(list, context, visitor);
        context.depth -= 1;
        (context.in_substitution, context.in_operand, context.in_heredoc, context.operand_quote) = outer;
    }
}

fn operand_quote(words: &[ShellWord], index: usize) -> Option<char> {
    // `eval` joins all its words: those behind the first are outside its quotes.
    let joined = index > 0 && words[index - 1].text == "eval" && words.len() > index + 1;
    if joined { None } else { words.get(index).and_then(whole_quote) }
}

/// The quote that opens at the start of a word and closes at its end.
fn whole_quote(word: &ShellWord) -> Option<char> {
    let quote = word.text.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    let mut inside = word.text.strip_prefix(quote)?.strip_suffix(quote)?.chars();
    while let Some(character) = inside.next() {
        match character {
            '\\' if quote == '"' => {
                inside.next()?;
            }
            _ if character == quote => return None,
            _ => {}
        }
    }
    Some(quote)
}

/// Calls `action` for every command of a script in the order of [`ShellScript::visit`].
pub(super) fn each_command_mut(script: &mut ShellScript, action: &mut dyn FnMut(&mut Command)) {
    if let Ok(list) = &mut script.list {
        each_in_list_mut(list, action);
    }
}

/// The same for a list.
pub(super) fn each_in_list_mut(list: &mut List, action: &mut dyn FnMut(&mut Command)) {
    for item in &mut list.items {
        let rest = item.and_or.rest.iter_mut().map(|(_, _, pipeline)| pipeline);
        for command in std::iter::once(&mut item.and_or.first).chain(rest).flat_map(|pipeline| &mut pipeline.commands) {
            action(command);
            let nested = match command {
                Command::Simple(simple) => &mut simple.nested,
                Command::Compound(compound) => &mut compound.nested,
            };
            for nested in nested {
                each_command_mut(&mut nested.script, action);
            }
            if let Command::Compound(compound) = command {
                for (_, list) in &mut compound.lists {
                    each_in_list_mut(list, action);
                }
            }
        }
    }
}
