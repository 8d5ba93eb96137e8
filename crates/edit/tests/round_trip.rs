//! Random texts and edits: what is applied is what was asked for, and diffs do the same as the edits.
#![allow(clippy::unwrap_used, reason = "everything here is a test; clippy only knows that of the test functions")]

use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use wolfify_edit::{Edit, EditError, EditSet, Fix, TextRange, diff, unified_diff};

/// Lines with every ending and some characters of more than one byte; lines repeat often.
fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![Just("a".to_owned()), Just("--- b".to_owned()), Just(String::new()), "[ab é€+-]{0,6}"];
    let ending = prop_oneof![6 => Just("\n"), 1 => Just("\r\n")];
    let lines = proptest::collection::vec((line, ending), 0..30);
    (lines, any::<bool>()).prop_map(|(lines, end)| {
        let text: String = lines.into_iter().flat_map(|(line, ending)| [line, ending.to_owned()]).collect();
        if end { text } else { text.trim_end_matches(['\r', '\n']).to_owned() }
    })
}

/// Edits by character positions, not sorted, perhaps in conflict.
fn edits() -> impl Strategy<Value = Vec<(usize, usize, String)>> {
    let new = prop_oneof![Just(String::new()), Just("x\n".to_owned()), "[xé\n]{0,4}"];
    proptest::collection::vec((0..200usize, 0..20usize, new), 0..12)
}

fn edit(text: &str, start: usize, len: usize, new: &str) -> Edit {
    let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let start = start % bounds.len();
    let end = (start + len).min(bounds.len() - 1);
    Edit::replace(TextRange::new((bounds[start] as u32).into(), (bounds[end] as u32).into()), new)
}

/// Adds each edit as a fix of its own, as long as it does not conflict.
fn accepted<'t>(text: &'t str, edits: &[(usize, usize, String)]) -> EditSet<'t> {
    let mut set = EditSet::new(text);
    for (index, (start, len, new)) in edits.iter().enumerate() {
        let fix = Fix { title: index.to_string(), edits: vec![edit(text, *start, *len, new)] };
        let before = set.apply();
        if let Err(error) = set.add(&fix) {
            assert!(matches!(error, EditError::Conflict(_)), "{error}");
            assert_eq!(set.apply(), before);
        }
    }
    set
}

/// Puts the edits in from right to left, the way an editor would.
fn one_by_one(set: &EditSet<'_>) -> String {
    let mut text = set.text().to_owned();
    for (range, new) in set.edits().collect::<Vec<_>>().into_iter().rev() {
        text.replace_range(usize::from(range.start())..usize::from(range.end()), new);
    }
    text
}

/// A patch program that accepts nothing but the exact lines.
fn patched(old: &str, diff: &str) -> String {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let (mut new, mut at) = (String::new(), 0);
    let mut rest = diff.split_inclusive('\n').skip(2).peekable();
    while let Some(line) = rest.next() {
        if let Some(place) = line.strip_prefix("@@ -") {
            let place = place.split(' ').next().unwrap();
            let (start, count) = place.split_once(',').unwrap_or((place, "1"));
            let start = start.parse::<usize>().unwrap() - usize::from(count != "0");
            old[at..start].iter().for_each(|line| new.push_str(line));
            at = start;
            continue;
        }
        let (mark, mut body) = line.split_at(1);
        if rest.peek().is_some_and(|next| next.starts_with('\\')) {
            rest.next();
            body = body.strip_suffix('\n').unwrap();
        }
        if mark != "+" {
            assert_eq!(body, old[at]);
            at += 1;
        }
        if mark != "-" {
            new.push_str(body);
        }
    }
    old[at..].iter().for_each(|line| new.push_str(line));
    new
}

proptest! {
    #![proptest_config(Config { cases: 2000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn edits_and_diffs_agree(text in text(), edits in edits()) {
        let set = accepted(&text, &edits);
        let new = set.apply();
        prop_assert_eq!(&new, &one_by_one(&set));
        let by_edits = unified_diff("f", "f", &set);
        prop_assert_eq!(by_edits.is_empty(), new == text);
        prop_assert_eq!(&new, &patched(&text, &by_edits));
        prop_assert_eq!(&new, &patched(&text, &diff("f", "f", &text, &new)));
    }
}

fn tool(name: &str) -> Option<Command> {
    Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    Some(Command::new(name))
}

const NAMES: [&str; 4] = ["sub dir/Dockerfile", "größe", "q\"uote\\", "tab\there"];

/// Many files, one patch: every hunk is taken by the real programs.
fn programs_take(patch_name: &str, arguments: &[&str]) {
    let Some(mut program) = tool(patch_name) else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut runner = TestRunner::deterministic();
    let (mut patch, mut expected) = (String::new(), Vec::new());
    for index in 0..150 {
        let text = text().new_tree(&mut runner).unwrap().current();
        let edits = edits().new_tree(&mut runner).unwrap().current();
        let set = accepted(&text, &edits);
        // An emptied file is deleted by `patch`, and an empty one created; neither is what an edit means.
        if text.is_empty() || set.apply().is_empty() {
            continue;
        }
        let name = format!("{}{index}", NAMES[index % NAMES.len()]);
        write(&dir.path().join(&name), &text);
        patch.push_str(&unified_diff(&name, &name, &set));
        expected.push((name, set.apply()));
    }
    let file = dir.path().join("all.patch");
    write(&file, &patch);
    let output = program
        .args(arguments)
        .arg(&file)
        .current_dir(dir.path())
        .env("GIT_CEILING_DIRECTORIES", dir.path().parent().unwrap())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for (name, new) in expected {
        assert_eq!(std::fs::read_to_string(dir.path().join(&name)).unwrap(), new, "{name}");
    }
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn git_apply_takes_the_diff() {
    programs_take("git", &["apply", "--whitespace=nowarn"]);
}

#[test]
fn patch_takes_the_diff() {
    programs_take("patch", &["-p1", "--binary", "--fuzz=0", "--quiet", "-i"]);
}

/// A hundred thousand changed lines in ten megabytes; a quadratic step would take minutes.
#[test]
fn large_files_stay_linear() {
    let line = format!("RUN {}\n", "x".repeat(95));
    let text = line.repeat(100_000);
    for stride in [1, 2] {
        let edits = (0..100_000 / stride).map(|n| {
            let start = (n * stride * line.len()) as u32;
            Edit::replace(TextRange::new(start.into(), (start + 3).into()), format!("ADD{n}"))
        });
        let fix = Fix { title: "all".to_owned(), edits: edits.collect() };
        let set = EditSet::from_fixes(&text, [&fix]).unwrap();
        let new = set.apply();
        assert_eq!(patched(&text, &unified_diff("f", "f", &set)), new);
    }
}
