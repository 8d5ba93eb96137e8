//! Files of the old image that are copied out of a stage and that nothing in it makes.

use text_size::TextRange;
use wolfify_mappings::Lookup;
use wolfify_syntax::{Instruction, Keyword};

use crate::draft::{Draft, Need};
use crate::file::File;
use crate::finding::Level;
use crate::needs::RULE as NEEDED;
use crate::path::absolute;
use crate::path::file_name;
use crate::provisions::Made;
use crate::rules::missing_command;
use crate::rules::moved_path::RULE;
use crate::stages::Base;

/// What every image of Wolfi has in `/etc` (wolfi-baselayout, ca-certificates-bundle).
const IN_ETC: &[&str] = &[
    "group",
    "host.conf",
    "hosts",
    "nsswitch.conf",
    "os-release",
    "passwd",
    "profile",
    "protocols",
    "services",
    "shadow",
    "shells",
    "ssl",
];

/// Looks at everything that is copied out of a stage that moves.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    for instruction in file.dockerfile.instructions.iter().filter(|own| own.keyword == Keyword::Copy) {
        let Some(stage) = file.dockerfile.copied_stage(instruction) else { continue };
        let stage = stage.index;
        if !matches!(&file.stages[file.bottoms[stage]].base, Base::Converted(_)) {
            continue;
        }
        for source in instruction.sources() {
            check_path(file, draft, stage, source.text, source.range);
        }
    }
}

fn check_path(file: &File<'_>, draft: &mut Draft, stage: usize, path: &str, range: TextRange) {
    if is_made(file, stage, path) {
        return;
    }
    let directory = path.strip_suffix(file_name(path)).unwrap_or(path);
    match directory {
        "/bin/" | "/sbin/" | "/usr/bin/" | "/usr/sbin/" => program(file, draft, stage, path, range),
        "/etc/" if !IN_ETC.contains(&file_name(path)) && !installs(file, draft, stage) => {
            let message = format!(
                "`{path}` came with the old image; whether the new one has it is not known here. Install the package that has it, \
                 or copy a file of your own"
            );
            draft.report(&RULE, Level::Warning, range, message, None);
        }
        _ => {}
    }
}

/// A program of the old image's.
fn program(file: &File<'_>, draft: &mut Draft, stage: usize, path: &str, range: TextRange) {
    let name = file_name(path);
    let Lookup::Mapped(mapping) = file.mappings.command(name) else { return };
    draft.follow_installs(file.mappings);
    let made = draft.provisions.who(&file.stages, stage, name, &mapping.packages);
    if made != Made::No || !file.source_had(stage, name) || missing_command::has(file, stage, draft, name, &mapping) {
        return;
    }
    let Some(package) = mapping.packages.first().cloned() else { return };
    let Some((instruction, _)) = file.body(stage).next() else { return };
    let why = format!("`{path}` came with the old image and is not in the new one; `{package}` brings it");
    draft.needs.entry(stage).or_default().push(Need {
        package,
        rule: &NEEDED,
        why,
        range,
        instruction,
        level: Level::Note,
    });
}

/// Whether an instruction of the stage, or of one that it stands on, names the path or copies to a place above it.
fn is_made(file: &File<'_>, stage: usize, path: &str) -> bool {
    let mut chain = file.chain(stage);
    let brings = |index: usize, instruction: &Instruction| match instruction.keyword {
        Keyword::Copy | Keyword::Add => {
            let to = instruction.destination();
            let to = to.map(|to| absolute(file.context_files().workdir(index), to.text));
            to.is_none_or(|to| path.starts_with(&to) || to.starts_with(path) || to.contains('$'))
        }
        _ => instruction.joined.contains(path) || instruction.joined.contains(file_name(path)),
    };
    chain.any(|stage| file.body(stage).any(|(index, instruction)| brings(index, instruction)))
}

/// Whether the stage, or one that it stands on, installs packages, which bring files that nobody lists here.
fn installs(file: &File<'_>, draft: &Draft, stage: usize) -> bool {
    let mut chain = file.chain(stage);
    chain.any(|stage| {
        let range = file.dockerfile.stages[stage].instructions.clone();
        draft.installs.range(range).next().is_some()
    })
}
