//! The build context, as far as it is the one that the file was written for.

use wolfify_syntax::{Instruction, Keyword};

use crate::context::BuildContext;
use crate::file::File;

/// A build context that is asked only when the file's own sources are in it. A folder that holds nothing but Dockerfiles
/// says nothing about what is beside the application.
pub(super) struct Surroundings<'a> {
    context: Option<&'a dyn BuildContext>,
}

impl<'a> Surroundings<'a> {
    pub(super) fn new(file: &File<'_>, context: &'a dyn BuildContext) -> Self {
        let known = context.list("").is_some_and(|names| {
            names.iter().any(|name| !is_beside_any(name)) && sources(file).all(|source| names.contains(&source))
        });
        Self { context: known.then_some(context) }
    }
}

impl BuildContext for Surroundings<'_> {
    fn read(&self, path: &str) -> Option<String> {
        self.context?.read(path)
    }

    fn list(&self, path: &str) -> Option<Vec<String>> {
        self.context?.list(path)
    }
}

/// Files that lie beside Dockerfiles wherever these are kept.
fn is_beside_any(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains("dockerfile")
        || lower.contains("compose")
        || [".dockerignore", "readme", "license", "makefile"].iter().any(|own| lower.starts_with(own))
        || [".md", ".yml", ".yaml", ".sh", ".conf", ".env"].iter().any(|end| lower.ends_with(end))
}

/// The first parts of all paths that the file copies from its context, where they are written out.
fn sources<'f>(file: &'f File<'_>) -> impl Iterator<Item = String> + 'f {
    let copies = file.dockerfile.instructions.iter().filter(|instruction| {
        matches!(instruction.keyword, Keyword::Copy | Keyword::Add) && instruction.flag("from").is_none()
    });
    let words = copies.flat_map(Instruction::sources);
    words.filter_map(|source| {
        let word = source.text;
        let first = word.trim_start_matches("./").trim_start_matches('/').split('/').next()?.to_owned();
        let plain = !word.contains(['$', '*', '?', '[', '<', '"', '\'']) && !word.contains("://");
        // What is built outside, by the author's own tools, need not be there now.
        let built = matches!(
            first.as_str(),
            "target" | "build" | "dist" | "out" | "bin" | "publish" | "node_modules" | "public"
        );
        (plain && !built && !first.is_empty() && first != ".").then_some(first)
    })
}
