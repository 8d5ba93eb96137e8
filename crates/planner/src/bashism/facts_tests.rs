//! The rules against what was seen when bash, dash and ash ran the same lines.

use wolfify_syntax::shell::{Dialect, parse_script};
use wolfify_syntax::{SourceMap, TextSize};

use super::{Bashism, Shell, check};

fn bashisms(script: &str, was: Shell) -> Option<Vec<Bashism>> {
    let map = SourceMap::identity(0.into(), TextSize::of(script));
    let parsed = parse_script(script, &map, if was == Shell::Bash { Dialect::Bash } else { Dialect::Sh });
    parsed.list.is_ok().then(|| check(&parsed, was))
}

/// The script after all changes, or `None` where a finding has none.
fn rewritten(script: &str, was: Shell) -> Option<String> {
    let mut changes = Vec::new();
    for bashism in bashisms(script, was)? {
        changes.extend(bashism.rewrite?);
    }
    let mut text = script.to_owned();
    changes.sort_by_key(|change| (change.span.range.start(), change.span.range.end()));
    for change in changes.iter().rev() {
        text.replace_range(std::ops::Range::<usize>::from(change.span.range), &change.text);
    }
    (!changes.is_empty()).then_some(text)
}

/// Lines where the rule says something else than that run did, each with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("x=abc; [[ $x == abc ]] && echo y", "the value of that run had nothing to split"),
    ("x=abc; [[ $x == a* ]] && echo y || echo n", "no file of that run matched"),
    ("[[ -z $unset ]] && echo y", "right by luck: ash sees [[ -z ]], a test for any text"),
    ("shopt -s nullglob; echo ok", "not found, which the line does not look at"),
    ("trap : DEBUG; echo ok", "refused, which the line does not look at"),
    ("coproc cat; echo ok", "not found, which the line does not look at"),
    ("true & disown; echo ok", "not found, which the line does not look at"),
    ("(: ${nope:?msg}) 2>/dev/null; echo $?", "status 2 instead of 1, both failures"),
    ("ls nope &>/dev/null; echo $?", "the status of ls itself, 1 instead of 2"),
    ("echo 1 | select x in a b; do echo $x; break; done", "the parser gives no tree for it"),
    ("bash -c \"echo hi\"", "bash is a command like any other"),
    ("printf \"#!/bin/bash\\necho hi\\n\" > s.sh; chmod +x s.sh; ./s.sh", "bash is a command like any other"),
    ("echo \"echo hi\" | bash", "bash is a command like any other"),
    ("sh -o pipefail -c \"echo hi\"", "fails in Debian's sh, works in ash"),
    ("sh -euo pipefail -c \"echo hi\"", "fails in Debian's sh, works in ash"),
];

#[test]
fn the_rules_agree_with_every_line_that_was_run() {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in include_str!("facts.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [script, was, outcome] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        rows += 1;
        if EXCEPTIONS.iter().any(|(row, _)| *row == script) {
            continue;
        }
        let was = if was == "bash" { Shell::Bash } else { Shell::Dash };
        let Some(found) = bashisms(script, was) else {
            wrong.push(format!("opaque\t{line}"));
            continue;
        };
        if found.is_empty() != (outcome == "same") {
            wrong.push(format!("{line}\t{found:?}"));
        }
    }
    assert!(rows > 150, "{rows}");
    assert!(wrong.is_empty(), "{} of {rows}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn proven_rewrites_are_emitted() {
    let mut wrong = Vec::new();
    for line in include_str!("rewrites.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [original, expected, was] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let was = if was == "bash" { Shell::Bash } else { Shell::Dash };
        let found = rewritten(original, was);
        if found.as_deref() != Some(expected) {
            wrong.push(format!("{original}\n  wanted {expected}\n  found  {found:?} {:?}", bashisms(original, was)));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_the_original_shell_did_not_have_is_not_reported() {
    for script in ["mkdir {a,b}", "x+=y", "echo $UID", "pushd src", "[[ $x == a ]]"] {
        assert_eq!(bashisms(script, Shell::Dash), Some(Vec::new()), "{script}");
        assert_eq!(bashisms(script, Shell::Ash), Some(Vec::new()), "{script}");
    }
}
