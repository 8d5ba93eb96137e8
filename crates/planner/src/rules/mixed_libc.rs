//! Programs that end up on an image with another C library than the one they were built against.

use text_size::TextRange;
use wolfify_mappings::{Distro, Linkage};
use wolfify_syntax::{ImageRef, Instruction, Keyword};

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::rule::Rule;
use crate::rules::base_image;
use crate::stages::{self, Base};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "mixed-libc",
    summary: "programs on an image with another C library than they were built against",
    level: Level::Error,
    docs: "\
## What it finds

`COPY --from` and `RUN --mount=from` that carry programs between musl (Alpine) and glibc (Wolfi, Debian): a builder that
moves to Wolfi while the image it builds for stays on Alpine or `scratch`, the other way round, and files out of other
images.

## Why it matters on Wolfi

Wolfi is built on glibc. A program that is linked against one of the two libraries does not start on the other (\"no such
file or directory\"), and nothing of that is seen while the image is built. A program that is linked statically runs
anywhere.

## What it does

Go programs of a `golang:alpine` builder were static, for that image has no C compiler; `ENV CGO_ENABLED=0` keeps them so
where they are copied to an image without glibc. A stage whose programs only go to stages that stay on their distribution
stays with them, for Wolfi's glibc is newer than theirs. Everything else is left to a person. Files of images that are known to hold
static programs or no programs at all are left alone.

## Example

```dockerfile
FROM golang:1.22-alpine AS build
COPY . /src
RUN cd /src && go build -o /app
FROM scratch
COPY --from=build /app /app
```

## Result

```dockerfile
FROM cgr.dev/chainguard/go:latest-dev AS build
COPY . /src
ENV CGO_ENABLED=0
RUN cd /src && go build -o /app
FROM scratch
COPY --from=build /app /app
```
",
};

/// The C library of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Libc {
    Glibc,
    Musl,
    /// None at all.
    Nothing,
    Unknown,
}

/// Looks at everything that is copied out of a stage or an image.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions) {
    let mut kept_static = vec![false; file.stages.len()];
    for stage in 0..file.stages.len() {
        for (index, instruction) in file.body(stage) {
            if draft.dropped_instructions.contains(&index) {
                continue;
            }
            for (from, range, paths) in sources(instruction) {
                let from = from.trim_matches(['"', '\'']);
                match file.dockerfile.stage_by_reference(from) {
                    Some(source) if source.index != stage => {
                        let copy = Copy { file, from: source.index, to: stage, range, paths: &paths };
                        copy.check(draft, insertions, &mut kept_static);
                    }
                    Some(_) => {}
                    None => check_image(file, draft, stage, from, range, &paths),
                }
            }
        }
    }
}

/// The images at the bottom of stages whose programs go only to stages that stay on their distribution, each with one
/// such stage: a program that is linked against Wolfi's C library finds an older one there.
pub(crate) fn built_for_what_stays(file: &File<'_>) -> Vec<(usize, usize)> {
    let stays = |stage: usize| matches!(file.stages[file.bottoms[stage]].base, Base::Left(_));
    // By bottom: the first stage that takes programs and stays, and whether anything of it migrates.
    let mut takers: Vec<Option<usize>> = vec![None; file.stages.len()];
    let mut moves = vec![false; file.stages.len()];
    for stage in 0..file.stages.len() {
        for (_, instruction) in file.body(stage) {
            for (from, range, paths) in sources(instruction) {
                let source = file.dockerfile.stage_by_reference(from.trim_matches(['"', '\'']));
                let Some(source) = source.filter(|source| source.index != stage) else { continue };
                let bottom = file.bottoms[source.index];
                if !stays(stage) {
                    moves[bottom] = true;
                    continue;
                }
                let copy = Copy { file, from: source.index, to: stage, range, paths: &paths };
                if copy.takes_programs() && libc(file, stage).0 != Libc::Musl {
                    takers[bottom].get_or_insert(stage);
                }
            }
        }
    }
    let last = file.stages.len() - 1;
    moves[file.bottoms[last]] = true;
    let found = takers.into_iter().enumerate().filter_map(|(bottom, taker)| Some((bottom, taker?)));
    found.filter(|(bottom, _)| !moves[*bottom] && matches!(file.stages[*bottom].base, Base::Converted(_))).collect()
}

