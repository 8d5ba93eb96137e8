//! What a stage does, instruction by instruction: which paths it writes, which tools it runs.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use text_size::TextRange;
use wolfify_syntax::{Arguments, Instruction, Keyword};

use super::path::{base_name, is_below, join, parent};
use crate::context::BuildContext;
use crate::draft::Draft;
use crate::file::File;

/// Why a stage cannot be made distroless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What stands in the way.
    pub(crate) range: TextRange,
    /// A clause that reads on after "because".
    pub(crate) reason: String,
}

impl Refusal {
    pub(super) fn new(range: TextRange, reason: impl Into<String>) -> Self {
        Self { range, reason: reason.into() }
    }
}

/// A file or directory of the build context and where it is copied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// In the build context, as written.
    pub(super) path: String,
    /// In the image.
    pub(super) target: String,
    /// The COPY or ADD.
    pub(super) instruction: usize,
}

/// Something a stage puts into its file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Where.
    pub(super) path: String,
    /// The path is a directory with contents that nobody lists.
    pub(super) tree: bool,
    /// The instruction.
    pub(super) instruction: usize,
    /// By COPY or ADD.
    pub(super) copied: bool,
    /// A directory that was only made.
    pub(super) made: bool,
    /// A directory that a package manager fills with the application's dependencies and nothing else.
    pub(super) dependencies: bool,
}

/// A program that a compiler writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binary {
    /// Where; a directory when `named` is false.
    pub(super) path: String,
    /// It is the file itself.
    pub(super) named: bool,
    /// Linked without the C library.
    pub(super) fixed: bool,
    /// The instruction.
    pub(super) instruction: usize,
}

/// Everything that is known about a stage.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// The working directory at the start.
    pub(super) start_directory: String,
    /// The working directory at the end.
    pub(super) cwd: String,
    /// The last WORKDIR.
    pub(super) workdir: Option<usize>,
    /// Something relative was used before any WORKDIR.
    pub(super) implied_cwd: Option<usize>,
    /// In order.
    pub(super) written: Vec<Written>,
    /// RUNs that stay.
    pub(super) runs: Vec<usize>,
    /// Those of them that make directories and do nothing else but install packages, make accounts and hand files over.
    pub(super) directory_runs: BTreeSet<usize>,
    /// RUNs that only make accounts or hand files over.
    pub(super) account_runs: Vec<usize>,
    /// RUNs that only install packages.
    pub(super) package_runs: Vec<usize>,
    /// RUNs that leave nothing new behind.
    pub(super) idle_runs: Vec<usize>,
    /// Names of accounts and groups that the stage makes.
    pub(super) accounts: BTreeSet<String>,
    /// Homes of these accounts.
    pub(super) homes: BTreeMap<String, String>,
    /// `chown`: path, owner.
    pub(super) owners: Vec<(String, String)>,
    /// `COPY --chown`: path, owner.
    pub(super) copy_owners: Vec<(String, String)>,
    /// Tools by the first instruction that runs them.
    pub(super) tools: BTreeMap<&'static str, usize>,
    /// Instructions that install into the system's own Python.
    pub(super) pip: Vec<usize>,
    /// Names that pip installs one by one.
    pub(super) pip_names: BTreeSet<String>,
    /// Virtual environments of the author's own.
    pub(super) venvs: BTreeSet<String>,
    /// The first instruction in which uv makes an environment.
    pub(super) uv_environment: Option<usize>,
    /// Packages that `npm install -g` brings.
    pub(super) global_npm: BTreeSet<String>,
    /// Programs that compilers wrote.
    pub(super) binaries: Vec<Binary>,
    /// Names of all commands that RUNs call.
    pub(super) called: BTreeSet<String>,
    /// The build context's directories and files by where they are copied to.
    pub(super) sources: Vec<Source>,
    /// Settings of tools (`virtualenvs.create=false`).
    pub(super) settings: BTreeSet<String>,
    /// Directories that `gem` and `bundle` install into, when the author says so.
    pub(super) gem_paths: BTreeSet<String>,
    /// Files that were fetched and directories that archives were unpacked to.
    pub(super) downloads: Vec<(String, usize)>,
    /// Directories that compilers and their helpers work in.
    pub(super) work_directories: BTreeSet<String>,
    /// Where `make install` and the like install to, once something has said so.
    pub(super) prefix: Option<String>,
    /// Directories that something was installed into.
    pub(super) installed: BTreeSet<String>,
    /// Links: where, to what.
    pub(super) links: Vec<(String, String, usize)>,
}

