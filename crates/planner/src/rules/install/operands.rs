//! The operands of an install: what each word stands for, and which Wolfi packages take its place.

use wolfify_mappings::{Distro, Lookup};
use wolfify_syntax::shell::WordPart;

use super::records::{DROPPED, UNKNOWN, VERSION};
use super::rewrite::Rewrite;
use super::streams::{self, Asked};
use super::{certificates, purpose};
use crate::draft::Draft;
use crate::finding::Level;
use crate::managers::{self, Action, Argument, ArgumentKind, Marker, ModuleStream, PackageSpec, Pin, VariableWord};
use crate::resolve::{PRESENT, Resolved, becomes, keep_variant, left_out, packages_of, resolve};
use crate::rules::php_extension::{self, BuildTools};
use crate::variables::Variables;
use crate::words::WordFate;

/// What stands in the place of one word, while it is put together.
#[derive(Debug, Default)]
struct Answer {
    /// Wolfi packages, and names that nobody knows, as they are.
    names: Vec<String>,
    /// Names that were found.
    mapped: u64,
    /// Why the word has to stay as it is.
    stays: Option<String>,
}

impl Rewrite<'_, '_> {
    pub(super) fn arguments(&mut self, variables: &Variables<'_>, draft: &mut Draft) {
        let command = self.command;
        self.note_php_version(draft);
        let replaced = usize::from(command.action == Action::Swap);
        for argument in &command.arguments[..replaced] {
            self.fate(argument.word_index, WordFate::Delete);
        }
        for argument in &command.arguments[replaced..] {
            match &argument.kind {
                _ if self.is_comment(argument.word_index) => {}
                ArgumentKind::Variable(word) => self.variable(argument.word_index, word, variables, draft),
                ArgumentKind::Virtual(_) if self.distro == Distro::Alpine => self.kept += 1,
                ArgumentKind::Package(PackageSpec { marker: Some(Marker::Conflict), .. }) => self.kept += 1,
                ArgumentKind::ModuleStream(stream) if stream.stream.as_ref().is_some_and(|text| !text.is_static()) => {
                    let word = VariableWord { text: stream.stream.clone().unwrap_or_default(), likely_name: None };
                    self.variable(argument.word_index, &word, variables, draft);
                }
                _ => self.operand(argument, draft),
            }
        }
    }

    /// `php8.3-cli` beside `php-redis`: the extension has to be one for that PHP.
    fn note_php_version(&self, draft: &mut Draft) {
        let names = self.command.arguments.iter().filter_map(|argument| match &argument.kind {
            ArgumentKind::Package(spec) => Some(spec.name.as_str()),
            _ => None,
        });
        let version = names.filter(|_| self.distro == Distro::Debian).find_map(|name| {
            let version = streams::php_version(name)?;
            let packages = self.cx.file.mappings.package(self.distro, name).mapped()?.packages;
            packages.iter().any(|package| package.contains(&format!("php-{version}"))).then(|| version.to_owned())
        });
        if let Some(version) = version {
            draft.streams.entry((self.cx.stage, "php".to_owned())).or_insert(version);
        }
    }

    /// `` `# for xml` ``: a command substitution without a command, which is how one comments inside a list.
    fn is_comment(&self, index: usize) -> bool {
        let is_empty = |part: &WordPart| match part {
            WordPart::CommandSubstitution { nested: Some(nested), quoted: false } => {
                let script = self.cx.command.nested.get(*nested).map(|nested| &nested.script.list);
                script.is_some_and(|list| list.as_ref().is_ok_and(|list| list.items.is_empty()))
            }
            _ => false,
        };
        let parts = &self.word(index).parts;
        !parts.is_empty() && parts.iter().all(is_empty)
    }

    fn operand(&mut self, argument: &Argument, draft: &mut Draft) {
        let index = argument.word_index;
        let text = self.word(index).text.clone();
        let mut answer = Answer::default();
        self.read(index, &text, &argument.kind, draft, &mut answer);
        self.settle(index, answer, draft);
    }

    /// Puts what was found in the word's place.
    fn settle(&mut self, index: usize, answer: Answer, draft: &mut Draft) {
        match answer.stays {
            Some(advice) => self.missing(index, &advice, draft),
            None => self.install(index, answer.names, draft, answer.mapped),
        }
    }

