//! Dockerfiles that build on what other Dockerfiles of the tree build, and the order that follows.

use std::collections::{BTreeSet, HashMap};

use wolfify_syntax::ImageRef;

use crate::inventory::{Built, Entry};

/// Says of every row what builds its image, and of every Dockerfile when its turn is. `builder` knows what a FROM of a
/// Dockerfile is planned on; other files name what runs, whatever its tag.
pub(crate) fn settle<'t>(rows: &mut [Entry], built: &[Built], builder: impl Fn(&str, &str) -> Option<&'t str>) {
    let images = Images::new(built);
    for row in rows.iter_mut() {
        let value = if row.repository.is_empty() { row.image.clone() } else { full(row) };
        let planned = builder(&row.path, &row.image).filter(|_| row.kind == "dockerfile");
        let dockerfile = planned.or_else(|| images.dockerfile(&row.image, &value));
        // A file that names its own result as a base builds on an older one.
        if let Some(dockerfile) = dockerfile.filter(|dockerfile| *dockerfile != row.path) {
            dockerfile.clone_into(&mut row.built_by);
        }
    }
    let mut bases: HashMap<&str, Vec<&str>> = HashMap::new();
    for row in rows.iter().filter(|row| row.kind == "dockerfile") {
        let list = bases.entry(&row.path).or_default();
        list.extend(Some(row.built_by.as_str()).filter(|base| !base.is_empty()));
    }
    let mut known = HashMap::new();
    let mut orders = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        orders.push(if row.kind == "dockerfile" { order(&row.path, &bases, &mut known) } else { 0 });
    }
    for (row, order) in rows.iter_mut().zip(orders) {
        row.order = order;
    }
}

/// 1 for a Dockerfile that builds on nothing of the tree, else one more than the last of its bases. Found without
/// recursion, since a chain may be long; a circle counts as if it were cut.
fn order<'r>(path: &'r str, bases: &HashMap<&'r str, Vec<&'r str>>, known: &mut HashMap<&'r str, usize>) -> usize {
    let mut stack = vec![path];
    let mut entered: Vec<&str> = Vec::new();
    while let Some(&top) = stack.last() {
        if known.contains_key(top) {
            stack.pop();
            continue;
        }
        let list = bases.get(top).map(Vec::as_slice).unwrap_or_default();
        let open = list
            .iter()
            .find(|base| !known.contains_key(**base) && bases.contains_key(**base) && !entered.contains(base));
        match open {
            Some(base) if *base != top => {
                entered.push(top);
                stack.push(base);
            }
            _ => {
                let last = list.iter().filter_map(|base| known.get(base)).max().copied().unwrap_or(0);
                known.insert(top, last + 1);
                stack.pop();
            }
        }
    }
    known.get(path).copied().unwrap_or(1)
}

/// The Dockerfiles that build images, by the text of the name, and by the name without its tag: a child may pin an older
/// one of the same line.
struct Images<'b> {
    by_text: HashMap<&'b str, BTreeSet<&'b str>>,
    by_name: HashMap<String, BTreeSet<&'b str>>,
}

impl<'b> Images<'b> {
    fn new(built: &'b [Built]) -> Self {
        let mut images = Self { by_text: HashMap::new(), by_name: HashMap::new() };
        for built in built.iter().filter(|built| built.only_for.is_none()) {
            images.by_text.entry(&built.image).or_default().insert(&built.dockerfile);
            if let Some(name) = name(&built.image) {
                images.by_name.entry(name).or_default().insert(&built.dockerfile);
            }
        }
        images
    }

    /// The one that builds an image; `None` where several could.
    fn dockerfile(&self, written: &str, value: &str) -> Option<&'b str> {
        let found = self.by_text.get(written).or_else(|| self.by_text.get(value));
        let found = found.or_else(|| self.by_name.get(&name(value)?))?;
        found.first().copied().filter(|_| found.len() == 1)
    }
}

/// An image without its tag; `None` when a variable decides which one it is.
fn name(image: &str) -> Option<String> {
    let image = ImageRef::parse(image).ok().filter(|image| !image.path.text.is_empty())?.familiar();
    (!image.contains('$')).then_some(image)
}

fn full(row: &Entry) -> String {
    if row.registry == "docker.io" { row.repository.clone() } else { format!("{}/{}", row.registry, row.repository) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(path: &str, image: &str) -> Entry {
        let mut row = Entry { path: path.to_owned(), kind: "dockerfile", ..Entry::default() };
        row.set_image(image, image);
        row
    }

    #[test]
    fn children_come_after_their_bases() {
        let mut rows = [
            row("c", "acme/b:2"),
            row("b", "registry.acme/a"),
            row("a", "debian:12"),
            row("x", "acme/x"),
            row("c", "y"),
        ];
        let built = |image: &str, dockerfile: &str| Built::of(image, dockerfile);
        // c and d build on each other, as far as one can see.
        let list = [built("registry.acme/a:1", "a"), built("acme/b", "b"), built("acme/x", "x"), built("y", "c")];
        settle(&mut rows, &list, |_, _| None);
        let seen: Vec<_> = rows.iter().map(|row| (row.built_by.as_str(), row.order)).collect();
        assert_eq!(seen, [("b", 3), ("a", 2), ("", 1), ("", 1), ("", 3)]);
    }

    #[test]
    fn one_name_may_be_many_images() {
        let tags = ["ad", "cart"].map(|name| format!("${{IMAGE_NAME}}:${{VERSION}}-{name}"));
        let mut rows = [
            row("compose.yaml", &tags[0]),
            row("x", "${IMAGE_NAME}:2"),
            row("y", "acme/all:ad"),
            row("z", "acme/all:x"),
        ];
        let built = |image: &str, dockerfile: &str| Built::of(image, dockerfile);
        let list = [
            built(&tags[0], "ad"),
            built(&tags[1], "cart"),
            built("acme/all:ad", "ad"),
            built("acme/all:cart", "cart"),
        ];
        settle(&mut rows, &list, |_, _| None);
        assert_eq!(rows.map(|row| row.built_by), ["ad", "", "ad", ""]);
    }

    #[test]
    fn circles_end() {
        let mut rows = [row("a", "i/b"), row("b", "i/a")];
        let built = |image: &str, dockerfile: &str| Built::of(image, dockerfile);
        settle(&mut rows, &[built("i/a", "a"), built("i/b", "b")], |_, _| None);
        assert!(rows.iter().all(|row| row.order > 0));
    }
}
