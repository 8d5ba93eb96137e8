//! The scripts of whole instructions: joined lines, heredocs, exec form, wrappers.

use wolfify_syntax::Span;
use wolfify_syntax::shell::{Dialect, ShellScript, instruction_scripts};

/// The scripts of all instructions of a file.
fn scripts(source: &str) -> Vec<ShellScript> {
    let file = wolfify_syntax::parse(source).expect(source);
    file.instructions.iter().flat_map(|instruction| instruction_scripts(instruction, &Dialect::Sh, source)).collect()
}

fn slice(source: &str, span: Span) -> &str {
    &source[usize::from(span.range.start())..usize::from(span.range.end())]
}

/// Every command as `name: word|word`; words that may be edited are cut from the source, others are in brackets.
fn commands(body: &str) -> Vec<String> {
    let source = format!("FROM a\n{body}");
    let mut found = Vec::new();
    for script in scripts(&source) {
        assert!(script.opaque().is_empty() || matches!(script.dialect, Dialect::Other(_)), "{:?}", script.opaque());
        script.visit(&mut |command, _| {
            let words = command.words.iter().map(|word| {
                let text = slice(&source, word.span);
                if word.span.contiguous { text.to_owned() } else { format!("[{}]", word.text) }
            });
            let words: Vec<String> = words.collect();
            found.push(format!("{}: {}", command.name().unwrap_or_default(), words.join("|")));
        });
    }
    found
}

#[test]
fn continued_lines_and_comments() {
    assert_eq!(
        commands(
            "RUN apt-get update \\\n # note\n && apt-get \\\r\n\n  install -y cu\\\nrl vim # && rm \\\n && never\n"
        ),
        ["apt-get: apt-get|update", "apt-get: apt-get|install|-y|[curl]|vim"]
    );
}

#[test]
fn wrappers_and_operands() {
    for (body, expected) in [
        ("RUN sudo -u root -E A=b apt-get update", "apt-get: sudo|-u|root|-E|A=b|apt-get|update"),
        (
            "RUN DEBIAN_FRONTEND=x env -i -u Y A=b /usr/bin/apt-get update",
            "apt-get: env|-i|-u|Y|A=b|/usr/bin/apt-get|update",
        ),
        ("RUN timeout -k 5 10s nice -n 5 nohup apk add x", "apk: timeout|-k|5|10s|nice|-n|5|nohup|apk|add|x"),
        ("RUN a | xargs -r -n 1 apt-get install", "apt-get: xargs|-r|-n|1|apt-get|install"),
        ("RUN time -p make", "make: time|-p|make"),
        ("RUN command -v apt-get", "command: command|-v|apt-get"),
        ("RUN gosu user retry 5 exec chroot /x apk add", "apk: gosu|user|retry|5|exec|chroot|/x|apk|add"),
        ("RUN env", "env: env"),
        ("RUN sudo -- $X", ": sudo|--|$X"),
    ] {
        assert_eq!(commands(body).last().map(String::as_str), Some(expected), "{body}");
    }
}

#[test]
fn scripts_in_operands() {
    for (body, expected) in [
        ("RUN sh -c 'apk add x'", "apk: apk|add|x"),
        ("RUN bash -exo pipefail -c \"apk add $P\"", "apk: apk|add|$P"),
        ("RUN bash -o pipefail -lc 'apk add x'", "apk: apk|add|x"),
        ("RUN su - user -s /bin/sh -c 'apk add x'", "apk: apk|add|x"),
        ("RUN su -lc 'apk add x' user", "apk: apk|add|x"),
        ("RUN eval apk \"add x\"", "apk: apk|add|x"),
        ("RUN find . -name x -exec sh -c 'apk add x' \\;", "apk: apk|add|x"),
        ("RUN sudo sh -c 'sh -c \"apk add x\"'", "apk: apk|add|x"),
        ("RUN sh -c \"apk add \\\"x\\\" \\$y\"", "apk: apk|add|[\"x\"]|[$y]"),
        ("RUN sh -c 'apk add '\\''x'\\'", "apk: apk|add|['x']"),
        ("RUN x=`apk add \\`y\\``", "y: y"),
        ("RUN [\"sh\", \"-c\", \"apk add \\\"x\\\" y\"]", "apk: apk|add|[\"x\"]|y"),
        ("CMD [\"/usr/bin/env\", \"apk\", \"add\"]", "apk: /usr/bin/env|apk|add"),
        ("HEALTHCHECK CMD curl -f x || exit 1", "exit: exit|1"),
        ("ONBUILD RUN apk add x", "apk: apk|add|x"),
        ("ENTRYPOINT exec nginx -g 'daemon off;'", "nginx: exec|nginx|-g|'daemon off;'"),
    ] {
        assert_eq!(commands(body).last().map(String::as_str), Some(expected), "{body}");
    }
}

