//! What needs the package `ca-certificates`. The certificates themselves are in every image (`ca-certificates-bundle`);
//! the package adds `update-ca-certificates`, each certificate as a file of its own, and links to them by hash.

use wolfify_syntax::shell::{Pipeline, SimpleCommand};
use wolfify_syntax::{BaseImage, Instruction, Keyword, Stage};

use crate::file::File;
use crate::managers::repos;
use crate::references;
use crate::walk;

/// The package.
pub(super) const PACKAGE: &str = "ca-certificates";

/// The one file that programs read, which every image has.
const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Whether nothing seen in the file needs more than the certificates that a stage's image has.
pub(super) fn bundle_is_enough(file: &File<'_>, stage: usize) -> bool {
    let wanted = file.memo.certificates.get_or_init(|| wanted(file));
    wanted.get(stage) == Some(&false)
}

/// By stage: whether something needs the package, there or in a stage that starts from it or takes the trust store of it.
fn wanted(file: &File<'_>) -> Vec<bool> {
    let stages = &file.dockerfile.stages;
    let used = references::used_stages(file);
    let mut starts = vec![false; stages.len()];
    let mut wanted = vec![false; stages.len()];
    for (stage, model) in stages.iter().enumerate() {
        let own = file.body(stage).any(|(_, one)| matches!(one.keyword, Keyword::Cmd | Keyword::Entrypoint));
        starts[stage] = own || parent(model).is_some_and(|parent| starts[parent]);
        // An image without a start command may be there for others to build on.
        wanted[stage] |= file.is_started_from(stage) || (!used[stage] && !starts[stage]);
        for (_, instruction) in file.body(stage).filter(|(index, one)| is_need(file, *index, one)) {
            wanted[stage] = true;
            let sources = references::sources(instruction).into_iter();
            let sources = sources.filter_map(|name| file.dockerfile.stage_by_reference(name));
            sources.for_each(|source| wanted[source.index] = true);
        }
    }
    for (stage, model) in stages.iter().enumerate().rev() {
        if let Some(parent) = parent(model).filter(|_| wanted[stage]) {
            wanted[parent] = true;
        }
    }
    wanted
}

/// The stage that one starts from.
fn parent(stage: &Stage) -> Option<usize> {
    match stage.base {
        BaseImage::Stage(parent) => Some(parent),
        BaseImage::Image | BaseImage::Scratch => None,
    }
}

fn is_need(file: &File<'_>, index: usize, instruction: &Instruction) -> bool {
    let copies = matches!(instruction.keyword, Keyword::Copy | Keyword::Add);
    let text = &file.text[instruction.range];
    if instruction.keyword == Keyword::Onbuild || mentions(text, copies) || mentions(&instruction.joined, copies) {
        return true;
    }
    if copies && takes_the_system(instruction) {
        return true;
    }
    if file.scripts[index].is_empty() {
        return false;
    }
    let known = file.context_files().scripts(file, index);
    if known.iter().any(|called| mentions(&called.file.text, false)) {
        return true;
    }
    file.scripts[index].iter().enumerate().any(|(number, script)| {
        let is_known = |command: &SimpleCommand| known.iter().any(|called| called.command == (number, command.id));
        let mut need = script.list.is_err();
        let mut setup = text_size::TextRange::default();
        walk::pipelines(script, &mut |pipeline, _| {
            if repos::recognise_pipeline(pipeline).is_some_and(|found| found.whole) {
                setup = pipeline.span.range;
            }
            let mut commands = super::purpose::commands(pipeline);
            need |= !setup.contains_range(pipeline.span.range)
                && commands
                    .any(|command| removes(command) || (may_do_anything(pipeline, command) && !is_known(command)));
        });
        need
    })
}

/// `COPY --from=base / /`: the trust store and its tool are in what is taken.
fn takes_the_system(instruction: &Instruction) -> bool {
    let whole = |path: &str| {
        let path = path.trim_end_matches(['/', '*', '.']);
        matches!(path.trim_start_matches('/'), "" | "etc" | "usr" | "usr/sbin" | "usr/share")
    };
    !references::sources(instruction).is_empty() && instruction.sources().iter().any(|path| whole(path.text))
}

/// Whether a text has to do with the trust store beyond the one file that every image has.
fn mentions(text: &str, copies: bool) -> bool {
    const MARKS: &[&str] =
        &["update-ca-", "/ca-certificates", "/etc/ssl", "/etc/pki", "ca-trust", "ssl_cert_dir", "capath"];
    let text = text.to_ascii_lowercase();
    let text = if copies { text } else { text.replace(BUNDLE, "") };
    MARKS.iter().any(|mark| text.contains(mark))
}

/// A removal that would find nothing to remove.
fn removes(command: &SimpleCommand) -> bool {
    const VERBS: &[&str] = &["autoremove", "del", "erase", "purge", "remove"];
    let has = |wanted: &dyn Fn(&str) -> bool| command.args().iter().any(|word| wanted(&word.text));
    has(&|word| word == PACKAGE) && has(&|word| VERBS.contains(&word))
}

/// A script of the author's own, or one that comes through a pipe.
fn may_do_anything(pipeline: &Pipeline, command: &SimpleCommand) -> bool {
    // These build, whoever wrote them.
    const BUILDS: &[&str] = &["autogen.sh", "bootstrap.sh", "configure", "gradlew", "mvnw"];
    let piped = super::purpose::is_shell(command) && pipeline.commands.len() > 1;
    piped || super::purpose::scripts(command).any(|name| !BUILDS.contains(&name))
}
