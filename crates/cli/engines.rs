//! The engine for each file: one for all files with the same settings.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::args::PlanArgs;
use crate::config::{self, Configs, Settings};
use crate::engine::Engine;
use crate::failure;
use crate::input::Input;
use crate::problem::{CONFIGURATION, Problem};

/// What to do with the files that have one group of settings.
pub(crate) struct Setup {
    pub(crate) engine: Engine,
    /// The build context in place of the file's folder.
    pub(crate) context: Option<PathBuf>,
    /// Leave files alone that need a person.
    pub(crate) strict: bool,
}

/// Sections of configuration files, which name a group of settings.
type Key = Vec<(usize, usize)>;

/// All engines of a run.
pub(crate) struct Engines {
    args: PlanArgs,
    configs: Arc<Configs>,
    known: Mutex<HashMap<Key, Arc<Setup>>>,
}

impl Engines {
    /// Engines under the choices of the command line and the configuration. What the command line names is read at
    /// once, so that a mistake in it ends the run before it has begun.
    pub(crate) fn new(args: PlanArgs, configs: Arc<Configs>) -> anyhow::Result<Self> {
        let plain = setup(&args, &Settings::default())?;
        let known = Mutex::new(HashMap::from([(Key::new(), Arc::new(plain))]));
        Ok(Self { args, configs, known })
    }

    /// The one for a file.
    pub(crate) fn of(&self, input: &Input) -> Result<Arc<Setup>, Problem> {
        let folder = input.folder().unwrap_or(Path::new("."));
        let chain = self.configs.of(folder);
        let (key, settings) = if chain.is_empty() {
            Default::default()
        } else {
            let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
            config::settings(&chain, &real.join(input.path.file_name().unwrap_or_default()))
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(setup) = known.get(&key) {
            return Ok(Arc::clone(setup));
        }
        let made = setup(&self.args, &settings).map_err(|error| Problem::new(&CONFIGURATION, format!("{error:#}")))?;
        let made = Arc::new(made);
        known.insert(key, Arc::clone(&made));
        Ok(made)
    }
}

fn setup(args: &PlanArgs, settings: &Settings) -> anyhow::Result<Setup> {
    let context = args.context.clone().or_else(|| settings.context.clone());
    if let Some(context) = context.as_deref().filter(|context| !context.is_dir()) {
        return Err(failure::at(context, 1, 1, "is not a directory; give --context the folder that is built from"));
    }
    let strict = args.strict || settings.strict.unwrap_or(false);
    Ok(Setup { engine: Engine::new(args, settings)?, context, strict })
}
