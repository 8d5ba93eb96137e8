//! Image references by the grammar of the distribution project: `[domain/]path[:tag][@digest]`.

use std::fmt;
use std::ops::Range;

use text_size::TextRange;

use crate::lines::range;

/// An image reference, perhaps with variables in it.
///
/// Ranges count bytes of the text that was parsed. A variable is taken as one atom that could stand for any text the
/// grammar allows at its place, so `${REG:-docker.io:443}/app` has no tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    /// Registry host and port, as written. A first component that is nothing but variables counts as one.
    pub domain: Option<ImagePart>,
    /// The repository without domain.
    pub path: ImagePart,
    /// Behind `:`.
    pub tag: Option<ImagePart>,
    /// Behind `@`, with its algorithm.
    pub digest: Option<ImagePart>,
}

/// A part of an image reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePart {
    /// As written.
    pub text: String,
    /// Where it stands.
    pub range: TextRange,
    /// The variables in it (`$NAME`, `${…}`), by their places in the whole text.
    pub variables: Vec<TextRange>,
}

impl ImagePart {
    /// Whether it has no variable.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.variables.is_empty()
    }

    /// The literal text before the first variable.
    #[must_use]
    pub fn literal_prefix(&self) -> &str {
        let end = self.variables.first().map_or(self.range.end(), |variable| variable.start());
        &self.text[..usize::from(end - self.range.start())]
    }

    /// The literal text behind the last variable.
    #[must_use]
    pub fn literal_suffix(&self) -> &str {
        let start = self.variables.last().map_or(self.range.start(), |variable| variable.end());
        &self.text[usize::from(start - self.range.start())..]
    }
}

/// Why a text is not an image reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageRefError {
    /// There is no repository name.
    #[error("an image reference needs a repository name")]
    NoName,
    /// The domain breaks the grammar.
    #[error("`{0}` is not a registry host")]
    Domain(String),
    /// The repository has letters in upper case.
    #[error("repository name `{0}` must be lowercase")]
    Uppercase(String),
    /// The repository breaks the grammar.
    #[error("`{0}` is not a repository name")]
    Path(String),
    /// Domain and path together have more than 255 characters.
    #[error("repository name must not be more than 255 characters")]
    TooLong,
    /// 64 hexadecimal digits are an image id.
    #[error("`{0}` is an image id, not a repository name")]
    Identifier(String),
    /// The tag breaks the grammar.
    #[error("`{0}` is not a tag")]
    Tag(String),
    /// The digest breaks the grammar.
    #[error("`{0}` is not a digest")]
    Digest(String),
}

/// The names under which Docker Hub is reached.
const DOCKER_HUB: [&str; 5] =
    ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.docker.com", "registry.hub.docker.com"];

impl ImageRef {
    /// Parses `text`, which must be without quotes around it.
    ///
    /// # Errors
    ///
    /// When the grammar does not allow it. Where a variable stands, the rest of that part is checked as if the
    /// variable were a letter.
    pub fn parse(text: &str) -> Result<Self, ImageRefError> {
        let variables = variables(text);
        let find = |c: char, within: Range<usize>| outside(text, &variables, within).find(|(_, found)| *found == c);
        let find_last =
            |c: char, within: Range<usize>| outside(text, &variables, within).filter(|(_, found)| *found == c).last();
        let name_end = find_last('@', 0..text.len()).map_or(text.len(), |(at, _)| at);
        let digest = (name_end < text.len()).then(|| part(text, &variables, name_end + 1..text.len()));
        let after_slash = find_last('/', 0..name_end).map_or(0, |(at, _)| at + 1);
        let tag_at = find_last(':', after_slash..name_end).map(|(at, _)| at);
        let tag = tag_at.map(|at| part(text, &variables, at + 1..name_end));
        let name = 0..tag_at.unwrap_or(name_end);
        let first = find('/', name.clone()).map(|(at, _)| part(text, &variables, 0..at));
        let domain = first.filter(is_domain);
        let path_start = domain.as_ref().map_or(0, |domain| usize::from(domain.range.end()) + 1);
        let path = part(text, &variables, path_start..name.end);
        let parsed = Self { domain, path, tag, digest };
        parsed.check(name.len())?;
        Ok(parsed)
    }