    /// Reads one operand; `written` is its text, or what a variable in its place holds.
    fn read(&mut self, index: usize, written: &str, kind: &ArgumentKind, draft: &mut Draft, answer: &mut Answer) {
        match kind {
            ArgumentKind::Package(spec) => self.package(index, written, spec, draft, answer),
            ArgumentKind::RpmVersioned(versioned) => {
                let spec = streams::rpm_reading(self.cx.file, self.distro, versioned);
                self.package(index, written, &spec, draft, answer);
            }
            ArgumentKind::ModuleStream(stream) => self.module(index, stream, draft, answer),
            ArgumentKind::Group(text) => self.name(index, &format!("@{}", text.display()), None, draft, answer),
            ArgumentKind::FilePath(path) => self.file_path(index, &path.display(), draft, answer),
            ArgumentKind::Provide(text) => self.name(index, &text.display(), None, draft, answer),
            _ => answer.stays = Some("it is not a package name that can be looked up".to_owned()),
        }
    }

    fn package(&mut self, index: usize, written: &str, spec: &PackageSpec, draft: &mut Draft, answer: &mut Answer) {
        if spec.marker == Some(Marker::Remove) {
            let message = format!("`{}-` asks apt to remove the package, which is not there", spec.name);
            self.remark(index, &DROPPED, Level::Note, message, true);
            draft.packages.dropped += 1;
            return;
        }
        if let Some(arch) = spec.arch.as_deref().filter(|arch| !is_native_arch(arch)) {
            answer.stays = Some(format!("Wolfi has no packages for {arch} beside the image's own architecture"));
            return;
        }
        let pin = spec.pin.as_ref();
        if pin.is_some() || spec.release.is_some() || spec.tag.is_some() {
            let message = format!("`{written}` asks for a version of the old distribution; Wolfi's own is installed");
            self.remark(index, &VERSION, Level::Note, message, true);
        }
        self.name(index, self.without_plus(&spec.name), pin, draft, answer);
    }

