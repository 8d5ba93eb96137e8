//! Compiled programs: one file and what it reads.

use std::collections::HashSet;

use wolfify_mappings::Tier;

use super::content::{Content, Copied, Cx, FinalUser};
use super::path::{base_name, is_below, is_scratch, is_system_directory, join};
use super::trace::{Refusal, Source, Trace};

/// Tools for development that call the compiler while they run.
const WATCHERS: &[&str] = &[
    "CompileDaemon",
    "air",
    "bra",
    "cargo-watch",
    "dlv",
    "fresh",
    "gin",
    "gow",
    "modd",
    "realize",
    "reflex",
    "watcher",
];

pub(super) fn content(cx: &Cx<'_>) -> Result<Content, Refusal> {
    let at = cx.start_instruction();
    cx.needs_plain_start()?;
    let Some(program) = cx.start.program_word().map(str::to_owned) else {
        return cx.refuse(at, "it starts nothing");
    };
    if let Some(reason) = cx.script_of(&program) {
        return cx.refuse(at, reason);
    }
    if WATCHERS.contains(&base_name(&program)) {
        return cx.refuse(at, format!("`{}` builds the program whenever a file changes", base_name(&program)));
    }
    if cx.user == FinalUser::ImplicitRoot && crate::rules::final_user::starts_as_root(&program) {
        return cx.refuse(at, format!("`{}` starts as root", base_name(&program)));
    }
    let mut start = cx.start.clone();
    let binary = find(cx, &program).map_or_else(|| cx.refuse(at, origin_unknown(cx, &program)), Ok)?;
    if binary.elsewhere && is_toolchain(cx) {
        let reason = format!(
            "`{}`, which another stage builds, runs on an image with a compiler all the same, and may call that",
            binary.path
        );
        return cx.refuse(cx.from(), reason);
    }
    // Apache, which the old image was, and whose module alone is built here.
    if let Some(package) = cx.target.packages.iter().find(|package| !super::packages::is_tool(package)) {
        return cx.refuse(
            at,
            format!("what the old image was is the package `{package}` on Wolfi, and there is no image for it"),
        );
    }
    let moved_home = is_below(&binary.path, "/root").then(|| home_of_root(cx)).flatten();
    if is_below(&binary.path, "/root") && moved_home.is_none() {
        return cx.refuse(at, "the program lies in `/root`, which the runtime's user cannot read");
    }
    if binary.outside_path {
        start.replace(1, &[&binary.path]);
    }
    let image = if binary.fixed { "static" } else { "glibc-dynamic" };
    let mut content = Content { image: image.to_owned(), tag: "latest".to_owned(), start, ..Content::default() };
    if matches!(cx.user, FinalUser::Named { .. }) {
        content.owned_tail = cx.owned_tail();
    }
    if cx.file.tier() == Tier::Free && cx.file.mappings.image_config(image, "runtime").is_none() {
        return cx.refuse(at, format!("`{image}` is not on the free tier"));
    }
    if let Some(workdir) = moved_home {
        content.moved_home = Some(workdir);
        content.remarks.push("`/root` is closed to the runtime's user, whose home takes its place".to_owned());
        return Ok(content);
    }
    keep_tool_home(cx, &binary.path, &mut content);
    if let Some(directory) = &binary.whole
        && binary.fetched
    {
        content.remarks.push(format!("all that the archive put into `{directory}` goes along"));
    }
    if binary.fetched {
        content.doubtful = true;
        content.fetched = Some(binary.path.clone());
    }
    let program = Copied { path: binary.whole.clone().unwrap_or_else(|| binary.path.clone()), owned: false };
    let links: Vec<(String, usize)> = vec![(program.path.clone(), at)];
    cx.check_links(&links)?;
    let brought = cx.tail_brings(&binary.path);
    match beside(cx, &binary.path)? {
        Beside::Nothing => content.copies.push(program),
        Beside::Unknown => {
            content.copies.push(program);
            content.doubtful = true;
            content.remarks.push("copy what else the program reads when it runs".to_owned());
        }
        Beside::Directory(path) => {
            content.remarks.push(format!("all of `{path}` goes along, since the program may read files beside it"));
            if !is_below(&binary.path, &path) {
                content.copies.push(program);
            }
            content.copies.push(Copied { owned: cx.owns(&path), path });
        }
        Beside::These(paths) => {
            let paths = paths.into_iter().filter(|path| !is_below(path, &program.path));
            let copies: Vec<Copied> = paths.map(|path| Copied { owned: cx.owns(&path), path }).collect();
            content.copies.push(program);
            content.copies.extend(copies);
        }
    }
    if brought {
        content.copies.retain(|copied| copied.path != binary.path);
    }
    named_files(cx, &mut content);
    Ok(content)
}

