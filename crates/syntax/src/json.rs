//! JSON arrays of strings, as Go's `encoding/json` accepts them, with the place of every decoded byte.

use std::ops::Range;

/// Go refuses deeper nesting.
const MAX_DEPTH: usize = 10_000;

/// What BuildKit makes of arguments that may be a JSON array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Array {
    /// Not a JSON array: the plain form.
    No,
    /// A JSON array with something else than strings in it, which is an error.
    NotStrings,
    /// An array of strings.
    Strings(Vec<RawString>),
}

/// A string with its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawString {
    pub(crate) value: String,
    pub(crate) range: Range<usize>,
    /// Verbatim pieces: offset in `value` and where they stand in the text.
    pub(crate) pieces: Vec<(usize, Range<usize>)>,
}

/// Reads `text[within]`.
pub(crate) fn array(text: &str, within: Range<usize>) -> Array {
    let start = within.end - text[within.clone()].trim_start().len();
    if !text[start..within.end].starts_with('[') {
        return Array::No;
    }
    let mut reader = Reader { text, at: start, end: within.end };
    reader.top_array().unwrap_or(Array::No)
}

/// Decodes the string that is the whole of `text[within]`, quotes included.
pub(crate) fn string(text: &str, within: Range<usize>) -> Option<RawString> {
    let mut reader = Reader { text, at: within.start, end: within.end };
    if reader.peek() != Some(b'"') {
        return None;
    }
    reader.string().filter(|string| string.range == within)
}

/// What a value of a nested structure has to be followed by.
enum Open {
    Array,
    Object,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    end: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        (self.at < self.end).then(|| self.text.as_bytes()[self.at])
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn top_array(&mut self) -> Option<Array> {
        let mut strings = Vec::new();
        let mut only_strings = true;
        self.eat(b'[');
        self.blanks();
        if !self.eat(b']') {
            loop {
                self.blanks();
                if self.peek() == Some(b'"') {
                    strings.push(self.string()?);
                } else {
                    only_strings = false;
                    self.value()?;
                }
                self.blanks();
                if self.eat(b']') {
                    break;
                }
                if !self.eat(b',') {
                    return None;
                }
            }
        }
        self.blanks();
        let array = if only_strings { Array::Strings(strings) } else { Array::NotStrings };
        (self.at == self.end).then_some(array)
    }

