//! What a tree builds on: every FROM, and everything else that names an image.

mod builds;
mod chains;
mod dockerfile;
pub(crate) mod names;
pub(crate) mod recipes;
mod references;
mod render;
mod variables;

use std::path::Path;

use serde::Serialize;

use crate::engine::Engine;

pub(crate) use chains::settle;
pub(crate) use dockerfile::stages;
pub(crate) use references::{Reference, references};
pub(crate) use render::render;
pub(crate) use variables::Variables;

/// One place that names an image.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Entry {
    /// The file, as in all reports.
    pub(crate) path: String,
    pub(crate) line: u32,
    /// `dockerfile`, `compose`, `kubernetes`, …
    pub(crate) kind: &'static str,
    /// The name of the stage, or its number; the service, or whatever the place is called.
    pub(crate) name: String,
    /// As it is written.
    pub(crate) image: String,
    /// With the defaults of build arguments put in, where that is possible.
    pub(crate) registry: String,
    pub(crate) repository: String,
    pub(crate) tag: String,
    pub(crate) digest: String,
    /// Package managers that the stage calls.
    pub(crate) managers: Vec<&'static str>,
    /// What is to be expected of the whole file.
    pub(crate) outcome: &'static str,
    /// What it would become; empty when it stays.
    pub(crate) becomes: String,
    /// Findings of this stage that need a person.
    pub(crate) for_person: usize,
    /// The Dockerfile of the tree that builds this image.
    pub(crate) built_by: String,
    /// When to migrate: 1 first, 2 after what is built by 1, and so on. 0 for what is no Dockerfile.
    pub(crate) order: usize,
}

/// An image of the tree's own and the Dockerfile that builds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Built {
    pub(crate) image: String,
    pub(crate) dockerfile: String,
    /// The stage that becomes the image, where it is not the last one.
    pub(crate) stage: Option<String>,
    /// The Dockerfile that alone knows the image by this name, where not all do.
    pub(crate) only_for: Option<String>,
    /// The build argument by which that Dockerfile is told the name.
    pub(crate) argument: Option<String>,
}

impl Built {
    /// What the last stage of a Dockerfile becomes.
    pub(crate) fn of(image: &str, dockerfile: &str) -> Self {
        Self { image: image.to_owned(), dockerfile: dockerfile.to_owned(), stage: None, only_for: None, argument: None }
    }
}

impl Entry {
    /// A row for an image that another file than a Dockerfile names; `value` is the image with its variables put in.
    pub(crate) fn of_reference(path: &str, reference: Reference, value: &str, becomes: String) -> Self {
        let Reference { kind, name, image, line, .. } = reference;
        let mut row = Self { path: path.to_owned(), line, kind, name, becomes, ..Self::default() };
        row.set_image(&image, value);
        row
    }

    /// Takes an image apart.
    fn set_image(&mut self, written: &str, value: &str) {
        written.clone_into(&mut self.image);
        let Ok(image) = wolfify_syntax::ImageRef::parse(value) else { return };
        self.registry = image.domain.as_ref().map_or_else(|| "docker.io".to_owned(), |domain| domain.text.clone());
        self.repository = image.path.text.clone();
        self.tag = image.tag_text().unwrap_or_default().to_owned();
        self.digest = image.digest.as_ref().map(|digest| digest.text.clone()).unwrap_or_default();
    }
}

/// What an image would become where it is only run: what a Dockerfile of nothing but that FROM becomes. A base on which
/// the program would first have to be installed is none.
pub(crate) fn counterpart(engine: &Engine, image: &str) -> Option<(String, String)> {
    if image.contains(['$', '{', '\n', ' ', '"', '\'']) {
        return None;
    }
    engine.once(image, || found(engine, image))
}

fn found(engine: &Engine, image: &str) -> Option<(String, String)> {
    let text = format!("FROM {image}\n");
    let rewrite = engine.rewrite(&text, &wolfify_planner::NoContext, &wolfify_planner::Lineage::default()).ok()?;
    let new = wolfify_syntax::parse(&rewrite.new_text).ok()?;
    let target = new.stages.last()?.image.text.clone();
    let said = rewrite.plan.findings.iter().find(|finding| finding.rule == "base-image")?;
    (target != image && !engine.installs(image, &target)).then(|| (target, said.message.clone()))
}

/// A path relative to the folder of a file, without `.` and `..` where they can be resolved.
fn beside(file: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = Path::new(file).parent().and_then(Path::to_str).unwrap_or_default().split('/').collect();
    let root = if file.starts_with('/') { "/" } else { "" };
    parts.retain(|part| !part.is_empty() && *part != ".");
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_beside_a_file() {
        assert_eq!(beside("deploy/compose.yaml", "../api/./Dockerfile"), "api/Dockerfile");
        assert_eq!(beside("compose.yaml", "."), "");
        assert_eq!(beside("a/b.yaml", "../../x"), "../x");
        assert_eq!(beside("/srv/tree/compose.yaml", "api/Dockerfile"), "/srv/tree/api/Dockerfile");
    }
}
