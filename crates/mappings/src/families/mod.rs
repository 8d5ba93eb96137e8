//! Families of package names that follow a rule: language modules, version streams, libraries.
//!
//! A rule only ever answers with names that Wolfi is known to have, or says why there is none.

mod language;
mod library;
mod php;
mod python;
mod stream;
mod unpackaged;

use crate::glob;
use crate::lookup::{Confidence, Distro, Lookup, PackageMapping, Provenance};
use crate::mappings::Mappings;

/// What a rule answers.
pub(crate) type Answer = Option<Lookup<PackageMapping>>;

/// What a rule may ask.
#[derive(Clone, Copy)]
pub(crate) struct Context<'m> {
    pub(crate) mappings: &'m Mappings,
    pub(crate) distro: Distro,
}

impl Context<'_> {
    /// Whether Wolfi has `name`.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.mappings.is_known(name)
    }

    /// The version streams of `family`, newest first; the first is the one an unversioned name gives.
    pub(crate) fn streams(&self, family: &str) -> Vec<&'static str> {
        self.mappings.tables.streams.find(family).map_or_else(Vec::new, |row| row.column(1).split(' ').collect())
    }

    /// The first of `candidates` that Wolfi has.
    pub(crate) fn first_known(&self, candidates: impl IntoIterator<Item = String>) -> Option<String> {
        candidates.into_iter().find(|name| self.knows(name))
    }
}

/// The rules that go before "same name": there a distribution uses one of Wolfi's names for something larger.
const BEFORE_SAME_NAME: [fn(Context<'_>, &str) -> Answer; 2] = [php::resolve, pattern];

/// The rules for names that Wolfi does not have, in order.
const AFTER_SAME_NAME: [fn(Context<'_>, &str) -> Answer; 23] = [
    library::of_the_time_transition,
    python::resolve,
    stream::java,
    stream::postgresql,
    stream::compilers,
    stream::node_and_go,
    language::ruby,
    language::perl,
    language::locale,
    language::font,
    library::debug_and_documentation,
    library::boost,
    library::resolve,
    unpackaged::erlang,
    unpackaged::lua,
    unpackaged::rpm_capability,
    unpackaged::versioned,
    unpackaged::part,
    unpackaged::static_library,
    unpackaged::elsewhere,
    unpackaged::by_kind,
    unpackaged::of_absent,
    unpackaged::other_generation,
];

/// The answer of the rules that take precedence over the same name.
pub(crate) fn before_same_name(mappings: &Mappings, distro: Distro, name: &str) -> Answer {
    let context = Context { mappings, distro };
    BEFORE_SAME_NAME.iter().find_map(|rule| rule(context, name))
}

/// The answer of the rules for names that Wolfi does not have.
pub(crate) fn after_same_name(mappings: &Mappings, distro: Distro, name: &str) -> Answer {
    let context = Context { mappings, distro };
    AFTER_SAME_NAME.iter().find_map(|rule| rule(context, name))
}

/// What the rows of a distribution start with in tables whose first column it is.
fn key_prefix(distro: Distro) -> &'static str {
    match distro {
        Distro::Debian => "debian\t",
        Distro::Fedora => "fedora\t",
        Distro::Alpine => "alpine\t",
    }
}

/// The rows of `package-patterns.tsv`; the most specific pattern wins.
fn pattern(context: Context<'_>, name: &str) -> Answer {
    let rows = context.mappings.tables.package_patterns.starting_with(key_prefix(context.distro));
    let row =
        rows.filter(|row| glob::matches(row.column(1), name)).max_by_key(|row| glob::specificity(row.column(1)))?;
    Some(context.mappings.package_row(row, 1))
}

/// `packages` by the rule called `rule`.
fn mapped(packages: Vec<String>, confidence: Confidence, rule: &str, note: Option<String>) -> Answer {
    Some(Lookup::Mapped(PackageMapping { packages, note, provenance: provenance(confidence, rule) }))
}

/// Dropped by the rule called `rule`.
fn dropped(reason: &str, rule: &str) -> Answer {
    Some(Lookup::Dropped { reason: reason.to_owned(), provenance: provenance(Confidence::Medium, rule) })
}

/// Known to be absent by the rule called `rule`.
fn absent(advice: String, rule: &str) -> Answer {
    Some(Lookup::Absent { advice, provenance: provenance(Confidence::Medium, rule) })
}

fn provenance(confidence: Confidence, rule: &str) -> Provenance {
    Provenance { confidence, source: format!("name rule: {rule}") }
}
