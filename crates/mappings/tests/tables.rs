//! The canonical form of every table, and what no row may say.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::collections::BTreeSet;

use wolfify_mappings::{Distro, Lookup, Mappings, WolfiStatus};

/// The tables and how many leading columns make the key of each.
const TABLES: [(&str, usize); 23] = [
    ("applets.tsv", 1),
    ("commands.tsv", 1),
    ("copied-files.tsv", 2),
    ("dev-libraries.tsv", 1),
    ("directories.tsv", 2),
    ("image-config.tsv", 2),
    ("image-patterns.tsv", 2),
    ("images.tsv", 1),
    ("moved-paths.tsv", 2),
    ("package-kinds.tsv", 2),
    ("package-patterns.tsv", 2),
    ("package-relations.tsv", 1),
    ("package-setup.tsv", 2),
    ("packages-alpine.tsv", 1),
    ("packages-debian.tsv", 1),
    ("packages-fedora.tsv", 1),
    ("source-images.tsv", 2),
    ("sources.tsv", 1),
    ("stand-ins.tsv", 1),
    ("streams.tsv", 1),
    ("tool-sets.tsv", 1),
    ("wolfi-packages.tsv", 1),
    ("wolfi-provides.tsv", 1),
];

/// Package tables, whose columns are package, action, targets, confidence, note, source.
const PACKAGES: [(&str, Distro); 3] = [
    ("packages-alpine.tsv", Distro::Alpine),
    ("packages-debian.tsv", Distro::Debian),
    ("packages-fedora.tsv", Distro::Fedora),
];

fn read(name: &str) -> String {
    std::fs::read_to_string(support::directory().join(name)).unwrap()
}

/// The rows of a table, each as its columns by name.
fn rows(name: &str) -> Vec<Vec<String>> {
    read(name).lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn column(name: &str, header: &str) -> Option<usize> {
    read(name).lines().next().unwrap().split('\t').position(|column| column == header)
}

#[test]
fn every_table_is_listed() {
    let mut names: Vec<String> = std::fs::read_dir(support::directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".tsv"))
        .collect();
    names.sort();
    assert_eq!(names, TABLES.map(|(name, _)| name.to_owned()));
}

#[test]
fn rows_are_sorted_unique_and_complete() {
    for (name, keys) in TABLES {
        let text = read(name);
        assert!(text.ends_with('\n') && !text.contains('\r'), "{name}: one LF at the end of every line");
        let columns = text.lines().next().unwrap().split('\t').count();
        let mut before: Option<Vec<&str>> = None;
        for (number, line) in text.lines().enumerate().skip(1) {
            let at = format!("{name}:{}", number + 1);
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), columns, "{at}: columns");
            for cell in &cells {
                assert_eq!(*cell, cell.trim(), "{at}: blanks around a value");
            }
            let key = cells[..keys].to_vec();
            assert!(key.iter().all(|part| !part.is_empty()), "{at}: empty key");
            if let Some(before) = before {
                assert!(before.join("\t").as_bytes() < key.join("\t").as_bytes(), "{at}: out of order or twice");
            }
            before = Some(key);
        }
    }
}

#[test]
fn every_row_has_a_known_source_and_confidence() {
    let sources: BTreeSet<String> = rows("sources.tsv").into_iter().map(|row| row[0].clone()).collect();
    let mut used = BTreeSet::new();
    for (name, _) in TABLES.into_iter().filter(|(name, _)| *name != "sources.tsv") {
        let source = column(name, "source").unwrap();
        let confidence = column(name, "confidence");
        for row in rows(name) {
            assert!(!row[source].is_empty(), "{name}: {row:?}");
            for id in row[source].split(' ') {
                assert!(sources.contains(id), "{name}: unknown source {id:?} in {row:?}");
                used.insert(id.to_owned());
            }
            if let Some(confidence) = confidence {
                assert!(["low", "medium", "high"].contains(&row[confidence].as_str()), "{name}: {row:?}");
            }
        }
    }
    assert_eq!(used, sources, "a source that no row uses");
}

/// Panics unless `target` is a Wolfi name that can be installed as far as is known.
fn assert_installable(mappings: &Mappings, target: &str, place: &str) {
    let known = mappings.wolfi_package(target).unwrap_or_else(|| panic!("{place}: {target} is not a known Wolfi name"));
    assert_ne!(known.status, WolfiStatus::Gone, "{place}: {target} is gone");
}

