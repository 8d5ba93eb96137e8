//! PHP extensions built with the scripts of the official image.

use std::collections::BTreeSet;

use wolfify_edit::Edit;
use wolfify_mappings::{Distro, Tier};
use wolfify_syntax::shell::{ShellWord, SimpleCommand};
use wolfify_syntax::{Instruction, Keyword};

use crate::commands::{CommandCx, is_unconditional};
use crate::draft::{CommandId, Draft, Install};
use crate::file::File;
use crate::finding::Level;
use crate::instructions::lines_with_comments;
use crate::resolve::{PRESENT, Resolved, keep_variant, packages_of, resolve};
use crate::rule::Rule;
use crate::rules::install::UNKNOWN;
use crate::stages::Base;
use crate::variables::Mentions;
use crate::words::{WordEdit, WordFate, edits, separator};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "php-extension",
    summary: "PHP extensions built with docker-php-ext-install and pecl",
    level: Level::Note,
    docs: "\
## What it finds

`docker-php-ext-install`, `docker-php-ext-configure`, `docker-php-ext-enable`, `docker-php-source`, `pecl install` and
`install-php-extensions` in a stage that moves to Chainguard's PHP image.

## Why it matters on Wolfi

These scripts belong to the official PHP image, which builds PHP from source. Wolfi has each extension as a package,
built and switched on.

## What it does

Installs the package of the image's own PHP version. Extensions that are part of the image are left out; configuring
and enabling goes, for the package has done it. Versions of pecl are dropped, and so is the
choice of `php.ini-production`, which Wolfi's PHP starts with.

## Example

```dockerfile
FROM php:8.3-cli
RUN docker-php-ext-configure gd --with-jpeg && docker-php-ext-install -j$(nproc) gd pdo_mysql opcache
```

## Result

```dockerfile
FROM cgr.dev/chainguard/php:latest-dev
USER root
RUN apk add --no-cache php-8.5-gd
USER 65532
```
",
};

/// What a command of the official image does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// Builds or downloads extensions.
    Install,
    /// Sets up what a package has set up.
    Needless,
}

/// Returns whether the command is one of these.
pub(crate) fn check(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    if names_libraries_for_configure(cx) && stream(cx).is_some() {
        draft.remove(cx, &RULE, Level::Note, "only `docker-php-ext-configure` asked for it, which goes");
        return true;
    }
    if note_library_list(cx, draft) {
        draft.remove(cx, &RULE, Level::Note, "packages of PHP extensions bring their libraries");
        return true;
    }
    let Some(name) = cx.command.name() else { return false };
    if chooses_production(cx, &name) && stream(cx).is_some() {
        let message = "the configuration of Wolfi's PHP is the one for production already";
        draft.remove(cx, &RULE, Level::Note, message);
        return true;
    }
    if makes_installer_executable(cx, &name) && stream(cx).is_some() {
        draft.remove(cx, &RULE, Level::Note, UNUSED);
        return true;
    }
    if cleans_after_pecl(cx, &name) && stream(cx).is_some() {
        draft.remove(cx, &RULE, Level::Note, "pecl left these files; packages of extensions leave none");
        return true;
    }
    let Some(action) = action(cx.command, &name) else { return false };
    let Some(stream) = stream(cx) else { return false };
    match action {
        Action::Needless => {
            let message =
                format!("`{name}` belongs to the old image; Wolfi's packages of extensions are ready for use");
            draft.remove(cx, &RULE, Level::Note, message);
        }
        Action::Install if !cx.editable() || cx.exec_form() => {
            let message =
                format!("`{name}` belongs to the old image; write `apk add --no-cache php-{stream}-EXTENSION`");
            draft.leave(cx, &RULE, Level::Error, cx.command.span.range, message);
        }
        Action::Install => install(cx, draft, &name, &stream),
    }
    true
}

/// `debMultiarch="$(dpkg-architecture …)"` for `docker-php-ext-configure --with-libdir="lib/$debMultiarch"`.
fn names_libraries_for_configure(cx: &CommandCx<'_>) -> bool {
    let [assignment] = &cx.command.assignments[..] else { return false };
    let text = assignment.value.as_ref().map_or("", |value| value.text.as_str());
    if !cx.command.words.is_empty() || !text.contains("dpkg-architecture") {
        return false;
    }
    let mut by_configure = 0;
    cx.script.visit(&mut |command, _| {
        if command.name().as_deref() == Some("docker-php-ext-configure") {
            by_configure +=
                command.args().iter().map(|word| Mentions::of(&word.text).count(&assignment.name)).sum::<usize>();
        }
    });
    by_configure > 0 && by_configure == Mentions::of(&cx.script.text).count(&assignment.name)
}

