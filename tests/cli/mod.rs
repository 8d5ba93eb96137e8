//! The command line: arguments, files, streams, exit codes.

mod automation;
mod chains;
mod config;
mod formats;
mod golden;
mod index;
mod inputs;
mod inventory;
mod scale;
mod schema;
#[cfg(unix)]
mod terminal;
mod usage;
mod writing;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::program::{self, Run};

/// A file that every version of the program migrates.
const OLD: &str = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nCMD [\"curl\", \"--version\"]\n";

/// A folder of its own for one test.
struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With one file that can be migrated.
    fn with_dockerfile() -> Self {
        let sandbox = Self::new();
        sandbox.write("Dockerfile", OLD);
        sandbox
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Names of all entries of the folder itself, sorted.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn run(&self, arguments: &[&str]) -> Run {
        program::run(self.root(), arguments)
    }

    fn run_with_stdin(&self, arguments: &[&str], stdin: &str) -> Run {
        program::run_with_stdin(self.root(), arguments, stdin.as_bytes())
    }

    /// The new text of `OLD`.
    fn new_text(&self) -> String {
        let run = self.run_with_stdin(&["convert", "-"], OLD);
        assert_ne!(run.text(), OLD);
        run.text().to_owned()
    }
}
