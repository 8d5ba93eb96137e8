//! Mistakes on the command line, in the environment and in files it names: one line each, and code 2.

use super::{OLD, Sandbox};
use crate::program::wolfify;

/// The one line that a mistaken call prints.
fn complaint(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let run = sandbox.run_with_stdin(arguments, "");
    assert_eq!((run.code, run.text()), (Some(2), ""), "{arguments:?}");
    let line = run.stderr.trim_end_matches('\n');
    assert!(!line.is_empty() && !line.contains('\n'), "{arguments:?}: {}", run.stderr);
    line.to_owned()
}

#[test]
fn wrong_usage_takes_one_line() {
    let sandbox = Sandbox::with_dockerfile();
    for arguments in [
        &["foo"][..],
        &["diff", "--fromat=json"],
        &["diff", "--format=xml"],
        &["diff", "--split=maybe"],
        &["diff", "--color=sometimes"],
        &["check", "--shard=0/3"],
        &["check", "--jobs=0"],
        &["check", "--max-size=x"],
        &["check", "--org=UPPER"],
        &["check", "--registry=https://r.example/x"],
        &["check", "--ignore=nothing"],
        &["check", ""],
        &["apply", "-"],
        &["apply", "--stdin-filename=Dockerfile"],
        &["convert"],
        &["convert", "a", "b"],
        &["explain", "nothing"],
        &["lookup"],
        &["lookup", "thing", "x"],
        &["mappings", "show", "nothing"],
        &["mappings", "lint"],
        &["completions", "csh"],
        &["index", "show"],
        &["merge"],
    ] {
        let line = complaint(&sandbox, arguments);
        assert!(line.starts_with("wolfify: ") && line.contains("; "), "what, and what to do: {line}");
    }
}

/// `path:line:column: what; what to do`
#[test]
fn files_that_cannot_be_used_are_named_with_a_place() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.write("list", "- x\n");
    sandbox.write("latin-1", b"images:\n  a: \xfc\n");
    sandbox.write("cut.json", "{\"version\": 1,\n \"files\"");
    sandbox.write("cut-plan.json", "{\"wolfify_plan\":1,\n\"files\":[");
    sandbox.write("new-plan.json", "{\"wolfify_plan\":7,\n\"files\":[]}");
    sandbox.write("new.json", r#"{"version": 9, "files": [], "summary": {}}"#);
    for (arguments, place) in [
        (&["check", "--mappings=none.yaml"][..], "none.yaml:1:1: "),
        (&["check", "--mappings=list"], "list:1:1: "),
        (&["check", "--mappings=latin-1"], "latin-1:1:1: "),
        (&["check", "--mappings=."], ".:1:1: "),
        (&["check", "--index=none"], "none:1:1: "),
        (&["check", "--config=none.toml"], "none.toml:1:1: "),
        (&["check", "--context=none"], "none:1:1: "),
        (&["check", "--context=Dockerfile"], "Dockerfile:1:1: "),
        (&["check", "--files-from=none"], "none:1:1: "),
        (&["check", "--output-file=none/x"], "none/x:1:1: "),
        (&["check", "--report=none/x.html"], "none/x.html:1:1: "),
        (&["plan", "--out=none/x"], "none/x:1:1: "),
        (&["mappings", "lint", "none.yaml"], "none.yaml:1:1: "),
        (&["merge", "none.json"], "none.json:1:1: "),
        (&["merge", "Dockerfile"], "Dockerfile:1:1: "),
        (&["merge", "cut.json"], "cut.json:2:8: "),
        (&["merge", "new.json"], "new.json:1:1: "),
        (&["apply", "cut-plan.json"], "cut-plan.json:2:9: "),
        (&["apply", "new-plan.json"], "new-plan.json:1:1: "),
    ] {
        let line = complaint(&sandbox, arguments);
        assert!(line.starts_with(place), "{arguments:?}: {line}");
    }
}

#[test]
fn every_long_option_has_a_variable() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.write("b/Dockerfile", OLD);
    sandbox.write("list", "b/Dockerfile\n");
    let with = |name: &str, value: &str, arguments: &[&str]| {
        let output = wolfify(sandbox.root()).env(name, value).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for (name, value, option) in [
        ("WOLFIFY_ORG", "acme", "--org=acme"),
        ("WOLFIFY_REGISTRY", "r.example/x", "--registry=r.example/x"),
        ("WOLFIFY_SPLIT", "never", "--split=never"),
        ("WOLFIFY_FORMAT", "json", "--format=json"),
        ("WOLFIFY_SHARD", "1/2", "--shard=1/2"),
        ("WOLFIFY_FILES_FROM", "list", "--files-from=list"),
        ("WOLFIFY_COLOR", "always", "--color=always"),
        ("WOLFIFY_QUIET", "1", "--quiet"),
        ("WOLFIFY_VERBOSE", "true", "--verbose"),
        ("WOLFIFY_EXIT_ZERO", "yes", "--exit-zero"),
        ("WOLFIFY_ANNOTATE", "1", "--annotate"),
        ("WOLFIFY_STRICT", "on", "--strict"),
        ("WOLFIFY_IGNORE", "dev-image,base-image", "--ignore=dev-image,base-image"),
        ("WOLFIFY_NO_BUILTIN_MAPPINGS", "1", "--no-builtin-mappings"),
    ] {
        let run = sandbox.run(&["diff", option]);
        assert_eq!(with(name, value, &["diff"]), (run.code, run.text().to_owned(), run.stderr.clone()), "{name}");
    }
    for value in ["0", "false", "no", "off", ""] {
        assert_eq!(with("WOLFIFY_EXIT_ZERO", value, &["diff"]).0, Some(1), "{value}");
    }
    with("WOLFIFY_OUTPUT_FILE", "out", &["diff"]);
    assert_eq!(sandbox.read("out"), sandbox.run(&["diff"]).text());
    let wins = with("WOLFIFY_ORG", "acme", &["diff", "--org=chainguard"]);
    assert_eq!(wins.1, sandbox.run(&["diff"]).text());
    assert_eq!(with("WOLFIFY_FORMAT", "xml", &["diff"]).0, Some(2));
    // A format for reports says nothing about a lookup.
    assert_eq!(with("WOLFIFY_FORMAT", "sarif", &["lookup", "command", "curl"]).0, Some(0));
    assert!(with("WOLFIFY_FORMAT", "json", &["lookup", "command", "curl"]).1.starts_with('{'));
}

#[test]
fn a_name_for_stdin_has_it_read() {
    let sandbox = Sandbox::with_dockerfile();
    let named = sandbox.run_with_stdin(&["diff", "--stdin-filename=api/Dockerfile"], OLD);
    assert_eq!(named, sandbox.run_with_stdin(&["diff", "-", "--stdin-filename=api/Dockerfile"], OLD));
    assert!(named.text().starts_with("--- a/api/Dockerfile\n"), "{}", named.text());
    let path = sandbox.run(&["diff", "--stdin-filename=api/Dockerfile", "Dockerfile"]);
    assert!(path.text().starts_with("--- a/Dockerfile\n"), "{}", path.text());
}
