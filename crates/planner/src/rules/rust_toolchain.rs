//! Toolchains of Rust that rustup manages, on an image whose Rust is a package.

use text_size::TextRange;

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::rule::Rule;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "rust-toolchain",
    summary: "targets, components and toolchains added with rustup, and cargo-chef",
    level: Level::Note,
    docs: "\
## What it finds

A `rustup` command in a stage that moves to Chainguard's Rust image: `rustup target add`, `rustup component add`,
`rustup toolchain install`. Also an image that is Rust with cargo-chef.

## Why it matters on Wolfi

The image's Rust is a package, with the target of the machine and nothing else. Its `rustup` has no toolchain to add
anything to, and the build stops with \"no default toolchain\". Wolfi has no package of cargo-chef.

## What it does

Sets rustup up first, in the directories of the official image and with the version of its tag, as that image does;
installs cargo-chef with cargo.

## Example

```dockerfile
FROM rust:1.80
RUN rustup target add wasm32-unknown-unknown
```

## Result

```dockerfile
FROM cgr.dev/chainguard/rust:latest-dev
ENV RUSTUP_HOME=/usr/local/rustup
ENV CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:$PATH
USER root
RUN rustup-init -y --no-modify-path --profile minimal --default-toolchain 1.80
RUN rustup target add wasm32-unknown-unknown
USER 65532
```
",
};

/// Looks at the stages that move from the official image.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions) {
    for stage in 0..file.stages.len() {
        let Base::Converted(target) = &file.stages[stage].base else { continue };
        if target.image != "rust" {
            continue;
        }
        if file.stages[stage].source.as_ref().is_some_and(|source| source.name == CHEF) {
            install_chef(file, draft, stage, insertions);
        }
        let Some((instruction, range)) = first_call(file, stage) else { continue };
        let tag = file.stages[stage].source.as_ref().and_then(|source| source.tag.as_deref());
        let line = format!(
            "{} rustup-init -y --no-modify-path --profile minimal --default-toolchain {}",
            file.keyword(stage, "RUN"),
            toolchain(tag)
        );
        let finding = LineFinding::note(
            &RULE,
            range,
            "the new image's Rust is a package, and its `rustup` has no toolchain yet",
            "Install a toolchain with rustup",
        );
        insertions.add(file.line_before(instruction), Order::Setup, line, finding);
    }
}

/// The image of cargo-chef's makers.
const CHEF: &str = "lukemathwalker/cargo-chef";

/// What that image has beside Rust, where all stages that start from this one look for it.
fn install_chef(file: &File<'_>, draft: &mut Draft, stage: usize, insertions: &mut Insertions) {
    let model = &file.dockerfile.stages[stage];
    let range = model.image.range;
    let Some(first) = file.body(stage).map(|(index, _)| index).next() else {
        let message = "the new image has no cargo-chef: `cargo install --locked cargo-chef` in this stage brings it";
        draft.report(&RULE, Level::Error, range, message, None);
        return;
    };
    let lines = [
        (Order::Environment, "ENV", "CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:$PATH"),
        (Order::Install, "RUN", "cargo install --locked cargo-chef"),
    ];
    for (order, keyword, text) in lines {
        let message = "the old image had cargo-chef, and the new one has not";
        let finding = LineFinding::note(&RULE, range, message, "Install cargo-chef");
        insertions.add(file.line_before(first), order, format!("{} {text}", file.keyword(stage, keyword)), finding);
    }
    draft.dev_stages.insert(stage);
}

/// The first RUN that calls rustup, unless the file installs it.
fn first_call(file: &File<'_>, stage: usize) -> Option<(usize, TextRange)> {
    let mut found = None;
    for (index, _) in file.body(stage) {
        for script in &file.scripts[index] {
            let mut installs = false;
            script.visit(&mut |command, _| {
                let Some(name) = command.name() else { return };
                installs |= name == "rustup-init" || command.words.iter().any(|word| word.text.contains("rustup.rs"));
                if name == "rustup" && found.is_none() && !installs {
                    found = Some((index, command.span.range));
                }
            });
            if installs && found.is_none() {
                return None;
            }
        }
    }
    found
}

/// The toolchain that a tag of the official image stands for: `1.80` for `1.80-slim`, `nightly`, else `stable`.
fn toolchain(tag: Option<&str>) -> String {
    let first = tag.and_then(|tag| tag.split('-').next()).unwrap_or_default();
    let is_version = first.contains('.') && first.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_version { first.to_owned() } else { "stable".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::toolchain;

    #[test]
    fn toolchains_by_tag() {
        assert_eq!(toolchain(Some("1.80.1-slim-bookworm")), "1.80.1");
        assert_eq!(toolchain(Some("1")), "stable");
        assert_eq!(toolchain(Some("bookworm")), "stable");
        assert_eq!(toolchain(None), "stable");
    }
}
