//! Scripts and what is found in them, with places checked against the source.

use wolfify_syntax::shell::{Dialect, ShellScript, ShellWord, SimpleCommand, parse_script};
use wolfify_syntax::{SourceMap, Span, TextSize};

fn parse(text: &str) -> ShellScript {
    let map = SourceMap::identity(0.into(), TextSize::of(text));
    parse_script(text, &map, Dialect::Bash)
}

fn reason(script: &ShellScript) -> Option<&str> {
    script.list.as_ref().err().map(|opaque| opaque.reason.as_str())
}

fn slice(source: &str, span: Span) -> &str {
    &source[usize::from(span.range.start())..usize::from(span.range.end())]
}

/// All simple commands, nested ones too, as their words; every word's place is checked.
fn commands(source: &str) -> Vec<String> {
    let script = parse(source);
    assert_eq!(reason(&script), None, "{source}");
    let mut found = Vec::new();
    script.visit(&mut |command, _| found.push(words(source, command)));
    found
}

fn words(source: &str, command: &SimpleCommand) -> String {
    let text: Vec<&str> = command.words.iter().map(|word| checked(source, word)).collect();
    text.join("|")
}

fn checked<'a>(source: &str, word: &'a ShellWord) -> &'a str {
    if word.span.contiguous {
        assert_eq!(slice(source, word.span), word.text, "{source}");
    }
    &word.text
}

#[test]
fn lists_pipelines_and_words() {
    assert_eq!(
        commands("apt-get update && apt-get install -y a=1* 'b c' ; ls | wc -l || true & echo"),
        ["apt-get|update", "apt-get|install|-y|a=1*|'b c'", "ls", "wc|-l", "true", "echo"]
    );
}

#[test]
fn compound_commands() {
    assert_eq!(commands("if [ -f a ]; then b; elif c; then d; else e; fi"), ["[|-f|a|]", "b", "c", "d", "e"]);
    assert_eq!(commands("for x in a b; do echo $x; done; while read l; do :; done <f"), ["echo|$x", "read|l", ":"]);
    assert_eq!(commands("case $(a) in x|y) b ;; (z) c;& *) d; esac"), ["a", "b", "c", "d"]);
    assert_eq!(
        commands("{ a; b; } 2>&1 && (c; d) && f() { e; } && ((1+$(g))) && [[ x =~ a(b|c) ]]"),
        ["a", "b", "c", "d", "e", "g"]
    );
    assert_eq!(commands("until a; do b; done; for ((i=0;i<3;i++)); do d; done"), ["a", "b", "d"]);
    assert_eq!(commands("function f { a; }; coproc b; time { c; }; ! d; time e"), ["a", "b", "c", "d", "time|e"]);
}

#[test]
fn nested_scripts() {
    assert_eq!(
        commands("x=$(a `b`) sh -c 'c && d \"$(e)\"' >$(f)"),
        ["sh|-c|'c && d \"$(e)\"'", "a|`b`", "b", "f", "c", "d|\"$(e)\"", "e"]
    );
    assert_eq!(
        commands("sudo -u x bash -ec \"cd $D && make $(g)\""),
        ["sudo|-u|x|bash|-ec|\"cd $D && make $(g)\"", "g", "cd|$D", "make|${_}"]
    );
    assert_eq!(
        commands("cat <(a) | bash <<E && z\nb; c $(d)\nE\nq"),
        ["cat|<(a)", "a", "bash", "d", "b", "c|${_}", "z", "q"]
    );
}

#[test]
fn deep_nesting_is_refused_with_a_bounded_stack() {
    for (open, close) in [
        ("(", ")"),
        ("((", "))"),
        ("{ ", "; }"),
        ("$(", ")"),
        ("\"$(", ")\""),
        ("$((", "))"),
        ("${a:-", "}"),
        ("if ", "; then b; fi"),
        ("f() { ", "; }"),
        ("x <(", ")"),
        ("sh -c $(", ")"),
        ("case $(", ") in x) y;; esac"),
        ("time { ", "; }"),
        ("[[ a ]] && ( [[ ( ", " ) ]] )"),
    ] {
        for depth in [20, 40, 5000] {
            let text = format!("{}a{}", open.repeat(depth), close.repeat(depth));
            let script = parse(&text);
            assert!(depth < 5000 || script.list.is_err(), "{open}");
        }
    }
}
