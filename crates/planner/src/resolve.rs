//! From one name in an install command to what Wolfi has for it, in the light of the stage's target image.

use wolfify_mappings::{Confidence, Distro, Lookup, WolfiStatus};

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::stages::Base;

/// What to tell of a name that another one takes the place of. Where the name stays, it is only good to know.
pub(crate) fn becomes(name: &str, names: &[String], note: &str) -> (Level, String) {
    match names == [name] {
        true => (Level::Note, format!("`{name}` stays: {note}")),
        false => (Level::Warning, format!("`{name}` becomes {}: {note}", listed(names))),
    }
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ")
}

/// What a distribution's package is on Wolfi.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// These packages, with a remark for a person if the answer is not a sure one.
    Packages {
        /// Names; never empty.
        names: Vec<String>,
        /// Worth telling.
        note: Option<String>,
    },
    /// Left out, and why ("is part of every image").
    Dropped(String),
    /// Kept, because nothing is known in its place; what to do instead.
    Missing(String),
}

/// Why a package that the target image has is left out.
pub(crate) const PRESENT: &str = "is part of the target image";

/// Whether only the variant of a stage's image that has a shell has these packages.
fn only_dev_has(file: &File<'_>, stage: usize, packages: &[String]) -> bool {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return false };
    let variant = crate::effective::variant(&target.tag, false);
    let lacks = |package: &String| file.mappings.in_target_image(&target.image, variant, package) != Some(true);
    !target.bare && (packages.is_empty() || packages.iter().any(lacks))
}

/// What to tell where a package is left out. One that the image has under another name may not be what was asked for.
pub(crate) fn left_out(file: &File<'_>, stage: usize, distro: Distro, name: &str, reason: &str) -> (Level, String) {
    if reason != PRESENT {
        return (Level::Note, format!("`{name}` is left out: it {reason}"));
    }
    let mapping = file.mappings.package(distro, name).mapped();
    let packages = mapping.as_ref().map(|mapping| mapping.packages.clone()).unwrap_or_default();
    let place = match only_dev_has(file, stage, &packages) {
        true => "is part of the -dev image",
        false => PRESENT,
    };
    // musl itself is not there.
    let subject = if name.starts_with("musl") { "glibc's counterpart" } else { "it" };
    let doubt = mapping.filter(|mapping| mapping.provenance.confidence == Confidence::Low);
    match doubt.and_then(|mapping| mapping.note).filter(|_| packages != [name]) {
        Some(note) => (Level::Warning, format!("`{name}` is left out: {} {place}: {note}", listed(&packages))),
        None => (Level::Note, format!("`{name}` is left out: {subject} {place}")),
    }
}

/// Keeps the variant of the image that has a package which a stage asks for, where the one without a shell lacks it.
pub(crate) fn keep_variant(file: &File<'_>, draft: &mut Draft, stage: usize, name: &str, packages: &[String]) {
    if only_dev_has(file, stage, packages) {
        draft.dev_stages.insert(stage);
        draft.variant_reasons.entry(stage).or_insert_with(|| format!("`{name}` is asked for, which only that one has"));
    }
}

/// The Wolfi packages behind a name.
pub(crate) fn packages_of(file: &File<'_>, distro: Distro, name: &str) -> Vec<String> {
    file.mappings.package(distro, name).mapped().map(|found| found.packages).unwrap_or_default()
}

/// Resolves `name` for `stage`.
pub(crate) fn resolve(file: &File<'_>, stage: usize, distro: Distro, name: &str) -> Resolved {
    file.resolved(stage, distro, name, || ask(file, stage, distro, name))
}

fn ask(file: &File<'_>, stage: usize, distro: Distro, name: &str) -> Resolved {
    match file.mappings.package(distro, name) {
        Lookup::Mapped(mapping) => {
            let names: Vec<String> =
                mapping.packages.into_iter().filter(|package| !file.in_target(stage, package)).collect();
            if names.is_empty() {
                return Resolved::Dropped(PRESENT.to_owned());
            }
            let note = mapping.note.or_else(|| doubt(file, &names, mapping.provenance.confidence));
            Resolved::Packages { names, note }
        }
        Lookup::Dropped { reason, .. } => Resolved::Dropped(reason),
        Lookup::Absent { advice, .. } => Resolved::Missing(advice),
        Lookup::Ambiguous(candidates) => {
            let names: Vec<String> = candidates.iter().map(|candidate| candidate.packages.join(" ")).collect();
            Resolved::Missing(format!("choose one of: {}", names.join(", ")))
        }
        Lookup::Unknown => Resolved::Missing(advice_for_unknown(file, name)),
    }
}

/// Words after a forgotten `&&` or line's end are taken for packages by every package manager.
const BEGINS_A_COMMAND: [&str; 18] = [
    "apt-get",
    "autoremove",
    "cd",
    "chmod",
    "chown",
    "cp",
    "curl",
    "echo",
    "export",
    "install",
    "ln",
    "mkdir",
    "mv",
    "pecl",
    "rm",
    "set",
    "update",
    "useradd",
];

/// Instructions of a Dockerfile that end up behind a needless `\\`.
fn is_instruction(word: &str) -> bool {
    matches!(word, "RUN" | "COPY" | "ADD" | "ENV" | "WORKDIR" | "CMD" | "ENTRYPOINT" | "EXPOSE" | "USER")
}

fn advice_for_unknown(file: &File<'_>, name: &str) -> String {
    if is_instruction(name) {
        return "it is an instruction: the line before it ends in a backslash too many".to_owned();
    }
    if BEGINS_A_COMMAND.contains(&name) {
        return "it is a command: `&&` or the end of a line is missing before it".to_owned();
    }
    let near = file.nearest_packages(name);
    if near.is_empty() {
        return "look for it with `apk search`, or name its counterpart in a mapping file".to_owned();
    }
    format!("nearest Wolfi names: {}; or name its counterpart in a mapping file", near.join(", "))
}

/// A remark when a name may not be installable today.
fn doubt(file: &File<'_>, names: &[String], confidence: Confidence) -> Option<String> {
    let uncertain: Vec<&str> = names
        .iter()
        .filter(|name| file.mappings.wolfi_package(name).is_none_or(|package| package.status >= WolfiStatus::Uncertain))
        .map(String::as_str)
        .collect();
    if !uncertain.is_empty() {
        return Some(format!("check that {} can be installed today (`apk search`)", uncertain.join(", ")));
    }
    (confidence == Confidence::Low).then(|| "a guess by name; check it".to_owned())
}
