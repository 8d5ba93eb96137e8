//! Every rule has its cases.

use std::fs;

use wolfify_planner::RULES;

use crate::harness::{folders, root};
use crate::program::run_with_stdin;

/// At least one case in which the rule speaks and one in which it must not.
#[test]
fn every_rule_has_a_case_that_fires_and_one_that_does_not() {
    let mut missing = Vec::new();
    for rule in RULES {
        let cases = folders(&root().join("tests/cases").join(rule.id));
        let speaks = |case: &std::path::PathBuf| {
            let findings = fs::read_to_string(case.join("findings.txt")).unwrap_or_default();
            findings.contains(&format!("[{}]", rule.id))
        };
        let firing = cases.iter().filter(|case| speaks(case)).count();
        for (count, what) in [(firing, "fires"), (cases.len() - firing, "does not fire")] {
            if count == 0 {
                missing.push(format!("tests/cases/{}/ has no case in which the rule {what}", rule.id));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// A folder that is no rule's would never be looked for by the test above.
#[test]
fn every_folder_of_cases_is_a_rule() {
    for folder in folders(&root().join("tests/cases")) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(RULES.iter().any(|rule| rule.id == name), "tests/cases/{name}: there is no rule of that name");
    }
}

/// What a rule's documentation shows as its example and result is what the program does.
#[test]
fn the_example_of_every_rule_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for rule in RULES {
        let example = code(section(rule.docs, "Example")).unwrap_or_else(|| panic!("{} has no example", rule.id));
        // A result in prose says that the file, or the command in question, stays as it is.
        let prose = section(rule.docs, "Result");
        let Some(result) = code(prose).or_else(|| prose.starts_with("Nothing changes").then(|| example.clone())) else {
            continue;
        };
        // Three rules are about the split itself; the others are shown without it.
        let split = if matches!(rule.id, "dev-image" | "runtime-image" | "stage-split") {
            "--split=auto"
        } else {
            "--split=never"
        };
        let run = run_with_stdin(folder.path(), &["convert", split, "-"], example.as_bytes());
        if run.text() != result {
            wrong.push(format!("{}:\n{}", rule.id, wolfify_edit::diff("documented", "done", &result, run.text())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The text below a heading, up to the next one.
fn section<'d>(docs: &'d str, heading: &str) -> &'d str {
    let heading = format!("## {heading}\n");
    let start = docs.find(&heading).map_or(docs.len(), |at| at + heading.len());
    let rest = docs[start..].trim_start();
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

/// The first block of Dockerfile code.
fn code(section: &str) -> Option<String> {
    let (_, rest) = section.split_once("```dockerfile\n")?;
    rest.split_once("```").map(|(code, _)| code.to_owned())
}

/// The tables of what the public guides ask for, and of what others get wrong, name all of it, each with cases that exist.
#[test]
fn every_row_of_the_tables_has_a_case() {
    let text = fs::read_to_string(root().join("tests/cases/README.md")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.split('|').map(str::trim).collect())
        .filter(|row: &Vec<&str>| row[1] != "row")
        .collect();
    let groups = [("U", 17), ("E", 11), ("C", 8), ("N", 11), ("D", 28)];
    let wanted = groups.iter().flat_map(|(group, count)| (1..=*count).map(move |number| format!("{group}{number}")));
    let found: Vec<&str> = rows.iter().map(|row| row[1]).collect();
    assert_eq!(found, wanted.collect::<Vec<_>>());
    let mut missing = Vec::new();
    for row in &rows {
        let cases: Vec<&str> = row[3].split('`').map(str::trim).filter(|case| !case.is_empty()).collect();
        let there = |case: &&str| root().join("tests/cases").join(case).join("findings.txt").is_file();
        missing.extend(cases.iter().filter(|case| !there(case)).map(|case| format!("{}: there is no {case}", row[1])));
        if cases.is_empty() {
            missing.push(format!("{} has no case", row[1]));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
