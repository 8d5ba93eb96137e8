//! From a text to its rewritten text: parse, plan, edit, verify. The one place where the libraries meet.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use wolfify_edit::EditSet;
use wolfify_mappings::{Lookup, Mappings, UserTable};
use wolfify_planner::{BaseState, BuildContext, Lineage, Options, Plan, Split};
use wolfify_syntax::{BaseImage, Dockerfile, ImageRef, ParseError};

use crate::args::{PlanArgs, SplitMode, TableArgs};
use crate::builtin::TABLES;
use crate::config::Settings;
use crate::failure;
use crate::index;
use crate::output::relative;
use crate::problem::{INTERNAL, INVALID, Problem};

/// What is the same for all files of a run.
#[derive(Debug)]
pub(crate) struct Engine {
    mappings: Mappings,
    options: Options,
    /// What images become that are only run: manifests name the same few thousands of times.
    run: Mutex<HashMap<String, Option<(String, String)>>>,
}

/// What was found in a text, and what it becomes.
#[derive(Debug)]
pub(crate) struct Rewrite<'t> {
    pub(crate) plan: Plan,
    pub(crate) edits: EditSet<'t>,
    pub(crate) new_text: String,
    pub(crate) dockerfile: Dockerfile,
}

impl Rewrite<'_> {
    /// The images that stages start from, as they are written, each once.
    pub(crate) fn images(&self) -> Vec<String> {
        let stages = self.dockerfile.stages.iter().filter(|stage| stage.base == BaseImage::Image);
        let mut images: Vec<String> = stages.map(|stage| stage.image.text.clone()).collect();
        images.sort();
        images.dedup();
        images
    }
}

impl Engine {
    /// An engine with the user's choices: those of the command line, then those of the configuration.
    pub(crate) fn new(args: &PlanArgs, settings: &Settings) -> anyhow::Result<Self> {
        let default = Options::default();
        let split = match args.split.or(settings.split) {
            Some(SplitMode::Never) => Split::Never,
            Some(SplitMode::Auto) | None => Split::Auto,
        };
        // An organisation on the command line wins over a registry in a file.
        let registry = args.registry.clone().or_else(|| settings.registry.clone().filter(|_| args.org.is_none()));
        let options = Options {
            org: args.org.clone().or_else(|| settings.org.clone()).unwrap_or(default.org),
            registry,
            split,
            annotate: args.annotate || settings.annotate.unwrap_or(default.annotate),
            ignored: settings.ignore.iter().chain(&args.ignore).cloned().collect(),
        };
        Ok(Self { mappings: mappings(&args.tables, settings)?, options, run: Mutex::default() })
    }

    /// What an image becomes that is only run, and what is said of it; found out once.
    pub(crate) fn once(
        &self,
        image: &str,
        find: impl FnOnce() -> Option<(String, String)>,
    ) -> Option<(String, String)> {
        if let Some(known) = self.run.lock().unwrap_or_else(PoisonError::into_inner).get(image) {
            return known.clone();
        }
        let found = find();
        self.run.lock().unwrap_or_else(PoisonError::into_inner).insert(image.to_owned(), found.clone());
        found
    }

    /// Plans the migration of one file, carries it out on the text, and checks the result.
    pub(crate) fn rewrite<'t>(
        &self,
        text: &'t str,
        context: &dyn BuildContext,
        lineage: &Lineage,
    ) -> Result<Rewrite<'t>, Problem> {
        let dockerfile = wolfify_syntax::parse(text).map_err(|error| invalid(&error))?;
        let plan = wolfify_planner::plan(text, &dockerfile, &self.mappings, context, &self.options, lineage);
        let edits = plan.edits(text).map_err(|error| internal(&error.to_string()))?;
        let new_text = edits.apply();
        wolfify_planner::verify(text, &dockerfile, &plan, &new_text, &self.mappings, context, &self.options, lineage)
            .map_err(|broken| internal(&broken.to_string()))?;
        Ok(Rewrite { plan, edits, new_text, dockerfile })
    }

    /// Whether a target is a bare system on which what the image is about has to be installed.
    pub(crate) fn installs(&self, image: &str, target: &str) -> bool {
        let Ok(image) = ImageRef::parse(image) else { return false };
        let bare = ImageRef::parse(target).is_ok_and(|target| {
            target.path.text.rsplit('/').next().is_some_and(|name| matches!(name, "wolfi-base" | "chainguard-base"))
        });
        let found = self.mappings.image(&image.familiar(), image.tag_text());
        bare && matches!(found, Lookup::Mapped(mapping) if !mapping.packages.is_empty())
    }

    /// What a stage of a file gives to others that build on it.
    pub(crate) fn describe(
        &self,
        text: &str,
        new_text: &str,
        stage: Option<&str>,
        context: &dyn BuildContext,
        lineage: &Lineage,
    ) -> BaseState {
        wolfify_planner::describe(lineage, text, new_text, stage, &self.mappings, context, &self.options)
    }
}

/// The tables that the user wants to have in force.
pub(crate) fn mappings(args: &TableArgs, settings: &Settings) -> anyhow::Result<Mappings> {
    let builtin = Mappings::new(TABLES);
    let without = args.no_builtin_mappings || settings.builtin_mappings == Some(false);
    let mut mappings = if without { builtin.without_builtin() } else { builtin };
    for table in &settings.tables {
        mappings.overlay(table.clone());
    }
    for file in &args.mappings {
        mappings.overlay(user_table(file)?);
    }
    if let Some(file) = args.index.as_ref().or(settings.index.as_ref()) {
        mappings.set_index(index::load(file)?);
    }
    Ok(mappings)
}

/// Reads a table of the user's own.
pub(crate) fn user_table(file: &Path) -> anyhow::Result<UserTable> {
    let name = String::from_utf8_lossy(&relative(file)).into_owned();
    let text = std::fs::read_to_string(file).map_err(|error| failure::cannot_read(file, &error))?;
    Ok(UserTable::parse(&text, &name)?)
}

fn invalid(error: &ParseError) -> Problem {
    Problem::at(&INVALID, error.range, format!("{}; {}", error.message, error.help))
}

/// A mistake of ours, with the request to report it.
pub(crate) fn internal(what: &str) -> Problem {
    Problem::new(&INTERNAL, format!("{what}; the file is left as it is, please report this as a bug of wolfify"))
}
