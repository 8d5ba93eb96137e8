//! One install command while it is rewritten: its head, its options, and what is told about it.

use std::collections::HashSet;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::Distro;
use wolfify_syntax::shell::ShellWord;

use super::records::UNKNOWN;
use crate::commands::{CommandCx, is_unconditional};
use crate::draft::{Draft, Install};
use crate::finding::Level;
use crate::managers::environment::manager_variable;
use crate::managers::{OptionRole, OptionUse, PackageCommand};
use crate::marks::BUILD_DEPS;
use crate::rule::Rule;
use crate::rules::package_environment::has_cache_mount;
use crate::words::{WordEdit, WordFate, edits, separator};

/// An install command while it is rewritten.
pub(super) struct Rewrite<'a, 'b> {
    pub(super) cx: &'a CommandCx<'b>,
    pub(super) command: &'a PackageCommand,
    pub(super) distro: Distro,
    pub(super) rule: &'static Rule,
    pub(super) words: Vec<WordEdit>,
    /// Wolfi packages, in order.
    pub(super) packages: Vec<String>,
    pub(super) seen: HashSet<String>,
    pub(super) renamed: Vec<String>,
    /// Findings about single words; their edit is the word's.
    pub(super) remarks: Vec<Remark>,
    pub(super) kept: usize,
    /// What it installs is removed again by apt's marks.
    pub(super) leaves_again: bool,
}

pub(super) struct Remark {
    rule: &'static Rule,
    level: Level,
    range: TextRange,
    message: String,
    done: bool,
}

impl<'a, 'b> Rewrite<'a, 'b> {
    pub(super) fn new(cx: &'a CommandCx<'b>, command: &'a PackageCommand, distro: Distro, rule: &'static Rule) -> Self {
        Self {
            cx,
            command,
            distro,
            rule,
            words: Vec::new(),
            packages: Vec::new(),
            seen: HashSet::new(),
            renamed: Vec::new(),
            remarks: Vec::new(),
            kept: 0,
            leaves_again: false,
        }
    }

    pub(super) fn word(&self, index: usize) -> &ShellWord {
        &self.cx.command.words[index]
    }

    pub(super) fn fate(&mut self, index: usize, fate: WordFate) {
        let range = self.word(index).span.range;
        self.words.push(WordEdit { range, fate });
    }

    /// `sudo apt-get -y install` to `apk add --no-cache`.
    pub(super) fn head(&mut self) {
        for wrapper in &self.cx.command.wrappers {
            if matches!(wrapper.name.as_str(), "sudo" | "doas" | "env" | "eatmydata") {
                for index in wrapper.words.clone() {
                    self.fate(index, WordFate::Delete);
                }
            }
        }
        for assignment in &self.cx.command.assignments {
            if manager_variable(&assignment.name).is_some() {
                self.words.push(WordEdit { range: assignment.span.range, fate: WordFate::Delete });
            }
        }
        if self.distro == Distro::Alpine {
            self.apk_head();
        } else {
            self.foreign_head();
        }
    }

    fn foreign_head(&mut self) {
        self.fate(self.command.name_index, WordFate::Replace(vec!["apk".to_owned()]));
        let verb: Vec<String> = std::iter::once("add").chain(self.options()).map(str::to_owned).collect();
        match self.command.action_words.split_first() {
            Some((first, rest)) => {
                self.fate(*first, WordFate::Replace(verb));
                for index in rest {
                    self.fate(*index, WordFate::Delete);
                }
            }
            None => {
                self.words.pop();
                let words = std::iter::once("apk").chain(verb.iter().map(String::as_str)).map(str::to_owned).collect();
                self.fate(self.command.name_index, WordFate::Replace(words));
            }
        }
        let options: Vec<usize> = self.command.options.iter().flat_map(option_words).collect();
        for index in options {
            self.fate(index, WordFate::Delete);
        }
        if let Some(index) = self.command.end_of_options {
            self.fate(index, WordFate::Delete);
        }
    }

