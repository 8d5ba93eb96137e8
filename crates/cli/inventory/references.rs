//! Images named by other files than Dockerfiles: compose, Kubernetes, CI, bake, skaffold, devcontainer.

use std::collections::HashSet;
use std::ops::Range;

use saphyr_parser::{Event, Parser, Span};

use crate::inventory::names::{is_bake, is_devcontainer, yaml_kind};
use crate::inventory::{Built, Variables, builds};

/// How deep a document may be nested; real ones need ten levels.
const DEEPEST: usize = 64;

/// An image that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) kind: &'static str,
    /// The keys that lead to it, joined with dots.
    pub(crate) name: String,
    pub(crate) image: String,
    /// The bytes of the image in the text, without quotes; `None` where they are not there as they mean.
    pub(crate) range: Option<Range<usize>>,
    pub(crate) line: u32,
    /// The image of a service that the same file builds.
    pub(crate) built: bool,
}

/// Images that a file names, and images that it builds; `variables` are those of a compose file.
pub(crate) fn references(path: &str, text: &str, variables: &Variables) -> (Vec<Reference>, Vec<Built>) {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.ends_with(".hcl") {
        return builds::bake_hcl(path, text);
    }
    let kind = if is_devcontainer(name) {
        "devcontainer"
    } else if is_bake(name) {
        "bake"
    } else {
        match yaml_kind(path, text) {
            Some(kind) => kind,
            None => return Default::default(),
        }
    };
    // JSON is YAML but for comments, which devcontainer.json may have.
    let stripped = if name.ends_with(".json") { without_comments(text) } else { None };
    let scalars = scalars(stripped.as_deref().unwrap_or(text));
    (named(kind, &scalars), builds::built(kind, path, &scalars, variables))
}

/// A value with the keys that lead to it.
pub(super) struct Scalar {
    pub(super) keys: Vec<String>,
    pub(super) value: String,
    /// The bytes of the value; `None` where they are not there as they mean.
    range: Option<Range<usize>>,
    line: u32,
    pub(super) document: usize,
    /// The mapping that it stands in has an anchor, so it is put in elsewhere.
    shared: bool,
}

/// All scalar values of all documents; what cannot be read ends the list.
fn scalars(text: &str) -> Vec<Scalar> {
    let mut places = Places::new(text);
    let mut found = Vec::new();
    // For each open collection: the key or number of the entry at hand, and whether a key comes next.
    let mut open: Vec<Level> = Vec::new();
    let mut document = 0;
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        match event {
            Event::DocumentStart(_) => document += 1,
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let mapping = matches!(event, Event::MappingStart(..));
                let anchored = matches!(event, Event::MappingStart(anchor, ..) if anchor > 0);
                if let Some(level) = open.last_mut() {
                    level.begin();
                }
                open.push(Level { mapping, anchored, key: None, number: 0, in_value: false });
                if open.len() > DEEPEST {
                    break;
                }
            }
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                if let Some(level) = open.last_mut() {
                    level.finish();
                }
            }
            Event::Scalar(value, ..) => {
                let Some(level) = open.last_mut() else { continue };
                if level.mapping && !level.in_value {
                    level.key = Some(value.into_owned());
                    level.in_value = true;
                    continue;
                }
                level.begin();
                let shared = level.anchored;
                let keys = open.iter().map(Level::name).collect();
                let range = places.of(span, &value);
                let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX);
                found.push(Scalar { keys, value: value.into_owned(), range, line, document, shared });
                if let Some(level) = open.last_mut() {
                    level.finish();
                }
            }
            Event::Alias(_) => {
                if let Some(level) = open.last_mut() {
                    level.finish();
                }
            }
            _ => {}
        }
    }
    found
}

struct Level {
    mapping: bool,
    anchored: bool,
    key: Option<String>,
    number: usize,
    in_value: bool,
}

impl Level {
    fn begin(&mut self) {
        if !self.mapping {
            self.number += 1;
        }
    }

    fn finish(&mut self) {
        self.in_value = false;
    }

    fn name(&self) -> String {
        self.key.clone().unwrap_or_else(|| self.number.saturating_sub(1).to_string())
    }
}

/// Finds the bytes of places that come in order. Places count characters.
struct Places<'t> {
    text: &'t str,
    /// Where each line starts.
    lines: Vec<usize>,
    /// The line and column of the last place, and its byte.
    last: (usize, usize, usize),
}

impl<'t> Places<'t> {
    fn new(text: &'t str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, lines, last: (0, 0, 0) }
    }

