//! Libraries: headers and shared objects, whose names differ by prefix, version and suffix only.

use super::{Answer, Context, dropped, mapped};
use crate::lookup::{Confidence, Distro, Lookup};

const HEADERS: &str = "headers are NAME-dev";
const SHARED: &str = "a library's package without its version";
const BOOST: &str = "Boost's libraries are libboost-NAME";

/// Suffixes of packages that only help a person: debug symbols and documentation.
const FOR_PEOPLE: [&str; 9] =
    ["-dbg", "-dbgsym", "-debuginfo", "-debugsource", "-doc", "-docs", "-javadoc", "-manpages", "-examples"];

/// `libfoo-dbg`, `foo-doc`, `glibc-debuginfo`.
pub(super) fn debug_and_documentation(_: Context<'_>, name: &str) -> Answer {
    FOR_PEOPLE.iter().any(|suffix| name.ends_with(suffix)).then_some(())?;
    dropped("is debug symbols or documentation", "debug symbols and documentation")
}

/// `libcurl4t64` of Debian 13 and Ubuntu 24.04 is what `libcurl4` was before times got 64 bits.
pub(super) fn of_the_time_transition(context: Context<'_>, name: &str) -> Answer {
    let before = name.strip_suffix("t64").filter(|_| context.distro == Distro::Debian)?;
    Some(context.mappings.package(context.distro, before)).filter(|answer| *answer != Lookup::Unknown)
}

/// Libraries of Boost that have become headers only, or are gone.
const BOOST_WITHOUT_OBJECTS: [&str; 3] = ["system", "signals", "math-tr1"];

/// `libboost-program-options1.74.0`, `libboost-system1.83.0`, Alpine's and Fedora's `boost-date_time`.
pub(super) fn boost(context: Context<'_>, name: &str) -> Answer {
    let rest = name.strip_prefix("lib").unwrap_or(name).strip_prefix("boost-")?;
    let library = rest.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if library.ends_with("-dev") || library.ends_with("-devel") {
        return None;
    }
    if BOOST_WITHOUT_OBJECTS.contains(&library) {
        return dropped("is nothing but headers in today's Boost", BOOST);
    }
    let package = context.first_known([format!("libboost-{}", library.replace('-', "_"))])?;
    mapped(vec![package], Confidence::Medium, BOOST, None)
}

/// `libfoo1.2-dev` → `foo-dev`; `libfoo6` → `libfoo`; headers stay headers.
pub(super) fn resolve(context: Context<'_>, name: &str) -> Answer {
    let lower = name.to_ascii_lowercase();
    if let Some(stem) = lower.strip_suffix("-devel").or_else(|| lower.strip_suffix("-dev")) {
        let candidates = stems(stem).into_iter().map(|stem| format!("{stem}-dev"));
        let package = context.first_known(candidates)?;
        return mapped(vec![package], Confidence::Low, HEADERS, None);
    }
    let is_library = lower.starts_with("lib") || lower.ends_with("-libs");
    let renamed_by_case = context.distro == Distro::Fedora && lower != name;
    if !is_library && !renamed_by_case {
        return None;
    }
    let stem = lower.strip_suffix("-libs").unwrap_or(&lower);
    let mut candidates = Vec::new();
    for stem in stems(stem) {
        candidates.extend([format!("{stem}-libs"), stem]);
    }
    if renamed_by_case && !is_library {
        candidates = vec![lower.clone()];
    }
    let package = context.first_known(candidates)?;
    mapped(vec![package], Confidence::Low, SHARED, None)
}

/// The ways to write a library's name: with and without version, `lib` and Debian's `t64`.
fn stems(name: &str) -> Vec<String> {
    let name = name.strip_suffix("t64").unwrap_or(name);
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    let mut stems = vec![name.to_owned()];
    for stem in [name, bare] {
        let other = stem.strip_prefix("lib").map_or_else(|| format!("lib{stem}"), str::to_owned);
        for candidate in [stem.to_owned(), other] {
            if candidate.len() > 1 && !stems.contains(&candidate) {
                stems.push(candidate);
            }
        }
    }
    stems
}
