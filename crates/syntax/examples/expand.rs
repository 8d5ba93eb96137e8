//! Expands words, one JSON string a line on standard input, with the variables given as `NAME=value` arguments.
//! `tests/oracles/buildkit_expand.py` compares the results with BuildKit's.

use std::io::{self, BufRead, Write};

use serde_json::json;
use wolfify_syntax::parse;

fn main() -> io::Result<()> {
    let variables: Vec<String> = std::env::args()
        .skip(1)
        .map(|variable| {
            let (name, value) = variable.split_once('=').expect("NAME=value");
            format!("ENV {name}='{value}'\n")
        })
        .collect();
    let file = format!("FROM scratch\n{}", variables.concat());
    let dockerfile = parse(&file).map_err(io::Error::other)?;
    let evaluation = dockerfile.evaluate();
    let scope = evaluation.scope_after(dockerfile.instructions.len() - 1);
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let word: String = serde_json::from_str(&line?)?;
        let expansion = scope.expand(&word);
        let result = expansion.as_ref().ok().and_then(|expansion| expansion.value.text()).unwrap_or_default();
        writeln!(out, "{}", json!({"ok": expansion.is_ok(), "result": result}))?;
    }
    out.flush()
}
