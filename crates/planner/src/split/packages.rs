//! Which packages of the builder the runtime needs too.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{Content, Cx, FinalUser};
use super::trace::{Refusal, Trace};
use crate::draft::{CommandId, Draft};
use crate::file::File;
use crate::rules::final_user::NETWORK;
use crate::script_values::ScriptValues;

/// Compilers, headers and the like: nothing of a finished application calls them.
const BUILD_ONLY: &[&str] = &[
    "ant",
    "autoconf",
    "automake",
    "bash",
    "binutils",
    "bison",
    "build-base",
    "ca-certificates",
    "ca-certificates-bundle",
    "cargo",
    "ccache",
    "clang",
    "cmake",
    "coreutils",
    "diffutils",
    "file",
    "findutils",
    "flex",
    "gawk",
    "gcc",
    "gettext",
    "glibc-dev",
    "gnupg",
    "gnutar",
    "go",
    "gradle",
    "grep",
    "gzip",
    "libtool",
    "lld",
    "llvm",
    "lsb-release",
    "m4",
    "make",
    "maven",
    "meson",
    "mold",
    "nasm",
    "ninja",
    "ninja-build",
    "openssf-compiler-options",
    "patch",
    "patchelf",
    "perl",
    "pkgconf",
    "pkgconf-dev",
    "posix-libc-utils",
    "protoc",
    "protobuf",
    "rust",
    "rustup",
    "samurai",
    "sed",
    "shadow",
    "sudo",
    "swig",
    "tar",
    "yasm",
    "apt",
    "dpkg",
    "linux-headers",
    "py3-pip",
    "py3-setuptools",
    "py3-wheel",
    "python3-dev",
    "uv",
    "composer",
    "apk-tools",
    "gpg",
    "dirmngr",
    "gnupg-dirmngr",
    "gpg-agent",
    "which",
    "less",
    "vim",
    "nano",
    "man-db",
    "htop",
    "bash-completion",
];

/// Tools that fetch and unpack: part of the build when a RUN calls them, or when a package manager may.
const FETCHING: &[(&str, &[&str])] = &[
    ("curl", &["curl"]),
    ("wget", &["wget"]),
    (
        "git",
        &[
            "git", "npm", "yarn", "pnpm", "pip", "pip3", "go", "cargo", "composer", "bundle", "poetry", "python",
            "python3",
        ],
    ),
    ("git-lfs", &["git"]),
    ("openssh-client", &["git", "ssh", "npm", "pip", "go", "composer", "bundle"]),
    ("unzip", &["unzip", "composer", "mvn", "gradle", "gradlew"]),
    ("zip", &["zip", "composer"]),
    ("xz", &["xz", "tar"]),
    ("bzip2", &["bzip2", "tar"]),
    ("zstd", &["zstd", "tar"]),
    ("7zip", &["7z"]),
    ("jq", &["jq"]),
    ("rsync", &["rsync"]),
    ("subversion", &["svn"]),
    ("mercurial", &["hg"]),
];

/// Refuses a runtime without root for an application that calls what only root may.
pub(super) fn refuse_those_of_root(cx: &Cx<'_>, content: &Content) -> Result<(), Refusal> {
    let own = content.packages.iter().find(|(package, _)| NETWORK.contains(&package.as_str()));
    match own.filter(|_| cx.user == FinalUser::ImplicitRoot) {
        Some((package, index)) => {
            cx.refuse(*index, format!("the application calls `{package}`, which only root may use"))
        }
        None => Ok(()),
    }
}

/// Languages beside the one of the image: the packages' first words, and what calls them while an image is built. The
/// application wants a language that nothing of these calls.
const LANGUAGES: &[(&[&str], &[&str], &[&str])] = &[
    (
        &["nodejs", "npm", "yarn", "pnpm"],
        &["node"],
        &[
            "node", "npm", "npx", "yarn", "pnpm", "corepack", "make", "rake", "rails", "bundle", "mix", "mvn",
            "gradle", "gradlew", "composer",
        ],
    ),
    (
        &["python", "python3"],
        &["python"],
        &[
            "python",
            "python3",
            "pip",
            "pip3",
            "npm",
            "yarn",
            "pnpm",
            "node-gyp",
            "make",
            "configure",
            "cmake",
            "meson",
            "ninja",
            "cargo",
            "go",
        ],
    ),
    (&["ruby"], &["ruby"], &["ruby", "gem", "bundle", "rake", "make"]),
    (
        &["openjdk"],
        &["jdk", "jre", "maven", "gradle"],
        &["java", "javac", "jar", "mvn", "gradle", "gradlew", "ant", "sbt", "lein", "make"],
    ),
];