    /// Whether no part has a variable.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        [self.domain.as_ref(), Some(&self.path), self.tag.as_ref(), self.digest.as_ref()]
            .into_iter()
            .flatten()
            .all(ImagePart::is_literal)
    }

    /// Domain and path, without tag and digest.
    #[must_use]
    pub fn name_range(&self) -> TextRange {
        let start = self.domain.as_ref().map_or(self.path.range.start(), |domain| domain.range.start());
        TextRange::new(start, self.path.range.end())
    }

    /// Domain and path as written.
    #[must_use]
    pub fn name(&self) -> String {
        self.domain
            .as_ref()
            .map_or_else(|| self.path.text.clone(), |domain| format!("{}/{}", domain.text, self.path.text))
    }

    /// Whether the image lies on Docker Hub: no domain, or one of its names.
    #[must_use]
    pub fn is_docker_hub(&self) -> bool {
        self.domain.as_ref().is_none_or(|domain| DOCKER_HUB.contains(&domain.text.as_str()))
    }

    /// The short name that Docker shows: Docker Hub's domain and its `library/` are left out; no tag, no digest.
    #[must_use]
    pub fn familiar(&self) -> String {
        if !self.is_docker_hub() {
            return self.name();
        }
        let path = self.path.text.as_str();
        path.strip_prefix("library/").filter(|name| !name.contains('/')).unwrap_or(path).to_owned()
    }

    /// The tag's text, if there is a tag.
    #[must_use]
    pub fn tag_text(&self) -> Option<&str> {
        self.tag.as_ref().map(|tag| tag.text.as_str())
    }

    fn check(&self, name_length: usize) -> Result<(), ImageRefError> {
        if let Some(domain) = &self.domain
            && !is_valid_domain(&checkable(domain))
        {
            return Err(ImageRefError::Domain(domain.text.clone()));
        }
        let path = checkable(&self.path);
        if path.is_empty() {
            return Err(ImageRefError::NoName);
        }
        if path.contains(|c: char| c.is_uppercase()) {
            return Err(ImageRefError::Uppercase(self.path.text.clone()));
        }
        if !path.split('/').all(is_valid_component) {
            return Err(ImageRefError::Path(self.path.text.clone()));
        }
        let literal = self.path.is_literal() && self.domain.as_ref().is_none_or(ImagePart::is_literal);
        if literal && name_length > 255 {
            return Err(ImageRefError::TooLong);
        }
        if literal && self.domain.is_none() && path.len() == 64 && path.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ImageRefError::Identifier(path));
        }
        match &self.tag {
            Some(tag) if !is_valid_tag(&checkable(tag)) => return Err(ImageRefError::Tag(tag.text.clone())),
            _ => {}
        }
        match &self.digest {
            Some(digest) if digest.is_literal() && !is_valid_digest(&digest.text) => {
                Err(ImageRefError::Digest(digest.text.clone()))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())?;
        if let Some(tag) = &self.tag {
            write!(f, ":{}", tag.text)?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{}", digest.text)?;
        }
        Ok(())
    }
}

/// The places of `$NAME` and `${…}`.
fn variables(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$').map(|offset| at + offset) {
        let rest = &text[dollar + 1..];
        let length = if rest.starts_with('{') {
            braced(rest)
        } else {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
        };
        at = dollar + 1 + length;
        if length > 0 {
            found.push(dollar..at);
        }
    }
    found
}

/// The length of `{…}` with all that is nested in it; the rest of the text when it is not closed.
fn braced(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// The characters of a piece of text that belong to no variable.
fn outside<'a>(
    text: &'a str,
    variables: &'a [Range<usize>],
    within: Range<usize>,
) -> impl Iterator<Item = (usize, char)> + 'a {
    let start = within.start;
    let mut next = 0;
    text[within].char_indices().map(move |(at, c)| (start + at, c)).filter(move |(at, _)| {
        while variables.get(next).is_some_and(|variable| variable.end <= *at) {
            next += 1;
        }
        !variables.get(next).is_some_and(|variable| variable.contains(at))
    })
}

