//! The scripts of all instructions, under the SHELL in force there.

use wolfify_syntax::shell::{ShellScript, instruction_scripts};
use wolfify_syntax::{Dockerfile, Keyword};

use crate::commands::runs;
use crate::shells::Shell;

/// Reads the scripts of the instructions of the stages for which `wanted` holds; by instruction index, empty for
/// instructions without any.
pub(crate) fn read(
    text: &str,
    dockerfile: &Dockerfile,
    shells: &[Shell],
    wanted: impl Fn(usize) -> bool,
) -> Vec<Vec<ShellScript>> {
    let mut scripts = vec![Vec::new(); dockerfile.instructions.len()];
    for stage in dockerfile.stages.iter().filter(|stage| wanted(stage.index)) {
        for index in stage.instructions.clone() {
            let instruction = &dockerfile.instructions[index];
            if matches!(runs(instruction), Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck) {
                scripts[index] = instruction_scripts(instruction, &shells[index].dialect(), text);
            }
        }
    }
    scripts
}