/// What an instruction takes files from, where that is written, and which files.
fn sources(instruction: &Instruction) -> Vec<(&str, TextRange, Vec<String>)> {
    let mut found = Vec::new();
    for flag in &instruction.flags {
        let Some(value) = &flag.value else { continue };
        match (instruction.keyword, flag.name.as_str()) {
            (Keyword::Copy | Keyword::Add, "from") => {
                found.push((value.text.as_str(), flag.range, copied(instruction)));
            }
            (Keyword::Run, "mount") => {
                let option = |names: &[&str]| {
                    value.text.split(',').find_map(|part| {
                        let (name, text) = part.trim().split_once('=')?;
                        names.contains(&name).then_some(text)
                    })
                };
                if let Some(from) = option(&["from"]) {
                    let path = option(&["source", "src"]).unwrap_or("/").to_owned();
                    found.push((from, flag.range, vec![path]));
                }
            }
            _ => {}
        }
    }
    found
}

fn copied(instruction: &Instruction) -> Vec<String> {
    instruction.sources().iter().map(|source| source.text.to_owned()).collect()
}

/// Whether a path names something that is no program, by its ending or its place.
fn is_data(path: &str) -> bool {
    const ENDINGS: [&str; 24] = [
        ".js", ".mjs", ".json", ".css", ".html", ".jar", ".war", ".py", ".rb", ".php", ".conf", ".cfg", ".yml",
        ".yaml", ".toml", ".txt", ".md", ".pem", ".crt", ".sh", ".whl", ".xml", ".done", ".h",
    ];
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    ENDINGS.iter().any(|ending| last.ends_with(ending))
        || matches!(
            last,
            "dist"
                | "build"
                | "public"
                | "static"
                | "include"
                | "assets"
                | "html"
                | "passwd"
                | "group"
                | "ca-certificates.crt"
        )
        || ["/etc/", "/usr/share/"].iter().any(|place| path.starts_with(place))
}

/// The C library of the image at the bottom of a stage, before and after.
fn libc(file: &File<'_>, stage: usize) -> (Libc, Libc) {
    let model = &file.stages[file.bottoms[stage]];
    let source = model.source.as_ref().map(|source| stages::distro_of(&source.name, source.tag.as_deref()));
    let before = match (&model.base, source) {
        (Base::Scratch, _) => Libc::Nothing,
        (Base::Native, _) => Libc::Glibc,
        (_, Some(Distro::Alpine)) => Libc::Musl,
        (Base::Converted(_), _) => Libc::Glibc,
        _ => Libc::Unknown,
    };
    let after = match &model.base {
        Base::Converted(target) if target.image == "static" => Libc::Nothing,
        Base::Converted(_) => Libc::Glibc,
        _ => before,
    };
    (before, after)
}

/// A copy from one stage to another.
struct Copy<'a> {
    file: &'a File<'a>,
    from: usize,
    to: usize,
    range: TextRange,
    paths: &'a [String],
}

