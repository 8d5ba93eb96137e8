//! Debian's directories for one kind of machine: Wolfi has its libraries and headers right above them.

/// Where such a directory stands in `text`, how long it is, and the directory that takes its place.
pub(super) fn places(text: &str) -> Vec<(usize, usize, &'static str)> {
    const ABOVE: &[&str] = &["/usr/lib/", "/usr/include/", "/lib/"];
    let mut found = Vec::new();
    for above in ABOVE {
        for (at, _) in text.match_indices(above) {
            let before = text[..at].chars().next_back();
            let inside = before.is_some_and(|c| c.is_ascii_alphanumeric() || "_-.}/".contains(c));
            let rest = &text[at + above.len()..];
            if let Some(length) = machine(rest).filter(|_| !inside) {
                found.push((at, above.len() + length, above.trim_end_matches('/')));
            }
        }
    }
    found
}

/// The length of the name of a kind of machine at the start of `text`: `x86_64-linux-gnu`, `$(uname -m)-linux-gnu`,
/// `$(dpkg-architecture -qDEB_HOST_MULTIARCH)`.
fn machine(text: &str) -> Option<usize> {
    const WHOLE: &[&str] =
        &["$(dpkg-architecture ", "$(gcc -print-multiarch", "$(gcc -dumpmachine", "$(cc -dumpmachine"];
    const ENDS: &[&str] = &["-linux-gnueabihf", "-linux-gnueabi", "-linux-gnu"];
    let end = if WHOLE.iter().any(|start| text.starts_with(start)) {
        text.find(')')? + 1
    } else {
        let name = kind(text)?;
        name + ENDS.iter().find(|end| text[name..].starts_with(**end))?.len()
    };
    let after = text[end..].chars().next();
    after.is_none_or(|c| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).then_some(end)
}

/// The length of what names the processor.
fn kind(text: &str) -> Option<usize> {
    for (open, close) in [("$(", ')'), ("${", '}'), ("`", '`')] {
        if let Some(rest) = text.strip_prefix(open) {
            return Some(open.len() + rest.find(close)? + 1);
        }
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '*');
    let length = text.find(|c: char| !plain(c)).unwrap_or(text.len());
    (length > 0).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn kinds_of_machines() {
        let replaced = |text: &str| {
            let mut out = text.to_owned();
            for (at, length, new) in places(text).into_iter().rev() {
                out.replace_range(at..at + length, new);
            }
            out
        };
        assert_eq!(replaced("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"), "/usr/lib/libjemalloc.so.2");
        assert_eq!(replaced("ln -s /usr/lib/$(uname -m)-linux-gnu/a.so /b"), "ln -s /usr/lib/a.so /b");
        assert_eq!(replaced("/usr/lib/`uname -m`-linux-gnu"), "/usr/lib");
        assert_eq!(replaced("/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)/x"), "/usr/lib/x");
        assert_eq!(replaced("/lib/arm-linux-gnueabihf/x"), "/lib/x");
        assert_eq!(replaced("/usr/lib/*-linux-gnu/x"), "/usr/lib/x");
        for text in
            ["/opt/usr/lib/x86_64-linux-gnu/x", "/usr/lib/x86_64-linux-gnux/y", "/usr/lib/python3/dist-packages"]
        {
            assert_eq!(replaced(text), text);
        }
    }
}
