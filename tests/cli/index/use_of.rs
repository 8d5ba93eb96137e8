//! What an index changes in the other commands.

use super::{Cached, PACKAGES, signed};
use crate::cli::Sandbox;

const DEBIAN: &str = "FROM debian:12\nRUN apt-get update && apt-get install -y curl git xz-utils\n";

/// The findings of `check` on a Dockerfile, as `rule: message`.
fn findings(sandbox: &Sandbox, options: &[&str]) -> Vec<String> {
    let report = sandbox.run(&[&["check", "--format=json", "Dockerfile"], options].concat()).json();
    let findings = report["files"][0]["findings"].as_array().unwrap().clone();
    let line =
        |finding: &serde_json::Value| format!("{} {}: {}", finding["level"], finding["rule"], finding["message"]);
    findings.iter().map(line).collect()
}

#[test]
fn a_package_that_the_index_lacks_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", DEBIAN);
    sandbox.write("APKINDEX", PACKAGES);
    sandbox.write("APKINDEX.tar.gz", signed(PACKAGES));
    let errors = |options: &[&str]| {
        let mut findings = findings(&sandbox, options);
        findings.retain(|finding| finding.starts_with("\"error\""));
        findings
    };
    assert_eq!(errors(&[]), [""; 0]);
    for index in ["--index=APKINDEX", "--index=APKINDEX.tar.gz"] {
        let errors = errors(&[index]);
        // One that went by its own name, and one that the tables know as `xz`.
        assert_eq!(errors.len(), 2, "{errors:#?}");
        assert!(errors[0].contains("unknown-package\": \"`git` has no known counterpart"), "{errors:#?}");
        assert!(errors[1].contains("`xz-utils` has no known counterpart on Wolfi; the APKINDEX does not have `xz`"));
    }
    let run = sandbox.run(&["convert", "--index=APKINDEX", "Dockerfile"]);
    assert!(run.text().contains("apk add --no-cache curl git xz-utils"), "the names are kept: {}", run.text());
}

#[test]
fn a_command_is_found_by_the_package_that_carries_it() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", "FROM fedora:42\nRUN dnf install -y /usr/bin/frobnicate\n");
    sandbox.write("APKINDEX", PACKAGES);
    let without = sandbox.run(&["convert", "Dockerfile"]);
    assert!(!without.text().contains("frob-tools"), "{}", without.text());
    let with = sandbox.run(&["convert", "--index=APKINDEX", "Dockerfile"]);
    assert!(with.text().contains("apk add --no-cache frob-tools\n"), "{}", with.text());
}

#[test]
fn lookup_and_lint_ask_the_index() {
    let sandbox = Sandbox::new();
    sandbox.write("APKINDEX", PACKAGES);
    sandbox.write("mine.yaml", "packages:\n  debian:\n    a: [curl]\n    b: [git]\n    c: [crul]\n");
    let run = sandbox.run(&["lookup", "command", "frobnicate", "--index=APKINDEX"]);
    assert_eq!(run.code, Some(0));
    assert!(run.text().contains("frob-tools: in the APKINDEX"), "{}", run.text());
    assert_eq!(sandbox.run(&["lookup", "command", "frobnicate"]).code, Some(1));

    let run = sandbox.run(&["mappings", "lint", "mine.yaml", "--index=APKINDEX"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let (mine, builtin): (Vec<&str>, Vec<&str>) = run.text().lines().partition(|line| line.starts_with("mine.yaml:"));
    assert_eq!(
        mine,
        [
            "mine.yaml:4:5: `b` is mapped to `git`, which the APKINDEX does not have; look for it with `apk search`",
            "mine.yaml:5:5: `c` is mapped to `crul`, which the APKINDEX does not have; did you mean curl?",
        ]
    );
    let says = |line: &str| builtin.contains(&line);
    assert!(says("built-in packages-debian.tsv: `xz-utils` is mapped to `xz`, which the APKINDEX does not have"));
    assert!(!builtin.iter().any(|line| line.contains("mapped to `curl`") || line.contains("mapped to `build-base`")));
    // The user's file alone without an index, where `git` is known.
    let run = sandbox.run(&["mappings", "lint", "mine.yaml"]);
    assert_eq!(run.text().lines().count(), 1, "{}", run.text());
    assert_eq!(sandbox.run(&["mappings", "lint"]).code, Some(2));
}

#[test]
fn every_command_says_what_is_wrong_with_an_index() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", DEBIAN);
    sandbox.write("folder/file", "");
    sandbox.write("bad", "P:a\nV:1\n\nnonsense\n");
    let bytes = signed(PACKAGES);
    sandbox.write("cut.tar.gz", &bytes[..bytes.len() - 40]);
    for (index, reason) in [
        ("missing", "missing:1:1: cannot be opened; `wolfify index update` gets an index"),
        ("folder", "folder:1:1: is a folder"),
        ("bad", "bad:4:1: expected a field like P:name, found \"nonsense\"; get the index again"),
        ("cut.tar.gz", "cut.tar.gz:1:1: is not a whole APKINDEX.tar.gz; get it again"),
    ] {
        for command in [&["diff"][..], &["apply"], &["check"], &["convert", "Dockerfile"], &["mappings", "lint"]] {
            let run = sandbox.run(&[command, &["--index", index]].concat());
            assert_eq!((run.code, run.text()), (Some(2), ""), "{command:?} {index}");
            assert!(run.stderr.starts_with(reason), "{command:?}: {}", run.stderr);
            assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
        }
    }
    assert_eq!(sandbox.read("Dockerfile"), DEBIAN);
}

#[test]
fn the_cache_is_used_only_when_asked_for() {
    let cached = Cached::new();
    cached.sandbox.write("Dockerfile", DEBIAN);
    let run = cached.run(&["convert", "--index=cached", "Dockerfile"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("no index is cached"), "{}", run.stderr);
    cached.sandbox.write("cache/wolfify/APKINDEX.x86_64.tar.gz", signed(PACKAGES));
    let knows_the_index = |run: &crate::program::Run| run.stderr.contains("the APKINDEX does not have `xz`");
    assert!(knows_the_index(&cached.run(&["convert", "--index=cached", "Dockerfile"])));
    assert!(!knows_the_index(&cached.run(&["convert", "Dockerfile"])));
    // Which of two is not for the program to guess.
    cached.sandbox.write("cache/wolfify/APKINDEX.aarch64.tar.gz", signed(PACKAGES));
    let run = cached.run(&["convert", "--index=cached", "Dockerfile"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("APKINDEX.aarch64.tar.gz, "), "{}", run.stderr);
}
