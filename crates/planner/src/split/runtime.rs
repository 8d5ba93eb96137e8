//! The lines of the runtime stage: what the builder's settings and files mean for it.

use std::collections::HashSet;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::{Arguments, Instruction, KeyValue, Keyword};

use super::chain;
use super::content::FinalUser;
use super::environment::{Wanted, wanted};
use super::path::{is_below, is_system_directory};
use super::trace::Refusal;
use super::write::Writer;
use crate::draft::Draft;
use crate::globals::names;
use crate::rules::implied_workdir;

impl<'a> Writer<'_, 'a> {
    /// The lines of the runtime stage behind FROM.
    pub(super) fn lines(&mut self) -> Result<Vec<String>, Refusal> {
        let head = chain::body(self.file(), self.cx.stage).map(|(index, _)| index);
        let head: Vec<usize> = head
            .take_while(|index| *index <= self.cx.last_build)
            .filter(|index| !self.cx.draft.dropped_instructions.contains(index))
            .collect();
        let mut early: Vec<(usize, String)> = Vec::new();
        let mut files: Vec<String> = Vec::new();
        let mut late: Vec<String> = Vec::new();
        let mut moved: Vec<usize> = Vec::new();
        for index in &head {
            let instruction = self.file().instruction(*index);
            match instruction.keyword {
                Keyword::Label | Keyword::Maintainer => {
                    moved.push(*index);
                    early.push((*index, self.moved_text(*index)));
                }
                Keyword::Env => {
                    if let Some((text, moves)) = self.environment(*index, instruction) {
                        early.push((*index, text));
                        if moves {
                            moved.push(*index);
                        }
                    }
                }
                Keyword::Copy | Keyword::Add if self.content.moves.contains(index) => {
                    moved.push(*index);
                    files.push(self.moved_text(*index));
                }
                _ if self.content.needless_start.contains(index) || self.leaves_void(*index) => {}
                Keyword::Expose
                | Keyword::Volume
                | Keyword::Stopsignal
                | Keyword::Healthcheck
                | Keyword::Cmd
                | Keyword::Entrypoint => {
                    moved.push(*index);
                    late.push(self.moved_text(*index));
                }
                Keyword::User => {
                    if let Some(text) = self.user_line(*index, &mut moved) {
                        late.push(text);
                    }
                }
                _ => {}
            }
        }
        let mut lines: Vec<String> = self.chroot_copy().into_iter().collect();
        let workdir = self.workdir();
        let named: Vec<String> = late.iter().cloned().chain(workdir.clone()).collect();
        self.add_arguments(&head, &mut early, &named);
        early.sort_by_key(|(index, _)| *index);
        let own = self.content.env.iter().filter(|env| !self.has_line(env));
        let own: Vec<(usize, String)> =
            own.map(|env| (self.set_before(env), format!("{} {env}", self.keyword("ENV")))).collect();
        // The lines are in the builder's order: whatever is set later counts.
        let later = early.split_off(early.partition_point(|(index, _)| own.iter().all(|(before, _)| index < before)));
        self.push_paragraphs(&mut lines, early);
        lines.extend(own.into_iter().map(|(_, line)| line));
        self.push_paragraphs(&mut lines, later);
        let by_argument = self.directory_by_argument(workdir.as_deref());
        lines.extend(workdir);
        lines.extend(files);
        let from = self.taken_from();
        for copied in &self.content.copies {
            let owner = if copied.owned { format!("--chown={} ", self.owner()) } else { String::new() };
            let below = by_argument.as_ref().and_then(|(path, text)| {
                let rest = copied.path.strip_prefix(path.as_str())?;
                (rest.is_empty() || rest.starts_with('/')).then(|| format!("{text}{rest}"))
            });
            let path = below.unwrap_or_else(|| word(&copied.path));
            lines.push(format!("{} --from={from} {owner}{path} {path}", self.keyword("COPY")));
        }
        lines.extend(late);
        // What follows in the file brings its own.
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        moved.retain(|index| !self.is_inherited(*index));
        if !moved.is_empty() {
            self.drop_arguments(&moved);
        }
        for index in moved {
            let range = self.lines_of(index);
            self.edits.retain(|edit| !range.contains_range(edit.range));
            self.edits.push(Edit::delete(range));
        }
        Ok(lines)
    }

    /// The instruction before which the builder sets what the runtime sets too.
    fn set_before(&self, env: &str) -> usize {
        let mut lines = self.content.builder_lines.iter().filter(|prepared| prepared.line.ends_with(env));
        lines.next().map_or(usize::MAX, |prepared| prepared.before)
    }

    /// Whether an instruction belongs to a stage that this one starts from.
    pub(super) fn is_inherited(&self, index: usize) -> bool {
        index < self.cx.from()
    }

    /// The stage that the runtime takes files from.
    pub(super) fn taken_from(&self) -> String {
        let stages = chain::chain(self.file(), self.cx.stage);
        let parent = stages.iter().rev().nth(1).filter(|_| !self.builds);
        let name = parent.and_then(|parent| self.file().dockerfile.stages[*parent].name.as_ref());
        name.map_or_else(|| self.builder.clone(), |name| name.text.clone())
    }

    /// Lines that move, those with a comment in a paragraph of their own where the author had it so.
    pub(super) fn push_paragraphs(&self, lines: &mut Vec<String>, early: Vec<(usize, String)>) {
        let mut after_paragraph = false;
        let mut end = None;
        for (index, text) in early {
            let start = self.file().line_before(index);
            let before = &self.file().text[..usize::from(start)];
            let apart = text.starts_with('#') && (before.ends_with("\n\n") || before.ends_with("\r\n\r\n"));
            let goes_on = after_paragraph && end == Some(start);
            if (apart || after_paragraph) && !goes_on && !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(text);
            after_paragraph = apart || goes_on;
            end = Some(self.file().line_after(index));
        }
        if after_paragraph {
            lines.push(String::new());
        }
    }

    /// Takes the image over that has the runtime's packages in it.
    pub(super) fn chroot_copy(&self) -> Option<String> {
        let line = || format!("{} --link --from={} /base-chroot /", self.keyword("COPY"), self.packages_stage);
        (!self.content.packages.is_empty()).then(line)
    }

    pub(super) fn has_line(&self, env: &str) -> bool {
        self.file().text[self.file().instruction(self.cx.last_build).range].contains(env)
    }

    /// The text of an instruction with all edits, and the comments above it.
    pub(super) fn moved_text(&self, index: usize) -> String {
        let file = self.file();
        let instruction = file.instruction(index);
        // Where the line stays as well, so does what is said about it.
        let comments = if self.is_inherited(index) { Vec::new() } else { file.comments_above(index) };
        let comments: String =
            comments.into_iter().map(|comment| format!("{}{}", &file.text[comment], file.newline())).collect();
        let mut edits = edits_in(self.cx.draft, instruction.range);
        edits.extend(self.edits.iter().filter(|edit| instruction.range.contains_range(edit.range)).cloned());
        edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
        edits.dedup();
        format!("{comments}{}", apply(file.text, instruction.range, &edits))
    }

    /// An ENV of the builder as the runtime needs it, and whether it leaves the builder.
    pub(super) fn environment(&self, index: usize, instruction: &Instruction) -> Option<(String, bool)> {
        let Arguments::Pairs(pairs) = &instruction.arguments else { return None };
        let compiled = self.content.is_compiled();
        let deleted = edits_in(self.cx.draft, instruction.range);
        let stays = |pair: &&KeyValue| {
            !deleted.iter().any(|edit| edit.text.is_empty() && edit.range.contains_range(pair.range))
        };
        let live: Vec<&KeyValue> = pairs.iter().filter(stays).collect();
        let kind = |pair: &KeyValue| {
            let own = wanted(&pair.key.text, compiled);
            let value = pair.value.as_ref().map_or("", |value| value.text.as_str());
            match own {
                // The compiler's own directories.
                Wanted::Both
                    if compiled && pair.key.text == "PATH" && (value.contains("/go") || value.contains("cargo")) =>
                {
                    Wanted::Build
                }
                Wanted::Both if self.is_dead_path(index, pair) => Wanted::Build,
                Wanted::Both if self.fetched.contains(&pair.range) => Wanted::Build,
                Wanted::Build if self.runtime_uses(&pair.key.text) => Wanted::Both,
                Wanted::Run if self.builder_uses(index, &pair.key.text) => Wanted::Both,
                Wanted::Both
                    if self.only_installs()
                        && !self.builder_uses(index, &pair.key.text)
                        && !matters_to_tools(&pair.key.text) =>
                {
                    Wanted::Run
                }
                other => other,
            }
        };
        let needed: Vec<&KeyValue> = live.iter().copied().filter(|pair| kind(pair) != Wanted::Build).collect();
        if needed.is_empty() {
            return None;
        }
        let moves = live.iter().all(|pair| kind(pair) == Wanted::Run);
        if needed.len() == pairs.len() {
            let text =
                if moves { self.moved_text(index) } else { apply(self.file().text, instruction.range, &deleted) };
            return Some((text, moves));
        }
        let pairs: Vec<&str> = needed.iter().map(|pair| &self.file().text[pair.range]).collect();
        Some((format!("{} {}", self.keyword("ENV"), pairs.join(" ")), false))
    }

    /// Whether the builder's RUNs only install dependencies, which do not look at the application's variables.
    pub(super) fn only_installs(&self) -> bool {
        let tools: Vec<&&str> = self.cx.trace.tools.keys().collect();
        let compiled = self.content.is_compiled();
        compiled
            || tools.iter().all(|tool| matches!(**tool, "pip"))
                && !self.cx.trace.called.contains("python")
                && !self.cx.trace.called.contains("python3")
    }

    /// Whether a later instruction of the builder names a variable.
    pub(super) fn builder_uses(&self, index: usize, name: &str) -> bool {
        let file = self.file();
        let later = file.body(self.cx.stage).filter(|(other, _)| *other > index && *other <= self.cx.last_build);
        let mut texts = later.filter(|(_, instruction)| {
            matches!(
                instruction.keyword,
                Keyword::Run
                    | Keyword::Copy
                    | Keyword::Add
                    | Keyword::Workdir
                    | Keyword::Env
                    | Keyword::Arg
                    | Keyword::User
            )
        });
        texts.any(|(_, instruction)| names(&file.text[instruction.range]).any(|used| used == name))
    }

    /// Whether an instruction of the runtime names a variable.
    pub(super) fn runtime_uses(&self, name: &str) -> bool {
        let file = self.file();
        let tail = self.cx.tail().map(|(_, instruction)| instruction);
        let head = file
            .body(self.cx.stage)
            .filter(|(index, _)| *index <= self.cx.last_build)
            .map(|(_, instruction)| instruction);
        let head = head.filter(|instruction| {
            matches!(
                instruction.keyword,
                Keyword::Label
                    | Keyword::Expose
                    | Keyword::Volume
                    | Keyword::Cmd
                    | Keyword::Entrypoint
                    | Keyword::Healthcheck
            )
        });
        let taken = file.body(self.cx.stage).filter(|(index, _)| *index <= self.cx.last_build);
        let taken = taken.filter(|(index, instruction)| self.runtime_takes(*index, instruction));
        let head = head.chain(taken.map(|(_, instruction)| instruction));
        head.chain(tail).any(|instruction| names(&file.text[instruction.range]).any(|used| used == name))
    }

    /// Whether an ENV of the builder has a variable that the runtime wants for its own sake.
    pub(super) fn runtime_takes(&self, index: usize, instruction: &Instruction) -> bool {
        let compiled = self.content.is_compiled();
        let Arguments::Pairs(pairs) = &instruction.arguments else { return false };
        instruction.keyword == Keyword::Env
            && pairs.iter().any(|pair| {
                let dead = self.is_dead_path(index, pair) || (compiled && pair.key.text == "PATH");
                wanted(&pair.key.text, compiled) != Wanted::Build && !dead && !self.fetched.contains(&pair.range)
            })
    }

    /// Whether the runtime gets a variable that an ENV of the builder sets.
    fn carries(&self, index: usize, instruction: &Instruction, name: &str) -> bool {
        let text = self.environment(index, instruction).map(|(text, _)| text).unwrap_or_default();
        let set = |word: &str| word.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('='));
        text.split_whitespace().any(set)
    }

    /// Whether a pair only puts directories before PATH that the runtime does not have.
    pub(super) fn is_dead_path(&self, index: usize, pair: &KeyValue) -> bool {
        let Some(value) = pair.value.as_ref().filter(|_| pair.key.text == "PATH") else { return false };
        let mut added = value.text.trim_matches('"').split(':').filter(|part| !matches!(*part, "$PATH" | "${PATH}"));
        let there = |part: &str| {
            let scope = self.file().evaluation.scope(index);
            let Some(path) = scope.expand(part).ok().and_then(|found| found.value.text().map(str::to_owned)) else {
                return true;
            };
            let together = |own: &str| is_below(&path, own) || is_below(own, &path);
            let kept = self.content.copies.iter().any(|copied| together(&copied.path));
            let by_tail = self.cx.trace.written.iter().filter(|written| written.instruction > self.cx.last_build);
            let by_tail = by_tail.into_iter().any(|written| is_below(&path, &written.path));
            !path.starts_with('/') || is_system_directory(&path) || kept || by_tail
        };
        let mut any = false;
        let dead = added.all(|part| {
            any = true;
            !there(part)
        });
        any && dead && value.text.contains("PATH")
    }

    /// ARGs of the builder that lines of the runtime name, and those that these name in turn.
    pub(super) fn add_arguments(&self, head: &[usize], early: &mut Vec<(usize, String)>, late: &[String]) {
        let file = self.file();
        let mut used: HashSet<String> = HashSet::new();
        let collect = |text: &str, used: &mut HashSet<String>| used.extend(names(text).map(str::to_owned));
        early.iter().for_each(|(_, text)| collect(text, &mut used));
        late.iter().for_each(|text| collect(text, &mut used));
        // A variable in what another edit takes out is not read.
        for (index, instruction) in self.cx.tail() {
            if self.dissolved.contains(&index) || self.cx.draft.dropped_instructions.contains(&index) {
                continue;
            }
            let own = self.edits.iter().filter(|edit| instruction.range.contains_range(edit.range));
            let mut edits: Vec<Edit> = own.cloned().collect();
            edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
            collect(&apply(file.text, instruction.range, &edits), &mut used);
        }
        for index in head.iter().rev() {
            let instruction = file.instruction(*index);
            let (Keyword::Arg, Arguments::Pairs(pairs)) = (instruction.keyword, &instruction.arguments) else {
                continue;
            };
            if pairs.iter().any(|pair| used.contains(&pair.key.text)) {
                let text = apply(file.text, instruction.range, &edits_in(self.cx.draft, instruction.range));
                collect(&text, &mut used);
                early.push((*index, text));
            }
        }
    }

    /// The working directory, where nothing of the tail sets it before it is used.
    pub(super) fn workdir(&self) -> Option<String> {
        let file = self.file();
        let head_last = chain::body(file, self.cx.stage)
            .filter(|(index, _)| *index <= self.cx.last_build)
            .rfind(|(_, instruction)| instruction.keyword == Keyword::Workdir);
        if head_last.is_none() && !self.loses_directory() {
            return None;
        }
        for (_, instruction) in self.cx.tail() {
            match (instruction.keyword, &instruction.arguments) {
                (Keyword::Workdir, Arguments::Words(words))
                    if words.first().is_some_and(|word| word.text.trim_matches(['"', '\'']).starts_with('/')) =>
                {
                    return None;
                }
                // Sources are never seen from there.
                (Keyword::Copy | Keyword::Add, _) if is_to_absolute(instruction) => {}
                (Keyword::Copy | Keyword::Add | Keyword::Workdir, _) => break,
                _ => {}
            }
        }
        let Some((index, _)) = head_last else {
            return Some(format!("{} {}", self.keyword("WORKDIR"), self.cx.start_directory));
        };
        let written =
            self.cx.trace.written.iter().rev().find(|written| written.instruction == index && written.made)?;
        let own = self.workdir_words(index);
        Some(format!("{} {}", self.keyword("WORKDIR"), own.unwrap_or(&written.path)))
    }

    /// The working directory and its name by arguments, which `--build-arg` may change.
    fn directory_by_argument(&self, line: Option<&str>) -> Option<(String, String)> {
        let text = line?.split_once(' ')?.1.trim_end_matches('/');
        let plain = text.contains('$') && !text.contains(['"', '\'', ' ']);
        let last = chain::body(self.file(), self.cx.stage)
            .filter(|(index, _)| *index <= self.cx.last_build)
            .rfind(|(_, instruction)| instruction.keyword == Keyword::Workdir);
        let (index, _) = last.filter(|_| plain)?;
        let written = self.cx.trace.written.iter().rev();
        let made = written.into_iter().find(|written| written.instruction == index && written.made)?;
        Some((made.path.clone(), text.to_owned()))
    }

    /// Whether the old image's own working directory was in use, and the runtime's is another one.
    pub(super) fn loses_directory(&self) -> bool {
        let config = self.file().mappings.image_config(&self.content.image, "runtime");
        let own = config.map(|config| config.workdir).unwrap_or_default();
        let same = own.trim_end_matches('/') == self.cx.start_directory.trim_end_matches('/');
        // A program alone has nothing there to read.
        let compiled = self.content.is_compiled();
        let alone =
            compiled && self.content.copies.len() <= 1 && self.cx.tail().all(|(_, own)| own.keyword != Keyword::Copy);
        let leans = |(index, own): (usize, &Instruction)| implied_workdir::leans(self.file(), index, own);
        (self.cx.trace.implied_cwd.is_some() || self.cx.tail().any(leans)) && !same && !alone
    }

    /// The words of a WORKDIR that names nothing but arguments and variables of its own stage, which the runtime has too
    /// then.
    pub(super) fn workdir_words(&self, index: usize) -> Option<&'a str> {
        let file = self.file();
        let Arguments::Words(words) = &file.instruction(index).arguments else { return None };
        let text = &file.text[words.first()?.range];
        let mut used = names(text).peekable();
        used.peek()?;
        let declared = |name: &str| {
            file.body(self.cx.stage).any(|(other, instruction)| {
                let pairs = matches!(&instruction.arguments, Arguments::Pairs(pairs) if pairs.iter().any(|pair| pair.key.text == name));
                let carried = || match instruction.keyword {
                    Keyword::Arg => true,
                    Keyword::Env => self.carries(other, instruction, name),
                    _ => false,
                };
                other < index && pairs && carried()
            })
        };
        used.all(declared).then_some(text)
    }

    /// A USER line of the builder: gone from there when nothing runs under it, and in the runtime when it holds there.
    pub(super) fn user_line(&self, index: usize, moved: &mut Vec<usize>) -> Option<String> {
        let file = self.file();
        let runs_later = self.cx.trace.runs.iter().any(|run| *run > index);
        if !runs_later {
            moved.push(index);
        }
        let FinalUser::Named { instruction, user } = &self.cx.user else { return None };
        if *instruction != index {
            return None;
        }
        let name = user.split(':').next().unwrap_or_default();
        if crate::rules::root_user::is_root(user) {
            return Some(file.text[file.instruction(index).range].to_owned());
        }
        // The image's own user is in force anyhow.
        (self.knows_user(name) && !self.is_of_the_old_image(user) && name.starts_with(|c: char| c.is_ascii_digit()))
            .then(|| file.text[file.instruction(index).range].to_owned())
    }
}