impl Trace {
    /// Whether the stage brings certificates for the trust store. Those of the packages are in the new image's already.
    pub(super) fn has_own_certificates(&self) -> bool {
        const PLACES: &[&str] = &[
            "/usr/local/share/ca-certificates",
            "/usr/share/ca-certificates",
            "/etc/ca-certificates",
            "/etc/pki/ca-trust/source",
            "/usr/share/pki/ca-trust-source",
            "/etc/ssl/certs",
        ];
        self.written.iter().any(|written| PLACES.iter().any(|place| super::path::is_below(&written.path, place)))
    }

    /// Whether `path` is written itself or lies in a tree that is. What is copied under a name that does not tell
    /// (`COPY --from=base /srv/build ./build`) is a tree where the file relies on something below it.
    pub(super) fn has(&self, path: &str) -> bool {
        let below = |written: &Written| (written.tree || written.copied) && is_below(path, &written.path);
        let is = |written: &Written| written.path == path || below(written);
        // `COPY *.jar /lib/`
        let fits = |written: &Written| {
            written.path.contains(['*', '?'])
                && parent(&written.path) == parent(path)
                && super::path::fits(base_name(&written.path), base_name(path))
        };
        self.written.iter().any(|written| is(written) || fits(written))
    }

    /// Whether a copied file brings the account `user`: the list of accounts itself, or a whole root or `/etc`, as long as
    /// the stage does not make the account by a command.
    pub(super) fn copies_account(&self, user: &str) -> bool {
        self.written.iter().any(|written| {
            let whole = written.tree && matches!(written.path.as_str(), "/" | "/etc");
            written.copied && (written.path == "/etc/passwd" || (whole && !self.accounts.contains(user)))
        })
    }

    /// Takes away what a command deletes: a file, or with `whole` a directory and all below it.
    pub(super) fn forget(&mut self, path: &str, whole: bool) {
        let gone = |place: &str| if whole { is_below(place, path) } else { place == path };
        self.written.retain(|written| !gone(&written.path) || (!whole && (written.tree || written.made)));
        self.binaries.retain(|binary| !(binary.named && gone(&binary.path)));
        self.links.retain(|(link, _, _)| !gone(link));
        self.sources.retain(|source| !gone(&source.target));
    }

    /// The paths in the build context that may be copied to `place`, the last copy first.
    pub(super) fn source_of<'t>(&'t self, place: &'t str) -> impl Iterator<Item = String> + 't {
        self.sources.iter().rev().filter_map(move |Source { path: source, target, .. }| {
            let rest = place.strip_prefix(target.as_str())?;
            if !rest.is_empty() && !rest.starts_with('/') && target != "/" {
                return None;
            }
            let source = source.trim_start_matches("./").trim_matches('/');
            let source = if source == "." { "" } else { source };
            let path = format!("{source}/{}", rest.trim_start_matches('/'));
            Some(path.trim_matches('/').to_owned())
        })
    }

    /// Whether `path` is a directory that the stage made or filled.
    pub(super) fn is_directory(&self, path: &str) -> bool {
        self.written.iter().any(|written| {
            (written.path == path && (written.tree || written.made))
                || (written.path != path && is_below(&written.path, path))
        })
    }
}

/// Walks a stage.
pub(super) struct Tracer<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) draft: &'a Draft,
    pub(super) context: &'a dyn BuildContext,
    pub(super) stage: usize,
    pub(super) trace: Trace,
    /// The working directory in the script that is read; `None` once it is not known.
    pub(super) script_cwd: Option<String>,
    /// The virtual environment that the script has entered.
    pub(super) entered: Option<String>,
    /// Variables that the script sets.
    pub(super) exported: BTreeMap<String, String>,
    /// What the RUN that is read does.
    pub(super) work: Work,
    /// Directories that WORKDIR and COPY make anyway.
    pub(super) made_anyway: Vec<String>,
    /// What cannot be traced is passed over.
    pub(super) lenient: bool,
    /// Files of the build context that the RUN that is read sees: where, and which.
    pub(super) mounted: Vec<(String, String)>,
}

