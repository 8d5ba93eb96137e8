//! Words as values: how they are written, and what they are known to be.

use wolfify_syntax::shell::{ShellWord, WordPart};

/// The static value of a shell variable or build argument, if there is one.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Literal text, quotes removed.
    Text(String),
    /// `$NAME` or `${NAME}`, with its value where it is static.
    Variable { name: String, value: Option<String>, quoted: bool },
    /// Anything else, as written: only its own text can stand for it.
    Opaque(String),
}

/// One word of a command, or the part of it that is an option's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    /// As the author wrote it, quotes included.
    text: String,
    pieces: Vec<Piece>,
    /// The author writes `${NAME}` rather than `$NAME`.
    braces: bool,
}

/// Why a word cannot be taken as one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotOneWord(pub(crate) String);

impl Value {
    /// Reads a word. A word that a glob or a brace may turn into several is refused.
    pub(crate) fn read(word: &ShellWord, lookup: Lookup<'_>) -> Result<Self, NotOneWord> {
        let mut pieces = Vec::new();
        let mut opaque = false;
        for part in &word.parts {
            match part {
                WordPart::Literal { text, .. } => push_text(&mut pieces, text),
                WordPart::Parameter { name, operation, quoted } if operation.is_empty() && is_name(name) => {
                    pieces.push(Piece::Variable { name: name.clone(), value: lookup(name), quoted: *quoted });
                }
                WordPart::Glob(_) | WordPart::Brace(_) | WordPart::Process => {
                    return Err(NotOneWord(format!("`{}` may be several words", word.text)));
                }
                WordPart::Parameter { .. }
                | WordPart::CommandSubstitution { .. }
                | WordPart::Arithmetic
                | WordPart::Tilde(_) => opaque = true,
            }
        }
        if opaque {
            pieces = vec![Piece::Opaque(word.text.clone())];
        }
        Ok(Self { text: word.text.clone(), pieces, braces: word.text.contains("${") })
    }

    /// A value of our own making.
    pub(crate) fn literal(text: &str) -> Self {
        let pieces = if text.is_empty() { Vec::new() } else { vec![Piece::Text(text.to_owned())] };
        Self { text: quote(text), pieces, braces: false }
    }

    /// As the author wrote it.
    pub(crate) fn written(&self) -> &str {
        &self.text
    }

