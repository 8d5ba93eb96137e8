//! What ends a run before it has begun: files named on the command line or in a configuration that cannot be used. One line
//! each, `path:line:column: what; what to do`.

use std::io;
use std::path::Path;

use anyhow::anyhow;

use crate::output::{printable, relative};

/// A file that cannot be read.
pub(crate) fn cannot_read(path: &Path, error: &io::Error) -> anyhow::Error {
    at(path, 1, 1, &unread(error))
}

/// What happened to a file that could not be read, and what to do.
pub(crate) fn unread(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file; check the path".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied; make the file readable".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory; name a file in it".to_owned(),
        io::ErrorKind::InvalidData => "not UTF-8; save the file as UTF-8".to_owned(),
        _ => format!("cannot be read: {error}; mend the file, or leave it out"),
    }
}

/// A file that cannot be written.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> anyhow::Error {
    let message = match error.kind() {
        io::ErrorKind::NotFound => "its folder does not exist; make it first, or name another file".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "may not be written; name another file, or change its permissions".to_owned()
        }
        io::ErrorKind::IsADirectory => "is a directory; name a file in it".to_owned(),
        _ => format!("cannot be written: {error}; name another file"),
    };
    at(path, 1, 1, &message)
}

/// JSON that is not what was expected.
pub(crate) fn not_json(path: &Path, error: &serde_json::Error, what: &str) -> anyhow::Error {
    not_json_from(path, 1, error, what)
}

/// The same where the JSON begins on a later line of the file.
pub(crate) fn not_json_from(path: &Path, first: usize, error: &serde_json::Error, what: &str) -> anyhow::Error {
    // The position at the end of the text has column 0.
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    at(path, first + error.line().max(1) - 1, error.column().max(1), &format!("{what} ({said})"))
}

/// A message with its place.
pub(crate) fn at(path: &Path, line: usize, column: usize, message: &str) -> anyhow::Error {
    let name = relative(path);
    anyhow!("{}:{line}:{column}: {message}", printable(&String::from_utf8_lossy(&name)))
}
