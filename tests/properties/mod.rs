//! What must hold for any Dockerfile, tried on files made by chance.
//!
//! Half of the files are put together from the grammar in `grammar.rs`, the others are such files or the seeds below with
//! bytes changed. `PROPTEST_CASES=20000 cargo test properties` looks longer.

mod grammar;

use std::sync::LazyLock;

use proptest::prelude::*;
use wolfify_edit::{EditSet, TextRange};
use wolfify_mappings::Mappings;
use wolfify_planner::{Lineage, NoContext, Options, Plan, plan, verify};

/// The built-in tables, as the program embeds them.
#[path = "../../crates/cli/builtin.rs"]
#[allow(dead_code, reason = "the program uses more of it")]
mod builtin;

/// Read once: reading the tables takes longer than a file.
pub(crate) static MAPPINGS: LazyLock<Mappings> = LazyLock::new(|| Mappings::new(builtin::TABLES));

/// Pieces that mean something to Docker or to a shell.
const PIECES: &[&str] = &[
    "\\",
    "\\\n",
    "\\\r\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "#",
    "# ",
    "\"",
    "'",
    "`",
    "$",
    "${",
    "}",
    "$(",
    ")",
    "(",
    "{",
    ";",
    "&&",
    "||",
    "|",
    "&",
    "!",
    ">",
    "2>&1",
    "<<EOF",
    "EOF\n",
    "=",
    "-",
    "--",
    "[",
    "]",
    ",",
    "*",
    "~",
    "é",
    "\u{a0}",
    "\u{feff}",
    "\0",
    "RUN ",
    "FROM debian\n",
    "FROM s0 AS s1\n",
    "USER app\n",
    "SHELL [\"/bin/bash\", \"-c\"]\n",
    "apt-get update",
    "apt-get install -y ",
    "apk add ",
    "dnf install ",
    " && apt-get clean",
    "sudo ",
    "set -e\n",
    "if ",
    "then ",
    "fi",
    "do ",
    "done",
    "case ",
    "esac",
    "sh -c '",
    "export ",
    "true",
    "curl",
    "# escape=`\n",
    "# syntax=x\n",
    "useradd ",
    "ONBUILD ",
];

/// Files with much in them that goes together.
const SEEDS: &[&str] = &[
    "# syntax=docker/dockerfile:1\nARG V=3.11\nFROM python:${V}-slim AS base\n# packages\nRUN apt-get update \\\n    && apt-get install -y --no-install-recommends \\\n        build-essential=12.9 \\\n        # for the database\n        libpq-dev \\\n    && rm -rf /var/lib/apt/lists/*\nRUN groupadd -r app && useradd -r -g app -d /home/app app\nUSER app\nCMD [\"python\", \"app.py\"]\n",
    "\u{feff}FROM debian:12\r\nRUN set -eux; \\\r\n  apt-get update; \\\r\n  apt-get install -y curl gnupg; \\\r\n  apt-get purge -y --auto-remove gnupg; \\\r\n  rm -rf /var/lib/apt/lists/*\r\n",
    "FROM alpine:3.19\nRUN apk add --no-cache --virtual .deps gcc musl-dev && pip install x && apk del .deps\nRUN <<EOF\napk update\napk add curl\nif [ -f /x ]; then apk del curl; fi\nEOF\nUSER nobody",
    "FROM fedora:41 AS a\nRUN dnf install -y gcc-c++ @development-tools && dnf clean all\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN source /x && [[ -n $A ]] && echo {a,b}\nFROM a\nRUN tar --transform 's/a/b/' -xf x.tar && sed --debug -i s/a/b/ y\n",
    "FROM node:20\nRUN curl -fsSL https://deb.nodesource.com/setup_20.x | bash - && apt-get install -y nodejs\nRUN sh -c 'apt-get update && apt-get install -y git' || true\nRUN [\"apt-get\", \"install\", \"-y\", \"curl\"]\nENV DEBIAN_FRONTEND=noninteractive\nHEALTHCHECK CMD curl -f http://localhost/ || exit 1\n",
    "# escape=`\nFROM ubuntu:24.04\nRUN deps='gcc make' `\n && apt-get install -y $deps `\n && apt-get purge -y $deps\nONBUILD RUN apt-get install -y curl\n",
];

