//! The parts of an image reference in a table, by the distribution reference grammar.

/// An image's name and tag; the name may start with a registry and its port.
pub(crate) struct Reference<'t> {
    pub(crate) name: &'t str,
    pub(crate) tag: Option<&'t str>,
}

/// Splits and checks `text`; `*` is allowed where `pattern` is set.
///
/// # Errors
///
/// What is wrong with it, as a clause ("has an upper-case letter").
pub(crate) fn parse(text: &str, pattern: bool) -> Result<Reference<'_>, &'static str> {
    if text.contains('@') {
        return Err("has a digest; a table names images by tag");
    }
    let last = text.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match text[last..].find(':') {
        Some(at) => (&text[..last + at], Some(&text[last + at + 1..])),
        None => (text, None),
    };
    if let Some(tag) = tag {
        check_tag(tag, pattern)?;
    }
    let (domain, path) = match name.split_once('/') {
        Some((first, rest)) if is_domain(first) => (Some(first), rest),
        _ => (None, name),
    };
    if let Some(port) = domain.and_then(|domain| domain.split_once(':')).map(|(_, port)| port)
        && (port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err("has a port that is not a number");
    }
    for part in path.split('/') {
        check_part(part, pattern)?;
    }
    Ok(Reference { name, tag })
}

/// Whether the first part of a name is a registry: it has a dot or a port, or is `localhost`.
pub(crate) fn is_domain(part: &str) -> bool {
    part.contains(['.', ':']) || part == "localhost"
}

/// Whether a name starts with a registry.
pub(crate) fn has_registry(name: &str) -> bool {
    name.split_once('/').is_some_and(|(first, _)| is_domain(first))
}

fn check_tag(tag: &str, pattern: bool) -> Result<(), &'static str> {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || (pattern && b == b'*');
    let first = tag.bytes().next().ok_or("has an empty tag")?;
    if !is_word(first) || tag.len() > 128 || !tag.bytes().all(|b| is_word(b) || b == b'.' || b == b'-') {
        return Err("has a tag with characters a tag cannot have");
    }
    Ok(())
}

fn check_part(part: &str, pattern: bool) -> Result<(), &'static str> {
    if part.is_empty() {
        return Err("has an empty part between its slashes");
    }
    if part.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err("has an upper-case letter");
    }
    let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || (pattern && b == b'*');
    let is_separator = |b: u8| matches!(b, b'.' | b'_' | b'-');
    if part.contains('*') && !pattern {
        return Err("has a `*`, which only a source image may have");
    }
    if !part.bytes().all(|b| is_letter(b) || is_separator(b)) {
        return Err("has characters an image name cannot have");
    }
    let ends = [part.bytes().next(), part.bytes().next_back()];
    if ends.into_iter().flatten().any(is_separator) {
        return Err("has a part that starts or ends with a separator");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_the_tag_and_not_at_the_port() {
        for (text, name, tag) in [
            ("python", "python", None),
            ("python:3.12", "python", Some("3.12")),
            ("reg.corp:5000/base", "reg.corp:5000/base", None),
            ("reg.corp:5000/base:1", "reg.corp:5000/base", Some("1")),
            ("localhost:5000/a/b:x", "localhost:5000/a/b", Some("x")),
        ] {
            let reference = parse(text, false).unwrap_or_else(|error| panic!("{text} {error}"));
            assert_eq!((reference.name, reference.tag), (name, tag), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_reference() {
        for text in
            ["", "Python", "a//b", "a:", "a@sha256:00", "a b", "reg.corp:x/base", "${A}", "golang*", "-a", "a:b c"]
        {
            assert!(parse(text, false).is_err(), "{text}");
        }
        assert!(parse("golang*", true).is_ok() && parse("php:*fpm*", true).is_ok());
    }
}
