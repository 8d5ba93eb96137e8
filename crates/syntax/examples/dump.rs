//! Prints what the parser makes of each file named on the command line or, one a line, on standard input: one JSON
//! object a line, in the terms of BuildKit's own parser. `tests/oracles/buildkit.py` compares it with BuildKit.

use std::io::{self, BufRead, Write};

use serde_json::{Value, json};
use wolfify_syntax::{
    Arguments, CommandForm, Dockerfile, Flag, Instruction, JsonString, KeyValue, TextRange, Transfer, Word, parse,
};

fn main() -> io::Result<()> {
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        paths = io::stdin().lock().lines().collect::<Result<_, _>>()?;
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    for path in paths {
        let mut object = answer(std::fs::read(&path)?);
        object["path"] = Value::from(path);
        writeln!(out, "{object}")?;
    }
    out.flush()
}

/// What the parser says of a file.
pub(crate) fn answer(bytes: Vec<u8>) -> Value {
    let Ok(text) = String::from_utf8(bytes) else { return json!({"error": "not UTF-8", "instructions": []}) };
    match parse(&text) {
        Ok(dockerfile) => file(&dockerfile),
        Err(error) => {
            let line = text[..usize::from(error.range.start())].matches('\n').count() + 1;
            json!({"error": error.message, "help": error.help, "line": line, "instructions": []})
        }
    }
}

fn file(dockerfile: &Dockerfile) -> Value {
    let instructions: Vec<Value> =
        dockerfile.instructions.iter().map(|instruction| object(dockerfile, instruction)).collect();
    json!({"error": null, "escape": dockerfile.escape.to_string(), "instructions": instructions})
}

fn object(dockerfile: &Dockerfile, instruction: &Instruction) -> Value {
    let (sub, inner) = match &instruction.arguments {
        Arguments::Onbuild(trigger) => (Some(trigger.keyword.as_str()), trigger.as_ref()),
        _ => (None, instruction),
    };
    let (is_json, args) = args(inner);
    let heredocs: Vec<Value> = instruction
        .heredocs
        .iter()
        .chain(inner.heredocs.iter().filter(|_| sub.is_some()))
        .map(|heredoc| {
            json!({
                "name": heredoc.name,
                "fd": heredoc.file_descriptor,
                "expand": heredoc.expand,
                "chomp": heredoc.strip_tabs,
                "opener": dockerfile.slice(heredoc.opener),
                "content": dockerfile.slice(heredoc.body),
            })
        })
        .collect();
    json!({
        "keyword": instruction.keyword.as_str(),
        "start_line": instruction.start_line,
        "end_line": instruction.end_line,
        "sub": sub,
        "original": instruction.joined,
        "json": is_json,
        "flags": flags(&inner.flags),
        "args": args,
        "heredocs": heredocs,
        "ranges": ranges(inner).iter().map(|range| dockerfile.slice(*range)).collect::<Vec<_>>(),
    })
}

/// The flags as written; BuildKit shows them without quotes.
fn flags(flags: &[Flag]) -> Vec<String> {
    flags
        .iter()
        .map(|flag| match &flag.value {
            Some(value) => format!("--{}={}", flag.name, value.text),
            None => format!("--{}", flag.name),
        })
        .collect()
}

fn args(instruction: &Instruction) -> (bool, Vec<String>) {
    let texts = |words: &[Word]| words.iter().map(|word| word.text.clone()).collect();
    let values = |strings: &[JsonString]| strings.iter().map(|string| string.value.clone()).collect();
    let command = |form: &CommandForm| match form {
        CommandForm::Shell { joined, .. } if joined.is_empty() => (false, vec![]),
        CommandForm::Shell { joined, .. } => (false, vec![instruction.joined[*joined].to_owned()]),
        CommandForm::Exec { strings, .. } => (true, values(strings)),
    };
    match &instruction.arguments {
        Arguments::From { image, name: None } => (false, vec![image.text.clone()]),
        Arguments::From { image, name: Some(name) } => {
            (false, vec![image.text.clone(), "AS".into(), name.text.clone()])
        }
        Arguments::Command(form) => command(form),
        Arguments::Healthcheck(None) => (false, vec!["NONE".into()]),
        Arguments::Healthcheck(Some(form)) => {
            let (json, args) = command(form);
            (json, std::iter::once("CMD".to_owned()).chain(args).collect())
        }
        Arguments::Shell(strings) | Arguments::Json(strings) | Arguments::Transfer(Transfer::Json(strings)) => {
            (true, values(strings))
        }
        Arguments::Transfer(Transfer::Plain(words)) | Arguments::Words(words) => (false, texts(words)),
        Arguments::Pairs(pairs) => (false, pairs.iter().flat_map(|pair| pair_args(instruction, pair)).collect()),
        Arguments::Onbuild(trigger) => args(trigger),
    }
}

fn pair_args(instruction: &Instruction, pair: &KeyValue) -> Vec<String> {
    match (&pair.value, instruction.keyword.as_str()) {
        (None, _) => vec![pair.key.text.clone()],
        (Some(value), "ARG") => vec![format!("{}={}", pair.key.text, value.text)],
        (Some(value), _) => {
            let separator = if pair.legacy { "" } else { "=" };
            vec![pair.key.text.clone(), value.text.clone(), separator.to_owned()]
        }
    }
}

/// The places of the words, to be held against their texts.
fn ranges(instruction: &Instruction) -> Vec<TextRange> {
    match &instruction.arguments {
        Arguments::From { image, name } => {
            std::iter::once(image).chain(name).filter(|word| word.contiguous).map(|word| word.range).collect()
        }
        Arguments::Transfer(Transfer::Plain(words)) | Arguments::Words(words) => {
            words.iter().filter(|word| word.contiguous).map(|word| word.range).collect()
        }
        _ => Vec::new(),
    }
}
