//! Base images: what a FROM becomes.

use std::collections::{BTreeMap, BTreeSet};

use text_size::{TextRange, TextSize};
use wolfify_edit::Edit;
use wolfify_mappings::{ImageTarget, Lookup, Tier};
use wolfify_syntax::{BaseImage, Keyword, Word};

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::from_word::{FromWord, Piece};
use crate::globals::{Globals, names};
use crate::rule::Rule;
use crate::script::layout_size;
use crate::stages::{self, Base, SourceImageName, StageModel, Target};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "base-image",
    summary: "base images of other distributions",
    level: Level::Warning,
    docs: "\
## What it finds

A FROM whose image has a counterpart in the Chainguard catalogue, written out or by way of build arguments.

## Why it matters on Wolfi

Everything else follows from the base image. On the free tier an image has the tags `latest` and `latest-dev` only, so
a version in the old tag is lost, and the finding says so. Any other organisation keeps the version as major.minor. A
stage that runs commands gets the `-dev` variant, which has a shell and apk.

An image that another Dockerfile of the tree builds keeps its name; the stage is planned on what that Dockerfile
becomes, and a note says so.

A digest belongs to the old image and is dropped. A build argument that holds the image keeps doing so: its default
value is rewritten. An argument that only held the old tag goes when nothing else uses it.

## Example

```dockerfile
ARG PYTHON_VERSION=3.12
FROM python:${PYTHON_VERSION}-slim
RUN pip install flask
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest-dev
USER root
RUN pip install flask
USER 65532
```
",
};

/// The record of the rule for bases that stay.
pub(crate) static UNKNOWN: Rule = Rule {
    id: "unknown-base-image",
    summary: "base images without a known counterpart",
    level: Level::Warning,
    docs: "\
## What it finds

A FROM whose image is not in the tables (a private image, a product image), or whose value is only known when the image
is built.

## Why it matters on Wolfi

The stage keeps its old distribution, and therefore its package commands stay as they are: rewriting them would break
the build. Nothing is guessed from the last part of an image's name.

## Example

```dockerfile
FROM registry.example.com/team/base:7
RUN apt-get update && apt-get install -y curl
```

## Result

Nothing changes. Migrate the base image first, or name its counterpart in a mapping file (`--mappings`).
",
};

/// Finds out what becomes of every stage's base.
pub(crate) fn resolve(file: &File<'_>, globals: &Globals<'_>) -> Vec<StageModel> {
    let mut models: Vec<StageModel> = Vec::with_capacity(file.dockerfile.stages.len());
    for stage in &file.dockerfile.stages {
        let model = match stage.base {
            BaseImage::Scratch => StageModel { source: None, distro: None, base: Base::Scratch, migrates: false },
            BaseImage::Stage(parent) => {
                let parent_model = &models[parent];
                StageModel {
                    source: None,
                    distro: parent_model.distro,
                    base: Base::Parent(parent),
                    migrates: parent_model.migrates,
                }
            }
            BaseImage::Image => image_model(file, globals, &stage.image),
        };
        models.push(model);
    }
    crate::lineage::catch_up(file, &mut models);
    models
}

/// Whether a part of a tag names a 32-bit machine.
fn is_32_bit(part: &str) -> bool {
    matches!(part, "arm32v5" | "arm32v6" | "arm32v7" | "armhf" | "armv7" | "armv7l" | "i386")
}

