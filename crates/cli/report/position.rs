//! Paths and positions in the forms that other programs want.

use std::path::Path;

use text_size::TextSize;

use crate::output::relative;

/// The path of a report, relative to where we are if it can be, with `/` between parts.
pub(crate) fn relative_path(path: &str) -> String {
    String::from_utf8_lossy(&relative(Path::new(path))).into_owned()
}

/// The same as a URI reference; a path from the root gets a scheme.
pub(crate) fn uri(path: &str) -> String {
    let path = relative_path(path);
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// Lines and columns in bytes, both from 1.
pub(crate) struct ByteLines {
    starts: Vec<usize>,
}

impl ByteLines {
    /// Looks at the text once.
    pub(crate) fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// Line and column of an offset.
    pub(crate) fn line_column(&self, offset: TextSize) -> (usize, usize) {
        let offset = usize::from(offset);
        let line = self.starts.partition_point(|&start| start <= offset);
        (line, offset - self.starts[line - 1] + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("a b/Dockerfile.größe#1"), "a%20b/Dockerfile.gr%C3%B6%C3%9Fe%231");
        assert_eq!(uri("/no/such place"), "file:///no/such%20place");
        let here = std::env::current_dir().unwrap().join("x/Dockerfile");
        assert_eq!(uri(here.to_str().unwrap()), "x/Dockerfile");
    }

    #[test]
    fn columns_count_bytes() {
        let lines = ByteLines::new("ä\r\nöx");
        assert_eq!(lines.line_column(0.into()), (1, 1));
        assert_eq!(lines.line_column(6.into()), (2, 3));
        assert_eq!(lines.line_column(7.into()), (2, 4));
    }
}
