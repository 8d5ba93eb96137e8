//! Who uses which stage.

use wolfify_syntax::{Instruction, Keyword};

use crate::file::File;

/// The stage names and image references that an instruction takes files from: `--from=`, `--mount=…,from=`.
pub(crate) fn sources(instruction: &Instruction) -> Vec<&str> {
    instruction
        .flags
        .iter()
        .filter_map(|flag| {
            let value = flag.value.as_ref()?.text.as_str();
            match (instruction.keyword, flag.name.as_str()) {
                (Keyword::Copy | Keyword::Add, "from") => Some(value),
                (Keyword::Run, "mount") => value.split(',').find_map(|part| part.trim().strip_prefix("from=")),
                _ => None,
            }
        })
        .collect()
}

/// Whether any instruction of the file takes files from a stage, by name or by number.
pub(crate) fn is_copied_from(file: &File<'_>, stage: usize) -> bool {
    let name = file.dockerfile.stages[stage].name.as_ref().map(|name| name.text.as_str());
    let number = stage.to_string();
    file.dockerfile.instructions.iter().flat_map(sources).any(|source| {
        let source = source.trim_matches(['"', '\'']);
        source == number || name.is_some_and(|name| name.eq_ignore_ascii_case(source))
    })
}