/// The packages to bring to the runtime, sorted, each with the last instruction that installs it in the builder.
pub(super) fn runtime_packages(
    file: &File<'_>,
    draft: &Draft,
    stage: usize,
    trace: &Trace,
    image: &str,
) -> Result<BTreeMap<String, usize>, Refusal> {
    let mut out = BTreeMap::new();
    let gone = called_by_what_goes(file, draft, stage);
    let ranges = super::chain::ranges(file, stage);
    for (instruction, installs) in ranges.into_iter().flat_map(|range| draft.installs.range(range)) {
        let removed = removed_again(file, stage, *instruction);
        for install in installs {
            if install.temporary && !has_libraries(install) {
                continue;
            }
            // Of what leaves again, the built files want the shared libraries alone.
            let stays =
                |package: &&String| package.ends_with("-dev") || (!install.temporary && !removed.contains(*package));
            for package in install.packages.iter().filter(stays) {
                for needed in needed_of(file, &gone, trace, image, package, *instruction)? {
                    if !carried(file, image, &needed) {
                        out.insert(needed, *instruction);
                    }
                }
            }
        }
    }
    // Locales, time zones: what the old image was set up with is for those who run it.
    let set_up = super::chain::chain(file, stage).into_iter().filter_map(|stage| draft.needs.get(&stage)).flatten();
    for need in set_up.filter(|need| need.rule.id == crate::rules::system_setup::RULE.id) {
        if !carried(file, image, &need.package) {
            out.insert(need.package.clone(), need.instruction);
        }
    }
    // What the build is given in place of the old image's headers.
    let needs = super::chain::chain(file, stage).into_iter().filter_map(|stage| draft.needs.get(&stage)).flatten();
    for need in needs.filter(|need| need.rule.id == crate::needs::RULE.id && need.package.ends_with("-dev")) {
        for library in file.mappings.library_of(&need.package) {
            if !carried(file, image, &library) {
                out.insert(library, need.instruction);
            }
        }
    }
    for (instruction, package) in &draft.present {
        for needed in needed_of(file, &gone, trace, image, package, *instruction)? {
            if !carried(file, image, &needed) {
                out.insert(needed, *instruction);
            }
        }
    }
    let text = crate::needs::without_font(file.stages[stage].distro, out.keys().map(String::as_str));
    if let Some(instruction) = text.and_then(|name| out.get(name)).copied() {
        out.insert(crate::needs::FONT.to_owned(), instruction);
    }
    Ok(out)
}

/// The packages that a RUN takes out, by Wolfi's names: `apt-get purge $BUILD_DEPS` behind the build.
fn removed_again(file: &File<'_>, stage: usize, instruction: usize) -> BTreeSet<String> {
    let Some(distro) = file.stages[stage].distro else { return BTreeSet::new() };
    let mut removed = BTreeSet::new();
    for script in &file.scripts[instruction] {
        let values = ScriptValues::of(file, instruction, script);
        script.visit(&mut |command, _| {
            let own = crate::managers::parse(command).filter(|own| own.action.removes());
            let words = own.iter().flat_map(|own| &own.arguments).map(|argument| &command.words[argument.word_index]);
            for name in words.filter_map(|word| word.expand(&|name| values.get(name))).flatten() {
                let mapped = file.mappings.package(distro, &name).mapped().map(|mapping| mapping.packages);
                removed.extend(mapped.unwrap_or_default());
                removed.insert(name);
            }
        });
    }
    removed
}

/// Whether a temporary install holds headers, whose libraries the built files still want.
fn has_libraries(install: &crate::draft::Install) -> bool {
    install.packages.iter().any(|package| package.ends_with("-dev"))
}

/// The commands that a stage called and that leave: `curl`, for the set-up of a package source.
fn called_by_what_goes(file: &File<'_>, draft: &Draft, stage: usize) -> BTreeSet<String> {
    let mut called = BTreeSet::new();
    for (index, _) in super::chain::body(file, stage) {
        let whole = draft.dropped_instructions.contains(&index);
        for (number, script) in file.scripts[index].iter().enumerate() {
            script.visit(&mut |command, _| {
                let id = CommandId { instruction: index, script: number, command: command.id };
                if whole || draft.gone.contains(&id) {
                    called.extend(command.name());
                }
            });
        }
    }
    called
}

