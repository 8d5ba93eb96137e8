//! The way in: from text to [`Dockerfile`].

use std::collections::HashMap;

use text_size::TextSize;

use crate::dockerfile::{BaseImage, Dockerfile, Stage};
use crate::error::ParseError;
use crate::eval::FromExpander;
use crate::grammar::Grammar;
use crate::instruction::{Arguments, Instruction, Keyword, Word};
use crate::lines::{go_lower, range};
use crate::lower;
use crate::scanner::{self, Scan};

/// Parses a Dockerfile.
///
/// # Errors
///
/// When BuildKit's parser or its instruction parser would not take the text; the error says where and why.
pub fn parse(text: &str) -> Result<Dockerfile, ParseError> {
    if TextSize::try_from(text.len()).is_err() {
        return Err(ParseError::new(range(0, 0), "the file is larger than 4 GiB", "this cannot be a Dockerfile"));
    }
    let Scan { bom, newline, directives, escape, comments, instructions } = scanner::scan(text)?;
    let mut grammar = Grammar::new(text);
    let instructions: Vec<Instruction> = instructions
        .into_iter()
        .map(|logical| lower::instruction(logical, escape, &mut grammar))
        .collect::<Result<_, _>>()?;
    if instructions.is_empty() {
        return Err(ParseError::new(range(0, text.len()), "file with no instructions", "start the file with FROM"));
    }
    let stages = stages(&instructions, escape)?;
    Ok(Dockerfile::new(text, bom, newline, directives, escape, instructions, stages, comments))
}

fn stages(instructions: &[Instruction], escape: char) -> Result<Vec<Stage>, ParseError> {
    let first = instructions.iter().position(|instruction| instruction.keyword == Keyword::From);
    let expander = FromExpander::new(&instructions[..first.unwrap_or(0)], escape);
    let mut stages: Vec<Stage> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    for (position, instruction) in instructions.iter().enumerate() {
        if let Arguments::From { image, name } = &instruction.arguments {
            let index = stages.len();
            let base = base_image(image, &by_name, &expander);
            if let Some(name) = name {
                by_name.insert(go_lower(&name.text), index);
            }
            stages.push(Stage {
                index,
                name: name.clone(),
                image: image.clone(),
                base,
                instructions: position..position + 1,
            });
        } else if let Some(stage) = stages.last_mut() {
            stage.instructions.end = position + 1;
        } else if instruction.keyword != Keyword::Arg {
            return Err(ParseError::new(
                instruction.keyword_range,
                format!("{} before the first FROM", instruction.keyword),
                "only ARG may stand before the first FROM",
            ));
        }
    }
    Ok(stages)
}

fn base_image(image: &Word, by_name: &HashMap<String, usize>, expander: &FromExpander) -> BaseImage {
    let expanded = image.text.contains(['$', '"', '\'', '\\', '`']).then(|| expander.image(&image.text)).flatten();
    let name = expanded.as_ref().unwrap_or(&image.text);
    // BuildKit compares the case here, but an image name in upper case could not be meant either.
    match by_name.get(&go_lower(name)) {
        Some(index) => BaseImage::Stage(*index),
        None if name == "scratch" => BaseImage::Scratch,
        None => BaseImage::Image,
    }
}
