//! Answers that were given before. A file names the same packages and images over and over, and a table answers by
//! searching text.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use wolfify_mappings::{Distro, NameKind, Tier};
use wolfify_syntax::shell::ShellWord;
use wolfify_syntax::{Instruction, Keyword};

use crate::compose::Service;
use crate::file::File;
use crate::resolve::Resolved;
use crate::rules::missing_command::INIT_DIRECTORIES;
use crate::stages::{Base, SourceImageName};

/// The names that get suggestions, at most, in one file. A search looks at every known name.
const SUGGESTED: usize = 256;

/// What the tables have said about a file so far.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    resolved: RefCell<HashMap<ResolveKey, ByName<Resolved>>>,
    in_target: RefCell<HashMap<TargetKey, ByName<bool>>>,
    tools: RefCell<HashMap<SourceImageName, Rc<HashSet<String>>>>,
    nearest: RefCell<ByName<Vec<String>>>,
    used: RefCell<ByName<bool>>,
    makes: RefCell<ByName<bool>>,
    purposes: RefCell<HashMap<(usize, &'static str), bool>>,
    removals: RefCell<HashMap<(usize, usize), Removals>>,
    init_scripts: RefCell<HashMap<usize, Rc<HashSet<String>>>>,
    /// By stage: whether something needs more than the certificates that every image has.
    pub(crate) certificates: OnceCell<Vec<bool>>,
    pub(crate) services: OnceCell<Vec<(String, Service)>>,
}

/// An image, whether it is a base image with one variant only, and its tag.
type TargetKey = (String, bool, String);

/// Where a package is asked for, and whose package it is.
type ResolveKey = (Option<TargetKey>, Distro);

type ByName<T> = HashMap<String, T>;

/// Paths, each with the first command of a script that takes it away.
type Removals = Rc<ByName<usize>>;

/// Whether a COPY or ADD puts whatever it takes into a directory of the PATH.
fn fills_path(instruction: &Instruction) -> bool {
    let destination = instruction.destination().map_or("", |destination| destination.text.trim_end_matches('/'));
    ["", "/usr", "/usr/local", "/usr/local/bin"].contains(&destination)
}

/// The paths below `directory` that a RUN names behind another word, and not as the command.
fn written_below(joined: &str, directory: &str) -> Vec<String> {
    let words: Vec<&str> = joined.split_ascii_whitespace().collect();
    let named = words.windows(2).filter(|pair| !matches!(pair[0], "&&" | ";" | "RUN" | "sudo"));
    let paths = named.map(|pair| pair[1]).filter(|word| word.starts_with(directory));
    paths.map(|word| word.trim_end_matches([';', '&', '"', '\'', ')']).to_owned()).collect()
}

