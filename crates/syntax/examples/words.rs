//! Prints the words of every simple command of the RUN instructions of Dockerfiles, as JSON lines.
//!
//! Reads paths from standard input, one a line. Each line of output is one script: `text`, `commands` (the words of the
//! commands outside substitutions and quoted operands) and, for a script without a tree, `reason`. With `--time` it
//! parses everything once more and prints the speed on standard error. `tests/oracles/shfmt.py` compares this with what
//! shfmt reads.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::{BufRead, Write};
use std::time::Instant;

use wolfify_syntax::shell::{Dialect, ShellScript, instruction_scripts, parse_script};
use wolfify_syntax::{Arguments, CommandForm, Keyword, parse};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut scripts = Vec::new();
    for path in std::io::stdin().lock().lines() {
        let path = path?;
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (line, script) in run_scripts(&text) {
            writeln!(out, "{}", report(&path, line, &script))?;
            scripts.push(script);
        }
    }
    if std::env::args().any(|argument| argument == "--time") {
        time(&scripts);
    }
    Ok(())
}

fn run_scripts(text: &str) -> Vec<(u32, ShellScript)> {
    let Ok(dockerfile) = parse(text) else { return Vec::new() };
    let mut dialect = Dialect::Sh;
    let mut found = Vec::new();
    for instruction in &dockerfile.instructions {
        match &instruction.arguments {
            Arguments::From { .. } => dialect = Dialect::Sh,
            Arguments::Shell(strings) => {
                let words: Vec<String> = strings.iter().map(|string| string.value.clone()).collect();
                dialect = Dialect::of_command(&words);
            }
            Arguments::Command(CommandForm::Shell { .. }) if instruction.keyword == Keyword::Run => {
                let scripts = instruction_scripts(instruction, &dialect, text);
                found.extend(scripts.into_iter().map(|script| (instruction.start_line, script)));
            }
            _ => {}
        }
    }
    found
}

fn report(path: &str, line: u32, script: &ShellScript) -> serde_json::Value {
    let mut commands = Vec::new();
    script.visit(&mut |command, context| {
        if context.depth == 0 {
            let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
            commands.push(words);
        }
    });
    let reason = script.list.as_ref().err().map(|opaque| &opaque.reason);
    let shell = !matches!(script.dialect, Dialect::Other(_));
    serde_json::json!({
        "path": path, "line": line, "shell": shell, "text": script.text, "commands": commands, "reason": reason
    })
}

fn time(scripts: &[ShellScript]) {
    let bytes: usize = scripts.iter().map(|script| script.text.len()).sum();
    let start = Instant::now();
    let read =
        scripts.iter().filter(|script| parse_script(&script.text, &script.map, script.dialect.clone()).list.is_ok());
    let count = read.count();
    let seconds = start.elapsed().as_secs_f64();
    let speed = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / seconds / 1e6;
    eprintln!("{count} of {} scripts, {bytes} bytes, {seconds:.2} s, {speed:.1} MB/s", scripts.len());
}
