//! Names for findings that stay the same while the file around them changes.

use std::collections::HashMap;

use ring::digest::{Context, SHA256};

use crate::pipeline::FileResult;

/// One fingerprint for each finding of a file: a hash of the rule and of the words it is about, and which of several
/// equal ones it is. Lines above may come and go, indentation may change, the message may be put better.
pub(crate) fn of(result: &FileResult) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let findings = result.findings.iter();
    findings
        .map(|finding| {
            let words = words_at(&result.text, finding.range.start().into(), finding.range.end().into());
            let hash = digest(&[finding.rule, &words]);
            let count = seen.entry(hash.clone()).or_insert(0);
            *count += 1;
            format!("{hash}:{count}")
        })
        .collect()
}

/// The first half of a SHA-256 over the parts, in hexadecimal.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    context.finish().as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The words of a range; for an empty one those of its line.
fn words_at(text: &str, start: usize, end: usize) -> String {
    let range = if start < end {
        text.get(start..end)
    } else {
        text.get(..start).and_then(|before| {
            let begin = before.rfind('\n').map_or(0, |at| at + 1);
            text[begin..].lines().next()
        })
    };
    range.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
