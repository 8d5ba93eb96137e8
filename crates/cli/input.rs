//! Which files to look at, and reading them.

use std::fs::{self, File, FileType};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use ignore::{WalkBuilder, WalkState};
use text_size::{TextRange, TextSize};

use crate::args::{InputArgs, Shard, StdinArgs};
use crate::config::{self, Chain, Configs};
use crate::failure;
use crate::inventory::names;
use crate::parallel::Threads;
use crate::problem::{Problem, UNREADABLE};
use crate::tree::Family;

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input {
    /// Where its text comes from.
    pub(crate) source: Source,
    /// Its name in reports: the path without needless `.`, or `-`.
    pub(crate) path: PathBuf,
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file, at the input's path.
    File,
    /// Standard input.
    Stdin,
    /// Nowhere: walking failed here.
    Failed(Problem),
}

impl Input {
    /// A file, or standard input for `-`.
    pub(crate) fn named(path: &Path, stdin: &StdinArgs) -> Self {
        if path == Path::new("-") {
            let path = stdin.stdin_filename.clone().unwrap_or_else(|| PathBuf::from("-"));
            return Self { source: Source::Stdin, path };
        }
        Self::file(path)
    }

    fn file(path: &Path) -> Self {
        Self { source: Source::File, path: clean(path) }
    }

    /// The folder that is the build context when none is named; `None` when nothing says where the file lies.
    pub(crate) fn folder(&self) -> Option<&Path> {
        if self.path == Path::new("-") && self.source == Source::Stdin {
            return None;
        }
        let parent = self.path.parent()?;
        Some(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
    }

    /// Another file in the folder of this one.
    pub(crate) fn beside(&self, name: &str) -> Option<Self> {
        (self.source == Source::File).then(|| Self { source: Source::File, path: self.path.with_file_name(name) })
    }

    /// The path for people and reports.
    pub(crate) fn label(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    /// Whether it is a compose file, by its name.
    pub(crate) fn is_compose(&self) -> bool {
        self.path.file_name().and_then(|name| name.to_str()).is_some_and(names::is_compose)
    }

    fn is_a_dockerfile(&self) -> bool {
        self.source == Source::File && !self.is_compose()
    }

    fn is_named_like_a_dockerfile(&self) -> bool {
        self.path.file_name().and_then(|name| name.to_str()).is_some_and(is_dockerfile)
    }

    /// All its bytes, unless there are more than `most`.
    pub(crate) fn read(&self, most: u64) -> Result<Vec<u8>, Problem> {
        let result = match &self.source {
            Source::File => {
                if let Some(problem) = self.endless() {
                    return Err(problem);
                }
                File::open(&self.path).and_then(|file| read_bounded(file, most))
            }
            Source::Stdin => read_bounded(io::stdin().lock(), most),
            Source::Failed(problem) => return Err(problem.clone()),
        };
        result.map_err(|error| self.unreadable(&error, most))
    }

    /// Opening a named pipe waits for a writer, perhaps for ever. The pipes of a shell (`<(…)`) have no name.
    fn endless(&self) -> Option<Problem> {
        let what = special(fs::metadata(&self.path).ok()?.file_type())?;
        let named = matches!(what, "a named pipe" | "a socket") && fs::canonicalize(&self.path).is_ok();
        let message = format!("is {what}, not a file; hand its text over on stdin, as `-`");
        named.then(|| Problem::new(&UNREADABLE, message))
    }

    fn unreadable(&self, error: &io::Error, most: u64) -> Problem {
        let message = match error.kind() {
            io::ErrorKind::FileTooLarge => format!("larger than {most} bytes; leave it out, or raise --max-size"),
            io::ErrorKind::NotFound if self.path.is_symlink() && self.source == Source::File => {
                "a symbolic link to a file that does not exist; mend the link, or leave it out".to_owned()
            }
            _ => failure::unread(error),
        };
        Problem::new(&UNREADABLE, message)
    }

    /// What it is if it can be read but not rewritten. Asked before opening, which may wait for ever.
    pub(crate) fn not_rewritable(&self) -> Option<&'static str> {
        if self.source != Source::File {
            return None;
        }
        special(fs::metadata(&self.path).ok()?.file_type())
    }
}

/// The bytes as text; else what is wrong with them, and the bytes.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<String, (Problem, Vec<u8>)> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        // No more than the largest file, so it fits.
        let offset = TextSize::try_from(at).unwrap_or_default();
        let bytes = error.into_bytes();
        let advice = if is_binary(&bytes) { "it is no text file, leave it out" } else { "save the file as UTF-8" };
        let message = format!("not UTF-8 (byte 0x{:02x}); {advice}", bytes[at]);
        (Problem::at(&UNREADABLE, TextRange::empty(offset), message), bytes)
    })
}