/// Whether the stage stands on an image with a compiler.
fn is_toolchain(cx: &Cx<'_>) -> bool {
    matches!(cx.target.image.as_str(), "go" | "rust" | "gcc-glibc")
}

/// Files that the start command names and that only the builder has.
fn named_files(cx: &Cx<'_>, content: &mut Content) {
    for word in content.start.arguments() {
        let path = word.rsplit_once('=').map_or(word.as_str(), |(_, value)| value);
        if !path.contains('/') || path.contains("://") || path.starts_with('-') {
            continue;
        }
        let place = join(&cx.trace.cwd, path);
        let of_builder = cx.head_writes().any(|written| {
            // What runs in `/` may write anywhere, and most likely does not write this.
            let tree = written.tree && written.path != "/" && is_below(&place, &written.path);
            !written.made && (written.path == place || tree)
        });
        let there = content.copies.iter().any(|copied| is_below(&place, &copied.path));
        if of_builder && !there && !is_system_directory(&place) && !cx.tail_brings(&place) {
            content.copies.push(Copied { owned: cx.owns(&place), path: place });
        }
    }
}

/// `go install` and `cargo install` go on writing where they did: the new images have no GOPATH and no CARGO_HOME.
fn keep_tool_home(cx: &Cx<'_>, program: &str, content: &mut Content) {
    const HOMES: &[(&str, &str, &str, &[&str])] = &[
        ("go", "/go", "GOPATH", &["GOPATH", "GOBIN"]),
        ("cargo", "/usr/local/cargo", "CARGO_HOME", &["CARGO_HOME", "CARGO_INSTALL_ROOT"]),
    ];
    let directory = super::path::parent(program);
    let Some(binary) = cx.trace.binaries.iter().find(|binary| !binary.named && binary.path == directory) else {
        return;
    };
    let Some((tool, home, variable, setters)) = HOMES.iter().find(|(_, home, ..)| directory == format!("{home}/bin"))
    else {
        return;
    };
    let scope = cx.file.evaluation.scope(binary.instruction);
    // A file that names the old directory gets the variable back anyway.
    let inside = format!("{home}/");
    let named = cx.file.body(cx.stage).any(|(_, instruction)| cx.file.text[instruction.range].contains(&inside));
    if !named && setters.iter().all(|setter| scope.get(setter).definition.is_none()) {
        let first = cx.trace.tools.get(tool).copied().unwrap_or(binary.instruction);
        let line = format!("{} {variable}={home}", cx.file.keyword(cx.stage, "ENV"));
        content.prepare(first, line, "the old image set this, and programs are installed below it");
    }
}

/// The WORKDIR that leads into `/root`, where nothing else names that directory and nothing is built: the home of the
/// runtime's user can take its place.
fn home_of_root(cx: &Cx<'_>) -> Option<usize> {
    let from = cx.file.dockerfile.stages[cx.stage].instructions.start;
    let mut named = cx.file.body(cx.stage).filter(|(_, instruction)| cx.file.text[instruction.range].contains("/root"));
    let (index, _) = named.next().filter(|(index, _)| cx.file.is(*index, wolfify_syntax::Keyword::Workdir))?;
    (named.next().is_none() && cx.last_build == from).then_some(index)
}

/// Why a program cannot be taken along.
fn origin_unknown(cx: &Cx<'_>, program: &str) -> String {
    let name = base_name(program);
    if matches!(name, "go" | "cargo" | "mvn" | "gradle" | "make") {
        return format!("`{name}` builds something whenever the container starts");
    }
    let places = match program.contains('/') {
        true => vec![join(&cx.trace.cwd, program)],
        false => SEARCHED.iter().map(|directory| format!("{directory}/{program}")).collect(),
    };
    if let Some(reason) = places.iter().find_map(|place| super::origin::why_unknown(cx, place)) {
        return reason;
    }
    match cx.file.mappings.command(name) {
        wolfify_mappings::Lookup::Mapped(_) if !cx.trace.has(&join(&cx.trace.cwd, program)) => {
            format!("`{name}` is a program of the system's packages, and what it needs beside them cannot be told")
        }
        _ if fetched(cx, program) => {
            format!(
                "`{program}` is fetched, and whether it is a program or a script, and what it needs, cannot be told"
            )
        }
        wolfify_mappings::Lookup::Mapped(_) if cx.target.packages.iter().any(|package| package == name) => {
            format!("`{name}` is a package on Wolfi, and there is no image for it")
        }
        _ => format!("nothing in the file is seen to build `{program}`, so what it needs cannot be told"),
    }
}

