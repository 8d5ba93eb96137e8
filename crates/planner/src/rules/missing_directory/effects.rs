//! What commands do to directories, as far as their words tell.

use text_size::TextRange;
use wolfify_syntax::shell::{Redirect, ShellWord, SimpleCommand, WordPart};

use crate::file::File;
use crate::path::file_name;

/// A part of a pipeline.
#[derive(Clone, Copy)]
pub(super) enum Part<'s> {
    Command(&'s SimpleCommand),
    /// Those behind a compound command.
    Redirects(&'s [Redirect]),
}

impl<'s> Part<'s> {
    pub(super) fn command(self) -> Option<&'s SimpleCommand> {
        match self {
            Self::Command(command) => Some(command),
            Self::Redirects(_) => None,
        }
    }
}

/// One thing that a command does. Paths are as written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// `cd`
    Enters(String),
    /// The directory is there afterwards, with all above it.
    Makes(String),
    /// A file or directory is written, whose directory has to be there; or it goes into the directory of that name.
    Creates(String),
    /// The directory itself has to be there.
    Uses(String),
    /// `mkdir` without `-p`.
    Mkdir(Vec<String>),
}

/// The value of a word; what is only known when the script runs becomes `$`.
pub(super) fn value(file: &File<'_>, instruction: usize, word: &ShellWord) -> String {
    let scope = file.evaluation.scope(instruction);
    let parts = word.parts.iter().map(|part| match part {
        WordPart::Literal { text, .. } => text.clone(),
        WordPart::Parameter { name, operation, .. } if operation.is_empty() => {
            scope.get(name).value.text().map_or_else(|| "$".to_owned(), str::to_owned)
        }
        _ => "$".to_owned(),
    });
    parts.collect()
}

/// The effects of a part, each with the place that tells of it.
pub(super) fn of(part: Part<'_>, value: &dyn Fn(&ShellWord) -> String) -> Vec<(Effect, TextRange)> {
    let (command, redirects) = match part {
        Part::Command(command) => (Some(command), command.redirects.as_slice()),
        Part::Redirects(redirects) => (None, redirects),
    };
    let mut effects = Vec::new();
    if let Some(command) = command {
        // `wget -O -` writes no file.
        let own = by_command(command, value).into_iter().filter(|effect| *effect != Effect::Creates("-".to_owned()));
        effects.extend(own.map(|effect| (effect, command.span.range)));
    }
    let written = redirects.iter().filter(|redirect| redirect.operator.contains('>') && redirect.operator != ">&");
    for target in written.filter_map(|redirect| redirect.target.as_ref()) {
        effects.push((Effect::Creates(value(target)), target.span.range));
    }
    effects
}

fn by_command(command: &SimpleCommand, value: &dyn Fn(&ShellWord) -> String) -> Vec<Effect> {
    let Some(name) = command.name() else { return Vec::new() };
    let words: Vec<String> = command.args().iter().map(value).collect();
    let words = Words(&words);
    match file_name(&name) {
        "cd" | "pushd" => words.operands().next().map(entered).unwrap_or_default(),
        "mkdir" => made(words),
        "install" => installed(words),
        "mv" | "cp" => words.destination().into_iter().collect(),
        "ln" if words.operands().count() > 1 => words.destination().into_iter().collect(),
        "touch" | "tee" => words.operands().map(|path| Effect::Creates(path.to_owned())).collect(),
        "curl" => downloaded(words),
        "wget" => words.values('O', "--output-document").map(|path| Effect::Creates(path.to_owned())).collect(),
        "tar" | "gtar" | "bsdtar" => {
            words.values('C', "--directory").map(|path| Effect::Uses(path.to_owned())).collect()
        }
        // It makes the directory that it is given, but none above.
        "unzip" => words.values('d', "").filter(|path| path.matches('/').count() > 1).map(below).collect(),
        "git" if words.0.first().is_some_and(|verb| verb == "clone") => {
            words.operands().last().map(|path| Effect::Makes(path.to_owned())).into_iter().collect()
        }
        "chmod" | "chown" | "chgrp" => words.operands().skip(1).map(|path| Effect::Uses(path.to_owned())).collect(),
        "make" | "ninja" | "cmake" | "meson" if words.0.iter().any(|word| word.contains("install")) => {
            ["bin", "include", "share"].map(|name| Effect::Makes(format!("/usr/local/{name}"))).into()
        }
        "go" => words.values('o', "").map(|path| Effect::Makes(directory(path).to_owned())).collect(),
        _ => Vec::new(),
    }
}

fn entered(path: &str) -> Vec<Effect> {
    vec![Effect::Uses(path.to_owned()), Effect::Enters(path.to_owned())]
}

/// What `unzip -d` needs: the directory above the one that it makes.
fn below(path: &str) -> Effect {
    Effect::Uses(directory(path.trim_end_matches('/')).to_owned())
}

