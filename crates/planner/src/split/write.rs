//! From a decision to edits of the original text.

use std::collections::{BTreeSet, HashSet};

use text_size::{TextRange, TextSize};
use wolfify_edit::Edit;
use wolfify_syntax::{Arguments, CommandForm, Instruction, Keyword};

use super::chain;
use super::content::{Content, Cx, FinalUser};
use super::environment::{Wanted, wanted};
use super::handover::Needless;
use super::packages;
use super::path::{is_below, is_scratch, is_system_directory};
use super::plan::{BuilderLine, Changed, SplitPlan};
use super::trace::{Refusal, Written};
use crate::draft::{Draft, Need};
use crate::exec::quote;
use crate::file::File;
use crate::finding::Level;
use crate::globals::names;
use crate::init_process;
use crate::script::layout_size;

/// Instructions of a stage that leave.
pub(super) fn gone(_file: &File<'_>, draft: &Draft, _stage: usize) -> HashSet<usize> {
    draft.dropped_instructions.clone()
}

/// Writes the split of a stage.
pub(super) struct Writer<'c, 'a> {
    pub(super) cx: &'c Cx<'a>,
    pub(super) content: &'c Content,
    /// Account RUNs that leave.
    pub(super) dissolved: &'c BTreeSet<usize>,
    /// Commands of RUNs that stay, which leave.
    pub(super) needless: &'c Needless,
    /// Variables that only say what the builder fetches.
    pub(super) fetched: HashSet<TextRange>,
    pub(super) builder: String,
    /// The stage that installs the runtime's packages.
    pub(super) packages_stage: String,
    /// The stage becomes a builder.
    pub(super) builds: bool,
    pub(super) edits: Vec<Edit>,
    pub(super) starts: Vec<(usize, String)>,
    pub(super) changed: Vec<Changed>,
    /// A line before the start command of the tail: where, the instruction, the text, why.
    pub(super) start_line: Option<(TextSize, usize, String, String)>,
}

impl<'c, 'a> Writer<'c, 'a> {
    pub(super) fn new(
        cx: &'c Cx<'a>,
        content: &'c Content,
        dissolved: &'c BTreeSet<usize>,
        needless: &'c Needless,
    ) -> Self {
        let builder = builder_name(cx.file);
        let packages_stage = builder.clone();
        Self {
            packages_stage,
            cx,
            content,
            dissolved,
            needless,
            fetched: super::fetched_variables::fetched(cx, content),
            builder,
            builds: true,
            edits: Vec::new(),
            starts: Vec::new(),
            changed: Vec::new(),
            start_line: None,
        }
    }

    pub(super) fn file(&self) -> &'a File<'a> {
        self.cx.file
    }

    pub(super) fn keyword(&self, keyword: &str) -> String {
        self.file().keyword(self.cx.stage, keyword)
    }

    /// The owner of the application's files.
    pub(super) fn owner(&self) -> String {
        match &self.cx.user {
            FinalUser::Named { user, .. }
                if user.starts_with(|c: char| c.is_ascii_digit())
                    && !crate::rules::root_user::is_root(user)
                    && !self.is_of_the_old_image(user) =>
            {
                if user.contains(':') {
                    user.clone()
                } else {
                    format!("{user}:{user}")
                }
            }
            FinalUser::Named { user, .. } if self.is_of_every_image(user) => user.clone(),
            _ => format!("65532:{}", if self.gives_to_group_of_root() { "0" } else { "65532" }),
        }
    }

    /// Whether a user is one that every image of Wolfi has, and that the file does not make itself: `nobody`.
    fn is_of_every_image(&self, user: &str) -> bool {
        user != "root" && crate::accounts::is_wolfi_user(user) && !self.cx.trace.accounts.contains(user)
    }

    /// Whether files go to the group of root, which any user that OpenShift chooses is in.
    fn gives_to_group_of_root(&self) -> bool {
        let trace = &self.cx.trace;
        let mut owners = trace.owners.iter().chain(&trace.copy_owners).filter_map(|(_, owner)| owner.split_once(':'));
        owners.any(|(user, group)| matches!(group, "0" | "root") && !matches!(user, "0" | "root"))
    }

    /// Whether a user is the one that the old image was made for, in whose place the new one's steps.
    pub(super) fn is_of_the_old_image(&self, user: &str) -> bool {
        let file = self.file();
        let source = chain::source(file, self.cx.stage);
        let image = source.and_then(|source| file.mappings.source_image(&source.name, source.tag.as_deref()));
        let name = |user: &str| user.split(':').next().unwrap_or_default().to_owned();
        image.is_some_and(|image| !image.user.is_empty() && name(&image.user) == name(user))
            || crate::rules::account_name::is_of_old_image(file, self.cx.stage, &name(user))
    }

