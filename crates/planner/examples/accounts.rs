//! Translates account commands: reads `family<TAB>known<TAB>script` lines, writes the script's new text or why not.
//!
//! `known` is what exists before: `;`-separated `U:name:uid:gid`, `G:name:gid`, `H:/directory`. The answer has the kinds
//! of the translations, then the script. The oracle under `tests/oracles/busybox` runs both sides.

use std::io::{BufRead, Write};

#[path = "../tests/support/accounts.rs"]
mod support;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut fields = line.split('\t');
        let (Some(family), Some(known), Some(script)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let answer = support::translated(family, known, &script.replace("\\n", "\n"));
        writeln!(out, "{}\t{}\t{}", answer.kinds.join(","), answer.text.replace('\n', "\\n"), answer.notes.join("; "))?;
    }
    Ok(())
}
