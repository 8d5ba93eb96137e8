//! From a decision to edits of the original text.

use std::collections::{BTreeSet, HashSet};

use text_size::{TextRange, TextSize};
use wolfify_edit::Edit;
use wolfify_syntax::{Arguments, CommandForm, Instruction, KeyValue, Keyword};

use super::content::{Content, Cx, FinalUser};
use super::environment::{Wanted, wanted};
use super::packages;
use super::path::{is_below, is_system_directory};
use super::trace::Refusal;
use crate::draft::{Draft, Need};
use crate::exec::quote;
use crate::file::File;
use crate::finding::Level;
use crate::globals::names;
use crate::script::layout_size;

/// Why Node is not the first process.
pub(super) const INIT: &str =
    "Node does not forward signals as the first process; dumb-init, which the image has, does";

/// The new stage and everything that changes around it.
#[derive(Debug)]
pub(crate) struct SplitPlan {
    /// The stage that becomes the builder.
    pub(crate) stage: usize,
    /// Something is built in it; else it is the runtime itself.
    pub(crate) builds: bool,
    /// The runtime's image below the registry.
    pub(crate) image: String,
    /// Its tag.
    pub(crate) tag: String,
    /// Where the new stage begins.
    pub(super) at: TextSize,
    /// Its lines behind FROM.
    pub(super) lines: Vec<String>,
    /// Lines for the builder.
    pub(super) builder_lines: Vec<BuilderLine>,
    /// A line before the start command: where, the instruction, the text.
    pub(super) start_line: Option<(TextSize, usize, String)>,
    /// Packages that the builder needs.
    pub(super) needs: Vec<Need>,
    /// RUNs that leave.
    pub(super) dissolved: BTreeSet<usize>,
    /// Start commands that change, with what is said about it.
    pub(super) starts: Vec<(usize, String)>,
    /// All other edits.
    pub(super) edits: Vec<Edit>,
    /// What the new FROM has after its keyword, with a blank.
    pub(super) flags: String,
    /// The name of the new stage.
    pub(super) name: Option<String>,
    /// Remarks for the finding.
    pub(super) remarks: Vec<String>,
    pub(super) doubtful: bool,
}

/// A line that is put into the builder.
#[derive(Debug)]
pub(super) struct BuilderLine {
    /// Where.
    pub(super) at: TextSize,
    /// Without line ending.
    pub(super) text: String,
    /// The instruction it is about.
    pub(super) instruction: usize,
    /// What it does.
    pub(super) why: String,
    /// It goes before the instruction, not after.
    pub(super) before: bool,
}

impl BuilderLine {
    /// The variables that it sets.
    pub(super) fn variables(&self) -> impl Iterator<Item = String> + use<'_> {
        let words = self.text.split_whitespace();
        let sets = self.text.get(..4).is_some_and(|keyword| keyword.eq_ignore_ascii_case("env "));
        words.skip(1).filter_map(|word| Some(word.split_once('=')?.0.to_owned())).filter(move |_| sets)
    }

    /// Whether it runs a command.
    pub(super) fn runs(&self) -> bool {
        self.text.get(..4).is_some_and(|keyword| keyword.eq_ignore_ascii_case("run "))
    }
}

/// Instructions of a stage that leave.
pub(super) fn gone(_file: &File<'_>, draft: &Draft, _stage: usize) -> HashSet<usize> {
    draft.dropped_instructions.clone()
}

/// Edits that earlier rules make inside a range.
fn edits_in(draft: &Draft, range: TextRange) -> Vec<Edit> {
    let fixes = draft.findings.iter().filter_map(|finding| finding.fix.as_ref());
    let mut edits: Vec<Edit> =
        fixes.flat_map(|fix| &fix.edits).filter(|edit| range.contains_range(edit.range)).cloned().collect();
    edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
    edits.dedup();
    edits
}

