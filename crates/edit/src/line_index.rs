//! From byte offsets to the lines and columns people see.

use text_size::TextSize;

/// A position: both numbers count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// Lines end with `\n`.
    pub line: u32,
    /// In characters (Unicode scalar values); a byte order mark is one.
    pub column: u32,
}

/// Finds line and column of an offset in logarithmic time, also on very long lines.
#[derive(Debug, Clone)]
pub struct LineIndex {
    /// Offsets of the first byte of each line.
    lines: Vec<u32>,
    /// For each character of more than one byte: where it ends, and by how much bytes are ahead of characters there.
    wide: Vec<(u32, u32)>,
}

impl LineIndex {
    /// Builds the index in one pass.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut lines = vec![0];
        let mut wide = Vec::new();
        let mut ahead = 0;
        for (offset, character) in text.char_indices() {
            let end = TextSize::try_from(offset + character.len_utf8()).map_or(u32::MAX, u32::from);
            if character == '\n' {
                lines.push(end);
            } else if !character.is_ascii() {
                ahead += u32::from(TextSize::of(character)) - 1;
                wide.push((end, ahead));
            }
        }
        Self { lines, wide }
    }

    /// Line and column of the character at `offset`; of the end of the text when it lies behind.
    #[must_use]
    pub fn line_column(&self, offset: TextSize) -> LineColumn {
        let offset = u32::from(offset);
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = self.lines[line - 1];
        let column = self.characters(offset) - self.characters(start) + 1;
        LineColumn { line: u32::try_from(line).unwrap_or(u32::MAX), column }
    }

    /// How many characters end at or before `offset`.
    fn characters(&self, offset: u32) -> u32 {
        let before = self.wide.partition_point(|&(end, _)| end <= offset);
        offset - before.checked_sub(1).map_or(0, |last| self.wide[last].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let text = "FROM a\r\n# größe €\nRUN x";
        let index = LineIndex::new(text);
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let before = &text[..offset];
            let line = before.matches('\n').count() + 1;
            let column = before[before.rfind('\n').map_or(0, |at| at + 1)..].chars().count() + 1;
            let expected = LineColumn { line: line as u32, column: column as u32 };
            assert_eq!(index.line_column((offset as u32).into()), expected, "offset {offset}");
        }
        assert_eq!(LineIndex::new("").line_column(0.into()), LineColumn { line: 1, column: 1 });
    }
}