/// Notes `runDeps="$(scanelf --needed … | …)"`: the libraries that what was built here is linked against. Returns whether
/// it is for PHP extensions, whose packages bring them.
fn note_library_list(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    let [assignment] = &cx.command.assignments[..] else { return false };
    let text = assignment.value.as_ref().map_or("", |value| value.text.as_str());
    if !cx.command.words.is_empty() || !text.contains("scanelf") {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let of_php = (lower.contains("extension") || lower.contains("extdir")) && stream(cx).is_some();
    draft.library_lists.insert((cx.id.instruction, assignment.name.clone()), of_php);
    of_php
}

/// Whether a word is a variable with the libraries that programs are linked against, and whether PHP extensions are those.
pub(crate) fn library_list(cx: &CommandCx<'_>, word: &ShellWord, draft: &Draft) -> Option<bool> {
    let name = word.text.trim_matches('"').strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    draft.library_lists.get(&(cx.id.instruction, name.to_owned())).copied()
}

/// `mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"`
fn chooses_production(cx: &CommandCx<'_>, name: &str) -> bool {
    let words: Vec<&str> = cx.command.args().iter().map(|word| word.text.trim_matches('"')).collect();
    let operands: Vec<&&str> = words.iter().filter(|word| !word.starts_with('-')).collect();
    matches!(name, "mv" | "cp" | "ln")
        && matches!(&operands[..], [from, to] if from.ends_with("/php.ini-production") && to.ends_with("/php.ini"))
}

/// The script that installs extensions with apt or Alpine's apk (mlocati/docker-php-extension-installer).
const INSTALLER: &str = "install-php-extensions";
const UNUSED: &str = "nothing calls the installer any more: Wolfi has PHP's extensions as packages";

/// `chmod +x /usr/local/bin/install-php-extensions`
fn makes_installer_executable(cx: &CommandCx<'_>, name: &str) -> bool {
    let mut operands = cx.command.args().iter().map(|word| word.text.as_str()).filter(|word| !word.starts_with('-'));
    let has_mode = name == "chmod" && operands.next().is_some();
    let files: Vec<&str> = operands.collect();
    has_mode && !files.is_empty() && files.iter().all(|file| file.rsplit('/').next() == Some(INSTALLER))
}

/// Takes out what brings the installer into a stage where every call of it has become an install.
pub(crate) fn drop_installers(file: &File<'_>, draft: &mut Draft) {
    for stage in (0..file.stages.len()).filter(|stage| file.stages[*stage].migrates) {
        let brings: Vec<usize> =
            file.body(stage).filter(|(_, it)| brings_installer(it)).map(|(index, _)| index).collect();
        if brings.is_empty() || file.is_started_from(stage) || !calls_are_gone(file, draft, stage) {
            continue;
        }
        for index in brings {
            let edit = Edit::delete(lines_with_comments(file, index));
            draft.dropped_instructions.insert(index);
            let range = file.instruction(index).range;
            draft.report(&RULE, Level::Note, range, UNUSED, Some(("Remove the instruction", vec![edit])));
        }
    }
}

/// A COPY or ADD of the installer and nothing else.
fn brings_installer(instruction: &Instruction) -> bool {
    matches!(instruction.sources()[..], [source] if source.text.rsplit('/').next() == Some(INSTALLER))
}

/// Whether the scripts of a stage call the installer, and a rule has dealt with each place that names it.
fn calls_are_gone(file: &File<'_>, draft: &Draft, stage: usize) -> bool {
    let (mut named, mut dealt_with) = (0, 0);
    for (index, instruction) in file.body(stage).filter(|(_, instruction)| !brings_installer(instruction)) {
        named += instruction.joined.matches(INSTALLER).count();
        for (script_index, script) in file.scripts[index].iter().enumerate() {
            script.visit(&mut |command, _| {
                let id = CommandId { instruction: index, script: script_index, command: command.id };
                let installs =
                    || draft.installs.get(&index).is_some_and(|all| all.iter().any(|install| install.id == id));
                if draft.removed.contains_key(&id) || installs() {
                    dealt_with += command.words.iter().filter(|word| word.text.ends_with(INSTALLER)).count();
                }
            });
        }
    }
    named > 0 && named == dealt_with
}

/// `rm -r /tmp/pear`
fn cleans_after_pecl(cx: &CommandCx<'_>, name: &str) -> bool {
    let mut operands = cx.command.args().iter().map(|word| word.text.as_str()).filter(|word| !word.starts_with('-'));
    let pear = |word: &str| word == "/tmp/pear" || word == "~/.pearrc" || word.starts_with("/tmp/pear/");
    name == "rm" && operands.clone().next().is_some() && operands.all(pear)
}

/// What `$PHPIZE_DEPS`, which the old image sets, is on Wolfi.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuildTools {
    /// Nothing is compiled any more.
    Needless,
    /// The script compiles something else: the packages of the old distribution.
    Needed(Vec<String>),
}