/// What of a path is above its last part.
fn directory(path: &str) -> &str {
    &path[..path.len() - file_name(path).len()]
}

fn made(words: Words<'_>) -> Vec<Effect> {
    let paths = || words.operands_after(&["-m", "--mode"]).map(str::to_owned);
    match words.has('p', "--parents") {
        true => paths().map(Effect::Makes).collect(),
        false => vec![Effect::Mkdir(paths().collect())],
    }
}

fn installed(words: Words<'_>) -> Vec<Effect> {
    let with_value = ["-m", "-o", "-g", "-t", "-S"];
    if words.has('d', "--directory") {
        return words.operands_after(&with_value).map(|path| Effect::Makes(path.to_owned())).collect();
    }
    match (words.has('D', ""), words.destination()) {
        (true, Some(Effect::Creates(path))) => {
            vec![Effect::Makes(directory(&path).to_owned())]
        }
        (_, destination) => destination.into_iter().collect(),
    }
}

fn downloaded(words: Words<'_>) -> Vec<Effect> {
    let makes = words.0.iter().any(|word| word == "--create-dirs");
    let files = words.values('o', "--output").map(|path| match makes {
        true => Effect::Makes(directory(path).to_owned()),
        false => Effect::Creates(path.to_owned()),
    });
    let directories = words.values('\0', "--output-dir").map(|path| match makes {
        true => Effect::Makes(path.to_owned()),
        false => Effect::Uses(path.to_owned()),
    });
    files.chain(directories).collect()
}

/// The arguments of a command.
#[derive(Clone, Copy)]
struct Words<'a>(&'a [String]);

impl<'a> Words<'a> {
    fn operands(self) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(String::as_str).filter(|word| !word.starts_with('-') && !word.is_empty())
    }

    /// The operands of a command, some of whose options take the word behind them.
    fn operands_after(self, with_value: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
        let follows = move |at: usize| at.checked_sub(1).is_some_and(|at| with_value.contains(&self.0[at].as_str()));
        let words = self.0.iter().enumerate().filter(move |(at, _)| !follows(*at));
        words.map(|(_, word)| word.as_str()).filter(|word| !word.starts_with('-') && !word.is_empty())
    }

    /// Whether an option is given, alone or among other letters.
    fn has(self, letter: char, long: &str) -> bool {
        self.0.iter().any(|word| match word.strip_prefix('-') {
            Some(rest) if rest.starts_with('-') => !long.is_empty() && word == long,
            Some(rest) => rest.contains(letter),
            None => false,
        })
    }

    /// The values of an option: `-o X`, `-oX`, `-sSLo X`, `--output X`, `--output=X`.
    fn values(self, letter: char, long: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().enumerate().filter_map(move |(at, word)| {
            let next = || self.0.get(at + 1).map(String::as_str);
            if !long.is_empty() && word == long {
                return next();
            }
            if let Some(rest) = word.strip_prefix("--") {
                return rest.strip_prefix(long.trim_start_matches('-'))?.strip_prefix('=').filter(|_| !long.is_empty());
            }
            let letters = word.strip_prefix('-')?;
            match letters.split_once(letter)? {
                (_, "") => next(),
                ("", path) => Some(path),
                (before, path) if before.chars().all(|c| c.is_ascii_alphabetic()) && path.starts_with('/') => {
                    Some(path)
                }
                _ => None,
            }
        })
    }

    /// Where `cp`, `mv`, `ln` and `install` put things.
    fn destination(self) -> Option<Effect> {
        if let Some(directory) = self.values('t', "--target-directory").next() {
            return Some(Effect::Uses(directory.to_owned()));
        }
        let last = self.operands_after(&["-m", "-o", "-g", "-S"]).last()?;
        Some(Effect::Creates(last.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn values_of_options_in_every_spelling() {
        for text in ["-o /a", "-o/a", "-sSLo /a", "--output /a", "--output=/a", "-fsSLo /a https://x"] {
            let words = words(text);
            assert_eq!(Words(&words).values('o', "--output").collect::<Vec<_>>(), ["/a"], "{text}");
        }
        let other = words("--proto =https -fsSL https://x/-o");
        assert_eq!(Words(&other).values('o', "--output").count(), 0);
        let tar = words("-xzC /usr/local/bin");
        assert_eq!(Words(&tar).values('C', "--directory").collect::<Vec<_>>(), ["/usr/local/bin"]);
    }

    #[test]
    fn destinations() {
        let creates = |path: &str| Some(Effect::Creates(path.to_owned()));
        let of = |text: &str| Words(&words(text)).destination();
        assert_eq!(of("a b /usr/local/bin/"), creates("/usr/local/bin/"));
        assert_eq!(of("-m 0755 a /usr/local/bin/a"), creates("/usr/local/bin/a"));
        assert_eq!(of("-t /srv a b"), Some(Effect::Uses("/srv".to_owned())));
        assert_eq!(of(""), None);
    }
}
