//! `--report`: one page for the people who sign a migration off. It needs nothing but a browser: style, program and
//! data stand in the file, and its own policy forbids it to load anything.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::json;
use wolfify_edit::{EditSet, unified_diff};

use crate::failure;
use crate::pipeline::FileResult;
use crate::problem::documented;
use crate::report::{Summary, serialize};

const HEAD: &str = include_str!("head.html");
const STYLE: &str = include_str!("style.css");
const BODY: &str = include_str!("body.html");
const PROGRAM: &str = include_str!("program.js");

/// What the page knows of one file.
#[derive(Serialize)]
struct Entry<'a> {
    path: &'a str,
    outcome: &'static str,
    changed: bool,
    images: &'a [String],
    findings: Vec<Finding<'a>>,
}

/// What it shows when the file is opened, and reads no sooner.
#[derive(Serialize)]
struct Text<'a> {
    /// The text as it was.
    text: &'a str,
    /// The hunks of a unified diff, without its header.
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<&'a str>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    level: &'static str,
    message: &'a str,
    line: u32,
    end_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'a str>,
}

/// The page as it is written, file by file.
pub(crate) struct Page {
    out: BufWriter<File>,
}

impl Page {
    /// Writes everything before the first file.
    pub(crate) fn new(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).map_err(|error| failure::cannot_write(path, &error))?;
        let mut page = Self { out: BufWriter::with_capacity(64 << 10, file) };
        write!(page.out, "{HEAD}<style>\n{STYLE}</style>\n{BODY}")?;
        Ok(page)
    }

    /// Writes one file's part.
    pub(crate) fn file(&mut self, part: &[u8]) -> io::Result<()> {
        self.out.write_all(part)
    }

    /// Writes the totals and the program that shows it all.
    pub(crate) fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let rules = documented().into_iter().map(|rule| (rule.id.to_owned(), json!(rule.summary)));
        let rules: serde_json::Map<String, serde_json::Value> = rules.collect();
        data(&mut self.out, "summary", &json!({"counts": summary.counts(), "rules": rules}))?;
        write!(self.out, "<script>\n{PROGRAM}</script>\n</body>\n</html>\n")?;
        self.out.flush()
    }
}

/// One file's part of the page.
pub(crate) fn part(result: &FileResult) -> io::Result<Vec<u8>> {
    let fixes = result.findings.iter().filter_map(|finding| finding.fix.as_ref()).filter(|_| result.changed);
    let edits = EditSet::from_fixes(&result.text, fixes).map_err(io::Error::other)?;
    let diff = unified_diff("", "", &edits);
    let hunks = diff.find("\n@@ ").map(|at| &diff[at + 1..]);
    let findings = result.findings.iter().map(|finding| Finding {
        rule: finding.rule,
        level: finding.level.as_str(),
        message: &finding.message,
        line: finding.start.line,
        end_line: finding.end.line,
        fix: finding.fix.as_ref().map(|fix| fix.title.as_str()),
    });
    let entry = Entry {
        path: &result.path,
        outcome: result.outcome.as_str(),
        changed: result.changed,
        images: &result.images,
        findings: findings.collect(),
    };
    let mut part = Vec::new();
    data(&mut part, "file", &entry)?;
    if result.changed || !result.findings.is_empty() {
        data(&mut part, "text", &Text { text: &result.text, diff: hunks })?;
    }
    Ok(part)
}

/// A value where the program finds it, and where a browser does not take it for markup.
fn data(out: &mut impl Write, class: &str, value: &impl Serialize) -> io::Result<()> {
    let mut json = Vec::new();
    serialize(&mut json, value)?;
    write!(out, "<script type=\"application/json\" class=\"{class}\">")?;
    for piece in json.split_inclusive(|&byte| byte == b'<') {
        match piece.strip_suffix(b"<") {
            Some(before) => {
                out.write_all(before)?;
                out.write_all(b"\\u003c")?;
            }
            None => out.write_all(piece)?,
        }
    }
    writeln!(out, "</script>")
}