fn image_model(file: &File<'_>, globals: &Globals<'_>, word: &Word) -> StageModel {
    let left = |reason: String, source| StageModel { source, distro: None, base: Base::Left(reason), migrates: false };
    let value = match globals.expand(&word.text) {
        Ok(value) => value,
        Err(reason) => return left(reason, None),
    };
    if value.starts_with('/') && word.text.starts_with(['$', '"', '\'']) {
        let reason = format!("the registry in `{}` has no value in the file; give its ARG a default", word.text);
        return left(reason, None);
    }
    let reference = match wolfify_syntax::ImageRef::parse(&value) {
        Ok(reference) => reference,
        Err(error) => return left(format!("`{value}` is not an image reference: {error}"), None),
    };
    let familiar = reference.familiar();
    let (name, platform) = without_platform(&familiar);
    let platform = platform.or_else(|| reference.tag_text().and_then(platform_of_tag));
    let source = SourceImageName { name: name.to_owned(), tag: reference.tag_text().map(str::to_owned) };
    if source.tag.as_deref().is_some_and(|tag| tag.split('-').any(|part| part == "onbuild")) {
        let reason =
            format!("`{value}` builds by triggers that the new image has not (`ONBUILD`): write them out first");
        return left(reason, Some(source));
    }
    if source.tag.as_deref().is_some_and(|tag| tag.split('-').any(is_32_bit)) {
        let reason = format!("`{value}` is for a machine that Wolfi is not built for: there is x86-64 and arm64 only");
        return left(reason, Some(source));
    }
    let found = file.mappings.image(&source.name, source.tag.as_deref());
    if let (Some(base), false) = (file.lineage.of_word(&word.text), matches!(found, Lookup::Mapped(_))) {
        return left(crate::lineage::why_left(base), Some(source));
    }
    if is_native(file, &source.name) {
        let base = Base::Native;
        return StageModel { source: Some(source), distro: None, base, migrates: false };
    }
    let target = match found {
        Lookup::Mapped(mapping) => mapping,
        Lookup::Ambiguous(_) => {
            return left(
                format!("`{}` has several counterparts; choose one in a mapping file", source.name),
                Some(source),
            );
        }
        Lookup::Dropped { reason, .. } => return left(format!("`{}` {reason}", source.name), Some(source)),
        Lookup::Absent { advice, .. } => {
            return left(format!("`{}` has no counterpart: {advice}", source.name), Some(source));
        }
        Lookup::Unknown => {
            let reason = format!("`{}` is in no table: name its counterpart in a mapping file", source.name);
            return left(reason, Some(source));
        }
    };
    let Some(image) = target.target(file.tier()) else {
        let reason = format!(
            "`{}` has a counterpart (`{}`), but not on the free tier; name your organisation with --org",
            source.name, target.image
        );
        return left(reason, Some(source));
    };
    let (tag, lost_version) = stages::target_tag(&target, &image.image, image.tag.as_deref(), &source, file.tier());
    let bare = stages::is_bare(&image.image);
    let as_is = target.own && image.tag.is_some() && ImageTarget::names_registry(&image.image);
    let always_dev = !as_is && tag.ends_with("-dev");
    let tag = tag.strip_suffix("-dev").filter(|_| always_dev).map_or_else(|| tag.clone(), str::to_owned);
    let has_dev = !as_is && has_dev(file, &image.image, &tag);
    let lost_java = source.tag.as_deref().and_then(crate::tag::java_release).map(str::to_owned);
    // What stands in on the free tier is described by the note of its row.
    let stands_in = file.tier() == Tier::Paid && target.free_equivalent.is_some() && !bare;
    let note = target.note.filter(|_| !stands_in);
    StageModel {
        distro: Some(stages::distro_of(&source.name, source.tag.as_deref())),
        source: Some(source),
        base: Base::Converted(Target {
            image: image.image,
            tag,
            bare,
            has_dev,
            as_is,
            always_dev,
            lost_version: lost_version.filter(|_| !always_dev),
            lost_java: lost_java.filter(|_| file.tier() == Tier::Free),
            note: match platform {
                Some(platform) => Some(with_platform(note, platform)),
                None => note,
            },
            packages: if stands_in { Vec::new() } else { target.packages },
        }),
        migrates: true,
    }
}

/// Whether a variant with shell and apk can be pulled. The free tier has none for images that are all shell, and for
/// some others.
fn has_dev(file: &File<'_>, image: &str, tag: &str) -> bool {
    let dev = format!("{tag}-dev");
    let variants = file.mappings.image_variants(image);
    let described = variants.iter().filter_map(|variant| file.mappings.image_config(image, variant));
    let tags: Vec<String> = described.flat_map(|config| config.free_tags).collect();
    // Nothing is known of a tag that a table of the user asks for.
    file.tier() != Tier::Free || !tags.iter().any(|known| known == tag) || tags.contains(&dev)
}

