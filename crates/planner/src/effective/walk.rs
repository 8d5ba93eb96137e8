//! Follows the instructions of a stage.

use std::rc::Rc;

use wolfify_syntax::{Arguments, CommandForm, Instruction, JsonString, Keyword};

use super::{BaseFacts, Command, Effective, Port, Setting, variant};
use crate::file::File;
use crate::path::absolute;
use crate::stages::Base;

/// All stages on the images that the file names.
pub(crate) fn before(file: &File<'_>) -> Vec<Effective> {
    all(file, |stage| {
        let model = &file.stages[stage];
        match (&model.base, &model.source) {
            (Base::Scratch, _) => BaseFacts::scratch(),
            (Base::Native, Some(source)) => native(file, &source.name, source.tag.as_deref()),
            (_, Some(source)) => file
                .mappings
                .source_image(&source.name, source.tag.as_deref())
                .map_or_else(BaseFacts::unknown, |image| BaseFacts::source(&image)),
            (_, None) => BaseFacts::unknown(),
        }
    })
}

/// All stages with the same instructions on the images that take the place of the old ones. `dev` says which stages get
/// the variant with a shell.
pub(crate) fn after(file: &File<'_>, dev: &[bool]) -> Vec<Effective> {
    all(file, |stage| {
        let model = &file.stages[stage];
        match (&model.base, &model.source) {
            (Base::Scratch, _) => BaseFacts::scratch(),
            (Base::Converted(target), _) => {
                let variant = if target.bare { "runtime" } else { variant(&target.tag, dev[stage]) };
                BaseFacts::target_image(file.mappings, &target.image, variant)
            }
            (Base::Native, Some(source)) => native(file, &source.name, source.tag.as_deref()),
            (Base::Left(_), Some(source)) => file
                .mappings
                .source_image(&source.name, source.tag.as_deref())
                .map_or_else(BaseFacts::unknown, |image| BaseFacts::source(&image)),
            _ => BaseFacts::unknown(),
        }
    })
}

/// A stage's own instructions on another base than the file's; for a stage that starts from an earlier one, those of
/// the earlier ones are followed first.
pub(crate) fn on_base(file: &File<'_>, stage: usize, base: BaseFacts) -> Effective {
    let mut chain = vec![stage];
    while let Base::Parent(parent) = file.stages[chain[chain.len() - 1]].base {
        chain.push(parent);
    }
    let mut effective = Effective::of(base);
    for stage in chain.into_iter().rev() {
        effective = follow(file, stage, effective);
    }
    effective
}

/// An image of Chainguard's that the file names itself.
fn native(file: &File<'_>, name: &str, tag: Option<&str>) -> BaseFacts {
    let image = name.rsplit('/').next().unwrap_or(name);
    let bare = crate::stages::is_bare(image);
    let variant = if bare { "runtime" } else { variant(tag.unwrap_or("latest"), false) };
    BaseFacts::target_image(file.mappings, image, variant)
}

fn all(file: &File<'_>, base: impl Fn(usize) -> BaseFacts) -> Vec<Effective> {
    let mut stages: Vec<Effective> = Vec::with_capacity(file.stages.len());
    for stage in 0..file.stages.len() {
        let start = match file.stages[stage].base {
            Base::Parent(parent) => stages[parent].clone(),
            _ => Effective::of(base(stage)),
        };
        stages.push(follow(file, stage, start));
    }
    stages
}

fn follow(file: &File<'_>, stage: usize, mut effective: Effective) -> Effective {
    effective.ports.clear();
    effective.volumes.clear();
    let mut cmd_is_set = false;
    for (index, instruction) in file.body(stage) {
        match instruction.keyword {
            Keyword::Cmd => {
                cmd_is_set = true;
                effective.cmd = Setting::of_instruction(command(file, index, instruction), index);
            }
            Keyword::Entrypoint => {
                effective.entrypoint = Setting::of_instruction(command(file, index, instruction), index);
                if !cmd_is_set {
                    // What a base image or an earlier stage meant for another entrypoint does not count any more.
                    effective.cmd = Setting::of_instruction(Some(Command::Exec(Vec::new())), index);
                }
            }
            _ => setting(file, index, instruction, &mut effective),
        }
    }
    effective
}