    /// apk's options for an install of another manager.
    fn options(&self) -> impl Iterator<Item = &'static str> {
        let name = self.leaves_again.then_some(["--virtual", BUILD_DEPS]);
        std::iter::once(self.cache_option()).chain(name.into_iter().flatten())
    }

    /// Without a cache mount no index and no package is kept.
    fn cache_option(&self) -> &'static str {
        let instruction = self.cx.file.instruction(self.cx.id.instruction);
        if has_cache_mount(instruction) { "--update-cache" } else { "--no-cache" }
    }

    /// Alpine's own: only what Wolfi does not have goes.
    fn apk_head(&mut self) {
        let goes = |option: &&OptionUse| {
            matches!(
                option.role,
                OptionRole::Repository
                    | OptionRole::Refresh
                    | OptionRole::RepositoriesFile
                    | OptionRole::AllowUntrusted
            )
        };
        let deleted: Vec<usize> = self.command.options.iter().filter(goes).flat_map(option_words).collect();
        for index in deleted {
            self.fate(index, WordFate::Delete);
        }
        if !self.command.has(&OptionRole::NoCache)
            && let Some(&verb) = self.command.action_words.last()
        {
            let text = self.word(verb).text.clone();
            self.fate(verb, WordFate::Replace(vec![text, self.cache_option().to_owned()]));
        }
    }

    pub(super) fn missing(&mut self, index: usize, advice: &str, draft: &mut Draft) {
        draft.packages.unknown += 1;
        draft.unknown_stages.insert(self.cx.stage);
        self.kept += 1;
        let text = self.word(index).text.clone();
        self.remark(
            index,
            &UNKNOWN,
            Level::Error,
            format!("`{text}` has no known counterpart on Wolfi; {advice}"),
            false,
        );
    }

    pub(super) fn remark(&mut self, index: usize, rule: &'static Rule, level: Level, message: String, done: bool) {
        let range = self.word(index).span.range;
        self.remarks.push(Remark { rule, level, range, message, done });
    }

    pub(super) fn finish(mut self, draft: &mut Draft) {
        if self.packages.is_empty() && self.kept == 0 {
            self.nothing_left(draft);
            return;
        }
        self.words.sort_by_key(|word| word.range.start());
        let edits = self.edits();
        let message = self.message();
        self.report_remarks(draft, &edits);
        let install = self.record();
        for package in &install.packages {
            draft.installed.add(self.cx.stage, package, self.cx.id.instruction);
            if install.unconditional {
                draft.brought.add(self.cx.stage, package, self.cx.id.instruction);
            }
        }
        if let Some(name) = self.command.settings().virtual_name {
            draft.virtuals.add(self.cx.stage, &name.display(), self.cx.id.instruction);
        }
        if let Some(tools) = draft.build_tools.get_mut(&(self.cx.id.instruction, self.cx.id.script)) {
            tools.is_virtual |= self.leaves_again;
        }
        draft.installs.entry(self.cx.id.instruction).or_default().push(install);
        if self.cx.command.wrappers.iter().any(|wrapper| wrapper.name == "sudo") {
            draft.root_commands.insert(self.cx.id.instruction);
        }
        if edits.is_empty() {
            draft.claimed.insert(self.cx.id);
            return;
        }
        draft.rewrite(self.cx, self.rule, Level::Note, message, "Install with apk", edits);
    }

    fn edits(&self) -> Vec<Edit> {
        if self.cx.exec_form() {
            return crate::exec::edits(self.cx, &self.words);
        }
        edits(&self.cx.layout(), self.cx.command.span.range, &self.words)
    }

    fn message(&self) -> String {
        let what = format!("`{}` becomes `apk add`", self.command.manager.name());
        if self.renamed.is_empty() { what } else { format!("{what}; {}", self.renamed.join(", ")) }
    }

    /// All packages are there already or have no meaning: the command goes.
    fn nothing_left(&self, draft: &mut Draft) {
        let reasons: Vec<String> = self.remarks.iter().map(|remark| remark.message.clone()).collect();
        let message = if reasons.is_empty() {
            "an install without packages has nothing to do".to_owned()
        } else {
            format!("nothing is left to install: {}", reasons.join("; "))
        };
        draft.remove(self.cx, self.rule, Level::Note, message);
    }

    fn report_remarks(&mut self, draft: &mut Draft, edits: &[Edit]) {
        for remark in std::mem::take(&mut self.remarks) {
            // A remark about something done carries the edits of its command: a word alone would not build.
            let fix = remark.done.then(|| ("Install with apk", crate::words::edits_of(edits, remark.range)));
            let done_without_edit = fix.as_ref().is_some_and(|(_, edits)| edits.is_empty());
            if !done_without_edit {
                draft.report(remark.rule, remark.level, remark.range, remark.message, fix);
            }
        }
    }

    fn record(&self) -> Install {
        let last = self.last_kept_word();
        Install {
            id: self.cx.id,
            last_word: last,
            separator: separator(&self.cx.layout(), last),
            packages: self.packages.clone(),
            unconditional: is_unconditional(self.cx.place) && !self.cx.exec_form(),
            temporary: self.leaves_again || self.command.settings().virtual_name.is_some(),
        }
    }

    /// The last word that is not deleted, behind which names can be added.
    fn last_kept_word(&self) -> TextRange {
        let deleted: HashSet<TextRange> =
            self.words.iter().filter(|word| word.fate == WordFate::Delete).map(|word| word.range).collect();
        let kept = self.cx.command.words.iter().map(|word| word.span.range).rfind(|range| !deleted.contains(range));
        kept.unwrap_or(self.cx.command.span.range)
    }
}

impl Remark {
    /// Whether it comes from this rule.
    pub(super) fn is(&self, rule: &'static Rule) -> bool {
        std::ptr::eq(self.rule, rule)
    }
}

fn option_words(option: &OptionUse) -> Vec<usize> {
    let value = option.value.as_ref().map(|value| value.word_index).filter(|index| *index != option.word_index);
    std::iter::once(option.word_index).chain(value).collect()
}
