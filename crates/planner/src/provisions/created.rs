//! Files that a step writes under a name of its own choosing.

use wolfify_syntax::Instruction;
use wolfify_syntax::shell::{ShellWord, SimpleCommand};

use crate::provisions::{ANYTHING, LIST, Step};

/// The last part of a path.
pub(super) fn base_name(path: &str) -> &str {
    path.trim_matches(['"', '\'']).rsplit('/').next().unwrap_or(path)
}

/// Whether a destination is a directory that programs are looked for in, or one above it.
fn holds_programs(path: &str) -> bool {
    let path = path.trim_matches(['"', '\'']).trim_end_matches('/');
    matches!(path, "" | "/usr" | "/usr/local") || matches!(base_name(path), "bin" | "sbin")
}

/// The files that a command leaves behind.
pub(super) fn by_command(command: &SimpleCommand, step: &mut Step) {
    for redirect in command.redirects.iter().filter(|redirect| redirect.operator.starts_with('>')) {
        step.names.extend(redirect.target.as_ref().map(|target| base_name(&target.text).to_owned()));
    }
    let Some(name) = command.name() else { return };
    let args = command.args();
    match name.as_str() {
        "cp" | "mv" | "install" | "ln" => moved(args, step),
        "curl" | "wget" | "aria2c" | "fetch" => downloaded(args, step),
        "chmod" => {
            let executable =
                args.first().is_some_and(|mode| mode.text.contains('x') || mode.text.contains(['1', '5', '7']));
            step.names.extend(args.iter().skip(1).filter(|_| executable).map(|word| base_name(&word.text).to_owned()));
        }
        "tee" | "touch" | "dos2unix" | "tar" | "bsdtar" | "unzip" | "gunzip" => {
            step.names.extend(operands(args).map(|word| base_name(&word.text).to_owned()));
        }
        "update-alternatives" | "alternatives" => {
            step.names.extend(args.iter().map(|word| base_name(&word.text).to_owned()));
        }
        "alias" => {
            step.names.extend(args.iter().filter_map(|word| Some(word.text.split_once('=')?.0.to_owned())));
        }
        _ => {}
    }
}

fn operands(args: &[ShellWord]) -> impl Iterator<Item = &ShellWord> {
    args.iter().filter(|word| !word.text.starts_with('-'))
}

/// `cp A B`, `mv A DIR`, `ln -s A B`, `install -m 755 A DIR`, `-t DIR A`.
fn moved(args: &[ShellWord], step: &mut Step) {
    let Some(last) = args.last().map(|word| word.text.trim_matches(['"', '\''])) else { return };
    let to_directory = args.iter().any(|word| matches!(word.text.as_str(), "-t" | "--target-directory"));
    step.names.push(base_name(last).to_owned());
    if to_directory || last.ends_with('/') || holds_programs(last) {
        let sources = operands(&args[..args.len() - 1]);
        step.names.extend(sources.map(|word| base_name(&word.text).to_owned()));
    }
}

/// `-o FILE`, `-O FILE`, or the last part of the address.
fn downloaded(args: &[ShellWord], step: &mut Step) {
    for word in args {
        let text = word.text.trim_matches(['"', '\'']);
        let value = ["-o", "-O", "--output=", "--output-document="].iter().find_map(|option| text.strip_prefix(option));
        let is_option = text.starts_with('-');
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            step.names.push(base_name(value).to_owned());
        } else if !is_option {
            step.names.push(base_name(text.split(['?', '#']).next().unwrap_or(text)).to_owned());
        }
    }
}

/// Whether a path is where a package manager of a language keeps what an application lists.
fn holds_dependencies(path: &str) -> bool {
    let path = path.trim_matches(['"', '\'']).trim_end_matches('/');
    path.split('/').any(|part| matches!(part, "node_modules" | "site-packages" | "venv" | ".venv" | "vendor"))
}

/// `COPY A B /usr/local/bin/`, `COPY A /usr/bin/b`, `ADD x.tar.gz /`.
pub(super) fn by_transfer(instruction: &Instruction, step: &mut Step) {
    let operands: Vec<&str> = instruction.operands().iter().map(|operand| operand.text).collect();
    let Some((destination, sources)) = operands.split_last() else { return };
    step.names.push(base_name(destination).to_owned());
    step.names.extend(sources.iter().map(|source| base_name(source).to_owned()));
    sources.iter().for_each(|source| super::names::in_text(source, step));
    if operands.iter().any(|path| holds_dependencies(path)) {
        step.open.push(LIST);
    }
    let whole_directory = |source: &str| {
        let base = base_name(source.trim_end_matches('/'));
        base.contains('*') || !base.contains('.') || base.ends_with("gz") || base.ends_with("xz") || base == "."
    };
    if holds_programs(destination) && sources.iter().any(|source| whole_directory(source)) {
        step.open.push(ANYTHING);
    }
}

/// `--mount=type=bind,from=IMAGE,source=/uv,target=/bin/uv`
pub(super) fn by_mount(value: &str, step: &mut Step) {
    for part in value.split(',') {
        if let Some((name, path)) = part.trim().split_once('=')
            && matches!(name, "target" | "dst" | "destination")
        {
            step.names.push(base_name(path).to_owned());
        }
    }
}
