//! Runs every case under `tests/cases/RULE/CASE/` and every example under `examples/NAME/` through the built program.
//!
//! A case is a folder with
//!
//! - `Dockerfile`, or another name given in `args`;
//! - `expected.diff`: what `wolfify diff` prints; empty when nothing may change;
//! - `findings.txt`: what `wolfify check` prints, errors included;
//! - `args`, if need be: options, separated by blanks or lines, values joined with `=`. A word without a dash is the name
//!   of the Dockerfile. Paths are relative to the case;
//! - `context/`, if need be: the build context. Without it the context is empty; for an example it is the example.
//!
//! An example has no `findings.txt` but a `README.md`. `WOLFIFY_BLESS=1` writes the expectations, `WOLFIFY_CASE=part`
//! runs only the cases with that part in their path. Whatever the expectations say, every case must pass the invariants.

mod corpus;
mod effective;
mod flow;
mod invariants;
mod rules;

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::program::{Run, run};

/// One folder to test.
pub(crate) struct Case {
    folder: PathBuf,
    dockerfile: String,
    options: Vec<String>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Case,
    Example,
}

impl Case {
    fn new(folder: PathBuf, kind: Kind, empty: &Path) -> Self {
        let words = fs::read_to_string(folder.join("args")).unwrap_or_default();
        let (mut options, names): (Vec<String>, Vec<String>) =
            words.split_whitespace().map(str::to_owned).partition(|word| word.starts_with('-'));
        if folder.join("context").is_dir() {
            options.push("--context=context".to_owned());
        } else if kind == Kind::Case {
            options.push(format!("--context={}", empty.display()));
        }
        let dockerfile = names.into_iter().next().unwrap_or_else(|| "Dockerfile".to_owned());
        Self { folder, dockerfile, options, kind }
    }

    /// Runs a command of the program on the case's Dockerfile.
    fn run(&self, command: &[&str]) -> Run {
        let mut arguments: Vec<&str> = command.to_vec();
        arguments.extend(self.options.iter().map(String::as_str));
        arguments.push(&self.dockerfile);
        run(&self.folder, &arguments)
    }

    /// Everything that is wrong with the case.
    fn failures(&self, bless: bool) -> Vec<String> {
        let mut failures = Vec::new();
        if self.kind == Kind::Example && !self.folder.join("README.md").is_file() {
            failures.push("README.md is missing".to_owned());
        }
        let Ok(original) = fs::read(self.folder.join(&self.dockerfile)) else {
            return vec![format!("{} is missing", self.dockerfile)];
        };
        failures.extend(self.compare("expected.diff", self.run(&["diff", "--quiet"]).text(), bless));
        if self.kind == Kind::Case {
            let check = self.run(&["check", "--quiet"]);
            failures.extend(self.compare("findings.txt", &format!("{}{}", check.text(), check.stderr), bless));
        }
        failures.extend(invariants::broken(self, &original));
        failures
    }

    /// Holds what the program printed against a file.
    fn compare(&self, name: &str, printed: &str, bless: bool) -> Option<String> {
        let path = self.folder.join(name);
        let expected = fs::read_to_string(&path).ok();
        if expected.as_deref() == Some(printed) {
            return None;
        }
        if bless {
            fs::write(&path, printed).unwrap();
            return None;
        }
        let Some(expected) = expected else {
            return Some(format!("{name} is missing; WOLFIFY_BLESS=1 writes it:\n{printed}"));
        };
        Some(format!("{name} differs (- expected, + got):\n{}", wolfify_edit::diff(name, name, &expected, printed)))
    }
}

/// The folders in a folder, sorted.
fn folders(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run_cases(paths: Vec<PathBuf>, kind: Kind) {
    let bless = std::env::var_os("WOLFIFY_BLESS").is_some_and(|value| value == "1");
    let only = std::env::var("WOLFIFY_CASE").unwrap_or_default();
    let empty = tempfile::tempdir().unwrap();
    let paths = paths.into_iter().filter(|path| path.to_string_lossy().contains(&only));
    let cases: Vec<Case> = paths.map(|path| Case::new(path, kind, empty.path())).collect();
    let failed = cases.par_iter().filter_map(|case| {
        let failures = case.failures(bless);
        let name = case.folder.strip_prefix(root()).unwrap().display();
        (!failures.is_empty()).then(|| format!("== {name}\n{}\n", failures.join("\n")))
    });
    let failed: Vec<String> = failed.collect();
    assert!(failed.is_empty(), "{} of {} failed\n\n{}", failed.len(), cases.len(), failed.join("\n"));
}

#[test]
fn cases() {
    let rules = folders(&root().join("tests/cases"));
    run_cases(rules.iter().flat_map(|rule| folders(rule)).collect(), Kind::Case);
}

#[test]
fn examples() {
    let mut examples = folders(&root().join("examples"));
    // Files for other programs; `cli::automation` tries them.
    examples.retain(|folder| !folder.ends_with("automation"));
    run_cases(examples, Kind::Example);
}

/// The migration in README.md is the one of the example it names.
#[test]
fn the_readme_shows_an_example_as_it_is() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let patch = read("examples/debian-packages/expected.diff");
    assert!(read("README.md").contains(&format!("```diff\n{patch}```\n")), "README.md shows another patch");
}