    fn offset(&mut self, line: usize, column: usize) -> usize {
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        // A file of one line would be read anew for each of its values.
        let (from, skip) = match self.last {
            (last, passed, byte) if last == line && passed <= column => (byte, column - passed),
            _ => (start, column),
        };
        let byte = from + self.text[from..].chars().take(skip).map(char::len_utf8).sum::<usize>();
        self.last = (line, column, byte);
        byte
    }

    /// The bytes of a scalar, quotes left out, where it stands in the text as it means: not escaped, in one piece.
    fn of(&mut self, span: Span, value: &str) -> Option<Range<usize>> {
        let mut at = self.offset(span.start.line(), span.start.col());
        let text = self.text;
        // `&anchor` and `!tag` stand in front.
        while text[at..].starts_with(['&', '!']) {
            let word = text[at..].find(char::is_whitespace)?;
            at += word + text[at + word..].find(|c: char| !c.is_whitespace())?;
        }
        let quote = text[at..].chars().next().filter(|c| matches!(c, '\'' | '"'));
        let start = at + quote.map_or(0, char::len_utf8);
        let rest = text[start..].strip_prefix(value)?;
        let ends = quote.is_none_or(|quote| rest.starts_with(quote));
        ends.then(|| start..start + value.len())
    }
}

fn named(kind: &'static str, scalars: &[Scalar]) -> Vec<Reference> {
    let mut found = Vec::new();
    // What is put into services from elsewhere builds as they do.
    let service = |scalar: &Scalar| match scalar.keys.first()?.as_str() {
        "services" => scalar.keys.get(..2).map(|keys| (scalar.document, keys.to_vec())),
        key if key.starts_with("x-") => scalar.keys.get(..1).map(|keys| (scalar.document, keys.to_vec())),
        _ => None,
    };
    let builds = |scalar: &Scalar| {
        let service = service(scalar)?;
        scalar.keys.get(service.1.len()).is_some_and(|key| key == "build").then_some(service)
    };
    let builders: HashSet<_> = scalars.iter().filter_map(builds).collect();
    for scalar in scalars {
        let Some(image) = image(kind, scalar) else { continue };
        let keys = &scalar.keys;
        let place = keys.split_last().map(|(_, before)| before).unwrap_or_default();
        let built = kind == "compose"
            && keys.last().is_some_and(|key| key == "image")
            && service(scalar).is_some_and(|service| builders.contains(&service));
        // `docker://` stands before the image in a workflow.
        let range = scalar.range.clone().map(|range| range.end - image.len()..range.end);
        found.push(Reference { kind, name: place.join("."), image: image.to_owned(), range, line: scalar.line, built });
    }
    found
}

/// The image that a value is, by the keys that lead to it.
fn image<'s>(kind: &str, scalar: &'s Scalar) -> Option<&'s str> {
    let value = scalar.value.as_str();
    let keys: Vec<&str> = scalar.keys.iter().map(String::as_str).collect();
    let (last, before) = keys.split_last()?;
    let parent = before.last().copied().unwrap_or_default();
    let is_image = match kind {
        // `services: X: image:`; below `build: args:` whatever looks like one.
        "compose" => {
            let of_service = before.len() == 2 && before[0] == "services";
            // What several services share: `x-common: &common`.
            let shared = before.len() == 1 && before[0].starts_with("x-") && scalar.shared;
            (*last == "image" && (of_service || shared)) || is_argument(before, last, "args")
        }
        "kubernetes" => {
            *last == "image"
                && before.iter().any(|key| {
                    matches!(*key, "containers" | "initContainers" | "ephemeralContainers" | "steps" | "sidecars")
                })
        }
        "gitlab-ci" => {
            *last == "image"
                || (*last == "name" && matches!(parent, "image"))
                || (before.contains(&"services") && (*last == "name" || parent == "services"))
        }
        "github-actions" => {
            *last == "container"
                || *last == "image" && before.iter().any(|key| matches!(*key, "container" | "services"))
                || (*last == "uses" && value.starts_with("docker://"))
        }
        "circleci" | "devcontainer" => *last == "image",
        "skaffold" => is_argument(before, last, "buildArgs"),
        "bake" => is_argument(before, last, "args"),
        _ => false,
    };
    let value = value.strip_prefix("docker://").unwrap_or(value);
    (is_image && !value.is_empty() && !value.contains(char::is_whitespace)).then_some(value)
}

