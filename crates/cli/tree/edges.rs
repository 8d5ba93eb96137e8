//! Which Dockerfile builds on which.

use std::collections::{HashMap, HashSet};

use wolfify_syntax::BaseImage;

use crate::tree::builders::Builders;

/// A FROM whose image is built by another Dockerfile of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    /// The image as FROM names it.
    pub(super) word: String,
    /// The same with its variables put in.
    pub(super) image: String,
    /// The Dockerfile that builds it.
    pub(super) dockerfile: String,
    /// The stage that becomes it, where it is not the last one.
    pub(super) stage: Option<String>,
    /// How many Dockerfiles stand below the one that builds it.
    pub(super) level: usize,
}

/// The bases of a Dockerfile that the tree builds.
pub(super) fn of(bytes: &[u8], label: &str, builders: &Builders) -> Vec<Edge> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    if !words(text).any(|word| builders.may_build(label, word)) {
        return Vec::new();
    }
    let Ok(dockerfile) = wolfify_syntax::parse(text) else { return Vec::new() };
    let evaluation = dockerfile.evaluate();
    let mut edges: Vec<Edge> = Vec::new();
    for stage in dockerfile.stages.iter().filter(|stage| stage.base == BaseImage::Image) {
        let word = &stage.image.text;
        let value = evaluation.scope(stage.instructions.start).expand(word).ok();
        let value = value.and_then(|expansion| expansion.value.text().map(str::to_owned));
        // An argument with a default names what is built without the tool that sets it.
        let (image, source) = match value.filter(|value| !value.is_empty()) {
            Some(value) => (value.clone(), builders.source(label, &value)),
            None => match builders.argument(label, word) {
                Some((image, source)) => (image.clone(), Some(source)),
                None => (word.clone(), builders.source(label, word)),
            },
        };
        // A file that names its own result as a base builds on an older one.
        let source = source.filter(|(dockerfile, _)| dockerfile != label);
        let Some((dockerfile, stage)) = source else { continue };
        if edges.iter().all(|edge| edge.word != *word) {
            let (dockerfile, stage) = (dockerfile.clone(), stage.clone());
            edges.push(Edge { word: word.clone(), image, dockerfile, stage, level: 0 });
        }
    }
    edges
}

/// What may be an image in a Dockerfile: the words of FROM and ARG lines. A quick look; the parse comes after.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let line = |line: &str| {
        let keyword = line.trim_start().get(..4).unwrap_or_default().to_ascii_uppercase();
        keyword == "FROM" || keyword.starts_with("ARG")
    };
    let words = text.lines().filter(move |text| line(text)).flat_map(|line| line.split_ascii_whitespace().skip(1));
    words.map(|word| word.split_once('=').map_or(word, |(_, value)| value).trim_matches(['"', '\'']))
}

/// Gives every edge its level, and takes away those that go round in a circle or stand on more than `longest`. Answers
/// the level of every file that builds on others.
pub(super) fn settle(edges: &mut HashMap<String, Vec<Edge>>, longest: usize) -> HashMap<String, usize> {
    let mut children: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut waiting: HashMap<&str, usize> = HashMap::new();
    for (child, list) in edges.iter() {
        let bases: HashSet<&str> =
            list.iter().map(|edge| edge.dockerfile.as_str()).filter(|base| edges.contains_key(*base)).collect();
        waiting.insert(child, bases.len());
        bases.into_iter().for_each(|base| children.entry(base).or_default().push(child));
    }
    let mut ready: Vec<&str> = waiting.iter().filter(|(_, count)| **count == 0).map(|(child, _)| *child).collect();
    let mut levels: HashMap<String, usize> = HashMap::new();
    while let Some(file) = ready.pop() {
        let below = edges[file].iter().filter_map(|edge| levels.get(&edge.dockerfile)).max().copied().unwrap_or(0);
        levels.insert(file.to_owned(), below + 1);
        for child in children.get(file).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(child) {
                *count -= 1;
                if *count == 0 {
                    ready.push(child);
                }
            }
        }
    }
    levels.retain(|_, level| *level <= longest);
    edges.retain(|child, _| levels.contains_key(child));
    for edge in edges.values_mut().flatten() {
        edge.level = levels.get(&edge.dockerfile).copied().unwrap_or(0);
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(dockerfile: &str) -> Edge {
        Edge { word: String::new(), image: String::new(), dockerfile: dockerfile.to_owned(), stage: None, level: 0 }
    }

    #[test]
    fn circles_and_what_stands_on_them_are_left() {
        let mut edges: HashMap<String, Vec<Edge>> = [
            ("child", vec!["base"]),
            ("grandchild", vec!["child", "base"]),
            ("a", vec!["b"]),
            ("b", vec!["a"]),
            ("on-circle", vec!["a"]),
        ]
        .into_iter()
        .map(|(child, bases)| (child.to_owned(), bases.into_iter().map(edge).collect()))
        .collect();
        let levels = settle(&mut edges, 16);
        assert_eq!(levels, HashMap::from([("child".to_owned(), 1), ("grandchild".to_owned(), 2)]));
        assert_eq!(edges.len(), 2);
        assert_eq!(edges["grandchild"].iter().map(|edge| edge.level).collect::<Vec<_>>(), [1, 0]);
        settle(&mut edges, 1);
        assert_eq!(edges.keys().collect::<Vec<_>>(), ["child"]);
    }
}
