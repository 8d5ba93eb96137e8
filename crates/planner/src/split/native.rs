//! Compiled programs: one file and what it reads.

use wolfify_mappings::Tier;

use super::content::{Content, Copied, Cx};
use super::path::{base_name, is_below, is_scratch, is_system_directory, join};
use super::trace::{Refusal, Trace};

pub(super) fn content(cx: &Cx<'_>) -> Result<Content, Refusal> {
    let at = cx.start_instruction();
    cx.needs_plain_start()?;
    let Some(program) = cx.start.program_word().map(str::to_owned) else {
        return cx.refuse(at, "it starts nothing");
    };
    if let Some(reason) = cx.script_of(&program) {
        return cx.refuse(at, reason);
    }
    let mut start = cx.start.clone();
    let binary = find(cx, &program).map_or_else(|| cx.refuse(at, origin_unknown(cx, &program)), Ok)?;
    if is_below(&binary.path, "/root") {
        return cx.refuse(at, "the program lies in `/root`, which the runtime's user cannot read");
    }
    if binary.outside_path {
        start.replace(1, &[&binary.path]);
    }
    let image = if binary.fixed { "static" } else { "glibc-dynamic" };
    let mut content = Content { image: image.to_owned(), tag: "latest".to_owned(), start, ..Content::default() };
    if cx.file.tier() == Tier::Free && cx.file.mappings.image_config(image, "runtime").is_none() {
        return cx.refuse(at, format!("`{image}` is not on the free tier"));
    }
    keep_go_path(cx, &binary.path, &mut content);
    let program = Copied { path: binary.path.clone(), owned: false };
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
            content.copies.push(program);
            content.copies.extend(paths.into_iter().map(|path| Copied { owned: false, path }));
        }
    }
    Ok(content)
}

/// `go install` goes on writing where it did: the new image has no GOPATH of its own.
fn keep_go_path(cx: &Cx<'_>, program: &str, content: &mut Content) {
    let by_install =
        cx.trace.binaries.iter().find(|binary| !binary.named && super::path::parent(program) == binary.path);
    let Some(binary) = by_install.filter(|binary| binary.path == "/go/bin") else { return };
    let set = cx.file.evaluation.scope(binary.instruction);
    // A file that names the old GOPATH gets it back anyway.
    let named = cx.file.body(cx.stage).any(|(_, instruction)| cx.file.text[instruction.range].contains("/go/"));
    if !named && set.get("GOPATH").definition.is_none() && set.get("GOBIN").definition.is_none() {
        let first = cx.trace.tools.get("go").copied().unwrap_or(binary.instruction);
        content.builder_lines.push((first, format!("{} GOPATH=/go", cx.file.keyword(cx.stage, "ENV"))));
    }
}

/// Why a program cannot be taken along.
fn origin_unknown(cx: &Cx<'_>, program: &str) -> String {
    let name = base_name(program);
    if matches!(name, "go" | "cargo" | "mvn" | "gradle" | "make") {
        return format!("`{name}` builds something whenever the container starts");
    }
    match cx.file.mappings.command(name) {
        wolfify_mappings::Lookup::Mapped(_) if !cx.trace.has(&join(&cx.trace.cwd, program)) => {
            format!("`{name}` is a program of the system's packages, and what it needs beside them cannot be told")
        }
        _ => format!("nothing in the file is seen to build `{program}`, so what it needs cannot be told"),
    }
}

/// The program that is started.
struct Found {
    path: String,
    fixed: bool,
    /// Found by name in a directory that the runtime does not search.
    outside_path: bool,
}

fn find(cx: &Cx<'_>, program: &str) -> Option<Found> {
    const SEARCHED: &[&str] = &["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    let by_path = |path: &str| built_at(&cx.trace, path).or_else(|| super::origin::built_elsewhere(cx, path));
    if program.contains('/') {
        let path = join(&cx.trace.cwd, program);
        return by_path(&path).map(|fixed| Found { path, fixed, outside_path: false });
    }
    for directory in SEARCHED {
        let path = format!("{directory}/{program}");
        if let Some(fixed) = by_path(&path) {
            return Some(Found { path, fixed, outside_path: false });
        }
    }
    // `go install` writes to a directory that the old image had in PATH.
    let binary = cx.trace.binaries.iter().rev().find(|binary| base_name(&binary.path) == "bin" && !binary.named)?;
    Some(Found { path: format!("{}/{program}", binary.path), fixed: binary.fixed, outside_path: true })
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
    for (source, target) in &cx.trace.sources {
        match assets(cx, source, target) {
            Some(paths) => found.extend(paths),
            None => unknown |= is_below(target, &cwd) || is_below(&cwd, target),
        }
    }
    // What RUNs fetch or write beside the program.
    for written in cx.head_writes() {
        let path = &written.path;
        let by_run = !written.copied && !written.made && !written.tree && path != binary;
        let build_output = cx.trace.binaries.iter().any(|other| other.path == *path) || is_scratch(path);
        if by_run && !build_output && !is_build_file(base_name(path)) {
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
        {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
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
