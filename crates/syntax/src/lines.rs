//! Physical lines and character classes, as BuildKit's parser sees them.

use text_size::{TextRange, TextSize};

use crate::error::ParseError;

/// Longest line BuildKit reads, in bytes, without its line feed (Go's `bufio.MaxScanTokenSize - 1`).
const MAX_LINE: usize = 65_535;

/// A physical line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    /// First byte.
    pub(crate) start: usize,
    /// Behind the last byte that is not part of the line ending (every trailing CR and LF is).
    pub(crate) end: usize,
    /// From 1.
    pub(crate) number: u32,
}

/// Reads a text line by line.
#[derive(Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    next: usize,
    number: u32,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str, start: usize) -> Self {
        Self { text, next: start, number: 0 }
    }

    /// The number of the line read last.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// The offset at which the next line starts.
    pub(crate) fn offset(&self) -> usize {
        self.next
    }

    /// The next line, or `None` at the end of the text.
    pub(crate) fn next_line(&mut self) -> Result<Option<Line>, ParseError> {
        let start = self.next;
        if start == self.text.len() {
            return Ok(None);
        }
        let rest = &self.text[start..];
        let length = rest.find('\n').unwrap_or(rest.len());
        self.next = (start + length + 1).min(self.text.len());
        self.number += 1;
        if length > MAX_LINE {
            return Err(ParseError::new(
                range(start, start + length),
                format!("line {} is longer than the {MAX_LINE} bytes that BuildKit reads", self.number),
                "break the line with continuations, or move the data to a file and COPY it",
            ));
        }
        let end = start + rest[..length].trim_end_matches('\r').len();
        Ok(Some(Line { start, end, number: self.number }))
    }
}

/// A range from byte offsets; `parse` has made sure that they fit.
pub(crate) fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(size(start), size(end))
}

/// A size from a byte count; `parse` has made sure that it fits.
pub(crate) fn size(bytes: usize) -> TextSize {
    TextSize::try_from(bytes).expect("impossible: the text is shorter than 4 GiB")
}

/// The blanks that separate a keyword from its arguments and plain arguments from each other: `[\t\v\f\r ]`.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\x0b' | '\x0c' | '\r' | ' ')
}

/// Whether BuildKit, which looks for the end of a flag byte by byte, takes a byte of `c` for a blank.
///
/// `0x85` and `0xA0` are blanks in Latin-1, so a character with such a byte in its UTF-8 form ends a flag.
pub(crate) fn ends_flag(c: char) -> bool {
    if c.is_ascii() {
        return is_blank(c) || c == '\n';
    }
    c.encode_utf8(&mut [0; 4]).bytes().any(|byte| matches!(byte, 0x85 | 0xA0))
}

/// The one-to-one lower case that Go's `strings.ToLower` uses.
pub(crate) fn go_lower(text: &str) -> String {
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}
