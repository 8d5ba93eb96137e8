//! What is to be done, to be reviewed and then applied as it is.

use std::io::{self, Write};

use ring::digest::{SHA256, digest};
use serde::Serialize;
use wolfify_edit::{Edit, EditSet};

use crate::pipeline::FileResult;
use crate::report::{Frame, serialize};

/// Between files.
pub(crate) const FRAME: Frame = Frame { before_first: "\n", between: ",\n" };

/// How a plan can be told from a Dockerfile.
pub(crate) const BEGINNING: &str = "{\"wolfify_plan\":";

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    outcome: &'static str,
    sha256: String,
    new_sha256: String,
    edits: Vec<PlannedEdit<'a>>,
}

#[derive(Serialize)]
struct PlannedEdit<'a> {
    start: u32,
    end: u32,
    text: &'a str,
}

/// The beginning of the document.
pub(crate) fn begin(out: &mut impl Write) -> io::Result<()> {
    write!(out, "{BEGINNING}1,\n\"files\":[")
}

/// One file, if it changes.
pub(crate) fn file(out: &mut impl Write, result: &FileResult) -> io::Result<()> {
    if !result.changed {
        return Ok(());
    }
    let fixes = result.findings.iter().filter_map(|finding| finding.fix.as_ref());
    let edits = EditSet::from_fixes(&result.text, fixes).map_err(io::Error::other)?;
    let all: Vec<Edit> = edits.edits().map(|(range, text)| Edit { range, text: text.to_owned() }).collect();
    let planned = all.iter().map(|edit| PlannedEdit {
        start: edit.range.start().into(),
        end: edit.range.end().into(),
        text: &edit.text,
    });
    let file = File {
        path: &result.path,
        outcome: result.outcome.as_str(),
        sha256: sha256(result.text.as_bytes()),
        new_sha256: sha256(edits.apply().as_bytes()),
        edits: planned.collect(),
    };
    serialize(out, &file)
}

/// The end of the document.
pub(crate) fn end(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "]}}")
}

/// In hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