/// A place, how many characters are cut out there, what is put in.
type Mutation = (prop::sample::Index, usize, &'static str);

fn mutate(text: &str, mutations: &[Mutation]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (place, cut, piece) in mutations {
        let at = place.index(chars.len() + 1);
        let end = (at + cut).min(chars.len());
        chars.splice(at..end, piece.chars());
    }
    chars.into_iter().collect()
}

fn mutations(most: usize) -> impl Strategy<Value = Vec<Mutation>> {
    let mutation = (any::<prop::sample::Index>(), 0..8_usize, prop::sample::select(PIECES));
    prop::collection::vec(mutation, 1..=most)
}

fn file() -> impl Strategy<Value = String> {
    let seed = prop::sample::select(SEEDS).prop_map(str::to_owned);
    let damaged = (prop_oneof![seed, grammar::dockerfile()], mutations(4));
    prop_oneof![grammar::dockerfile(), damaged.prop_map(|(text, mutations)| mutate(&text, &mutations)),]
}

fn options() -> impl Strategy<Value = Options> {
    (any::<bool>(), any::<bool>()).prop_map(|(paid, annotate)| Options {
        org: if paid { "example.com" } else { "chainguard" }.to_owned(),
        annotate,
        ..Options::default()
    })
}

/// What is wrong with what becomes of a text.
fn broken(text: &str, mappings: &Mappings, options: &Options) -> Result<(), String> {
    let Ok(dockerfile) = wolfify_syntax::parse(text) else { return Ok(()) };
    let result = plan(text, &dockerfile, mappings, &NoContext, options, &Lineage::default());
    let edits = result.edits(text).map_err(|error| format!("conflict: {error}"))?;
    let new = edits.apply();
    positions(text, &result)?;
    outside_of_edits(text, &edits, &new)?;
    if result.findings.iter().all(|finding| finding.fix.is_none()) && new != text {
        return Err("changed without a finding".to_owned());
    }
    verify(text, &dockerfile, &result, &new, mappings, &NoContext, options, &Lineage::default())
        .map_err(|broken| format!("{broken}\n--- becomes\n{new}"))?;
    second_run(&new, mappings, options)
}

fn positions(text: &str, result: &Plan) -> Result<(), String> {
    let starts: Vec<_> = result.findings.iter().map(|finding| finding.range.start()).collect();
    if !starts.is_sorted() {
        return Err("findings are not in order".to_owned());
    }
    let edits = result.findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits);
    let ranges = result.findings.iter().map(|finding| finding.range).chain(edits.map(|edit| edit.range));
    let cut = ranges.into_iter().find(|range: &TextRange| text.get(std::ops::Range::<usize>::from(*range)).is_none());
    cut.map_or(Ok(()), |range| Err(format!("{range:?} is not a piece of the text")))
}

/// Walks both texts side by side: between edits they must be the same, byte for byte.
fn outside_of_edits(text: &str, edits: &EditSet<'_>, new: &str) -> Result<(), String> {
    let (mut old_at, mut new_at) = (0, 0);
    for (range, inserted) in edits.edits() {
        let kept = &text[old_at..usize::from(range.start())];
        if !new[new_at..].starts_with(kept) || !new[new_at + kept.len()..].starts_with(inserted) {
            return Err(format!("bytes before {range:?} have changed"));
        }
        new_at += kept.len() + inserted.len();
        old_at = range.end().into();
    }
    if text[old_at..] == new[new_at..] { Ok(()) } else { Err("bytes behind the last edit have changed".to_owned()) }
}

fn second_run(text: &str, mappings: &Mappings, options: &Options) -> Result<(), String> {
    let dockerfile = wolfify_syntax::parse(text).map_err(|error| format!("the result does not parse: {error}"))?;
    let again = plan(text, &dockerfile, mappings, &NoContext, options, &Lineage::default());
    let edits = again.edits(text).map_err(|error| format!("second run: {error}"))?;
    if edits.is_empty() { Ok(()) } else { Err(format!("a second run changes\n{text}\n--- to\n{}", edits.apply())) }
}

/// A few files unless `PROPTEST_CASES` says how many. Nothing is written beside the sources: what chance finds becomes a
/// case in `tests/cases`.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { 128 };
    ProptestConfig { cases, failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_file_becomes_a_file_that_holds_what_we_promise(text in file(), options in options()) {
        if let Err(problem) = broken(&text, &MAPPINGS, &options) {
            prop_assert!(false, "{problem}\n--- from\n{text}");
        }
    }
}