fn needed_of(
    file: &File<'_>,
    gone: &BTreeSet<String>,
    trace: &Trace,
    image: &str,
    package: &str,
    instruction: usize,
) -> Result<Vec<String>, Refusal> {
    if is_build_only(package) && !is_for_the_application(trace, package, image) {
        return Ok(Vec::new());
    }
    if let Some((names, images, callers)) =
        LANGUAGES.iter().find(|(names, ..)| names.iter().any(|name| is_or_version(package, name)))
    {
        // Rails looks for a JavaScript runtime whenever it starts.
        let rails = image == "ruby" && names.contains(&"nodejs") && is_or_version(package, "nodejs");
        let called = callers.iter().any(|caller| trace.called.contains(*caller));
        let for_the_build = images.contains(&image) || (called && !rails);
        return Ok(if for_the_build { Vec::new() } else { vec![package.to_owned()] });
    }
    if let Some((_, callers)) = FETCHING.iter().find(|(name, _)| *name == package) {
        let used = callers.iter().any(|caller| trace.called.contains(*caller) || gone.contains(*caller));
        return Ok(if used { Vec::new() } else { vec![package.to_owned()] });
    }
    // Extensions bring the libraries that they are built with.
    if image == "php" && package.ends_with("-dev") {
        return Ok(Vec::new());
    }
    if package.ends_with("-dev") || package.contains("-dev-") {
        let mut libraries = file.mappings.library_of(package);
        // Nothing is loaded from them.
        libraries.retain(|library| !library.ends_with("-static"));
        if libraries.is_empty() && !headers_only(package) {
            let range = file.instruction(instruction).keyword_range;
            return Err(Refusal::new(range, format!("the shared libraries behind `{package}` are not known")));
        }
        return Ok(libraries);
    }
    Ok(vec![package.to_owned()])
}

/// Tools that nothing of the build calls are there for the application: gettext for Django's messages.
fn is_for_the_application(trace: &Trace, package: &str, image: &str) -> bool {
    const CALLERS: &[(&str, &[&str])] = &[
        ("perl", &["perl", "configure", "make", "autoreconf", "automake", "cpanm", "git"]),
        ("gettext", &["msgfmt", "gettext", "envsubst", "configure", "make", "autoreconf", "meson", "cmake"]),
    ];
    let interpreted = matches!(image, "python" | "ruby" | "php" | "node" | "jre");
    let callers = CALLERS.iter().find(|(name, _)| *name == package).map(|(_, callers)| callers);
    interpreted && callers.is_some_and(|callers| !callers.iter().any(|caller| trace.called.contains(*caller)))
}

/// Whether a package is the language that the image is for.
fn brings_itself(image: &str, package: &str) -> bool {
    matches!(
        (image, package),
        ("python", "python3" | "py3-pip") | ("node", "nodejs" | "npm") | ("ruby", "ruby") | ("php", "php")
    )
}

/// The RUNs that install nothing but what the runtime needs, and nothing that the build calls: they have no place in it.
pub(super) fn for_the_runtime_alone(
    cx: &Cx<'_>,
    image: &str,
    makes_accounts: bool,
) -> Result<BTreeSet<usize>, Refusal> {
    let (file, draft, trace) = (cx.file, cx.draft, &cx.trace);
    let gone = called_by_what_goes(file, draft, cx.stage);
    let configured = configured(file, trace);
    let last_started = trace.runs.iter().copied().filter(|run| starts_the_application(file, *run)).max();
    let mut called: BTreeSet<String> = BTreeSet::new();
    for name in &trace.called {
        called.extend(file.mappings.command(name).mapped().map(|found| found.packages).unwrap_or_default());
    }
    let mut out = BTreeSet::new();
    for index in &trace.package_runs {
        let Some(installs) = draft.installs.get(index) else { continue };
        let mut alone = !installs.is_empty();
        for package in installs.iter().flat_map(|install| &install.packages) {
            // The image's own language.
            if brings_itself(image, package) {
                continue;
            }
            let needed = needed_of(file, &gone, trace, image, package, *index)?;
            // Composer looks for the extensions that it is asked for.
            let by_composer = package.starts_with("php-") && trace.tools.contains_key("composer");
            let taken_along = needed.len() == 1 && needed[0] == *package;
            let there_anyway = needed.is_empty() && carried(file, image, package) && !fetches(trace);
            // curl, for the set-up of a package source.
            let served = FETCHING.iter().any(|(name, callers)| {
                *name == package && callers.iter().all(|caller| !trace.called.contains(*caller)) && needed.is_empty()
            });
            let for_accounts = package == "shadow" && !makes_accounts;
            // `update-ca-certificates` has nothing to do then.
            let bundle = package == "ca-certificates" && !trace.has_own_certificates();
            if for_accounts || bundle {
                continue;
            }
            let configured = || configured.get(stem(package)).is_some_and(|run| run > index);
            alone &=
                (taken_along || there_anyway || served) && !called.contains(package) && !by_composer && !configured();
        }
        alone &= installs.iter().all(|install| install.unconditional && !install.temporary);
        if alone && last_started.is_none_or(|run| run < *index) {
            out.insert(*index);
        }
    }
    Ok(out)
}

