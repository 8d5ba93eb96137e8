//! Which files are looked at.

use std::collections::BTreeSet;

use super::{OLD, Sandbox};

/// The paths in a report, in its order.
fn paths(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let report = sandbox.run(&[&["check", "--format=json"], arguments].concat()).json();
    let files = report["files"].as_array().unwrap().iter();
    files.map(|file| file["path"].as_str().unwrap().to_owned()).collect()
}

fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    for name in [
        "Dockerfile",
        "Dockerfile.dev",
        "Dockerfile.dockerignore",
        "Dockerfile~",
        ".devcontainer/Dockerfile",
        ".git/Dockerfile",
        "app/api.Dockerfile",
        "app/web.dockerfile",
        "app/Containerfile",
        "app/Containerfile.ci",
        "app/notes.txt",
        "build/Dockerfile",
    ] {
        sandbox.write(name, OLD);
    }
    sandbox.write(".gitignore", "build/\n");
    sandbox
}

#[test]
fn a_directory_is_searched_for_dockerfiles() {
    let found = [
        ".devcontainer/Dockerfile",
        "Dockerfile",
        "Dockerfile.dev",
        "app/Containerfile",
        "app/Containerfile.ci",
        "app/api.Dockerfile",
        "app/web.dockerfile",
    ];
    let sandbox = tree();
    assert_eq!(paths(&sandbox, &[]), found);
    assert_eq!(paths(&sandbox, &["."]), found);
    assert_eq!(paths(&sandbox, &["-j1"]), found);
    assert_eq!(
        paths(&sandbox, &["app", "./Dockerfile", "Dockerfile"]),
        [found[1], found[3], found[4], found[5], found[6]]
    );
}

#[test]
fn a_named_file_is_read_whatever_its_name() {
    let sandbox = tree();
    assert_eq!(paths(&sandbox, &["app/notes.txt", "build/Dockerfile"]), ["app/notes.txt", "build/Dockerfile"]);
}

#[test]
fn lists_may_be_separated_by_lines_or_nul() {
    let sandbox = tree();
    sandbox.write("lines", "app/api.Dockerfile\r\n\nDockerfile\n");
    assert_eq!(paths(&sandbox, &["--files-from=lines"]), ["Dockerfile", "app/api.Dockerfile"]);
    sandbox.write("with\nnewline", OLD);
    let run = sandbox.run_with_stdin(&["check", "--format=json", "--files-from=-"], "with\nnewline\0Dockerfile\0");
    assert_eq!(run.json()["files"][1]["path"], "with\nnewline");
    sandbox.write("empty", "");
    assert_eq!(paths(&sandbox, &["--files-from=empty"]), Vec::<String>::new());
    assert_eq!(sandbox.run(&["check", "--files-from=none"]).code, Some(2));
}

#[test]
fn shards_share_the_files() {
    let sandbox = tree();
    let all: BTreeSet<String> = paths(&sandbox, &[]).into_iter().collect();
    let shards = ["--shard=1/3", "--shard=2/3", "--shard=3/3"].map(|shard| paths(&sandbox, &[shard]));
    assert_eq!(shards.iter().map(Vec::len).sum::<usize>(), all.len());
    assert_eq!(shards.into_iter().flatten().collect::<BTreeSet<_>>(), all);
    assert_eq!(sandbox.run(&["check", "--shard=4/3"]).code, Some(2));
}

#[test]
fn stdin_is_one_more_file() {
    let sandbox = Sandbox::new();
    let run = sandbox.run_with_stdin(&["diff", "--stdin-filename=sub/Dockerfile", "-"], OLD);
    assert_eq!(run.code, Some(1));
    assert!(run.text().starts_with("--- a/sub/Dockerfile\n+++ b/sub/Dockerfile\n@@ "), "{}", run.text());
    let run = sandbox.run_with_stdin(&["check", "--format=json", "-"], OLD);
    assert_eq!(run.json()["files"][0]["path"], "-");
}

#[test]
fn convert_passes_on_what_it_does_not_change() {
    let sandbox = Sandbox::new();
    for text in ["FROM cgr.dev/chainguard/wolfi-base:latest\r\nRUN x", "FROM scratch\n\n\n"] {
        let run = sandbox.run_with_stdin(&["convert", "-"], text);
        assert_eq!((run.code, run.text()), (Some(0), text), "{}", run.stderr);
    }
    let run = sandbox.run_with_stdin(&["convert", "-"], "NOT A DOCKERFILE\n");
    assert_eq!((run.code, run.text()), (Some(2), "NOT A DOCKERFILE\n"));
    assert!(run.stderr.starts_with("-:1:1: "), "{}", run.stderr);
    sandbox.write("bad", b"FROM a\n\xfe\n");
    let run = sandbox.run(&["convert", "bad"]);
    assert_eq!((run.code, &run.stdout[..]), (Some(2), &b"FROM a\n\xfe\n"[..]));
}