/// A build argument whose name says that it is an image.
pub(super) fn is_argument(before: &[&str], last: &str, list: &str) -> bool {
    let name = last.to_ascii_uppercase();
    before.contains(&list) && (name.contains("IMAGE") || name == "BASE" || name == "FROM")
}

/// JSON with its comments turned into blanks, so that places stay; `None` when there are none.
fn without_comments(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let (mut at, mut in_string, mut found) = (0, false, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            b'/' if !in_string && matches!(bytes.get(at + 1), Some(b'/' | b'*')) => {
                found = true;
                let rest = &text[at..];
                let length = if bytes[at + 1] == b'/' { rest.find('\n') } else { rest.find("*/").map(|end| end + 2) };
                let end = at + length.unwrap_or(rest.len());
                bytes[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
                at = end.saturating_sub(1);
            }
            _ => {}
        }
        at += 1;
    }
    if found { String::from_utf8(bytes).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(path: &str, text: &str) -> Vec<(String, u32)> {
        references(path, text, &Variables::default()).0.into_iter().map(|found| (found.image, found.line)).collect()
    }

    #[test]
    fn compose_services_and_what_they_build() {
        let text = "services:\n  größe: {image: 'redis:7'}\n  api:\n    image: acme/api:1\n    build:\n      context: ./api\n      args:\n        BASE_IMAGE: debian:12\n        MODE: x\nx-other:\n  image: no\n";
        let (found, built) = references("deploy/compose.yaml", text, &Variables::default());
        let list: Vec<_> = found.iter().map(|one| (one.image.as_str(), one.line, one.built)).collect();
        assert_eq!(list, [("redis:7", 2, false), ("acme/api:1", 4, true), ("debian:12", 8, false)]);
        for one in &found {
            assert_eq!(&text[one.range.clone().unwrap()], one.image);
        }
        assert_eq!(built, [Built::of("acme/api:1", "deploy/api/Dockerfile")]);
    }

    #[test]
    fn images_are_found_byte_for_byte() {
        let text = "\u{feff}x-common: &common\r\n  image: \"redis:7\"   # cache\r\nservices:\r\n  \"döb\":\r\n    image:   'postgres:9.4'   # keep\r\n  a: {image: nginx, x: 1}\r\n  b: {image: &img mariadb:10}\r\n  c:\r\n    image: >-\r\n      memcached:1\r\n  d:\r\n    image: \"a\\x62c\"\r\n";
        let found = references("compose.yaml", text, &Variables::default()).0;
        let list: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.image.as_str())).collect();
        assert_eq!(
            list,
            [
                ("x-common", "redis:7"),
                ("services.döb", "postgres:9.4"),
                ("services.a", "nginx"),
                ("services.b", "mariadb:10"),
                ("services.c", "memcached:1"),
                ("services.d", "abc")
            ]
        );
        for one in &found[..5] {
            assert_eq!(&text[one.range.clone().unwrap()], one.image);
        }
        assert_eq!(found[5].range, None, "escaped text is not there as it means");
    }

    #[test]
    fn other_files() {
        let pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: nginx:1\n";
        assert_eq!(images("k.yaml", pod), [("nginx:1".to_owned(), 6)]);
        let gitlab = "image: ruby:3\njob:\n  image:\n    name: node:20\n  services:\n    - postgres:15\n";
        assert_eq!(images(".gitlab-ci.yml", gitlab).len(), 3);
        let actions = "jobs:\n  a:\n    container: node:20\n    services:\n      db:\n        image: postgres:15\n    steps:\n      - uses: docker://alpine:3\n";
        assert_eq!(images(".github/workflows/a.yml", actions).len(), 3);
        let devcontainer = "{\n  // the image: \"no\"\n  \"image\": \"debian:12\" /* x */\n}\n";
        assert_eq!(images(".devcontainer/devcontainer.json", devcontainer), [("debian:12".to_owned(), 3)]);
        let bake = "target \"api\" {\n  context = \"api\"\n  tags = [\"acme/api:1\", \"acme/api:2\"]\n  args = {\n    BASE_IMAGE = \"debian:12\"\n  }\n}\n";
        let (named, built) = references("docker-bake.hcl", bake, &Variables::default());
        assert_eq!((named.len(), built.len()), (1, 2));
        assert_eq!(built[0].dockerfile, "api/Dockerfile");
    }

    #[test]
    fn what_cannot_be_read_gives_what_came_before() {
        assert_eq!(images("compose.yaml", "services:\n  a:\n    image: redis\n  b: [\n").len(), 1);
        assert!(images("compose.yaml", "\u{0}{{ template }}").is_empty());
    }
}