fn part(text: &str, variables: &[Range<usize>], piece: Range<usize>) -> ImagePart {
    let inside = variables.iter().filter(|variable| piece.start <= variable.start && variable.end <= piece.end);
    ImagePart {
        text: text[piece.clone()].to_owned(),
        variables: inside.map(|variable| range(variable.start, variable.end)).collect(),
        range: range(piece.start, piece.end),
    }
}

/// The text with every variable replaced by a letter that is valid everywhere.
fn checkable(part: &ImagePart) -> String {
    let mut text = String::new();
    let mut at = part.range.start();
    for variable in &part.variables {
        text.push_str(&part.text[TextRange::new(at, variable.start()) - part.range.start()]);
        text.push('a');
        at = variable.end();
    }
    text.push_str(&part.text[TextRange::new(at, part.range.end()) - part.range.start()]);
    text
}

/// Docker takes the first component for a registry when it looks like a host.
fn is_domain(first: &ImagePart) -> bool {
    let literal = checkable(first);
    literal.contains(['.', ':'])
        || literal == "localhost"
        || literal.contains(|c: char| c.is_uppercase())
        || first.variables.iter().map(|variable| usize::from(variable.len())).sum::<usize>() == first.text.len()
}

fn is_valid_domain(domain: &str) -> bool {
    let digits = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(rest) = domain.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        let address_is_valid =
            !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
        return address_is_valid && (port.is_empty() || port.strip_prefix(':').is_some_and(digits));
    }
    let (host, port) = domain.split_once(':').map_or((domain, None), |(host, port)| (host, Some(port)));
    let component = |component: &str| {
        !component.is_empty()
            && !component.starts_with('-')
            && !component.ends_with('-')
            && component.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // A variable for the port has become a letter.
    host.split('.').all(component) && port.is_none_or(|port| digits(port) || port == "a")
}

