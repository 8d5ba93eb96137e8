//! Installing packages: `apt-get install`, `yum install`, Alpine's `apk add` become Wolfi's `apk add`.

use std::collections::HashSet;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::Distro;
use wolfify_syntax::shell::ShellWord;

use crate::commands::{CommandCx, is_unconditional};
use crate::draft::{Draft, Install};
use crate::finding::Level;
use crate::managers::environment::manager_variable;
use crate::managers::{Argument, ArgumentKind, Manager, Marker, OptionRole, OptionUse, PackageCommand, PackageSpec};
use crate::resolve::{PRESENT, Resolved, resolve};
use crate::rule::Rule;
use crate::rules::package_environment::has_cache_mount;
use crate::variables::Variables;
use crate::words::{WordEdit, WordFate, edits, separator};

/// apt, apt-get, aptitude.
pub(crate) static APT: Rule = Rule {
    id: "apt-install",
    summary: "packages installed with apt-get, apt or aptitude",
    level: Level::Note,
    docs: "\
## What it finds

`apt-get install`, `apt install` and `aptitude install`, wherever they stand in a RUN: in lists, conditions, loops,
`sh -c`, behind `sudo` or `env`.

## Why it matters on Wolfi

Wolfi's package manager is apk, and many packages have another name there.

## What it does

Rewrites the command word by word in the author's layout. Names are looked up in the tables; a version pin is dropped,
because Wolfi's versions are its own; what the target image already has is left out. A name that nobody knows stays as
it is and is reported as an error: the build will stop there until a person decides.

## Example

```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y --no-install-recommends \\
    build-essential \\
    libpq-dev
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache \\
    build-base \\
    postgresql-dev
```
",
};

/// yum, dnf, microdnf, tdnf.
pub(crate) static YUM: Rule = Rule {
    id: "yum-install",
    summary: "packages installed with yum, dnf, microdnf or tdnf",
    level: Level::Note,
    docs: "\
## What it finds

`yum install`, `dnf install` and their relatives: `reinstall`, `groupinstall`, `module install`.

## Why it matters on Wolfi

Wolfi's package manager is apk, and many packages have another name there.

## What it does

The same as `apt-install`. Names of groups are looked up like packages.

## Example

```dockerfile
FROM fedora:41
RUN dnf install -y gcc-c++ openssl-devel && dnf clean all
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache gcc glibc-dev libstdc++-dev openssl-dev
```
",
};

/// Alpine's apk.
pub(crate) static APK: Rule = Rule {
    id: "apk-add",
    summary: "packages installed with Alpine's apk",
    level: Level::Note,
    docs: "\
## What it finds

`apk add` on an Alpine base.

## Why it matters on Wolfi

The command is the same, the packages are not: Wolfi is built on glibc, has no `musl-dev` or `libc6-compat`, and names
some packages by version stream. Alpine's repositories must not be mixed in.

## What it does

Names are looked up; `--no-cache` is added where it is missing, because `apk update` goes; `--repository` and `@tag` are
dropped; `--virtual` and the `apk del` that belongs to it stay.

## Example

```dockerfile
FROM alpine:3.20
RUN apk add --update musl-dev py3-pip
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache glibc-dev py3-pip
```
",
};

/// Names without a counterpart.
pub(crate) static UNKNOWN: Rule = Rule {
    id: "unknown-package",
    summary: "packages without a known counterpart on Wolfi",
    level: Level::Error,
    docs: "\
## What it finds

A package name that no table knows, or that Wolfi is known not to have; a group, a glob or a local package file.

## Why it matters on Wolfi

`apk add` stops with \"no such package\". The name stays as it is: a wrong guess would be found much later.

## Example

```dockerfile
FROM debian:12
RUN apt-get install -y some-internal-tool
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache some-internal-tool
```
",
};

