//! Parts and values of words.

use wolfify_syntax::shell::{Command, Dialect, ShellWord, WordPart, parse_script};
use wolfify_syntax::{SourceMap, TextSize};

/// The words of a script that is one simple command.
fn words(text: &str) -> Vec<ShellWord> {
    let map = SourceMap::identity(0.into(), TextSize::of(text));
    let list = parse_script(text, &map, Dialect::Bash).list.expect(text);
    match &list.items[0].and_or.first.commands[0] {
        Command::Simple(simple) => simple.words.clone(),
        Command::Compound(_) => panic!("a simple command"),
    }
}

fn word(text: &str) -> ShellWord {
    let words = words(&format!("x {text}"));
    assert_eq!(words.len(), 2, "{text}");
    assert_eq!(words[1].text, text);
    words[1].clone()
}

fn literal(text: &str) -> Option<String> {
    word(text).literal()
}

#[test]
fn literals_lose_quotes_and_escapes() {
    for (text, value) in [
        ("a", "a"),
        ("'a b'\"c d\"e", "a bc de"),
        (r"a\ b\*", "a b*"),
        (r#""a\"b\$c\d""#, r#"a"b$c\d"#),
        ("''", ""),
        ("{}", "{}"),
        ("{a}", "{a}"),
        ("a=[", "a=["),
        ("$'a\\n\\x41\\''", "a\nA'"),
        ("$\"a\"", "a"),
        ("a#b", "a#b"),
        ("a~b", "a~b"),
        ("$", "$"),
        ("\"$ \"", "$ "),
        ("é\\é", "éé"),
        ("a:~", "a:~"),
        ("http://x.y/z?", ""),
    ] {
        let expected = if value.is_empty() && text != "''" { None } else { Some(value) };
        assert_eq!(literal(text).as_deref(), expected, "{text}");
    }
    for text in
        ["*", "a?", "[ab]", "{a,b}", "{1..3}", "~", "~root/x", "$x", "\"$x\"", "`a`", "$((1))", "<(a)", "{a{b,c}"]
    {
        assert_eq!(literal(text), None, "{text}");
    }
}

#[test]
fn parts_of_a_word() {
    let parameter = |name: &str, operation: &str, quoted| WordPart::Parameter {
        name: name.into(),
        operation: operation.into(),
        quoted,
    };
    let plain = |text: &str| WordPart::Literal { text: text.into(), quoted: false };
    assert_eq!(
        word("a$b-${c:-d e}").parts,
        [plain("a"), parameter("b", "", false), plain("-"), parameter("c", ":-d e", false)]
    );
    assert_eq!(
        word("\"${#x}${!y}${z[@]}$1$@\"").parts[1..],
        [
            parameter("#x", "", true),
            parameter("!y", "", true),
            parameter("z", "[@]", true),
            parameter("1", "", true),
            parameter("@", "", true)
        ]
    );
    assert_eq!(
        word("~/a*[!b]?").parts,
        [
            WordPart::Tilde("~".into()),
            plain("/a"),
            WordPart::Glob("*".into()),
            WordPart::Glob("[!b]".into()),
            WordPart::Glob("?".into())
        ]
    );
    assert_eq!(word("a{b,\"c\"{d,e}}f").parts, [plain("a"), WordPart::Brace("{b,\"c\"{d,e}}".into()), plain("f")]);
    assert_eq!(
        word("$(a)`b`$((1+1))").parts,
        [
            WordPart::CommandSubstitution { nested: Some(0), quoted: false },
            WordPart::CommandSubstitution { nested: Some(1), quoted: false },
            WordPart::Arithmetic
        ]
    );
}

#[test]
fn quotes_inside_parameter_operations() {
    for text in ["\"${x#'}'}\"", "\"${x:-\"a b\"}\"", "${x:-'a}b'}", "\"${x/\\//-}\"", "${x//[^a-z]/}"] {
        assert_eq!(
            word(text).parts.iter().filter(|part| matches!(part, WordPart::Parameter { .. })).count(),
            1,
            "{text}"
        );
    }
}

fn variable(name: &str) -> Option<String> {
    let value = match name {
        "x" => "a.tar.gz",
        "list" => " b  c ",
        "empty" => "",
        "star" => "*",
        "path" => "/usr/local/bin",
        _ => return None,
    };
    Some(value.to_owned())
}

fn expand(text: &str) -> Option<Vec<String>> {
    word(text).expand(&variable)
}

#[test]
fn expansion_of_known_parameters() {
    let cases: &[(&str, &[&str])] = &[
        ("$x", &["a.tar.gz"]),
        ("${x}-1", &["a.tar.gz-1"]),
        ("$list", &["b", "c"]),
        ("p$list-q", &["p", "b", "c", "-q"]),
        ("\"$list\"", &[" b  c "]),
        ("$empty", &[]),
        ("\"$empty\"", &[""]),
        ("''$empty", &[""]),
        ("${x%.gz}", &["a.tar"]),
        ("${x%.*}", &["a.tar"]),
        ("${x%%.*}", &["a"]),
        ("${x#*.}", &["tar.gz"]),
        ("${x##*.}", &["gz"]),
        ("${path##*/}", &["bin"]),
        ("${path%/*}", &["/usr/local"]),
        ("${x/a/b}", &["b.tbr.gz"]),
        ("${x//a/b}", &["b.tbr.gz"]),
        ("${x//[a-g]/_}", &["_.t_r._z"]),
        ("${unset:-$x}", &["a.tar.gz"]),
        ("${unset-y}", &["y"]),
        ("${empty:-y}", &["y"]),
        ("${empty-y}", &[]),
        ("${x:+y}", &["y"]),
        ("${empty:+y}", &[]),
        ("\"${unset:-a b}\"", &["a b"]),
        ("${unset:-a b}", &["a", "b"]),
        ("${unset:-${x%%.*}}", &["a"]),
    ];
    for (text, fields) in cases {
        let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        let expected = if *text == "${x/a/b}" { vec!["b.tar.gz".to_owned()] } else { fields };
        assert_eq!(expand(text), Some(expected), "{text}");
    }
    for text in
        ["$unset", "${unset:+y}", "$star", "$(a)", "$x*", "$1", "$@", "${x:?}${unset:?}", "~", "{a,b}", "${x^^}"]
    {
        assert_eq!(expand(text), None, "{text}");
    }
}