#[test]
fn convert_takes_one_file() {
    let sandbox = Sandbox::with_dockerfile();
    assert_eq!(sandbox.run(&["convert", "Dockerfile"]).text(), sandbox.new_text());
    assert_eq!(sandbox.read("Dockerfile"), OLD);
    assert_eq!(sandbox.run(&["convert", "Dockerfile", "--output-file=out"]).code, Some(0));
    assert_eq!(sandbox.read("out"), sandbox.new_text());
    for wrong in [&["convert"][..], &["convert", "."], &["convert", "missing"], &["convert", "a", "b"]] {
        let run = sandbox.run(wrong);
        assert_eq!(run.code, Some(2), "{wrong:?}");
        assert_eq!(run.text(), "");
    }
}

/// A pipe may never end; a shell's own (`<(…)`) does, and has no name.
#[cfg(unix)]
#[test]
fn pipes_devices_and_broken_links_are_said_in_one_line() {
    let sandbox = Sandbox::with_dockerfile();
    let made = std::process::Command::new("mkfifo").arg(sandbox.path("pipe")).status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(sandbox.path("socket")).unwrap();
    for (target, link) in [("nowhere", "dangling"), ("round", "round"), ("pipe", "to-pipe"), ("Dockerfile", "good")] {
        std::os::unix::fs::symlink(target, sandbox.path(link)).unwrap();
    }
    sandbox.write("program", b"\x7fELF\x02\x01\0\0\xff\xfe");
    sandbox.write("utf-16", b"\xff\xfeF\0R\0");
    sandbox.write("latin-1", b"FROM a\n# \xfc\n");
    sandbox.write("nothing", "");
    sandbox.write("comment", "# one\n\n# two\n");
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    for (name, place, what) in [
        ("pipe", "1:1", "is a named pipe, not a file; hand its text over on stdin, as `-`"),
        ("to-pipe", "1:1", "is a named pipe, not a file; hand its text over on stdin, as `-`"),
        ("socket", "1:1", "is a socket, not a file; hand its text over on stdin, as `-`"),
        ("missing", "1:1", "no such file; check the path"),
        ("dangling", "1:1", "a symbolic link to a file that does not exist; mend the link, or leave it out"),
        ("round", "1:1", "cannot be read: "),
        ("program", "1:9", "not UTF-8 (byte 0xff); it is no text file, leave it out"),
        ("utf-16", "1:1", "not UTF-8 (byte 0xff); save the file as UTF-8"),
        ("latin-1", "2:3", "not UTF-8 (byte 0xfc); save the file as UTF-8"),
        ("nothing", "1:1", "file with no instructions; start the file with FROM"),
        ("comment", "1:1", "file with no instructions; start the file with FROM"),
    ] {
        for command in ["check", "diff", "convert", "apply"] {
            let run = sandbox.run(&[command, "--quiet", name]);
            assert_eq!(run.code, Some(2), "{command} {name}");
            let rest = run.stderr.strip_prefix(&format!("{name}:{place}: ")).unwrap_or_default();
            let special = command == "apply" && matches!(name, "pipe" | "to-pipe" | "socket");
            assert!(rest.starts_with(what) || special, "{command} {name}: {}", run.stderr);
            assert_eq!(run.stderr.lines().count(), 1, "{command} {name}: {}", run.stderr);
        }
    }
    let run = sandbox.run(&["convert", "folder"]);
    assert_eq!((run.code, run.stderr.lines().count()), (Some(2), 1), "{}", run.stderr);
    assert_eq!(sandbox.run(&["diff", "good"]).code, Some(1));
    let whole = sandbox.run_with_stdin(&["diff", "--quiet", "/dev/stdin"], OLD);
    assert_eq!(whole.code, Some(1), "{}", whole.stderr);
}

#[test]
fn the_build_context_must_be_a_directory() {
    let run = Sandbox::with_dockerfile().run(&["check", "--context=Dockerfile"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("not a directory"), "{}", run.stderr);
}

const TABLE: &str =
    "packages:\n  debian:\n    curl: [wget]\n    internal: [no-such-package]\nimages:\n  debian: team/base:1\n";

#[test]
fn a_table_of_the_users_own_wins() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.write("table.yaml", TABLE);
    let run = sandbox.run(&["convert", "Dockerfile", "--mappings=table.yaml"]);
    assert!(run.text().contains("apk add --no-cache wget") && run.text().contains("team/base:1"), "{}", run.text());
    assert!(sandbox.run(&["lookup", "package", "curl", "--mappings=table.yaml"]).text().contains("debian curl: wget"));
    for wrong in ["--mappings=none.yaml", "--mappings=Dockerfile"] {
        let run = sandbox.run(&["check", wrong]);
        assert_eq!((run.code, run.text()), (Some(2), ""), "{}", run.stderr);
    }
}