/// Packages that are left out.
pub(crate) static DROPPED: Rule = Rule {
    id: "dropped-package",
    summary: "packages that have no meaning on Wolfi or are always there",
    level: Level::Note,
    docs: "\
## What it finds

A package that serves the old package manager (`apt-transport-https`), or that the target image already has.

## Why it matters on Wolfi

It does not exist there, or installing it again would only make the file longer.

## Example

```dockerfile
FROM python:3.12
RUN apt-get install -y apt-transport-https git libpq-dev
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest-dev
USER root
RUN apk add --no-cache postgresql-dev
USER 65532
```
",
};

/// Version pins.
pub(crate) static VERSION: Rule = Rule {
    id: "package-version",
    summary: "version pins of the old distribution",
    level: Level::Note,
    docs: "\
## What it finds

A version, release or repository tag asked for in an install command.

## Why it matters on Wolfi

The version belongs to the old distribution's build of the package; Wolfi has its own, newer ones, and removes old ones.

## Example

```dockerfile
FROM debian:12
RUN apt-get install -y curl=7.88.1-10+deb12u8
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache curl
```
",
};

/// The rule that a manager's installs belong to.
pub(crate) fn rule_of(distro: Distro) -> &'static Rule {
    match distro {
        Distro::Debian => &APT,
        Distro::Fedora => &YUM,
        Distro::Alpine => &APK,
    }
}

/// An install command while it is rewritten.
struct Rewrite<'a, 'b> {
    cx: &'a CommandCx<'b>,
    command: &'a PackageCommand,
    distro: Distro,
    rule: &'static Rule,
    words: Vec<WordEdit>,
    /// Wolfi packages, in order.
    packages: Vec<String>,
    seen: HashSet<String>,
    renamed: Vec<String>,
    /// Findings about single words; their edit is the word's.
    remarks: Vec<Remark>,
    kept: usize,
}

struct Remark {
    rule: &'static Rule,
    level: Level,
    range: TextRange,
    message: String,
    done: bool,
}

/// Rewrites an install command of a distribution that we translate.
pub(crate) fn check(
    cx: &CommandCx<'_>,
    command: &PackageCommand,
    distro: Distro,
    variables: &Variables<'_>,
    draft: &mut Draft,
) {
    let rule = rule_of(distro);
    if let Some(reason) = obstacle(cx, command) {
        let range = cx.command.span.range;
        draft.packages.unknown += command.packages().count() as u64;
        draft.leave(cx, rule, Level::Error, range, format!("not rewritten: {reason}"));
        return;
    }
    let mut rewrite = Rewrite {
        cx,
        command,
        distro,
        rule,
        words: Vec::new(),
        packages: Vec::new(),
        seen: HashSet::new(),
        renamed: Vec::new(),
        remarks: Vec::new(),
        kept: 0,
    };
    rewrite.head();
    rewrite.arguments(variables, draft);
    rewrite.finish(draft);
}

/// Why a command cannot be rewritten at all.
fn obstacle(cx: &CommandCx<'_>, command: &PackageCommand) -> Option<String> {
    let settings = command.settings();
    if !cx.editable() {
        return Some("a word of it is glued over a line continuation".to_owned());
    }
    if command.arguments_from_input {
        return Some(
            "the package names come from its input; translate the list with `wolfify lookup package`".to_owned(),
        );
    }
    if settings.root.is_some() && command.manager != Manager::Apk {
        return Some(
            "it installs into another root directory; use `apk add --initdb --root` with Wolfi names".to_owned(),
        );
    }
    if settings.simulate || settings.download_only {
        return Some("it does not install; `apk fetch` downloads packages".to_owned());
    }
    let unclear: Vec<&str> = command.unknown_options().map(|option| option.name.as_str()).collect();
    if !unclear.is_empty() {
        return Some(format!("the option {} is not known", unclear.join(", ")));
    }
    if command.has(&OptionRole::Dynamic) {
        return Some("its options are only known when it runs".to_owned());
    }
    let is_file = |argument: &Argument| matches!(argument.kind, ArgumentKind::LocalFile(_) | ArgumentKind::Url(_));
    if command.arguments.iter().any(is_file) {
        return Some("it installs a package file of the old distribution; install the program from its own release, or from Wolfi".to_owned());
    }
    None
}

impl Rewrite<'_, '_> {
    fn word(&self, index: usize) -> &ShellWord {
        &self.cx.command.words[index]
    }

