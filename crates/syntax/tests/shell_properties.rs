//! What holds for every script, sound or not.

use proptest::prelude::*;
use wolfify_syntax::shell::{
    Command, Compound, Dialect, List, Nested, Redirect, ShellScript, ShellWord, SimpleCommand, instruction_scripts,
    parse_script,
};
use wolfify_syntax::{SourceMap, Span, TextRange, TextSize};

/// Pieces that shell scripts are made of; glued together they give scripts that are nearly sound.
const PIECES: &[&str] = &[
    "apt-get install",
    " ",
    " ",
    " ",
    "\n",
    "\\\n",
    "; ",
    " && ",
    " || ",
    " | ",
    " & ",
    "if ",
    "; then ",
    "; fi",
    "else ",
    "while ",
    "; do ",
    "; done",
    "for x in ",
    "case x in ",
    ") ",
    ";; ",
    "esac",
    "(",
    ")",
    "{ ",
    "; }",
    "$(",
    "`",
    "${x",
    ":-",
    "}",
    "$((",
    "))",
    "((",
    "[[ ",
    " ]]",
    " =~ ",
    "'",
    "\"",
    "\\",
    "\\\"",
    "$",
    "$x",
    "#",
    "# x",
    "<",
    ">",
    "2>&1",
    "<<E\n",
    "<<-'E'",
    "\nE\n",
    "\n\tE\n",
    "<<<",
    "<(",
    "&>",
    "|&",
    "a",
    "é",
    "x=",
    "A=(b",
    "~",
    "*",
    "[",
    "]",
    "{a,b}",
    "sh -c ",
    "eval ",
    "sudo ",
    "env A=b ",
    "f() ",
    "function ",
    "! ",
    "time ",
    "coproc ",
    "\t",
    "\r\n",
    "$'",
    "\\x",
    "export ",
    "=",
];

fn script() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 0..24);
    prop_oneof![pieces.prop_map(|pieces| pieces.concat()), "\\PC{0,40}", "[ -~\n]{0,60}"]
}

/// Checks the places of one script's tree, and those of the scripts in it.
struct Checker<'a> {
    source: &'a str,
    next_id: usize,
}

impl Checker<'_> {
    fn span(&self, span: Span, within: TextRange) {
        assert!(usize::from(span.range.end()) <= self.source.len());
        assert!(self.source.is_char_boundary(usize::from(span.range.start())));
        assert!(self.source.is_char_boundary(usize::from(span.range.end())));
        assert!(within.contains_range(span.range), "{span:?} outside {within:?} in {:?}", self.source);
    }

    fn script(&mut self, script: &ShellScript) {
        for segment in script.map.segments() {
            let derived = &script.text.as_bytes()[usize::from(segment.derived)..][..usize::from(segment.len)];
            let source = &self.source.as_bytes()[usize::from(segment.source)..][..usize::from(segment.len)];
            assert_eq!(derived, source);
        }
        if let Ok(list) = &script.list {
            self.list(list, TextRange::up_to(TextSize::of(self.source)));
        }
    }

    fn list(&mut self, list: &List, within: TextRange) {
        let mut end = within.start();
        for item in &list.items {
            let span = item.and_or.span;
            self.span(span, within);
            assert!(end <= span.range.start(), "and-or lists overlap in {:?}", self.source);
            end = span.range.end();
            let rest = item.and_or.rest.iter().map(|(_, _, pipeline)| pipeline);
            for pipeline in std::iter::once(&item.and_or.first).chain(rest) {
                self.span(pipeline.span, span.range);
                assert_eq!(pipeline.pipes.len() + 1, pipeline.commands.len());
                for command in &pipeline.commands {
                    match command {
                        Command::Simple(simple) => self.simple(simple, pipeline.span.range),
                        Command::Compound(compound) => self.compound(compound, pipeline.span.range),
                    }
                }
            }
        }
    }

    fn simple(&mut self, simple: &SimpleCommand, within: TextRange) {
        assert_eq!(simple.id, self.next_id);
        self.next_id += 1;
        self.span(simple.span, within);
        self.words(&simple.words, simple.span.range);
        self.redirects(&simple.redirects, simple.span.range);
        assert!(simple.name_index < simple.words.len().max(1));
        self.nested(&simple.nested);
    }

    fn compound(&mut self, compound: &Compound, within: TextRange) {
        self.span(compound.span, within);
        self.words(&compound.words, compound.span.range);
        self.redirects(&compound.redirects, compound.span.range);
        self.nested(&compound.nested);
        for (_, list) in &compound.lists {
            self.list(list, compound.span.range);
        }
    }

    fn nested(&mut self, nested: &[Nested]) {
        for nested in nested {
            self.script(&nested.script);
        }
    }

    fn words(&self, words: &[ShellWord], within: TextRange) {
        let mut end = within.start();
        for word in words {
            self.span(word.span, within);
            assert!(end <= word.span.range.start(), "words overlap in {:?}", self.source);
            end = word.span.range.end();
            let range = usize::from(word.span.range.start())..usize::from(word.span.range.end());
            assert!(!word.span.contiguous || self.source[range] == word.text, "{word:?} in {:?}", self.source);
            let _ = word.expand(&|name| (name == "x").then(|| "v w".to_owned()));
        }
    }

    fn redirects(&self, redirects: &[Redirect], within: TextRange) {
        for redirect in redirects {
            self.span(redirect.span, within);
        }
    }
}

fn check(source: &str, script: &ShellScript) {
    let mut checker = Checker { source, next_id: 0 };
    checker.script(script);
    let mut visited = 0;
    script.visit(&mut |command, _| {
        assert_eq!(command.id, visited);
        visited += 1;
    });
    assert_eq!(visited, checker.next_id);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scripts_never_panic_and_places_hold(text in script()) {
        for dialect in [Dialect::Sh, Dialect::Bash] {
            let map = SourceMap::identity(0.into(), TextSize::of(text.as_str()));
            check(&text, &parse_script(&text, &map, dialect));
        }
    }

    #[test]
    fn instructions_never_panic_and_places_hold(text in script(), form in 0..3) {
        let body = match form {
            0 => format!("FROM a\nRUN {text}\n"),
            1 => format!("FROM a\nRUN <<X\n{text}\nX\n"),
            _ => format!("FROM a\nCMD [\"sh\", \"-c\", {}]\n", serde_json::json!(text)),
        };
        let Ok(file) = wolfify_syntax::parse(&body) else { return Ok(()) };
        for instruction in &file.instructions {
            for script in instruction_scripts(instruction, &Dialect::Bash, &body) {
                check(&body, &script);
            }
        }
    }
}