impl Copy<'_> {
    fn check(&self, draft: &mut Draft, insertions: &mut Insertions, kept_static: &mut [bool]) {
        if self.paths.iter().all(|path| is_data(path)) {
            return;
        }
        let ((from_before, from_after), (to_before, to_after)) = (libc(self.file, self.from), libc(self.file, self.to));
        match (from_before, from_after, to_before, to_after) {
            (Libc::Musl, Libc::Glibc, _, Libc::Musl | Libc::Nothing) => {
                self.builder_moved(draft, insertions, kept_static);
            }
            (_, Libc::Glibc, _, _) if self.is_for_what_stays() => {
                let message = "this is linked against Wolfi's C library, and the image that it is copied to stays on an older one: \
                               move that image too, or link statically";
                draft.report(&RULE, Level::Error, self.range, message, None);
            }
            (Libc::Musl, Libc::Musl, Libc::Musl, Libc::Glibc) if self.builds_or_has_programs() => {
                let message = "this comes from a stage that stays on Alpine and is linked against musl, which the new image has \
                               not; move that stage too, or link statically";
                draft.report(&RULE, Level::Error, self.range, message, None);
            }
            _ => {}
        }
    }

    /// Whether programs of a builder that migrates go to a stage that does not.
    fn is_for_what_stays(&self) -> bool {
        let base = |stage: usize| &self.file.stages[self.file.bottoms[stage]].base;
        matches!((base(self.from), base(self.to)), (Base::Converted(_), Base::Left(_)))
            && libc(self.file, self.to).0 != Libc::Musl
            && self.takes_programs()
    }

    /// The builder was Alpine and is Wolfi now; what it builds for has no glibc.
    fn builder_moved(&self, draft: &mut Draft, insertions: &mut Insertions, kept_static: &mut [bool]) {
        if self.is_static() {
            return;
        }
        if let Some(index) = self.first_run(&["go build", "go install", "go test -c"]) {
            if !self.has_compiler() && self.file.is_closed(index) {
                self.keep_static(insertions, index, kept_static);
                return;
            }
            self.report(draft, "link it statically (`CGO_ENABLED=0`)");
        } else if self.first_run(&["cargo build", "cargo install", "rustc "]).is_some() {
            self.report(draft, "link it statically (`RUSTFLAGS=-Ctarget-feature=+crt-static`, with a `--target`)");
        } else if self.first_run(&["gcc ", "g++ ", "clang", "make", "cmake", "ninja", "cc "]).is_some() {
            self.report(draft, "link it statically (`-static`)");
        }
    }

    fn report(&self, draft: &mut Draft, way: &str) {
        let message = format!(
            "the builder is on glibc now and the image that this is copied to has none; {way}, or move that image too"
        );
        draft.report(&RULE, Level::Error, self.range, message, None);
    }

    /// `ENV CGO_ENABLED=0` before the build, once for each builder.
    fn keep_static(&self, insertions: &mut Insertions, index: usize, kept_static: &mut [bool]) {
        let stage = self.stage_of(index);
        if std::mem::replace(&mut kept_static[stage], true) {
            return;
        }
        let finding = LineFinding::note(
            &RULE,
            self.file.instruction(index).keyword_range,
            "golang's Alpine image has no C compiler, so its programs are static; the new image has one, and the \
                      program goes to an image without glibc",
            "Keep the program static",
        );
        let line = format!("{} CGO_ENABLED=0", self.file.keyword(stage, "ENV"));
        insertions.add(self.file.line_before(index), Order::Environment, line, finding);
    }

    /// The stage of an instruction: the builder, or one that it stands on.
    fn stage_of(&self, index: usize) -> usize {
        self.chain()
            .into_iter()
            .find(|stage| self.file.dockerfile.stages[*stage].instructions.contains(&index))
            .unwrap_or(self.from)
    }

    /// The builder and the stages that it stands on, the lowest first.
    fn chain(&self) -> Vec<usize> {
        let mut chain = vec![self.from];
        while let Base::Parent(parent) = self.file.stages[chain[chain.len() - 1]].base {
            chain.push(parent);
        }
        chain.reverse();
        chain
    }

    fn texts(&self) -> impl Iterator<Item = (usize, Keyword, &str)> {
        self.chain().into_iter().flat_map(|stage| {
            self.file
                .body(stage)
                .map(|(index, instruction)| (index, instruction.keyword, &self.file.text[instruction.range]))
        })
    }

    fn first_run(&self, commands: &[&str]) -> Option<usize> {
        self.texts()
            .find(|(_, keyword, text)| *keyword == Keyword::Run && commands.iter().any(|command| calls(text, command)))
            .map(|(index, _, _)| index)
    }

    /// Whether the builder says that it links statically, or decides about cgo by itself.
    fn is_static(&self) -> bool {
        const SIGNS: [&str; 5] = ["CGO_ENABLED", "-static", "linux-musl", "crt-static", "goreleaser"];
        self.texts().any(|(_, _, text)| SIGNS.iter().any(|sign| text.contains(sign)))
    }

    /// Whether a C compiler is installed on an image of Go.
    fn has_compiler(&self) -> bool {
        let source = self.file.stages[self.file.bottoms[self.from]].source.as_ref();
        let is_go = source.is_some_and(|source| source.name.rsplit('/').next() == Some("golang"));
        let compilers = ["gcc", "build-base", "alpine-sdk", "clang", "g++"];
        !is_go || self.texts().any(|(_, _, text)| compilers.iter().any(|compiler| text.contains(compiler)))
    }

    /// Whether what is copied is or may be linked against the image that it comes from.
    fn takes_programs(&self) -> bool {
        let environment = |path: &String| path.contains("venv") || path.contains("site-packages");
        !self.paths.iter().all(|path| is_data(path))
            && (self.builds_or_has_programs() || self.paths.iter().any(environment))
    }

    /// Whether the builder compiles, or programs are copied by their place.
    fn builds_or_has_programs(&self) -> bool {
        let place = |path: &String| ["/bin", "/sbin", "/lib"].iter().any(|place| path.contains(place));
        let builds = ["go build", "cargo build", "gcc ", "g++ ", "make", "cmake"];
        !self.is_static() && (self.paths.iter().any(place) || self.first_run(&builds).is_some())
    }
}