    fn fate(&mut self, index: usize, fate: WordFate) {
        let range = self.word(index).span.range;
        self.words.push(WordEdit { range, fate });
    }

    /// `sudo apt-get -y install` to `apk add --no-cache`.
    fn head(&mut self) {
        for wrapper in &self.cx.command.wrappers {
            if matches!(wrapper.name.as_str(), "sudo" | "doas" | "env" | "eatmydata") {
                for index in wrapper.words.clone() {
                    self.fate(index, WordFate::Delete);
                }
            }
        }
        for assignment in &self.cx.command.assignments {
            if manager_variable(&assignment.name).is_some() {
                self.words.push(WordEdit { range: assignment.span.range, fate: WordFate::Delete });
            }
        }
        if self.distro == Distro::Alpine {
            self.apk_head();
        } else {
            self.foreign_head();
        }
    }

    fn foreign_head(&mut self) {
        self.fate(self.command.name_index, WordFate::Replace(vec!["apk".to_owned()]));
        let verb = vec!["add".to_owned(), self.cache_option().to_owned()];
        match self.command.action_words.split_first() {
            Some((first, rest)) => {
                self.fate(*first, WordFate::Replace(verb));
                for index in rest {
                    self.fate(*index, WordFate::Delete);
                }
            }
            None => {
                self.words.pop();
                let words = ["apk", "add", self.cache_option()].map(str::to_owned).to_vec();
                self.fate(self.command.name_index, WordFate::Replace(words));
            }
        }
        let options: Vec<usize> = self.command.options.iter().flat_map(option_words).collect();
        for index in options {
            self.fate(index, WordFate::Delete);
        }
        if let Some(index) = self.command.end_of_options {
            self.fate(index, WordFate::Delete);
        }
    }

