//! From the tag of a source image to the tag of its Chainguard image.

/// The version that a tag names, cut to major.minor, or `None` when it names none (`latest`, `slim`, `bookworm`).
///
/// Knows the spellings of the official images: `3.11.4-slim`, `v1.2.3`, `8u302-jdk`, `21_35-jdk`, `17.0.2_8`,
/// `1.21rc2`, `openjdk-17`, `jdk-17`, and `base-11` of smaller variants.
pub(crate) fn version(tag: &str) -> Option<String> {
    let tag = ["openjdk-", "jdk-", "jre-", "base-", "slim-"]
        .iter()
        .find_map(|prefix| tag.strip_prefix(prefix))
        .unwrap_or(tag);
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

/// The version that an image's name ends with. Red Hat's images have the version of the language there, and that of the
/// image itself in the tag: `ubi9/python-311` is Python 3.11, `ubi8/nodejs-20` is Node 20. So have the distroless images
/// of Debian: `gcr.io/distroless/java17-debian12`.
pub(crate) fn version_in_name(name: &str) -> Option<String> {
    /// The language, and after how many digits the minor version begins; 0 where there is none.
    const LANGUAGES: &[(&str, usize)] = &[
        ("dotnet", 1),
        ("nginx", 1),
        ("nodejs", 0),
        ("openjdk", 0),
        ("perl", 1),
        ("php", 1),
        ("python", 1),
        ("ruby", 1),
    ];
    let (path, last) = name.rsplit_once('/')?;
    if path == "gcr.io/distroless" {
        let rest = ["java", "nodejs"].iter().find_map(|language| last.strip_prefix(language))?;
        let digits = &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())];
        return (!digits.is_empty()).then(|| digits.to_owned());
    }
    let vendor = ["ubi", "rhel", "rhscl", "centos", "sclorg", "redhat"];
    if !path.split('/').any(|part| vendor.iter().any(|vendor| part.starts_with(vendor))) {
        return None;
    }
    let (language, rest) = last.split_once('-')?;
    let (_, major) = LANGUAGES.iter().find(|(own, _)| *own == language)?;
    let digits: &str = &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())];
    let ends = rest[digits.len()..].is_empty() || rest[digits.len()..].starts_with('-');
    match (digits.len(), *major) {
        (0, _) => None,
        _ if !ends => None,
        (length, major) if major == 0 || length <= major => Some(digits.to_owned()),
        (_, major) => Some(format!("{}.{}", &digits[..major], &digits[major..])),
    }
}

/// The release of Python that a tag names beside a version of its own: `0.8-python3.12-alpine`, `python3.11-slim`.
pub(crate) fn python_release(tag: &str) -> Option<String> {
    let (_, rest) = tag.split_once("python")?;
    version(rest.strip_prefix('-').unwrap_or(rest))
}

/// The release of Node that a tag names by the code name of its long-term support: `boron-alpine`, `lts-hydrogen`.
/// Source: the schedule of Node.js releases.
pub(crate) fn node_release(tag: &str) -> Option<String> {
    const NAMES: &[(&str, &str)] = &[
        ("argon", "4"),
        ("boron", "6"),
        ("carbon", "8"),
        ("dubnium", "10"),
        ("erbium", "12"),
        ("fermium", "14"),
        ("gallium", "16"),
        ("hydrogen", "18"),
        ("iron", "20"),
        ("jod", "22"),
        ("krypton", "24"),
    ];
    let tag = tag.strip_prefix("lts-").unwrap_or(tag);
    let name = tag.split('-').next()?;
    NAMES.iter().find(|(own, _)| *own == name).map(|(_, release)| (*release).to_owned())
}

/// The release of Java in the tag of a build tool's or a server's image: `3.9-eclipse-temurin-17`, `8-jdk21`.
pub(crate) fn java_release(tag: &str) -> Option<&str> {
    const MARKS: &[&str] = &["temurin-", "corretto-", "openjdk-", "jdk-", "jre-", "jdk", "jre", "zulu-", "semeru-"];
    MARKS.iter().find_map(|mark| {
        tag.match_indices(mark).find_map(|(at, _)| {
            let rest = &tag[at + mark.len()..];
            let digits = &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())];
            (!digits.is_empty() && at > 0).then_some(digits)
        })
    })
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
            ("base-11", Some("11")),
            ("slim-bookworm", None),
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

    #[test]
    fn versions_in_names() {
        let cases = [
            ("registry.access.redhat.com/ubi9/python-311", Some("3.11")),
            ("registry.access.redhat.com/ubi8/nodejs-20", Some("20")),
            ("registry.access.redhat.com/ubi9/openjdk-17-runtime", Some("17")),
            ("registry.access.redhat.com/ubi8/dotnet-80", Some("8.0")),
            ("centos/python-36-centos7", Some("3.6")),
            ("registry.access.redhat.com/ubi9/ubi-minimal", None),
            ("registry.access.redhat.com/ubi9/go-toolset", None),
            ("gcr.io/distroless/nodejs22-debian12", Some("22")),
            ("gcr.io/distroless/java17-debian12", Some("17")),
            ("gcr.io/distroless/java-debian10", None),
            ("gcr.io/distroless/python3-debian12", None),
            ("acme/python-311", None),
            ("python", None),
        ];
        for (name, expected) in cases {
            assert_eq!(version_in_name(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn python_beside_another_version() {
        assert_eq!(python_release("python3.12-bookworm-slim").as_deref(), Some("3.12"));
        assert_eq!(python_release("0.8.3-python3.13-alpine").as_deref(), Some("3.13"));
        assert_eq!(python_release("3.12-slim"), None);
    }

    #[test]
    fn code_names_of_node() {
        for (tag, expected) in
            [("boron-alpine", Some("6")), ("lts-hydrogen", Some("18")), ("lts-slim", None), ("boronic", None)]
        {
            assert_eq!(node_release(tag).as_deref(), expected, "{tag}");
        }
    }

    #[test]
    fn java_beside_another_version() {
        for (tag, expected) in [
            ("3.9-eclipse-temurin-17", Some("17")),
            ("8-jdk21", Some("21")),
            ("8.5-jdk17-alpine", Some("17")),
            ("10.1-jre17-temurin", Some("17")),
            ("3.9", None),
            ("jdk-17", None),
        ] {
            assert_eq!(java_release(tag), expected, "{tag}");
        }
    }
}