    pub(super) fn write(mut self) -> Result<SplitPlan, Refusal> {
        let file = self.file();
        let last = self.cx.last_build;
        if !file.is_closed(last) {
            return self.cx.refuse(last, "a continuation is left open there");
        }
        let from = file.dockerfile.stages[self.cx.stage].instructions.start;
        let name = self.name_builder(from);
        // Nothing of the application may come between the image and its packages.
        let mut builder_lines = match self.chroot_lines() {
            Some(lines) => lines,
            None => {
                self.packages_stage = free_name(file, &["packages", "runtime-packages"]);
                self.stage_before(from, &[])
            }
        };
        builder_lines.extend(self.prepared_lines());
        builder_lines.extend(self.owned_line());
        self.tail_edits()?;
        self.start_edits();
        self.health_check()?;
        self.user_edits();
        self.dissolve();
        let mut lines = self.lines()?;
        if !self.takes_from_builder(&lines) {
            return self.cx.refuse(last, "what this makes is not seen to be a part of the application");
        }
        if self.spaced() && !lines.is_empty() {
            lines.insert(0, String::new());
        }
        let flags: String =
            file.instruction(from).flags.iter().map(|flag| format!("{} ", &file.text[flag.range])).collect();
        Ok(SplitPlan {
            stage: self.cx.stage,
            builds: true,
            image: self.content.image.clone(),
            tag: self.content.tag.clone(),
            at: self.end_of_builder(),
            lines,
            builder_lines,
            needs: self.needs(),
            start_line: self.start_line.clone(),
            edits: self.edits,
            flags,
            name,
            starts: self.starts,
            changed: self.changed,
            moved: BTreeSet::new(),
            dissolved: self.dissolved.clone(),
            carried: self.content.packages.values().copied().collect(),
            needless: self.needless.clone(),
            owned_directories: self.content.owned_directories.iter().map(|(path, _)| path.clone()).collect(),
            remarks: self.content.remarks.clone(),
            doubtful: self.content.doubtful,
        })
    }

    /// Whether anything of the builder goes into the runtime. What nobody takes may be what the image is for: pip, a tool.
    fn takes_from_builder(&self, lines: &[String]) -> bool {
        let from = format!("--from={}", self.builder);
        lines.iter().chain(self.edits.iter().map(|edit| &edit.text)).any(|text| text.contains(&from))
    }

    /// Makes the directories that nothing else makes for the runtime's user, which the runtime takes over.
    fn owned_line(&self) -> Option<BuilderLine> {
        let head: HashSet<&str> = self.cx.head_writes().map(|written| written.path.as_str()).collect();
        let missing = self.content.owned_directories.iter().filter(|(path, _)| !head.contains(path.as_str()));
        let missing: Vec<&(String, usize)> = missing.collect();
        let (_, instruction) = *missing.first()?;
        let paths = |quote: &str, between: &str| {
            let paths: Vec<String> = missing.iter().map(|(path, _)| format!("{quote}{path}{quote}")).collect();
            paths.join(between)
        };
        let user = self.owner();
        let volumes = missing.iter().filter(|(_, instruction)| self.file().is(*instruction, Keyword::Volume)).count();
        let (verb, there) = match (missing.len(), volumes) {
            (1, 0) => ("is", "the home of the account that leaves belongs"),
            (1, _) => ("is", "a volume that is mounted there belongs"),
            (all, volumes) if all == volumes => ("are", "volumes that are mounted there belong"),
            _ => ("are", "they belong"),
        };
        Some(BuilderLine {
            at: self.end_of_builder(),
            text: format!("{} mkdir -p {}", self.keyword("RUN"), paths("", " ")),
            instruction: *instruction,
            about: *instruction,
            why: format!(
                "{} {verb} made for the runtime, so that {there} to uid {}, not to root",
                paths("`", ", "),
                user.split(':').next().unwrap_or_default()
            ),
            before: false,
        })
    }

    /// Lines that the plan of the language asks for.
    fn prepared_lines(&self) -> Vec<BuilderLine> {
        let lines = self.content.builder_lines.iter().map(|prepared| BuilderLine {
            at: self.file().line_before(self.before_copies(prepared.before)),
            text: prepared.line.clone(),
            instruction: self.before_copies(prepared.before),
            about: prepared.before,
            why: prepared.why.to_owned(),
            before: true,
        });
        lines.collect()
    }