/// Builds a stage, and what stands on it, on an image with apk in place of one that has none.
pub(crate) fn use_stand_in(file: &mut File<'_>, stage: usize) {
    let (image, packages) = match &file.stages[stage].base {
        Base::Converted(target) => file.mappings.stand_in(&target.image),
        _ => return,
    };
    let has_dev = has_dev(file, &image, "latest");
    if let Base::Converted(target) = &mut file.stages[stage].base {
        target.bare = stages::is_bare(&image);
        target.note = Some(format!("no variant of `{}` on the free tier has apk", target.image));
        target.image = image;
        "latest".clone_into(&mut target.tag);
        target.has_dev = has_dev;
        target.as_is = false;
        target.packages.extend(packages);
    }
}

/// Docker's official images for one platform have its name before theirs. Chainguard's are for these two.
fn without_platform(name: &str) -> (&str, Option<&'static str>) {
    match name.split_once('/') {
        Some(("amd64", image)) if !image.contains('/') => (image, Some("linux/amd64")),
        Some(("arm64v8", image)) if !image.contains('/') => (image, Some("linux/arm64")),
        _ => (name, None),
    }
}

/// Other images name the platform at the end of the tag: `10.0-noble-arm64v8`.
fn platform_of_tag(tag: &str) -> Option<&'static str> {
    match tag.rsplit('-').next()? {
        "amd64" | "x86_64" => Some("linux/amd64"),
        "arm64" | "arm64v8" | "aarch64" => Some("linux/arm64"),
        _ => None,
    }
}

fn with_platform(note: Option<String>, platform: &str) -> String {
    let own = format!("the new image is for several platforms, `--platform={platform}` chooses this one");
    note.map_or_else(|| own.clone(), |note| format!("{note}; {own}"))
}

/// Puts the image of a language in the place of the final stage's bare distribution.
pub(crate) fn retarget_last(file: &mut File<'_>, image: &str, tag: &str) {
    let newest = match tag {
        "latest" => file.mappings.image_version(image, "runtime", version_package(image)),
        _ => None,
    };
    let note = newest.map(|(version, day)| {
        let as_of = day.get(..7).unwrap_or(day);
        format!("the image of the language that the container starts: {version} in {as_of}, where the distribution had a version of its own")
    });
    if let Some(Base::Converted(target)) = file.stages.last_mut().map(|stage| &mut stage.base) {
        image.clone_into(&mut target.image);
        tag.clone_into(&mut target.tag);
        target.bare = false;
        target.has_dev = true;
        target.as_is = false;
        target.note = match (target.note.take(), note) {
            (Some(own), Some(note)) => Some(format!("{own}; {note}")),
            (own, note) => own.or(note),
        };
        target.packages.clear();
    }
}

/// Images that are Wolfi already.
fn is_native(file: &File<'_>, name: &str) -> bool {
    let under = |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    under("cgr.dev")
        || under("chainguard")
        || under("ghcr.io/wolfi-dev")
        || under(&file.registry())
        || file.mappings.is_own_target(name)
}

/// One FROM to rewrite.
struct Rewrite<'a> {
    stage: usize,
    word: &'a Word,
    parsed: FromWord,
    target: &'a Target,
    /// The tag to write, `-dev` included.
    dev: bool,
}

impl Rewrite<'_> {
    fn tag(&self) -> String {
        if self.dev && !self.target.bare && self.target.has_dev {
            format!("{}-dev", self.target.tag)
        } else {
            self.target.tag.clone()
        }
    }
}

