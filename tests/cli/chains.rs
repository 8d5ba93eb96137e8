//! Dockerfiles that build on what other Dockerfiles of the tree build.

use super::Sandbox;

const BASE: &str = "FROM debian:12\nENV APP=/srv/app\nRUN apt-get update && apt-get install -y curl git\nRUN useradd -r app\nWORKDIR $APP\n";
const CHILD: &str = "FROM acme/base:1\nRUN apt-get update && apt-get install -y libpq5\nRUN git clone https://example.com/x\nUSER app\nCMD [\"./api\"]\n";
const NEW_CHILD: &str =
    "FROM acme/base:1\nRUN apk add --no-cache libpq\nRUN git clone https://example.com/x\nUSER app\nCMD [\"./api\"]\n";

/// A base, what stands on it, and a file on an image of a language whose user is not root afterwards.
fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("base/Dockerfile", BASE);
    sandbox.write("api/Dockerfile", CHILD);
    sandbox.write("old/Dockerfile", CHILD.replace(":1", ":0"));
    sandbox.write("py/Dockerfile", "FROM python:3.12-slim\nRUN pip install flask\n");
    sandbox.write(
        "web/Dockerfile",
        "ARG TAG=3\nFROM acme/py:${TAG}\nRUN apt-get update && apt-get install -y libpq-dev\nCMD [\"python\", \"app.py\"]\n",
    );
    sandbox.write(
        "compose.yaml",
        "services:\n  base: {image: \"acme/base:1\", build: ./base}\n  py: {image: \"acme/py:${TAG}\", build: py}\n",
    );
    sandbox
}

fn dockerfiles(sandbox: &Sandbox) -> Vec<String> {
    ["base", "api", "old", "py", "web"].iter().map(|name| sandbox.read(&format!("{name}/Dockerfile"))).collect()
}

/// A tree after a run that nothing disturbed.
fn done() -> Vec<String> {
    let sandbox = tree();
    assert_eq!(sandbox.run(&["apply", "-q"]).code, Some(0));
    dockerfiles(&sandbox)
}

#[test]
fn a_file_is_planned_on_what_its_base_becomes() {
    let sandbox = tree();
    assert_eq!(sandbox.run(&["apply", "-q"]).code, Some(0));
    // git came with the base; the account is there; the FROM stays.
    assert_eq!(sandbox.read("api/Dockerfile"), NEW_CHILD);
    // The base ends without root, and its interpreter is the entrypoint.
    assert_eq!(
        sandbox.read("web/Dockerfile"),
        "ARG TAG=3\nFROM acme/py:${TAG}\nUSER root\nRUN apk add --no-cache postgresql-dev\nUSER 65532\nENTRYPOINT [\"python\", \"app.py\"]\n"
    );
    // The base keeps its shell for those that build on it.
    let py = sandbox.read("py/Dockerfile");
    assert!(py.starts_with("FROM cgr.dev/chainguard/python:latest-dev\n") && py.ends_with("USER 65532\n"), "{py}");
    // Another tag may be another image.
    assert_eq!(sandbox.read("old/Dockerfile"), CHILD.replace(":1", ":0"));
    let again = sandbox.run(&["diff"]);
    assert_eq!((again.code, again.text()), (Some(0), ""));
}