impl File<'_> {
    /// The init scripts that a stage makes itself; their directory alone, where it copies something into it.
    pub(crate) fn init_scripts_made(&self, stage: usize) -> Rc<HashSet<String>> {
        let mut known = self.memo.init_scripts.borrow_mut();
        Rc::clone(known.entry(stage).or_insert_with(|| {
            let mut made = HashSet::new();
            for (_, instruction) in self.body(stage) {
                for directory in
                    INIT_DIRECTORIES.iter().filter(|own| instruction.joined.contains(own.trim_end_matches('/')))
                {
                    match instruction.keyword {
                        Keyword::Copy | Keyword::Add => _ = made.insert((*directory).to_owned()),
                        Keyword::Run => made.extend(written_below(&instruction.joined, directory)),
                        _ => {}
                    }
                }
            }
            Rc::new(made)
        }))
    }

    /// What the commands of a script take away, each with the first command that does.
    pub(crate) fn removals(&self, instruction: usize, script: usize) -> Removals {
        let mut known = self.memo.removals.borrow_mut();
        let found = known.entry((instruction, script)).or_insert_with(|| {
            let mut found = HashMap::new();
            self.scripts[instruction][script].visit(&mut |command, _| {
                if matches!(command.name().as_deref(), Some("rm" | "mv" | "unlink")) {
                    for path in command.args().iter().filter_map(ShellWord::literal) {
                        found.entry(path).or_insert(command.id);
                    }
                }
            });
            Rc::new(found)
        });
        Rc::clone(found)
    }

    /// The image that a stage stands on in the end, and whether it is bare.
    fn target_key(&self, stage: usize) -> Option<TargetKey> {
        match &self.stages[self.bottoms[stage]].base {
            Base::Converted(target) => Some((target.image.clone(), target.bare, target.tag.clone())),
            _ => None,
        }
    }

    /// Whether a package serves one purpose only in all stages that stand on the image of `stage`.
    pub(crate) fn purpose(&self, stage: usize, package: &'static str, ask: impl FnOnce() -> bool) -> bool {
        let key = (self.bottoms[stage], package);
        if let Some(known) = self.memo.purposes.borrow().get(&key) {
            return *known;
        }
        let answer = ask();
        self.memo.purposes.borrow_mut().insert(key, answer);
        answer
    }

    /// The answer of `resolve` for a package of a stage.
    pub(crate) fn resolved(
        &self,
        stage: usize,
        distro: Distro,
        name: &str,
        resolve: impl FnOnce() -> Resolved,
    ) -> Resolved {
        let key = (self.target_key(stage), distro);
        if let Some(known) = self.memo.resolved.borrow().get(&key).and_then(|names| names.get(name)) {
            return known.clone();
        }
        let resolved = resolve();
        self.memo.resolved.borrow_mut().entry(key).or_default().insert(name.to_owned(), resolved.clone());
        resolved
    }

    /// Whether the image at the bottom of a stage carries a package under any circumstances.
    pub(crate) fn in_target(&self, stage: usize, package: &str) -> bool {
        let Some(key) = self.target_key(stage) else { return false };
        if let Some(known) = self.memo.in_target.borrow().get(&key).and_then(|packages| packages.get(package)) {
            return *known;
        }
        let variant = if key.1 { "runtime" } else { "dev" };
        let known = self.of_known_version(stage, package);
        let has = |package: &str| self.mappings.in_target_image(&key.0, variant, package) == Some(true);
        // Who has the compiler has what runs its programs, under the same link.
        let carries =
            has(&known) || known.strip_suffix("-default-jvm").is_some_and(|stem| has(&format!("{stem}-default-jdk")));
        self.memo.in_target.borrow_mut().entry(key).or_default().insert(package.to_owned(), carries);
        carries
    }

    /// A package of the version that an organisation's tag names, as the package of the version that the tables know:
    /// `jre:openjdk-17` has of `openjdk-17-jre` what `jre:latest` has of `openjdk-26-jre`.
    fn of_known_version<'p>(&self, stage: usize, package: &'p str) -> Cow<'p, str> {
        let Base::Converted(target) = &self.stages[self.bottoms[stage]].base else { return package.into() };
        let asked = crate::tag::version(&target.tag).filter(|_| self.tier() == Tier::Paid && !target.bare);
        let known = crate::rules::base_image::newest(self, target).map(|(version, _)| version);
        let (Some(asked), Some(known)) = (asked, known) else { return package.into() };
        let whole = |end: usize| package[end..].is_empty() || package[end..].starts_with('-');
        let mut places = package.match_indices(&asked).map(|(at, found)| (at, at + found.len()));
        match places.find(|(at, end)| package[..*at].ends_with('-') && whole(*end)) {
            Some((at, end)) => format!("{}{known}{}", &package[..at], &package[end..]).into(),
            None => package.into(),
        }
    }

    /// Whether the source image at the bottom of a stage carried a command.
    pub(crate) fn source_had(&self, stage: usize, command: &str) -> bool {
        let bottom = &self.stages[self.bottoms[stage]];
        let (Base::Converted(_), Some(source)) = (&bottom.base, &bottom.source) else { return false };
        if let Some(tools) = self.memo.tools.borrow().get(source) {
            return tools.contains(command);
        }
        let tools = self.mappings.source_tools(&source.name, source.tag.as_deref());
        let tools: HashSet<String> = tools.into_iter().collect();
        let had = tools.contains(command);
        self.memo.tools.borrow_mut().insert(source.clone(), Rc::new(tools));
        had
    }

    /// Whether `$NAME` or `${NAME` stands anywhere in the file. Asked for few names only.
    pub(crate) fn uses_variable(&self, name: &str) -> bool {
        if let Some(used) = self.memo.used.borrow().get(name) {
            return *used;
        }
        let used = self.text.contains(&format!("${name}")) || self.text.contains(&format!("${{{name}"));
        self.memo.used.borrow_mut().insert(name.to_owned(), used);
        used
    }

    /// Whether a COPY, ADD or RUN may make a file of this name in a directory of the PATH. Asked for few names only.
    pub(crate) fn makes(&self, name: &str) -> bool {
        let mut makes = self.memo.makes.borrow_mut();
        *makes.entry(name.to_owned()).or_insert_with(|| {
            self.dockerfile.instructions.iter().any(|instruction| match instruction.keyword {
                Keyword::Run => instruction.joined.contains(name),
                Keyword::Copy | Keyword::Add => instruction.joined.contains(name) || fills_path(instruction),
                _ => false,
            })
        })
    }

    /// Known packages with a similar name; none once many names of the file were not known.
    pub(crate) fn nearest_packages(&self, name: &str) -> Vec<String> {
        let mut known = self.memo.nearest.borrow_mut();
        if let Some(near) = known.get(name) {
            return near.clone();
        }
        if known.len() >= SUGGESTED {
            return Vec::new();
        }
        let near = self.mappings.nearest(NameKind::Package, name);
        known.insert(name.to_owned(), near.clone());
        near
    }
}
