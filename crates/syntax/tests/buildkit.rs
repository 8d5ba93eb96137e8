//! BuildKit's reading of each `tests/buildkit/NAME.Dockerfile` lies beside it in `NAME.json`, one instruction a line.
//!
//! `WOLFIFY_BLESS=1` writes what this parser answers. That alone proves nothing: `tests/oracles/run buildkit` at the root
//! of the repository holds the same files against BuildKit itself.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

#[path = "../examples/dump.rs"]
#[allow(dead_code, reason = "the program around it")]
mod dump;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/buildkit");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "Dockerfile"));
    files.sort();
    files
}

/// JSON with a line for each instruction, so that a difference is a line.
fn lines(answer: &Value) -> String {
    let instructions = answer["instructions"].as_array().unwrap();
    let instructions: Vec<String> = instructions.iter().map(|one| format!("\n  {one}")).collect();
    let rest = |key: &str| format!("\"{key}\": {}", answer[key]);
    format!("{{{},\n {},\n \"instructions\": [{}]}}\n", rest("error"), rest("escape"), instructions.join(","))
}

#[test]
fn instructions_are_those_of_buildkit() {
    let files = files();
    assert!(files.len() > 50, "only {} files", files.len());
    for path in files {
        let ours = lines(&dump::answer(fs::read(&path).unwrap()));
        let answer = path.with_extension("json");
        if std::env::var_os("WOLFIFY_BLESS").is_some() {
            fs::write(&answer, &ours).unwrap();
        }
        let theirs = fs::read_to_string(&answer).unwrap();
        assert_eq!(theirs, ours, "{}", path.display());
    }
}
