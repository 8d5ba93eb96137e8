//! The scripts in `examples/automation`, run as an engine would.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use super::{OLD, Sandbox};

/// Runs one of the scripts in a work tree where everything is committed; `None` where git or bash is missing.
fn run(script: &str, sandbox: &Sandbox) -> Option<std::process::Output> {
    for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "--message=x"]] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=x", "-c", "user.email=x@example.com"]).args(arguments).current_dir(sandbox.root());
        git.output().ok().filter(|output| output.status.success())?;
    }
    let program = Path::new(env!("CARGO_BIN_EXE_wolfify")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(program.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/automation").join(script);
    // A step of a batch spec is one line of shell.
    let step = std::fs::read_to_string(&script).unwrap();
    let step = step.lines().find_map(|line| line.trim().strip_prefix("- run: "));
    let arguments = step.map_or(vec![script.into_os_string()], |step| vec!["-c".into(), step.into()]);
    Command::new("bash").args(arguments).current_dir(sandbox.root()).env("PATH", path.unwrap()).output().ok()
}

fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    for number in 0..300 {
        sandbox.write(&format!("{number}/a name/Dockerfile"), OLD);
    }
    sandbox.write("x/Dockerfile.dockerignore", "*\n");
    sandbox
}

#[test]
fn processes_side_by_side_give_what_one_gives() {
    let sandbox = tree();
    let Some(output) = run("in-parallel.sh", &sandbox) else { return };
    assert!(output.status.success(), "{output:?}");
    for number in 0..300 {
        assert_eq!(sandbox.read(&format!("{number}/a name/Dockerfile")), sandbox.new_text());
    }
    assert_eq!(sandbox.read("x/Dockerfile.dockerignore"), "*\n");
}

/// One bad file does not keep an engine from opening the pull request for the rest.
#[test]
fn an_engine_gets_a_changed_tree_and_a_good_status() {
    let sandbox = tree();
    sandbox.write("bad/Dockerfile", "nonsense\n");
    let Some(output) = run("multi-gitter.sh", &sandbox) else { return };
    assert!(output.status.success(), "{output:?}");
    assert_eq!(sandbox.read("7/a name/Dockerfile"), sandbox.new_text());
}

/// The step's stdout is the body of the changeset: what was done, and nothing else.
#[test]
fn a_batch_spec_gets_the_body_of_its_changeset() {
    let sandbox = tree();
    sandbox.write("bad/Dockerfile", "nonsense\n");
    let Some(output) = run("sourcegraph-batch.yaml", &sandbox) else { return };
    assert!(output.status.success(), "{output:?}");
    assert_eq!(sandbox.read("7/a name/Dockerfile"), sandbox.new_text());
    let body = String::from_utf8(output.stdout).unwrap();
    assert!(body.starts_with('#') && body.contains("7/a name/Dockerfile"), "{body}");
}