/// Edits that earlier rules make inside a range.
pub(super) fn edits_in(draft: &Draft, range: TextRange) -> Vec<Edit> {
    let fixes = draft.findings.iter().filter_map(|finding| finding.fix.as_ref());
    let mut edits: Vec<Edit> =
        fixes.flat_map(|fix| &fix.edits).filter(|edit| range.contains_range(edit.range)).cloned().collect();
    edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
    edits.dedup();
    edits
}

/// The text of `range` after `edits`, which are sorted and lie inside it.
pub(super) fn apply(text: &str, range: TextRange, edits: &[Edit]) -> String {
    let mut out = String::new();
    let mut at = range.start();
    for edit in edits {
        out.push_str(&text[TextRange::new(at, edit.range.start().max(at))]);
        out.push_str(&edit.text);
        at = edit.range.end().max(at);
    }
    out.push_str(&text[TextRange::new(at, range.end())]);
    out
}

/// Variables that installers of dependencies look at.
fn matters_to_tools(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_CTYPE",
        "LD_LIBRARY_PATH",
        "NODE_ENV",
        "NODE_OPTIONS",
        "NO_PROXY",
        "PATH",
        "PYTHONPATH",
        "TMPDIR",
        "VIRTUAL_ENV",
        "WORKON_HOME",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "GIT_SSL_NO_VERIFY",
        "JAVA_HOME",
        "SSL_CERT_FILE",
        "LIBRARY_PATH",
        "PYTHONUSERBASE",
    ];
    // CRYPTOGRAPHY_DONT_BUILD_RUST, GRPC_PYTHON_BUILD_SYSTEM_OPENSSL, PYCURL_SSL_LIBRARY
    const PARTS: &[&str] = &["BUILD", "COMPIL", "INCLUDE", "INSTALL", "LIBRARY", "SKIP"];
    NAMES.contains(&name) || PARTS.iter().any(|part| name.contains(part))
}

/// Whether a COPY says its destination from the root.
fn is_to_absolute(instruction: &Instruction) -> bool {
    instruction.destination().is_some_and(|to| to.text.starts_with('/'))
}

/// A path as one word of COPY.
fn word(path: &str) -> String {
    if path.contains(' ') { format!("\"{path}\"") } else { path.to_owned() }
}
