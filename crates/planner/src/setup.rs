//! What the old distribution's package did by itself, for packages of a base image: accounts, included directories.

use wolfify_mappings::PackageSetup;
use wolfify_syntax::{Instruction, Keyword};

use crate::draft::Draft;
use crate::file::File;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::needs::RULE;
use crate::stages::Base;

/// Puts a RUN behind the install of every package that has something left to do.
pub(crate) fn settle(file: &File<'_>, draft: &Draft, insertions: &mut Insertions) {
    for (stage, model) in file.stages.iter().enumerate() {
        let bottom = file.bottoms[stage];
        let Base::Converted(target) = &file.stages[bottom].base else { continue };
        if draft.settled_stage == Some(stage) {
            continue;
        }
        for package in file.mappings.packages_with_setup() {
            let by_image = matches!(model.base, Base::Converted(_)) && target.packages.iter().any(|own| own == package);
            let install = draft.installed.first(stage, package);
            if (install.is_none() && !by_image) || (!target.bare && file.in_target(stage, package)) {
                continue;
            }
            for setup in file.mappings.package_setup(package) {
                // On other images the server does not start as root.
                let fits = target.bare || !setup.line.contains("adduser");
                if fits && is_wanted(file, stage, &setup) {
                    insert(file, insertions, stage, install, package, &setup);
                }
            }
        }
    }
}

/// Whether the stage, or one that starts from it, gives a reason for the set-up and none against it.
fn is_wanted(file: &File<'_>, stage: usize, setup: &PackageSetup) -> bool {
    let stages = (0..file.stages.len()).filter(|other| file.bottoms[*other] == file.bottoms[stage]);
    let body = || stages.clone().flat_map(|stage| file.body(stage)).map(|(_, instruction)| instruction);
    let is_meant = setup.when.is_none_or(|path| body().any(|instruction| instruction.joined.contains(path)));
    let is_refused = setup.unless.is_some_and(|word| match setup.when == Some(word) {
        // The path is meant only as a file that the package brought.
        true => body().any(|instruction| brings(instruction, word)),
        false => body().any(|instruction| says(instruction, word)),
    });
    let account = setup.line.rsplit(' ').next().filter(|_| setup.line.contains("adduser"));
    let is_made = account.is_some_and(|name| body().any(|instruction| makes(instruction, name)));
    is_meant && !is_refused && !is_made
}

/// Whether a COPY or a start command has a word.
fn says(instruction: &Instruction, word: &str) -> bool {
    matches!(instruction.keyword, Keyword::Copy | Keyword::Add | Keyword::Cmd | Keyword::Entrypoint)
        && instruction.joined.split([' ', '"', ',', '[', ']', '\t']).any(|own| own == word)
}

/// Whether a COPY puts a file at a path or into its directory, or a RUN names it.
fn brings(instruction: &Instruction, path: &str) -> bool {
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let to = || instruction.joined.split([' ', '"', ',', '[', ']', '\t']).rfind(|word| !word.is_empty());
    match instruction.keyword {
        Keyword::Copy | Keyword::Add => to().is_some_and(|to| to == path || to.trim_end_matches('/') == directory),
        Keyword::Run => instruction.joined.contains(path),
        _ => false,
    }
}

/// Whether a RUN makes an account.
fn makes(instruction: &Instruction, name: &str) -> bool {
    let text = &instruction.joined;
    instruction.keyword == Keyword::Run
        && (text.contains("useradd") || text.contains("adduser"))
        && text.split([' ', ';', '&', '"', '\t']).any(|word| word == name)
}

fn insert(
    file: &File<'_>,
    insertions: &mut Insertions,
    stage: usize,
    install: Option<usize>,
    package: &str,
    setup: &PackageSetup,
) {
    let Some((first, _)) = file.body(stage).next() else { return };
    let inserted = file.line_before(first);
    let (offset, order) = match install {
        Some(install) if file.is_closed(install) => (file.line_after(install), Order::FollowUp),
        Some(_) => return,
        None if insertions.installs_at(inserted) => (inserted, Order::Setup),
        None => (file.line_after(first), Order::FollowUp),
    };
    let finding = LineFinding::note(
        &RULE,
        install.map_or(file.dockerfile.stages[stage].image.range, |index| file.instruction(index).range),
        format!("`{package}` on Wolfi: {}", setup.why),
        "Do what the old package did",
    );
    insertions.add(offset, order, format!("{} {}", file.keyword(stage, "RUN"), setup.line), finding);
}