#[test]
fn every_target_is_a_known_wolfi_name() {
    let mappings = support::mappings();
    let targets = [
        ("commands.tsv", "packages"),
        ("dev-libraries.tsv", "package"),
        ("dev-libraries.tsv", "libraries"),
        ("directories.tsv", "packages"),
        ("image-patterns.tsv", "packages"),
        ("images.tsv", "packages"),
        ("package-patterns.tsv", "targets"),
        ("package-setup.tsv", "package"),
        ("stand-ins.tsv", "packages"),
        ("package-relations.tsv", "package"),
        ("package-relations.tsv", "depends"),
        ("packages-alpine.tsv", "targets"),
        ("packages-debian.tsv", "targets"),
        ("packages-fedora.tsv", "targets"),
        ("wolfi-provides.tsv", "packages"),
    ];
    for (name, header) in targets {
        let index = column(name, header).unwrap();
        for row in rows(name) {
            for target in row[index].split([' ', '|']).filter(|target| !target.is_empty()) {
                assert_installable(&mappings, target, &format!("{name}: {}", row[0]));
            }
        }
    }
}

#[test]
fn actions_have_what_they_need() {
    for name in ["packages-alpine.tsv", "packages-debian.tsv", "packages-fedora.tsv", "package-patterns.tsv"] {
        let [action, targets, note] = ["action", "targets", "note"].map(|header| column(name, header).unwrap());
        for row in rows(name) {
            match row[action].as_str() {
                "map" => assert!(!row[targets].is_empty() && !row[targets].contains('|'), "{name}: {row:?}"),
                "choose" => assert!(row[targets].contains('|') && !row[note].is_empty(), "{name}: {row:?}"),
                // A reason reads on after the name; advice has to say what to do.
                "drop" => {
                    assert!(row[targets].is_empty() && row[note].len() > 8, "{name}: {row:?}");
                    // "`x` is left out: it NOTE".
                    let verb = row[note].trim_start_matches("only ").split(' ').next().unwrap();
                    assert!(verb.ends_with('s') && verb.starts_with(|c: char| c.is_lowercase()), "{name}: {row:?}");
                }
                "absent" => assert!(row[targets].is_empty() && row[note].len() > 15, "{name}: {row:?}"),
                other => panic!("{name}: action {other:?} in {row:?}"),
            }
        }
    }
}

/// Whether a name is one of headers to build against.
fn is_headers(name: &str) -> bool {
    let endings = ["-dev", "-devel", "-headers", "-dev-bin", "-dev-compat", "-dev-all"];
    // Debian's autotools-dev holds two scripts.
    name != "autotools-dev" && (endings.iter().any(|ending| name.ends_with(ending)) || name.contains("-dev-"))
}

/// Header packages of Wolfi that are not called `-dev`, and the packages of a recipe without one.
const HEADERS_BY_ANOTHER_NAME: [&str; 11] = [
    "build-base",
    "clang",
    "gcc",
    "glpk",
    "ldns",
    "libltdl",
    "libtelnet",
    "linux-headers",
    "ssdeep",
    "uthash",
    "xorgproto",
];

#[test]
fn headers_stay_headers_and_libraries_stay_libraries() {
    for (name, _) in PACKAGES {
        for row in rows(name).into_iter().filter(|row| row[1] == "map") {
            let targets: Vec<&str> = row[2].split(' ').collect();
            let is_jdk = targets.iter().any(|target| target.ends_with("-default-jdk"));
            let some = targets.iter().any(|target| is_headers(target) || HEADERS_BY_ANOTHER_NAME.contains(target));
            let all = targets.iter().all(|target| is_headers(target));
            assert!(!is_headers(&row[0]) || is_jdk || some, "{name}: {} would lose its headers: {targets:?}", row[0]);
            // Debian's qt5-default selects Qt 5 for building.
            // Archives to link against lie with the headers.
            let is_build = is_headers(&row[0]) || row[0].contains("dev") || row[0].ends_with("-static");
            let is_build = is_build || row[0] == "qt5-default";
            assert!(is_build || !all, "{name}: {} would become headers: {targets:?}", row[0]);
        }
    }
}

#[test]
fn rows_that_others_have_wrong() {
    let mappings = support::mappings();
    let debian = [
        ("libssl-dev", "openssl-dev"),
        ("libsqlite3-dev", "sqlite-dev"),
        ("libreadline-dev", "readline-dev"),
        ("libncurses5-dev", "ncurses-dev"),
        ("libncurses-dev", "ncurses-dev"),
        ("protobuf-compiler", "protoc"),
        ("build-essential", "build-base"),
        ("dnsutils", "bind-tools"),
        ("iputils-ping", "iputils"),
        ("netcat", "netcat-openbsd"),
        ("xz-utils", "xz"),
    ];
    for (name, target) in debian {
        let answer = mappings.package(Distro::Debian, name).mapped().unwrap_or_else(|| panic!("{name}"));
        assert_eq!(answer.packages, [target], "{name}");
    }
    // Another browser under another name is for a person to decide.
    assert!(matches!(mappings.package(Distro::Debian, "google-chrome-stable"), Lookup::Absent { .. }));
    let redis = mappings.image("redis", Some("7")).mapped().unwrap();
    assert_eq!((redis.image.as_str(), redis.free), ("redis", true));
    assert!(matches!(mappings.image("golangci/golangci-lint", Some("v1.59")), Lookup::Unknown));
}
