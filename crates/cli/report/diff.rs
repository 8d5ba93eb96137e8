//! Unified diffs, coloured on a terminal.

use std::io::{self, Write};

use crate::output::Palette;
use crate::pipeline::FileResult;

/// The diff of one file. Without colour it is passed on byte for byte, for `git apply`.
pub(crate) fn file(out: &mut impl Write, palette: Palette, result: &FileResult) -> io::Result<()> {
    let Palette { bold, note, added, removed, .. } = palette;
    if bold.is_plain() {
        return out.write_all(&result.output);
    }
    for (index, line) in result.output.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let style = match line[0] {
            // The header; further down a line may begin like one.
            _ if index < 2 => bold,
            b'@' => note,
            b'+' => added,
            b'-' => removed,
            _ => anstyle::Style::new(),
        };
        let (text, end) = line.split_at(line.len() - usize::from(line.ends_with(b"\n")));
        write!(out, "{style}")?;
        out.write_all(text)?;
        write!(out, "{style:#}")?;
        out.write_all(end)?;
    }
    Ok(())
}
