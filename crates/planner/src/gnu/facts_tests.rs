//! The rules against what was seen when both sides ran.

use super::Verdict;
use super::testing::{rewritten, verdicts, wget_verdict};

/// Rows where the rule says something else than what was seen, each with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("install -s conf dst/ ; true", "both run strip, which is not there without binutils on either side"),
    ("mkdir -pv a/b", "the wording of a message"),
    ("mkdir -v a", "the wording of a message"),
    ("mkdir --verbose a", "the wording of a message"),
    ("rm -rv dst", "the wording of a message"),
    ("mkdir -p x/{a,b}", "the shell's business: see the bashism module"),
    ("[ -v HOME ]", "the shell's business: see the bashism module"),
    (
        "diff -y p.orig p.new >/dev/null; test $? -lt 2",
        "BusyBox exits with 1 for the unknown option, as for a difference",
    ),
    ("wget --post-data=x http://127.0.0.1:18080/f.txt", "the server of that run refused POST"),
];

fn is_exception(command: &str) -> bool {
    EXCEPTIONS.iter().any(|(row, _)| *row == command)
}

#[test]
fn the_rules_agree_with_every_command_that_was_run() {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in include_str!("facts.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [tool, command, outcome] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        rows += 1;
        if is_exception(command) {
            continue;
        }
        let all =
            if tool.starts_with("wget (") { wget_verdict(command).into_iter().collect() } else { verdicts(command) };
        let found: Vec<Verdict> = all.into_iter().filter(|verdict| *verdict != Verdict::Same).collect();
        let agrees = match outcome {
            "same" => found.is_empty(),
            "absent" => true,
            _ => !found.is_empty(),
        };
        if !agrees {
            wrong.push(format!("{outcome}\t{command}\t{found:?}"));
        }
    }
    assert!(rows > 900, "{rows}");
    assert!(wrong.is_empty(), "{} of {rows}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn proven_rewrites_are_emitted() {
    let mut wrong = Vec::new();
    for line in include_str!("rewrites.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [gnu, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let found = rewritten(gnu);
        if found.as_deref() != Some(expected) {
            wrong.push(format!("{gnu}\n  wanted {expected}\n  found  {found:?} {:?}", verdicts(gnu)));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// The one verdict that is not `Same`.
fn only(script: &str) -> Verdict {
    let mut found: Vec<Verdict> = verdicts(script).into_iter().filter(|verdict| *verdict != Verdict::Same).collect();
    assert_eq!(found.len(), 1, "{script}: {found:?}");
    found.remove(0)
}

fn needs(script: &str) -> (Vec<&'static str>, bool) {
    match only(script) {
        Verdict::NeedsPackage { packages, silent, .. } => (packages, silent),
        other => panic!("{script}: {other:?}"),
    }
}

#[test]
fn tar_of_dockerfiles_is_left_alone_where_it_works() {
    for script in [
        "tar -xJf /tmp/n.tar.xz -C /usr/local --strip-components=1 --no-same-owner",
        "tar -xzf /tmp/a.tgz --strip-components 1 -C /opt",
        "tar -czf /tmp/out.tgz -C /src .",
        "tar czf /o.tgz --exclude .git .",
        "tar xJpf a.tar.xz",
        "curl -fsSL $URL | tar xz -C /opt",
        "tar $OPTIONS -xzf $FILE",
    ] {
        assert!(verdicts(script).iter().all(|verdict| *verdict == Verdict::Same), "{script}");
    }
}

#[test]
fn tar_names_the_packages_that_help() {
    assert_eq!(needs("tar -x --file=/tmp/a.tgz --exclude='*.md' --wildcards 'bin/*'"), (vec!["gnutar"], false));
    assert_eq!(needs("tar xf a.tgz --exclude='*.md'"), (vec!["gnutar"], true));
    assert_eq!(needs("tar -cf /tmp/b.tar -C /a x -C /b y"), (vec!["gnutar"], false));
    assert_eq!(needs("tar cf - . -C /"), (vec!["gnutar"], true));
    assert_eq!(needs("tar -I zstd -xf a.tar.zst"), (vec!["gnutar", "zstd"], false));
    assert_eq!(needs("tar --zstd -xf b.tar.zst"), (vec!["gnutar", "zstd"], false));
    assert_eq!(needs("tar xf a.tar --transform 's/a/b/' -T list.txt"), (vec!["gnutar"], false));
    assert_eq!(needs("tar cJf o.tar.xz src"), (vec!["xz"], false));
    assert_eq!(needs("tar cJf o.tar.xz --mtime=@0 src"), (vec!["gnutar", "xz"], false));
}

#[test]
fn commands_behind_others_are_judged() {
    assert_eq!(needs("find . | xargs grep -P x"), (vec!["grep"], false));
    assert_eq!(needs("find . | xargs -d '\\n' rm -f"), (vec!["findutils"], false));
    assert_eq!(needs("find . -name x -exec readlink -e {} \\;"), (vec!["coreutils"], false));
    assert_eq!(needs("sudo ln -sr a b"), (vec!["coreutils"], false));
    assert_eq!(needs("timeout 5 make; [ $? = 124 ] && echo late"), (vec!["coreutils"], true));
    assert_eq!(rewritten("find . -exec rm --force {} +").as_deref(), Some("find . -exec rm -f {} +"));
    assert_eq!(rewritten("/bin/rm --recursive x").as_deref(), Some("/bin/rm -r x"));
    assert_eq!(rewritten("./install --compare x y"), None);
}

#[test]
fn variables_and_quotes_survive_a_rewrite() {
    for (script, expected) in [
        ("cut --delimiter=\"$D\" --fields=$F", "cut -d\"$D\" -f$F"),
        ("cut --delimiter=' ' -f1", "cut -d' ' -f1"),
        ("rm \"--force\" \"$x\"", "rm \"-f\" \"$x\""),
        ("chown -R www-data.www-data \"$DIR\"", "chown -R www-data:www-data \"$DIR\""),
        ("touch -d 2020-01-01 $f", "touch -d '2020-01-01 00:00:00' $f"),
        ("touch --date=\"2020-01-01\" $f", "touch '--date=2020-01-01 00:00:00' $f"),
        ("tar --use-compress-program='xz -T0' -xf \"$F\"", "tar -J -xf \"$F\""),
        ("tar -xzPf a.tgz", "tar -xzf a.tgz"),
        ("tar -P -xzf a.tgz", "tar -xzf a.tgz"),
        ("rm --recurs --forc x", "rm -r -f x"),
    ] {
        assert_eq!(rewritten(script).as_deref(), Some(expected), "{script}");
    }
    // What a variable holds is not known.
    assert_eq!(rewritten("rm $FLAGS x"), None);
    assert_eq!(rewritten("chown $USER.$USER x"), None);
}
