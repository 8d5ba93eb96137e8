//! Reports, exit codes, colour, and the texts made from the command line itself.

use std::process::Stdio;

use super::{OLD, Sandbox};
use crate::program::wolfify;

#[test]
fn exit_codes() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.write("done", "FROM cgr.dev/chainguard/wolfi-base:latest\n");
    sandbox.write("bad", "nonsense\n");
    for (arguments, code) in [
        (&["diff"][..], 1),
        (&["check"], 1),
        (&["diff", "--exit-zero"], 0),
        (&["check", "--exit-zero"], 0),
        (&["check", "--exit-zero", "bad"], 2),
        (&["diff", "bad", "Dockerfile"], 2),
        (&["diff", "done"], 0),
        (&["check", "done"], 0),
        (&["check", "--format=json"], 1),
        (&["diff", "--format=jsonl"], 1),
        (&[], 2),
        (&["--help"], 0),
        (&["check", "--help"], 0),
        (&["--version"], 0),
        (&["unknown"], 2),
        (&["check", "--format=none"], 2),
        (&["check", "--org=UPPER"], 2),
        (&["apply"], 0),
    ] {
        assert_eq!(sandbox.run(arguments).code, Some(code), "{arguments:?}");
    }
}

#[test]
fn check_prints_a_line_for_each_finding_and_writes_nothing() {
    let sandbox = Sandbox::with_dockerfile();
    let run = sandbox.run(&["check"]);
    assert!(!run.text().is_empty());
    for line in run.text().lines() {
        let rest = line.strip_prefix("Dockerfile:").unwrap();
        let (place, message) = rest.split_once(": ").unwrap();
        assert!(place.split(':').all(|number| number.parse::<u32>().is_ok()), "{line}");
        assert!(["note[", "warning[", "error["].iter().any(|level| message.starts_with(level)), "{line}");
    }
    assert_eq!(sandbox.read("Dockerfile"), OLD);
    assert!(run.stderr.starts_with("1 file: 1 to migrate"), "{}", run.stderr);
    assert_eq!(sandbox.run(&["check", "--quiet"]).stderr, "");
}

#[test]
fn json_has_the_fixed_shape() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.write("bad", b"FROM a\n\xfe\n");
    let report = sandbox.run(&["check", "--format=json", "Dockerfile", "bad"]).json();
    assert_eq!(report["version"], 1);
    let file = &report["files"][0];
    assert_eq!((&file["path"], &file["changed"]), (&"Dockerfile".into(), &true.into()));
    assert!(["split", "runtime", "dev"].iter().any(|outcome| file["outcome"] == *outcome));
    let finding = file["findings"].as_array().unwrap().iter().find(|finding| finding.get("fix").is_some()).unwrap();
    for name in ["rule", "level", "message"] {
        assert!(finding[name].is_string(), "{name}");
    }
    for name in ["line", "column", "end_line", "end_column"] {
        assert!(finding[name].as_u64().unwrap() > 0, "{name}");
    }
    let edit = &finding["fix"]["edits"][0];
    assert!(finding["fix"]["title"].is_string() && edit["start"].is_u64() && edit["end"].is_u64());
    assert!(edit["text"].is_string());
    let bad = &report["files"][1];
    assert_eq!((&bad["outcome"], &bad["changed"]), (&"error".into(), &false.into()));
    assert_eq!((&bad["findings"][0]["rule"], &bad["findings"][0]["line"]), (&"unreadable".into(), &2.into()));
    let summary = &report["summary"];
    assert_eq!(
        (&summary["files"], &summary["changed"], &summary["outcomes"]["error"]),
        (&2.into(), &1.into(), &1.into())
    );
    for name in ["mapped", "dropped", "unknown"] {
        assert!(summary["packages"][name].is_u64(), "{name}");
    }
}

#[test]
fn jsonl_has_one_file_a_line_and_the_summary_last() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.write("Dockerfile.b", OLD);
    let json = sandbox.run(&["check", "--format=json"]).json();
    let run = sandbox.run(&["check", "--format=jsonl"]);
    let lines: Vec<serde_json::Value> = run.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line["version"] == 1));
    assert_eq!(lines[0]["findings"], json["files"][0]["findings"]);
    assert_eq!(lines[2]["summary"], json["summary"]);
    let empty = sandbox.run_with_stdin(&["check", "--format=json", "--files-from=-"], "").json();
    assert_eq!(empty["files"], serde_json::json!([]));
}