    /// Without a cache mount no index and no package is kept.
    fn cache_option(&self) -> &'static str {
        let instruction = self.cx.file.instruction(self.cx.id.instruction);
        if has_cache_mount(instruction) { "--update-cache" } else { "--no-cache" }
    }

    /// Alpine's own: only what Wolfi does not have goes.
    fn apk_head(&mut self) {
        let goes = |option: &&OptionUse| {
            matches!(
                option.role,
                OptionRole::Repository
                    | OptionRole::Refresh
                    | OptionRole::RepositoriesFile
                    | OptionRole::AllowUntrusted
            )
        };
        let deleted: Vec<usize> = self.command.options.iter().filter(goes).flat_map(option_words).collect();
        for index in deleted {
            self.fate(index, WordFate::Delete);
        }
        if !self.command.has(&OptionRole::NoCache)
            && let Some(&verb) = self.command.action_words.last()
        {
            let text = self.word(verb).text.clone();
            self.fate(verb, WordFate::Replace(vec![text, self.cache_option().to_owned()]));
        }
    }

    fn arguments(&mut self, variables: &Variables<'_>, draft: &mut Draft) {
        for argument in &self.command.arguments {
            let index = argument.word_index;
            match &argument.kind {
                ArgumentKind::Package(spec) => self.package(index, spec, draft),
                ArgumentKind::RpmVersioned(versioned) => {
                    let spec = self.rpm_reading(versioned);
                    self.package(index, &spec, draft);
                }
                ArgumentKind::ModuleStream(stream) => {
                    let version = stream.stream.as_ref().and_then(|stream| stream.as_static()).unwrap_or_default();
                    let name =
                        if version.is_empty() { stream.name.clone() } else { format!("{}:{version}", stream.name) };
                    self.names(index, &[name], draft);
                }
                ArgumentKind::Group(text) => self.names(index, &[format!("@{}", text.display())], draft),
                ArgumentKind::FilePath(path) => self.file_path(index, &path.display(), draft),
                ArgumentKind::Provide(text) => self.names(index, &[text.display().into_owned()], draft),
                ArgumentKind::Variable(_) => self.variable(index, variables, draft),
                ArgumentKind::Virtual(_) if self.distro == Distro::Alpine => self.kept += 1,
                _ => self.missing(index, "it is not a package name that can be looked up", draft),
            }
        }
    }

    fn package(&mut self, index: usize, spec: &PackageSpec, draft: &mut Draft) {
        match spec.marker {
            Some(Marker::Conflict) => {
                self.kept += 1;
                return;
            }
            Some(Marker::Remove) => {
                self.remark(
                    index,
                    &DROPPED,
                    Level::Note,
                    format!("`{}-` asks apt to remove the package, which is not there", spec.name),
                    true,
                );
                self.fate(index, WordFate::Delete);
                draft.packages.dropped += 1;
                return;
            }
            Some(Marker::Install) | None => {}
        }
        if let Some(arch) = spec.arch.as_deref().filter(|arch| !is_native_arch(arch)) {
            self.missing(
                index,
                &format!("Wolfi has no packages for {arch} beside the image's own architecture"),
                draft,
            );
            return;
        }
        let pinned = spec.pin.is_some() || spec.release.is_some() || spec.tag.is_some();
        if pinned {
            let written = &self.word(index).text;
            let message = format!("`{written}` asks for a version of the old distribution; Wolfi's own is installed");
            self.remark(index, &VERSION, Level::Note, message, true);
        }
        self.names(index, std::slice::from_ref(&spec.name), draft);
    }

    /// The reading of an rpm word that the tables know, the whole word first.
    fn rpm_reading(&self, versioned: &crate::managers::RpmVersioned) -> PackageSpec {
        let known =
            |name: &str| !matches!(self.cx.file.mappings.package(self.distro, name), wolfify_mappings::Lookup::Unknown);
        if known(&versioned.whole.name) {
            return versioned.whole.clone();
        }
        let reading = versioned.readings.iter().find(|reading| known(&reading.name)).or(versioned.readings.first());
        match reading {
            Some(reading) => PackageSpec {
                name: reading.name.clone(),
                pin: Some(crate::managers::Pin { operator: "-".to_owned(), version: reading.version.clone() }),
                arch: reading.arch.clone(),
                ..PackageSpec::default()
            },
            None => versioned.whole.clone(),
        }
    }

    fn file_path(&mut self, index: usize, path: &str, draft: &mut Draft) {
        let command = path.rsplit('/').next().unwrap_or(path).to_owned();
        match self.cx.file.mappings.command(&command).mapped() {
            Some(mapping) if !mapping.packages.is_empty() => {
                let package = mapping.packages[0].clone();
                self.install(index, vec![package], draft, 1);
            }
            Some(_) => self.dropped(index, path, "is part of BusyBox", draft),
            None => self.missing(index, "no package is known to bring this file", draft),
        }
    }

    /// A word that stands for names of the old distribution, one or, after expansion, several.
    fn names(&mut self, index: usize, names: &[String], draft: &mut Draft) {
        let mut out = Vec::new();
        let mut mapped = 0;
        for name in names {
            let resolved = match self.stream(name, draft) {
                Some(names) => Resolved::Packages { names, note: None },
                None => resolve(self.cx.file, self.cx.stage, self.distro, name),
            };
            match resolved {
                Resolved::Packages { names, note } => {
                    mapped += 1;
                    if let Some(note) = note {
                        // The name is right; the remark is only good to know.
                        let (level, what) = if names == [name.as_str()] {
                            (Level::Note, format!("`{name}` stays: {note}"))
                        } else {
                            (Level::Warning, format!("`{name}` becomes {}: {note}", listed(&names)))
                        };
                        self.remark(index, self.rule, level, what, true);
                    }
                    if names != [name.as_str()] {
                        self.renamed.push(format!("{name} → {}", names.join(" ")));
                    }
                    out.extend(names);
                }
                Resolved::Dropped(reason) => {
                    draft.packages.dropped += 1;
                    if reason == PRESENT {
                        draft.dev_stages.insert(self.cx.stage);
                    }
                    self.remark(index, &DROPPED, Level::Note, format!("`{name}` is left out: it {reason}"), true);
                }
                Resolved::Missing(advice) => {
                    draft.packages.unknown += 1;
                    draft.unknown_stages.insert(self.cx.stage);
                    self.remark(
                        index,
                        &UNKNOWN,
                        Level::Error,
                        format!("`{name}` has no known counterpart on Wolfi; {advice}"),
                        false,
                    );
                    self.kept += 1;
                    out.push(name.clone());
                }
            }
        }
        self.install(index, out, draft, mapped);
    }

    /// The packages of the version that a repository or a module stream asked for, where Wolfi has it.
    fn stream(&self, name: &str, draft: &Draft) -> Option<Vec<String>> {
        let version = draft.streams.get(&(self.cx.stage, name.to_owned()))?;
        let package = format!("{name}-{version}");
        let known = self.cx.file.mappings.wolfi_package(&package)?;
        if known.status == wolfify_mappings::WolfiStatus::Gone {
            return None;
        }
        // Vendors' builds of Node bring npm along; Wolfi has it apart.
        let npm = (name == "nodejs").then(|| "npm".to_owned());
        Some(std::iter::once(package).chain(npm).collect())
    }

    fn install(&mut self, index: usize, packages: Vec<String>, draft: &mut Draft, mapped: u64) {
        draft.packages.mapped += mapped;
        let fresh: Vec<String> = packages.into_iter().filter(|package| self.seen.insert(package.clone())).collect();
        if fresh.is_empty() {
            self.fate(index, WordFate::Delete);
            return;
        }
        self.packages.extend(fresh.iter().cloned());
        let quoted = self.word(index).text.clone();
        if [crate::words::unquote(&quoted)] == fresh[..] {
            return;
        }
        // A name that is no plain word is one that nobody knows (`'Some Group'`).
        let plain = self.cx.exec_form() || fresh.iter().all(|name| crate::words::is_plain(name));
        if plain {
            self.fate(index, WordFate::Replace(fresh));
        } else if !self.cx.place.in_operand {
            self.fate(index, WordFate::Replace(fresh.iter().map(|name| crate::words::quote(name)).collect()));
        }
    }

    fn variable(&mut self, index: usize, variables: &Variables<'_>, draft: &mut Draft) {
        let word = self.word(index).clone();
        if variables.is_translated(&word) {
            let packages = variables.packages_of(&word);
            self.kept += 1;
            self.packages.extend(packages);
            return;
        }
        let lookup = |name: &str| variables.value(name);
        match word.expand(&lookup) {
            Some(names) if !names.is_empty() => {
                let message = format!("`{}` is written out: its packages have other names on Wolfi", word.text);
                self.remark(index, self.rule, Level::Warning, message, true);
                let names: Vec<String> = names.iter().map(|name| bare_name(self.command.manager, name)).collect();
                self.names(index, &names, draft);
            }
            Some(_) => {
                let message = format!("`{}` is empty here; names given at build time have to be Wolfi's", word.text);
                self.remark(index, self.rule, Level::Warning, message, false);
                self.kept += 1;
            }
            None => {
                self.missing(index, "its value is only known when it runs; translate the names where it is set", draft);
            }
        }
    }

    fn missing(&mut self, index: usize, advice: &str, draft: &mut Draft) {
        draft.packages.unknown += 1;
        draft.unknown_stages.insert(self.cx.stage);
        self.kept += 1;
        let text = self.word(index).text.clone();
        self.remark(
            index,
            &UNKNOWN,
            Level::Error,
            format!("`{text}` has no known counterpart on Wolfi; {advice}"),
            false,
        );
    }

    fn dropped(&mut self, index: usize, name: &str, reason: &str, draft: &mut Draft) {
        draft.packages.dropped += 1;
        self.remark(index, &DROPPED, Level::Note, format!("`{name}` is left out: it {reason}"), true);
        self.fate(index, WordFate::Delete);
    }

    fn remark(&mut self, index: usize, rule: &'static Rule, level: Level, message: String, done: bool) {
        let range = self.word(index).span.range;
        self.remarks.push(Remark { rule, level, range, message, done });
    }

    fn finish(mut self, draft: &mut Draft) {
        if self.packages.is_empty() && self.kept == 0 {
            self.nothing_left(draft);
            return;
        }
        self.words.sort_by_key(|word| word.range.start());
        let edits = self.edits();
        let message = self.message();
        self.report_remarks(draft, &edits);
        let install = self.record();
        for package in &install.packages {
            draft.installed.add(self.cx.stage, package, self.cx.id.instruction);
            if install.unconditional {
                draft.brought.add(self.cx.stage, package, self.cx.id.instruction);
            }
        }
        if let Some(name) = self.command.settings().virtual_name {
            draft.virtuals.add(self.cx.stage, &name.display(), self.cx.id.instruction);
        }
        draft.installs.entry(self.cx.id.instruction).or_default().push(install);
        if self.cx.command.wrappers.iter().any(|wrapper| wrapper.name == "sudo") {
            draft.root_commands.insert(self.cx.id.instruction);
        }
        if edits.is_empty() {
            draft.claimed.insert(self.cx.id);
            return;
        }
        draft.rewrite(self.cx, self.rule, Level::Note, message, "Install with apk", edits);
    }

    fn edits(&self) -> Vec<Edit> {
        if self.cx.exec_form() {
            return crate::exec::edits(self.cx, &self.words);
        }
        edits(&self.cx.layout(), self.cx.command.span.range, &self.words)
    }

    fn message(&self) -> String {
        let what = format!("`{}` becomes `apk add`", self.command.manager.name());
        if self.renamed.is_empty() { what } else { format!("{what}; {}", self.renamed.join(", ")) }
    }

    /// All packages are there already or have no meaning: the command goes.
    fn nothing_left(&self, draft: &mut Draft) {
        let reasons: Vec<String> = self.remarks.iter().map(|remark| remark.message.clone()).collect();
        let message = if reasons.is_empty() {
            "an install without packages has nothing to do".to_owned()
        } else {
            format!("nothing is left to install: {}", reasons.join("; "))
        };
        draft.remove(self.cx, self.rule, Level::Note, message);
    }

    fn report_remarks(&mut self, draft: &mut Draft, edits: &[Edit]) {
        for remark in std::mem::take(&mut self.remarks) {
            // A remark about something done carries the edits of its command: a word alone would not build.
            let fix = remark.done.then(|| ("Install with apk", crate::words::edits_of(edits, remark.range)));
            let done_without_edit = fix.as_ref().is_some_and(|(_, edits)| edits.is_empty());
            if !done_without_edit {
                draft.report(remark.rule, remark.level, remark.range, remark.message, fix);
            }
        }
    }

    fn record(&self) -> Install {
        let last = self.last_kept_word();
        Install {
            id: self.cx.id,
            last_word: last,
            separator: separator(&self.cx.layout(), last),
            packages: self.packages.clone(),
            unconditional: is_unconditional(self.cx.place) && !self.cx.exec_form(),
            temporary: self.command.settings().virtual_name.is_some(),
        }
    }

    /// The last word that is not deleted, behind which names can be added.
    fn last_kept_word(&self) -> TextRange {
        let deleted: HashSet<TextRange> =
            self.words.iter().filter(|word| word.fate == WordFate::Delete).map(|word| word.range).collect();
        let kept = self.cx.command.words.iter().map(|word| word.span.range).rfind(|range| !deleted.contains(range));
        kept.unwrap_or(self.cx.command.span.range)
    }
}

fn option_words(option: &OptionUse) -> Vec<usize> {
    let value = option.value.as_ref().map(|value| value.word_index).filter(|index| *index != option.word_index);
    std::iter::once(option.word_index).chain(value).collect()
}

fn is_native_arch(arch: &str) -> bool {
    matches!(arch, "amd64" | "x86_64" | "arm64" | "aarch64" | "all" | "any" | "native" | "noarch")
}

/// A name without version, release or architecture, as a variable may hold it.
fn bare_name(manager: Manager, name: &str) -> String {
    let cut: &[char] =
        if manager.distro() == Some(Distro::Alpine) { &['=', '<', '>', '~', '@'] } else { &['=', '/', ':'] };
    name.split(cut).next().unwrap_or(name).to_owned()
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ")
}
