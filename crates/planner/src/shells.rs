//! The shell that runs each shell-form instruction: the last SHELL of the stage, or of the stages below it.

use wolfify_syntax::shell::Dialect;
use wolfify_syntax::{Arguments, BaseImage, Dockerfile};

/// The shell in force at an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shell {
    /// The words of SHELL; `/bin/sh -c` without one.
    pub(crate) words: Vec<String>,
    /// The instruction that set it; `None` for the default.
    pub(crate) instruction: Option<usize>,
}

impl Shell {
    /// Which language it reads.
    pub(crate) fn dialect(&self) -> Dialect {
        Dialect::of_command(&self.words)
    }

    /// Whether it is started with `-e`.
    pub(crate) fn errexit(&self) -> bool {
        let mut words = self.words.iter().skip(1);
        words.any(|word| word == "errexit" || (word.starts_with('-') && !word.starts_with("--") && word.contains('e')))
    }
}

/// The shells by instruction.
pub(crate) fn shells(dockerfile: &Dockerfile) -> Vec<Shell> {
    let default = Shell { words: ["/bin/sh", "-c"].map(str::to_owned).to_vec(), instruction: None };
    let mut out = vec![default.clone(); dockerfile.instructions.len()];
    let mut ends: Vec<Shell> = Vec::new();
    for stage in &dockerfile.stages {
        let mut current = match stage.base {
            BaseImage::Stage(parent) => ends[parent].clone(),
            BaseImage::Image | BaseImage::Scratch => default.clone(),
        };
        for index in stage.instructions.clone() {
            if let Arguments::Shell(words) = &dockerfile.instructions[index].arguments {
                let words = words.iter().map(|word| word.value.clone()).collect();
                current = Shell { words, instruction: Some(index) };
            }
            out[index] = current.clone();
        }
        ends.push(current);
    }
    out
}
