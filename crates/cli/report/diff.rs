//! Unified diffs, coloured on a terminal.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::output::{Palette, printable_but};
use crate::pipeline::FileResult;

/// The diff of one file. Without colour it is passed on byte for byte, for `git apply`; but not to a terminal, which the
/// words of a file must not drive.
pub(crate) fn file(out: &mut impl Write, palette: Palette, watched: bool, result: &FileResult) -> io::Result<()> {
    let Palette { bold, note, added, removed, .. } = palette;
    let output = if watched { visible(&result.output) } else { Cow::Borrowed(result.output.as_slice()) };
    if bold.is_plain() {
        return out.write_all(&output);
    }
    for (index, line) in output.split_inclusive(|&byte| byte == b'\n').enumerate() {
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

/// Tabs and the ends of lines stay as they are.
fn visible(diff: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = std::str::from_utf8(diff) else { return Cow::Borrowed(diff) };
    let line = |line: &str| {
        let text = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        printable_but(text, &['\t']) + &line[text.len()..]
    };
    Cow::Owned(text.split_inclusive('\n').map(line).collect::<String>().into_bytes())
}
