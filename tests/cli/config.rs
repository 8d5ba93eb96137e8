//! `wolfify.toml`, the environment, and comments that suppress.

use std::path::Path;

use serde_json::Value;

use super::{OLD, Sandbox};
use crate::program::wolfify;

fn converted(sandbox: &Sandbox, path: &str) -> String {
    let run = sandbox.run(&["convert", path]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.text().to_owned()
}

#[test]
fn the_nearest_file_wins_and_lists_are_added() {
    let sandbox = Sandbox::new();
    for path in ["Dockerfile", "a/Dockerfile", "a/b/Dockerfile", "a/b/legacy/Dockerfile"] {
        sandbox.write(path, OLD);
    }
    sandbox.write("wolfify.toml", "org = \"outer.example\"\n[packages.debian]\ncurl = [\"wget\"]\n");
    sandbox.write(
        "a/b/wolfify.toml",
        "org = \"inner.example\"\n[[overrides]]\npaths = [\"legacy/\"]\nregistry = \"reg.example/x\"\n",
    );
    for (path, registry) in [
        ("Dockerfile", "cgr.dev/outer.example/"),
        ("a/Dockerfile", "cgr.dev/outer.example/"),
        ("a/b/Dockerfile", "cgr.dev/inner.example/"),
        ("a/b/legacy/Dockerfile", "reg.example/x/"),
    ] {
        let text = converted(&sandbox, path);
        assert!(text.contains(registry) && text.contains("add --no-cache wget"), "{path}: {text}");
    }
    let run = sandbox.run(&["convert", "--org=mine.example", "a/b/legacy/Dockerfile"]);
    assert!(run.text().contains("cgr.dev/mine.example/"), "the command line wins: {}", run.text());
    let run = sandbox.run(&["convert", "--no-config", "Dockerfile"]);
    assert!(run.text().contains("cgr.dev/chainguard/") && run.text().contains(" curl"), "{}", run.text());
    let run = sandbox.run(&["convert", "--config=a/b/wolfify.toml", "Dockerfile"]);
    assert!(run.text().contains("cgr.dev/inner.example/") && run.text().contains(" curl"), "{}", run.text());
    // A whole run gives every file its own settings.
    assert_eq!(sandbox.run(&["apply"]).code, Some(0));
    assert!(sandbox.read("a/b/legacy/Dockerfile").contains("reg.example/x/"));
    assert!(sandbox.read("a/Dockerfile").contains("cgr.dev/outer.example/"));
}

/// A checkout gives the same wherever it lies.
#[test]
fn what_lies_above_a_repository_does_not_count() {
    let sandbox = Sandbox::new();
    sandbox.write("wolfify.toml", "org = \"outer.example\"\n");
    sandbox.write("repo/.git/HEAD", "");
    sandbox.write("repo/Dockerfile", OLD);
    assert!(converted(&sandbox, "repo/Dockerfile").contains("cgr.dev/chainguard/"));
}

#[test]
fn files_are_included_and_excluded() {
    let sandbox = Sandbox::new();
    for path in ["Dockerfile", "vendor/Dockerfile", "vendor/own/Dockerfile", "sub/Dockerfile.old", "sub/web.docker"] {
        sandbox.write(path, OLD);
    }
    sandbox.write("wolfify.toml", "include = [\"*.docker\"]\nexclude = [\"/vendor/*\", \"!/vendor/own\"]\n");
    sandbox.write("sub/wolfify.toml", "exclude = [\"*.old\"]\n");
    let paths = |arguments: &[&str]| -> Vec<String> {
        let report = sandbox.run(&[&["check", "--format=json"], arguments].concat()).json();
        let files = report["files"].as_array().unwrap().iter();
        files.map(|file| file["path"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(paths(&[]), ["Dockerfile", "sub/web.docker", "vendor/own/Dockerfile"]);
    assert_eq!(paths(&["vendor/Dockerfile"]), ["vendor/Dockerfile"], "what is named is read");
    assert_eq!(paths(&["--no-config"]).len(), 4);
}

#[test]
fn mistakes_have_a_place_and_stop_the_run() {
    let sandbox = Sandbox::with_dockerfile();
    for (text, place, word) in [
        ("orgg = \"x\"\n", "1:1", "orgg"),
        ("# ä\norg = 'UPPER'\n", "2:7", "lower-case"),
        ("split = \"maybe\"\n", "1:9", "maybe"),
        ("ignore = [\n  \"no-such-rule\",\n]\n", "2:3", "no-such-rule"),
        ("[[overrides]]\norg = \"x\"\n", "1:1", "paths"),
        ("paths = [\"a\"]\n", "1:9", "overrides"),
        ("exclude = [\"a[z-b]\"]\n", "1:11", "z"),
        ("mappings = [\"none.yaml\"]\n", "1:13", "none.yaml"),
        ("[images]\nx = \"y\"\n\"a b\" = \"c\"\n", "3:1", "a b"),
        ("[packages.debian]\nx = []\n  \"a b\" = \"c\"\n", "3:3", "a b"),
        ("[packages.arch]\nx = []\n", "1:11", "arch"),
        ("index = \"none\"\n", "1:9", "no such file"),
        ("context = \"none\"\n", "1:11", "no such folder"),
        ("org = \n", "1:7", ""),
    ] {
        sandbox.write("wolfify.toml", text);
        let run = sandbox.run(&["apply"]);
        assert_eq!(run.code, Some(2), "{text}");
        let expected = format!("wolfify.toml:{place}: ");
        assert!(run.stderr.starts_with(&expected) && run.stderr.contains(word), "{text}: {}", run.stderr);
        assert_eq!(sandbox.read("Dockerfile"), OLD);
    }
}

#[test]
fn options_come_from_the_environment() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.write("wolfify.toml", "org = \"file.example\"\n");
    let run = |variables: &[(&str, &str)], arguments: &[&str]| {
        let output = wolfify(sandbox.root()).args(arguments).envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let convert = ["convert", "Dockerfile"];
    assert!(run(&[], &convert).contains("cgr.dev/file.example/"));
    assert!(run(&[("WOLFIFY_ORG", "env.example")], &convert).contains("cgr.dev/env.example/"));
    assert!(run(&[("WOLFIFY_NO_CONFIG", "1")], &convert).contains("cgr.dev/chainguard/"));
    let both = ["convert", "Dockerfile", "--org=line.example"];
    assert!(run(&[("WOLFIFY_ORG", "env.example")], &both).contains("cgr.dev/line.example/"));
    assert!(run(&[("WOLFIFY_FORMAT", "json")], &["check"]).starts_with("{\"version\": 1"));
    assert!(run(&[("WOLFIFY_IGNORE", "base-image,package-index")], &convert).starts_with("FROM debian:12"));
}

/// The schema and the program agree on what may stand in the file.
#[test]
fn the_schema_names_what_the_program_takes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/cli/config/wolfify.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let example = |key: &str| match key {
        "split" => "\"never\"",
        "annotate" | "strict" | "builtin-mappings" => "true",
        "mappings" | "ignore" | "include" | "exclude" | "paths" | "overrides" => "[]",
        "images" | "packages" => "{}",
        _ => "\"x\"",
    };
    let sandbox = Sandbox::with_dockerfile();
    let top = schema["properties"].as_object().unwrap();
    let nested = &schema["properties"]["overrides"]["items"]["properties"];
    let run = |text: String| {
        sandbox.write("wolfify.toml", text);
        sandbox.run(&["check", "--format=json"]).stderr
    };
    let unknown = run("none = 1\n".to_owned());
    for (list, before) in [(top, ""), (nested.as_object().unwrap(), "[[overrides]]\n")] {
        for key in list.keys() {
            let paths = if before.is_empty() || key == "paths" { "" } else { "paths = [\"none\"]\n" };
            let error = run(format!("{before}{paths}{key} = {}\n", example(key)));
            assert!(!error.contains("unknown field"), "{key}: {error}");
        }
    }
    // The other way round: the parser lists what it takes.
    let (_, taken) = unknown.split_once("expected one of ").unwrap();
    for name in taken.split(", ").map(|name| name.trim().trim_matches('`')) {
        assert!(top.contains_key(name) || nested.get(name).is_some(), "the schema lacks {name}");
    }
}
