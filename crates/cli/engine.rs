//! From a text to its rewritten text: parse, plan, edit, verify. The one place where the libraries meet.

use std::path::Path;

use anyhow::Context as _;
use wolfify_edit::EditSet;
use wolfify_mappings::{Mappings, UserTable};
use wolfify_planner::{BuildContext, Options, Plan, Split};
use wolfify_syntax::ParseError;

use crate::args::{PlanArgs, SplitMode, TableArgs};
use crate::builtin::TABLES;
use crate::index;
use crate::problem::{INTERNAL, INVALID, Problem};

/// What is the same for all files of a run.
#[derive(Debug)]
pub(crate) struct Engine {
    mappings: Mappings,
    options: Options,
}

/// What was found in a text, and what it becomes.
#[derive(Debug)]
pub(crate) struct Rewrite<'t> {
    pub(crate) plan: Plan,
    pub(crate) edits: EditSet<'t>,
    pub(crate) new_text: String,
}

impl Engine {
    /// An engine with the user's choices.
    pub(crate) fn new(args: &PlanArgs) -> anyhow::Result<Self> {
        let split = match args.split {
            SplitMode::Auto => Split::Auto,
            SplitMode::Never => Split::Never,
        };
        let options =
            Options { org: args.org.clone(), registry: args.registry.clone(), split, annotate: args.annotate };
        Ok(Self { mappings: mappings(&args.tables)?, options })
    }

    /// Plans the migration of one file, carries it out on the text, and checks the result.
    pub(crate) fn rewrite<'t>(&self, text: &'t str, context: &dyn BuildContext) -> Result<Rewrite<'t>, Problem> {
        let dockerfile = wolfify_syntax::parse(text).map_err(|error| invalid(&error))?;
        let plan = wolfify_planner::plan(text, &dockerfile, &self.mappings, context, &self.options);
        let edits = plan.edits(text).map_err(|error| internal(&error.to_string()))?;
        let new_text = edits.apply();
        wolfify_planner::verify(text, &dockerfile, &plan, &new_text, &self.mappings, context, &self.options)
            .map_err(|broken| internal(&broken.to_string()))?;
        Ok(Rewrite { plan, edits, new_text })
    }
}

/// The tables that the user wants to have in force.
pub(crate) fn mappings(args: &TableArgs) -> anyhow::Result<Mappings> {
    let builtin = Mappings::new(TABLES);
    let mut mappings = if args.no_builtin_mappings { builtin.without_builtin() } else { builtin };
    for file in &args.mappings {
        mappings.overlay(user_table(file)?);
    }
    if let Some(file) = &args.index {
        mappings.set_index(index::load(file)?);
    }
    Ok(mappings)
}

/// Reads a table of the user's own.
pub(crate) fn user_table(file: &Path) -> anyhow::Result<UserTable> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read the table {name}"))?;
    Ok(UserTable::parse(&text, &name)?)
}

fn invalid(error: &ParseError) -> Problem {
    Problem::at(&INVALID, error.range, format!("{}; {}", error.message, error.help))
}

/// A mistake of ours, with the request to report it.
pub(crate) fn internal(what: &str) -> Problem {
    Problem::new(&INTERNAL, format!("{what}; the file is left as it is, please report this as a bug of wolfify"))
}
