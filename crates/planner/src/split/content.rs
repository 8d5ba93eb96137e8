//! What the runtime stage is made of: its image, what is copied into it, what it starts.

use std::collections::{BTreeMap, BTreeSet};

use wolfify_syntax::{Arguments, Keyword};

use super::path::{base_name, is_below, is_scratch, is_system_directory, join};
use super::start::Start;
use super::trace::{Refusal, Trace, Written};
use crate::context::BuildContext;
use crate::draft::Draft;
use crate::file::File;
use crate::stages::Target;

/// One stage under consideration.
pub(super) struct Cx<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) draft: &'a Draft,
    pub(super) context: &'a dyn BuildContext,
    pub(super) stage: usize,
    pub(super) target: &'a Target,
    pub(super) trace: Trace,
    pub(super) start: Start,
    /// The working directory of the old image.
    pub(super) start_directory: String,
    /// The last instruction that the builder runs; the FROM when there is nothing to build.
    pub(super) last_build: usize,
    /// Whoever runs the finished container in the original.
    pub(super) user: FinalUser,
}

/// The user of the finished container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FinalUser {
    /// Root, because nobody said otherwise.
    ImplicitRoot,
    /// The old image's own user.
    Implicit,
    /// As a USER instruction says.
    Named { instruction: usize, user: String },
}

/// A path to take from the builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) path: String,
    /// It belongs to the runtime's user.
    pub(super) owned: bool,
}

/// A line that the builder needs before one of its instructions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prepared {
    pub(super) before: usize,
    pub(super) line: String,
    pub(super) why: &'static str,
}

/// Why what is installed goes to a directory of its own.
pub(super) const TAKEN_OVER: &str = "what is installed here goes to a directory that the runtime takes over";

/// A health check in other words.
#[derive(Clone, Debug)]
pub(super) struct HealthCheck {
    /// The HEALTHCHECK.
    pub(super) instruction: usize,
    /// Its command.
    pub(super) words: Vec<String>,
    /// What is said about it.
    pub(super) why: String,
}

