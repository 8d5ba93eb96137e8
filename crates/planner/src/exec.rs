//! Edits in the exec form, where every word is a JSON string.

use std::collections::HashMap;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::{Arguments, CommandForm};

use crate::commands::CommandCx;
use crate::words::{WordEdit, WordFate};

/// Writes the whole array anew: words that stay as they are written, new ones quoted.
pub(crate) fn edits(cx: &CommandCx<'_>, words: &[WordEdit]) -> Vec<Edit> {
    let arguments = match &cx.file.instruction(cx.id.instruction).arguments {
        Arguments::Onbuild(inner) => &inner.arguments,
        arguments => arguments,
    };
    let (Arguments::Command(CommandForm::Exec { strings, range })
    | Arguments::Healthcheck(Some(CommandForm::Exec { strings, range }))) = arguments
    else {
        return Vec::new();
    };
    let fates: HashMap<TextRange, &WordFate> = words.iter().rev().map(|word| (word.range, &word.fate)).collect();
    let mut out: Vec<String> = Vec::new();
    for string in strings {
        let inside = TextRange::new(
            string.range.start() + text_size::TextSize::from(1),
            string.range.end() - text_size::TextSize::from(1),
        );
        match fates.get(&inside) {
            Some(WordFate::Delete) => {}
            Some(WordFate::Replace(texts)) => out.extend(texts.iter().map(|text| quote(text))),
            Some(WordFate::Keep) | None => out.push(cx.file.text[string.range].to_owned()),
        }
    }
    vec![Edit::replace(*range, format!("[{}]", out.join(", ")))]
}

/// A JSON string.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
