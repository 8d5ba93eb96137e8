//! `wolfify.toml`: settings for a tree, for its parts, and for single paths.
//!
//! Every folder may have one. For a file those above it count, up to the root of its repository; the nearest comes
//! last and wins. The command line and the environment win over all of them.

mod file;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::bail;

use crate::args::ConfigArgs;

pub(crate) use file::{ConfigFile, Settings};

/// The name that is looked for.
const NAME: &str = "wolfify.toml";

/// The configuration files of a run, read when a folder is first asked about.
#[derive(Debug, Default)]
pub(crate) struct Configs {
    /// `--config`: this one for all files.
    fixed: Option<Chain>,
    /// `--no-config`
    off: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    folders: HashMap<PathBuf, Chain>,
    /// Lines with a place.
    errors: Vec<String>,
}

/// The files that count in a folder, the nearest last. Shared by all folders below that have none of their own.
pub(crate) type Chain = Arc<Vec<Arc<ConfigFile>>>;

impl Configs {
    /// What the command line says about configuration files.
    pub(crate) fn new(args: &ConfigArgs) -> anyhow::Result<Self> {
        let mut configs = Self { off: args.no_config, ..Self::default() };
        if let Some(path) = args.config.as_deref().filter(|_| !args.no_config) {
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            match ConfigFile::read(&path) {
                Ok(file) => configs.fixed = Some(Arc::new(vec![Arc::new(file)])),
                Err(error) => bail!(error),
            }
        }
        Ok(configs)
    }

    /// The configuration of a folder.
    pub(crate) fn of(&self, folder: &Path) -> Chain {
        if let Some(fixed) = &self.fixed {
            return Arc::clone(fixed);
        }
        if self.off {
            return Chain::default();
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chain) = state.folders.get(folder) {
            return Arc::clone(chain);
        }
        let Ok(real) = fs::canonicalize(folder) else { return Chain::default() };
        let chain = state.chain(&real);
        state.folders.insert(folder.to_owned(), Arc::clone(&chain));
        chain
    }

    /// The same for a folder without links or dots in its path.
    pub(crate) fn of_real(&self, folder: &Path) -> Chain {
        if let Some(fixed) = &self.fixed {
            return Arc::clone(fixed);
        }
        if self.off {
            return Chain::default();
        }
        self.state.lock().unwrap_or_else(PoisonError::into_inner).chain(folder)
    }

    /// Fails when something is wrong with a file read so far, with a line for each.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let mut errors = self.state.lock().unwrap_or_else(PoisonError::into_inner).errors.clone();
        errors.sort();
        if errors.is_empty() { Ok(()) } else { bail!(errors.join("\n")) }
    }
}

impl State {
    /// The configuration of a folder without links or dots in its path.
    fn chain(&mut self, folder: &Path) -> Chain {
        if let Some(chain) = self.folders.get(folder) {
            return Arc::clone(chain);
        }
        // What lies above a repository is not part of it: a checkout gives the same everywhere.
        let above = folder.parent().filter(|_| !folder.join(".git").exists());
        let mut chain = above.map(|above| self.chain(above)).unwrap_or_default();
        let path = folder.join(NAME);
        if path.is_file() {
            match ConfigFile::read(&path) {
                Ok(file) => {
                    let mut files = chain.to_vec();
                    files.push(Arc::new(file));
                    chain = Arc::new(files);
                }
                Err(error) => self.errors.push(error),
            }
        }
        self.folders.insert(folder.to_owned(), Arc::clone(&chain));
        chain
    }
}

/// Whether a file that is not named like a Dockerfile is to be looked at. The path has no links in its folder.
pub(crate) fn included(chain: &Chain, path: &Path) -> bool {
    chain.iter().any(|file| file.includes(path))
}

/// Whether a file or folder is to be passed over; the nearest file that speaks of it decides.
pub(crate) fn excluded(chain: &Chain, path: &Path, folder: bool) -> bool {
    chain.iter().rev().find_map(|file| file.excludes(path, folder)).unwrap_or(false)
}

/// The settings for one file, and a name that is the same for all files with the same settings.
pub(crate) fn settings(chain: &Chain, path: &Path) -> (Vec<(usize, usize)>, Settings) {
    let mut settings = Settings::default();
    let mut key = Vec::new();
    for file in chain.iter() {
        for (index, section) in file.sections.iter().enumerate().filter(|(_, section)| section.covers(path)) {
            key.push((Arc::as_ptr(file) as usize, index));
            settings.overlay(&section.settings);
        }
    }
    (key, settings)
}

impl Settings {
    /// Puts a nearer section above this: its values win, its lists are added.
    fn overlay(&mut self, nearer: &Self) {
        fn set<T: Clone>(value: &mut Option<T>, nearer: &Option<T>) {
            if nearer.is_some() {
                value.clone_from(nearer);
            }
        }
        set(&mut self.org, &nearer.org);
        // A nearer organisation also wins over a registry from further away.
        if nearer.org.is_some() {
            self.registry = None;
        }
        set(&mut self.registry, &nearer.registry);
        set(&mut self.split, &nearer.split);
        set(&mut self.annotate, &nearer.annotate);
        set(&mut self.strict, &nearer.strict);
        set(&mut self.context, &nearer.context);
        set(&mut self.builtin_mappings, &nearer.builtin_mappings);
        set(&mut self.index, &nearer.index);
        self.ignore.extend(nearer.ignore.iter().cloned());
        self.tables.extend(nearer.tables.iter().cloned());
    }
}