/// What the commands of a RUN do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// Something whose result has to be built.
    pub(super) builds: bool,
    /// It does more than to make directories.
    pub(super) more: bool,
    /// Packages are installed.
    pub(super) packages: bool,
    /// Accounts are made or owners changed.
    pub(super) accounts: bool,
}

impl<'a> Tracer<'a> {
    pub(super) fn new(file: &'a File<'a>, draft: &'a Draft, context: &'a dyn BuildContext, stage: usize) -> Self {
        Self {
            file,
            draft,
            context,
            stage,
            trace: Trace { cwd: "/".to_owned(), ..Trace::default() },
            script_cwd: None,
            entered: None,
            exported: BTreeMap::new(),
            work: Work::default(),
            made_anyway: Vec::new(),
            lenient: false,
            mounted: Vec::new(),
        }
    }

    /// Reads the whole stage for what is known about it, be that all or not.
    pub(super) fn run_leniently(mut self) -> Option<Trace> {
        self.lenient = true;
        self.run().ok()
    }

    /// Reads the whole stage.
    pub(super) fn run(mut self) -> Result<Trace, Refusal> {
        self.trace.cwd = self.start_directory();
        self.trace.start_directory.clone_from(&self.trace.cwd);
        self.made_anyway = self.directories();
        let gone = super::write::gone(self.file, self.draft, self.stage);
        for (index, instruction) in super::chain::body(self.file, self.stage) {
            if !gone.contains(&index) {
                match self.instruction(index, instruction, &gone) {
                    Err(refusal) if !self.lenient => return Err(refusal),
                    _ => {}
                }
            }
        }
        Ok(self.trace)
    }

    /// Every directory that a WORKDIR or the target of a COPY names.
    fn directories(&self) -> Vec<String> {
        let mut cwd = self.trace.cwd.clone();
        let mut found = Vec::new();
        for (index, instruction) in super::chain::body(self.file, self.stage) {
            match &instruction.arguments {
                Arguments::Words(words) if instruction.keyword == Keyword::Workdir => {
                    let path = words.first().and_then(|word| self.expand(index, &word.text));
                    cwd = path.map_or(cwd.clone(), |path| join(&cwd, &path));
                    found.push(cwd.clone());
                }
                Arguments::Transfer(_) => {
                    found.extend(self.transfer_words(index, instruction).map(|(_, target)| join(&cwd, &target)));
                }
                _ => {}
            }
        }
        found
    }

    fn start_directory(&self) -> String {
        let source = super::chain::source(self.file, self.stage);
        let image = source.and_then(|source| self.file.mappings.source_image(&source.name, source.tag.as_deref()));
        image.map(|image| image.workdir).filter(|workdir| !workdir.is_empty()).unwrap_or_else(|| "/".to_owned())
    }

    fn instruction(&mut self, index: usize, instruction: &Instruction, gone: &HashSet<usize>) -> Result<(), Refusal> {
        debug_assert!(!gone.contains(&index));
        match (instruction.keyword, &instruction.arguments) {
            (Keyword::Workdir, Arguments::Words(words)) => {
                let Some(word) = words.first() else { return Ok(()) };
                let Some(path) = self.expand(index, &word.text) else {
                    return Err(Refusal::new(
                        instruction.range,
                        "the working directory is only known when it is built",
                    ));
                };
                if !path.starts_with('/') {
                    self.needs_cwd(index);
                }
                self.trace.cwd = join(&self.trace.cwd, &path);
                self.trace.workdir = Some(index);
                self.write(index, self.trace.cwd.clone(), false, false, true);
            }
            (Keyword::Copy | Keyword::Add, Arguments::Transfer(_)) => {
                self.transfer(index, instruction)?;
            }
            (Keyword::Run, _) => self.run_instruction(index, instruction)?,
            (Keyword::Onbuild, _) => {
                return Err(Refusal::new(instruction.range, "ONBUILD makes this an image for others to build on"));
            }
            _ => {}
        }
        Ok(())
    }

    /// A word of an instruction, quotes and variables resolved.
    pub(super) fn expand(&self, index: usize, text: &str) -> Option<String> {
        let expansion = self.file.evaluation.scope(index).expand(text).ok()?;
        expansion.value.text().map(str::to_owned)
    }

