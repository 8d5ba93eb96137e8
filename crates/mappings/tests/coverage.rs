//! How much of what public Dockerfiles install gets an answer with a reason.
//!
//! `frequency/*.tsv` counts, for the 400 commonest names of each package manager, the files of a corpus of 14,937
//! public Dockerfiles that install them.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

mod support;

use wolfify_mappings::{Distro, Lookup, Mappings};

/// The share of occurrences that must be resolved, in tenths of a percent.
const LEAST: usize = 980;

fn frequencies(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.lines().skip(1).map(|line| line.split_once('\t').map(|(name, count)| (name, count.parse().unwrap())).unwrap())
}

fn check(mappings: &Mappings, distro: Distro, text: &str) {
    let (mut mapped, mut dropped, mut absent, mut total) = (0, 0, 0, 0);
    let mut unresolved = Vec::new();
    for (name, count) in frequencies(text) {
        total += count;
        match mappings.package(distro, name) {
            Lookup::Mapped(_) | Lookup::Ambiguous(_) => mapped += count,
            Lookup::Dropped { .. } => dropped += count,
            Lookup::Absent { .. } => absent += count,
            Lookup::Unknown => unresolved.push((count, name)),
        }
    }
    unresolved.sort_unstable_by(|a, b| b.cmp(a));
    let resolved = mapped + dropped + absent;
    println!(
        "{distro:?}: {total} occurrences, mapped {mapped}, dropped {dropped}, absent with advice {absent}, unknown {}",
        total - resolved
    );
    println!("  unknown: {:?}", unresolved.iter().take(50).collect::<Vec<_>>());
    assert!(resolved * 1000 >= total * LEAST, "{distro:?}: {resolved} of {total}");
}

#[test]
fn debian() {
    check(&support::mappings(), Distro::Debian, include_str!("frequency/apt.tsv"));
}

#[test]
fn fedora() {
    check(&support::mappings(), Distro::Fedora, include_str!("frequency/yum.tsv"));
}

#[test]
fn alpine() {
    check(&support::mappings(), Distro::Alpine, include_str!("frequency/apk.tsv"));
}
