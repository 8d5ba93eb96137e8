//! Files of the build context behind the paths of an image.
//!
//! [`ContextFiles`] follows WORKDIR, COPY, ADD, bind mounts of RUN, `COPY --from=stage` and plain `mv`, `cp` and `ln -s`
//! through the file, so that `/usr/local/bin/docker-entrypoint.sh` in an ENTRYPOINT is known to be
//! `docker/entrypoint.sh` in the context. It is made on first use by [`File::context_files`]:
//!
//! - [`ContextFiles::find`]: the file at a path of the image, as the instruction at an index sees it;
//! - [`ContextFiles::scripts`]: the scripts that a RUN, CMD, ENTRYPOINT or HEALTHCHECK calls, and those that these call,
//!   with who reads them;
//! - [`ContextFiles::workdir`]: the working directory in force.
//!
//! What an archive, an image, a URL or a command brings is not known; no file is found then. Files are read through the
//! bounded [`BuildContext`](crate::BuildContext) and each at most once.

mod calls;
mod copies;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use text_size::TextRange;
use wolfify_syntax::BaseImage;
use wolfify_syntax::shell::{Dialect, ShellScript};

use crate::bashism::{Interpreter, interpreter};
use crate::file::File;
use crate::path::{absolute, file_name, join, upwards};
use copies::{Copy, Origin, StageCopies};

/// A file whose text is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContextFile {
    /// Its path in the build context; `None` for a here-document of the Dockerfile.
    pub(crate) path: Option<String>,
    /// Its text.
    pub(crate) text: Rc<str>,
}

impl ContextFile {
    /// What to call it in a message: its path in the context.
    pub(crate) fn name(&self) -> &str {
        self.path.as_deref().unwrap_or("the here-document")
    }
}

/// A script that an instruction calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CalledScript {
    /// Index into the instruction's scripts, and the number of the command that calls.
    pub(crate) command: (usize, usize),
    /// The word that names it, in the Dockerfile.
    pub(crate) range: TextRange,
    /// Its path in the image, absolute.
    pub(crate) target: String,
    /// The file.
    pub(crate) file: ContextFile,
    /// Who reads it: the shell before its name, else its own first line.
    pub(crate) interpreter: Interpreter,
}

/// How many files and directories one search may look at.
const MAX_STEPS: usize = 100;
/// How many instructions with the same target one search may look at.
const MAX_COPIES: usize = 64;
/// How deep scripts that call scripts are followed, and how many of them for one instruction.
const MAX_DEPTH: usize = 3;
const MAX_SCRIPTS: usize = 64;
/// After the last instruction of a stage.
const END: (usize, usize) = (usize::MAX, 0);

/// Where the paths of all stages come from.
#[derive(Debug)]
pub(crate) struct ContextFiles {
    stages: Vec<StageCopies>,
    /// By instruction.
    workdirs: Vec<String>,
    /// The stage of each instruction.
    stage_of: Vec<usize>,
    texts: RefCell<HashMap<String, Option<Rc<str>>>>,
    /// The scripts that instructions call, as far as somebody has asked: several rules ask about every instruction.
    called: RefCell<HashMap<usize, Rc<[CalledScript]>>>,
    /// By stage: whether anything was copied into it, or into those it stands on.
    has_files: Vec<bool>,
}

