//! The value of a word, as far as it is static.

use crate::shell::ast::{ShellWord, WordPart};
use crate::shell::parameter;

/// Looks a variable up: its value, or `None` when it is not known.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

impl ShellWord {
    /// The word's value when it is the same always and everywhere: nothing in it is expanded.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        let mut value = String::with_capacity(self.text.len());
        for part in &self.parts {
            match part {
                WordPart::Literal { text, .. } => value.push_str(text),
                _ => return None,
            }
        }
        Some(value)
    }

    /// The fields the word expands to with the variables that `lookup` knows.
    ///
    /// Unquoted parameters are split at blanks. `None` when the word holds anything that is not static: a variable
    /// that is not known, a command, arithmetic, a pattern, braces, `~`. A variable that is not known counts as unset
    /// only where the word itself says what to take then (`${x:-y}`, `${x-y}`).
    #[must_use]
    pub fn expand(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Option<Vec<String>> {
        let mut fields = Fields::default();
        for part in &self.parts {
            match part {
                WordPart::Literal { text, .. } => fields.push(text),
                WordPart::Parameter { name, operation, quoted } => {
                    let value = parameter::expand(name, operation, *quoted, lookup, 0)?;
                    if *quoted {
                        fields.push(&value);
                    } else if value.contains(['*', '?', '[']) {
                        return None;
                    } else {
                        fields.split(&value);
                    }
                }
                _ => return None,
            }
        }
        Some(fields.finish())
    }
}

/// Fields under construction.
#[derive(Default)]
struct Fields {
    done: Vec<String>,
    /// `None` when no field has begun.
    open: Option<String>,
}

impl Fields {
    fn push(&mut self, text: &str) {
        self.open.get_or_insert_default().push_str(text);
    }

    fn split(&mut self, value: &str) {
        for piece in value.split_inclusive([' ', '\t', '\n']) {
            let text = piece.trim_end_matches([' ', '\t', '\n']);
            if !text.is_empty() {
                self.push(text);
            }
            if text.len() < piece.len() {
                self.done.extend(self.open.take());
            }
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.done.extend(self.open.take());
        self.done
    }
}
