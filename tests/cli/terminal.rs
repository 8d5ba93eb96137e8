//! What somebody sees who watches: findings below the name of their file, on a terminal only.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::program::wolfify;

/// What a command prints when its stdout is a terminal.
fn seen(folder: &Path, arguments: &[&str]) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = rustix::fs::open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, rustix::fs::Mode::empty()).unwrap();
    let mut command = wolfify(folder);
    let child = command.args(arguments).stdout(File::from(theirs)).stderr(Stdio::null());
    let mut child = child.spawn().unwrap();
    // The command holds the terminal's other end open until it goes.
    drop(command);
    let mut shown = Vec::new();
    // A terminal whose last program has gone ends with an error.
    let _ = File::from(ours).read_to_end(&mut shown);
    child.wait().unwrap();
    String::from_utf8(shown).unwrap().replace("\r\n", "\n")
}

#[test]
fn cases_of_a_terminal() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    let tree = folder.join("tree");
    let bless = std::env::var_os("WOLFIFY_BLESS").is_some_and(|value| value == "1");
    for (name, arguments) in [
        ("terminal.txt", &["check"][..]),
        ("terminal-all.txt", &["check", "--verbose"]),
        ("terminal-color.txt", &["check", "--color=always"]),
        ("terminal-one.txt", &["check", "api/Dockerfile"]),
    ] {
        let text = seen(&tree, arguments);
        let path = folder.join(name);
        if bless {
            fs::write(&path, &text).unwrap();
        }
        assert_eq!(text, fs::read_to_string(&path).unwrap_or_default(), "{name} differs; WOLFIFY_BLESS=1 writes it");
    }
}

#[test]
fn the_words_of_a_file_do_not_drive_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let text = "FROM debian:12\n# \x1b]0;title\x07 \u{202e}back\n#\tat\rhome\nRUN apt-get update\nLABEL a=b\n";
    fs::write(folder.path().join("Dockerfile"), text).unwrap();
    let shown = seen(folder.path(), &["diff", "--color=never"]);
    assert!(
        shown.contains(" # \u{fffd}]0;title\u{fffd} \u{fffd}back\n #\tat\u{fffd}home\n-RUN apt-get update\n"),
        "{shown:?}"
    );
    // A program takes it byte for byte.
    let piped = wolfify(folder.path()).arg("diff").output().unwrap();
    assert!(String::from_utf8(piped.stdout).unwrap().contains("\n # \x1b]0;title\x07 \u{202e}back\n #\tat\rhome\n"));
}
