//! Docker's own word lexer: quotes, escapes, `$` expansion and heredoc operators in an instruction's arguments.
//!
//! It follows `frontend/dockerfile/shell` of moby/buildkit, its oddities included, because the position of heredocs and
//! the value of every expanded word hang on them.

mod pattern;

use std::ops::Range;

/// Nested `${…}` deeper than this is refused, so that a hostile file cannot exhaust the stack.
const MAX_DEPTH: usize = 128;

/// Where the lexer asks for variables.
pub(crate) trait Variables {
    /// The value of `name`, or `None` when it is not set.
    fn get(&mut self, name: &str) -> Option<String>;

    /// A mark to go back to with [`Variables::forget`].
    fn mark(&self) -> usize {
        0
    }

    /// Forgets that the variables asked for since `mark` took part in the result.
    fn forget(&mut self, _mark: usize) {}
}

/// No variable is set.
#[derive(Debug)]
pub(crate) struct NoVariables;

impl Variables for NoVariables {
    fn get(&mut self, _name: &str) -> Option<String> {
        None
    }
}

/// What the lexer leaves in place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// `\` or `` ` ``.
    pub(crate) escape: char,
    /// Keep quotes in the result.
    pub(crate) raw_quotes: bool,
    /// Keep escape tokens in the result.
    pub(crate) raw_escapes: bool,
    /// Quotes mean nothing.
    pub(crate) ignore_quotes: bool,
    /// Keep `$name` as written when it is not set.
    pub(crate) keep_unset: bool,
}

impl Options {
    /// Everything is processed.
    pub(crate) fn new(escape: char) -> Self {
        Self { escape, raw_quotes: false, raw_escapes: false, ignore_quotes: false, keep_unset: false }
    }
}

/// A word of the result and the place in the input that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LexedWord {
    pub(crate) text: String,
    pub(crate) range: Range<usize>,
}

/// The whole result and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lexed {
    pub(crate) result: String,
    pub(crate) words: Vec<LexedWord>,
}

/// Lexes `text`; the error is a message in Docker's words.
pub(crate) fn lex(text: &str, options: Options, variables: &mut dyn Variables) -> Result<Lexed, String> {
    // The scanner that BuildKit uses skips a byte order mark at the very start.
    let position = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lexer = Lexer {
        text,
        position,
        options,
        raw_escapes: options.raw_escapes,
        variables,
        buffer: String::new(),
        buffer_range: 0..0,
        depth: 0,
    };
    lexer.until(None, options.raw_escapes)
}