    /// The stage becomes the runtime itself: nothing in it is to be built.
    pub(super) fn write_runtime(mut self) -> Result<SplitPlan, Refusal> {
        let file = self.file();
        let from = file.dockerfile.stages[self.cx.stage].instructions.start;
        self.builds = false;
        let names: &[&str] = match self.content.packages.is_empty() {
            true => &["directories", "runtime-directories"],
            false => &["packages", "runtime-packages"],
        };
        self.builder = free_name(file, names);
        self.packages_stage.clone_from(&self.builder);
        self.tail_edits()?;
        self.start_edits();
        self.health_check()?;
        self.user_edits();
        self.dissolve();
        self.move_home();
        let mut builder_lines: Vec<BuilderLine> = self.prepared_lines();
        let directories = self.directories();
        builder_lines.extend(self.stage_before(from, &directories));
        let inherits = file.bottoms[self.cx.stage] != self.cx.stage;
        let why = |text: &str| match text.contains("/base-chroot") {
            true => "the image with its packages takes the place of the image alone".to_owned(),
            false => "the stage that it started from set or brought this".to_owned(),
        };
        let lines = match inherits {
            true => self.lines()?,
            false => self.chroot_copy().into_iter().collect(),
        };
        let mut settings: Vec<(String, String)> = lines.into_iter().map(|text| (why(&text), text)).collect();
        for (path, owned) in &directories {
            let mut others = directories.iter().filter(|(other, _)| other != path && is_below(path, other));
            if others.any(|(_, whole)| whole == owned) {
                continue;
            }
            let owner = if *owned { format!("--chown={} ", self.owner()) } else { String::new() };
            settings.push((
                directories_why(&directories),
                format!("{} --from={} {owner}{path} {path}", self.keyword("COPY"), self.builder),
            ));
        }
        builder_lines.extend(settings.into_iter().map(|(why, text)| BuilderLine {
            at: file.line_after(from),
            why,
            text,
            instruction: from,
            about: from,
            before: false,
        }));
        let moved = self.makers_of(&directories);
        Ok(SplitPlan {
            stage: self.cx.stage,
            builds: false,
            image: self.content.image.clone(),
            tag: self.content.tag.clone(),
            at: file.line_after(from),
            lines: Vec::new(),
            builder_lines,
            needs: Vec::new(),
            start_line: self.start_line.clone(),
            edits: self.edits,
            flags: String::new(),
            name: None,
            starts: self.starts,
            changed: self.changed,
            moved,
            dissolved: self.dissolved.clone(),
            carried: self.content.packages.values().copied().collect(),
            needless: self.needless.clone(),
            owned_directories: self.content.owned_directories.iter().map(|(path, _)| path.clone()).collect(),
            remarks: self.content.remarks.clone(),
            doubtful: self.content.doubtful,
        })
    }

    /// The stage before the runtime that installs its packages and makes its directories.
    fn stage_before(&self, from: usize, directories: &[(String, bool)]) -> Vec<BuilderLine> {
        if self.content.packages.is_empty() && directories.is_empty() {
            return Vec::new();
        }
        let file = self.file();
        let keyword = |keyword: &str| self.keyword(keyword);
        let named = as_keyword(file, self.cx.stage);
        let mut lines = vec![format!("{} {} {named} {}", keyword("FROM"), self.apk_image(), self.packages_stage)];
        if !self.apk_as_root() {
            lines.push(format!("{} root", keyword("USER")));
        }
        let mut why = self.packages_why();
        if self.content.packages.is_empty() {
            why = directories_why(directories);
        } else {
            lines.extend(self.carried_comments());
            lines.extend(self.chroot_text());
        }
        if !directories.is_empty() {
            let paths = directories.iter().map(|(path, _)| path.as_str());
            // `mkdir -p a/b` makes both.
            let above = |path: &str| directories.iter().any(|(other, _)| other != path && is_below(other, path));
            let paths: Vec<&str> = paths.filter(|path| !above(path)).collect();
            lines.push(format!("{} mkdir -p {}", keyword("RUN"), paths.join(" ")));
        }
        lines.push(String::new());
        let at = file.line_before(from);
        let line = |text| BuilderLine { at, text, instruction: from, about: from, why: why.clone(), before: false };
        lines.into_iter().map(line).collect()
    }

    /// Directories that RUNs make which leave, and that nothing else makes: where, and whether they belong to the
    /// runtime's user.
    fn directories(&self) -> Vec<(String, bool)> {
        let trace = &self.cx.trace;
        let config = self.file().mappings.image_config(&self.content.image, "runtime");
        let of_image: Vec<String> = config.into_iter().flat_map(|config| config.paths).map(|path| path.path).collect();
        let made = trace.written.iter().filter(|written| {
            written.made
                && trace.directory_runs.contains(&written.instruction)
                && self.dissolved.contains(&written.instruction)
        });
        let elsewhere = |path: &str| {
            let other = |written: &&Written| !trace.directory_runs.contains(&written.instruction);
            let owned = self.cx.owns(path);
            is_system_directory(path)
                || is_scratch(path)
                || of_image.iter().any(|own| own == path)
                || trace.written.iter().filter(other).any(|written| match written.tree || written.copied {
                    true => is_below(&written.path, path),
                    false => written.path == path && !owned,
                })
        };
        let mut found: Vec<(String, bool)> = Vec::new();
        for written in made.filter(|written| !elsewhere(&written.path)) {
            if found.iter().all(|(path, _)| *path != written.path) {
                // What root made without need may be what the application writes to.
                let owned = self.cx.user == FinalUser::ImplicitRoot || self.cx.owns(&written.path);
                found.push((written.path.clone(), owned));
            }
        }
        for (path, _) in &self.content.owned_directories {
            if found.iter().all(|(own, _)| own != path) {
                found.push((path.clone(), true));
            }
        }
        found
    }

