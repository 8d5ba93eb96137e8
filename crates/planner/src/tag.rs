//! From the tag of a source image to the tag of its Chainguard image.

/// The version that a tag names, cut to major.minor, or `None` when it names none (`latest`, `slim`, `bookworm`).
///
/// Knows the spellings of the official images: `3.11.4-slim`, `v1.2.3`, `8u302-jdk`, `21_35-jdk`, `17.0.2_8`,
/// `1.21rc2`, `openjdk-17`, `jdk-17`.
pub(crate) fn version(tag: &str) -> Option<String> {
    let tag = ["openjdk-", "jdk-", "jre-"].iter().find_map(|prefix| tag.strip_prefix(prefix)).unwrap_or(tag);
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
    let rest = &tag[end..];
    let follows = rest.chars().next();
    // `20bookworm` is no version; `8u302`, `21_35`, `1.21rc2` and `3-alpine` are.
    let ends_well = match follows {
        None | Some('-' | '_' | '+') => true,
        Some('u') => rest[1..].starts_with(|c: char| c.is_ascii_digit()),
        Some(_) => rest.starts_with("rc") || rest.starts_with("beta") || rest.starts_with("alpha"),
    };
    let numbers: Vec<&str> = tag[..end].split('.').collect();
    let clean = ends_well && numbers.iter().all(|part| !part.is_empty());
    clean.then(|| numbers[..numbers.len().min(2)].join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_official_tags() {
        let cases = [
            ("3.11.4-slim-bookworm", Some("3.11")),
            ("20", Some("20")),
            ("v1.2.3", Some("1.2")),
            ("8u302-jdk", Some("8")),
            ("21_35-jdk", Some("21")),
            ("17.0.2_8-jre", Some("17.0")),
            ("1.21rc2-alpine", Some("1.21")),
            ("openjdk-17", Some("17")),
            ("latest", None),
            ("bookworm-slim", None),
            ("lts", None),
            ("20bookworm", None),
            ("1..2", None),
            ("", None),
        ];
        for (tag, expected) in cases {
            assert_eq!(version(tag).as_deref(), expected, "{tag}");
        }
    }
}
