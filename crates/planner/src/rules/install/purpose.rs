//! What a package was installed for, where that is seen from all that the file runs.

use text_size::TextRange;
use wolfify_syntax::shell::{Command, Pipeline, SimpleCommand};

use crate::file::File;
use crate::managers::repos;
use crate::walk;

/// Programs of GnuPG.
const GNUPG: [&str; 7] = ["gpg", "gpg1", "gpg2", "gpgv", "gpgconf", "gpg-agent", "dirmngr"];

/// Programs that name the distribution's release.
const RELEASE: [&str; 1] = ["lsb_release"];

/// Whether the stages on one image call GnuPG to import keys of package sources and for nothing else.
pub(super) fn checks_sources_only(file: &File<'_>, stage: usize) -> bool {
    file.purpose(stage, "gnupg", || serves_sources(file, stage, &GNUPG))
}

/// Whether the stages on one image ask for the release to write lists of package sources and for nothing else.
pub(super) fn names_sources_only(file: &File<'_>, stage: usize) -> bool {
    file.purpose(stage, "lsb-release", || serves_sources(file, stage, &RELEASE))
}

/// Whether `locale-gen` or `localedef` is called, whose locales are packages.
pub(super) fn compiles_locales(file: &File<'_>, stage: usize) -> bool {
    file.purpose(stage, "locales", || {
        let mut compiles = false;
        pipelines(file, stage, &mut |pipeline| {
            compiles |= commands(pipeline).any(|command| calls(command, &["locale-gen", "localedef"]));
        });
        compiles
    })
}

/// Whether there is set-up of package sources, and the programs are called nowhere else.
fn serves_sources(file: &File<'_>, stage: usize, programs: &[&str]) -> bool {
    let (mut sources, mut other) = (false, false);
    let mut setup_range = TextRange::default();
    pipelines(file, stage, &mut |pipeline| {
        let setup = repos::recognise_pipeline(pipeline);
        sources |= setup.is_some();
        if setup.is_some_and(|setup| setup.whole) {
            setup_range = pipeline.span.range;
        }
        // What stands in a substitution inside the set-up goes with it.
        let goes = setup_range.contains_range(pipeline.span.range);
        other |=
            !goes && commands(pipeline).any(|command| calls(command, programs) || scripts(command).next().is_some());
    });
    sources && !other
}

/// Whether dpkg is called to print the architecture and for nothing else.
pub(super) fn is_asked_for_architecture(file: &File<'_>, stage: usize) -> bool {
    file.purpose(stage, "dpkg", || {
        let (mut asked, mut other) = (false, false);
        pipelines(file, stage, &mut |pipeline| {
            for command in commands(pipeline) {
                let words: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
                match (command.name().as_deref(), &words[..]) {
                    (Some("dpkg"), ["--print-architecture"]) => asked = true,
                    (Some(name), _) => other |= name.starts_with("dpkg") || scripts(command).next().is_some(),
                    (None, _) => {}
                }
            }
        });
        asked && !other
    })
}

/// Every pipeline of all stages that stand on the same image as `stage`.
fn pipelines(file: &File<'_>, stage: usize, visitor: &mut dyn FnMut(&Pipeline)) {
    let family = (0..file.stages.len()).filter(|other| file.bottoms[*other] == file.bottoms[stage]);
    for (index, _) in family.flat_map(|stage| file.body(stage)) {
        for script in &file.scripts[index] {
            walk::pipelines(script, &mut |pipeline, _| visitor(pipeline));
        }
    }
}

/// The plain commands of a pipeline.
pub(super) fn commands(pipeline: &Pipeline) -> impl Iterator<Item = &SimpleCommand> {
    pipeline.commands.iter().filter_map(|command| match command {
        Command::Simple(simple) => Some(simple),
        Command::Compound(_) => None,
    })
}

fn calls(command: &SimpleCommand, programs: &[&str]) -> bool {
    let is_one = |name: &str| programs.contains(&name);
    command.name().is_some_and(|name| is_one(&name)) || command.wrappers.iter().any(|wrapper| is_one(&wrapper.name))
}

/// Whether a command is a shell or reads a script in place of one.
pub(super) fn is_shell(command: &SimpleCommand) -> bool {
    matches!(command.name().as_deref(), Some("sh" | "ash" | "dash" | "bash" | "source" | "."))
}

/// The names of the scripts that a command runs and that are the author's own, or an unpacked archive's: they may call
/// anything.
pub(super) fn scripts(command: &SimpleCommand) -> impl Iterator<Item = &str> {
    let arguments = command.args().iter().filter(|_| is_shell(command));
    let words = command.words.get(command.name_index).into_iter().chain(arguments);
    words.map(|word| word.text.trim_matches(['"', '\''])).filter_map(|word| {
        let file = crate::path::file_name(word);
        let is_one = word.starts_with("./") || [".sh", ".bash", "entrypoint"].iter().any(|end| file.ends_with(end));
        (is_one && !word.contains("://")).then_some(file)
    })
}