/// The text of `range` after `edits`, which are sorted and lie inside it.
fn apply(text: &str, range: TextRange, edits: &[Edit]) -> String {
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

/// Writes the split of a stage.
pub(super) struct Writer<'c, 'a> {
    cx: &'c Cx<'a>,
    content: &'c Content,
    /// Account RUNs that leave.
    dissolved: &'c BTreeSet<usize>,
    builder: String,
    /// The stage becomes a builder.
    builds: bool,
    edits: Vec<Edit>,
    starts: Vec<(usize, String)>,
    /// A line before the start command of the tail: where, the instruction, the text.
    start_line: Option<(TextSize, usize, String)>,
}

impl<'c, 'a> Writer<'c, 'a> {
    pub(super) fn new(cx: &'c Cx<'a>, content: &'c Content, dissolved: &'c BTreeSet<usize>) -> Self {
        let builder = builder_name(cx.file);
        Self { cx, content, dissolved, builder, builds: true, edits: Vec::new(), starts: Vec::new(), start_line: None }
    }

    fn file(&self) -> &'a File<'a> {
        self.cx.file
    }

    fn keyword(&self, keyword: &str) -> String {
        self.file().keyword(self.cx.stage, keyword)
    }

    /// The owner of the application's files.
    fn owner(&self) -> String {
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
            _ => "65532:65532".to_owned(),
        }
    }

    /// Whether a user is the one that the old image was made for, in whose place the new one's steps.
    fn is_of_the_old_image(&self, user: &str) -> bool {
        let file = self.file();
        let source = file.stages[self.cx.stage].source.as_ref();
        let image = source.and_then(|source| file.mappings.source_image(&source.name, source.tag.as_deref()));
        let name = |user: &str| user.split(':').next().unwrap_or_default().to_owned();
        image.is_some_and(|image| !image.user.is_empty() && name(&image.user) == name(user))
    }

    pub(super) fn write(mut self) -> Result<SplitPlan, Refusal> {
        let file = self.file();
        let last = self.cx.last_build;
        if !file.is_closed(last) {
            return self.cx.refuse(last, "a continuation is left open there");
        }
        let from = file.dockerfile.stages[self.cx.stage].instructions.start;
        let name = self.name_builder(from);
        self.tail_edits()?;
        self.start_edits();
        self.health_check()?;
        self.user_edits();
        self.dissolve();
        let mut lines = self.lines()?;
        if self.spaced() && !lines.is_empty() {
            lines.insert(0, String::new());
        }
        let flags: String =
            file.instruction(from).flags.iter().map(|flag| format!("{} ", &file.text[flag.range])).collect();
        let own = self.content.builder_lines.iter().map(|prepared| BuilderLine {
            at: file.line_before(self.before_copies(prepared.before)),
            text: prepared.line.clone(),
            instruction: self.before_copies(prepared.before),
            why: prepared.why.to_owned(),
            before: true,
        });
        let mut builder_lines: Vec<BuilderLine> = own.collect();
        builder_lines.extend(self.chroot_lines()?);
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
            dissolved: self.dissolved.clone(),
            remarks: self.content.remarks.clone(),
            doubtful: self.content.doubtful,
        })
    }

    /// The stage becomes the runtime itself: nothing in it is to be built.
    pub(super) fn write_runtime(mut self) -> Result<SplitPlan, Refusal> {
        let file = self.file();
        let from = file.dockerfile.stages[self.cx.stage].instructions.start;
        self.builds = false;
        self.builder = free_name(file, &["packages", "runtime-packages"]);
        self.tail_edits()?;
        self.start_edits();
        self.health_check()?;
        self.user_edits();
        self.dissolve();
        self.move_home();
        let mut builder_lines = Vec::new();
        if !self.content.packages.is_empty() {
            let line = file.line_before(from);
            let why = self.packages_why();
            let text =
                |text: String| BuilderLine { at: line, text, instruction: from, why: why.clone(), before: false };
            let image = self.apk_image();
            let keyword = |keyword: &str| self.keyword(keyword);
            let mut lines = vec![format!("{} {image} {} {}", keyword("FROM"), keyword("AS"), self.builder)];
            if !self.apk_as_root() {
                lines.push(format!("{} root", keyword("USER")));
            }
            lines.extend(self.chroot_text());
            lines.push(String::new());
            builder_lines.extend(lines.into_iter().map(text));
            let copy = format!("{} --link --from={} /base-chroot /", keyword("COPY"), self.builder);
            builder_lines.push(BuilderLine {
                at: file.line_after(from),
                text: copy,
                instruction: from,
                why: "the image with its packages takes the place of the image alone".to_owned(),
                before: false,
            });
        }
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
            dissolved: self.dissolved.clone(),
            remarks: self.content.remarks.clone(),
            doubtful: self.content.doubtful,
        })
    }

    fn needs(&self) -> Vec<Need> {
        let need = |(instruction, package, why): &(usize, String, &str)| Need {
            package: package.clone(),
            rule: &crate::rules::stage_split::RULE,
            why: format!("`{package}`: {why}"),
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
            (true, _) => format!("{}/{}:{}-dev", file.registry(), self.content.image, self.content.tag),
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
        format!("the runtime needs {} too", names.join(", "))
    }

    /// A copy of the runtime's image with its packages in it.
    fn chroot_text(&self) -> Vec<String> {
        let image = format!("{}/{}:{}", self.file().registry(), self.content.image, self.content.tag);
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
                let keyword = self.file().keyword(self.cx.stage, "AS");
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
            let chown = instruction.flags.iter().find(|flag| flag.name == "chown");
            let in_tail = index > self.cx.last_build;
            match chown.and_then(|flag| flag.value.as_ref()) {
                Some(value) => {
                    let user = value.text.split(':').next().unwrap_or_default().to_owned();
                    let made_here = self.cx.trace.accounts.contains(&user);
                    if made_here && (in_tail || !self.dissolved.is_empty()) || (in_tail && !self.knows_user(&user)) {
                        self.edits.push(Edit::replace(value.range, owner.clone()));
                    }
                }
                None if self.content.owned_tail.contains(&index) => {
                    self.edits.push(Edit::insert(instruction.keyword_range.end(), format!(" --chown={owner}")));
                }
                None => {}
            }
        }
        Ok(())
    }

    fn knows_user(&self, user: &str) -> bool {
        if user.starts_with(|c: char| c.is_ascii_digit()) || user.contains('$') || matches!(user, "root" | "") {
            return true;
        }
        // Accounts that a copied file brings.
        if self.cx.tail().next().is_some() && self.cx.trace.has("/etc/passwd") {
            return true;
        }
        let config = self.file().mappings.image_config(&self.content.image, "runtime");
        config.is_some_and(|config| config.user == user || config.other_users.iter().any(|other| other.name == user))
    }

    /// ENTRYPOINT and CMD in exec form, and as the runtime image needs them.
    fn start_edits(&mut self) {
        let start = &self.content.start;
        for (index, words) in &start.rewritten {
            let instruction = self.file().instruction(*index);
            if let Arguments::Command(CommandForm::Shell { range, .. } | CommandForm::Exec { range, .. }) =
                &instruction.arguments
            {
                self.edits.push(Edit::replace(*range, array(words)));
                let what = match words.is_empty() {
                    true => "the runtime's entrypoint starts it without arguments".to_owned(),
                    false => format!("the runtime has no shell, it starts `{}`", words.join(" ")),
                };
                self.starts.push((*index, what));
            }
        }
        for index in &self.content.needless_start {
            self.edits.push(Edit::delete(self.lines_of(*index)));
            self.starts.push((*index, "the image starts this by itself".to_owned()));
        }
        let needless = |cmd: &usize| self.content.keeps_cmd || self.content.needless_start.contains(cmd);
        let Some(cmd) = start.cmd.filter(|cmd| start.entrypoint.is_none() && !needless(cmd)) else { return };
        let instruction = self.file().instruction(cmd);
        if let Some(init) = self.content.init {
            let line = format!("{} {init}", self.keyword("ENTRYPOINT"));
            let at = self.file().layout(false).line_start(instruction.range.start());
            // In the tail it may meet the new stage at one place.
            if cmd > self.cx.last_build {
                self.start_line = Some((at, cmd, line));
            } else {
                self.starts.push((cmd, INIT.to_owned()));
                self.edits.push(Edit::insert(at, format!("{line}{}", self.file().newline())));
            }
            return;
        }
        let config = self.file().mappings.image_config(&self.content.image, "runtime");
        if config.is_none_or(|config| !config.entrypoint.is_empty()) {
            let lower = self.file().text[instruction.keyword_range].chars().all(|c| c.is_ascii_lowercase());
            let message =
                "the runtime's own entrypoint would take this command for its arguments; it becomes the ENTRYPOINT";
            self.starts.push((cmd, message.to_owned()));
            self.edits.push(Edit::replace(instruction.keyword_range, if lower { "entrypoint" } else { "ENTRYPOINT" }));
        }
    }

    fn health_check(&mut self) -> Result<(), Refusal> {
        let file = self.file();
        let Some((index, instruction)) =
            file.body(self.cx.stage).rfind(|(_, instruction)| instruction.keyword == Keyword::Healthcheck)
        else {
            return Ok(());
        };
        let Arguments::Healthcheck(Some(form)) = &instruction.arguments else { return Ok(()) };
        if let CommandForm::Shell { range, .. } = form
            && !self.runtime_has_shell()
        {
            let Some(script) = file.scripts[index].first() else { return Ok(()) };
            match super::start::simple_words(script, true) {
                Ok(words) => self.edits.push(Edit::replace(*range, array(&words))),
                Err(reason) => return self.cx.refuse(index, format!("the health check needs a shell: {reason}")),
            }
        }
        Ok(())
    }

    fn runtime_has_shell(&self) -> bool {
        let config = self.file().mappings.image_config(&self.content.image, "runtime");
        config.is_some_and(|config| config.has_shell == Some(true))
    }

    /// USER lines that name accounts which the runtime does not have.
    fn user_edits(&mut self) {
        let FinalUser::Named { instruction, user } = &self.cx.user else { return };
        if *instruction > self.cx.last_build && !self.knows_user(user.split(':').next().unwrap_or_default()) {
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
            // What is said about packages is said about those of the runtime, which take the place.
            let packages = self.content.packages.values().any(|from| from == index);
            let lines = if packages && self.builds { self.own_lines(*index) } else { self.lines_of(*index) };
            self.edits.push(Edit::delete(lines));
        }
    }

    /// The lines of an instruction alone.
    fn own_lines(&self, index: usize) -> TextRange {
        let layout = self.file().layout(false);
        let range = self.file().instruction(index).range;
        TextRange::new(layout.line_start(range.start()), layout.line_end(range.end()))
    }

    /// The lines of an instruction with the comments that describe it, and one blank line where two would be left.
    fn lines_of(&self, index: usize) -> TextRange {
        let file = self.file();
        let own = crate::instructions::lines_of(file, index);
        match file.comments_above(index).first() {
            Some(comment)
                if !crate::comments::speaks_only_of_packages(&file.text[*comment])
                    || !file.comments_above(index).is_empty() =>
            {
                let start = file.layout(false).line_start(comment.start());
                let before = &file.text[..usize::from(start)];
                let blank_before = before.is_empty() || before.ends_with("\n\n") || before.ends_with("\r\n\r\n");
                let after = &file.text[usize::from(own.end())..];
                let blank_after = if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with('\n')) };
                let end = if blank_before { own.end() + layout_size(blank_after) } else { own.end() };
                TextRange::new(start, end)
            }
            _ => own,
        }
    }

    /// The lines of the runtime stage behind FROM.
    fn lines(&mut self) -> Result<Vec<String>, Refusal> {
        let head: Vec<usize> = self
            .file()
            .body(self.cx.stage)
            .map(|(index, _)| index)
            .take_while(|index| *index <= self.cx.last_build)
            .collect();
        let head: Vec<usize> =
            head.into_iter().filter(|index| !self.cx.draft.dropped_instructions.contains(index)).collect();
        let mut early: Vec<(usize, String)> = Vec::new();
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
                _ if self.content.needless_start.contains(index) => {}
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
        let mut lines = Vec::new();
        if !self.content.packages.is_empty() {
            lines.push(format!("{} --link --from={} /base-chroot /", self.keyword("COPY"), self.builder));
        }
        let workdir = self.workdir();
        let named: Vec<String> = late.iter().cloned().chain(workdir.clone()).collect();
        self.add_arguments(&head, &mut early, &named);
        early.sort_by_key(|(index, _)| *index);
        lines.extend(early.into_iter().map(|(_, text)| text));
        let own = self.content.env.iter().filter(|env| !self.has_line(env));
        lines.extend(own.map(|env| format!("{} {env}", self.keyword("ENV"))));
        lines.extend(workdir);
        for copied in &self.content.copies {
            let owner = if copied.owned { format!("--chown={} ", self.owner()) } else { String::new() };
            let path = word(&copied.path);
            lines.push(format!("{} --from={} {owner}{path} {path}", self.keyword("COPY"), self.builder));
        }
        lines.extend(late);
        for index in moved {
            let range = self.lines_of(index);
            self.edits.retain(|edit| !range.contains_range(edit.range));
            self.edits.push(Edit::delete(range));
        }
        Ok(lines)
    }

    fn has_line(&self, env: &str) -> bool {
        self.file().text[self.file().instruction(self.cx.last_build).range].contains(env)
    }

    /// The text of an instruction with all edits, and the comments above it.
    fn moved_text(&self, index: usize) -> String {
        let file = self.file();
        let instruction = file.instruction(index);
        let comments: String = file
            .comments_above(index)
            .into_iter()
            .map(|comment| format!("{}{}", &file.text[comment], file.newline()))
            .collect();
        let mut edits = edits_in(self.cx.draft, instruction.range);
        edits.extend(self.edits.iter().filter(|edit| instruction.range.contains_range(edit.range)).cloned());
        edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
        edits.dedup();
        format!("{comments}{}", apply(file.text, instruction.range, &edits))
    }

    /// An ENV of the builder as the runtime needs it, and whether it leaves the builder.
    fn environment(&self, index: usize, instruction: &Instruction) -> Option<(String, bool)> {
        let Arguments::Pairs(pairs) = &instruction.arguments else { return None };
        let compiled = matches!(self.content.image.as_str(), "static" | "glibc-dynamic");
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
    fn only_installs(&self) -> bool {
        let tools: Vec<&&str> = self.cx.trace.tools.keys().collect();
        let compiled = matches!(self.content.image.as_str(), "static" | "glibc-dynamic");
        compiled
            || tools.iter().all(|tool| matches!(**tool, "pip"))
                && !self.cx.trace.called.contains("python")
                && !self.cx.trace.called.contains("python3")
    }

    /// Whether a later instruction of the builder names a variable.
    fn builder_uses(&self, index: usize, name: &str) -> bool {
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
    fn runtime_uses(&self, name: &str) -> bool {
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
    fn runtime_takes(&self, index: usize, instruction: &Instruction) -> bool {
        let compiled = matches!(self.content.image.as_str(), "static" | "glibc-dynamic");
        let Arguments::Pairs(pairs) = &instruction.arguments else { return false };
        instruction.keyword == Keyword::Env
            && pairs.iter().any(|pair| {
                wanted(&pair.key.text, compiled) != Wanted::Build
                    && !(compiled && pair.key.text == "PATH")
                    && !self.is_dead_path(index, pair)
            })
    }

    /// Whether a pair only puts directories before PATH that the runtime does not have.
    fn is_dead_path(&self, index: usize, pair: &KeyValue) -> bool {
        let Some(value) = pair.value.as_ref().filter(|_| pair.key.text == "PATH") else { return false };
        let mut added = value.text.trim_matches('"').split(':').filter(|part| !matches!(*part, "$PATH" | "${PATH}"));
        let there = |part: &str| {
            let scope = self.file().evaluation.scope(index);
            let Some(path) = scope.expand(part).ok().and_then(|found| found.value.text().map(str::to_owned)) else {
                return true;
            };
            let kept = self.content.copies.iter().any(|copied| is_below(&path, &copied.path));
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
    fn add_arguments(&self, head: &[usize], early: &mut Vec<(usize, String)>, late: &[String]) {
        let file = self.file();
        let mut used: HashSet<String> = HashSet::new();
        let collect = |text: &str, used: &mut HashSet<String>| used.extend(names(text).map(str::to_owned));
        early.iter().for_each(|(_, text)| collect(text, &mut used));
        late.iter().for_each(|text| collect(text, &mut used));
        self.cx.tail().for_each(|(_, instruction)| collect(&file.text[instruction.range], &mut used));
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
    fn workdir(&self) -> Option<String> {
        let file = self.file();
        let head_last = file
            .body(self.cx.stage)
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

    /// Whether the old image's own working directory was in use, and the runtime's is another one.
    fn loses_directory(&self) -> bool {
        let config = self.file().mappings.image_config(&self.content.image, "runtime");
        let own = config.map(|config| config.workdir).unwrap_or_default();
        let same = own.trim_end_matches('/') == self.cx.start_directory.trim_end_matches('/');
        self.cx.trace.implied_cwd.is_some() && !same
    }

    /// The words of a WORKDIR that names nothing but arguments of its own stage, which the runtime has too then.
    fn workdir_words(&self, index: usize) -> Option<&'a str> {
        let file = self.file();
        let Arguments::Words(words) = &file.instruction(index).arguments else { return None };
        let text = &file.text[words.first()?.range];
        let mut used = names(text).peekable();
        used.peek()?;
        let declared = |name: &str| {
            file.body(self.cx.stage).any(|(other, instruction)| {
                let pairs = matches!(&instruction.arguments, Arguments::Pairs(pairs) if pairs.iter().any(|pair| pair.key.text == name));
                other < index && instruction.keyword == Keyword::Arg && pairs
            })
        };
        used.all(declared).then_some(text)
    }

    /// A USER line of the builder: gone from there when nothing runs under it, and in the runtime when it holds there.
    fn user_line(&self, index: usize, moved: &mut Vec<usize>) -> Option<String> {
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

    /// The lines that lay the runtime's packages over its image, and where they go.
    fn chroot_lines(&self) -> Result<Vec<BuilderLine>, Refusal> {
        if self.content.packages.is_empty() {
            return Ok(Vec::new());
        }
        let file = self.file();
        let lines = self.chroot_text();
        let last_install = self.content.packages.values().copied().filter(|index| file.is(*index, Keyword::Run)).max();
        let first_run = self.cx.trace.runs.first().copied();
        let last_install = last_install.filter(|index| *index <= self.cx.last_build);
        let by_other_user = file.body(self.cx.stage).filter(|(_, instruction)| instruction.keyword == Keyword::User).any(|(index, instruction)| {
            let root = matches!(&instruction.arguments, Arguments::Words(words) if words.first().is_some_and(|word| crate::rules::root_user::is_root(&word.text)));
            index < last_install.or(first_run).unwrap_or(0) && !root
        });
        if by_other_user {
            return self.cx.refuse(
                last_install.or(first_run).unwrap_or(self.cx.last_build),
                "packages for the runtime would have to be installed as a user without rights",
            );
        }
        let (at, instruction) = match (last_install, first_run) {
            (Some(index), _) if file.is_closed(index) => (file.line_after(index), index),
            (_, Some(index)) => {
                let index = self.before_copies(index);
                (file.line_before(index), index)
            }
            _ => return self.cx.refuse(self.cx.last_build, "there is no place to install what the runtime needs"),
        };
        let why = self.packages_why();
        let before = at == file.line_before(instruction);
        let line = |text| BuilderLine { at, text, instruction, why: why.clone(), before };
        Ok(lines.into_iter().map(line).collect())
    }
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
    NAMES.contains(&name)
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

/// A path as one word of COPY.
fn word(path: &str) -> String {
    if path.contains(' ') { format!("\"{path}\"") } else { path.to_owned() }
}