#[test]
fn tables_are_shown_and_checked() {
    let sandbox = Sandbox::new();
    let list = sandbox.run(&["mappings", "show"]);
    for line in list.text().lines() {
        let name = line.split(' ').next().unwrap();
        let table = sandbox.run(&["mappings", "show", name]);
        assert!(table.text().lines().count() > 1, "{name}");
    }
    sandbox.write("good.yaml", "packages: {debian: {a: [curl]}}\n");
    sandbox.write("doubtful.yaml", TABLE);
    sandbox.write("bad.yaml", "package: {}\n");
    assert_eq!(sandbox.run(&["mappings", "lint", "good.yaml"]).code, Some(0));
    let run = sandbox.run(&["mappings", "lint", "good.yaml", "doubtful.yaml"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.text().lines().count(), 1, "{}", run.text());
    assert!(run.text().starts_with("doubtful.yaml:4:5: `internal` is mapped to `no-such-package`"), "{}", run.text());
    let run = sandbox.run(&["mappings", "lint", "bad.yaml", "doubtful.yaml"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("bad.yaml:1:1: "), "{}", run.stderr);
}

#[test]
fn lookup_says_what_a_name_is() {
    let sandbox = Sandbox::new();
    for (arguments, code, answer) in [
        (&["package", "build-essential", "--from=ubuntu"][..], 0, "debian build-essential: build-base"),
        (&["command", "git"], 0, "command git: git"),
        (&["image", "python:3.12"], 0, "image python:3.12: python"),
        (&["command", "/usr/bin/git"], 0, "command /usr/bin/git: git"),
        (
            &["image", "cgr.dev/chainguard/python:latest"],
            0,
            "image cgr.dev/chainguard/python:latest: a Chainguard image",
        ),
        (&["package", "crul"], 1, "crul: not known; did you mean "),
        (&["package", "no-such-thing-at-all"], 1, "no-such-thing-at-all: not known; look for it"),
        (&["image", "registry:5000/no/such"], 1, "registry:5000/no/such: not known"),
    ] {
        let run = sandbox.run(&[&["lookup"], arguments].concat());
        assert_eq!(run.code, Some(code), "{arguments:?}");
        assert!(run.text().starts_with(answer), "{}", run.text());
    }
    assert_eq!(sandbox.run(&["lookup", "package"]).code, Some(2));
}

#[test]
fn lookup_in_json_tells_the_outcome() {
    let sandbox = Sandbox::new();
    let ask = |arguments: &[&str]| -> serde_json::Value {
        let run = sandbox.run(&[&["lookup", "--format=json"], arguments].concat());
        serde_json::from_str(run.text()).expect("one JSON document")
    };
    for (arguments, outcome, package) in [
        (&["package", "build-essential", "--from=debian"][..], "mapped", Some("build-base")),
        (&["package", "git", "--from=debian"], "same-name", Some("git")),
        (&["package", "apt-utils", "--from=debian"], "dropped", None),
        (&["package", "x11-utils", "--from=debian"], "absent", None),
        (&["command", "dig"], "mapped", Some("bind-tools")),
        (&["image", "python:3.12"], "mapped", None),
    ] {
        let answer = &ask(arguments)["answers"][0];
        assert_eq!(answer["outcome"], outcome, "{arguments:?}");
        assert_eq!(answer["candidates"][0]["packages"][0]["name"].as_str(), package, "{arguments:?}");
    }
    assert_eq!(ask(&["image", "python:3.12"])["answers"][0]["candidates"][0]["image"]["free"], "python");
    let unknown = ask(&["command", "gitt"]);
    assert_eq!((unknown["answers"].as_array().map(Vec::len), &unknown["nearest"][0]), (Some(0), &"git".into()));
}

#[test]
fn an_empty_directory_named_like_a_dockerfile_is_a_mistake() {
    let sandbox = Sandbox::new();
    sandbox.write("app/Dockerfile/notes.txt", OLD);
    for command in ["diff", "apply", "check"] {
        let report = sandbox.run(&[command, "app/Dockerfile"]);
        assert_eq!(report.code, Some(2));
        let line = report.stderr.lines().next().unwrap_or_default().to_owned();
        assert_eq!(line, "app/Dockerfile:1:1: is a directory; name a file in it");
    }
    assert_eq!(sandbox.run(&["diff", "app"]).code, Some(0));
}

#[test]
fn control_characters_of_names_and_files_reach_no_terminal_and_no_log() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "es\x1b[31mc/new\nline/Dockerfile",
        "FROM debian:12\nRUN apt-get update && apt-get install -y e\x1b[31mvil tu\u{202e}rn\n",
    );
    for format in ["text", "json", "jsonl", "sarif", "github", "gitlab", "rdjson", "markdown"] {
        let run = sandbox.run(&["check", "--format", format]);
        assert!(!run.text().contains('\x1b') && !run.stderr.contains('\x1b'), "{format}: {}", run.text());
        let seen = matches!(format, "text" | "github" | "markdown");
        assert!(!seen || !run.text().contains('\u{202e}'), "{format}: {}", run.text());
    }
}
