//! Headers of libraries that official images bring along and Chainguard's do not.
//!
//! The full images of Rust, Python, Ruby, Node and others stand on Debian's `buildpack-deps`, which has the headers of
//! common libraries. What another stage installs of these libraries for run time shows which of them the build links.

use std::collections::{BTreeSet, HashMap};

use wolfify_mappings::Distro;
use wolfify_syntax::Keyword;
use wolfify_syntax::shell::SimpleCommand;

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

/// Packages of languages that are compiled against a library of the system: who installs them, their name, and Debian's name
/// of the headers.
const DRIVERS: &[(&str, &str, &str)] = &[
    ("gem", "curb", "libcurl4-openssl-dev"),
    ("gem", "mysql2", "libmariadb-dev"),
    ("gem", "pg", "libpq-dev"),
    ("gem", "rmagick", "libmagickwand-dev"),
    ("pip", "mysqlclient", "libmariadb-dev"),
    ("pip", "psycopg2", "libpq-dev"),
    ("pip", "pycurl", "libcurl4-openssl-dev"),
];

/// Asks for the headers where a stage builds what another one runs, and where it installs what is compiled against them.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    for stage in (0..file.stages.len()).filter(|stage| had_headers(file, *stage)) {
        for (run, driver, headers) in drivers(file, stage) {
            ask_for_driver(file, draft, stage, (run, driver, headers));
        }
    }
    for runtime in 0..file.stages.len() {
        let libraries = libraries(file, runtime);
        if libraries.is_empty() {
            continue;
        }
        for builder in builders(file, runtime) {
            let Some(run) = first_build(file, builder) else { continue };
            for (package, library) in headers(file, &libraries) {
                let why = format!(
                    "`{package}`: the old image had these headers, and a later stage installs `{library}` for what is built here"
                );
                ask(file, draft, builder, run, package, why);
            }
        }
    }
}

fn ask_for_driver(file: &File<'_>, draft: &mut Draft, stage: usize, (run, driver, headers): (usize, &str, &str)) {
    let mapped = file.mappings.package(Distro::Debian, headers).mapped();
    for package in mapped.map(|mapping| mapping.packages).unwrap_or_default() {
        let why = format!("`{driver}` is compiled against headers that the old image had; `{package}` brings them");
        ask(file, draft, stage, run, package, why);
    }
}

/// Asks for a package where neither the stage nor its image has it.
fn ask(file: &File<'_>, draft: &mut Draft, stage: usize, run: usize, package: String, why: String) {
    let brought = draft.brought.first(stage, &package).is_some() || draft.brought.below(&file.stages, stage, &package);
    if brought || file.in_target(stage, &package) {
        return;
    }
    draft.needs.entry(stage).or_default().push(Need {
        why,
        package,
        rule: &RULE,
        range: file.instruction(run).keyword_range,
        instruction: run,
        level: Level::Note,
    });
}

/// The drivers that a stage installs: named in a RUN, or in the list of the build context that it installs from.
fn drivers(file: &File<'_>, stage: usize) -> Vec<(usize, &'static str, &'static str)> {
    let mut found: Vec<(usize, &'static str, &'static str)> = Vec::new();
    let mut lists = Lists { file, read: HashMap::new() };
    for (index, _) in file.body(stage).filter(|(_, instruction)| instruction.keyword == Keyword::Run) {
        for script in &file.scripts[index] {
            script.visit(&mut |command, _| {
                let Some((installer, names, list)) = installed(command) else { return };
                let listed = list.map(|path| lists.names(&path));
                let names = |name: &str| names.contains(name) || listed.is_some_and(|listed| listed.contains(name));
                let own = DRIVERS.iter().filter(|(by, name, _)| *by == installer && names(name));
                found.extend(own.map(|(_, name, headers)| (index, *name, *headers)));
            });
        }
    }
    found
}

/// The lists of packages in the build context, each read once.
struct Lists<'f, 'a> {
    file: &'f File<'a>,
    read: HashMap<String, BTreeSet<String>>,
}

impl Lists<'_, '_> {
    fn names(&mut self, path: &str) -> &BTreeSet<String> {
        let file = self.file;
        self.read.entry(path.to_owned()).or_insert_with(|| {
            let text = file.context.read(path).unwrap_or_default();
            // `    pg (1.5.6)` is a gem that is installed, with six blanks it is what another one asks for.
            let own = |line: &&str| path != LOCK || (line.starts_with("    ") && !line.starts_with("     "));
            text.lines().filter(own).map(package_name).collect()
        })
    }
}

/// What Bundler installs.
const LOCK: &str = "Gemfile.lock";

/// Who installs, the names of the packages, and the list of others.
fn installed(command: &SimpleCommand) -> Option<(&'static str, BTreeSet<String>, Option<String>)> {
    let words: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
    let name = command.name()?;
    let names = || words.iter().map(|word| package_name(word)).collect();
    match (crate::path::file_name(&name), words.first()?) {
        ("pip" | "pip3", &"install") => {
            let mut lists = words.windows(2).filter(|pair| matches!(pair[0], "-r" | "--requirement"));
            let list = lists.next().map(|pair| pair[1].trim_start_matches("./").to_owned());
            Some(("pip", names(), list))
        }
        ("gem", &"install") => Some(("gem", names(), None)),
        ("bundle" | "bundler", &"install") => Some(("gem", BTreeSet::new(), Some(LOCK.to_owned()))),
        _ => None,
    }
}

/// The name in `psycopg2==2.9`, `pg:1.5`, `    pg (1.5.6)`.
fn package_name(text: &str) -> String {
    let text = text.trim().trim_matches(['"', '\'']);
    let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')));
    text[..end.unwrap_or(text.len())].to_ascii_lowercase()
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