    /// The RUNs that leave and made directories which a stage makes now.
    fn makers_of(&self, directories: &[(String, bool)]) -> BTreeSet<usize> {
        let made = |written: &&Written| directories.iter().any(|(path, _)| *path == written.path);
        let makers = self.cx.trace.written.iter().filter(made).map(|written| written.instruction);
        makers.filter(|index| self.dissolved.contains(index)).collect()
    }

    fn needs(&self) -> Vec<Need> {
        let need = |(instruction, package, why): &(usize, String, String)| Need {
            package: package.clone(),
            rule: &crate::rules::stage_split::RULE,
            why: why.clone(),
            range: self.file().instruction(*instruction).keyword_range,
            instruction: *instruction,
            level: Level::Note,
        };
        self.content.builder_packages.iter().map(need).collect()
    }

    /// Behind the last instruction of the builder and the comments that close it: those right below it, up to a blank line.
    fn end_of_builder(&self) -> TextSize {
        let file = self.file();
        let mut at = file.line_after(self.cx.last_build);
        while let Some(comment) = file.comment_line_at(at) {
            at = file.layout(false).line_end(comment.end());
        }
        let rest = &file.text[usize::from(at)..];
        let closes = rest.is_empty() || rest.starts_with('\n') || rest.starts_with("\r\n");
        if closes { at } else { file.line_after(self.cx.last_build) }
    }

    /// The first of the COPY instructions right above an instruction: what does not depend on them is cached before them.
    fn before_copies(&self, index: usize) -> usize {
        let file = self.file();
        let first = file.dockerfile.stages[self.cx.stage].instructions.start;
        let copies = |index: &usize| matches!(file.instruction(*index).keyword, Keyword::Copy | Keyword::Add);
        (first + 1..index).rev().take_while(copies).last().unwrap_or(index)
    }

    /// Whether the author leaves a blank line behind FROM.
    fn spaced(&self) -> bool {
        let file = self.file();
        let from = file.dockerfile.stages[self.cx.stage].instructions.start;
        let rest = &file.text[usize::from(file.line_after(from))..];
        rest.starts_with('\n') || rest.starts_with("\r\n")
    }

    /// An image with apk to install the runtime's packages from.
    fn apk_image(&self) -> String {
        let file = self.file();
        let dev = file.mappings.image_config(&self.content.image, "dev").is_some();
        match (dev, file.tier()) {
            (true, _) => file.reference(&self.content.image, &format!("{}-dev", self.content.tag)),
            (false, wolfify_mappings::Tier::Free) => format!("{}/wolfi-base:latest", file.registry()),
            (false, wolfify_mappings::Tier::Paid) => format!("{}/chainguard-base:latest", file.registry()),
        }
    }

    /// Whether that image runs as root by itself.
    fn apk_as_root(&self) -> bool {
        let config = self.file().mappings.image_config(&self.content.image, "dev");
        config.is_none_or(|config| config.uid == Some(0) || matches!(config.run_as.as_str(), "0" | "root"))
    }

    fn packages_why(&self) -> String {
        let names: Vec<String> = self.content.packages.keys().map(|name| format!("`{name}`")).collect();
        format!("the runtime needs {}", names.join(", "))
    }

    /// A copy of the runtime's image with its packages in it.
    fn chroot_text(&self) -> Vec<String> {
        let image = self.file().reference(&self.content.image, &self.content.tag);
        let names: Vec<&str> = packages::sorted(&self.content.packages).into_iter().collect();
        vec![
            "# The runtime's packages are installed over its own image, which has no apk".to_owned(),
            format!("{} --from={image} / /base-chroot", self.keyword("COPY")),
            format!(
                "{} apk add --no-cache --no-scripts --root /base-chroot {} && ldconfig -r /base-chroot",
                self.keyword("RUN"),
                names.join(" ")
            ),
        ]
    }

