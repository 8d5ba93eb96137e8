//! Bundler for a runtime that gets its gems from another stage: Chainguard's Ruby image has it in the -dev variant only.

use wolfify_syntax::Keyword;
use wolfify_syntax::shell::ShellWord;

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::needs::RULE;
use crate::stages::Base;

/// Where the official image keeps its gems.
const GEMS: &str = "/usr/local/bundle";

/// Installs Bundler among the gems where a stage without a shell takes them over.
pub(crate) fn install(file: &File<'_>, draft: &Draft, insertions: &mut Insertions) {
    let mut done: Vec<usize> = Vec::new();
    for stage in (0..file.stages.len()).filter(|stage| is_runtime(file, draft, *stage)) {
        for (_, instruction) in file.body(stage).filter(|(_, own)| own.keyword == Keyword::Copy) {
            let builder = file.dockerfile.copied_stage(instruction);
            let Some(builder) = builder.filter(|_| instruction.joined.contains(GEMS)) else { continue };
            let Some(run) = first_bundle(file, builder.index) else { continue };
            if done.contains(&run) {
                continue;
            }
            done.push(run);
            let finding = LineFinding {
                rule: &RULE,
                level: Level::Note,
                message: "the old image had Bundler; the new one has it in its -dev variant only, so it has to be among the gems \
                          that the runtime takes over"
                    .to_owned(),
                title: "Install Bundler".to_owned(),
                range: file.instruction(run).keyword_range,
            };
            let line = format!("{} gem install bundler", file.keyword(builder.index, "RUN"));
            insertions.add(file.line_before(run), Order::Build, line, finding);
        }
    }
}

/// Whether a stage ends on Ruby's image without a shell.
fn is_runtime(file: &File<'_>, draft: &Draft, stage: usize) -> bool {
    let ruby = matches!(&file.stages[stage].base, Base::Converted(target) if target.image == "ruby");
    let runs = |index: usize| file.is(index, Keyword::Run) && !draft.dropped_instructions.contains(&index);
    ruby && !draft.dev_stages.contains(&stage) && !file.body(stage).any(|(index, _)| runs(index))
}

/// The first RUN of a builder that calls Bundler, unless one installs it as a gem.
fn first_bundle(file: &File<'_>, stage: usize) -> Option<usize> {
    let mut first = None;
    let mut installed = false;
    for (index, _) in file.body(stage).filter(|(_, own)| own.keyword == Keyword::Run) {
        for script in &file.scripts[index] {
            script.visit(&mut |command, _| match command.name().as_deref() {
                Some("bundle" | "bundler") => first = first.or(Some(index)),
                Some("gem") => {
                    installed |= command.args().iter().filter_map(ShellWord::literal).any(|word| word == "bundler");
                }
                _ => {}
            });
        }
    }
    first.filter(|_| !installed)
}