impl ContextFiles {
    /// Follows the instructions of the whole file. Reads no file yet.
    pub(crate) fn read(file: &File<'_>) -> Self {
        let count = file.dockerfile.instructions.len();
        let mut workdirs = vec!["/".to_owned(); count];
        let mut stage_of = vec![0; count];
        let mut names = copies::Names::new();
        for stage in &file.dockerfile.stages {
            if let Some(name) = &stage.name {
                names.entry(name.text.to_ascii_lowercase()).or_default().push(stage.index);
            }
        }
        let mut stages: Vec<StageCopies> = Vec::with_capacity(file.dockerfile.stages.len());
        let mut has_files: Vec<bool> = Vec::with_capacity(file.dockerfile.stages.len());
        for stage in &file.dockerfile.stages {
            let start = match stage.base {
                BaseImage::Stage(parent) => stages[parent].workdir.clone(),
                BaseImage::Scratch => "/".to_owned(),
                BaseImage::Image => image_workdir(file, stage.index),
            };
            stage_of[stage.instructions.clone()].fill(stage.index);
            stages.push(copies::read(file, &names, stage.index, &start, &mut workdirs));
            let inherited = matches!(stage.base, BaseImage::Stage(parent) if has_files[parent]);
            has_files.push(inherited || !stages[stage.index].by_target.is_empty());
        }
        let (texts, called) = Default::default();
        Self { stages, workdirs, stage_of, texts, called, has_files }
    }

    /// The working directory in force at an instruction, absolute.
    pub(crate) fn workdir(&self, instruction: usize) -> &str {
        &self.workdirs[instruction]
    }

    /// The file at `path` as the instruction at an index sees it; a relative path is seen from the working directory.
    pub(crate) fn find(&self, file: &File<'_>, instruction: usize, path: &str) -> Option<ContextFile> {
        let path = absolute(self.workdir(instruction), path);
        let mut search = Search { files: self, file, steps: 0 };
        search.mounted(self.stage_of[instruction], instruction, &path)
    }

    /// The scripts that an instruction calls whose text is known, in order, and behind them those that these call.
    pub(crate) fn scripts(&self, file: &File<'_>, instruction: usize) -> Rc<[CalledScript]> {
        if let Some(known) = self.called.borrow().get(&instruction) {
            return Rc::clone(known);
        }
        let stage = self.stage_of[instruction];
        let has_files = self.has_files[stage] || self.stages[stage].mounts.contains_key(&instruction);
        let found = if has_files { self.all_scripts(file, instruction) } else { Vec::new() };
        let found: Rc<[CalledScript]> = found.into();
        self.called.borrow_mut().insert(instruction, Rc::clone(&found));
        found
    }

    fn all_scripts(&self, file: &File<'_>, instruction: usize) -> Vec<CalledScript> {
        let mut found: Vec<(CalledScript, Option<String>)> = Vec::new();
        let workdir = self.workdir(instruction);
        for (index, script) in file.scripts[instruction].iter().enumerate() {
            calls::visit_in_directory(script, Some(workdir), &mut |command, directory| {
                let Some(call) = calls::script_called(command) else { return };
                let Some((target, script)) = self.place(file, instruction, &call.path, directory) else { return };
                let interpreter = call.interpreter.unwrap_or_else(|| interpreter(&script.text));
                let range = command.words[call.word].span.range;
                let called = CalledScript { command: (index, command.id), range, target, file: script, interpreter };
                found.push((called, directory.map(str::to_owned)));
            });
        }
        let mut level = 0..found.len();
        for _ in 0..MAX_DEPTH {
            for at in level.clone() {
                self.nested(file, instruction, at, &mut found);
            }
            level = level.end..found.len();
        }
        found.into_iter().map(|(called, _)| called).collect()
    }

    /// Adds the scripts that a script calls. The place in the Dockerfile is that of the outermost call.
    fn nested(&self, file: &File<'_>, instruction: usize, at: usize, found: &mut Vec<(CalledScript, Option<String>)>) {
        let (caller, directory) = found[at].clone();
        let Some(script) = caller.parse() else { return };
        calls::visit_in_directory(&script, directory.as_deref(), &mut |command, directory| {
            let Some(call) = calls::script_called(command) else { return };
            let Some((target, script)) = self.place(file, instruction, &call.path, directory) else { return };
            if found.len() < MAX_SCRIPTS && found.iter().all(|(known, _)| known.target != target) {
                // The shell that sources a file reads it.
                let sourced = call.interpreter.is_none() && call.word > command.name_index;
                let reader = call.interpreter.or_else(|| sourced.then(|| caller.interpreter.clone()));
                let interpreter = reader.unwrap_or_else(|| interpreter(&script.text));
                let (command, range) = (caller.command, caller.range);
                let called = CalledScript { command, range, target, file: script, interpreter };
                found.push((called, directory.map(str::to_owned)));
            }
        });
    }

