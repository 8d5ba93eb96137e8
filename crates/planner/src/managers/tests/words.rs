//! Simple commands from a line of text, enough of the shell for tests of this module.

use wolfify_syntax::shell::{ShellWord, SimpleCommand, WordPart, Wrapper};
use wolfify_syntax::{Span, TextRange, TextSize};

fn span() -> Span {
    Span { range: TextRange::empty(TextSize::new(0)), contiguous: true }
}

/// Splits at blanks; knows quotes, `$NAME`, `${…}`, `$( )`, globs and braces.
pub(super) fn words(line: &str) -> Vec<ShellWord> {
    let chars: Vec<char> = line.chars().collect();
    let mut reader = Reader { chars: &chars, at: 0 };
    let mut words = Vec::new();
    while reader.skip_blanks() {
        words.push(reader.word());
    }
    words
}

/// A command whose wrappers (`sudo`, `env A=b`, `xargs …`) end before the word at `name_index`.
pub(super) fn command(line: &str, wrappers: &[(&str, usize, usize)], name_index: usize) -> SimpleCommand {
    SimpleCommand {
        id: 0,
        assignments: Vec::new(),
        words: words(line),
        redirects: Vec::new(),
        wrappers: wrappers.iter().map(|&(name, from, to)| Wrapper { name: name.into(), words: from..to }).collect(),
        name_index,
        nested: Vec::new(),
        span: span(),
    }
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn skip_blanks(&mut self) -> bool {
        while self.peek() == Some(' ') {
            self.at += 1;
        }
        self.peek().is_some()
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn word(&mut self) -> ShellWord {
        let from = self.at;
        let mut parts = Vec::new();
        while let Some(c) = self.peek().filter(|c| *c != ' ') {
            match c {
                '\'' => {
                    let text = self.until_close('\'');
                    parts.push(WordPart::Literal { text, quoted: true });
                }
                '"' => self.double_quoted(&mut parts),
                '$' => {
                    let part = self.dollar(false);
                    parts.push(part);
                }
                '*' | '?' | '[' => {
                    parts.push(WordPart::Glob(c.to_string()));
                    self.at += 1;
                }
                '{' => {
                    let text = self.until_close('}');
                    parts.push(WordPart::Brace(format!("{{{text}}}")));
                }
                _ => {
                    let text = self.take_while(|c| !" '\"$*?[{".contains(c));
                    parts.push(WordPart::Literal { text, quoted: false });
                }
            }
        }
        let text = self.chars[from..self.at].iter().collect();
        ShellWord { text, parts, span: span() }
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> String {
        let from = self.at;
        while self.peek().is_some_and(&keep) {
            self.at += 1;
        }
        self.chars[from..self.at].iter().collect()
    }

    /// From an opening character to the closing one, both taken.
    fn until_close(&mut self, close: char) -> String {
        self.at += 1;
        let text = self.take_while(|c| c != close);
        self.at += 1;
        text
    }

    fn double_quoted(&mut self, parts: &mut Vec<WordPart>) {
        self.at += 1;
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.at += 1;
                    return;
                }
                '$' => {
                    let part = self.dollar(true);
                    parts.push(part);
                }
                _ => {
                    let text = self.take_while(|c| c != '"' && c != '$');
                    parts.push(WordPart::Literal { text, quoted: true });
                }
            }
        }
    }

    fn dollar(&mut self, quoted: bool) -> WordPart {
        self.at += 1;
        match self.peek() {
            Some('{') => {
                let inside = self.until_close('}');
                let end = inside.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(inside.len());
                WordPart::Parameter { name: inside[..end].into(), operation: inside[end..].into(), quoted }
            }
            Some('(') => {
                self.until_close(')');
                WordPart::CommandSubstitution { nested: None, quoted }
            }
            _ => {
                let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
                WordPart::Parameter { name, operation: String::new(), quoted }
            }
        }
    }
}
