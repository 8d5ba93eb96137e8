//! Every format against the file it gave before, and what must hold of it whatever the findings are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::schema::violations;
use super::{OLD, Sandbox};
use crate::program::run;

/// Formats and the names of their files.
const FORMATS: [(&str, &str); 8] = [
    ("text", "check.txt"),
    ("json", "check.json"),
    ("jsonl", "check.jsonl"),
    ("sarif", "check.sarif"),
    ("github", "check.github"),
    ("gitlab", "check.gitlab.json"),
    ("rdjson", "check.rdjson"),
    ("markdown", "check.md"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

fn rendered(format: &str) -> String {
    let run = run(&folder().join("tree"), &["check", "--quiet", "--format", format]);
    assert_eq!(run.code, Some(2), "one file cannot be read: {}", run.stderr);
    run.text().to_owned()
}

/// Without the rules and their numbers, which would change with every new rule and every word of its documentation.
fn without_rules(sarif: &str) -> String {
    let begin = sarif.find("\"rules\":[").unwrap();
    let end = sarif.find("},\"columnKind\"").unwrap();
    let mut parts = sarif[end..].split("\"ruleIndex\":");
    let first = parts.next().unwrap();
    let rest = parts.map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(','));
    format!("{}\"rules\":[]}}{first}{}", &sarif[..begin], rest.collect::<String>())
}

#[test]
fn cases_of_every_format() {
    let bless = std::env::var_os("WOLFIFY_BLESS").is_some_and(|value| value == "1");
    for (format, name) in FORMATS {
        let mut text = rendered(format);
        if format == "sarif" {
            text = without_rules(&text);
        }
        let path = folder().join(name);
        if bless {
            fs::write(&path, &text).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text, expected, "{name} differs; WOLFIFY_BLESS=1 writes it");
    }
}

/// Applies the replacements of a SARIF log to a text, by line and column.
fn patched(text: &str, sarif: &Value, uri: &str) -> String {
    let offset = |line: &Value, column: &Value| {
        let (line, column) = (line.as_u64().unwrap() as usize, column.as_u64().unwrap() as usize);
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        start + text[start..].chars().take(column - 1).map(char::len_utf8).sum::<usize>()
    };
    let mut edits = BTreeSet::new();
    for result in sarif["runs"][0]["results"].as_array().unwrap() {
        for change in
            result["fixes"].as_array().into_iter().flatten().filter_map(|fix| fix["artifactChanges"].as_array())
        {
            for change in change.iter().filter(|change| change["artifactLocation"]["uri"] == uri) {
                for replacement in change["replacements"].as_array().unwrap() {
                    let region = &replacement["deletedRegion"];
                    let start = offset(&region["startLine"], &region["startColumn"]);
                    let end = offset(&region["endLine"], &region["endColumn"]);
                    let text = replacement["insertedContent"]["text"].as_str().unwrap_or_default();
                    edits.insert((start, end, text.to_owned()));
                }
            }
        }
    }
    let mut new = text.to_owned();
    for (start, end, with) in edits.into_iter().rev() {
        new.replace_range(start..end, &with);
    }
    new
}

#[test]
fn the_fixes_of_sarif_lead_to_the_text_of_apply() {
    let sandbox = Sandbox::new();
    sandbox.write("größe 1/Dockerfile", format!("# größe\n{OLD}"));
    let sarif = sandbox.run(&["check", "--format=sarif"]).json();
    let new = patched(&sandbox.read("größe 1/Dockerfile"), &sarif, "gr%C3%B6%C3%9Fe%201/Dockerfile");
    sandbox.run(&["apply"]);
    assert_eq!(new, sandbox.read("größe 1/Dockerfile"));
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in sarif["runs"][0]["results"].as_array().unwrap() {
        let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"], "%SRCROOT%");
    }
}

#[test]
fn sarif_is_valid() {
    let schema = fs::read_to_string(folder().join("sarif-2.1.0/sarif-schema-2.1.0.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let found = violations(&schema, &serde_json::from_str(&rendered("sarif")).unwrap());
    assert_eq!(found, Vec::<String>::new());
    let sandbox = Sandbox::new();
    assert_eq!(violations(&schema, &sandbox.run(&["check", "--format=sarif"]).json()), Vec::<String>::new());
    let mut wrong: Value = serde_json::from_str(&rendered("sarif")).unwrap();
    wrong["runs"][0]["results"][0]["level"] = "bad".into();
    assert_eq!(violations(&schema, &wrong).len(), 1);
}

/// Lines above, indentation and the run's folder may change; a second equal finding has a name of its own.
#[test]
fn fingerprints_stay_while_the_file_changes() {
    let sandbox = Sandbox::new();
    let fingerprints = |text: &str| -> Vec<String> {
        sandbox.write("Dockerfile", text);
        let sarif = sandbox.run(&["check", "--format=sarif"]).json();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let mark = |result: &Value| result["partialFingerprints"]["wolfify/v1"].as_str().unwrap().to_owned();
        results.iter().map(mark).collect()
    };
    let before = fingerprints(OLD);
    assert_eq!(fingerprints(&format!("# one more line\n\n{}", OLD.replace("&& apt", "&&   apt"))), before);
    let twice = fingerprints(&format!("{OLD}RUN apt-get update && apt-get install -y curl\n"));
    assert_eq!(twice.iter().collect::<BTreeSet<_>>().len(), twice.len());
}

#[test]
fn suggestions_of_rdjson_count_columns_in_bytes() {
    let report: Value = serde_json::from_str(&rendered("rdjson")).unwrap();
    let text = fs::read_to_string(folder().join("tree/api/Dockerfile")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let diagnostics = report["diagnostics"].as_array().unwrap();
    let place = |position: &Value| (position["line"].as_u64().unwrap(), position["column"].as_u64().unwrap());
    for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic["location"]["path"] == "api/Dockerfile") {
        let (line, column) = place(&diagnostic["location"]["range"]["start"]);
        assert!(lines[line as usize - 1].is_char_boundary(column as usize - 1));
    }
    assert!(diagnostics.iter().any(|diagnostic| diagnostic["suggestions"][0]["text"].is_string()));
}

/// Markup in a file must not become markup of the page, and nothing may be loaded from elsewhere.
#[test]
fn the_page_holds_every_file_and_needs_nothing_else() {
    let sandbox = Sandbox::new();
    let odd =
        "# </script><script>alert(1)</script><!--\nFROM debian:12\nRUN apt-get update && apt-get install -y x-y-z\n";
    sandbox.write("<b>/Dockerfile", odd);
    sandbox.write("a/Dockerfile", OLD);
    sandbox.write("bad/Dockerfile", b"\xff");
    assert_eq!(sandbox.run(&["check", "--report=page.html"]).code, Some(2));
    let page = sandbox.read("page.html");
    let data = |class: &str| -> Vec<Value> {
        let tag = format!("<script type=\"application/json\" class=\"{class}\">");
        let scripts = page.split(&tag).skip(1).map(|rest| rest.split("</script>").next().unwrap());
        scripts.map(|json| serde_json::from_str(json).unwrap()).collect()
    };
    let (data, texts) = (data("file"), data("text"));
    let paths: Vec<&str> = data.iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["<b>/Dockerfile", "a/Dockerfile", "bad/Dockerfile"]);
    assert_eq!(texts[0]["text"], odd);
    let diff = texts[1]["diff"].as_str().unwrap();
    assert!(diff.starts_with("@@ ") && diff.contains(" @@\n-FROM debian:12\n"), "{diff}");
    assert_eq!(page.matches("<script>").count(), 1, "only the page's own program");
    assert_eq!(page.matches("<!--").count(), 0);
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let again = sandbox.run(&["check", "--report=again.html", "--jobs=8"]);
    assert_eq!((again.code, sandbox.read("again.html")), (Some(2), page));
}

#[test]
fn a_report_of_nothing_is_still_a_report() {
    let sandbox = Sandbox::new();
    for format in ["json", "sarif", "gitlab", "rdjson"] {
        let run = sandbox.run(&["check", "--format", format]);
        assert_eq!(run.code, Some(0));
        run.json();
    }
    assert_eq!(sandbox.run(&["check", "--format=sarif"]).json()["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(sandbox.run(&["check", "--format=github"]).text(), "");
}
