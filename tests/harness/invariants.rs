//! What holds for every file, whatever is expected of it.

use std::fs;

use serde_json::Value;
use wolfify_edit::{Edit, EditSet, Fix, TextRange};

use crate::harness::{Case, effective, flow};
use crate::program::Run;

/// Every invariant that the case breaks.
pub(crate) fn broken(case: &Case, original: &[u8]) -> Vec<String> {
    let report = case.run(&["check", "--format=json"]).json();
    let file = &report["files"][0];
    let mut failures = well_formed(&report);
    if let Some(finding) = findings(file).find(|finding| finding["rule"] == "internal-error") {
        failures.push(format!("the program found a mistake of its own: {}", finding["message"]));
    }
    let converted = case.run(&["convert"]);
    if file["outcome"] == "error" {
        expect(&mut failures, converted.stdout == original, "a file in error is not passed on as it was");
        return failures;
    }
    let text = std::str::from_utf8(original).unwrap();
    match rebuilt(text, file) {
        Ok(new) => {
            let same = new.as_bytes() == converted.stdout;
            expect(&mut failures, same, "the edits of the report do not lead to the text that `convert` prints");
            expect(&mut failures, file["changed"] == (new != text), "`changed` is wrong");
            let edits: Vec<Edit> = fixes(file).flat_map(|fix| fix.edits).collect();
            failures.extend(flow::differences(text, &new, &edits));
            failures.extend(effective::broken(text, &new, file));
        }
        Err(error) => failures.push(format!("the edits of the report cannot be applied: {error}")),
    }
    if let Err(error) = wolfify_syntax::parse(converted.text()) {
        failures.push(format!("the new text is not a Dockerfile: {error}"));
    }
    failures.extend(second_run(case, &converted));
    failures
}

fn expect(failures: &mut Vec<String>, holds: bool, otherwise: &str) {
    if !holds {
        failures.push(otherwise.to_owned());
    }
}

fn findings(file: &Value) -> impl Iterator<Item = &Value> {
    file["findings"].as_array().into_iter().flatten()
}

/// Checks counts, order and positions of a report.
fn well_formed(report: &Value) -> Vec<String> {
    let mut failures = Vec::new();
    let file = &report["files"][0];
    expect(&mut failures, report["version"] == 1 && report["summary"]["files"] == 1, "not a report of one file");
    let outcome = file["outcome"].as_str().unwrap_or_default();
    expect(&mut failures, report["summary"]["outcomes"][outcome] == 1, "the outcome is not counted");
    for level in ["note", "warning", "error"] {
        let count = findings(file).filter(|finding| finding["level"] == level).count();
        expect(&mut failures, report["summary"]["findings"][level] == count, "findings are not counted right");
    }
    let place = |finding: &Value, line: &str, column: &str| (finding[line].as_u64(), finding[column].as_u64());
    let starts: Vec<_> = findings(file).map(|finding| place(finding, "line", "column")).collect();
    expect(&mut failures, starts.is_sorted(), "findings are not in the order of the file");
    let ordered = |finding| place(finding, "line", "column") <= place(finding, "end_line", "end_column");
    expect(&mut failures, findings(file).all(ordered), "a finding ends before it starts");
    failures
}

/// Applies the edits of all findings, as a reader of the report would.
pub(crate) fn rebuilt(text: &str, file: &Value) -> Result<String, String> {
    let fixes: Vec<Fix> = fixes(file).collect();
    EditSet::from_fixes(text, &fixes).map(|set| set.apply()).map_err(|error| error.to_string())
}

/// The fixes of all findings.
pub(crate) fn fixes(file: &Value) -> impl Iterator<Item = Fix> {
    findings(file).filter_map(|finding| finding.get("fix")).map(fix)
}

fn fix(fix: &Value) -> Fix {
    let offset = |edit: &Value, name: &str| u32::try_from(edit[name].as_u64().unwrap()).unwrap().into();
    let edit = |edit: &Value| {
        Edit::replace(TextRange::new(offset(edit, "start"), offset(edit, "end")), edit["text"].as_str().unwrap())
    };
    Fix { title: fix["title"].to_string(), edits: fix["edits"].as_array().unwrap().iter().map(edit).collect() }
}

/// Runs the program on its own result, which must not change any more.
fn second_run(case: &Case, converted: &Run) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Dockerfile");
    fs::write(&path, &converted.stdout).unwrap();
    let mut arguments = vec!["convert".to_owned()];
    arguments.extend(case.options.iter().cloned());
    if !case.options.iter().any(|option| option.starts_with("--context=")) {
        arguments.push("--context=.".to_owned());
    }
    arguments.push(path.display().to_string());
    let again = crate::program::run(&case.folder, &arguments);
    if again.stdout == converted.stdout {
        return None;
    }
    let difference = wolfify_edit::diff("once", "twice", converted.text(), again.text());
    Some(format!("a second run changes the file again:\n{difference}{}", again.stderr))
}