/// The last RUN that names each directory of configuration, in small letters: `imagemagick` of
/// `/etc/ImageMagick-6/policy.xml`.
fn configured(file: &File<'_>, trace: &Trace) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for run in &trace.runs {
        let text = file.instruction(*run).joined.to_ascii_lowercase();
        for (_, rest) in text.match_indices("/etc/").map(|(at, own)| text.split_at(at + own.len())) {
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
            found.insert(rest[..end].to_owned(), *run);
        }
    }
    found
}

/// `imagemagick` of `imagemagick-7`
fn stem(package: &str) -> &str {
    package.split(['-', '.']).next().unwrap_or(package)
}

/// Whether a RUN starts the application's own code, which may want of the system whatever it wants in the runtime:
/// `rake assets:precompile`, `python manage.py collectstatic`.
fn starts_the_application(file: &File<'_>, run: usize) -> bool {
    const OWN: &[&str] = &["django-admin", "flask", "hanami", "jekyll", "manage.py", "rackup", "rails", "rake", "thor"];
    const INTERPRETERS: &[&str] = &["node", "php", "python", "python3", "ruby"];
    let mut starts = false;
    for script in &file.scripts[run] {
        script.visit(&mut |command, _| {
            let name = command.name().unwrap_or_default();
            let name = crate::path::file_name(&name);
            let words: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
            let first = words.iter().find(|word| !word.starts_with('-'));
            // `python -c`, `python -m pip`, `php -r` run no file of the application.
            let by_file = !words.iter().any(|word| matches!(*word, "-c" | "-e" | "-m" | "-r"));
            starts |= OWN.contains(&name)
                || (name == "bundle" && first == Some(&"exec"))
                || (INTERPRETERS.contains(&name) && by_file && first.is_some());
        });
    }
    starts
}

/// Whether a RUN may look for certificates or the like, which no command of its own names.
fn fetches(trace: &Trace) -> bool {
    const FETCHERS: &[&str] = &["curl", "wget", "git", "openssl"];
    !trace.tools.is_empty() || FETCHERS.iter().any(|name| trace.called.contains(*name))
}

/// Packages that hold headers or static libraries and nothing that is loaded.
fn headers_only(package: &str) -> bool {
    const HEADERS: &[&str] = &[
        "python-3-dev",
        "py3-dev",
        "linux-headers",
        "glibc-dev",
        "zlib-dev",
        "musl-dev",
        "libc-dev",
        "eigen-dev",
        "rapidjson-dev",
        "nlohmann-json-dev",
    ];
    HEADERS.contains(&package)
        || package.starts_with("python")
        || package.starts_with("ruby")
        || package.starts_with("php")
}

/// Whether a package is there to fetch, unpack or build something.
pub(super) fn is_tool(package: &str) -> bool {
    is_build_only(package) || FETCHING.iter().any(|(name, _)| *name == package)
}

pub(super) fn is_build_only(package: &str) -> bool {
    BUILD_ONLY.contains(&package)
        || ["gcc", "clang", "llvm", "go", "maven", "gradle", "rust"].iter().any(|name| is_or_version(package, name))
        || ["py3-pip", "py3-virtualenv"].iter().any(|tool| package.starts_with(tool))
        || (package.starts_with("py3.")
            && ["-pip", "-setuptools", "-virtualenv"].iter().any(|tool| package.ends_with(tool)))
}

/// `python` and `python-3.12`, but not `python-3.12-dev`.
fn is_or_version(package: &str, name: &str) -> bool {
    package.strip_prefix(name).is_some_and(|rest| {
        let version = rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        rest.is_empty() || (version && !rest.contains("dev"))
    })
}

/// Whether the runtime image has a package.
pub(super) fn carried(file: &File<'_>, image: &str, package: &str) -> bool {
    file.mappings.in_target_image(image, "runtime", package) == Some(true)
}

/// The packages that carry a command, best first.
pub(super) fn of_command(file: &File<'_>, name: &str) -> Option<String> {
    file.mappings.command(name).mapped().and_then(|mapping| mapping.packages.into_iter().next())
}

/// A sorted list for `apk add`.
pub(super) fn sorted(packages: &BTreeMap<String, usize>) -> BTreeSet<&str> {
    packages.keys().map(String::as_str).collect()
}