fn setting(file: &File<'_>, index: usize, instruction: &Instruction, effective: &mut Effective) {
    let base = Rc::clone(&effective.base);
    let word = || match &instruction.arguments {
        Arguments::Words(words) => words.first().and_then(|word| expand(file, index, &base, &word.text)),
        _ => None,
    };
    match instruction.keyword {
        Keyword::User => effective.user = Setting::of_instruction(word(), index),
        Keyword::Workdir => {
            let path = word().and_then(|path| joined(effective.workdir.value.as_deref(), &path));
            effective.workdir = Setting::of_instruction(path, index);
        }
        Keyword::Stopsignal => effective.stop_signal = Setting::of_instruction(word(), index),
        Keyword::Healthcheck => {
            effective.healthcheck = Setting::of_instruction(command(file, index, instruction), index);
        }
        Keyword::Expose => ports(file, index, instruction, &base, &mut effective.ports),
        Keyword::Volume => volumes(file, index, instruction, &base, &mut effective.volumes),
        _ => {}
    }
}

/// A word with its variables, those of the base image included.
fn expand(file: &File<'_>, index: usize, base: &BaseFacts, word: &str) -> Option<String> {
    let mut text = word.to_owned();
    for (name, value) in base.env.iter().filter(|(name, value)| !value.is_empty() && word.contains(name.as_str())) {
        if !file.declares(index, name) {
            text = with_value(&text, name, value);
        }
    }
    let expansion = file.evaluation.scope(index).expand(&text).ok()?;
    expansion.value.text().map(str::to_owned)
}

/// A text with the value of one variable in it.
fn with_value(text: &str, name: &str, value: &str) -> String {
    let mut rest = text.replace(&format!("${{{name}}}"), value);
    let mut found = String::new();
    let plain = format!("${name}");
    while let Some((before, after)) = rest.split_once(plain.as_str()) {
        let longer = after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        found.push_str(before);
        found.push_str(if longer { &plain } else { value });
        rest = after.to_owned();
    }
    found + &rest
}

/// `WORKDIR b` in `/a` is `/a/b`.
fn joined(current: Option<&str>, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return Some(absolute("/", path));
    }
    current.map(|current| absolute(current, path))
}

fn command(file: &File<'_>, index: usize, instruction: &Instruction) -> Option<Command> {
    let form = match &instruction.arguments {
        Arguments::Command(form) | Arguments::Healthcheck(Some(form)) => form,
        Arguments::Healthcheck(None) => return Some(Command::Exec(Vec::new())),
        _ => return None,
    };
    Some(match form {
        CommandForm::Exec { strings, .. } => Command::Exec(values(strings)),
        CommandForm::Shell { joined, .. } => Command::Shell {
            shell: file.shells[index].words.clone(),
            text: instruction.joined[usize::from(joined.start())..usize::from(joined.end())].to_owned(),
        },
    })
}

fn values(strings: &[JsonString]) -> Vec<String> {
    strings.iter().map(|string| string.value.clone()).collect()
}

fn ports(file: &File<'_>, index: usize, instruction: &Instruction, base: &BaseFacts, ports: &mut Vec<Port>) {
    let Arguments::Words(words) = &instruction.arguments else { return };
    for word in words {
        // One variable may hold several ports.
        let text = expand(file, index, base, &word.text);
        match &text {
            Some(text) => ports
                .extend(text.split_ascii_whitespace().map(|text| Port { numbers: numbers(text), instruction: index })),
            None => ports.push(Port { numbers: None, instruction: index }),
        }
    }
}

/// `8080`, `8080/udp`, `7000-8000/tcp`
fn numbers(text: &str) -> Option<(u16, u16)> {
    let numbers = text.split('/').next()?;
    match numbers.split_once('-') {
        Some((low, high)) => Some((low.parse().ok()?, high.parse().ok()?)),
        None => numbers.parse().ok().map(|number| (number, number)),
    }
}

fn volumes(
    file: &File<'_>,
    index: usize,
    instruction: &Instruction,
    base: &BaseFacts,
    volumes: &mut Vec<Setting<String>>,
) {
    let volume = |path: &str| Setting::of_instruction(expand(file, index, base, path), index);
    match &instruction.arguments {
        Arguments::Words(words) => volumes.extend(words.iter().map(|word| volume(&word.text))),
        Arguments::Json(strings) => volumes.extend(strings.iter().map(|string| volume(&string.value))),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::with_value;

    #[test]
    fn variables_by_their_whole_name() {
        assert_eq!(with_value("$GOPATH/src/${GOPATH}", "GOPATH", "/go"), "/go/src//go");
        assert_eq!(with_value("$GOPATHS:$GOPATH", "GOPATH", "/go"), "$GOPATHS:/go");
    }
}