    /// Gives the builder its name; the stage's own name goes to the runtime, which is what `--target` means.
    fn name_builder(&mut self, from: usize) -> Option<String> {
        let stage = &self.file().dockerfile.stages[self.cx.stage];
        match &stage.name {
            Some(name) => {
                self.edits.push(Edit::replace(name.range, self.builder.clone()));
                Some(name.text.clone())
            }
            None => {
                let keyword = as_keyword(self.file(), self.cx.stage);
                let end = self.file().instruction(from).range.end().min(stage.image.range.end());
                self.edits.push(Edit::insert(end, format!(" {keyword} {}", self.builder)));
                None
            }
        }
    }

    /// Owners in COPY lines.
    fn tail_edits(&mut self) -> Result<(), Refusal> {
        let owner = self.owner();
        for (index, instruction) in self.file().body(self.cx.stage) {
            if !matches!(instruction.keyword, Keyword::Copy | Keyword::Add) {
                continue;
            }
            let chown = instruction.flag("chown");
            let in_tail = index > self.cx.last_build;
            match chown.and_then(|flag| flag.value.as_ref()) {
                Some(value) => {
                    let expansion = self.file().evaluation.scope(index).expand(&value.text).ok();
                    let known = expansion.and_then(|found| found.value.text().map(str::to_owned));
                    let text = known.unwrap_or_else(|| value.text.clone());
                    let user = text.split(':').next().unwrap_or_default().to_owned();
                    let made_here = self.cx.trace.accounts.contains(&user);
                    if made_here && (in_tail || !self.dissolved.is_empty() || self.needless.accounts)
                        || (in_tail && !self.knows_user(&user))
                    {
                        self.edits.push(Edit::replace(value.range, owner.clone()));
                    }
                }
                None if self.content.owned_tail.contains(&index) => {
                    let after = instruction.flags.last().map_or(instruction.keyword_range, |flag| flag.range);
                    self.edits.push(Edit::insert(after.end(), format!(" --chown={owner}")));
                }
                None => {}
            }
        }
        Ok(())
    }

    pub(super) fn knows_user(&self, user: &str) -> bool {
        if user.starts_with(|c: char| c.is_ascii_digit()) || user.contains('$') || matches!(user, "root" | "") {
            return true;
        }
        // Accounts that a copied file brings.
        if self.cx.tail().next().is_some() && self.cx.trace.copies_account(user) {
            return true;
        }
        if self.is_of_every_image(user) {
            return true;
        }
        let config = self.file().mappings.image_config(&self.content.image, "runtime");
        config.is_some_and(|config| config.user == user || config.other_users.iter().any(|other| other.name == user))
    }

    /// ENTRYPOINT and CMD in exec form, and as the runtime image needs them.
    fn start_edits(&mut self) {
        self.edits.extend(self.content.renamed.iter().map(|(key, name)| Edit::replace(*key, *name)));
        let start = &self.content.start;
        let rewritten = start.rewritten.iter().filter(|(index, _)| !self.content.needless_start.contains(index));
        for (index, words) in rewritten {
            let instruction = self.file().instruction(*index);
            if let Arguments::Command(CommandForm::Shell { range, .. } | CommandForm::Exec { range, .. }) =
                &instruction.arguments
            {
                self.edits.push(Edit::replace(*range, array(words)));
                let what = match words.is_empty() {
                    true => "the runtime's entrypoint starts it without arguments".to_owned(),
                    false if matches!(instruction.arguments, Arguments::Command(CommandForm::Exec { .. })) => {
                        format!("the runtime starts it by `{}`", words.join(" "))
                    }
                    false if self.runtime_has_shell() => {
                        format!(
                            "the runtime starts `{}` without a shell, which would keep signals from it",
                            words.join(" ")
                        )
                    }
                    false => format!("the runtime has no shell, it starts `{}`", words.join(" ")),
                };
                self.starts.push((*index, what));
            }
        }
        let void: Vec<usize> = start.void.iter().copied().filter(|index| self.leaves_void(*index)).collect();
        for index in void {
            self.edits.push(Edit::delete(self.lines_of(index)));
            self.starts.push((index, crate::rules::start_command::VOID.to_owned()));
        }
        let config = self.file().mappings.image_config(&self.content.image, "runtime");
        let entrypoint = config.map(|config| config.entrypoint).unwrap_or_default();
        for index in &self.content.needless_start {
            self.edits.push(Edit::delete(self.lines_of(*index)));
            self.starts.push((*index, crate::rules::start_command::by_itself(&entrypoint)));
        }
        let needless = |cmd: &usize| self.content.keeps_cmd || self.content.needless_start.contains(cmd);
        let Some(cmd) = start.cmd.filter(|cmd| start.entrypoint.is_none() && !needless(cmd)) else { return };
        let instruction = self.file().instruction(cmd);
        if self.content.init {
            let line = format!("{} {}", self.keyword("ENTRYPOINT"), init_process::ENTRYPOINT);
            let at = self.file().layout(false).line_start(instruction.range.start());
            // In the tail it may meet the new stage at one place.
            if cmd > self.cx.last_build {
                self.start_line = Some((at, cmd, line, init_process::WHY.to_owned()));
            } else {
                self.starts.push((cmd, init_process::WHY.to_owned()));
                self.edits.push(Edit::insert(at, format!("{line}{}", self.file().newline())));
            }
            return;
        }
        let config = self.file().mappings.image_config(&self.content.image, "runtime");
        if config.is_none_or(|config| !config.entrypoint.is_empty()) {
            if let Some(message) = crate::rules::start_command::overridden(self.file()) {
                self.clear_entrypoint(cmd, message);
                return;
            }
            let lower = self.file().text[instruction.keyword_range].chars().all(|c| c.is_ascii_lowercase());
            self.starts.push((cmd, crate::rules::start_command::RAISED.to_owned()));
            self.edits.push(Edit::replace(instruction.keyword_range, if lower { "entrypoint" } else { "ENTRYPOINT" }));
        }
    }

