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
    Command::new("bash").arg(script).current_dir(sandbox.root()).env("PATH", path.unwrap()).output().ok()
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
