use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::body;
use crate::scanner;

/// For every instruction that the grammar answers: its answer and the word rules'. The second number counts the
/// instructions it was asked about.
fn both(
    text: &str,
    mut disagree: impl FnMut(Keyword, &str, &Body, &Result<Body, body::Problem>),
) -> BTreeMap<Keyword, [usize; 2]> {
    let mut counts = BTreeMap::new();
    let Ok(scan) = scanner::scan(text) else { return counts };
    for logical in scan.instructions {
        let Some(keyword) = Keyword::from_text(&logical.joined[logical.split.keyword.clone()]) else { continue };
        if node_kind(keyword).is_none() || logical.split.args.is_empty() {
            continue;
        }
        let count = counts.entry(keyword).or_insert([0, 0]);
        count[1] += 1;
        let line = Line { joined: &logical.joined, map: &logical.map, split: &logical.split, escape: scan.escape };
        // A grammar of its own for each, so that no failure limit is met.
        let Some(ours) = Grammar::new(text).body(keyword, line) else { continue };
        count[0] += 1;
        let rules = body::body(keyword, &logical.joined, logical.split.args.clone(), scan.escape);
        if rules.as_ref() != Ok(&ours) {
            disagree(keyword, &logical.joined, &ours, &rules);
        }
    }
    counts
}

#[track_caller]
fn agree(text: &str) -> usize {
    let counts = both(text, |_, line, grammar, rules| panic!("{line:?}: grammar {grammar:?}, rules {rules:?}"));
    counts.values().map(|count| count[0]).sum()
}

#[test]
fn reads_each_instruction_like_the_word_rules() {
    let lines = [
        "FROM --platform=$BUILDPLATFORM node:18-slim AS build",
        "ARG A B=1 C=\"x y\"",
        "COPY --from=build --chown=1:1 a b \\\n  # comment\n  c /d/",
        "ADD [\"a b\", \"c\\td\"]",
        "COPY -- -a /b",
        "ENV A=1 \\\n\n  B='2 3' C=\"$A x\"",
        "ENV LEGACY one two",
        "LABEL a.b=\"c d\" e=f",
        "EXPOSE 80/tcp 443",
        "USER app:$GROUP",
        "WORKDIR /app/$DIR",
        "VOLUME /a /b",
        "VOLUME [\"/a\"]",
        "SHELL [\"/bin/bash\", \"-c\"]",
        "STOPSIGNAL SIGTERM",
        "MAINTAINER A. Person <a@b.c>",
    ];
    for line in lines {
        assert_eq!(agree(line), 1, "{line}");
        assert_eq!(agree(&format!("# comment\n\n{}\r\nRUN x", line.replace('\n', "\r\n"))), 1, "{line}");
    }
}

#[test]
fn leaves_what_it_would_get_wrong() {
    let lines = [
        "ENV X #FFF",
        "LABEL a= \"b c\"",
        "ENV A=1 $ B=2",
        "LABEL  Z=[\"_G_ C=Q/F=",
        "ENV A=b #c=d",
        "LABEL \"a=b\"=c",
        "ENV \"A=B\"",
        "VOLUME /x # c",
        "VOLUME [/x]",
        "EXPOSE 80:80",
        "COPY [\"a\", \"b\"] c",
        "COPY <<EOF /x\nbody\nEOF",
        "WORKDIR /a b",
    ];
    for line in lines {
        agree(line);
    }
}

/// Checks a corpus: `WOLFIFY_CORPUS=list.txt cargo test -p wolfify-syntax -- --ignored --nocapture corpus`.
#[test]
#[ignore = "needs a list of Dockerfiles in WOLFIFY_CORPUS"]
fn corpus() {
    let list = std::env::var("WOLFIFY_CORPUS").unwrap();
    let mut total: BTreeMap<Keyword, [usize; 2]> = BTreeMap::new();
    let mut wrong = 0;
    for path in std::fs::read_to_string(list).unwrap().lines() {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        let counts = both(&text, |_, line, grammar, rules| {
            wrong += 1;
            println!("{path}: {line:?}\n  grammar {grammar:?}\n  rules   {rules:?}");
        });
        for (keyword, count) in counts {
            let sum = total.entry(keyword).or_default();
            sum[0] += count[0];
            sum[1] += count[1];
        }
    }
    for (keyword, [read, asked]) in total {
        println!("{keyword}: grammar reads {read} of {asked}");
    }
    assert_eq!(wrong, 0);
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-zA-Z0-9_./:-]{1,6}",
        1 => Just("=".to_owned()),
        3 => "( ?)[A-Z]=",
        1 => Just("\"".to_owned()),
        1 => Just("'".to_owned()),
        1 => Just("\\".to_owned()),
        1 => Just("#".to_owned()),
        1 => Just("$X".to_owned()),
        1 => Just("${X:-y}".to_owned()),
        1 => Just("[".to_owned()),
        1 => Just("]".to_owned()),
        1 => Just(",".to_owned()),
        1 => Just("<<E".to_owned()),
        1 => Just("é".to_owned()),
        1 => Just("`".to_owned()),
        3 => Just(" ".to_owned()),
        1 => Just("\t".to_owned()),
        1 => Just(" \\\n ".to_owned()),
        1 => Just("\\\n# c\n".to_owned()),
        1 => Just("--x=y ".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_line_reads_like_the_word_rules(
        keyword in prop::sample::select(Keyword::ALL.to_vec()),
        pieces in prop::collection::vec(piece(), 1..12),
    ) {
        let line = format!("{keyword} {}\nRUN x\nE\n", pieces.concat());
        agree(&line);
        agree(&format!("# escape=`\n{line}"));
    }
}
