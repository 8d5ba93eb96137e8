//! The user's own tables: what they may say, what is refused, and who wins.

mod support;

use wolfify_mappings::{Distro, Lookup, Mappings, UserTable};

fn table(text: &str) -> UserTable {
    UserTable::parse(text, "mine.yaml").unwrap_or_else(|error| panic!("{error}"))
}

fn with(texts: &[&str]) -> Mappings {
    let mut mappings = support::mappings();
    for text in texts {
        mappings.overlay(table(text));
    }
    mappings
}

fn packages(mappings: &Mappings, distro: Distro, name: &str) -> Vec<String> {
    mappings.package(distro, name).mapped().unwrap_or_else(|| panic!("{name}")).packages
}

fn image(mappings: &Mappings, name: &str, tag: Option<&str>) -> String {
    let answer = mappings.image(name, tag).mapped().unwrap_or_else(|| panic!("{name}"));
    answer.tag.map_or(answer.image.clone(), |tag| format!("{}:{tag}", answer.image))
}

#[test]
fn the_format_of_dfc_is_understood() {
    let mappings = with(&["images:\n  registry.corp:5000/base: reg.corp:5000/chain/base:1\n  nginx: my-nginx\n\
         packages:\n  debian:\n    git: [git-extras, tig]\n    curl: []\n  fedora:\n    httpd:\n      - nginx\n"]);
    assert_eq!(image(&mappings, "registry.corp:5000/base", Some("9")), "reg.corp:5000/chain/base:1");
    assert_eq!(image(&mappings, "docker.io/library/nginx", None), "my-nginx");
    assert_eq!(packages(&mappings, Distro::Debian, "git"), ["git-extras", "tig"]);
    assert!(matches!(mappings.package(Distro::Debian, "curl"), Lookup::Dropped { .. }));
    assert_eq!(packages(&mappings, Distro::Fedora, "httpd"), ["nginx"]);
    // What the table does not name is as it was.
    assert_eq!(packages(&mappings, Distro::Alpine, "git"), ["git"]);
    assert_eq!(image(&mappings, "python", None), "python");
}

#[test]
fn our_own_additions() {
    let mappings = with(&[
        "version: 1\npackages:\n  alpine:\n    a: one\n    b: {packages: [x, y], note: ask Ann}\n    'c-*': []\n",
    ]);
    assert_eq!(packages(&mappings, Distro::Alpine, "a"), ["one"]);
    let answer = mappings.package(Distro::Alpine, "b").mapped().unwrap();
    assert_eq!((answer.packages.join(" ").as_str(), answer.note.as_deref()), ("x y", Some("ask Ann")));
    assert_eq!(answer.provenance.source, "mine.yaml");
    assert!(matches!(mappings.package(Distro::Alpine, "c-tools"), Lookup::Dropped { .. }));
}

#[test]
fn names_beat_patterns_and_longer_patterns_beat_shorter_ones() {
    let mappings =
        with(&["images:\n  'team/*': any\n  'team/go*': go\n  team/golang: exact\n  'team/golang:1*': tagged\n"]);
    assert_eq!(image(&mappings, "team/x", None), "any");
    assert_eq!(image(&mappings, "team/go-tools", None), "go");
    assert_eq!(image(&mappings, "team/golang", None), "exact");
    assert!(matches!(mappings.image("team/a/b", None), Lookup::Unknown), "a star does not cross a slash");
    // A star of `golang*` is no licence to take other organisations' images.
    let mappings = with(&["images:\n  'golang*': mine\n"]);
    assert_eq!(image(&mappings, "golang", Some("1.22")), "mine");
    assert!(matches!(mappings.image("golangci/golangci-lint", None), Lookup::Unknown));
}

