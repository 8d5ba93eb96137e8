//! The rules against what was seen when both sides ran.

use super::Verdict;
use super::testing::{rewritten, verdicts, wget_verdict};

/// Rows where the rule says something else than what was seen, each with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("install -s conf dst/ ; true", "both run strip, which is not there without binutils on either side"),
    ("mkdir -pv a/b", "the wording of a message"),
    ("mkdir -v a", "the wording of a message"),
    ("mkdir --verbose a", "the wording of a message"),
    ("rm -rv dst", "the wording of a message"),
    ("mkdir -p x/{a,b}", "the shell's business: see the bashism module"),
    ("[ -v HOME ]", "the shell's business: see the bashism module"),
    (
        "diff -y p.orig p.new >/dev/null; test $? -lt 2",
        "BusyBox exits with 1 for the unknown option, as for a difference",
    ),
    ("wget --post-data=x http://127.0.0.1:18080/f.txt", "the server of that run refused POST"),
];

fn is_exception(command: &str) -> bool {
    EXCEPTIONS.iter().any(|(row, _)| *row == command)
}

#[test]
fn the_rules_agree_with_every_command_that_was_run() {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in include_str!("facts.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [tool, command, outcome] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        rows += 1;
        if is_exception(command) {
            continue;
        }
        let all =
            if tool.starts_with("wget (") { wget_verdict(command).into_iter().collect() } else { verdicts(command) };
        let found: Vec<Verdict> = all.into_iter().filter(|verdict| *verdict != Verdict::Same).collect();
        let agrees = match outcome {
            "same" => found.is_empty(),
            "absent" => true,
            _ => !found.is_empty(),
        };
        if !agrees {
            wrong.push(format!("{outcome}\t{command}\t{found:?}"));
        }
    }
    assert!(rows > 900, "{rows}");
    assert!(wrong.is_empty(), "{} of {rows}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn proven_rewrites_are_emitted() {
    let mut wrong = Vec::new();
    for line in include_str!("rewrites.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [gnu, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let found = rewritten(gnu);
        if found.as_deref() != Some(expected) {
            wrong.push(format!("{gnu}\n  wanted {expected}\n  found  {found:?} {:?}", verdicts(gnu)));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