    fn needs_cwd(&mut self, index: usize) {
        if self.trace.workdir.is_none() && self.trace.implied_cwd.is_none() {
            self.trace.implied_cwd = Some(index);
        }
    }

    pub(super) fn write(&mut self, instruction: usize, path: String, tree: bool, copied: bool, made: bool) {
        self.trace.written.push(Written { path, tree, instruction, copied, made, dependencies: false });
    }

    /// A directory that a package manager fills with dependencies.
    pub(super) fn write_dependencies(&mut self, instruction: usize, path: String) {
        self.trace.written.push(Written {
            path,
            tree: true,
            instruction,
            copied: false,
            made: false,
            dependencies: true,
        });
    }

    /// The file of the build context that is copied to `place`, or mounted there for the RUN that is read.
    pub(super) fn source_text(&self, place: &str) -> Option<String> {
        let mounted = self.mounted.iter().find(|(target, _)| target == place);
        mounted
            .and_then(|(_, source)| self.context.read(source))
            .or_else(|| self.trace.source_of(place).find_map(|path| self.context.read(&path)))
    }

    /// Files of the build context that a RUN sees by `--mount=type=bind`: where, and which.
    pub(super) fn bind_mounts(&self, instruction: &Instruction) -> Vec<(String, String)> {
        let mounts =
            instruction.flags.iter().filter(|flag| flag.name == "mount").filter_map(|flag| flag.value.as_ref());
        let bound = mounts.filter_map(|value| {
            let part = |names: &[&str]| {
                let parts = value.text.split(',').filter_map(|part| part.split_once('='));
                parts.into_iter().find(|(name, _)| names.contains(name)).map(|(_, value)| value)
            };
            let from_context = part(&["type"]).is_none_or(|kind| kind == "bind") && part(&["from"]).is_none();
            let target = part(&["target", "dst", "destination"]).filter(|_| from_context)?;
            Some((join(&self.trace.cwd, target), part(&["source", "src"])?.trim_start_matches(['.', '/']).to_owned()))
        });
        bound.collect()
    }

    fn transfer(&mut self, index: usize, instruction: &Instruction) -> Result<(), Refusal> {
        if self.draft.environment_copies.contains(&index) {
            let venv = super::language::VENV.to_owned();
            self.trace.venvs.insert(venv.clone());
            self.write_dependencies(index, venv);
            return Ok(());
        }
        let Some((sources, target)) = self.transfer_words(index, instruction) else {
            return Err(Refusal::new(instruction.range, "the path it copies to is only known when it is built"));
        };
        if !target.starts_with('/') {
            self.needs_cwd(index);
        }
        let place = join(&self.trace.cwd, &target);
        let into = target.ends_with('/') || matches!(target.as_str(), "." | "./") || target.ends_with("/.");
        let into = into || sources.len() > 1 || self.trace.is_directory(&place);
        let from = instruction.flag("from").is_some();
        let parents = instruction.flag("parents").is_some_and(|flag| flag.value.is_none());
        let owner = instruction.flag("chown").and_then(|flag| flag.value.as_ref());
        if let Some(owner) = owner {
            self.trace.copy_owners.push((place.clone(), owner.text.clone()));
        }
        for source in &sources {
            let kind = if from { kind_by_name(source) } else { self.kind(source) };
            let unpacked = instruction.keyword == Keyword::Add && is_archive(source) && !source.contains("://");
            let (path, tree) = if parents || unpacked {
                (place.clone(), true)
            } else {
                match kind {
                    Kind::File if into => (join(&place, base_name(source)), false),
                    Kind::File => (place.clone(), false),
                    Kind::Directory => (place.clone(), true),
                    // A program (`/uv /bin/`): hardly anybody copies a folder of another name there.
                    Kind::Unknown if into && is_program_directory(&place) && base_name(source) != "bin" => {
                        (join(&place, base_name(source)), false)
                    }
                    Kind::Unknown if into => (place.clone(), true),
                    Kind::Unknown => (place.clone(), false),
                }
            };
            if !from {
                self.matches(source).for_each(|name| {
                    let target = join(&place, base_name(&name));
                    self.trace.sources.push(Source { path: name, target, instruction: index });
                });
                self.trace.sources.push(Source { path: source.clone(), target: path.clone(), instruction: index });
            }
            self.write(index, path, tree, true, false);
        }
        Ok(())
    }

