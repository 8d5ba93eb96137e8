//! Which image comes from which Dockerfile.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use wolfify_syntax::ImageRef;

use crate::input::Input;
use crate::inventory::{Built, recipes, references};
use crate::parallel::{Threads, in_order};
use crate::pipeline::Job;
use crate::tree::Family;

/// A stage of a Dockerfile that becomes an image.
pub(super) type Source = (String, Option<String>);

/// All images that are built from Dockerfiles of the run.
pub(crate) fn built(family: &Family, job: &Job, threads: Threads) -> anyhow::Result<Vec<Built>> {
    if family.builders.is_empty() {
        return Ok(Vec::new());
    }
    let files: HashSet<String> = family.files.iter().map(Input::label).collect();
    let read = |input: &Input| {
        let text = String::from_utf8(job.read(input).ok()?).ok()?;
        let label = input.label();
        let name = label.rsplit('/').next().unwrap_or(&label);
        Some(if recipes::is_recipe(name) {
            recipes::built(&label, &text, |path| files.contains(path))
        } else {
            references(&label, &text, &job.variables(input, &text)).1
        })
    };
    let mut all = Vec::new();
    in_order(&family.builders, threads, read, |built| {
        all.extend(built.into_iter().filter(|built| files.contains(&built.dockerfile)));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(all)
}

/// The images by name.
#[derive(Debug, Default)]
pub(super) struct Builders {
    /// By repository: the tags and what they come from.
    by_name: HashMap<String, Vec<(Tag, Source)>>,
    /// By the Dockerfile that alone knows them, and the name.
    scoped: HashMap<(String, String), BTreeSet<Source>>,
    /// By the Dockerfile, and the build argument that names its base: the image, and what it comes from.
    arguments: HashMap<(String, String), BTreeSet<(String, Source)>>,
}

/// A tag as far as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tag {
    Is(String),
    /// Chosen when the image is built.
    Any,
}

impl Builders {
    pub(super) fn new(built: &[Built]) -> Self {
        let mut builders = Self::default();
        for built in built {
            let source = (built.dockerfile.clone(), built.stage.clone());
            if let (Some(child), Some(name)) = (&built.only_for, &built.argument) {
                let images = builders.arguments.entry((child.clone(), name.clone())).or_default();
                images.insert((built.image.clone(), source));
            } else if let Some(child) = &built.only_for {
                builders.scoped.entry((child.clone(), built.image.clone())).or_default().insert(source);
            } else if let Some((name, tag)) = named(&built.image) {
                builders.by_name.entry(name).or_default().push((tag, source));
            }
        }
        builders
    }

    /// Whether the name of an image, its tag left out, is one of the tree's own or of one file's.
    pub(super) fn may_build(&self, child: &str, word: &str) -> bool {
        // A registry in a variable: only the parse can tell.
        word.contains('$')
            || self.scoped.contains_key(&(child.to_owned(), word.to_owned()))
            || named(word).is_some_and(|(name, _)| self.by_name.contains_key(&name))
    }

    /// The image that a build argument brings to a file, if there is just one, and the stage that it comes from.
    pub(super) fn argument(&self, child: &str, word: &str) -> Option<&(String, Source)> {
        let name = word.strip_prefix('$')?;
        let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let images = self.arguments.get(&(child.to_owned(), name.to_owned()))?;
        images.first().filter(|_| images.len() == 1)
    }

    /// The stage that an image comes from, if there is just one.
    pub(super) fn source(&self, child: &str, image: &str) -> Option<&Source> {
        if let Some(sources) = self.scoped.get(&(child.to_owned(), image.to_owned())) {
            return sources.first().filter(|_| sources.len() == 1);
        }
        let (name, tag) = named(image)?;
        let all = self.by_name.get(&name)?;
        let only = |wanted: &dyn Fn(&Tag) -> bool| {
            let sources: BTreeSet<&Source> =
                all.iter().filter(|(tag, _)| wanted(tag)).map(|(_, source)| source).collect();
            (sources.len() == 1).then(|| sources.first().copied()).flatten()
        };
        match &tag {
            Tag::Any => only(&|_| true),
            Tag::Is(_) if all.iter().any(|(own, _)| *own == tag) => only(&|own| *own == tag),
            Tag::Is(_) => only(&|own| *own == Tag::Any),
        }
    }
}

/// The name of an image without its tag, and its tag; `None` when the name is only known when it is built.
fn named(image: &str) -> Option<(String, Tag)> {
    let image = with_defaults(image);
    let slash = image.rfind('/').map_or(0, |at| at + 1);
    let variable = ["$", "{{", "@@"].iter().filter_map(|sign| image.find(sign)).min();
    let colon = image[slash..].find(':').map(|at| slash + at);
    match (variable, colon) {
        (Some(at), Some(colon)) if at > colon => {
            let image = ImageRef::parse(&image[..colon]).ok()?;
            Some((image.familiar(), Tag::Any))
        }
        (Some(_), _) => None,
        (None, _) => {
            let image = ImageRef::parse(&image).ok().filter(|image| image.digest.is_none())?;
            Some((image.familiar(), Tag::Is(image.tag_text().unwrap_or("latest").to_owned())))
        }
    }
}

/// `${NAME:-default}` and `${NAME-default}` as their defaults.
fn with_defaults(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let Some(end) = rest[at..].find('}').map(|end| at + end) else { break };
        let inner = &rest[at + 2..end];
        out.push_str(&rest[..at]);
        match inner.split_once('-') {
            Some((_, default)) if !default.contains('$') => out.push_str(default),
            _ => out.push_str(&rest[at..=end]),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_decide() {
        let one = |image: &str, dockerfile: &str| Built::of(image, dockerfile);
        let builders = Builders::new(&[
            one("acme/base:1", "one"),
            one("acme/base:2", "two"),
            one("docker.io/acme/any:${TAG}", "any"),
            one("${REG:-reg.acme.example}/app", "app"),
            one("twice", "a"),
            one("twice", "b"),
            one("${WHO}/x", "x"),
            Built { only_for: Some("child".to_owned()), ..one("base", "scoped") },
        ]);
        let source = |child: &str, image: &str| builders.source(child, image).map(|(file, _)| file.as_str());
        assert_eq!(source("", "acme/base:1"), Some("one"));
        assert_eq!(source("", "acme/base:2"), Some("two"));
        for none in ["acme/base:3", "acme/base", "acme/base:${V}", "twice", "x", "base", "acme/base:1@sha256:00"] {
            assert_eq!(source("", none), None, "{none}");
        }
        assert_eq!(source("", "acme/any:7"), Some("any"));
        assert_eq!(source("", "reg.acme.example/app:latest"), Some("app"));
        assert_eq!(source("child", "base"), Some("scoped"));
        assert!(builders.may_build("", "acme/base:9") && !builders.may_build("", "debian:12"));
    }
}