#[test]
fn the_finding_says_who_builds_the_base() {
    let sandbox = tree();
    let report = sandbox.run(&["check", "--format=json"]).json();
    let api = report["files"].as_array().unwrap().iter().find(|file| file["path"] == "api/Dockerfile").unwrap();
    let remark = api["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "base-image").unwrap();
    assert_eq!(remark["level"], "note");
    assert!(remark["message"].as_str().unwrap().starts_with("`acme/base:1` is built by `base/Dockerfile`"), "{remark}");
    assert!(remark.get("fix").is_none());
    // The packages of the base are counted once, with the base.
    assert_eq!(report["summary"]["packages"]["mapped"], 4);
}

#[test]
fn a_base_that_stays_keeps_what_stands_on_it() {
    let sandbox = tree();
    sandbox.write("base/Dockerfile", BASE.replace("debian:12", "registry.acme.example/own:1"));
    let run = sandbox.run(&["check", "--quiet"]);
    let line = run.text().lines().find(|line| line.starts_with("api/")).unwrap();
    assert!(line.contains("[unknown-base-image] `acme/base:1` is built by `base/Dockerfile`, which stays"), "{line}");
    assert_eq!(sandbox.run(&["apply", "-q"]).code, Some(0));
    assert_eq!(sandbox.read("api/Dockerfile"), CHILD);
}

#[test]
fn shards_and_threads_and_steps_give_the_same() {
    let whole = done();
    let sharded = tree();
    for shard in ["3/3", "1/3", "2/3"] {
        assert_eq!(sharded.run(&["apply", "-q", "--jobs=1", "--shard", shard]).code, Some(0));
    }
    assert_eq!(dockerfiles(&sharded), whole);
    // Bases first, what stands on them with the next run: the order that `inventory` reports.
    let stepwise = tree();
    assert_eq!(stepwise.run(&["apply", "-q", "base/Dockerfile", "py/Dockerfile"]).code, Some(0));
    assert_eq!(stepwise.run(&["apply", "-q"]).code, Some(0));
    assert_eq!(dockerfiles(&stepwise), whole);
}

/// A run that is stopped has written what stands on a base before the base.
#[test]
fn a_stopped_run_goes_on_to_the_same_end() {
    let whole = done();
    let sandbox = tree();
    sandbox.write("api/Dockerfile", &whole[1]);
    sandbox.write("web/Dockerfile", &whole[4]);
    assert_eq!(sandbox.run(&["apply", "-q"]).code, Some(0));
    assert_eq!(dockerfiles(&sandbox), whole);
}

#[test]
fn circles_end() {
    let sandbox = Sandbox::new();
    sandbox.write("a/Dockerfile", "FROM i/b\nRUN apt-get install -y curl\n");
    sandbox.write("b/Dockerfile", "FROM i/a\nRUN apt-get install -y curl\n");
    sandbox.write("Makefile", "all:\n\tdocker build -t i/a a\n\tdocker build -t i/b b\n");
    let run = sandbox.run(&["diff"]);
    assert_eq!((run.code, run.text()), (Some(0), ""), "{}", run.stderr);
}

/// Every way of saying it: a recipe, a bake file with a name of its own for the base, a stage that is not the last.
#[test]
fn bases_are_found_where_they_are_built() {
    let child = |image: &str| format!("FROM {image}\nRUN apt-get update && apt-get install -y jq\n");
    for (file, text, image) in [
        ("Makefile", "base:\n\tdocker build -t acme/own:$(V) --target run base\n", "acme/own:7"),
        ("build.sh", "cd base && docker build --target run -t own .\n", "own"),
        (
            "docker-bake.hcl",
            "target \"base\" {\n  context = \"base\"\n  target = \"run\"\n}\ntarget \"api\" {\n  context = \"api\"\n  contexts = {\n    common = \"target:base\"\n  }\n}\n",
            "common",
        ),
        (
            "skaffold.yaml",
            "apiVersion: skaffold/v4beta6\nkind: Config\nbuild:\n  artifacts:\n    - image: acme/own\n      context: base\n      docker: {target: run}\n",
            "acme/own",
        ),
        (
            ".github/workflows/ci.yml",
            "jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {context: base, target: run, tags: \"acme/own:1\"}\n",
            "acme/own:1",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(
            "base/Dockerfile",
            "FROM debian:12 AS run\nRUN apt-get install -y git\nFROM run AS test\nRUN git --version\n",
        );
        sandbox.write("api/Dockerfile", child(image));
        sandbox.write(file, text);
        assert_eq!(sandbox.run(&["apply", "-q"]).code, Some(0));
        assert_eq!(sandbox.read("api/Dockerfile"), format!("FROM {image}\nRUN apk add --no-cache jq\n"), "{file}");
    }
}

#[test]
fn the_inventory_has_the_order_in_which_the_tree_is_planned() {
    let sandbox = Sandbox::new();
    sandbox.write("docker-bake.hcl", "target \"base\" {\n  context = \"base\"\n  tags = [\"reg.example/base:1\"]\n}\ntarget \"api\" {\n  context = \"api\"\n  contexts = { shared = \"target:base\" }\n}\n");
    sandbox.write("base/Dockerfile", BASE);
    sandbox.write("api/Dockerfile", CHILD.replace("acme/base:1", "shared"));
    sandbox.write("skaffold.yaml", "build:\n  artifacts:\n    - image: node-base\n      context: node\n    - image: web\n      context: web\n      requires:\n        - image: node-base\n          alias: BASE\n");
    sandbox.write("node/Dockerfile", "FROM node:20-slim\nRUN apt-get update && apt-get install -y git\n");
    sandbox.write(
        "web/Dockerfile",
        "ARG BASE\nFROM ${BASE}\nRUN apt-get update && apt-get install -y imagemagick\nUSER node\n",
    );
    let rows = sandbox.run(&["inventory", "--format=json"]).json();
    let list: Vec<_> = rows["images"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["kind"] == "dockerfile")
        .map(|row| (row["path"].as_str().unwrap(), row["built_by"].as_str().unwrap(), row["order"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        list,
        [
            ("api/Dockerfile", "base/Dockerfile", 2),
            ("base/Dockerfile", "", 1),
            ("node/Dockerfile", "", 1),
            ("web/Dockerfile", "node/Dockerfile", 2)
        ]
    );
    assert_eq!(sandbox.run(&["apply", "-q"]).code, Some(0));
    // The base ends without root.
    assert_eq!(
        sandbox.read("web/Dockerfile"),
        "ARG BASE\nFROM ${BASE}\nUSER root\nRUN apk add --no-cache imagemagick\nUSER node\n"
    );
    let again = sandbox.run(&["diff"]);
    assert_eq!((again.code, again.text()), (Some(0), ""));
    // An argument with a default is built without the tool, too.
    sandbox.write("web/Dockerfile", "ARG BASE=reg.example/other\nFROM ${BASE}\nRUN apt-get update\n");
    let rows = sandbox.run(&["inventory", "--format=json"]).json();
    assert!(
        rows["images"].as_array().unwrap().iter().all(|row| row["path"] != "web/Dockerfile" || row["built_by"] == "")
    );
}
