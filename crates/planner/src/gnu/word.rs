//! Shell words as far as they are known without running anything.

use wolfify_syntax::shell::{ShellWord, WordPart};

/// Stands for a part whose text is only known at run time (U+FFFC, object replacement character).
pub(crate) const DYNAMIC: char = '\u{fffc}';

/// The text of a word after quote removal, with [`DYNAMIC`] for every part that the shell fills in.
pub(crate) fn static_text(word: &ShellWord) -> String {
    let mut text = String::with_capacity(word.text.len());
    for part in &word.parts {
        match part {
            WordPart::Literal { text: literal, .. } => text.push_str(literal),
            WordPart::Glob(glob) => text.push_str(glob),
            WordPart::Brace(brace) => text.push_str(brace),
            WordPart::Tilde(tilde) => text.push_str(tilde),
            WordPart::Parameter { .. }
            | WordPart::CommandSubstitution { .. }
            | WordPart::Arithmetic
            | WordPart::Process => text.push(DYNAMIC),
        }
    }
    text
}

/// A word of a command line, as the tool sees it and as the author wrote it.
#[derive(Debug)]
pub(crate) struct Argument<'a> {
    /// As written, quotes included.
    pub(crate) raw: &'a str,
    /// As the tool sees it, with [`DYNAMIC`] parts.
    pub(crate) text: String,
    /// Index into the command's words.
    pub(crate) index: usize,
}

impl<'a> Argument<'a> {
    pub(crate) fn new(word: &'a ShellWord, index: usize) -> Self {
        Self { raw: &word.text, text: static_text(word), index }
    }

    /// Whether the whole text is known.
    pub(crate) fn is_static(&self) -> bool {
        !self.text.contains(DYNAMIC)
    }

    /// Where `text[..end]` begins in `raw`, when it stands there letter by letter: at the start, or after one quote.
    pub(crate) fn raw_offset(&self, end: usize) -> Option<usize> {
        let head = self.text.get(..end)?;
        if head.contains(DYNAMIC) {
            return None;
        }
        if self.raw.starts_with(head) {
            return Some(0);
        }
        let quoted = self.raw.strip_prefix(['"', '\''])?;
        quoted.starts_with(head).then_some(1)
    }
}

/// A text as one shell word, in single quotes where it needs any.
pub(crate) fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
