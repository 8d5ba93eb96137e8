//! Which Chainguard image stands for a source image.

use crate::glob;
use crate::lookup::{ImageMapping, ImageTarget, Lookup};
use crate::mappings::Mappings;
use crate::table::Row;

/// Columns of `images.tsv`; `image-patterns.tsv` has the tag's pattern after the image's.
mod column {
    pub(super) const PAID: usize = 1;
    pub(super) const FREE: usize = 2;
    pub(super) const VARIANT: usize = 3;
    pub(super) const PACKAGES: usize = 4;
    pub(super) const CONFIDENCE: usize = 5;
    pub(super) const NOTE: usize = 6;
    pub(super) const SOURCE: usize = 7;
}

/// Registries that serve Docker Hub's images under the same name.
const HUB_PREFIXES: [&str; 12] = [
    "docker.io/library/",
    "index.docker.io/library/",
    "registry-1.docker.io/library/",
    "registry.docker.com/library/",
    "registry.hub.docker.com/library/",
    "public.ecr.aws/docker/library/",
    "mirror.gcr.io/library/",
    "docker.io/",
    "index.docker.io/",
    "registry-1.docker.io/",
    "registry.docker.com/",
    "registry.hub.docker.com/",
];

/// The name an image goes by on Docker Hub (`python` for `docker.io/library/python`), or the name itself.
pub(crate) fn familiar(name: &str) -> &str {
    let name = HUB_PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}

impl Mappings {
    /// What stands for the source image `name` (without tag and digest, `python` or `docker.io/library/python`) at `tag`.
    ///
    /// A tag's own row beats the image's row, an image's row beats a pattern, and of two patterns the more specific wins.
    pub fn image(&self, name: &str, tag: Option<&str>) -> Lookup<ImageMapping> {
        let name = familiar(name);
        if let Some(answer) = self.user.image(name, tag) {
            return answer;
        }
        let pattern = self.image_pattern(name, tag);
        let is_own_tag = pattern.is_some_and(|row| row.column(0) == name);
        match (self.tables.images.find(name), pattern) {
            (Some(row), _) if !is_own_tag => self.image_row(row, 0),
            (_, Some(row)) => self.image_row(row, 1),
            (_, None) => Lookup::Unknown,
        }
    }

    /// Whether the image `name` (without tag) is one that a table of the user maps others to, in a registry of its own.
    pub fn is_own_target(&self, name: &str) -> bool {
        self.user.is_target(name)
    }

    /// Whether a table of the user maps something to the image under this tag, with or without `-dev`.
    pub fn is_own_tag(&self, name: &str, tag: &str) -> bool {
        self.user.names_tag(name, tag.strip_suffix("-dev").unwrap_or(tag))
    }

    fn image_pattern(&self, name: &str, tag: Option<&str>) -> Option<Row<'static>> {
        let rows = self.tables.image_patterns.rows_for(name);
        let matching = rows.filter(|row| {
            let tag_pattern = row.column(1);
            glob::matches(row.column(0), name)
                && (tag_pattern == "*" || tag.is_some_and(|tag| glob::matches(tag_pattern, tag)))
        });
        // Rows are sorted and unique, so the last of two equally specific ones is always the same.
        matching.max_by_key(|row| (glob::specificity(row.column(0)), glob::specificity(row.column(1))))
    }

    fn image_row(&self, row: Row<'_>, shift: usize) -> Lookup<ImageMapping> {
        let provenance = self.provenance(row, column::CONFIDENCE + shift, column::SOURCE + shift);
        let note = row.optional(column::NOTE + shift);
        let paid = target(row.column(column::PAID + shift));
        let free = target(row.column(column::FREE + shift));
        let Some(main) = paid.clone().or_else(|| free.clone()) else {
            return Lookup::Absent { advice: note.unwrap_or_default(), provenance };
        };
        let same = free.as_ref() == Some(&main);
        Lookup::Mapped(ImageMapping {
            image: main.image,
            tag: main.tag,
            own: false,
            free: same,
            free_equivalent: free.filter(|_| !same),
            variant: row.optional(column::VARIANT + shift),
            packages: row.words(column::PACKAGES + shift),
            note,
            provenance,
        })
    }
}

/// `php:latest-fpm` → image and tag; `None` for the empty text.
fn target(text: &str) -> Option<ImageTarget> {
    let (image, tag) = text.split_once(':').map_or((text, None), |(image, tag)| (image, Some(tag.to_owned())));
    (!image.is_empty()).then(|| ImageTarget { image: image.to_owned(), tag })
}
