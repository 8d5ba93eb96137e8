//! Scripts and what is found in them, with places checked against the source.

use wolfify_syntax::shell::{Command, Dialect, Separator, ShellScript, ShellWord, SimpleCommand, parse_script};
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

#[test]
fn contexts() {
    let script = parse("if ! a | b; then while c; do d & done; fi; f() { x=$(e) sh -c 'g || h'; }; k && l");
    let mut found = Vec::new();
    script.visit(&mut |command, context| {
        let mut flags = String::new();
        for (flag, on) in [
            ('c', context.in_condition()),
            ('l', context.in_loop()),
            ('f', context.in_function()),
            ('!', context.negated),
            ('&', context.background),
            ('s', context.in_substitution),
            ('o', context.in_operand),
        ] {
            if on {
                flags.push(flag);
            }
        }
        let place = format!("{}/{}", context.pipeline_index, context.pipeline_len);
        let name = command.name().unwrap_or_default();
        found.push(format!("{} {name} {flags} {place} {}", command.id, context.depth));
    });
    assert_eq!(
        found,
        [
            "0 a c! 0/2 0",
            "1 b c! 1/2 0",
            "2 c c 0/1 0",
            "3 d l& 0/1 0",
            "4 sh f 0/1 0",
            "5 e fs 0/1 1",
            "6 g fo 0/1 1",
            "7 h fo 0/1 1",
            "8 k  0/1 0",
            "9 l  0/1 0"
        ]
    );
}

#[test]
fn places_of_operators_and_redirections() {
    let source = "! a >f 2>&1 |& b && {\nc\n} </x ; d &";
    let script = parse(source);
    let list = script.list.as_ref().expect("valid");
    let first = &list.items[0];
    assert_eq!(slice(source, first.and_or.span), "! a >f 2>&1 |& b && {\nc\n} </x");
    assert_eq!(slice(source, first.and_or.first.bang.expect("bang")), "!");
    assert_eq!(slice(source, first.and_or.first.pipes[0]), "|&");
    assert_eq!(slice(source, first.and_or.rest[0].1), "&&");
    assert_eq!(first.separator.map(|(_, span)| slice(source, span)), Some(";"));
    assert_eq!(
        list.items[1].separator.map(|(kind, span)| (kind, slice(source, span))),
        Some((Separator::Ampersand, "&"))
    );
    let Command::Simple(a) = &first.and_or.first.commands[0] else { panic!("simple") };
    assert_eq!(slice(source, a.span), "a >f 2>&1");
    let redirects: Vec<_> = a.redirects.iter().map(|r| (r.operator.as_str(), r.fd, slice(source, r.span))).collect();
    assert_eq!(redirects, [(">", None, ">f"), (">&", Some(2), "2>&1")]);
    let Command::Compound(brace) = &first.and_or.rest[0].2.commands[0] else { panic!("compound") };
    assert_eq!((slice(source, brace.span), brace.redirects.len()), ("{\nc\n} </x", 1));
}

#[test]
fn assignments() {
    let source = "A=b C+='d e' E=(f \"g h\") I[1]=~/x:~ cmd J=k";
    let script = parse(source);
    let mut found = Vec::new();
    script.visit(&mut |command, _| {
        for assignment in &command.assignments {
            let value = assignment.value.as_ref().map(|word| word.text.clone());
            found.push((assignment.name.clone(), value, assignment.append, assignment.array.len()));
            assert!(assignment.span.contiguous);
        }
        assert_eq!(words(source, command), "cmd|J=k");
    });
    let value = |text: &str| Some(text.to_owned());
    assert_eq!(
        found,
        [
            ("A".to_owned(), value("b"), false, 0),
            ("C".to_owned(), value("'d e'"), true, 0),
            ("E".to_owned(), None, false, 2),
            ("I".to_owned(), value("~/x:~"), false, 0)
        ]
    );
}

#[test]
fn two_subshells_for_sh_are_arithmetic_for_bash() {
    let text = "((a b) || (c))";
    let names = |text: &str, dialect| {
        let script = parse_script(text, &SourceMap::identity(0.into(), TextSize::of(text)), dialect);
        let mut names = Vec::new();
        script.visit(&mut |command, _| names.extend(command.name()));
        names
    };
    assert_eq!(names(text, Dialect::Bash), ["a", "c"]);
    assert_eq!(names("(( a b ))", Dialect::Bash), Vec::<String>::new());
    assert_eq!(names("(( a b ))", Dialect::Sh), ["a"]);
}

#[test]
fn broken_scripts_are_opaque() {
    for text in [
        "a &&",
        "if a; then b",
        "fi",
        "a )",
        "'a",
        "\"a",
        "`a",
        "$(a",
        "${a",
        "a | | b",
        "(",
        "{ a }",
        "case a in b",
        "a;;",
        "<",
        "for in x; do y; done",
        "cat <<E\nx",
        "[[ a",
        "a=(b",
        "()",
        "&& a",
        "f() ",
        "while a; done",
    ] {
        assert!(parse(text).list.is_err(), "{text}");
    }
    let script = parse("echo `if` && sh -c 'done'");
    assert!(script.list.is_ok());
    assert_eq!(script.opaque().len(), 2);
}

#[test]
fn long_lists_keep_their_shape() {
    // The time this takes grows with the length, not faster: a quadratic parser would need minutes.
    let count = 20_000;
    let text = "apt-get install -y \"a b\" && ".repeat(count) + "true";
    let script = parse(&text);
    let list = script.list.expect("valid");
    assert_eq!(list.items[0].and_or.rest.len(), count);
    for hostile in
        ["{a,".repeat(count), "[[:".repeat(count), "{'".repeat(count), "$((".repeat(count), "a(".repeat(count)]
    {
        let _ = parse(&hostile);
    }
}