    /// The value, when it is static.
    pub(crate) fn known(&self) -> Option<String> {
        let mut all = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => all.push_str(text),
                Piece::Variable { value: Some(value), .. } => all.push_str(value),
                Piece::Variable { value: None, .. } | Piece::Opaque(_) => return None,
            }
        }
        Some(all)
    }

    /// The same for two words that expand to the same text: the static value, else a normal form of the words.
    pub(crate) fn key(&self) -> String {
        self.known().unwrap_or_else(|| {
            self.pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) | Piece::Opaque(text) => text.clone(),
                    Piece::Variable { value: Some(value), .. } => value.clone(),
                    Piece::Variable { name, value: None, .. } => format!("${{{name}}}"),
                })
                .collect()
        })
    }

    /// The number, when the value is a static one.
    pub(crate) fn number(&self) -> Option<u64> {
        self.known()?.parse().ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.known().is_some_and(|known| known.is_empty())
    }

    /// Whether it is a variable alone whose value is not known: it may be anything, even a list.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Variable { value: None, .. } | Piece::Opaque(_)])
    }

    /// Whether an unquoted variable in it is known to hold blanks or nothing, or to begin with a dash.
    pub(crate) fn splits(&self) -> bool {
        let unquoted_blank = self.pieces.iter().any(|piece| match piece {
            Piece::Variable { value: Some(value), quoted: false, .. } => value.contains([' ', '\t', '\n']),
            _ => false,
        });
        let first = self.pieces.first();
        let dash = matches!(first, Some(Piece::Variable { value: Some(value), .. }) if value.starts_with('-'));
        let nothing = matches!(self.pieces.as_slice(),
            [Piece::Variable { value: Some(value), quoted: false, .. }] if value.is_empty());
        unquoted_blank || dash || nothing
    }

    /// The literal text it begins with.
    pub(crate) fn leading(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// What is left after `count` bytes of its leading literal text: the value in `--uid=1000` or `-u1000`.
    pub(crate) fn without_leading(&self, count: usize) -> Option<Self> {
        let mut pieces = self.pieces.clone();
        let Some(Piece::Text(first)) = pieces.first_mut() else { return None };
        let cut = first.get(..count)?.to_owned();
        *first = first.get(count..)?.to_owned();
        if first.is_empty() {
            pieces.remove(0);
        }
        let rest = Self { text: String::new(), pieces, braces: self.braces };
        let text = if let Some(after) = self.text.strip_prefix(cut.as_str()) {
            if after.is_empty() { "''".to_owned() } else { after.to_owned() }
        } else {
            rest.with("", "")
        };
        Some(Self { text, ..rest })
    }

    /// Shell text for `before`, the value, and `after` as one word.
    pub(crate) fn with(&self, before: &str, after: &str) -> String {
        if let [Piece::Opaque(text)] = self.pieces.as_slice() {
            let bare = |text: &str| if text.is_empty() { String::new() } else { quote(text) };
            return format!("{}{text}{}", bare(before), bare(after));
        }
        let literal = self.pieces.iter().all(|piece| matches!(piece, Piece::Text(_)));
        if literal {
            let middle = self.known().unwrap_or_default();
            return quote(&format!("{before}{middle}{after}"));
        }
        let mut out = String::from("\"");
        push_in_double_quotes(&mut out, before);
        for (index, piece) in self.pieces.iter().enumerate() {
            let next = match self.pieces.get(index + 1) {
                Some(Piece::Text(text)) => text.chars().next(),
                Some(_) => None,
                None => after.chars().next(),
            };
            self.push_piece(&mut out, piece, next);
        }
        push_in_double_quotes(&mut out, after);
        out.push('"');
        out
    }

    fn push_piece(&self, out: &mut String, piece: &Piece, next: Option<char>) {
        match piece {
            Piece::Text(text) | Piece::Opaque(text) => push_in_double_quotes(out, text),
            Piece::Variable { name, .. } => {
                let joined = next.is_some_and(|next| next == '_' || next.is_ascii_alphanumeric());
                if self.braces || joined {
                    out.push_str(&format!("${{{name}}}"));
                } else {
                    out.push_str(&format!("${name}"));
                }
            }
        }
    }

    /// The value with `/` and another behind it, as one value.
    pub(crate) fn join(&self, name: &Self) -> Self {
        let mut pieces = self.pieces.clone();
        let trim = matches!(pieces.last(), Some(Piece::Text(text)) if text.ends_with('/'));
        if !trim {
            push_text(&mut pieces, "/");
        }
        for piece in &name.pieces {
            match piece {
                Piece::Text(text) => push_text(&mut pieces, text),
                other => pieces.push(other.clone()),
            }
        }
        let slash = if trim { "" } else { "/" };
        let text = format!("{}{slash}{}", self.text, name.text);
        Self { text, pieces, braces: self.braces || name.braces }
    }

    /// The items of a comma-separated list; empty items are left out.
    pub(crate) fn items(&self) -> Vec<Self> {
        let mut lists: Vec<Vec<Piece>> = vec![Vec::new()];
        for piece in &self.pieces {
            let text = match piece {
                Piece::Text(text) => text,
                Piece::Variable { value: Some(value), .. } if value.contains(',') => value,
                other => {
                    if let Some(last) = lists.last_mut() {
                        last.push(other.clone());
                    }
                    continue;
                }
            };
            for (index, part) in text.split(',').enumerate() {
                if index > 0 {
                    lists.push(Vec::new());
                }
                if let (Some(last), false) = (lists.last_mut(), part.is_empty()) {
                    push_text(last, part);
                }
            }
        }
        lists.into_iter().filter(|pieces| !pieces.is_empty()).map(|pieces| self.item(pieces)).collect()
    }

    fn item(&self, pieces: Vec<Piece>) -> Self {
        if pieces == self.pieces {
            return self.clone();
        }
        let mut item = Self { text: String::new(), pieces, braces: self.braces };
        item.text = match item.pieces.as_slice() {
            [Piece::Variable { name, quoted: false, .. }] if self.braces => format!("${{{name}}}"),
            [Piece::Variable { name, quoted: false, .. }] => format!("${name}"),
            _ => item.with("", ""),
        };
        item
    }

    /// The parent directory as shell text and, when static, as a path. `name` is a value known to hold no slash.
    pub(crate) fn parent(&self, name: &Self) -> (String, Option<String>) {
        let known = self.known().map(|path| parent_of(&path).to_owned());
        match self.cut_last(name) {
            Some(parent) => (parent.text.clone(), known.or_else(|| parent.known())),
            None => (self.dirname(), known),
        }
    }

    fn dirname(&self) -> String {
        format!("\"$(dirname {})\"", self.with("", ""))
    }

    /// What stands before the last slash, when what follows it is literal or the user's name.
    fn cut_last(&self, name: &Self) -> Option<Self> {
        let at = self.pieces.iter().rposition(|piece| matches!(piece, Piece::Text(text) if text.contains('/')))?;
        let tail = &self.pieces[at + 1..];
        let slashless = tail.iter().all(|piece| match piece {
            Piece::Variable { value: Some(value), .. } => !value.contains('/'),
            Piece::Variable { name: variable, .. } => {
                name.pieces.iter().any(|piece| matches!(piece, Piece::Variable { name, .. } if name == variable))
            }
            Piece::Text(_) => true,
            Piece::Opaque(_) => false,
        });
        if !slashless {
            return None;
        }
        let mut pieces = self.pieces[..=at].to_vec();
        if let Some(Piece::Text(text)) = pieces.last_mut() {
            let text_end = text.trim_end_matches('/').len();
            let cut = if tail.is_empty() { text[..text_end].rfind('/')? } else { text.rfind('/')? };
            text.truncate(cut);
            if text.is_empty() {
                pieces.pop();
            }
        }
        if pieces.is_empty() {
            return Some(Self::literal("/"));
        }
        let mut parent = Self { text: String::new(), pieces, braces: self.braces };
        parent.text = parent.with("", "");
        Some(parent)
    }
}

/// The directory a path lies in.
pub(crate) fn parent_of(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    match path.rfind('/') {
        Some(0) => "/",
        Some(at) => path[..at].trim_end_matches('/'),
        None => ".",
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some(Piece::Text(last)) = pieces.last_mut() {
        last.push_str(text);
    } else {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

fn push_in_double_quotes(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_ascii_alphabetic())
        && chars.all(|c| c == '_' || c.is_ascii_alphanumeric())
}

/// Whether the text needs no quotes anywhere: not in a script, and not inside a quoted operand of `sh -c`.
pub(crate) fn is_plain_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | ':' | '=' | '@' | '%' | '+' | ',' | '-')
}

/// Quotes text as one shell word, with no quotes where none are needed.
pub(crate) fn quote(text: &str) -> String {
    if !text.is_empty() && text.chars().all(is_plain_char) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