/// `[a-z0-9]+` pieces joined by `.`, `_`, `__` or any number of `-`.
fn is_valid_component(component: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    component.starts_with(alphanumeric)
        && component.ends_with(alphanumeric)
        && component
            .split(alphanumeric)
            .all(|separator| matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-'))
}

fn is_valid_tag(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.starts_with(word) && tag.len() <= 128 && tag.chars().all(|c| word(c) || matches!(c, '.' | '-'))
}

fn is_valid_digest(digest: &str) -> bool {
    let Some((algorithm, hex)) = digest.split_once(':') else { return false };
    let component = |component: &str| {
        component.starts_with(|c: char| c.is_ascii_alphabetic())
            && component.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    algorithm.split(['-', '_', '+', '.']).all(component)
        && hex.len() >= 32
        && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'a> = (Option<&'a str>, &'a str, Option<&'a str>, Option<&'a str>);

    #[track_caller]
    fn check(text: &str, expected: Parts<'_>) {
        let image = ImageRef::parse(text).unwrap();
        let parts = (
            image.domain.as_ref().map(|part| part.text.as_str()),
            image.path.text.as_str(),
            image.tag_text(),
            image.digest.as_ref().map(|part| part.text.as_str()),
        );
        assert_eq!(parts, expected, "{text}");
        for part in
            [image.domain.as_ref(), Some(&image.path), image.tag.as_ref(), image.digest.as_ref()].into_iter().flatten()
        {
            assert_eq!(part.text, text[part.range], "{text}");
        }
        assert_eq!(image.to_string(), text);
    }

    const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn follows_the_grammar() {
        check("node", (None, "node", None, None));
        check("node:18-alpine3.19", (None, "node", Some("18-alpine3.19"), None));
        check("localhost:5000", (None, "localhost", Some("5000"), None));
        check("localhost:5000/a", (Some("localhost:5000"), "a", None, None));
        check("localhost/a/b:c", (Some("localhost"), "a/b", Some("c"), None));
        check("Registry/a", (Some("Registry"), "a", None, None));
        check("[::1]:5000/a:b", (Some("[::1]:5000"), "a", Some("b"), None));
        check("127.0.0.1/a__b/c---d", (Some("127.0.0.1"), "a__b/c---d", None, None));
        check("bitnami/redis:7", (None, "bitnami/redis", Some("7"), None));
        let digest = format!("sha256:{HEX}");
        check(&format!("node:18@{digest}"), (None, "node", Some("18"), Some(&digest)));
        check(&format!("a.io/node@{digest}"), (Some("a.io"), "node", None, Some(&digest)));
    }

    #[test]
    fn keeps_variables_visible() {
        check("${REG}/img:${TAG}-slim", (Some("${REG}"), "img", Some("${TAG}-slim"), None));
        check("$REG/img", (Some("$REG"), "img", None, None));
        check("${REG:-docker.io:443/x@y}/img", (Some("${REG:-docker.io:443/x@y}"), "img", None, None));
        check("${REG}img:1", (None, "${REG}img", Some("1"), None));
        check("${IMAGE}", (None, "${IMAGE}", None, None));
        check("a.${DOMAIN}:${PORT}/x", (Some("a.${DOMAIN}:${PORT}"), "x", None, None));
        check("node@${DIGEST}", (None, "node", None, Some("${DIGEST}")));
        check("node:${A:-${B}}", (None, "node", Some("${A:-${B}}"), None));
        let image = ImageRef::parse("node:v${TAG}-slim").unwrap();
        let tag = image.tag.unwrap();
        assert_eq!((tag.literal_prefix(), tag.literal_suffix()), ("v", "-slim"));
        assert_eq!(ImageRef::parse("x:1").unwrap().tag.unwrap().literal_prefix(), "1");
    }

    #[test]
    fn refuses_what_docker_refuses() {
        use ImageRefError as Error;
        let upper = "Node".to_owned();
        assert_eq!(ImageRef::parse("Node"), Err(Error::Uppercase(upper)));
        assert_eq!(ImageRef::parse(""), Err(Error::NoName));
        assert_eq!(ImageRef::parse(":tag"), Err(Error::NoName));
        assert_eq!(ImageRef::parse("a b"), Err(Error::Path("a b".into())));
        assert_eq!(ImageRef::parse("a___b"), Err(Error::Path("a___b".into())));
        assert_eq!(ImageRef::parse("a//b"), Err(Error::Path("a//b".into())));
        assert_eq!(ImageRef::parse("-a/b"), Err(Error::Path("-a/b".into())));
        assert_eq!(ImageRef::parse("-a.b/b"), Err(Error::Domain("-a.b".into())));
        assert_eq!(ImageRef::parse("a.b:x/b"), Err(Error::Domain("a.b:x".into())));
        assert_eq!(ImageRef::parse("a:"), Err(Error::Tag(String::new())));
        assert_eq!(ImageRef::parse("a:-b"), Err(Error::Tag("-b".into())));
        assert_eq!(ImageRef::parse("a@sha256:12"), Err(Error::Digest("sha256:12".into())));
        assert_eq!(ImageRef::parse(HEX), Err(Error::Identifier(HEX.into())));
        assert_eq!(ImageRef::parse(&"a".repeat(256)), Err(Error::TooLong));
    }

    #[test]
    fn knows_the_familiar_name() {
        for (text, familiar) in [
            ("docker.io/library/node:18", "node"),
            ("index.docker.io/library/node", "node"),
            ("registry-1.docker.io/bitnami/redis", "bitnami/redis"),
            ("registry.docker.com/library/node", "node"),
            ("registry.hub.docker.com/library/node", "node"),
            ("library/node", "node"),
            ("library/a/b", "library/a/b"),
            ("ghcr.io/library/node", "ghcr.io/library/node"),
            ("${REG}/library/node", "${REG}/library/node"),
        ] {
            assert_eq!(ImageRef::parse(text).unwrap().familiar(), familiar);
        }
    }
}