/// Whether the program at a path, or by its name one in `/usr/local/bin`, is downloaded as it is.
fn fetched(cx: &Cx<'_>, program: &str) -> bool {
    let path = match program.contains('/') {
        true => join(&cx.trace.cwd, program),
        false => format!("/usr/local/bin/{program}"),
    };
    cx.trace.downloads.iter().any(|(place, _)| is_below(&path, place) && place != "/")
}

/// The program that is started.
struct Found {
    path: String,
    fixed: bool,
    /// Found by name in a directory that the runtime does not search.
    outside_path: bool,
    /// The directory that it was installed into with all that belongs to it.
    whole: Option<String>,
    /// Nobody has seen how it is linked.
    fetched: bool,
    /// Another stage of the file builds it.
    elsewhere: bool,
}

impl Found {
    fn built(path: String, fixed: bool) -> Self {
        Self { path, fixed, outside_path: false, whole: None, fetched: false, elsewhere: false }
    }
}

/// Where a program is looked for by its name.
const SEARCHED: &[&str] = &["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

fn find(cx: &Cx<'_>, program: &str) -> Option<Found> {
    if program.contains('/') {
        return at(cx, &join(&cx.trace.cwd, program));
    }
    if is_shell(program) || cx.file.mappings.is_applet(program) {
        return None;
    }
    if let Some(found) = SEARCHED.iter().find_map(|directory| at(cx, &format!("{directory}/{program}"))) {
        return Some(found);
    }
    // `go install` writes to a directory that the old image had in PATH.
    let binary = cx.trace.binaries.iter().rev().find(|binary| base_name(&binary.path) == "bin" && !binary.named)?;
    let path = format!("{}/{program}", binary.path);
    (!matches!(program, "go" | "cargo")).then(|| Found { outside_path: true, ..Found::built(path, binary.fixed) })
}

/// The program at a path, by where it comes from.
fn at(cx: &Cx<'_>, path: &str) -> Option<Found> {
    if let Some(fixed) = built_at(&cx.trace, path) {
        return Some(Found::built(path.to_owned(), fixed));
    }
    let installed = cx.trace.installed.iter().find(|prefix| {
        let directory = super::path::parent(path);
        ["bin", "sbin", "libexec"].iter().any(|name| directory == format!("{prefix}/{name}"))
    });
    if let Some(prefix) = installed {
        return Some(Found { whole: Some(prefix.clone()), ..Found::built(path.to_owned(), false) });
    }
    if let Some(fixed) = super::origin::built_elsewhere(cx, path) {
        return Some(Found { elsewhere: true, ..Found::built(path.to_owned(), fixed) });
    }
    let native = runs_nothing_else(cx);
    if native && (made_at(cx, path) || fetched_at(cx, path)) {
        let fetched = fetched_at(cx, path);
        let whole = fetched.then(|| unpacked_beside(cx, path)).flatten();
        return Some(Found { fetched, whole, ..Found::built(path.to_owned(), false) });
    }
    None
}

fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "ash" | "dash" | "zsh")
}

/// Whether nothing in the stage brings an interpreter that the program may be a script for.
fn runs_nothing_else(cx: &Cx<'_>) -> bool {
    const INTERPRETERS: &[&str] = &["python", "py3", "nodejs", "ruby", "perl", "php", "openjdk", "lua", "erlang", "R"];
    let mut packages = cx.installs().flat_map(|(_, install)| &install.packages);
    // A compiler may want them for its build alone.
    is_toolchain(cx) || !packages.any(|package| INTERPRETERS.iter().any(|name| package.starts_with(name)))
}