/// Whether bytes are no text in any encoding; UTF-16 begins with its mark.
fn is_binary(bytes: &[u8]) -> bool {
    let utf_16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    !utf_16 && bytes.contains(&0)
}

fn read_bounded(reader: impl io::Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "too large for a Dockerfile"));
    }
    Ok(bytes)
}

/// What a file is that is neither a directory nor a regular file.
fn special(kind: FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        for (is, what) in [
            (kind.is_fifo(), "a named pipe"),
            (kind.is_socket(), "a socket"),
            (kind.is_char_device() || kind.is_block_device(), "a device"),
        ] {
            if is {
                return Some(what);
            }
        }
    }
    (!kind.is_file() && !kind.is_dir() && !kind.is_symlink()).then_some("not a regular file")
}

/// What a run has before it.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    /// Sorted by path, each once.
    pub(crate) files: Vec<Input>,
    /// What was passed over, a line each.
    pub(crate) notes: Vec<String>,
    /// Files on their way that a killed run may have left.
    pub(crate) strays: Vec<PathBuf>,
    /// Other files that may name images, sorted by path; only for an inventory.
    pub(crate) others: Vec<Input>,
    /// The tree before it was divided into shards; empty where nothing builds images.
    pub(crate) family: Family,
}

/// Which files found by walking are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// Dockerfiles.
    Dockerfiles,
    /// Compose files, too.
    Compose,
    /// Everything that names images.
    Images,
}

/// Everything the arguments name.
pub(crate) fn collect(
    args: &InputArgs,
    want: Want,
    threads: Threads,
    configs: &Arc<Configs>,
) -> anyhow::Result<Inputs> {
    let mut found = Inputs::default();
    let listed = match &args.files_from {
        Some(from) => listed_paths(from)?,
        None => Vec::new(),
    };
    let named = args.named();
    let named = named.iter().map(|path| Input::named(path, &args.stdin));
    for input in named.chain(listed.iter().map(|path| Input::file(path))) {
        if input.source == Source::File && input.path.is_dir() {
            let before = found.files.len();
            walk(&input.path, want, threads, configs, &mut found);
            // Docker makes such a folder when it mounts a file that is not there; saying nothing would hide that.
            if found.files.len() == before && input.is_named_like_a_dockerfile() {
                found.files.push(input);
            }
        } else {
            found.files.push(input);
        }
    }
    for input in &found.files {
        configs.of(input.folder().unwrap_or(Path::new(".")));
    }
    configs.check()?;
    if !found.family.builders.is_empty() {
        found.family.files = found.files.iter().filter(|input| input.is_a_dockerfile()).cloned().collect();
        sort(&mut found.family.files);
        sort(&mut found.family.builders);
    }
    if let Some(shard) = args.shard {
        found.files.retain(|input| belongs(shard, &input.label()));
        found.others.retain(|input| belongs(shard, &input.label()));
    }
    sort(&mut found.files);
    sort(&mut found.others);
    found.notes.sort();
    Ok(found)
}

/// By path, each once.
fn sort(inputs: &mut Vec<Input>) {
    inputs.sort_by(|a, b| a.path.as_os_str().cmp(b.path.as_os_str()));
    inputs.dedup_by(|a, b| a.path == b.path && a.source == b.source);
}