    /// The file that a command's name or a script's path stands for.
    fn place(
        &self,
        file: &File<'_>,
        instruction: usize,
        path: &str,
        directory: Option<&str>,
    ) -> Option<(String, ContextFile)> {
        let with = |target: String| self.find(file, instruction, &target).map(|found| (target, found));
        if path.starts_with('/') {
            return with(absolute("/", path));
        }
        if path.contains('/') {
            return with(absolute(directory?, path));
        }
        search_path(file, instruction).iter().find_map(|folder| with(absolute(folder, path)))
    }

    fn text(&self, file: &File<'_>, path: &str) -> Option<Rc<str>> {
        if let Some(text) = self.texts.borrow().get(path) {
            return text.clone();
        }
        let text: Option<Rc<str>> = file.context.read(path).map(Rc::from);
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }
}

impl CalledScript {
    /// The script as shell code; `None` when no shell reads it. Places in it count bytes of the script's own text.
    pub(crate) fn parse(&self) -> Option<ShellScript> {
        let dialect = match self.interpreter {
            Interpreter::Sh => Dialect::Sh,
            Interpreter::Bash => Dialect::Bash,
            Interpreter::Other(_) => return None,
        };
        let size = text_size::TextSize::try_from(self.file.text.len()).ok()?;
        let map = wolfify_syntax::SourceMap::identity(0.into(), size);
        Some(wolfify_syntax::shell::parse_script(&self.file.text, &map, dialect))
    }

    /// The line, from 1, of an offset in the script.
    pub(crate) fn line(&self, offset: text_size::TextSize) -> usize {
        let before = self.file.text.get(..usize::from(offset)).unwrap_or(&self.file.text);
        before.matches('\n').count() + 1
    }
}

fn image_workdir(file: &File<'_>, stage: usize) -> String {
    let source = file.stages[stage].source.as_ref();
    let image = source.and_then(|source| file.mappings.source_image(&source.name, source.tag.as_deref()));
    absolute("/", &image.map(|image| image.workdir).unwrap_or_default())
}

/// The directories of PATH that are known at an instruction, in order.
fn search_path(file: &File<'_>, instruction: usize) -> Vec<String> {
    const SYSTEM: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    let scope = file.evaluation.scope(instruction);
    let definition = scope.get("PATH").definition.map(|id| file.evaluation.definition(id));
    let written = definition.and_then(|definition| definition.written.as_ref()?.unquoted(file.dockerfile.escape));
    let own = written.iter().flat_map(|path| path.split(':')).filter(|folder| folder.starts_with('/'));
    own.chain(SYSTEM).map(str::to_owned).collect()
}

/// One search, with a limit to what it looks at.
struct Search<'s, 'f> {
    files: &'s ContextFiles,
    file: &'s File<'f>,
    steps: usize,
}

impl Search<'_, '_> {
    /// A path of a stage at an instruction, its bind mounts included.
    fn mounted(&mut self, stage: usize, instruction: usize, path: &str) -> Option<ContextFile> {
        let files = self.files;
        for (target, copy) in files.stages[stage].mounts.get(&instruction).into_iter().flatten() {
            let below = path.strip_prefix(target.as_str()).and_then(|rest| match rest.strip_prefix('/') {
                _ if target == "/" => Some(rest),
                None if rest.is_empty() => Some(rest),
                below => below,
            });
            if let Some(below) = below {
                return self.copied(stage, copy, below);
            }
        }
        // What the instruction itself moved is there as well.
        self.in_stage(stage, (instruction + 1, 0), path)
    }