    /// `ENTRYPOINT []` before the CMD, which stays one.
    fn clear_entrypoint(&mut self, cmd: usize, message: String) {
        let line = format!("{} []", self.keyword("ENTRYPOINT"));
        let at = self.file().layout(false).line_start(self.file().instruction(cmd).range.start());
        if cmd > self.cx.last_build {
            self.start_line = Some((at, cmd, line, message));
        } else {
            self.starts.push((cmd, message));
            self.edits.push(Edit::insert(at, format!("{line}{}", self.file().newline())));
        }
    }

    /// Whether an instruction leaves that counted for nothing and would be arguments of the runtime's ENTRYPOINT.
    pub(super) fn leaves_void(&self, index: usize) -> bool {
        let start = &self.content.start;
        let stays = self.content.init || self.file().overridden().is_some();
        let raised = start.entrypoint.is_none() && start.cmd.is_some() && !stays;
        let unwrapped = start.entrypoint.is_some_and(|entrypoint| start.rewritten.contains_key(&entrypoint));
        start.void.contains(&index) && self.file().is(index, Keyword::Cmd) && (raised || unwrapped)
    }

    /// The words of a health check, on the port where the new image's server listens by itself.
    fn on_its_port(&self, words: Vec<String>) -> Vec<String> {
        if crate::default_port::moved(self.file(), self.cx.stage).is_none() {
            return words;
        }
        let follow = |word: String| match crate::rules::healthcheck::on_new_port(&word) {
            Some((place, new)) => format!("{}{new}{}", &word[..place.start], &word[place.end..]),
            None => word,
        };
        words.into_iter().map(follow).collect()
    }

    fn health_check(&mut self) -> Result<(), Refusal> {
        let file = self.file();
        let Some((index, instruction)) =
            file.body(self.cx.stage).rfind(|(_, instruction)| instruction.keyword == Keyword::Healthcheck)
        else {
            return Ok(());
        };
        let Arguments::Healthcheck(Some(form)) = &instruction.arguments else { return Ok(()) };
        if let Some(check) = self.content.health.as_ref().filter(|check| check.instruction == index) {
            let (CommandForm::Shell { range, .. } | CommandForm::Exec { range, .. }) = form;
            self.edits.push(Edit::replace(*range, array(&self.on_its_port(check.words.clone()))));
            self.note_health(index, check.why.clone());
            return Ok(());
        }
        if let CommandForm::Shell { range, .. } = form
            && !self.runtime_has_shell()
        {
            let Some(script) = file.scripts[index].first() else { return Ok(()) };
            match super::start::simple_words(script, true) {
                Ok(words) => {
                    self.edits.push(Edit::replace(*range, array(&self.on_its_port(words))));
                    self.note_health(index, "the exec form, for the runtime has no shell".to_owned());
                }
                Err(reason) => return self.cx.refuse(index, format!("the health check needs a shell: {reason}")),
            }
        }
        if let CommandForm::Exec { range, strings } = form {
            let words: Vec<String> = strings.iter().map(|string| string.value.clone()).collect();
            let followed = self.on_its_port(words.clone());
            if followed != words {
                self.edits.push(Edit::replace(*range, array(&followed)));
            }
        }
        Ok(())
    }

    fn note_health(&mut self, instruction: usize, message: String) {
        let rule = &crate::rules::healthcheck::RULE;
        self.changed.push(Changed { instruction, rule, message, title: "Rewrite the health check" });
    }

    fn runtime_has_shell(&self) -> bool {
        let config = self.file().mappings.image_config(&self.content.image, "runtime");
        config.is_some_and(|config| config.has_shell == Some(true))
    }

