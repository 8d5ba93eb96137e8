//! The table of account commands: every row's translation is the one that was proven by running both sides.

#[path = "support/accounts.rs"]
mod support;

use support::translated;

struct Row<'a> {
    id: &'a str,
    family: &'a str,
    known: &'a str,
    script: &'a str,
    kinds: &'a str,
    result: &'a str,
}

fn rows(table: &str) -> Vec<Row<'_>> {
    let lines = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [id, family, known, script, kinds, result, _note] = fields.as_slice() else {
                panic!("a row has seven fields: {line}")
            };
            Row { id, family, known, script, kinds, result }
        })
        .collect()
}

fn differing(table: &str) -> Vec<String> {
    let mut differing = Vec::new();
    for row in rows(table) {
        let answer = translated(row.family, row.known, row.script);
        let kinds = answer.kinds.join(",");
        if kinds != row.kinds || answer.text != row.result {
            differing.push(format!(
                "{}: {}\n  want {} {}\n  got  {kinds} {}",
                row.id, row.script, row.kinds, row.result, answer.text
            ));
        }
    }
    differing
}

#[test]
fn proven_cases_are_translated_to_the_proven_form() {
    let table = include_str!("data/accounts.tsv");
    assert!(rows(table).len() >= 310, "the table is complete");
    let differing = differing(table);
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn what_was_translated_needs_nothing_more_on_alpine() {
    // Alpine's adduser is BusyBox's: the result must be read as it is meant, and left alone.
    for row in rows(include_str!("data/accounts.tsv")) {
        let other = row.id.starts_with('t') || row.kinds.contains("shadow") || row.kinds.contains("remove");
        if other || row.result.contains("users") {
            continue;
        }
        let again = translated("alpine", row.known, row.result);
        assert_eq!(again.text, row.result, "{}", row.id);
    }
}