/// The paths in a list: separated by NUL when there is one, else one a line.
fn listed_paths(from: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    if from == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes).context("cannot read the list of files from stdin")?;
    } else {
        bytes = fs::read(from).map_err(|error| failure::cannot_read(from, &error))?;
    }
    let separator = if bytes.contains(&0) { 0 } else { b'\n' };
    let names = bytes.split(|&byte| byte == separator);
    let names = names.map(|name| if separator == 0 { name } else { name.strip_suffix(b"\r").unwrap_or(name) });
    names.filter(|name| !name.is_empty()).map(path_from_bytes).collect()
}

#[cfg(unix)]
fn path_from_bytes(bytes: &[u8]) -> anyhow::Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn path_from_bytes(bytes: &[u8]) -> anyhow::Result<PathBuf> {
    Ok(PathBuf::from(std::str::from_utf8(bytes).context("the list of files is not UTF-8")?))
}

/// Takes out `.` components, so that `./a` and `a` are one file.
fn clean(path: &Path) -> PathBuf {
    let cleaned: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    if cleaned.as_os_str().is_empty() { PathBuf::from(".") } else { cleaned }
}

/// Finds the Dockerfiles below a directory. What git ignores is left out; symbolic links are not followed, since their
/// targets are found on their own or lie outside.
fn walk(root: &Path, want: Want, threads: Threads, configs: &Arc<Configs>, inputs: &mut Inputs) {
    let found = Mutex::new(inputs);
    let mut builder = WalkBuilder::new(root);
    // `.devcontainer` and its like hold Dockerfiles, so hidden folders are walked, except git's own.
    builder.hidden(false).ignore(false).require_git(false).threads(threads.count());
    // The tree is walked without following links, so this is what every path below really is.
    let real = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let tree = Arc::new(Tree { root: root.to_owned(), real, want, configs: Arc::clone(configs) });
    let pruned = Arc::clone(&tree);
    builder.filter_entry(move |entry| entry.file_name() != ".git" && !pruned.excludes(entry));
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            let building = builder_of_images(&entry);
            let walked = walked(entry, &tree);
            let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            found.family.builders.extend(building);
            match walked {
                Walked::Input(input) => found.files.push(input),
                Walked::Note(note) => found.notes.push(note),
                Walked::Stray(path) => found.strays.push(path),
                Walked::Image(input) => found.others.push(input),
                Walked::Other => {}
            }
            WalkState::Continue
        })
    });
}

/// A directory that is walked, and what the configuration says about it.
struct Tree {
    root: PathBuf,
    real: PathBuf,
    want: Want,
    configs: Arc<Configs>,
}

impl Tree {
    /// The path without links, and the configuration of its folder.
    fn look(&self, entry: &ignore::DirEntry) -> Option<(Chain, PathBuf)> {
        let below = entry.path().strip_prefix(&self.root).ok()?;
        let path = self.real.join(below);
        let chain = self.configs.of_real(path.parent()?);
        (!chain.is_empty()).then_some((chain, path))
    }

    fn excludes(&self, entry: &ignore::DirEntry) -> bool {
        let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        // The root is named by the user.
        entry.depth() > 0 && self.look(entry).is_some_and(|(chain, path)| config::excluded(&chain, &path, folder))
    }

    fn includes(&self, entry: &ignore::DirEntry) -> bool {
        self.look(entry).is_some_and(|(chain, path)| config::included(&chain, &path))
    }
}

/// What a step of a walk has come upon.
enum Walked {
    Input(Input),
    Note(String),
    Stray(PathBuf),
    Image(Input),
    Other,
}

/// A file that may build images.
fn builder_of_images(entry: &Result<ignore::DirEntry, ignore::Error>) -> Option<Input> {
    let entry = entry.as_ref().ok().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))?;
    names::may_build(entry.path().to_str()?).then(|| Input::file(entry.path()))
}

