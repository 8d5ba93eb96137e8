//! File names in diff headers, as git writes them (`core.quotePath` at its default).

/// The name after `---` or `+++`, prefix included.
///
/// Control characters, `"`, `\` and bytes outside ASCII put the whole name in quotes with C escapes. A name with a blank
/// in it is followed by a tab, so that `patch` knows where it ends.
pub(crate) fn header_name(prefix: &str, path: &[u8]) -> String {
    let mut name = String::with_capacity(prefix.len() + path.len() + 2);
    name.push_str(prefix);
    let mut quoted = false;
    for &byte in path {
        quoted |= push_escaped(&mut name, byte);
    }
    if quoted {
        name.insert(0, '"');
        name.push('"');
    } else if path.contains(&b' ') {
        name.push('\t');
    }
    name
}

fn push_escaped(name: &mut String, byte: u8) -> bool {
    let letter = match byte {
        b'"' | b'\\' => char::from(byte),
        0x07 => 'a',
        0x08 => 'b',
        b'\t' => 't',
        b'\n' => 'n',
        0x0b => 'v',
        0x0c => 'f',
        b'\r' => 'r',
        b' '..=b'~' => {
            name.push(char::from(byte));
            return false;
        }
        _ => {
            name.push_str(&format!("\\{byte:03o}"));
            return true;
        }
    };
    name.push('\\');
    name.push(letter);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_like_git() {
        assert_eq!(header_name("a/", b"sub/Dockerfile"), "a/sub/Dockerfile");
        assert_eq!(header_name("a/", b"my app/Dockerfile"), "a/my app/Dockerfile\t");
        assert_eq!(header_name("b/", b"q\"b\\s\tt"), r#""b/q\"b\\s\tt""#);
        assert_eq!(header_name("b/", "gr\u{f6}\u{df}e 1".as_bytes()), r#""b/gr\303\266\303\237e 1""#);
        assert_eq!(header_name("b/", &[0xff, 0x7f]), r#""b/\377\177""#);
    }
}