#[test]
fn every_number_of_threads_gives_the_same_bytes() {
    let sandbox = Sandbox::new();
    for number in 0..200 {
        sandbox.write(&format!("{}/{number}/Dockerfile", number % 7), OLD.replace("curl", "git"));
    }
    for arguments in [["check", "--format=json"], ["diff", "--format=text"]] {
        let one = sandbox.run(&[&arguments[..], &["--jobs=1"]].concat());
        for jobs in ["--jobs=2", "--jobs=8"] {
            assert_eq!(sandbox.run(&[&arguments[..], &[jobs]].concat()), one);
        }
    }
}

#[test]
fn colour_only_when_asked_for() {
    let sandbox = Sandbox::with_dockerfile();
    let plain = sandbox.run(&["diff"]);
    assert!(!plain.text().contains('\x1b') && !plain.stderr.contains('\x1b'));
    let colored = sandbox.run(&["diff", "--color=always"]);
    assert!(colored.text().contains("\x1b[32m+"), "{}", colored.text());
    let stripped: String = colored
        .text()
        .split('\x1b')
        .map(|part| part.split_once('m').filter(|_| part.starts_with('[')).map_or(part, |(_, rest)| rest))
        .collect();
    assert_eq!(stripped, plain.text());
    for (arguments, color) in
        [(&["check", "--color=always"][..], true), (&["check"], false), (&["check", "--color=never"], false)]
    {
        let output = wolfify(sandbox.root()).args(arguments).env("NO_COLOR", "1").output().unwrap();
        assert_eq!(output.stdout.contains(&0x1b), color, "{arguments:?}");
    }
}

#[test]
fn a_report_can_go_to_a_file() {
    let sandbox = Sandbox::with_dockerfile();
    let run = sandbox.run(&["diff", "--output-file=report.patch"]);
    assert_eq!((run.code, run.text()), (Some(1), ""));
    assert_eq!(sandbox.read("report.patch"), sandbox.run(&["diff"]).text());
    assert_eq!(sandbox.run(&["diff", "--output-file=no/such/folder"]).code, Some(2));
}

/// A reader that stops early, like `head`, is not an error; and `apply` does its work all the same.
#[test]
fn a_closed_pipe_is_quiet() {
    let sandbox = Sandbox::new();
    for number in 0..300 {
        sandbox.write(&format!("{number}/Dockerfile"), OLD);
    }
    for command in ["diff", "check", "apply"] {
        let mut child = wolfify(sandbox.root());
        let mut child =
            child.arg(command).arg("--quiet").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert!(output.status.code().is_some_and(|code| code < 2), "{:?}", output.status);
    }
    for number in 0..300 {
        assert_ne!(sandbox.read(&format!("{number}/Dockerfile")), OLD);
    }
}

#[test]
fn rules_are_explained() {
    let sandbox = Sandbox::new();
    let list = sandbox.run(&["explain"]);
    assert_eq!(list.code, Some(0));
    for line in list.text().lines() {
        let rule = line.split(' ').next().unwrap();
        let run = sandbox.run(&["explain", rule]);
        assert_eq!(run.code, Some(0));
        assert!(run.text().starts_with(rule) && run.text().lines().count() > 2, "{rule}");
    }
    let run = sandbox.run(&["explain", "no-such-rule"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("no-such-rule"), "{}", run.stderr);
}

#[test]
fn completions_and_manual_name_every_command() {
    let sandbox = Sandbox::new();
    let man = sandbox.run(&["man"]);
    assert_eq!(man.code, Some(0));
    let bash = sandbox.run(&["completions", "bash"]);
    for command in ["diff", "apply", "check", "convert", "explain"] {
        assert!(man.text().contains(&format!("WOLFIFY {}", command.to_uppercase())), "{command}");
        assert!(bash.text().contains(command), "{command}");
    }
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert_eq!(sandbox.run(&["completions", shell]).code, Some(0), "{shell}");
    }
}
