//! Directories that `mkdir` and `install -d` make: a home that exists before its user is left as it is.

use wolfify_syntax::shell::ShellWord;

use super::builder::Effect;
use super::value::{Lookup, Value};

/// The directories a command makes, as far as their paths are static and absolute.
pub(crate) fn made_by(name: &str, words: &[ShellWord], lookup: Lookup<'_>) -> Vec<Effect> {
    let makes = match name {
        "mkdir" => true,
        "install" => words.iter().any(|word| is_directory_option(&word.text)),
        _ => false,
    };
    if !makes {
        return Vec::new();
    }
    words
        .iter()
        .filter_map(|word| Value::read(word, lookup).ok()?.known())
        .filter(|path| path.starts_with('/'))
        .map(Effect::Directory)
        .collect()
}

fn is_directory_option(word: &str) -> bool {
    word == "--directory" || (word.starts_with('-') && !word.starts_with("--") && word.contains('d'))
}