/// The value of `PHPIZE_DEPS` in the official image (docker-library/php, `Dockerfile-linux.template`).
const ALPINE_TOOLS: &str = "autoconf dpkg-dev dpkg file g++ gcc libc-dev make pkgconf re2c";
const DEBIAN_TOOLS: &str = "autoconf dpkg-dev file g++ gcc libc-dev make pkg-config re2c";

/// Programs that need the build tools and are no part of the official image's scripts.
const COMPILES: [&str; 8] = ["phpize", "./configure", "make", "gcc", "cc", "g++", "cmake", "cargo"];

/// What stands for a word that is `$PHPIZE_DEPS`, in a stage on a PHP image.
pub(crate) fn build_tools(cx: &CommandCx<'_>, distro: Distro, word: &ShellWord) -> Option<BuildTools> {
    let name = word.text.trim_matches('"').strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    if name != "PHPIZE_DEPS" {
        return None;
    }
    stream(cx)?;
    let mut words = cx.script.text.split(|c: char| c.is_whitespace() || ";&|()".contains(c));
    if !words.any(|word| COMPILES.contains(&word)) {
        return Some(BuildTools::Needless);
    }
    let tools = if distro == Distro::Alpine { ALPINE_TOOLS } else { DEBIAN_TOOLS };
    Some(BuildTools::Needed(tools.split(' ').map(str::to_owned).collect()))
}

/// Programs that build against the headers of libraries, beside those.
const BUILDS: [&str; 7] = ["npm", "yarn", "pnpm", "pip", "pip3", "gem", "bundle"];

/// Whether the stages on one PHP image install headers of libraries for extensions alone, and have those as packages.
pub(crate) fn headers_are_needless(file: &File<'_>, stage: usize) -> bool {
    let Some(stream) = stream_of(file, stage) else { return false };
    file.purpose(stage, "php-headers", || {
        let (mut installs, mut builds) = (false, false);
        let family = (0..file.stages.len()).filter(|other| file.bottoms[*other] == file.bottoms[stage]);
        for (stage, index) in family.flat_map(|stage| file.body(stage).map(move |(index, _)| (stage, index))) {
            if !file.is(index, Keyword::Run) {
                continue;
            }
            for script in &file.scripts[index] {
                script.visit(&mut |command, _| {
                    let Some(name) = command.name() else { return };
                    let called = command.words.get(command.name_index).map_or("", |word| word.text.as_str());
                    builds |= COMPILES.contains(&called) || COMPILES.contains(&name.as_str());
                    builds |= BUILDS.contains(&name.as_str()) || called.ends_with(".sh");
                    if action(command, &name) == Some(Action::Install) {
                        installs = true;
                        let words = arguments(command, &name).0.into_iter().map(|at| &command.words[at]);
                        let known = |word: &ShellWord| {
                            matches!(
                                resolved(file, (stage, index), word, &stream),
                                Ok(Resolved::Packages { .. } | Resolved::Dropped(_))
                            )
                        };
                        builds |= !words.into_iter().all(known);
                    }
                });
            }
        }
        installs && !builds
    })
}

fn action(command: &SimpleCommand, name: &str) -> Option<Action> {
    let verb = || command.args().iter().map(|word| word.text.as_str()).find(|word| !word.starts_with('-'));
    match name.rsplit('/').next().unwrap_or(name) {
        "docker-php-ext-install" | "install-php-extensions" => Some(Action::Install),
        "docker-php-ext-configure" | "docker-php-ext-enable" | "docker-php-source" => Some(Action::Needless),
        "pecl" | "pear" => match verb() {
            Some("install") if name.ends_with("pecl") => Some(Action::Install),
            Some("channel-update" | "update-channels" | "config-set" | "clear-cache") => Some(Action::Needless),
            _ => None,
        },
        _ => None,
    }
}

