//! The text of a word as far as it is known without running the script.

use std::borrow::Cow;

use wolfify_syntax::shell::{ShellWord, WordPart};

/// Stands in [`Text::pattern`] for a part that only the running shell knows. A shell word cannot contain it.
pub(crate) const HOLE: char = '\0';

/// The text of a word: static characters, with holes where the shell puts something in.
///
/// `php${V}-cli` is the pattern `php␀-cli` with one hole. Globs count as static text: what a package manager is
/// meant to see (`nginx=1.*`) has no matching file in the working directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    pattern: String,
    holes: Vec<Hole>,
}

/// A part of a word that only the running shell knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hole {
    /// `$NAME`, `${NAME:-x}`.
    Parameter {
        /// The name.
        name: String,
        /// What follows the name inside `${ }`, as written; empty for none.
        operation: String,
        /// Outside double quotes: may become no word, or several.
        splits: bool,
    },
    /// `$( )`, backquotes, `<( )`, `$(( ))`.
    Substitution {
        /// Outside double quotes: may become no word, or several.
        splits: bool,
    },
    /// `{a,b}` with all its text: several words under bash, one as written under a POSIX shell.
    Brace(String),
}

impl Hole {
    /// Whether it may turn the word into none or several.
    #[must_use]
    pub fn splits(&self) -> bool {
        match self {
            Self::Parameter { splits, .. } | Self::Substitution { splits } => *splits,
            Self::Brace(_) => true,
        }
    }
}

impl Text {
    /// Reads a word.
    #[must_use]
    pub fn of(word: &ShellWord) -> Self {
        let mut text = Self::default();
        for part in &word.parts {
            text.push_part(part);
        }
        text
    }

    /// Text without holes.
    #[must_use]
    pub fn from_static(text: &str) -> Self {
        let mut own = Self::default();
        own.push_static(text);
        own
    }

    fn push_part(&mut self, part: &WordPart) {
        match part {
            WordPart::Literal { text, .. } | WordPart::Glob(text) | WordPart::Tilde(text) => {
                self.push_static(text);
            }
            WordPart::Parameter { name, operation, quoted } => {
                self.push_hole(Hole::Parameter { name: name.clone(), operation: operation.clone(), splits: !quoted });
            }
            WordPart::CommandSubstitution { quoted, .. } => self.push_hole(Hole::Substitution { splits: !quoted }),
            WordPart::Brace(text) => self.push_hole(Hole::Brace(text.clone())),
            WordPart::Arithmetic | WordPart::Process => self.push_hole(Hole::Substitution { splits: false }),
        }
    }

    /// Puts in text. No shell passes a NUL on; one in the file is something that nobody knows.
    fn push_static(&mut self, text: &str) {
        let mut pieces = text.split(HOLE);
        self.pattern.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            self.push_hole(Hole::Substitution { splits: false });
            self.pattern.push_str(piece);
        }
    }

    fn push_hole(&mut self, hole: Hole) {
        self.pattern.push(HOLE);
        self.holes.push(hole);
    }

    /// The whole text, when nothing in it depends on the running shell.
    #[must_use]
    pub fn as_static(&self) -> Option<&str> {
        self.holes.is_empty().then_some(self.pattern.as_str())
    }

    /// Whether nothing in it depends on the running shell.
    #[must_use]
    pub fn is_static(&self) -> bool {
        self.holes.is_empty()
    }

    /// Whether it has no static character at all (`$PACKAGES`, `$(cat list)`).
    #[must_use]
    pub fn is_wholly_dynamic(&self) -> bool {
        !self.holes.is_empty() && self.pattern.chars().all(|c| c == HOLE)
    }

    /// Whether it has both static characters and holes (`php${V}-cli`).
    #[must_use]
    pub fn is_partly_static(&self) -> bool {
        !self.holes.is_empty() && !self.is_wholly_dynamic()
    }

    /// Whether the shell may turn it into no word or several.
    #[must_use]
    pub fn splits(&self) -> bool {
        self.holes.iter().any(Hole::splits)
    }

    /// The holes in order.
    #[must_use]
    pub fn holes(&self) -> &[Hole] {
        &self.holes
    }

    /// The static characters before the first hole.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.pattern.split(HOLE).next().unwrap_or("")
    }

    /// The static characters after the last hole.
    #[must_use]
    pub fn suffix(&self) -> &str {
        self.pattern.rsplit(HOLE).next().unwrap_or("")
    }

    /// The static stretches in order, one more than there are holes; empty where two holes touch.
    pub fn stretches(&self) -> impl Iterator<Item = &str> {
        self.pattern.split(HOLE)
    }

    /// The text with every hole as a shell would write it, for messages.
    #[must_use]
    pub fn display(&self) -> Cow<'_, str> {
        if self.holes.is_empty() {
            return Cow::Borrowed(&self.pattern);
        }
        let mut holes = self.holes.iter();
        let mut out = String::with_capacity(self.pattern.len() + 8 * self.holes.len());
        for c in self.pattern.chars() {
            match (c, if c == HOLE { holes.next() } else { None }) {
                (_, Some(Hole::Parameter { name, operation, .. })) => {
                    out.push_str("${");
                    out.push_str(name);
                    out.push_str(operation);
                    out.push('}');
                }
                (_, Some(Hole::Substitution { .. })) => out.push_str("$(…)"),
                (_, Some(Hole::Brace(text))) => out.push_str(text),
                (c, None) => out.push(c),
            }
        }
        Cow::Owned(out)
    }

    /// The characters, holes as [`HOLE`].
    pub(crate) fn pattern(&self) -> &str {
        &self.pattern
    }

    /// The part of the text in `range`, byte offsets into [`Text::pattern`] on character boundaries.
    pub(crate) fn slice(&self, range: std::ops::Range<usize>) -> Self {
        let count = |s: &str| s.matches(HOLE).count();
        let first = count(&self.pattern[..range.start]);
        let pattern = self.pattern[range].to_owned();
        let holes = self.holes[first..first + count(&pattern)].to_vec();
        Self { pattern, holes }
    }

    /// The text from byte `start` of the pattern on.
    pub(crate) fn tail(&self, start: usize) -> Self {
        self.slice(start..self.pattern.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(parts: &[WordPart]) -> Text {
        let mut text = Text::default();
        for part in parts {
            text.push_part(part);
        }
        text
    }

    fn literal(text: &str) -> WordPart {
        WordPart::Literal { text: text.into(), quoted: false }
    }

    fn parameter(name: &str, quoted: bool) -> WordPart {
        WordPart::Parameter { name: name.into(), operation: String::new(), quoted }
    }

    #[test]
    fn partly_static_words_keep_their_stretches() {
        let text = word(&[literal("php"), parameter("V", true), literal("-cli")]);
        assert!(text.is_partly_static() && !text.splits() && text.as_static().is_none());
        assert_eq!(text.stretches().collect::<Vec<_>>(), ["php", "-cli"]);
        assert_eq!(text.display(), "php${V}-cli");
    }

    #[test]
    fn slices_carry_their_own_holes() {
        let text = word(&[parameter("A", true), literal("="), parameter("B", false)]);
        assert_eq!(text.slice(0..1).display(), "${A}");
        assert_eq!(text.tail(2).display(), "${B}");
        assert!(text.tail(2).splits() && !text.slice(0..1).splits());
    }

    #[test]
    fn a_word_of_holes_only_is_wholly_dynamic() {
        assert!(word(&[parameter("A", false), parameter("B", false)]).is_wholly_dynamic());
        assert!(!word(&[]).is_wholly_dynamic());
    }
}