/// The runtime stage.
#[derive(Debug, Clone, Default)]
pub(super) struct Content {
    pub(super) image: String,
    pub(super) tag: String,
    pub(super) copies: Vec<Copied>,
    /// Directories that nothing else makes for the runtime's user (mount points, the home of an account that leaves), each
    /// with the instruction that asks for it.
    pub(super) owned_directories: Vec<(String, usize)>,
    /// ENV lines for the runtime (`PATH="…"`).
    pub(super) env: Vec<String>,
    /// Lines for the builder.
    pub(super) builder_lines: Vec<Prepared>,
    /// Packages that the builder needs, each before an instruction, and why.
    pub(super) builder_packages: Vec<(usize, String, String)>,
    /// OS packages, with the instruction that installs each in the builder.
    pub(super) packages: BTreeMap<String, usize>,
    /// COPY lines of the tail that get an owner.
    pub(super) owned_tail: BTreeSet<usize>,
    /// A line of its own before CMD.
    pub(super) init: bool,
    /// A WORKDIR in `/root` that leads to the home of the runtime's user instead.
    pub(super) moved_home: Option<usize>,
    /// Variables of the old image's start script, with the name that the JVM itself reads.
    pub(super) renamed: Vec<(text_size::TextRange, &'static str)>,
    /// Instructions that bring files to the runtime alone.
    pub(super) moves: Vec<usize>,
    /// The program, where nobody has seen how it is linked.
    pub(super) fetched: Option<String>,
    /// The health check in other words.
    pub(super) health: Option<HealthCheck>,
    /// Start commands that the image does not need.
    pub(super) needless_start: BTreeSet<usize>,
    /// CMD holds arguments for the image's own entrypoint.
    pub(super) keeps_cmd: bool,
    /// Words to write for ENTRYPOINT and CMD.
    pub(super) start: Start,
    /// Remarks that go into the finding.
    pub(super) remarks: Vec<String>,
    /// A remark asks for a look.
    pub(super) doubtful: bool,
    /// Programs that the copied files bring to PATH.
    pub(super) brings_programs: bool,
}

impl Content {
    /// Whether the runtime holds a compiled program and no interpreter.
    pub(super) fn is_compiled(&self) -> bool {
        matches!(self.image.as_str(), "static" | "glibc-dynamic")
    }
}

impl Content {
    /// Puts a line into the builder.
    pub(super) fn prepare(&mut self, before: usize, line: String, why: &'static str) {
        self.builder_lines.push(Prepared { before, line, why });
    }
}

impl Cx<'_> {
    pub(super) fn refuse<T>(&self, instruction: usize, reason: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal::new(self.file.instruction(instruction).range, reason))
    }

    /// Where the start command stands, for remarks about it.
    pub(super) fn start_instruction(&self) -> usize {
        let range = self.file.dockerfile.stages[self.stage].instructions.clone();
        self.start
            .program()
            .map(|(index, _)| index)
            .or(self.start.instructions().first().copied())
            .unwrap_or(range.start)
    }

    /// Refuses what has to be installed outside the application where the author lets a user without rights do so.
    pub(super) fn refuse_without_rights(&self, instruction: usize, tool: &str) -> Result<(), Refusal> {
        let mut users = super::chain::body(self.file, self.stage)
            .filter(|(index, own)| *index < instruction && own.keyword == Keyword::User);
        let user = users.next_back().and_then(|(_, own)| match &own.arguments {
            Arguments::Words(words) => words.first().map(|word| word.text.clone()),
            _ => None,
        });
        match user.filter(|user| !crate::rules::root_user::is_root(user)) {
            Some(user) => {
                self.refuse(instruction, format!("{tool} installs as `{user}`, who can only write to the application"))
            }
            None => Ok(()),
        }
    }

    /// The packages that RUNs of the stage install, and of those that it starts from.
    pub(super) fn installs(&self) -> impl Iterator<Item = (usize, &crate::draft::Install)> {
        let ranges = super::chain::ranges(self.file, self.stage);
        let installs = ranges.into_iter().flat_map(|range| self.draft.installs.range(range));
        installs.flat_map(|(index, installs)| installs.iter().map(move |install| (*index, install)))
    }

    /// Why a program that is started is not there for the runtime.
    pub(super) fn not_there(&self, program: &str) -> String {
        let packages = self.file.mappings.command(program).mapped().map(|found| found.packages).unwrap_or_default();
        let installed = self.installs().any(|(_, install)| install.packages.iter().any(|name| packages.contains(name)));
        match installed {
            true => format!("it starts `{program}`, a program of the system's packages and no part of the application"),
            false => format!("nothing in the file installs `{program}`"),
        }
    }

    /// The first instruction of the stage, its FROM.
    pub(super) fn from(&self) -> usize {
        self.file.dockerfile.stages[self.stage].instructions.start
    }

    /// Instructions of the stage behind the last one that the builder runs.
    pub(super) fn tail(&self) -> impl Iterator<Item = (usize, &wolfify_syntax::Instruction)> {
        self.file.body(self.stage).filter(|(index, _)| *index > self.last_build)
    }

    /// What the builder writes.
    pub(super) fn head_writes(&self) -> impl Iterator<Item = &Written> {
        self.trace.written.iter().filter(|written| written.instruction <= self.last_build)
    }

    /// Whether a COPY of the tail brings what a COPY of the head brought to the same place.
    pub(super) fn tail_brings(&self, path: &str) -> bool {
        let trees = self.trace.written.iter().filter(|written| written.instruction > self.last_build && written.copied);
        trees.filter(|written| written.tree || written.path == path).any(|written| is_below(path, &written.path))
    }

    /// Whether a COPY of the tail makes the directory by putting something into it.
    pub(super) fn tail_fills(&self, path: &str) -> bool {
        let mut tail =
            self.trace.written.iter().filter(|written| written.instruction > self.last_build && written.copied);
        tail.any(|written| is_below(&written.path, path))
    }

    /// Whether the application runs out of what lies below `path`, and so may own it.
    pub(super) fn owns(&self, path: &str) -> bool {
        self.owns_by(path, &[&self.trace.owners, &self.trace.copy_owners])
    }

    fn owns_by(&self, path: &str, owners: &[&Vec<(String, String)>]) -> bool {
        let handed_over = owners.iter().copied().flatten().any(|(place, owner)| {
            (is_below(path, place) || is_below(place, path))
                && !owner.split(':').next().is_none_or(|user| matches!(user, "" | "root" | "0"))
        });
        let own_user = self.trace.homes.values().any(|home| is_below(path, home));
        let system = ["/etc", "/usr", "/bin", "/lib"].iter().any(|directory| is_below(path, directory))
            && !is_below(path, "/usr/src")
            // The application works in a directory of its own there.
            && !(is_below(path, &self.trace.cwd)
                && !is_below(&self.trace.cwd, "/usr/share")
                && crate::ownership::is_own_directory(&self.trace.cwd));
        handed_over || own_user || (self.user == FinalUser::ImplicitRoot && !system)
    }

    /// The paths that an interpreted application takes along: all that the builder wrote and nothing else brings.
    pub(super) fn application(&self, skip: &dyn Fn(&str) -> bool) -> Result<Vec<Copied>, Refusal> {
        let mut roots: Vec<(String, usize)> = Vec::new();
        let mut made: Vec<(String, usize)> = Vec::new();
        for written in self.head_writes() {
            let path = written.path.as_str();
            if is_scratch(path) || skip(path) || self.is_build_input(written) || is_tool(written) {
                continue;
            }
            if written.copied && self.tail_brings(path) {
                continue;
            }
            if written.made {
                if !is_system_directory(path) && path != self.trace.cwd && !self.tail_brings(path) {
                    made.push((path.to_owned(), written.instruction));
                }
                continue;
            }
            let root =
                if is_below(path, &self.trace.cwd) && !is_system_directory(&self.trace.cwd) && !written.dependencies {
                    self.trace.cwd.clone()
                } else {
                    path.to_owned()
                };
            if is_system_directory(&root) {
                return self.refuse(written.instruction, format!("it writes files into `{root}` that nobody can list"));
            }
            if is_below(&root, "/root") {
                return self
                    .refuse(written.instruction, "it keeps files in `/root`, which the runtime's user cannot read");
            }
            roots.push((root, written.instruction));
        }
        // A directory that a WORKDIR left behind on the way is not worth a line.
        let work_directories = self.work_directories();
        made.retain(|(path, _)| {
            !work_directories.contains(path)
                || self.trace.owners.iter().chain(&self.trace.copy_owners).any(|(place, _)| place == path)
        });
        roots.extend(made);
        self.check_links(&roots)?;
        Ok(self.settle(&roots))
    }

    fn work_directories(&self) -> BTreeSet<String> {
        let is_workdir = |written: &&Written| self.file.is(written.instruction, Keyword::Workdir);
        self.trace.written.iter().filter(is_workdir).map(|written| written.path.clone()).collect()
    }

    /// Roots without those that lie below another, in order of appearance.
    pub(super) fn settle(&self, roots: &[(String, usize)]) -> Vec<Copied> {
        let mut out: Vec<Copied> = Vec::new();
        for (path, _) in roots {
            let covered = roots.iter().any(|(other, _)| other != path && is_below(path, other));
            if !covered && !out.iter().any(|copied| copied.path == *path) {
                out.push(Copied { path: path.clone(), owned: self.owns(path) });
            }
        }
        out
    }

    /// Files that only the installation of dependencies reads.
    fn is_build_input(&self, written: &Written) -> bool {
        let name = base_name(&written.path);
        written.copied
            && !written.tree
            && ((name.starts_with("requirements") && name.ends_with(".txt"))
                || (name.starts_with("constraints") && name.ends_with(".txt"))
                || (name == "pyproject.toml" && self.trace.tools.contains_key("poetry"))
                || matches!(name, "Pipfile" | "Pipfile.lock" | "poetry.lock" | "uv.lock" | "poetry.toml" | "pip.conf"))
    }

    /// A link that is copied alone would become a copy of what it points to, and one into the builder would point to nothing.
    pub(super) fn check_links(&self, roots: &[(String, usize)]) -> Result<(), Refusal> {
        for (link, target, instruction) in &self.trace.links {
            if is_scratch(link) || *instruction > self.last_build {
                continue;
            }
            let inside = roots.iter().any(|(root, _)| is_below(link, root));
            let place = join(super::path::parent(link), target);
            let kept = roots.iter().any(|(root, _)| is_below(&place, root));
            if inside && kept {
                continue;
            }
            if is_tool_link(link) && self.start.all().iter().all(|word| base_name(word) != base_name(link)) {
                continue;
            }
            let forced = self.file.text[self.file.instruction(*instruction).range].contains("-sf");
            if is_interpreter_link(link, target) && !inside && forced {
                continue;
            }
            return self.refuse(
                *instruction,
                format!("it makes the link `{link}`, which cannot be followed into another stage"),
            );
        }
        Ok(())
    }

    /// COPY lines of the tail whose files the application may write to.
    pub(super) fn owned_tail(&self) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        for (index, instruction) in self.tail() {
            let is_copy = matches!(instruction.keyword, Keyword::Copy | Keyword::Add);
            if !is_copy || instruction.flag("chown").is_some() {
                continue;
            }
            let mut written = self.trace.written.iter().filter(|written| written.instruction == index).peekable();
            // What other COPY lines give away says nothing about this one: its author left it to root.
            if written.peek().is_some() && written.all(|written| self.owns_by(&written.path, &[&self.trace.owners])) {
                out.insert(index);
            }
        }
        out
    }

    /// Refuses a start command that a shell has to read.
    pub(super) fn needs_plain_start(&self) -> Result<(), Refusal> {
        match &self.start.shell {
            Some((range, reason)) => Err(Refusal::new(*range, format!("the start command needs a shell: {reason}"))),
            None => Ok(()),
        }
    }

    /// Whether a word names a shell script by its looks or, with the build context, by its first line.
    pub(super) fn script_of(&self, word: &str) -> Option<String> {
        if super::path::is_shell_script(word) {
            return Some(format!("`{word}` is a shell script"));
        }
        let place = join(&self.trace.cwd, word);
        let text = self.source_text(&place)?;
        let first = text.lines().next().unwrap_or_default();
        let shell = first.starts_with("#!")
            && ["sh", "bash", "ash", "dash"].iter().any(|shell| {
                first.ends_with(&format!("/{shell}"))
                    || first.contains(&format!("/{shell} "))
                    || first.ends_with(&format!(" {shell}"))
            });
        shell.then(|| format!("`{word}` is a shell script"))
    }

    /// The file of the build context that is copied to `place`.
    pub(super) fn source_text(&self, place: &str) -> Option<String> {
        self.trace.source_of(place).find_map(|path| self.context.read(&path))
    }
}