    /// apt takes `vim+` for vim where no package has that name; `g++` is one.
    fn without_plus<'n>(&self, name: &'n str) -> &'n str {
        let known = |name: &str| !matches!(self.cx.file.mappings.package(self.distro, name), Lookup::Unknown);
        match name.strip_suffix('+') {
            Some(bare) if self.distro == Distro::Debian && !known(name) && known(bare) => bare,
            _ => name,
        }
    }

    /// `dnf module install nodejs:20`: what the module's default profile holds, in that version.
    fn module(&mut self, index: usize, stream: &ModuleStream, draft: &mut Draft, answer: &mut Answer) {
        if let Some(version) = stream.stream.as_ref().and_then(|stream| stream.as_static()) {
            draft.streams.insert((self.cx.stage, stream.name.clone()), version.to_owned());
        }
        for name in streams::module_packages(&stream.name) {
            self.name(index, name, None, draft, answer);
        }
    }

    fn file_path(&mut self, index: usize, path: &str, draft: &mut Draft, answer: &mut Answer) {
        let command = path.rsplit('/').next().unwrap_or(path);
        match self.cx.file.mappings.command(command).mapped() {
            Some(mapping) if !mapping.packages.is_empty() => {
                answer.names.push(mapping.packages[0].clone());
                answer.mapped += 1;
            }
            Some(_) => {
                draft.packages.dropped += 1;
                self.remark(index, &DROPPED, Level::Note, format!("`{path}` is left out: it is part of BusyBox"), true);
            }
            None => answer.stays = Some("no package is known to bring this file".to_owned()),
        }
    }

    /// A name of the old distribution.
    fn name(&mut self, index: usize, name: &str, pin: Option<&Pin>, draft: &mut Draft, answer: &mut Answer) {
        let (file, stage, distro) = (self.cx.file, self.cx.stage, self.distro);
        self.note_present(name, draft);
        let resolved = match self.in_another_root(name) {
            Some(resolved) => resolved,
            None => {
                let asked = Asked { file, stage, distro, name, pin };
                asked.in_stream(draft).unwrap_or_else(|| resolve(file, stage, distro, name))
            }
        };
        if let Resolved::Packages { .. } | Resolved::Dropped(_) = &resolved
            && let Some(reason) = self.served_what_goes(name, &resolved)
        {
            draft.packages.dropped += 1;
            self.remark(index, &DROPPED, Level::Note, format!("`{name}` is left out: it {reason}"), true);
            return;
        }
        match resolved {
            Resolved::Packages { names, note } => {
                answer.mapped += 1;
                self.tell_note(index, name, &names, note);
                if names != [name] {
                    self.renamed.push(format!("{name} → {}", names.join(" ")));
                }
                answer.names.extend(names);
            }
            Resolved::Dropped(reason) => {
                draft.packages.dropped += 1;
                if reason == PRESENT {
                    keep_variant(file, draft, stage, name, &packages_of(file, distro, name));
                }
                let (level, message) = left_out(file, stage, distro, name, &reason);
                self.remark(index, &DROPPED, level, message, true);
            }
            Resolved::Missing(advice) => {
                draft.packages.unknown += 1;
                draft.unknown_stages.insert(stage);
                let message = format!("`{name}` has no known counterpart on Wolfi; {advice}");
                self.remark(index, &UNKNOWN, Level::Error, message, false);
                self.kept += 1;
                answer.names.push(name.to_owned());
            }
        }
    }

    /// With `--root` nothing is there yet: neither what the image has nor what is part of every image.
    fn in_another_root(&self, name: &str) -> Option<Resolved> {
        self.command.settings().root?;
        let base = match name {
            "alpine-base" => Some("wolfi-base"),
            "alpine-baselayout" | "alpine-baselayout-data" => Some("wolfi-baselayout"),
            "alpine-keys" => Some("wolfi-keys"),
            "busybox" | "ca-certificates-bundle" | "apk-tools" => Some(name),
            _ => None,
        };
        if let Some(base) = base {
            return Some(Resolved::Packages { names: vec![base.to_owned()], note: None });
        }
        let mapping = self.cx.file.mappings.package(self.distro, name).mapped()?;
        Some(Resolved::Packages { names: mapping.packages, note: mapping.note })
    }

    /// What a package served when all that it served has been taken out of the stage.
    fn served_what_goes(&self, name: &str, resolved: &Resolved) -> Option<&'static str> {
        let (file, stage) = (self.cx.file, self.cx.stage);
        if let Resolved::Packages { names, .. } = resolved
            && names.iter().all(|package| package.ends_with("-dev"))
            && php_extension::headers_are_needless(file, stage)
        {
            return Some("only served to build PHP extensions, which are packages now");
        }
        if let Resolved::Packages { names, .. } = resolved
            && names[..] == [certificates::PACKAGE]
            && self.command.settings().root.is_none()
            && certificates::bundle_is_enough(file, stage)
        {
            return Some(
                "only adds `update-ca-certificates`, which nothing calls; the certificates are in every image",
            );
        }
        match name {
            "dpkg" | "dpkg-dev" if self.distro == Distro::Alpine && purpose::is_asked_for_architecture(file, stage) => {
                Some("only served to ask for the architecture, which `uname` tells")
            }
            "gnupg" | "gnupg1" | "gnupg2" | "gpg" | "gpg-agent" | "dirmngr"
                if self.distro == Distro::Debian && purpose::checks_sources_only(file, stage) =>
            {
                Some("only served the keys of package sources, which go")
            }
            "locales" if self.distro == Distro::Debian && purpose::compiles_locales(file, stage) => {
                Some("only served to compile locales, which are packages on Wolfi")
            }
            "lsb-release" if self.distro == Distro::Debian && purpose::names_sources_only(file, stage) => {
                Some("only served to write lists of package sources, which go")
            }
            _ => None,
        }
    }

    /// What the target image has already; a runtime without a shell may not have it.
    fn note_present(&self, name: &str, draft: &mut Draft) {
        let (file, stage) = (self.cx.file, self.cx.stage);
        if stage + 1 < file.stages.len() {
            return;
        }
        let mapped = file.mappings.package(self.distro, name).mapped();
        for package in mapped.map(|mapping| mapping.packages).unwrap_or_default() {
            if file.in_target(stage, &package) {
                draft.present.insert((self.cx.id.instruction, package));
            }
        }
    }

    fn tell_note(&mut self, index: usize, name: &str, names: &[String], note: Option<String>) {
        let Some(note) = note else { return };
        let (level, message) = becomes(name, names, &note);
        self.remark(index, self.rule, level, message, true);
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

    fn variable(&mut self, index: usize, word: &VariableWord, variables: &Variables<'_>, draft: &mut Draft) {
        let written = self.word(index).clone();
        if variables.is_translated(&written) {
            let packages = variables.packages_of(&written);
            self.kept += 1;
            self.packages.extend(packages);
            return;
        }
        let libraries = php_extension::library_list(self.cx, &written, draft);
        if libraries == Some(false) && self.distro == Distro::Alpine {
            let message =
                format!("`{}` stays: apk finds packages by the libraries (`so:`) in them here, too", written.text);
            self.remark(index, self.rule, Level::Note, message, false);
            self.kept += 1;
            return;
        }
        if libraries == Some(true) {
            let message = format!("`{}` is left out: packages of PHP extensions bring their libraries", written.text);
            draft.packages.dropped += 1;
            self.remark(index, &DROPPED, Level::Note, message, true);
            self.fate(index, WordFate::Delete);
            return;
        }
        let tools = php_extension::build_tools(self.cx, self.distro, &written);
        if tools.is_some() {
            draft.settled_variables.insert((self.cx.id.instruction, "PHPIZE_DEPS"));
        }
        match tools {
            Some(BuildTools::Needless) => {
                let message = format!("`{}` is left out: packages of PHP extensions need no compiler", written.text);
                draft.packages.dropped += 1;
                self.remark(index, &DROPPED, Level::Note, message, true);
                self.fate(index, WordFate::Delete);
                return;
            }
            Some(BuildTools::Needed(names)) => {
                self.values(index, &names, draft);
                return;
            }
            None => {}
        }
        if let Some(values) = variables.array(&written) {
            self.values(index, values, draft);
            return;
        }
        match (written.expand(&|name| variables.value(name)), &word.likely_name) {
            (Some(values), _) if !values.is_empty() => self.values(index, &values, draft),
            (Some(_), _) => {
                let message = format!("`{}` is empty here; names given at build time have to be Wolfi's", written.text);
                self.remark(index, self.rule, Level::Warning, message, false);
                self.kept += 1;
            }
            // `nginx-${NGINX_VERSION}`: whatever the version is, it is not Wolfi's.
            (None, Some(name)) => {
                let spec = PackageSpec { name: name.clone(), pin: Some(Pin::unknown()), ..PackageSpec::default() };
                let mut answer = Answer::default();
                self.package(index, &written.text, &spec, draft, &mut answer);
                self.settle(index, answer, draft);
            }
            (None, None) => {
                self.by_its_start(index, &written.text, draft);
            }
        }
    }

    /// `linux-headers-$(uname -r)`: what holds whatever the end of the name is.
    fn by_its_start(&mut self, index: usize, text: &str, draft: &mut Draft) {
        let start = text.trim_start_matches('"').split('$').next().filter(|start| start.len() > 3);
        let with = |start: &str, end: &str| self.cx.file.mappings.package(self.distro, &format!("{start}{end}"));
        // Two ends that no package has: an answer that both get is about the start.
        let answer = start.map(|start| (with(start, "x-x"), with(start, "0-0")));
        match answer.filter(|(one, other)| one == other).map(|(answer, _)| answer) {
            Some(Lookup::Dropped { reason, .. }) => {
                draft.packages.dropped += 1;
                self.remark(index, &DROPPED, Level::Note, format!("`{text}` is left out: it {reason}"), true);
                self.fate(index, WordFate::Delete);
            }
            Some(Lookup::Absent { advice, .. }) => self.missing(index, &advice, draft),
            _ => {
                let advice = "its value is only known when it runs; translate the names where it is set";
                self.missing(index, advice, draft);
            }
        }
    }

    /// The values of a variable, each read as if it stood on the command line.
    fn values(&mut self, index: usize, values: &[String], draft: &mut Draft) {
        let text = self.word(index).text.clone();
        let mut answer = Answer::default();
        let before = self.remarks.len();
        for value in values {
            let kind = managers::operand(self.command.manager, &self.command.action, value);
            self.read(index, value, &kind, draft, &mut answer);
        }
        let only_its_version = values.len() == 1 && self.remarks[before..].iter().any(|remark| remark.is(&VERSION));
        if !only_its_version && answer.stays.is_none() {
            let message = format!("`{text}` is written out: its packages have other names on Wolfi");
            self.remark(index, self.rule, Level::Warning, message, true);
        }
        self.settle(index, answer, draft);
    }
}

fn is_native_arch(arch: &str) -> bool {
    matches!(arch, "amd64" | "x86_64" | "arm64" | "aarch64" | "all" | "any" | "native" | "noarch")
}