/// Writes the FROM lines and reports what stays. `dev` says which stages need the variant with a shell.
///
/// Answers how each FROM is written, by stage.
pub(crate) fn report(
    file: &File<'_>,
    globals: &Globals<'_>,
    dev: &[bool],
    draft: &mut Draft,
) -> BTreeMap<usize, String> {
    let mut rewrites = Vec::new();
    for (index, model) in file.stages.iter().enumerate() {
        let word = &file.dockerfile.stages[index].image;
        if let Some(message) = crate::lineage::remark(file, index) {
            draft.report(&RULE, Level::Note, word.range, message, None);
        }
        match &model.base {
            Base::Converted(target) => match FromWord::parse(&word.text).filter(|_| word.contiguous) {
                Some(parsed) => rewrites.push(Rewrite { stage: index, word, parsed, target, dev: dev[index] }),
                None => {
                    rewrites.push(Rewrite { stage: index, word, parsed: whole_word(word), target, dev: dev[index] });
                }
            },
            Base::Left(reason) => {
                let runs = file.body(index).any(|(_, instruction)| instruction.keyword == Keyword::Run);
                let (level, what) = match (runs, index + 1 == file.stages.len()) {
                    (true, _) => (Level::Warning, "the stage stays on its distribution, with its package commands"),
                    (false, true) => (Level::Warning, "the stage stays as it is"),
                    (false, false) => (Level::Note, "nothing runs in this stage, so it stays as it is"),
                };
                draft.report(&UNKNOWN, level, word.range, format!("{reason}; {what}"), None);
            }
            Base::Parent(_) | Base::Native | Base::Scratch => {}
        }
    }
    let plan = ArgumentPlan::new(file, globals, &rewrites);
    for rewrite in &rewrites {
        report_one(file, &plan, rewrite, draft);
    }
    plan.texts
}

/// Odd quoting, or glued over a continuation: replaced as one.
fn whole_word(word: &Word) -> FromWord {
    let inner = 0..word.text.len();
    FromWord { inner: inner.clone(), pieces: vec![Piece::Literal(inner.clone())], name: inner, tag: None, digest: None }
}

fn report_one(file: &File<'_>, plan: &ArgumentPlan, rewrite: &Rewrite<'_>, draft: &mut Draft) {
    let mut edits = plan.edits_for(file, rewrite);
    let dead = plan.dead_arguments(rewrite.stage);
    edits.extend(dead.iter().map(|(_, edit)| edit.clone()));
    let source = file.stages[rewrite.stage].source.as_ref();
    let was = source.map_or_else(
        || rewrite.word.text.clone(),
        |source| match &source.tag {
            Some(tag) => format!("{}:{tag}", source.name),
            None => source.name.clone(),
        },
    );
    let on_a_stage = matches!(file.dockerfile.stages[rewrite.stage].base, BaseImage::Stage(_));
    let mut message = format!("`{was}` becomes `{}`", literal(file, rewrite));
    if on_a_stage {
        message.push_str("; what the stage set for this one is said here again");
    }
    let mut level = Level::Note;
    if let Some((loss, is_other)) = lost(file, rewrite.target) {
        message.push_str(&format!("; {loss}"));
        level = if is_other { Level::Warning } else { Level::Note };
    }
    if rewrite.parsed.digest.is_some() {
        message.push_str("; the digest belonged to the old image and is dropped, pin the new one");
        level = Level::Warning;
    }
    if let Some(note) = &rewrite.target.note {
        message.push_str(&format!("; {note}"));
        level = Level::Warning;
    }
    if let Some(reason) =
        draft.dev_reasons.get(&rewrite.stage).filter(|_| rewrite.dev && !rewrite.target.bare && rewrite.target.has_dev)
    {
        let config = file.mappings.image_config(&rewrite.target.image, "runtime");
        let what = match config.is_some_and(|config| config.has_shell == Some(true)) {
            true => "what this takes",
            false => "a shell",
        };
        message.push_str(&format!("; only its -dev variant has {what}, and {reason}"));
    }
    for (name, edit) in dead {
        let message = format!("`{name}` only chose the old image: the argument goes, and so must `--build-arg {name}`");
        let line = TextRange::new(edit.range.start(), without_newline(file, edit.range));
        draft.report(&RULE, Level::Warning, line, message, Some(("Use the Chainguard image", edits.clone())));
    }
    draft.report(&RULE, level, rewrite.word.range, message, Some(("Use the Chainguard image", edits)));
}

