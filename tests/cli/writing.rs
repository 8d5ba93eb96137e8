//! `apply`: what is written, what is kept, what is left.

use std::fs;

use super::{OLD, Sandbox};

#[test]
fn writes_the_text_that_convert_prints_and_nothing_else() {
    let sandbox = Sandbox::with_dockerfile();
    let run = sandbox.run(&["apply"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(sandbox.read("Dockerfile"), sandbox.new_text());
    assert_eq!(sandbox.names(), ["Dockerfile"]);
    assert!(run.text().starts_with("Dockerfile: rewritten, "), "{}", run.text());
}

#[test]
fn the_diff_leads_to_the_same_text() {
    let sandbox = Sandbox::with_dockerfile();
    let diff = sandbox.run(&["diff"]);
    assert_eq!(diff.code, Some(1));
    sandbox.write("the.patch", diff.stdout);
    let git = std::process::Command::new("git").args(["apply", "the.patch"]).current_dir(sandbox.root()).status();
    if git.is_ok() {
        assert_eq!(sandbox.read("Dockerfile"), sandbox.new_text());
    }
}

#[test]
fn a_second_run_writes_nothing() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.run(&["apply"]);
    let written = fs::metadata(sandbox.path("Dockerfile")).unwrap().modified().unwrap();
    assert_eq!(sandbox.run(&["apply"]).code, Some(0));
    assert_eq!(fs::metadata(sandbox.path("Dockerfile")).unwrap().modified().unwrap(), written);
    assert_eq!(sandbox.run(&["diff"]).code, Some(0));
}

#[test]
fn a_backup_is_kept_when_asked_for_and_is_the_first() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.run(&["apply", "--backup"]);
    assert_eq!(sandbox.names(), ["Dockerfile", "Dockerfile~"]);
    assert_eq!(sandbox.read("Dockerfile~"), OLD);
    sandbox.write("Dockerfile", format!("{OLD}# more\n"));
    sandbox.run(&["apply", "--backup"]);
    assert_eq!(sandbox.read("Dockerfile~"), OLD);
}

