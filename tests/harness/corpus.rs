//! The invariants over a folder of real Dockerfiles, which are not part of the repository.

use std::fs;
use std::path::PathBuf;

use rayon::prelude::*;
use serde_json::Value;
use wolfify_edit::Edit;

use crate::harness::{flow, invariants};
use crate::program::run;

/// `WOLFIFY_CORPUS=FOLDER cargo test --test tests corpus -- --ignored`
#[test]
#[ignore = "needs a folder of Dockerfiles in WOLFIFY_CORPUS"]
fn corpus() {
    let folder = PathBuf::from(std::env::var_os("WOLFIFY_CORPUS").expect("WOLFIFY_CORPUS names a folder"));
    let report = run(&folder, &["check", "--format=jsonl", "."]);
    let files: Vec<Value> = report.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let files: Vec<&Value> = files.iter().filter(|file| file["path"].is_string()).collect();
    let failed: Vec<String> = files.par_iter().filter_map(|file| broken(&folder, file)).collect();
    println!("{} files, {} broken", files.len(), failed.len());
    assert!(failed.is_empty(), "{} of {} files\n{}", failed.len(), files.len(), failed.join("\n"));
}

/// What is wrong with the result for one file.
fn broken(folder: &std::path::Path, file: &Value) -> Option<String> {
    let path = file["path"].as_str()?;
    let findings = file["findings"].as_array()?;
    if let Some(own) = findings.iter().find(|finding| finding["rule"] == "internal-error") {
        return Some(format!("{path}: {}", own["message"]));
    }
    if file["changed"] != true {
        return None;
    }
    let text = String::from_utf8(fs::read(folder.join(path)).ok()?).ok()?;
    let new_text = match invariants::rebuilt(&text, file) {
        Ok(new_text) => new_text,
        Err(error) => return Some(format!("{path}: {error}")),
    };
    if let Err(error) = wolfify_syntax::parse(&new_text) {
        return Some(format!("{path}: {error}"));
    }
    let edits: Vec<Edit> = invariants::fixes(file).flat_map(|fix| fix.edits).collect();
    let differences = flow::differences(&text, &new_text, &edits);
    (!differences.is_empty()).then(|| format!("{path}: {}", differences.join("; ")))
}