/// The PHP version of the image that the stage stands on, `8.4`; `None` when it is no PHP image.
fn stream(cx: &CommandCx<'_>) -> Option<String> {
    stream_of(cx.file, cx.stage)
}

fn stream_of(file: &File<'_>, stage: usize) -> Option<String> {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return None };
    let own = file.mappings.image_stream(&target.image, "dev", "php")?;
    let asked = crate::tag::version(&target.tag).filter(|_| file.tier() == Tier::Paid);
    Some(asked.filter(|version| version.contains('.')).unwrap_or_else(|| own.to_owned()))
}

/// An extension as it is asked for: `APCu-5.1.23` is `apcu`, `xdebug-^3.1` is `xdebug`.
fn extension(word: &str) -> Option<String> {
    let name = word.rsplit_once('/').map_or(word, |(channel, name)| if channel.contains("://") { "" } else { name });
    let end = name.match_indices('-').map(|(at, _)| at).find(|at| {
        let version = &name[at + 1..];
        version.starts_with(|c: char| c.is_ascii_digit() || "^~@$".contains(c))
            || ["alpha", "beta", "devel", "snapshot", "stable"].contains(&version)
    });
    let name = &name[..end.unwrap_or(name.len())];
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    plain.then(|| name.to_ascii_lowercase())
}

/// The extensions among the words of an install, by index; options and their values are to go.
fn arguments(command: &SimpleCommand, name: &str) -> (Vec<usize>, Vec<usize>) {
    let (mut extensions, mut options) = (Vec::new(), Vec::new());
    let first = command.name_index + 1;
    let mut skip_value = false;
    let mut verb = name.ends_with("pecl");
    for (index, word) in command.words.iter().enumerate().skip(first) {
        let text = word.text.as_str();
        if skip_value {
            skip_value = false;
            options.push(index);
        } else if text.starts_with('-') {
            skip_value = matches!(text, "-j" | "--jobs" | "--configureoptions" | "-D" | "-B" | "-R" | "--installroot");
            options.push(index);
        } else if verb {
            verb = false;
            options.push(index);
        } else {
            extensions.push(index);
        }
    }
    (extensions, options)
}

fn install(cx: &CommandCx<'_>, draft: &mut Draft, name: &str, stream: &str) {
    let (extensions, options) = arguments(cx.command, name);
    let place = |index: usize| cx.command.words[index].span.range;
    // On one line, however the author lays out the names.
    let head = WordFate::Replace(vec!["apk add --no-cache".to_owned()]);
    let mut words = vec![WordEdit { range: place(cx.command.name_index), fate: head }];
    words.extend(options.into_iter().map(|index| WordEdit { range: place(index), fate: WordFate::Delete }));
    let mut packages: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut left_out: Vec<String> = Vec::new();
    let (mut kept, mut unclear) = (None, 0);
    for index in extensions {
        let word = &cx.command.words[index];
        let fate = match resolved(cx.file, (cx.stage, cx.id.instruction), word, stream) {
            Ok(Resolved::Packages { names, .. }) => {
                draft.packages.mapped += 1;
                let fresh: Vec<String> = names.into_iter().filter(|name| seen.insert(name.clone())).collect();
                packages.extend(fresh.iter().cloned());
                if fresh.is_empty() { WordFate::Delete } else { WordFate::Replace(fresh) }
            }
            Ok(Resolved::Dropped(reason)) => {
                draft.packages.dropped += 1;
                if reason == PRESENT {
                    let packages = package(cx.file, cx.id.instruction, word, stream)
                        .map(|name| packages_of(cx.file, Distro::Alpine, &name));
                    keep_variant(cx.file, draft, cx.stage, &word.text, &packages.unwrap_or_default());
                }
                left_out.push(format!("`{}` {reason}", word.text));
                WordFate::Delete
            }
            Ok(Resolved::Missing(advice)) => {
                unclear += 1;
                unknown(cx, draft, word, &advice)
            }
            Err(advice) => {
                unclear += 1;
                unknown(cx, draft, word, advice)
            }
        };
        if fate != WordFate::Delete {
            kept = Some(word.span.range);
        }
        words.push(WordEdit { range: word.span.range, fate });
    }
    let Some(last) = kept else {
        let message = match &left_out[..] {
            [] => "an install without extensions has nothing to do".to_owned(),
            left_out => format!("nothing is left to install: {}", left_out.join(", ")),
        };
        draft.remove(cx, &RULE, Level::Note, message);
        return;
    };
    if packages.is_empty() {
        // Every one of them is left to a person.
        draft.claimed.insert(cx.id);
        return;
    }
    let first_finding = draft.findings.len();
    let mut install = record(cx, draft, &packages, last);
    let mut message = format!("`{name}` belongs to the old image; Wolfi has the extensions as packages");
    if !left_out.is_empty() {
        message.push_str(&format!("; {}", left_out.join(", ")));
    }
    let edits: Vec<Edit> = edits(&cx.layout(), cx.command.span.range, &words);
    // What is left to a person stays among the words, and nothing but plain packages can join another install.
    let plain = unclear == 0 && cx.command.redirects.is_empty() && cx.command.assignments.is_empty();
    let plain = plain && cx.command.wrappers.is_empty() && !cx.place.in_operand;
    install.operands = plain.then(|| packages.clone());
    install.findings = first_finding..first_finding + 1;
    draft.installs.entry(cx.id.instruction).or_default().push(install);
    draft.claim_nested(cx.id, cx.command);
    draft.rewrite(cx, &RULE, Level::Note, message, "Install with apk", edits);
}