    /// A path of a stage as it is before a step.
    fn in_stage(&mut self, stage: usize, before: (usize, usize), path: &str) -> Option<ContextFile> {
        let files = self.files;
        let mut candidates: Vec<(&Copy, &str)> = Vec::new();
        for (target, below) in upwards(path) {
            let copies = files.stages[stage].by_target.get(target).map_or(&[][..], Vec::as_slice);
            let end = copies.partition_point(|copy| copy.order < before);
            candidates.extend(copies[..end].iter().rev().take(MAX_COPIES).map(|copy| (copy, below)));
        }
        // The last one to write a path wins; of equals the one that names it most exactly.
        candidates.sort_by_key(|(copy, below)| (std::cmp::Reverse(copy.order), below.len()));
        for (copy, below) in candidates {
            if matches!(copy.origin, Origin::Unknown) && below.is_empty() && !copy.into_directory {
                return None;
            }
            if let Some(found) = self.copied(stage, copy, below) {
                return Some(found);
            }
        }
        match self.file.dockerfile.stages[stage].base {
            BaseImage::Stage(parent) => self.in_stage(parent, END, path),
            BaseImage::Scratch | BaseImage::Image => None,
        }
    }

    /// What a copy brings at `below` its target.
    fn copied(&mut self, stage: usize, copy: &Copy, below: &str) -> Option<ContextFile> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return None;
        }
        let source = match &copy.origin {
            Origin::Unknown => return None,
            Origin::Text(text) => {
                let whole = below.is_empty() && !copy.into_directory;
                return whole.then(|| ContextFile { path: None, text: Rc::from(text.as_str()) });
            }
            Origin::Context(source) | Origin::Stage(_, source) | Origin::Image(source) => source,
        };
        for path in sources_of(source, copy, below) {
            let found = match &copy.origin {
                Origin::Context(_) => self.in_context(&path),
                Origin::Stage(from, _) => self.in_stage(*from, END, &path),
                Origin::Image(_) => self.in_stage(stage, copy.order, &path),
                Origin::Unknown | Origin::Text(_) => None,
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn in_context(&mut self, path: &str) -> Option<ContextFile> {
        let text = self.files.text(self.file, path)?;
        Some(ContextFile { path: Some(path.to_owned()), text })
    }
}

/// The paths, seen from the source, that may be the file at `below` the target: whether the source is a file or a
/// directory only the context knows.
fn sources_of(source: &str, copy: &Copy, below: &str) -> Vec<String> {
    let (folder, name) = source.rsplit_once('/').unwrap_or(("", source));
    let is_pattern = source.contains(['*', '?', '[']);
    if copy.parents {
        let inside = below == source || below.starts_with(&format!("{source}/")) || is_pattern;
        return if inside { vec![below.to_owned()] } else { Vec::new() };
    }
    if is_pattern {
        let named = !below.is_empty() && !below.contains('/') && !folder.contains(['*', '?', '[']);
        return if named && matches(name, below) { vec![join(folder, below)] } else { Vec::new() };
    }
    if below.is_empty() {
        return if copy.into_directory { Vec::new() } else { vec![source.to_owned()] };
    }
    let (first, rest) = below.split_once('/').unwrap_or((below, ""));
    let mut found = vec![join(source, below)];
    if first == file_name(source) {
        // A file under its own name; `mv` and `cp` put a directory there as well.
        let inside = matches!(copy.origin, Origin::Image(_)) || rest.is_empty();
        found.extend(inside.then(|| join(source, rest)));
    }
    found
}

/// Whether a name matches a pattern of `*` and `?`.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut in_name) = (0, 0);
    // Where to go on when what follows the last star does not fit.
    let mut retry = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                retry = Some((at + 1, in_name));
                at += 1;
                continue;
            }
            Some(c) if *c == '?' || *c == name[in_name] => {
                at += 1;
                in_name += 1;
                continue;
            }
            _ => {}
        }
        let Some((after_star, from)) = retry else { return false };
        retry = Some((after_star, from + 1));
        (at, in_name) = (after_star, from + 1);
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests;