/// Whether a text holds a command's words, not as the end of a longer word (`cargo build` is no `go build`).
fn calls(text: &str, command: &str) -> bool {
    text.match_indices(command)
        .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || "-_.".contains(c)))
}

/// Files out of an image that is no stage.
fn check_image(file: &File<'_>, draft: &mut Draft, stage: usize, image: &str, range: TextRange, paths: &[String]) {
    if libc(file, stage).1 != Libc::Glibc || !file.stages[stage].migrates {
        return;
    }
    let value = file.evaluation.scope(file.dockerfile.stages[stage].instructions.start).expand(image).ok();
    let Some(value) = value.and_then(|expansion| expansion.value.text().map(str::to_owned)) else { return };
    let Ok(reference) = ImageRef::parse(&value) else { return };
    let (name, tag) = (reference.familiar(), reference.tag_text());
    let before = draft.findings.len();
    for path in paths {
        let (level, message) = match file.mappings.copied_file(&name, tag, path) {
            Some(known) => match known.linkage {
                Linkage::Static | Linkage::Data => continue,
                Linkage::Glibc => match known.note {
                    Some(note) => (Level::Warning, format!("`{path}` of `{name}`: {note}")),
                    None => continue,
                },
                Linkage::Musl => {
                    let advice = known.note.unwrap_or_else(|| "take it from an image on glibc".to_owned());
                    (
                        Level::Error,
                        format!("`{path}` of `{name}` is linked against musl and does not start on Wolfi; {advice}"),
                    )
                }
                Linkage::Distribution => {
                    (Level::Error, format!("`{path}` of `{name}`: {}", known.note.unwrap_or_default()))
                }
            },
            None if stages::distro_of(&name, tag) == Distro::Alpine && !is_data(path) => (
                Level::Warning,
                format!(
                    "`{path}` of `{name}` comes from an image on musl; a program in it starts on Wolfi only if it is static"
                ),
            ),
            None => continue,
        };
        draft.report(&RULE, level, range, message, None);
    }
    if draft.findings.len() == before && file.mappings.image(&name, tag).mapped().is_some() {
        let message = format!("only files are taken from `{value}`, so it stays");
        draft.report(&base_image::RULE, Level::Note, range, message, None);
    }
}