/// Whether `make` and its like may have written the program at `path`: it lies where one of them ran, and no COPY brought it.
fn made_at(cx: &Cx<'_>, path: &str) -> bool {
    let compiles = ["make", "gmake", "cmake", "ninja", "meson"].iter().any(|name| cx.trace.called.contains(*name));
    let mut directories = cx.trace.work_directories.iter().filter(|directory| !is_system_directory(directory));
    let below = directories.any(|directory| is_below(path, directory));
    let copied = cx.trace.written.iter().any(|written| written.copied && written.path == path);
    compiles && below && !copied && !base_name(path).contains('.')
}

/// Whether the program at `path` was fetched, as a build for one kind of machine, which is what scripts are not.
fn fetched_at(cx: &Cx<'_>, path: &str) -> bool {
    const MACHINES: &[&str] = &[
        "amd64",
        "arm64",
        "x86_64",
        "aarch64",
        "linux64",
        "linux-64",
        "linux32",
        "x64",
        "i386",
        "uname -m",
        "TARGETARCH",
        "--print-architecture",
    ];
    let in_bin = matches!(base_name(super::path::parent(path)), "bin" | "sbin");
    let moved = cx
        .head_writes()
        .find(|written| written.path == path && !written.copied && !written.made && !written.tree)
        .map(|written| written.instruction);
    let unpacked = cx
        .trace
        .downloads
        .iter()
        .find(|(place, _)| place == path || (in_bin && place == super::path::parent(path)))
        .map(|(_, instruction)| *instruction);
    let from = moved.filter(|_| !cx.trace.downloads.is_empty()).or(unpacked);
    from.is_some_and(|from| {
        // The RUN that puts it there, or the one that fetched what it was taken from.
        let fetches = cx.trace.downloads.iter().map(|(_, instruction)| *instruction).chain([from]);
        fetches.into_iter().any(|index| {
            let text = &cx.file.text[cx.file.instruction(index).range];
            MACHINES.iter().any(|machine| text.contains(machine))
        })
    })
}

/// The directory that an archive was unpacked to whole, so that the program's own tools may lie beside it. What is in
/// Wolfi's `/usr/bin` nobody could tell apart from it; `/usr/local/bin` is not there, unless a compiler has its wrappers in it.
fn unpacked_beside(cx: &Cx<'_>, path: &str) -> Option<String> {
    let directory = super::path::parent(path);
    let named = cx.head_writes().any(|written| written.path == path && !written.tree);
    let unpacked = cx.trace.downloads.iter().any(|(place, _)| place == directory);
    let own = matches!(directory, "/usr/local/bin" | "/usr/local/sbin");
    let mut packages = cx.installs().flat_map(|(_, install)| &install.packages);
    let empty = !is_toolchain(cx) && !packages.any(|package| super::packages::is_build_only(package));
    (own && unpacked && !named && empty).then(|| directory.to_owned())
}

/// Whether a compiler of the stage wrote the program at `path`, and whether it is linked without the C library.
pub(super) fn built_at(trace: &Trace, path: &str) -> Option<bool> {
    let own = trace
        .binaries
        .iter()
        .rev()
        .find(|binary| if binary.named { binary.path == path } else { super::path::parent(path) == binary.path });
    match own {
        Some(binary) => Some(binary.fixed),
        // Moved there by `cp`, `mv` or `install`, or written by a compiler that names it itself.
        None => {
            let moved = trace.written.iter().any(|written| written.path == path && !written.copied && !written.made);
            (!trace.binaries.is_empty() && moved).then(|| trace.binaries.iter().all(|binary| binary.fixed))
        }
    }
}

/// Whether a path is an archive that was fetched and unpacked, or what it was checked against.
fn is_unpacked(cx: &Cx<'_>, fetched: &HashSet<&str>, path: &str) -> bool {
    const ARCHIVES: &[&str] = &[".tar", ".tar.bz2", ".tar.gz", ".tar.xz", ".tar.zst", ".tbz2", ".tgz", ".txz", ".zip"];
    const CHECKS: &[&str] = &[".asc", ".md5", ".sha1", ".sha256", ".sha256sum", ".sha512", ".sig"];
    let ends = |names: &[&str]| names.iter().any(|end| path.ends_with(end));
    let unpacks = ["tar", "unzip", "bsdtar"].iter().any(|name| cx.trace.called.contains(*name));
    fetched.contains(path) && (ends(CHECKS) || (ends(ARCHIVES) && unpacks))
}

/// Whether a COPY brings nothing but the program itself.
fn brings(cx: &Cx<'_>, instruction: usize, binary: &str) -> bool {
    matches!(&cx.file.instruction(instruction).sources()[..], [source] if base_name(source.text) == base_name(binary))
}

