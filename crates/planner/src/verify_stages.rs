//! Whether the stages of a result have what they need: a shell to run things, the programs they start, the stages and
//! variables they name.

use wolfify_mappings::Mappings;
use wolfify_syntax::{Arguments, BaseImage, CommandForm, Dockerfile, Instruction, Keyword, Stage};

use crate::globals::names;
use crate::verify::Broken;

/// Looks at all stages of `new` for which `came` holds: those that our edits brought to Wolfi.
pub(crate) fn check(old: &Dockerfile, new: &Dockerfile, came: &[bool], mappings: &Mappings) -> Result<(), Broken> {
    let shells = shells(new, mappings);
    for stage in new.stages.iter().filter(|stage| came[stage.index]) {
        if shells[stage.index] == Some(false) {
            check_shell(new, stage)?;
            check_start(new, stage, mappings)?;
        }
        check_sources(old, new, stage)?;
    }
    check_variables(old, new)
}

/// By stage: whether its image has a shell; `None` when that is not known.
fn shells(dockerfile: &Dockerfile, mappings: &Mappings) -> Vec<Option<bool>> {
    let mut known: Vec<Option<bool>> = Vec::new();
    for stage in &dockerfile.stages {
        known.push(match stage.base {
            BaseImage::Scratch => Some(false),
            BaseImage::Stage(parent) => known[parent],
            BaseImage::Image => image(stage).and_then(|(image, tag)| {
                let variant = match tag {
                    tag if tag.ends_with("-dev") => return Some(true),
                    tag if tag.ends_with("fpm") => "fpm",
                    _ => "runtime",
                };
                mappings.image_config(image, variant)?.has_shell
            }),
        });
    }
    known
}

/// The image below the registry and its tag, where both are written out.
fn image(stage: &Stage) -> Option<(&str, &str)> {
    let text = stage.image.text.as_str();
    let (name, tag) = text.rsplit_once(':')?;
    (!text.contains('$')).then(|| (name.rsplit('/').next().unwrap_or(name), tag))
}

fn check_shell(dockerfile: &Dockerfile, stage: &Stage) -> Result<(), Broken> {
    let needs = dockerfile.stage_instructions(stage).iter().find(|instruction| {
        matches!(
            (instruction.keyword, &instruction.arguments),
            (Keyword::Run, _)
                | (Keyword::Cmd | Keyword::Entrypoint, Arguments::Command(CommandForm::Shell { .. }))
                | (_, Arguments::Healthcheck(Some(CommandForm::Shell { .. })))
        )
    });
    match needs {
        Some(instruction) => Err(Broken::NoShell { line: instruction.start_line }),
        None => Ok(()),
    }
}

/// The program that a stage starts lies in something that is copied into it, or is its image's own.
fn check_start(dockerfile: &Dockerfile, stage: &Stage, mappings: &Mappings) -> Result<(), Broken> {
    let Some((image, _)) = image(stage) else { return Ok(()) };
    match missing_program(dockerfile, stage, image, mappings) {
        Some((instruction, program)) => Err(Broken::Missing { line: instruction.start_line, program }),
        None => Ok(()),
    }
}

/// The program that a stage starts, when neither its image without a shell nor anything copied into it can have it.
pub(crate) fn missing_program<'d>(
    dockerfile: &'d Dockerfile,
    stage: &Stage,
    image: &str,
    mappings: &Mappings,
) -> Option<(&'d Instruction, String)> {
    let instructions = dockerfile.stage_instructions(stage);
    let last = |keyword| instructions.iter().rfind(|instruction| instruction.keyword == keyword);
    let instruction = last(Keyword::Entrypoint).or_else(|| last(Keyword::Cmd))?;
    let program = first_word(instruction)?;
    let name = program.rsplit('/').next().unwrap_or(&program);
    let entrypoint = mappings.image_config(image, "runtime")?.entrypoint;
    let own = entrypoint.iter().any(|word| word.rsplit('/').next() == Some(name));
    if own || has_program(dockerfile, instructions, image, name, &program, mappings) {
        return None;
    }
    Some((instruction, program))
}

fn first_word(instruction: &Instruction) -> Option<String> {
    match &instruction.arguments {
        Arguments::Command(CommandForm::Exec { strings, .. }) => strings.first().map(|string| string.value.clone()),
        _ => None,
    }
}

fn has_program(
    dockerfile: &Dockerfile,
    instructions: &[Instruction],
    image: &str,
    name: &str,
    program: &str,
    mappings: &Mappings,
) -> bool {
    let packages = mappings.command(name).mapped().map(|mapping| mapping.packages).unwrap_or_default();
    let by_image = packages.iter().any(|package| mappings.in_target_image(image, "runtime", package) == Some(true))
        || matches!((image, name), ("python", "python" | "python3") | ("node", "npm" | "npx" | "dumb-init"));
    let laid_over = dockerfile.instructions.iter().any(|instruction| {
        let text = &instruction.joined;
        text.contains("/base-chroot") && packages.iter().any(|package| text.split(' ').any(|word| word == package))
    });
    by_image || laid_over || instructions.iter().any(|instruction| brings(instruction, program))
}

/// Whether a COPY may bring the program: by its path, or as a directory that PATH can hold.
fn brings(instruction: &Instruction, program: &str) -> bool {
    let Some(target) = instruction.destination() else { return false };
    let target = target.text.trim_end_matches('/');
    if program.starts_with('/') {
        return target.contains('$')
            || !target.starts_with('/')
            || program.starts_with(target)
            || target.starts_with(program);
    }
    true
}

/// What is copied from a stage is copied from one that is there.
fn check_sources(old: &Dockerfile, new: &Dockerfile, stage: &Stage) -> Result<(), Broken> {
    let known = |dockerfile: &Dockerfile, source: &str| {
        dockerfile.instructions.iter().flat_map(crate::references::sources).any(|own| own == source)
    };
    for instruction in new.stage_instructions(stage) {
        for source in crate::references::sources(instruction) {
            let is_image = source.contains(['/', ':', '$']);
            if !is_image && new.stage_by_reference(source).is_none() && !known(old, source) {
                return Err(Broken::Stages(format!("nothing is called `{source}`")));
            }
        }
    }
    Ok(())
}

/// A variable that the final stage of the original knew is known in the final stage of the result.
fn check_variables(old: &Dockerfile, new: &Dockerfile) -> Result<(), Broken> {
    let (Some(old_stage), Some(new_stage)) = (old.stages.last(), new.stages.last()) else { return Ok(()) };
    if old.stages.len() == new.stages.len() {
        return Ok(());
    }
    let before = old.evaluate();
    let before = before.scope_after(old_stage.instructions.end - 1);
    let after = new.evaluate();
    for index in new_stage.instructions.clone().skip(1) {
        let instruction = &new.instructions[index];
        let expands = matches!(
            instruction.keyword,
            Keyword::Add
                | Keyword::Copy
                | Keyword::Env
                | Keyword::Expose
                | Keyword::Label
                | Keyword::Stopsignal
                | Keyword::User
                | Keyword::Volume
                | Keyword::Workdir
        );
        let lost = names(&instruction.joined).filter(|_| expands).find(|name| {
            // Another pair of the same ENV is not seen yet, before as after.
            before.get(name).definition.is_some()
                && after.scope_after(index).get(name).definition.is_none()
                && *name != "PATH"
        });
        if let Some(name) = lost {
            return Err(Broken::Variable { line: instruction.start_line, name: name.to_owned() });
        }
    }
    Ok(())
}