/// What is lost of the versions in the old tag, and whether the new image has another one.
fn lost(file: &File<'_>, target: &Target) -> Option<(String, bool)> {
    const NEWEST: &str = "the free tier has only the newest version";
    let java = target.lost_java.as_deref().filter(|_| !matches!(target.image.as_str(), "jdk" | "jre"));
    let new_java = java.and_then(|_| file.mappings.image_version(&target.image, "runtime", "openjdk"));
    let new = newest(file, target);
    let as_of = |day: &str| day.get(..7).unwrap_or(day).to_owned();
    if let (Some(java), Some((newer, day))) = (java, new_java.filter(|(newer, _)| Some(*newer) != java)) {
        return Some((format!("{NEWEST}, with Java {newer} in {}: Java {java} is not kept", as_of(day)), true));
    }
    let version = target.lost_version.as_deref()?;
    Some(match new {
        Some((newer, day)) if is_same(version, newer) => {
            (format!("{NEWEST}, {newer} in {}: what the tag asks for, until a newer one comes", as_of(day)), false)
        }
        Some((newer, day)) => (format!("{NEWEST}, {newer} in {}: {version} is not kept", as_of(day)), true),
        None => (format!("{NEWEST}: {version} is not kept"), true),
    })
}

/// The version of what an image is made for, and when it had that.
pub(crate) fn newest<'f>(file: &'f File<'_>, target: &Target) -> Option<(&'f str, &'f str)> {
    file.mappings.image_version(&target.image, "runtime", version_package(&target.image))
}

/// The package whose version is an image's.
fn version_package(image: &str) -> &str {
    match image {
        "aspnet-runtime" | "dotnet-runtime" | "dotnet-sdk" => "dotnet",
        "jdk" | "jre" => "openjdk",
        "node" => "nodejs",
        "postgres" => "postgresql",
        image => image,
    }
}

/// Whether a version in a tag leaves room for the one that the image has: 3 for 3.14, 10.0 for 10.
fn is_same(asked: &str, has: &str) -> bool {
    let below = |short: &str, long: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'));
    asked == has || below(asked, has) || (below(has, asked) && asked.ends_with(".0"))
}

/// The end of a line without what ends it.
fn without_newline(file: &File<'_>, line: TextRange) -> TextSize {
    line.start() + layout_size(file.text[line].trim_end_matches(['\r', '\n']).len())
}

/// How build arguments take part: which defaults change, which arguments nothing uses any more.
struct ArgumentPlan {
    /// New default values, by argument.
    defaults: BTreeMap<String, String>,
    /// Edits of the default values, by argument.
    default_edits: BTreeMap<String, Edit>,
    /// How each FROM is written, by stage.
    texts: BTreeMap<usize, String>,
    /// Arguments each FROM leans on, by stage.
    uses: BTreeMap<usize, BTreeSet<String>>,
    /// Arguments that go, with the deletion of their lines, by the first stage that used them.
    dead: BTreeMap<usize, Vec<(String, Edit)>>,
}

