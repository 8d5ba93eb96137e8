//! Who uses which stage.

use std::collections::HashSet;

use wolfify_syntax::{BaseImage, Instruction, Keyword, Stage};

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

/// By stage: whether another stage starts from it or an instruction takes files from it, by name or by number.
pub(crate) fn used_stages(file: &File<'_>) -> Vec<bool> {
    let stages = &file.dockerfile.stages;
    let sources = file.dockerfile.instructions.iter().flat_map(sources);
    let sources: HashSet<String> =
        sources.map(|source| source.trim_matches(['"', '\'']).to_ascii_lowercase()).collect();
    let parents: HashSet<usize> = stages
        .iter()
        .filter_map(|stage| match stage.base {
            BaseImage::Stage(parent) => Some(parent),
            BaseImage::Image | BaseImage::Scratch => None,
        })
        .collect();
    let is_used = |stage: &Stage| {
        let named = stage.name.as_ref().is_some_and(|name| sources.contains(&name.text.to_ascii_lowercase()));
        named
            || parents.contains(&stage.index)
            || stage
                .index
                .checked_sub(file.dockerfile.front)
                .is_some_and(|number| sources.contains(&number.to_string()))
    };
    stages.iter().map(is_used).collect()
}