fn walked(entry: Result<ignore::DirEntry, ignore::Error>, tree: &Tree) -> Walked {
    match entry {
        Ok(entry) => {
            let (Some(name), Some(kind)) = (entry.file_name().to_str(), entry.file_type()) else {
                return Walked::Other;
            };
            if kind.is_file() && crate::write::is_stray(name) {
                return Walked::Stray(entry.path().to_owned());
            }
            if tree.want == Want::Images && kind.is_file() && names::names_images(name) && !is_dockerfile(name) {
                return Walked::Image(Input::file(entry.path()));
            }
            let compose = tree.want == Want::Compose && names::is_compose(name);
            let wanted = is_dockerfile(name) || compose || (kind.is_file() && tree.includes(&entry));
            if !wanted {
                return Walked::Other;
            }
            let path = clean(entry.path());
            let label = path.display();
            if kind.is_symlink() {
                return Walked::Note(format!(
                    "{label}: a symbolic link, not followed; name it to have its target read"
                ));
            }
            if kind.is_dir() && entry.depth() == 0 {
                return Walked::Other;
            }
            if kind.is_dir() {
                return Walked::Note(format!("{label}: a directory, searched like any other"));
            }
            match special(kind) {
                Some(what) => Walked::Input(failed(path, format!("is {what}, not a file; leave it out"))),
                None => Walked::Input(Input { source: Source::File, path }),
            }
        }
        Err(error) => {
            let path = error_path(&error).unwrap_or(&tree.root);
            let message = match error.io_error() {
                Some(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    "permission denied; make the folder readable".to_owned()
                }
                Some(error) => format!("cannot be searched: {error}; leave it out"),
                None => format!("cannot be searched: {error}; leave it out"),
            };
            Walked::Input(failed(clean(path), message))
        }
    }
}

fn failed(path: PathBuf, message: String) -> Input {
    Input { source: Source::Failed(Problem::new(&UNREADABLE, message)), path }
}

fn error_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        _ => None,
    }
}

/// Whether a file found by walking is named like a Dockerfile. `name~` is an editor's or our own backup.
fn is_dockerfile(name: &str) -> bool {
    let named = |stem: &str| name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let suffixed = name.ends_with(".Dockerfile") || name.ends_with(".dockerfile");
    let other = name.ends_with(".dockerignore") || name.ends_with('~');
    (named("Dockerfile") || named("Containerfile") || suffixed) && !other
}

/// Decides by the path alone, so that every machine comes to the same answer whatever else it sees.
pub(crate) fn belongs(shard: Shard, label: &str) -> bool {
    // FNV-1a, 64 bits.
    let hash = label
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash % shard.count == shard.index - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_dockerfiles() {
        for name in
            ["Dockerfile", "Dockerfile.dev", "app.Dockerfile", "app.dockerfile", "Containerfile", "Containerfile.x"]
        {
            assert!(is_dockerfile(name), "{name}");
        }
        for name in [
            "Dockerfile.dockerignore",
            ".dockerignore",
            "Dockerfile~",
            "Dockerfile.dev~",
            "dockerfile",
            "Dockerfiles",
            "x",
        ] {
            assert!(!is_dockerfile(name), "{name}");
        }
    }

    #[test]
    fn every_file_is_in_exactly_one_shard() {
        for n in 0..1000 {
            let label = format!("services/{n}/Dockerfile");
            let hits = (1..=7).filter(|&index| belongs(Shard { index, count: 7 }, &label)).count();
            assert_eq!(hits, 1);
        }
        let share =
            (0..1000).filter(|n| belongs(Shard { index: 1, count: 2 }, &format!("services/{n}/Dockerfile"))).count();
        assert!((400..600).contains(&share), "{share}");
    }

    #[test]
    fn needless_dots_go() {
        assert_eq!(clean(Path::new("./a/./b")), Path::new("a/b"));
        assert_eq!(clean(Path::new("../a")), Path::new("../a"));
        assert_eq!(clean(Path::new("./")), Path::new("."));
    }
}