#[test]
fn heredocs() {
    assert_eq!(commands("RUN <<EOF\napk add \\\n  x\nls a\\\nb\nEOF\n"), ["apk: apk|add|x", "ls: ls|[ab]"]);
    assert_eq!(commands("RUN <<-EOF\n\tif a; then\n\t\tb\n\tfi\n\tEOF\n"), ["a: a", "b: b"]);
    assert_eq!(commands("RUN bash <<EOF && z\napk add $x\nEOF\n"), ["bash: bash", "apk: apk|add|$x", "z: z"]);
    assert_eq!(commands("RUN <<EOF bash -ex\napk add 'x'\nEOF\n"), ["bash: bash|-ex", "apk: apk|add|'x'"]);
    assert_eq!(
        commands("RUN sh <<-'A' - && sh -s b <<B\n\ta `c`\n\tA\nb $(d)\nB\n"),
        ["sh: sh|-", "a: a|`c`", "c: c", "sh: sh|-s|b", "d: d", "b: b|[${_}]"]
    );
    assert_eq!(commands("RUN python3 <<EOF\nimport os\nEOF\n"), ["python3: python3"]);
    assert_eq!(commands("RUN cat <<EOF >f\n$(a)\nEOF\n"), ["cat: cat", "a: a"]);
    assert_eq!(commands("RUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n"), Vec::<String>::new());
    let source = "FROM a\nRUN <<EOF\n#!/bin/bash -e\nls\nEOF\n";
    assert_eq!(scripts(source)[0].dialect, Dialect::Bash);
}

#[test]
fn bodies_of_here_documents() {
    let source = "FROM a\nRUN cat <<-A >f && sh <<'B'\n\tx\\\ny\n\tA\nls\nB\n";
    let mut found = Vec::new();
    for script in scripts(source) {
        script.visit(&mut |command, _| {
            for redirect in &command.redirects {
                let place = redirect.heredoc_span.map(|span| slice(source, span).to_owned());
                found.push((redirect.operator.clone(), redirect.heredoc.clone(), place));
            }
        });
    }
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        found,
        [
            ("<<-".to_owned(), text("x\\\ny\n"), text("\tx\\\ny\n")),
            (">".to_owned(), None, None),
            ("<<".to_owned(), text("ls\n"), text("ls\n")),
        ]
    );
}

#[test]
fn other_shells_are_opaque() {
    let source = "FROM a\nRUN Get-Item x\n";
    let file = wolfify_syntax::parse(source).expect("valid");
    let dialect = Dialect::of_command(&["powershell".to_owned(), "-Command".to_owned()]);
    let scripts = instruction_scripts(&file.instructions[1], &dialect, source);
    assert_eq!(scripts[0].dialect, Dialect::Other("powershell".to_owned()));
    assert!(scripts[0].list.is_err());
}

#[test]
fn dialect_of_shell_instructions() {
    let of = |words: &[&str]| Dialect::of_command(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    assert_eq!(of(&["/bin/bash", "-o", "pipefail", "-c"]), Dialect::Bash);
    assert_eq!(of(&["/usr/bin/env", "-S", "bash", "-c"]), Dialect::Bash);
    assert_eq!(of(&["/bin/ash", "-c"]), Dialect::Sh);
    assert_eq!(of(&["C:\\x\\cmd.exe", "/S"]), Dialect::Other("cmd.exe".to_owned()));
}

#[test]
fn quotes_around_operands() {
    for (body, quote) in [
        ("RUN sh -c 'a'", Some('\'')),
        ("RUN sh -c \"a \\\"b\\\"\"", Some('"')),
        ("RUN sh -c 'a '\"b\"", None),
        ("RUN sh -c a\\ b", None),
        ("RUN eval 'a' b", None),
        ("RUN eval 'a b'", Some('\'')),
        ("CMD [\"sh\", \"-c\", \"a\"]", Some('"')),
        ("RUN sh -c \"sh -c 'a'\"", Some('\'')),
    ] {
        let mut found = None;
        let source = format!("FROM a\n{body}\n");
        for script in scripts(&source) {
            script.visit(&mut |_, context| found = Some((context.in_operand, context.operand_quote)));
        }
        assert_eq!(found, Some((true, quote)), "{body}");
    }
}
