//! Headers of libraries that official images bring along and Chainguard's do not.
//!
//! The full images of Rust, Python, Ruby, Node and others stand on Debian's `buildpack-deps`, which has the headers of
//! common libraries. What another stage installs of these libraries for run time shows which of them the build links.

use std::collections::BTreeSet;

use wolfify_mappings::Distro;
use wolfify_syntax::Keyword;

use crate::draft::{Draft, Need};
use crate::file::File;
use crate::finding::Level;
use crate::managers;
use crate::needs::RULE;
use crate::stages::Base;

/// The header packages of `buildpack-deps`, by Debian's names.
const HEADERS: &[&str] = &[
    "libbz2-dev",
    "libcurl4-openssl-dev",
    "libevent-dev",
    "libffi-dev",
    "libgdbm-dev",
    "libglib2.0-dev",
    "libgmp-dev",
    "libjpeg-dev",
    "libkrb5-dev",
    "liblzma-dev",
    "libmagickwand-dev",
    "libmariadb-dev",
    "libncurses-dev",
    "libpng-dev",
    "libpq-dev",
    "libreadline-dev",
    "libsqlite3-dev",
    "libssl-dev",
    "libwebp-dev",
    "libxml2-dev",
    "libxslt1-dev",
    "libyaml-dev",
    "zlib1g-dev",
];

/// Commands that compile against what the image has.
const BUILDS: &[&str] = &[
    "bundle", "cargo", "cc", "cmake", "g++", "gcc", "gem", "make", "npm", "pip", "pip3", "pnpm", "poetry", "uv", "yarn",
];

/// Asks for the headers where a stage builds what another one runs.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    for runtime in 0..file.stages.len() {
        let libraries = libraries(file, runtime);
        if libraries.is_empty() {
            continue;
        }
        for builder in builders(file, runtime) {
            let Some(run) = first_build(file, builder) else { continue };
            for (package, library) in headers(file, &libraries) {
                let brought = draft.brought.first(builder, &package).is_some()
                    || draft.brought.below(&file.stages, builder, &package);
                if brought || file.in_target(builder, &package) {
                    continue;
                }
                let need = Need {
                    why: format!(
                        "`{package}`: the old image had these headers, and a later stage installs `{library}` for what is built here"
                    ),
                    package,
                    rule: &RULE,
                    range: file.instruction(run).keyword_range,
                    instruction: run,
                    level: Level::Note,
                };
                draft.needs.entry(builder).or_default().push(need);
            }
        }
    }
}

/// Wolfi's names of what a stage on Debian installs.
fn libraries(file: &File<'_>, stage: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if !file.stages[stage].migrates || file.stages[stage].distro != Some(Distro::Debian) {
        return found;
    }
    for (index, _) in file.body(stage).filter(|(_, instruction)| instruction.keyword == Keyword::Run) {
        for script in &file.scripts[index] {
            script.visit(&mut |command, _| {
                if managers::called(command).is_none() {
                    return;
                }
                let words = command.args().iter().filter(|word| word.text.starts_with("lib") || word.text == "zlib1g");
                for word in words {
                    let mapped = file.mappings.package(Distro::Debian, &word.text).mapped();
                    found.extend(mapped.into_iter().flat_map(|mapping| mapping.packages));
                }
            });
        }
    }
    found
}

/// The stages that a stage copies from and that stand on an image with the headers.
fn builders(file: &File<'_>, runtime: usize) -> BTreeSet<usize> {
    let copies = file.body(runtime).filter(|(_, instruction)| instruction.keyword == Keyword::Copy);
    let from = copies.filter_map(|(_, instruction)| Some(file.dockerfile.copied_stage(instruction)?.index));
    from.filter(|stage| *stage < runtime && had_headers(file, *stage)).collect()
}

/// Whether the old image has the headers: the tools that come with them tell it from the slim ones.
fn had_headers(file: &File<'_>, stage: usize) -> bool {
    let bottom = &file.stages[file.bottoms[stage]];
    let Base::Converted(_) = &bottom.base else { return false };
    let source = bottom.source.as_ref().filter(|_| file.stages[stage].migrates);
    let tools = source.map(|source| file.mappings.source_tools(&source.name, source.tag.as_deref()));
    tools.is_some_and(|tools| ["pg_config", "mysql_config"].iter().all(|tool| tools.iter().any(|own| own == tool)))
}

fn first_build(file: &File<'_>, stage: usize) -> Option<usize> {
    let runs = file.body(stage).filter(|(_, instruction)| instruction.keyword == Keyword::Run);
    runs.map(|(index, _)| index).find(|index| {
        let mut builds = false;
        for script in &file.scripts[*index] {
            script
                .visit(&mut |command, _| builds |= command.name().is_some_and(|name| BUILDS.contains(&name.as_str())));
        }
        builds
    })
}

/// The header packages whose libraries are among `libraries`, each with one of them.
fn headers(file: &File<'_>, libraries: &BTreeSet<String>) -> Vec<(String, String)> {
    let packages = HEADERS.iter().filter_map(|name| file.mappings.package(Distro::Debian, name).mapped());
    let packages = packages.flat_map(|mapping| mapping.packages);
    packages
        .filter_map(|package| {
            let library = file.mappings.library_of(&package).into_iter().rfind(|own| libraries.contains(own))?;
            Some((package, library))
        })
        .collect()
}
