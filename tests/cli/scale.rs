//! Many files, on one machine or on several; and plans that are reviewed before they are applied.

use std::fs;

use super::{OLD, Sandbox};
use crate::program::wolfify;

/// A tree with files of every outcome.
fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    for number in 0..60 {
        let text = match number % 5 {
            0 => OLD.to_owned(),
            1 => OLD.replace("curl", "git no-such-package-anywhere"),
            2 => "FROM cgr.dev/chainguard/wolfi-base:latest\n".to_owned(),
            3 => "FROM registry.example.com/team/base:7\n".to_owned(),
            _ => "nonsense\n".to_owned(),
        };
        sandbox.write(&format!("{}/größe {number}%/Dockerfile", number % 7), text);
    }
    sandbox
}

#[test]
fn shards_merged_are_the_single_run_byte_for_byte() {
    let sandbox = tree();
    for format in ["json", "jsonl", "sarif"] {
        let whole = sandbox.run(&["check", "--format", format]);
        for count in 1..=8 {
            let mut merge = vec!["merge".to_owned()];
            // The order in which the parts arrive does not matter.
            for index in (1..=count).rev() {
                let (shard, name) = (format!("{index}/{count}"), format!("{index}.report"));
                sandbox.run(&["check", "--format", format, "--shard", &shard, "--output-file", &name]);
                merge.push(name);
            }
            let merged = sandbox.run(&merge.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(merged.code, Some(0), "{}", merged.stderr);
            assert!(merged.stdout == whole.stdout, "{format}: {count} shards give something else");
        }
    }
}

#[test]
fn reports_that_do_not_belong_together_are_not_merged() {
    let sandbox = tree();
    sandbox.run(&["check", "--format=json", "--output-file=all.json"]);
    sandbox.run(&["check", "--format=sarif", "--output-file=all.sarif"]);
    sandbox.write("other.json", "{}");
    let lines = sandbox.run(&["check", "--format=jsonl"]);
    let lines: Vec<&str> = lines.text().lines().take(2).collect();
    sandbox.write("cut.jsonl", lines.join("\n"));
    sandbox.write("broken.jsonl", format!("{}\n{}", lines[0], &lines[1][..lines[1].len() / 2]));
    for (reports, why) in [
        (&["all.json", "all.json"][..], "which all.json has too"),
        (&["all.json", "all.sarif"], "different formats"),
        (&["other.json"], "other.json:1:2: not a whole report"),
        (&["cut.jsonl"], "cut.jsonl:2:1: not a whole report of `wolfify --format json`, `jsonl` or `sarif`"),
        (&["broken.jsonl"], "broken.jsonl:2:"),
        (&["none.json"], "none.json:1:1: no such file"),
    ] {
        let run = sandbox.run(&[&["merge"], reports].concat());
        assert_eq!((run.code, run.text()), (Some(2), ""), "{reports:?}");
        assert!(run.stderr.contains(why), "{}", run.stderr);
    }
}

#[test]
fn a_plan_is_applied_as_it_was_reviewed() {
    let sandbox = tree();
    let twin = tree();
    assert_eq!(twin.run(&["apply"]).code, Some(2));
    let run = sandbox.run(&["plan", "--out=plan.json"]);
    assert_eq!(run.code, Some(2), "some files cannot be read");
    // What the tables say at the time of the apply does not matter any more.
    let run = wolfify(sandbox.root()).args(["apply", "plan.json"]).env("WOLFIFY_NO_BUILTIN_MAPPINGS", "1").output();
    assert_eq!(run.unwrap().status.code(), Some(0));
    for number in 0..60 {
        let path = format!("{}/größe {number}%/Dockerfile", number % 7);
        assert_eq!(sandbox.read(&path), twin.read(&path), "{path}");
    }
    let again = sandbox.run(&["apply", "plan.json"]);
    assert_eq!((again.code, again.text()), (Some(0), ""), "done already");
}

#[test]
fn every_machine_may_apply_its_part_of_a_plan() {
    let sandbox = tree();
    sandbox.run(&["plan", "--out=plan.json", "--report=plan.html"]);
    assert!(sandbox.read("plan.html").contains("Migration report"));
    let whole = tree();
    whole.run(&["apply"]);
    let state = |sandbox: &Sandbox| {
        let text = |number| sandbox.read(&format!("{}/größe {number}%/Dockerfile", number % 7));
        (0..60).map(text).collect::<Vec<_>>()
    };
    assert_eq!(sandbox.run(&["apply", "plan.json", "--shard=1/2"]).code, Some(0));
    assert!(state(&sandbox) != state(&whole) && state(&sandbox) != state(&tree()), "a part, and no more");
    assert_eq!(sandbox.run(&["apply", "plan.json", "--shard=2/2"]).code, Some(0));
    assert_eq!(state(&sandbox), state(&whole));
}

#[test]
fn what_only_planning_heeds_is_refused_with_a_plan() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.run(&["plan", "--out=plan.json"]);
    for (option, value) in [
        ("--org", "=acme"),
        ("--annotate", ""),
        ("--include-compose", ""),
        ("--files-from", "=list"),
        ("--strict", ""),
        ("--report", "=x.html"),
    ] {
        let run = sandbox.run(&["apply", "plan.json", &format!("{option}{value}")]);
        assert_eq!(
            (run.code, run.stderr.as_str()),
            (
                Some(2),
                format!("wolfify: `{option}` changes nothing about a plan that is made; give it to `wolfify plan`\n")
                    .as_str()
            )
        );
    }
    assert_eq!(sandbox.read("Dockerfile"), OLD);
    assert_eq!(sandbox.run(&["apply", "plan.json", "--quiet", "-j1", "--format=json", "--max-size=1M"]).code, Some(0));
}

#[test]
fn a_file_that_changed_since_it_was_planned_is_left() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.write("other/Dockerfile", OLD);
    assert_eq!(sandbox.run(&["plan", "--out=plan.json"]).code, Some(0));
    let changed = format!("{OLD}# more\n");
    sandbox.write("Dockerfile", &changed);
    let run = sandbox.run(&["apply", "plan.json"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(run.stderr.lines().next(), Some("Dockerfile:1:1: has changed since it was planned; plan it again"));
    assert_eq!(sandbox.read("Dockerfile"), changed);
    assert_eq!(sandbox.read("other/Dockerfile"), sandbox.new_text());
    // Neither does a plan that somebody has written into do anything else than it says.
    fs::write(sandbox.path("other/Dockerfile"), OLD).unwrap();
    sandbox.write("Dockerfile", OLD);
    sandbox.write("plan.json", sandbox.read("plan.json").replace("wolfi-base", "evil-base"));
    assert_eq!(sandbox.run(&["apply", "plan.json"]).code, Some(2));
    assert_eq!(sandbox.read("Dockerfile"), OLD);
    assert_eq!(sandbox.run(&["apply", "plan.json", "other"]).code, Some(2));
}