struct Lexer<'a> {
    text: &'a str,
    position: usize,
    options: Options,
    raw_escapes: bool,
    variables: &'a mut dyn Variables,
    /// The word being built. BuildKit shares it between nesting levels, so that a nested word empties the outer one.
    buffer: String,
    buffer_range: Range<usize>,
    depth: usize,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.position..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.position += c.len_utf8();
        Some(c)
    }

    /// Adds to the word being built what came from `start` up to the current position.
    fn add(&mut self, text: &str, start: usize) {
        if text.is_empty() {
            return;
        }
        if self.buffer.is_empty() {
            self.buffer_range.start = start;
        }
        self.buffer_range.end = self.position;
        self.buffer.push_str(text);
    }

    fn take_word(&mut self, words: &mut Vec<LexedWord>) {
        if !self.buffer.is_empty() {
            words.push(LexedWord { text: std::mem::take(&mut self.buffer), range: self.buffer_range.clone() });
        }
    }

    /// Adds expanded text, in which blanks separate words.
    fn add_split(&mut self, text: &str, start: usize, in_word: &mut bool, words: &mut Vec<LexedWord>) {
        for c in text.chars() {
            if !c.is_whitespace() {
                self.add(c.encode_utf8(&mut [0; 4]), start);
                *in_word = true;
            } else if *in_word && !self.buffer.is_empty() {
                self.take_word(words);
                *in_word = false;
            }
        }
    }

    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<Lexed, String> {
        let saved = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let lexed = self.until_inner(stop);
        self.raw_escapes = saved;
        lexed
    }

    fn until_inner(&mut self, stop: Option<char>) -> Result<Lexed, String> {
        let mut result = String::new();
        let mut words = Vec::new();
        let mut in_word = false;
        self.buffer.clear();
        while let Some(c) = self.peek() {
            let start = self.position;
            if Some(c) == stop {
                self.next();
                self.take_word(&mut words);
                return Ok(Lexed { result, words });
            }
            match c {
                '$' => {
                    let value = self.dollar()?;
                    result.push_str(&value);
                    self.add_split(&value, start, &mut in_word, &mut words);
                }
                '<' | '\'' | '"' if c == '<' || !self.options.ignore_quotes => {
                    let value = match c {
                        '<' => self.heredoc_operator(),
                        '\'' => self.single_quotes()?,
                        _ => self.double_quotes()?,
                    };
                    result.push_str(&value);
                    self.add(&value, start);
                    in_word = true;
                }
                _ if c == self.options.escape => {
                    self.next();
                    if self.raw_escapes {
                        self.add(c.encode_utf8(&mut [0; 4]), start);
                        result.push(c);
                    }
                    let Some(escaped) = self.next() else { break };
                    self.add(escaped.encode_utf8(&mut [0; 4]), start);
                    in_word = true;
                    result.push(escaped);
                }
                _ => {
                    self.next();
                    self.add_split(c.encode_utf8(&mut [0; 4]), start, &mut in_word, &mut words);
                    result.push(c);
                }
            }
        }
        if let Some(stop) = stop {
            return Err(format!("unexpected end of statement while looking for matching {stop}"));
        }
        self.take_word(&mut words);
        Ok(Lexed { result, words })
    }

    fn single_quotes(&mut self) -> Result<String, String> {
        let start = self.position;
        self.next();
        let inner = &self.text[self.position..];
        let Some(length) = inner.find('\'') else {
            return Err("unexpected end of statement while looking for matching single-quote".to_owned());
        };
        self.position += length + 1;
        let quoted = if self.options.raw_quotes { &self.text[start..self.position] } else { &inner[..length] };
        Ok(quoted.to_owned())
    }

    fn double_quotes(&mut self) -> Result<String, String> {
        let mut result = String::new();
        self.next();
        if self.options.raw_quotes {
            result.push('"');
        }
        loop {
            match self.peek() {
                None => {
                    return Err("unexpected end of statement while looking for matching double-quote".to_owned());
                }
                Some('"') => {
                    self.next();
                    if self.options.raw_quotes {
                        result.push('"');
                    }
                    return Ok(result);
                }
                Some('$') => result.push_str(&self.dollar()?),
                Some(c) if c == self.options.escape => {
                    self.next();
                    if self.raw_escapes {
                        result.push(c);
                    }
                    match self.peek() {
                        None => {}
                        Some(escaped) if escaped == '"' || escaped == '$' || escaped == c => {
                            self.next();
                            result.push(escaped);
                        }
                        Some(_) => result.push(c),
                    }
                }
                Some(c) => {
                    self.next();
                    result.push(c);
                }
            }
        }
    }

    /// `<<` takes the blanks after it with it, so that `<< NAME` is one word.
    fn heredoc_operator(&mut self) -> String {
        let start = self.position;
        self.next();
        if self.peek() == Some('<') {
            self.next();
            while matches!(self.peek(), Some('\t' | '\r' | ' ')) {
                self.next();
            }
        }
        self.text[start..self.position].to_owned()
    }

    fn name(&mut self) -> String {
        let rest = &self.text[self.position..];
        let Some(first) = rest.chars().next() else { return String::new() };
        let length = if is_digit(first) {
            rest.find(|c: char| !is_digit(c)).unwrap_or(rest.len())
        } else if matches!(first, '@' | '*' | '#' | '?' | '-' | '$' | '!') {
            first.len_utf8()
        } else {
            rest.find(|c: char| !(c.is_alphabetic() || is_digit(c) || c == '_')).unwrap_or(rest.len())
        };
        self.position += length;
        rest[..length].to_owned()
    }

    fn dollar(&mut self) -> Result<String, String> {
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            let value = self.variables.get(&name);
            return Ok(match value {
                None if self.options.keep_unset => format!("${name}"),
                value => value.unwrap_or_default(),
            });
        }
        self.next();
        match self.peek() {
            None => return Err("syntax error: missing '}'".to_owned()),
            Some('{' | '}' | ':') => return Err("syntax error: bad substitution".to_owned()),
            Some(_) => {}
        }
        if self.depth == MAX_DEPTH {
            return Err("substitutions are nested too deeply".to_owned());
        }
        self.depth += 1;
        let name = self.name();
        let value = self.braced(&name);
        self.depth -= 1;
        value
    }

    /// What follows the name in `${name…}`.
    fn braced(&mut self, name: &str) -> Result<String, String> {
        match self.next() {
            Some('}') => {
                let value = self.variables.get(name);
                Ok(match value {
                    None if self.options.keep_unset => format!("${{{name}}}"),
                    value => value.unwrap_or_default(),
                })
            }
            Some(':') => {
                let operator = self.next();
                match operator {
                    Some('#' | '%') => Err(unsupported(":", operator)),
                    _ => self.modifier(name, operator, true),
                }
            }
            operator @ Some('+' | '-' | '?' | '#' | '%') => self.modifier(name, operator, false),
            Some('/') => self.replacement(name),
            operator => Err(unsupported("", operator)),
        }
    }

    fn modifier(&mut self, name: &str, operator: Option<char>, null_is_unset: bool) -> Result<String, String> {
        let trims = matches!(operator, Some('#' | '%'));
        let mark = self.variables.mark();
        let word = self.until(Some('}'), trims).map_err(|error| self.missing(error, "syntax error: missing '}'"))?;
        let word = word.result;
        let after_word = self.variables.mark();
        let value = self.variables.get(name);
        let colon = if null_is_unset { ":" } else { "" };
        if value.is_none() && self.options.keep_unset {
            let operator = operator.map(String::from).unwrap_or_default();
            return Ok(format!("${{{name}{colon}{operator}{word}}}"));
        }
        let absent = value.as_ref().is_none_or(|value| null_is_unset && value.is_empty());
        let value = value.unwrap_or_default();
        let (result, word_used) = match operator {
            Some('-') if absent => (word, true),
            Some('-') => (value, false),
            Some('+') if absent => (String::new(), false),
            Some('+') => (word, true),
            Some('?') if absent => {
                let message = if word.is_empty() { "is not allowed to be unset or empty" } else { &word };
                return Err(format!("{name}: {message}"));
            }
            Some('?') => (value, false),
            Some('#') => (pattern::trim_prefix(&word, &value)?, true),
            Some('%') => (pattern::trim_suffix(&word, &value)?, true),
            _ => return Err(unsupported(colon, operator)),
        };
        if !word_used && after_word > mark {
            // The word took no part: only the variable itself decided.
            self.variables.forget(mark);
            self.variables.get(name);
        }
        Ok(result)
    }

    fn replacement(&mut self, name: &str) -> Result<String, String> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let pattern =
            self.until(Some('/'), true).map_err(|error| self.missing(error, "syntax error: missing '/' in ${}"))?;
        let with = self.until(Some('}'), true).map_err(|error| self.missing(error, "syntax error: missing '}'"))?;
        let value = self.variables.get(name);
        if value.is_none() && self.options.keep_unset {
            return Ok(format!("${{{name}/{}/{}}}", pattern.result, with.result));
        }
        pattern::replace(&pattern.result, &with.result, &value.unwrap_or_default(), all)
    }

    fn missing(&self, error: String, at_end: &str) -> String {
        if self.peek().is_none() { at_end.to_owned() } else { error }
    }
}