/// A build tool that is taken from an image of its own.
fn is_tool(written: &Written) -> bool {
    let name = base_name(&written.path);
    let bin = matches!(super::path::parent(&written.path), "/usr/bin" | "/usr/local/bin" | "/bin");
    bin && matches!(name, "composer" | "uv" | "uvx" | "install-php-extensions")
}

/// `ln -s /opt/poetry/bin/poetry /usr/local/bin/poetry`: nothing but the build calls it.
fn is_tool_link(link: &str) -> bool {
    const TOOLS: &[&str] = &[
        "bazel", "bun", "cargo", "cmake", "composer", "gradle", "mvn", "npm", "npx", "pip", "pip3", "pipenv", "pnpm",
        "poetry", "rustc", "rustup", "sbt", "uv", "uvx", "yarn", "yarnpkg",
    ];
    let bin = matches!(super::path::parent(link), "/usr/bin" | "/usr/local/bin" | "/bin");
    bin && TOOLS.contains(&base_name(link))
}

/// `ln -s /usr/bin/python3 /usr/bin/python`: the new image has both names.
fn is_interpreter_link(link: &str, target: &str) -> bool {
    let known =
        |name: &str| super::tool::is_python(name) || super::tool::is_pip(name) || matches!(name, "node" | "nodejs");
    known(base_name(link)) && known(base_name(target))
}