/// Files that the program may read when it runs.
enum Beside {
    /// There are none.
    Nothing,
    /// Nobody can tell, and the program lies elsewhere.
    Unknown,
    /// The whole directory.
    Directory(String),
    /// These.
    These(Vec<String>),
}

fn beside(cx: &Cx<'_>, binary: &str) -> Result<Beside, Refusal> {
    let cwd = cx.trace.cwd.clone();
    let mut found: Vec<String> = Vec::new();
    let mut unknown = false;
    for Source { path: source, target, .. } in cx.trace.sources.iter().filter(|own| own.instruction <= cx.last_build) {
        match assets(cx, source, target) {
            Some(_) if is_put_apart(cx, source, target) => found.push(target.clone()),
            Some(paths) => found.extend(paths),
            None if works_in(cx, target) => unknown |= is_below(target, &cwd) || is_below(&cwd, target),
            // Nothing is built there, so that it is there to be read.
            None if !is_system_directory(target) => found.push(target.clone()),
            None => unknown = true,
        }
    }
    // What the author took from another stage is there on purpose.
    for written in cx.head_writes().filter(|written| written.copied && written.path != binary) {
        let own = cx.trace.sources.iter().any(|source| source.instruction == written.instruction);
        if !own
            && !is_system_directory(&written.path)
            && !works_in(cx, &written.path)
            && !brings(cx, written.instruction, binary)
        {
            found.push(written.path.clone());
        }
    }
    for written in cx.head_writes().filter(|written| written.tree && !written.copied && !written.made) {
        let path = &written.path;
        let installed =
            cx.trace.installed.contains(path) || cx.trace.binaries.iter().any(|one| is_below(&one.path, path));
        if !installed
            && !is_system_directory(path)
            && !is_scratch(path)
            && !works_in(cx, path)
            && !is_below(path, "/root")
        {
            found.push(path.clone());
        }
    }
    let fetched: HashSet<&str> = cx.trace.downloads.iter().map(|(place, _)| place.as_str()).collect();
    // What RUNs fetch or write beside the program.
    for written in cx.head_writes() {
        let path = &written.path;
        let by_run = !written.copied && !written.made && !written.tree && path != binary;
        let build_output = cx.trace.binaries.iter().any(|other| other.path == *path) || is_scratch(path);
        if by_run && !build_output && !is_build_file(base_name(path)) && !is_unpacked(cx, &fetched, path) {
            if is_below(path, "/root") {
                return cx
                    .refuse(written.instruction, "it keeps files in `/root`, which the runtime's user cannot read");
            }
            found.push(path.clone());
        }
        if written.made
            && !is_system_directory(path)
            && *path != cwd
            && !cx.file.is(written.instruction, wolfify_syntax::Keyword::Workdir)
            && !is_scratch(path)
            && !is_below(&cwd, path)
            && !is_below(binary, path)
            && !cx.trace.work_directories.iter().any(|directory| is_below(directory, path))
            && !cx.tail_fills(path)
        {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    // What lies below a directory that comes along comes with it.
    let all: HashSet<String> = found.iter().cloned().collect();
    found.retain(|path| !crate::path::upwards(path).skip(1).any(|(above, _)| all.contains(above)));
    if unknown {
        let whole = is_below(binary, &cwd) && !is_system_directory(&cwd) && cwd != "/go" && !is_below(&cwd, "/root");
        let heavy = cx.trace.tools.contains_key("cargo");
        if whole && !heavy {
            return Ok(Beside::Directory(cwd));
        }
        if found.is_empty() {
            return Ok(Beside::Unknown);
        }
    }
    if found.len() > 6 && is_below(binary, &cwd) && !is_system_directory(&cwd) && !cx.trace.tools.contains_key("cargo")
    {
        return Ok(Beside::Directory(cwd));
    }
    Ok(if found.is_empty() { Beside::Nothing } else { Beside::These(found) })
}

/// Whether a compiler or one of its helpers runs at, above or below a place.
fn works_in(cx: &Cx<'_>, place: &str) -> bool {
    let mut directories = cx.trace.work_directories.iter().filter(|directory| directory.as_str() != "/");
    is_below(place, "/go/src") || directories.any(|directory| is_below(place, directory) || is_below(directory, place))
}

/// Whether a COPY puts one file at a place where nothing is built and that no RUN names: a script or text is there to be
/// read when the program runs, whatever its name tells.
fn is_put_apart(cx: &Cx<'_>, source: &str, target: &str) -> bool {
    const TEXTS: &[&str] = &[".sh", ".py", ".md", ".proto", ".in", ".rst", ".adoc", ".nix", ".ps1", ".bat"];
    let name = base_name(target);
    let named = || {
        let runs = cx.trace.runs.iter().chain(&cx.trace.idle_runs);
        runs.map(|run| cx.file.instruction(*run)).any(|run| run.joined.contains(name))
    };
    name == base_name(source)
        && TEXTS.iter().any(|end| name.ends_with(end))
        && !name.starts_with("README")
        && !is_system_directory(super::path::parent(target))
        && !works_in(cx, target)
        && !named()
}

/// What of a copied source is no source code, by where it ends up; `None` when the context does not tell.
fn assets(cx: &Cx<'_>, source: &str, target: &str) -> Option<Vec<String>> {
    let path = source.trim_start_matches("./").trim_matches('/');
    let path = if path == "." { "" } else { path };
    match cx.context.list(path) {
        Some(names) => {
            let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            let kept = names.iter().filter(|name| !is_build_file(name) && !is_code(cx, &inside(name), 0));
            Some(kept.map(|name| join(target, name)).collect())
        }
        None if is_build_file(base_name(path)) && !path.is_empty() => Some(Vec::new()),
        None if path.contains('*') || path.contains('.') && !path.is_empty() => Some(vec![target.to_owned()]),
        None => None,
    }
}

/// Whether a directory of the context holds nothing but code.
fn is_code(cx: &Cx<'_>, path: &str, depth: usize) -> bool {
    const DEEPEST: usize = 8;
    match cx.context.list(path) {
        Some(names) if depth < DEEPEST => {
            names.iter().all(|name| is_build_file(name) || is_code(cx, &format!("{path}/{name}"), depth + 1))
        }
        Some(_) => false,
        None => is_build_file(base_name(path)),
    }
}

/// Files that only people, compilers and their helpers read.
fn is_build_file(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "Dockerfile",
        "Makefile",
        "LICENSE",
        "NOTICE",
        "AUTHORS",
        "CODEOWNERS",
        "CONTRIBUTING",
        "COPYING",
        "Cargo.toml",
        "Cargo.lock",
        "go.mod",
        "go.sum",
        "go.work",
        "go.work.sum",
        "rust-toolchain",
        "rust-toolchain.toml",
        "rustfmt.toml",
        "clippy.toml",
        "deny.toml",
        "CMakeLists.txt",
        "configure.ac",
        "configure",
        "Taskfile.yml",
        "Procfile",
        "vendor",
        "testdata",
        "docs",
        "doc",
        "test",
        "tests",
        "benches",
        "examples",
        "hack",
        "scripts",
        "ci",
        "build.rs",
        "glide.yaml",
        "glide.lock",
        "Gopkg.toml",
        "Gopkg.lock",
        "Vagrantfile",
        "Jenkinsfile",
        "Tiltfile",
        "skaffold.yaml",
        "justfile",
        "renovate.json",
        "docker-compose.yml",
        "docker-compose.yaml",
        "compose.yaml",
        "compose.yml",
        "package.json",
        "package-lock.json",
        "helm",
        "charts",
        "deploy",
        "k8s",
        "main",
    ];
    const ENDS: &[&str] = &[
        ".go",
        ".rs",
        ".c",
        ".cc",
        ".cpp",
        ".cxx",
        ".h",
        ".hh",
        ".hpp",
        ".md",
        ".mod",
        ".sum",
        ".mk",
        ".proto",
        ".sh",
        ".s",
        ".S",
        ".asm",
        ".bazel",
        ".bzl",
        ".cmake",
        ".in",
        ".am",
        ".ac",
        ".Dockerfile",
        ".nix",
        ".adoc",
        ".rst",
        ".diff",
        ".patch",
        ".iml",
        ".bat",
        ".ps1",
        ".py",
    ];
    NAMES.contains(&name)
        || name.starts_with('.') && name != ".env"
        || name.starts_with("Dockerfile")
        || name.starts_with("README")
        || name.starts_with("CHANGELOG")
        || name.starts_with("docker-compose")
        || ENDS.iter().any(|end| name.ends_with(end))
}