#[test]
fn later_files_win() {
    let first = "packages:\n  debian:\n    git: [one]\n    'x-a*': [one]\n    wget: [one]\n";
    let second = "packages:\n  debian:\n    git: [two]\n    'x-*a': [two]\n";
    for _ in 0..20 {
        let mappings = with(&[first, second]);
        assert_eq!(packages(&mappings, Distro::Debian, "git"), ["two"]);
        assert_eq!(packages(&mappings, Distro::Debian, "wget"), ["one"]);
        assert_eq!(packages(&mappings, Distro::Debian, "x-aa"), ["two"], "equally specific: the later file");
    }
    assert_eq!(packages(&with(&[second, first]), Distro::Debian, "x-aa"), ["one"]);
}

#[test]
fn without_the_builtin_mappings_facts_stay() {
    let mappings = support::mappings().without_builtin();
    assert!(matches!(mappings.image("python", None), Lookup::Unknown));
    assert!(matches!(mappings.package(Distro::Debian, "build-essential"), Lookup::Unknown));
    assert!(matches!(mappings.package(Distro::Debian, "php5-curl"), Lookup::Unknown));
    assert_eq!(packages(&mappings, Distro::Debian, "git"), ["git"]);
    let counts = mappings.row_counts();
    assert!(
        counts.contains(&("images.tsv", 0))
            && counts.iter().any(|(name, rows)| *name == "commands.tsv" && *rows > 5000)
    );
    assert!(mappings.image_config("python", "dev").is_some() && mappings.wolfi_package("git").is_some());
}

#[test]
fn errors_say_where() {
    let cases = [
        ("images: [a]\n", 1, 9, "mapping"),
        ("image:\n  a: b\n", 1, 1, "unknown key `image`"),
        ("images:\n  a: b\n  a: c\n", 3, 3, "already on line 2"),
        ("images:\n  a: b\n  docker.io/library/a: c\n", 3, 3, "same image"),
        ("images:\n  a: B\n", 2, 6, "upper-case"),
        ("images:\n  a: b@sha256:00\n", 2, 6, "digest"),
        ("images:\n  a: 'b*'\n", 2, 6, "only a source image"),
        ("images:\n  a:\n", 2, 3, "one target"),
        ("packages:\n  ubuntu:\n    a: [b]\n", 2, 3, "unknown distribution `ubuntu`"),
        ("packages:\n  debian:\n    a: [b, [c]]\n", 3, 12, "has to be a name"),
        ("packages:\n  debian:\n    a:\n", 3, 5, "write `[]` to drop"),
        ("packages:\n  debian:\n    a: {package: [b]}\n", 3, 9, "unknown key `package`"),
        ("packages:\n  debian:\n    a: {note: b}\n", 3, 8, "no `packages`"),
        ("packages:\n  debian:\n    'a*b': [x]\n    'ab*': [y]\n", 4, 5, "equally specific"),
        ("packages:\n  debian:\n    'a b': [x]\n", 3, 5, "no package name"),
        ("packages:\n  debian:\n    a: ['-x']\n", 3, 9, "no package name"),
        ("version: 2\n", 1, 10, "expected 1"),
        ("images: &x\n  a: b\npackages: *x\n", 3, 11, "aliases"),
        ("images:\n  a: b\n---\nimages:\n", 3, 1, "second document"),
    ];
    for (text, line, column, message) in cases {
        let error = UserTable::parse(text, "mine.yaml").expect_err(text);
        assert_eq!((error.line, error.column), (line, column), "{text:?}: {error}");
        assert!(error.message.contains(message), "{text:?}: {error}");
        assert!(error.to_string().starts_with(&format!("mine.yaml:{line}:{column}: ")), "{error}");
    }
    // Not YAML at all; where exactly is the parser's affair.
    for text in ["images: {a: b\n", "images:\n\ta: b\n", "a: 'b\n", "- : :\n -"] {
        assert!(UserTable::parse(text, "mine.yaml").is_err(), "{text:?}");
    }
    let deep = format!("images: {}{}", "[".repeat(5000), "]".repeat(5000));
    assert!(UserTable::parse(&deep, "mine.yaml").is_err());
}

#[test]
fn an_empty_table_changes_nothing() {
    for text in ["", "# nothing\n", "images:\npackages:\n", "---\n...\n", "packages:\n  debian:\n"] {
        assert_eq!(table(text), UserTable::default(), "{text:?}");
    }
}