    /// Checks any JSON value; a loop in place of recursion, so that depth costs no stack.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.blanks();
            let closed = match self.peek()? {
                b'[' => {
                    self.at += 1;
                    open.push(Open::Array);
                    self.blanks();
                    self.peek() == Some(b']')
                }
                b'{' => {
                    self.at += 1;
                    open.push(Open::Object);
                    self.blanks();
                    let empty = self.peek() == Some(b'}');
                    if !empty {
                        self.key()?;
                    }
                    empty
                }
                _ => {
                    self.scalar()?;
                    true
                }
            };
            if open.len() >= MAX_DEPTH {
                return None;
            }
            if closed && self.close(&mut open)? {
                return Some(());
            }
        }
    }

    /// After a value: closes what ends here and steps over a comma. True when everything is closed.
    fn close(&mut self, open: &mut Vec<Open>) -> Option<bool> {
        loop {
            // Only inside something may a blank follow here; outside it is the caller's.
            match open.last() {
                None => return Some(true),
                Some(_) => self.blanks(),
            }
            match open.last()? {
                Open::Array if self.eat(b']') => drop(open.pop()),
                Open::Object if self.eat(b'}') => drop(open.pop()),
                Open::Array => return self.eat(b',').then_some(false),
                Open::Object => {
                    if !self.eat(b',') {
                        return None;
                    }
                    self.blanks();
                    self.key()?;
                    return Some(false);
                }
            }
        }
    }

    fn key(&mut self) -> Option<()> {
        if self.peek() != Some(b'"') {
            return None;
        }
        self.string()?;
        self.blanks();
        self.eat(b':').then_some(())
    }

    fn scalar(&mut self) -> Option<()> {
        let rest = &self.text[self.at..self.end];
        for literal in ["true", "false", "null"] {
            if rest.starts_with(literal) {
                self.at += literal.len();
                return Some(());
            }
        }
        match self.peek()? {
            b'"' => self.string().map(drop),
            _ => self.number(),
        }
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }
        // Go fails on a number that does not fit, which makes the whole thing "not JSON".
        self.text[start..self.at].parse::<f64>().ok().filter(|number| number.is_finite()).map(drop)
    }

    fn string(&mut self) -> Option<RawString> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        let mut pieces = Vec::new();
        loop {
            let run = &self.text[self.at..self.end];
            let length = run.find(|c: char| matches!(c, '"' | '\\') || c < ' ')?;
            if length > 0 {
                pieces.push((value.len(), self.at..self.at + length));
                value.push_str(&run[..length]);
            }
            self.at += length;
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(RawString { value, range: start..self.at, pieces });
                }
                b'\\' => value.push(self.escape()?),
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        self.at += 1;
        let c = match self.peek()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return None,
        };
        self.at += 1;
        Some(c)
    }

    /// `\uXXXX`, perhaps a surrogate pair; half a pair becomes U+FFFD as in Go.
    fn unicode_escape(&mut self) -> Option<char> {
        let first = self.hex4()?;
        if !(0xD800..0xDC00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let back = self.at;
        if self.eat(b'\\')
            && self.eat(b'u')
            && let Some(second @ 0xDC00..=0xDFFF) = self.hex4()
        {
            return char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
        }
        self.at = back;
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.as_bytes().get(self.at..(self.at + 4).min(self.end))?;
        if digits.len() != 4 {
            return None;
        }
        let value = digits.iter().try_fold(0, |value, byte| Some(value * 16 + char::from(*byte).to_digit(16)?))?;
        self.at += 4;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> Option<Vec<String>> {
        match array(text, 0..text.len()) {
            Array::Strings(strings) => Some(strings.into_iter().map(|string| string.value).collect()),
            _ => None,
        }
    }

    #[test]
    fn reads_arrays() {
        assert_eq!(strings("[]"), Some(vec![]));
        assert_eq!(strings(" [ \"a\" , \"b c\" ] "), Some(vec!["a".into(), "b c".into()]));
        assert_eq!(strings(r#"["\u00e9\n\"\ud83d\ude00\ud800x"]"#), Some(vec!["é\n\"😀\u{fffd}x".into()]));
        let plain = [
            "[",
            "[a]",
            "['a']",
            r#"["a" "b"]"#,
            r#"["a",]"#,
            r#"["a"] b"#,
            r#"["a"#,
            "[1e999]",
            r#"["\x"]"#,
            "[01]",
            "[{a\":1}]",
            "[{\"a\":1,}]",
            "[[1,]]",
        ];
        for text in plain {
            assert_eq!(array(text, 0..text.len()), Array::No, "{text}");
        }
        for text in ["[1]", r#"["a", null]"#, r#"[["a"], {"b": [1, {}]}]"#, "[-1.5e+3, true, false]", "[[[ ] ] , {} ]"]
        {
            assert_eq!(array(text, 0..text.len()), Array::NotStrings, "{text}");
        }
        let deep = "[".repeat(20_000);
        assert_eq!(array(&deep, 0..deep.len()), Array::No);
    }

    #[test]
    fn knows_where_bytes_come_from() {
        let text = r#"x ["a\tbc"]"#;
        let Array::Strings(strings) = array(text, 2..text.len()) else { panic!("not an array") };
        assert_eq!(strings[0].value, "a\tbc");
        assert_eq!(strings[0].range, 3..10);
        assert_eq!(strings[0].pieces, [(0, 4..5), (2, 7..9)]);
    }
}
