//! Walking the pipelines of a script, in the scripts nested in it too.

use wolfify_syntax::shell::{AndOr, Command, List, ListRole, NestedKind, Pipeline, ShellScript};

/// Where a pipeline stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PipelinePlace {
    /// Some list around it may not run, or may run several times.
    pub(crate) conditional: bool,
    /// Inside `$( )`: its output is used.
    pub(crate) in_substitution: bool,
}

/// Calls `visitor` for every pipeline, outer ones first.
pub(crate) fn pipelines<'s>(script: &'s ShellScript, visitor: &mut dyn FnMut(&'s Pipeline, PipelinePlace)) {
    if let Ok(list) = &script.list {
        visit_list(list, PipelinePlace::default(), visitor);
    }
}

/// The same for one pipeline and everything inside it.
pub(crate) fn inside<'s>(pipeline: &'s Pipeline, visitor: &mut dyn FnMut(&'s Pipeline, PipelinePlace)) {
    visitor(pipeline, PipelinePlace::default());
    for command in &pipeline.commands {
        visit_command(command, PipelinePlace::default(), visitor);
    }
}

fn visit_list<'s>(list: &'s List, place: PipelinePlace, visitor: &mut dyn FnMut(&'s Pipeline, PipelinePlace)) {
    for item in &list.items {
        for pipeline in of(&item.and_or) {
            visitor(pipeline, place);
            for command in &pipeline.commands {
                visit_command(command, place, visitor);
            }
        }
    }
}

fn visit_command<'s>(command: &'s Command, place: PipelinePlace, visitor: &mut dyn FnMut(&'s Pipeline, PipelinePlace)) {
    let nested = match command {
        Command::Simple(simple) => &simple.nested,
        Command::Compound(compound) => &compound.nested,
    };
    for nested in nested {
        let substitution = matches!(nested.kind, NestedKind::Substitution | NestedKind::Process);
        let inner = PipelinePlace { in_substitution: place.in_substitution || substitution, ..place };
        if let Ok(list) = &nested.script.list {
            visit_list(list, inner, visitor);
        }
    }
    if let Command::Compound(compound) = command {
        for (role, list) in &compound.lists {
            let inner = PipelinePlace { conditional: place.conditional || *role != ListRole::Condition, ..place };
            visit_list(list, inner, visitor);
        }
    }
}

/// The pipelines of an and-or list.
pub(crate) fn of(and_or: &AndOr) -> impl Iterator<Item = &Pipeline> {
    std::iter::once(&and_or.first).chain(and_or.rest.iter().map(|(_, _, pipeline)| pipeline))
}