    /// USER lines that name accounts which the runtime does not have.
    fn user_edits(&mut self) {
        let FinalUser::Named { instruction, user } = &self.cx.user else { return };
        let name = user.split(':').next().unwrap_or_default();
        if self.knows_user(name) {
            return;
        }
        self.changed.push(Changed {
            instruction: *instruction,
            rule: &crate::rules::final_user::RULE,
            message: format!("the runtime has no account `{name}`: its own user, uid 65532, runs it"),
            title: "Run it as the runtime's own user",
        });
        if *instruction > self.cx.last_build {
            let found = self.file().instruction(*instruction);
            if let Arguments::Words(words) = &found.arguments
                && let Some(word) = words.first()
            {
                self.edits.push(Edit::replace(word.range, "65532"));
            }
        }
    }

    /// A WORKDIR in the home of root goes to the home of the runtime's user.
    fn move_home(&mut self) {
        let Some(index) = self.content.moved_home else { return };
        let config = self.file().mappings.image_config(&self.content.image, "runtime");
        let home = config.map(|config| config.home).filter(|home| !home.is_empty());
        let home = home.unwrap_or_else(|| "/home/nonroot".to_owned());
        if let Arguments::Words(words) = &self.file().instruction(index).arguments
            && let Some(word) = words.first()
        {
            let text = self.file().text[word.range].replacen("/root", &home, 1);
            self.edits.push(Edit::replace(word.range, text));
        }
    }

    /// Account RUNs that the runtime's own user makes needless.
    fn dissolve(&mut self) {
        for index in self.dissolved {
            let packages = self.builds && self.content.packages.values().any(|from| from == index);
            let lines = if packages { self.lines_to_replace(*index) } else { self.lines_of(*index) };
            self.edits.push(Edit::delete(lines));
        }
        self.drop_arguments(&[]);
    }

    /// ARGs that only leaving instructions read. A RUN that stays may read an argument without naming it, so those whose
    /// readers moved leave only where the RUNs are known not to.
    pub(super) fn drop_arguments(&mut self, moved: &[usize]) {
        let file = self.file();
        let own: Vec<(usize, &Instruction)> = file.body(self.cx.stage).collect();
        let leaves = |index: &usize| self.dissolved.contains(index) || moved.contains(index);
        let used = |index: usize, leaving: bool, name: &str| {
            let in_builder = |other: &usize| moved.is_empty() || *other <= self.cx.last_build;
            let later = own.iter().filter(|(other, _)| *other > index && leaves(other) == leaving && in_builder(other));
            later.into_iter().any(|(_, instruction)| names(&file.text[instruction.range]).any(|used| used == name))
        };
        let unread = |name: &str| moved.is_empty() || self.only_installs() || wanted(name, false) == Wanted::Run;
        let in_reach = |index: usize| moved.is_empty() || index <= self.cx.last_build;
        let dead = own.iter().filter(|(index, instruction)| match (instruction.keyword, &instruction.arguments) {
            (Keyword::Arg, Arguments::Pairs(pairs)) if in_reach(*index) => pairs.iter().all(|pair| {
                let name = pair.key.text.as_str();
                unread(name) && used(*index, true, name) && !used(*index, false, name)
            }),
            _ => false,
        });
        let dead: Vec<usize> = dead.map(|(index, _)| *index).collect();
        for index in dead {
            self.edits.push(Edit::delete(self.lines_of(index)));
            self.note_argument(index, moved.is_empty());
        }
    }

    /// Says that a build argument leaves with what read it.
    fn note_argument(&mut self, instruction: usize, leaves: bool) {
        let Arguments::Pairs(pairs) = &self.file().instruction(instruction).arguments else { return };
        let names: Vec<String> = pairs.iter().map(|pair| format!("`{}`", pair.key.text)).collect();
        let rule = match self.builds {
            true => &crate::rules::stage_split::RULE,
            false => &crate::rules::runtime_image::RULE,
        };
        if leaves {
            let message = format!("nothing reads {} any more: `--build-arg` has no effect", names.join(", "));
            self.changed.push(Changed { instruction, rule, message, title: "Remove the argument" });
        }
    }

    /// The lines of an instruction with the comments that describe it; the packages that take the place come behind.
    fn lines_to_replace(&self, index: usize) -> TextRange {
        let layout = self.file().layout(false);
        let range = self.file().instruction(index).range;
        let first = self.file().comments_above(index).first().map_or(range.start(), |comment| comment.start());
        TextRange::new(layout.line_start(first), layout.line_end(range.end()))
    }