/// Alpine's package for an extension; they hold one extension each, as Wolfi's do.
fn package(file: &File<'_>, instruction: usize, word: &ShellWord, stream: &str) -> Option<String> {
    let name = extension(&value(file, instruction, word)?)?;
    Some(format!("php{}-{name}", stream.replace('.', "")))
}

fn value(file: &File<'_>, instruction: usize, word: &ShellWord) -> Option<String> {
    let lookup = |name: &str| file.evaluation.scope(instruction).get(name).value.text().map(str::to_owned);
    match word.expand(&lookup).as_deref() {
        Some([text]) => Some(text.clone()),
        _ => None,
    }
}

fn resolved(
    file: &File<'_>,
    (stage, instruction): (usize, usize),
    word: &ShellWord,
    stream: &str,
) -> Result<Resolved, &'static str> {
    let Some(text) = value(file, instruction, word) else { return Err("its value is only known when it runs") };
    if text == "@composer" || text.starts_with("@composer-") {
        return Ok(Resolved::Dropped(PRESENT.to_owned()));
    }
    let Some(package) = package(file, instruction, word, stream) else {
        return Err("it is no name of an extension");
    };
    Ok(resolve(file, stage, Distro::Alpine, &package))
}

fn unknown(cx: &CommandCx<'_>, draft: &mut Draft, word: &ShellWord, advice: &str) -> WordFate {
    draft.packages.unknown += 1;
    draft.unknown_stages.insert(cx.stage);
    let message = format!("the PHP extension `{}` has no known package on Wolfi; {advice}", word.text);
    draft.report(&UNKNOWN, Level::Error, word.span.range, message, None);
    WordFate::Keep
}

fn record(cx: &CommandCx<'_>, draft: &mut Draft, packages: &[String], last: text_size::TextRange) -> Install {
    let unconditional = is_unconditional(cx.place);
    for package in packages {
        draft.installed.add(cx.stage, package, cx.id.instruction);
        if unconditional {
            draft.brought.add(cx.stage, package, cx.id.instruction);
        }
    }
    Install {
        id: cx.id,
        range: cx.command.span.range,
        rule: &RULE,
        findings: 0..0,
        operands: None,
        last_word: last,
        separator: separator(&cx.layout(), last),
        packages: packages.to_vec(),
        unconditional,
        temporary: false,
    }
}

#[cfg(test)]
mod tests {
    use super::extension;

    #[test]
    fn versions_of_pecl_go() {
        let name = |word: &str| extension(word).unwrap_or_default();
        assert_eq!(name("APCu-5.1.23"), "apcu");
        assert_eq!(name("xdebug-^3"), "xdebug");
        assert_eq!(name("mcrypt-stable"), "mcrypt");
        assert_eq!(name("pecl/redis"), "redis");
        assert_eq!(name("pdo_mysql"), "pdo_mysql");
        assert_eq!(name("https://example.org/x.tgz"), "");
    }
}