    /// Sources and target, quotes and variables resolved.
    fn transfer_words(&self, index: usize, instruction: &Instruction) -> Option<(Vec<String>, String)> {
        let target = self.expand(index, instruction.destination()?.raw)?;
        Some((instruction.sources().iter().map(|source| self.source(index, source.raw)).collect(), target))
    }

    fn source(&self, index: usize, text: &str) -> String {
        // The opener of a here-document names a file, not a variable.
        if text.starts_with("<<") {
            return text.trim_start_matches(['<', '-']).trim_matches(['"', '\'']).to_owned() + ".heredoc";
        }
        // What a source is called matters less than where it goes.
        self.expand(index, text).unwrap_or_else(|| text.to_owned())
    }

    /// The entries of the build context that `package*.json` stands for.
    fn matches(&self, source: &str) -> impl Iterator<Item = String> + use<> {
        let path = source.trim_start_matches("./").trim_matches('/');
        let (directory, pattern) = path.rsplit_once('/').unwrap_or(("", path));
        let names = match pattern.contains(['*', '?']) && !pattern.contains('[') {
            true => self.context.list(directory).unwrap_or_default(),
            false => Vec::new(),
        };
        let (directory, pattern) = (directory.to_owned(), pattern.to_owned());
        names
            .into_iter()
            .filter(move |name| super::path::fits(&pattern, name))
            .map(move |name| if directory.is_empty() { name } else { format!("{directory}/{name}") })
    }

    fn kind(&self, source: &str) -> Kind {
        if source.contains(['*', '?', '[']) || source.contains("://") {
            return kind_by_name(source);
        }
        let path = source.trim_start_matches("./").trim_matches('/');
        if self.context.list(path).is_some() {
            return Kind::Directory;
        }
        let listed = match path.rfind('/') {
            Some(at) => self.context.list(&path[..at]),
            None => self.context.list(""),
        };
        if listed.is_some_and(|names| names.iter().any(|name| name == base_name(path))) {
            return Kind::File;
        }
        kind_by_name(source)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Directory,
    Unknown,
}

/// Where programs are put one by one.
fn is_program_directory(path: &str) -> bool {
    matches!(path, "/bin" | "/sbin" | "/usr/bin" | "/usr/sbin" | "/usr/local/bin" | "/usr/local/sbin")
}

/// What a source is, as far as its name tells.
fn kind_by_name(source: &str) -> Kind {
    const FILES: &[&str] = &[
        "Gemfile",
        "Rakefile",
        "Pipfile",
        "Procfile",
        "Makefile",
        "Cargo",
        "gradlew",
        "mvnw",
        "LICENSE",
        "README",
        "artisan",
        "manage",
        "Caddyfile",
        "Dockerfile",
    ];
    if source.ends_with('/') || source == "." || source.ends_with("/.") || source.ends_with("/..") {
        return Kind::Directory;
    }
    let name = base_name(source);
    if name.contains(['*', '?', '[']) {
        // `*.jar`, `package*.json`: files by all appearance.
        return if name.rsplit_once('.').is_some_and(|(_, end)| !end.is_empty() && !end.contains(['*', '/'])) {
            Kind::File
        } else {
            Kind::Unknown
        };
    }
    let extension = name.trim_start_matches('.').rsplit_once('.').map(|(_, extension)| extension);
    if FILES.contains(&name)
        || extension.is_some_and(|extension| !extension.is_empty() && extension.len() <= 7 && extension != "d")
    {
        return Kind::File;
    }
    Kind::Unknown
}

fn is_archive(source: &str) -> bool {
    const ENDS: &[&str] = &[".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst"];
    ENDS.iter().any(|end| source.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_files_from_directories() {
        assert_eq!(kind_by_name("./"), Kind::Directory);
        assert_eq!(kind_by_name("requirements.txt"), Kind::File);
        assert_eq!(kind_by_name("package*.json"), Kind::File);
        assert_eq!(kind_by_name("src"), Kind::Unknown);
        assert_eq!(kind_by_name(".env"), Kind::Unknown);
        assert_eq!(kind_by_name("conf.d"), Kind::Unknown);
    }
}