    /// The lines of an instruction with the comments that describe it, and one blank line where two would be left.
    pub(super) fn lines_of(&self, index: usize) -> TextRange {
        let file = self.file();
        let own = crate::instructions::lines_of(file, index);
        match file.comments_above(index).first() {
            Some(comment) => {
                let start = file.layout(false).line_start(comment.start());
                let before = &file.text[..usize::from(start)];
                let blank_before = before.is_empty() || before.ends_with("\n\n") || before.ends_with("\r\n\r\n");
                let after = &file.text[usize::from(own.end())..];
                let blank_after = if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with('\n')) };
                let end = if blank_before { own.end() + layout_size(blank_after) } else { own.end() };
                TextRange::new(start, end)
            }
            None => own,
        }
    }

    /// The lines that lay the runtime's packages over its image; `None` where the builder has no place for them: other
    /// stages start from the one that installs them, or a user without rights runs its steps.
    fn chroot_lines(&self) -> Option<Vec<BuilderLine>> {
        if self.content.packages.is_empty() {
            return Some(Vec::new());
        }
        let file = self.file();
        let installs = self.content.packages.values().copied().filter(|index| file.is(*index, Keyword::Run));
        let last_install = installs.filter(|index| *index <= self.cx.last_build).max();
        let first_run = self.cx.trace.runs.iter().copied().find(|index| *index > self.cx.from());
        let (at, instruction) = match (last_install, first_run) {
            (Some(index), _) if self.is_inherited(index) => return None,
            (Some(index), _) if file.is_closed(index) => (file.line_after(index), index),
            (_, Some(index)) => {
                let index = self.before_copies(index);
                (file.line_before(index), index)
            }
            _ => return None,
        };
        let is_other = |own: &Instruction| match &own.arguments {
            Arguments::Words(words) => words.first().is_some_and(|word| !crate::rules::root_user::is_root(&word.text)),
            _ => false,
        };
        let mut users = chain::body(file, self.cx.stage).filter(|(_, own)| own.keyword == Keyword::User);
        if users.any(|(index, own)| index < last_install.or(first_run).unwrap_or(0) && is_other(own)) {
            return None;
        }
        let why = self.packages_why();
        let about = last_install.or(first_run).unwrap_or(instruction);
        let before = at == file.line_before(instruction);
        let line = |text| BuilderLine { at, text, instruction, about, why: why.clone(), before };
        Some(self.carried_comments().into_iter().chain(self.chroot_text()).map(line).collect())
    }

    /// What the author says above a RUN that leaves, and whose packages the runtime gets.
    fn carried_comments(&self) -> Vec<String> {
        let file = self.file();
        let carried: BTreeSet<usize> = self.content.packages.values().copied().collect();
        let leaving = carried.intersection(self.dissolved).flat_map(|index| file.comments_above(*index));
        let lines: Vec<&str> = leaving.map(|comment| file.text[comment].trim_end_matches(['\r', '\n'])).collect();
        // In a builder it is said about the packages that take the place.
        let stays =
            |lines: &&[&str]| self.builds || !lines.iter().all(|line| crate::comments::speaks_only_of_packages(line));
        let paragraphs = crate::comments::sentences(&lines).into_iter();
        paragraphs.filter(stays).flatten().map(|line| (*line).to_owned()).collect()
    }
}

/// Why a stage with a shell makes these directories.
fn directories_why(directories: &[(String, bool)]) -> String {
    let paths: Vec<String> = directories.iter().map(|(path, _)| format!("`{path}`")).collect();
    format!("a stage with a shell makes {}, for nothing in the runtime can", paths.join(", "))
}

/// The `AS` of a FROM as the author writes it, there or in another one.
pub(super) fn as_keyword(file: &File<'_>, stage: usize) -> String {
    let written = |stage: usize| {
        let stage = &file.dockerfile.stages[stage];
        let gap = TextRange::new(stage.image.range.end(), stage.name.as_ref()?.range.start());
        let word = file.text[gap].trim();
        word.eq_ignore_ascii_case("as").then(|| word.to_owned())
    };
    let others = (0..file.dockerfile.stages.len()).find_map(written);
    written(stage).or(others).unwrap_or_else(|| file.keyword(stage, "AS"))
}

/// A name for the builder that no stage has.
fn builder_name(file: &File<'_>) -> String {
    free_name(file, &["builder", "build", "app-builder"])
}

/// The first of `names` that no stage has, or one with a number.
fn free_name(file: &File<'_>, names: &[&str]) -> String {
    let stages = file.dockerfile.stages.iter();
    let taken: HashSet<String> =
        stages.filter_map(|stage| stage.name.as_ref()).map(|name| name.text.to_ascii_lowercase()).collect();
    let first = names.first().copied().unwrap_or("stage").to_owned();
    let numbered = (2..).map(|number| format!("{first}-{number}"));
    names.iter().map(|name| (*name).to_owned()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default()
}

/// Words as the array of an exec form.
pub(super) fn array(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    format!("[{}]", quoted.join(", "))
}