impl ArgumentPlan {
    fn new(file: &File<'_>, globals: &Globals<'_>, rewrites: &[Rewrite<'_>]) -> Self {
        let mut plan = Self {
            defaults: BTreeMap::new(),
            default_edits: BTreeMap::new(),
            texts: BTreeMap::new(),
            uses: BTreeMap::new(),
            dead: BTreeMap::new(),
        };
        for rewrite in rewrites {
            plan.place(file, globals, rewrite);
        }
        plan.settle_shared_variants(file, rewrites);
        plan.find_dead(file, globals, rewrites);
        plan
    }

    /// Decides how one FROM is written.
    fn place(&mut self, file: &File<'_>, globals: &Globals<'_>, rewrite: &Rewrite<'_>) {
        let written = self
            .whole_argument(file, globals, rewrite)
            .or_else(|| self.tag_argument(file, globals, rewrite))
            .or_else(|| self.registry_argument(file, globals, rewrite));
        let text = written.unwrap_or_else(|| literal(file, rewrite));
        self.texts.insert(rewrite.stage, text);
    }

    /// `FROM ${BASE}`: the default of the argument becomes the new image.
    fn whole_argument(&mut self, file: &File<'_>, globals: &Globals<'_>, rewrite: &Rewrite<'_>) -> Option<String> {
        let piece = rewrite.parsed.sole_variable(&rewrite.parsed.inner)?;
        let Piece::Variable { name, default, .. } = piece else { return None };
        let new_value = literal(file, rewrite);
        if let (Some(default), false) = (default, globals.is_set(name)) {
            let text = &rewrite.word.text;
            return Some(format!(
                "{}{new_value}{}",
                &text[rewrite.parsed.inner.start..default.start],
                &text[default.end..rewrite.parsed.inner.end]
            ));
        }
        self.set_default(globals, name, &new_value, rewrite)?;
        self.uses.entry(rewrite.stage).or_default().insert(name.clone());
        Some(rewrite.word.text[rewrite.parsed.inner.clone()].to_owned())
    }

    /// `FROM python:${VERSION}-slim` for an organisation that has versions: the argument goes on choosing.
    fn tag_argument(&mut self, file: &File<'_>, globals: &Globals<'_>, rewrite: &Rewrite<'_>) -> Option<String> {
        if file.tier() == Tier::Free || rewrite.target.bare {
            return None;
        }
        let tag = rewrite.parsed.tag.clone()?;
        if rewrite.parsed.has_variable(&rewrite.parsed.name) {
            return None;
        }
        let mut variables = rewrite.parsed.variables();
        let (Some(Piece::Variable { name, range, operated: false, .. }), None) = (variables.next(), variables.next())
        else {
            return None;
        };
        if range.start != tag.start {
            return None;
        }
        let version = crate::tag::version(&globals.value(name)?)?;
        let prefix_and_suffix = rewrite.target.tag.split_once(&version)?;
        if !globals.only_in_from(name) && globals.value(name)? != version {
            return None;
        }
        self.set_default(globals, name, &version, rewrite)?;
        self.uses.entry(rewrite.stage).or_default().insert(name.clone());
        let dev = if rewrite.dev && rewrite.target.has_dev { "-dev" } else { "" };
        let (prefix, suffix) = prefix_and_suffix;
        let tag = format!("{prefix}{}{suffix}{dev}", &rewrite.word.text[range.clone()]);
        Some(file.reference(&rewrite.target.image, &tag))
    }

    /// `FROM ${REGISTRY}/library/node:20`: the argument goes on choosing the registry.
    fn registry_argument(&mut self, file: &File<'_>, globals: &Globals<'_>, rewrite: &Rewrite<'_>) -> Option<String> {
        let Some(Piece::Variable { name, range, operated: false, .. }) = rewrite.parsed.pieces.first() else {
            return None;
        };
        let after = rewrite.word.text.as_bytes().get(range.end)?;
        if ImageTarget::names_registry(&rewrite.target.image) {
            return None;
        }
        let others = rewrite.parsed.variables().filter(|piece| piece.range().end <= rewrite.parsed.name.end).count();
        if *after != b'/' || others != 1 || range.start != rewrite.parsed.name.start || !globals.only_in_from(name) {
            return None;
        }
        self.set_default(globals, name, &file.registry(), rewrite)?;
        self.uses.entry(rewrite.stage).or_default().insert(name.clone());
        Some(format!("{}/{}:{}", &rewrite.word.text[range.clone()], rewrite.target.image, rewrite.tag()))
    }

    /// Asks for a new default; `None` when it cannot be edited or another FROM wants something else.
    fn set_default(&mut self, globals: &Globals<'_>, name: &str, value: &str, _rewrite: &Rewrite<'_>) -> Option<()> {
        let place = globals.default_place(name)?;
        match self.defaults.get(name) {
            Some(wanted) if without_dev(wanted) != without_dev(value) => None,
            Some(wanted) if wanted == value => Some(()),
            Some(_) => {
                // One FROM wants `-dev`, the other does not: the argument holds the plain tag.
                self.write_default(name, place, without_dev(value));
                Some(())
            }
            None => {
                self.write_default(name, place, value);
                Some(())
            }
        }
    }

    fn write_default(&mut self, name: &str, place: TextRange, value: &str) {
        self.defaults.insert(name.to_owned(), value.to_owned());
        self.default_edits.insert(name.to_owned(), Edit::replace(place, value));
    }

    /// Where two FROMs share an argument and only one needs `-dev`, the suffix moves to that FROM.
    fn settle_shared_variants(&mut self, file: &File<'_>, rewrites: &[Rewrite<'_>]) {
        for rewrite in rewrites {
            let Some(Piece::Variable { name, .. }) = rewrite.parsed.sole_variable(&rewrite.parsed.inner) else {
                continue;
            };
            let wanted = literal(file, rewrite);
            let Some(default) = self.defaults.get(name) else { continue };
            let used = self.uses.get(&rewrite.stage).is_some_and(|uses| uses.contains(name));
            if used && *default != wanted && *default == without_dev(&wanted) {
                let text = format!("{}-dev", &rewrite.word.text[rewrite.parsed.inner.clone()]);
                self.texts.insert(rewrite.stage, text);
            }
        }
    }