fn unsupported(colon: &str, operator: Option<char>) -> String {
    let operator = operator.map(String::from).unwrap_or_default();
    format!("unsupported modifier ({colon}{operator}) in substitution")
}

fn is_digit(c: char) -> bool {
    // Go's unicode.IsDigit is the general category Nd, which std does not offer; outside ASCII only letters and
    // digits together decide where a name ends, so numeric characters serve.
    c.is_ascii_digit() || (!c.is_ascii() && c.is_numeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Env(&'static [(&'static str, &'static str)]);

    impl Variables for Env {
        fn get(&mut self, name: &str) -> Option<String> {
            self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        }
    }

    fn expand(text: &str) -> Result<String, String> {
        let mut env = Env(&[("A", "one"), ("E", ""), ("V", "1.2.3"), ("P", "/usr/local/bin")]);
        lex(text, Options::new('\\'), &mut env).map(|lexed| lexed.result)
    }

    fn words(text: &str) -> Vec<String> {
        let options = Options { raw_quotes: true, raw_escapes: true, keep_unset: true, ..Options::new('\\') };
        let lexed = lex(text, options, &mut NoVariables);
        lexed.map(|lexed| lexed.words.into_iter().map(|word| word.text).collect()).unwrap_or_default()
    }

    #[test]
    fn expands_as_docker_does() {
        for (input, expected) in [
            ("$A", "one"),
            ("x${A}y", "xoney"),
            ("\"$A $B\"", "one "),
            ("'$A'", "$A"),
            ("\\$A", "$A"),
            ("\"\\$A\"", "$A"),
            ("\"\\x\"", "\\x"),
            ("${B:-two}", "two"),
            ("${E:-two}", "two"),
            ("${E-two}", ""),
            ("${A:+set}${B:+set}", "set"),
            ("${B:-${A}}", "one"),
            ("${A:?no}", "one"),
            ("${V%.*}", "1.2"),
            ("${V%%.*}", "1"),
            ("${V#*.}", "2.3"),
            ("${V##*.}", "3"),
            ("${V/./-}", "1-2.3"),
            ("${V//./-}", "1-2-3"),
            ("${P//\\//_}", "_usr_local_bin"),
            ("$", "$"),
            ("a$", "a$"),
            ("$1x", "x"),
            ("a\\", "a"),
        ] {
            assert_eq!(expand(input).as_deref(), Ok(expected), "{input}");
        }
        for input in ["${", "${}", "${:x}", "${A", "${A:#x}", "${B?gone}", "'a", "\"a", "${A:0:1}", "${A!x}"] {
            assert!(expand(input).is_err(), "{input}");
        }
    }

    #[test]
    fn keeps_heredoc_words_together() {
        assert_eq!(words("cat << EOF >/x"), ["cat", "<< EOF", ">/x"]);
        assert_eq!(words("cat <<\"E F\""), ["cat", "<<\"E F\""]);
        assert_eq!(words("cat \"<<EOF\""), ["cat", "\"<<EOF\""]);
        assert_eq!(words("echo ${x:0:1} <<EOF"), ["echo", "${x:0:1}", "<<EOF"]);
        assert_eq!(words("echo ${x!} <<EOF"), Vec::<String>::new());
        // A nested word empties the outer one in BuildKit as well.
        assert_eq!(words("ab${x:-c}d"), ["${x:-c}d"]);
    }

    #[test]
    fn refuses_deep_nesting() {
        let deep = "${a:-".repeat(10_000);
        assert!(expand(&deep).is_err());
    }
}