#[test]
fn crlf_byte_order_mark_and_missing_final_newline_survive() {
    let sandbox = Sandbox::new();
    let text = format!("\u{feff}# größe\r\n{}", OLD.replace('\n', "\r\n"));
    let text = text.trim_end();
    sandbox.write("Dockerfile", text);
    assert_eq!(sandbox.run(&["apply"]).code, Some(0));
    let new = sandbox.read("Dockerfile");
    assert_ne!(new, text);
    assert!(new.starts_with("\u{feff}# größe\r\n"), "{new}");
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count(), "{new:?}");
    assert!(!new.ends_with('\n'));
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let sandbox = Sandbox::new();
    sandbox.write("a/Dockerfile", b"FROM debian:12\nRUN \xff\n");
    sandbox.write("b/Dockerfile", "RUN before FROM\n");
    sandbox.write("c/Dockerfile", OLD);
    let run = sandbox.run(&["apply", "a", "b", "c", "missing"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(sandbox.read("c/Dockerfile"), sandbox.new_text());
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert!(lines[0].starts_with("a/Dockerfile:2:5: not UTF-8"), "{}", run.stderr);
    assert!(lines[1].starts_with("b/Dockerfile:1:1: "), "{}", run.stderr);
    assert!(lines[2].starts_with("missing:1:1: no such file"), "{}", run.stderr);
    assert_eq!(fs::read(sandbox.path("a/Dockerfile")).unwrap(), b"FROM debian:12\nRUN \xff\n");
    assert_eq!(sandbox.read("b/Dockerfile"), "RUN before FROM\n");
}

#[test]
fn stdin_cannot_be_written() {
    let run = Sandbox::new().run(&["apply", "-"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("convert -"), "{}", run.stderr);
}

#[test]
fn strict_leaves_a_file_that_needs_a_person() {
    let sandbox = Sandbox::new();
    let text = "FROM debian:12\nRUN apt-get update && apt-get install -y no-such-package-anywhere\n";
    sandbox.write("Dockerfile", text);
    let run = sandbox.run(&["apply", "--strict", "--format=json"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(sandbox.read("Dockerfile"), text);
    let report = run.json();
    assert_eq!(report["files"][0]["changed"], false);
    let findings = report["files"][0]["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding.get("fix").is_none()));
    assert!(findings.iter().any(|finding| finding["rule"] == "strict"));
    assert_eq!(sandbox.run(&["apply"]).code, Some(0));
    assert_ne!(sandbox.read("Dockerfile"), text);
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::super::{OLD, Sandbox};

    #[test]
    fn the_mode_is_kept() {
        let sandbox = Sandbox::with_dockerfile();
        for mode in [0o640, 0o755] {
            sandbox.write("Dockerfile", OLD);
            fs::set_permissions(sandbox.path("Dockerfile"), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(sandbox.run(&["apply"]).code, Some(0));
            assert_eq!(sandbox.read("Dockerfile"), sandbox.new_text());
            assert_eq!(fs::metadata(sandbox.path("Dockerfile")).unwrap().mode() & 0o7777, mode);
        }
    }

    /// Only root can give files away, so elsewhere there is nothing to see.
    #[test]
    fn the_owner_is_kept() {
        let sandbox = Sandbox::with_dockerfile();
        if std::os::unix::fs::chown(sandbox.path("Dockerfile"), Some(1234), Some(2345)).is_err() {
            return;
        }
        assert_eq!(sandbox.run(&["apply"]).code, Some(0));
        let metadata = fs::metadata(sandbox.path("Dockerfile")).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (1234, 2345));
        assert_eq!(sandbox.read("Dockerfile"), sandbox.new_text());
    }

    #[test]
    fn the_target_of_a_link_is_rewritten_and_the_link_stays() {
        let sandbox = Sandbox::new();
        sandbox.write("real/the-file", OLD);
        symlink("real/the-file", sandbox.path("Dockerfile")).unwrap();
        assert_eq!(sandbox.run(&["apply", "Dockerfile"]).code, Some(0));
        assert_eq!(fs::read_link(sandbox.path("Dockerfile")).unwrap().to_str(), Some("real/the-file"));
        assert_eq!(sandbox.read("real/the-file"), sandbox.new_text());
        assert_eq!(fs::read_dir(sandbox.path("real")).unwrap().count(), 1);
    }

    #[test]
    fn links_found_by_walking_are_left() {
        let sandbox = Sandbox::new();
        let outside = Sandbox::with_dockerfile();
        symlink(outside.path("Dockerfile"), sandbox.path("Dockerfile")).unwrap();
        assert_eq!(sandbox.run(&["apply"]).code, Some(0));
        assert_eq!(outside.read("Dockerfile"), OLD);
    }

    /// Root may write anywhere, so as root there is nothing to see.
    #[test]
    fn a_file_in_a_closed_folder_is_left() {
        let sandbox = Sandbox::new();
        sandbox.write("closed/Dockerfile", OLD);
        sandbox.write("open/Dockerfile", OLD);
        fs::set_permissions(sandbox.path("closed"), fs::Permissions::from_mode(0o555)).unwrap();
        let root = fs::write(sandbox.path("closed/probe"), "").is_ok();
        let run = sandbox.run(&["apply"]);
        fs::set_permissions(sandbox.path("closed"), fs::Permissions::from_mode(0o755)).unwrap();
        if root {
            return;
        }
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.contains("closed/Dockerfile:1:1: "), "{}", run.stderr);
        assert_eq!(sandbox.read("closed/Dockerfile"), OLD);
        assert_eq!(sandbox.read("open/Dockerfile"), sandbox.new_text());
    }

    #[test]
    fn what_is_not_a_regular_file_is_not_replaced() {
        let sandbox = Sandbox::new();
        let run = sandbox.run(&["apply", "/dev/null"]);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    /// Far more files than can be done before the signal arrives.
    #[test]
    fn an_interrupted_run_stops_between_files() {
        use std::process::{Command, Stdio};
        let sandbox = Sandbox::new();
        let count = 5_000;
        for number in 0..count {
            sandbox.write(&format!("{number:04}/Dockerfile"), OLD);
        }
        let new = sandbox.new_text();
        let mut command = crate::program::wolfify(sandbox.root());
        let child = command.args(["apply", "--quiet", "--jobs=1"]).stderr(Stdio::piped()).stdout(Stdio::null());
        let child = child.spawn().unwrap();
        while sandbox.read("0000/Dockerfile") == OLD {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8(output.stderr).unwrap();
        let texts: Vec<String> = (0..count).map(|number| sandbox.read(&format!("{number:04}/Dockerfile"))).collect();
        let done = texts.iter().filter(|text| **text == new).count();
        assert!(texts.iter().all(|text| *text == new || text == OLD) && done < count, "{done}");
        let expected = format!("stopped after {done} of {count} files, {done} rewritten; every file is whole");
        assert!(stderr.contains(&expected), "{stderr}");
        assert_eq!(fs::read_dir(sandbox.path("0000")).unwrap().count(), 1);
    }

    #[test]
    fn special_files_give_a_line_each_and_do_not_stop_the_others() {
        let sandbox = Sandbox::with_dockerfile();
        fs::create_dir_all(sandbox.path("a")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(sandbox.path("a/Dockerfile")).status();
        if !made.is_ok_and(|status| status.success()) {
            return;
        }
        let _socket = std::os::unix::net::UnixListener::bind(sandbox.path("a/Dockerfile.socket")).unwrap();
        sandbox.write("b/Dockerfile/Dockerfile", OLD);
        symlink("nowhere", sandbox.path("b/Dockerfile.link")).unwrap();
        let run = sandbox.run(&["apply"]);
        assert_eq!(run.code, Some(2));
        let lines: Vec<&str> = run.stderr.lines().collect();
        assert_eq!(lines[1], "b/Dockerfile: a directory, searched like any other");
        assert!(lines[0].starts_with("b/Dockerfile.link: a symbolic link, not followed"), "{}", run.stderr);
        assert!(lines[2].starts_with("a/Dockerfile:1:1: is a named pipe"), "{}", run.stderr);
        assert!(lines[3].starts_with("a/Dockerfile.socket:1:1: is a socket"), "{}", run.stderr);
        assert_eq!(sandbox.read("Dockerfile"), sandbox.new_text());
        assert_eq!(sandbox.read("b/Dockerfile/Dockerfile"), sandbox.new_text());
        let run = sandbox.run(&["apply", "a/Dockerfile"]);
        assert_eq!(run.code, Some(2), "a pipe nobody writes to must not be waited for");
    }

    #[test]
    fn a_read_only_file_is_left() {
        let sandbox = Sandbox::with_dockerfile();
        sandbox.write("other/Dockerfile", OLD);
        fs::set_permissions(sandbox.path("Dockerfile"), fs::Permissions::from_mode(0o444)).unwrap();
        let run = sandbox.run(&["apply"]);
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.starts_with("Dockerfile:1:1: is read-only"), "{}", run.stderr);
        assert_eq!(sandbox.read("Dockerfile"), OLD);
        assert_eq!(sandbox.read("other/Dockerfile"), sandbox.new_text());
    }

    #[test]
    fn what_a_killed_run_left_is_removed() {
        let sandbox = Sandbox::with_dockerfile();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        sandbox.write(&format!(".wolfify-{}-3", child.id()), "half a f");
        sandbox.write(".wolfify-mine", "");
        assert_eq!(sandbox.run(&["check"]).code, Some(1));
        assert_eq!(sandbox.names().len(), 3, "only apply may remove anything");
        assert_eq!(sandbox.run(&["apply"]).code, Some(0));
        assert_eq!(sandbox.names(), [".wolfify-mine", "Dockerfile"]);
    }

    /// Not every file system has them.
    #[test]
    fn extended_attributes_are_kept() {
        use std::process::Command;
        let sandbox = Sandbox::with_dockerfile();
        let path = sandbox.path("Dockerfile");
        let python = |code: &str| {
            Command::new("python3").args(["-c", code]).arg(&path).output().is_ok_and(|output| output.status.success())
        };
        if !python("import os,sys; os.setxattr(sys.argv[1], 'user.wolfify', b'kept' * 500)") {
            return;
        }
        assert_eq!(sandbox.run(&["apply"]).code, Some(0));
        assert_eq!(sandbox.read("Dockerfile"), sandbox.new_text());
        assert!(python("import os,sys; assert os.getxattr(sys.argv[1], 'user.wolfify') == b'kept' * 500"));
    }
}

#[test]
fn a_large_file_is_left() {
    let sandbox = Sandbox::with_dockerfile();
    sandbox.write(
        "Dockerfile.large",
        format!(
            "{OLD}{}",
            "# more
"
            .repeat(1_000)
        ),
    );
    let run = sandbox.run(&["apply", "--max-size=4K"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.starts_with("Dockerfile.large:1:1: larger than 4096 bytes"), "{}", run.stderr);
    assert_eq!(sandbox.read("Dockerfile"), sandbox.new_text());
    assert_eq!(sandbox.run(&["apply"]).code, Some(0));
}

/// Tracked files with changes are refused; untracked, added and clean ones are not, and neither is a second run.
#[test]
fn uncommitted_changes_are_not_mixed_with_ours() {
    let sandbox = Sandbox::with_dockerfile();
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=x", "-c", "user.email=x@example.com"]).args(arguments).current_dir(sandbox.root());
        git.output().is_ok_and(|output| output.status.success())
    };
    if !git(&["init", "--quiet"]) {
        return;
    }
    assert_eq!(sandbox.run(&["apply"]).code, Some(0), "before the first commit");
    for name in ["Dockerfile", "clean/Dockerfile", "staged/Dockerfile"] {
        sandbox.write(name, OLD);
    }
    assert!(git(&["add", "."]) && git(&["commit", "--quiet", "--message=x"]));
    let changed = format!("{OLD}# more\n");
    sandbox.write("Dockerfile", &changed);
    sandbox.write("staged/Dockerfile", &changed);
    assert!(git(&["add", "staged"]));
    sandbox.write("untracked/Dockerfile", OLD);
    sandbox.write("added/Dockerfile", OLD);
    assert!(git(&["add", "added"]));
    for folder in ["Dockerfile", "."] {
        let run = sandbox.run(&["apply", folder]);
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.starts_with("Dockerfile:1:1: has changes that are not committed"), "{}", run.stderr);
    }
    assert_eq!((sandbox.read("Dockerfile"), sandbox.read("staged/Dockerfile")), (changed.clone(), changed));
    for name in ["clean/Dockerfile", "untracked/Dockerfile", "added/Dockerfile"] {
        assert_eq!(sandbox.read(name), sandbox.new_text(), "{name}");
    }
    assert_eq!(sandbox.run(&["apply", "--allow-dirty"]).code, Some(0));
    assert_eq!(sandbox.run(&["apply"]).code, Some(0), "nothing is left to rewrite");
}