    /// Global arguments that only chose the old image.
    fn find_dead(&mut self, file: &File<'_>, globals: &Globals<'_>, rewrites: &[Rewrite<'_>]) {
        let still_used: BTreeSet<&String> = self.uses.values().flatten().collect();
        let written: BTreeSet<&str> = self.texts.values().flat_map(|text| names(text)).collect();
        let mut dead: BTreeMap<usize, Vec<(String, Edit)>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for rewrite in rewrites {
            for piece in rewrite.parsed.variables() {
                let Piece::Variable { name, .. } = piece else { continue };
                let free = !still_used.contains(name)
                    && !written.contains(name.as_str())
                    && globals.only_in_from(name)
                    && globals.only_in_stages(name, |stage| self.texts.contains_key(&stage))
                    && seen.insert(name.clone());
                if free && let Some(line) = globals.line_of(file, name) {
                    dead.entry(rewrite.stage).or_default().push((name.clone(), Edit::delete(line)));
                }
            }
        }
        self.dead = dead;
    }

    fn edits_for(&self, file: &File<'_>, rewrite: &Rewrite<'_>) -> Vec<Edit> {
        let mut edits = Vec::new();
        let inner = range_in(rewrite.word, rewrite.parsed.inner.clone());
        let text = &self.texts[&rewrite.stage];
        if file.text[inner] != **text {
            edits.push(Edit::replace(inner, text.clone()));
        }
        for name in self.uses.get(&rewrite.stage).into_iter().flatten() {
            let edit = &self.default_edits[name];
            if file.text[edit.range] != *edit.text {
                edits.push(edit.clone());
            }
        }
        edits
    }

    fn dead_arguments(&self, stage: usize) -> &[(String, Edit)] {
        self.dead.get(&stage).map_or(&[], Vec::as_slice)
    }
}

fn literal(file: &File<'_>, rewrite: &Rewrite<'_>) -> String {
    file.reference(&rewrite.target.image, &rewrite.tag())
}

fn without_dev(value: &str) -> &str {
    value.strip_suffix("-dev").unwrap_or(value)
}

fn range_in(word: &Word, range: std::ops::Range<usize>) -> TextRange {
    if !word.contiguous {
        return word.range;
    }
    let at = |offset: usize| word.range.start() + layout_size(offset);
    TextRange::new(at(range.start), at(range.end))
}
