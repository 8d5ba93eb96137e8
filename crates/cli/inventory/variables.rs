//! The values that compose puts in for variables: those of `.env` beside the file, and the defaults that it writes.

use std::borrow::Cow;
use std::collections::HashMap;

/// No name of an image is longer. Values may be made of others, and doubled again and again they would fill the memory.
const LONGEST: usize = 4096;

/// Variables by name.
#[derive(Debug, Default)]
pub(crate) struct Variables(HashMap<String, String>);

impl Variables {
    /// Reads a `.env` file. A value may be made of earlier ones.
    pub(crate) fn read(text: &str) -> Self {
        let mut variables = Self::default();
        for line in text.lines() {
            let line = line.trim().strip_prefix("export ").unwrap_or(line.trim());
            let Some((name, value)) = line.split_once('=') else { continue };
            if !is_name(name.trim_end()) {
                continue;
            }
            let value = value.trim_start();
            let value = match value.chars().next() {
                Some(quote @ ('\'' | '"')) => value[1..].split(quote).next().unwrap_or_default(),
                _ => value.split(" #").next().unwrap_or_default().trim_end(),
            };
            let value = variables.expand(value).into_owned();
            variables.0.insert(name.trim_end().to_owned(), value);
        }
        variables
    }

    /// Whether none has a value.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with its variables put in (`${TAG:-16}`); as it is written where one has neither value nor default.
    pub(crate) fn expand<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.expanded(text).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    fn expanded(&self, text: &str) -> Option<String> {
        let mut value = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            value.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let (inner, after) = match after.strip_prefix('{') {
                Some(inner) => inner.split_once('}')?,
                None => after.split_at(after.find(|c| !is_of_name(c)).unwrap_or(after.len())),
            };
            // `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`
            let (name, rule) = inner.split_at(inner.find(|c| !is_of_name(c)).unwrap_or(inner.len()));
            let default = rule.strip_prefix(":-").or_else(|| rule.strip_prefix('-'));
            let is_plain = rule.is_empty() || default.is_some() || rule.starts_with(":?") || rule.starts_with('?');
            if !is_name(name) || !is_plain {
                return None;
            }
            let known = self.0.get(name).map(String::as_str).filter(|value| !value.is_empty());
            let default = default.filter(|default| !default.contains('$'));
            value.push_str(known.or(default)?);
            if value.len() > LONGEST {
                return None;
            }
            rest = after;
        }
        value.push_str(rest);
        Some(value)
    }
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(|first: char| first.is_ascii_digit()) && text.chars().all(is_of_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults() {
        let none = Variables::default();
        assert_eq!(none.expand("${REG:-docker.io}/library/node:${TAG-20}"), "docker.io/library/node:20");
        for image in
            ["node:20", "$REG/node", "${REG}/node", "${REG:-${OTHER}}/node", "${REG:?no}/node", "$", "${", "$/x"]
        {
            assert_eq!(none.expand(image), image);
        }
    }

    #[test]
    fn values_that_double_stay_small() {
        let text: String = (1..80).map(|at| format!("A{at}=$A{0}$A{0}\n", at - 1)).collect();
        let variables = Variables::read(&format!("A0=image\n{text}"));
        assert!(variables.0.values().all(|value| value.len() <= LONGEST));
        assert_eq!(variables.expand("$A1"), "imageimage");
    }

    #[test]
    fn values_of_a_file() {
        let text = "# images\nexport REG=reg.example # ours\nVERSION='1.2'\nIMAGE=\"${REG}/demo:$VERSION\"\nEMPTY=\n9x=1\nno\n";
        let variables = Variables::read(text);
        for (text, value) in [
            ("$IMAGE", "reg.example/demo:1.2"),
            ("${REG:?needed}/x", "reg.example/x"),
            ("${EMPTY:-debian}:12", "debian:12"),
            ("${REG:+other}", "${REG:+other}"),
            ("${UNKNOWN}", "${UNKNOWN}"),
        ] {
            assert_eq!(variables.expand(text), value);
        }
    }
}
