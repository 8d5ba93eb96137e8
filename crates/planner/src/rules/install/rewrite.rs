//! One install command while it is rewritten: its head, its options, and what is told about it.

use std::collections::{HashMap, HashSet};

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

/// A list of fewer names is in order by chance.
const SORTED: usize = 3;

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
    /// What became of the options of Alpine's own command.
    adapted: Vec<String>,
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
            adapted: Vec::new(),
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
        let verb: Vec<&str> = std::iter::once("add").chain(self.options()).collect();
        match self.command.action_words.split_first() {
            Some((first, rest)) => {
                let verb = self.head_words(&verb);
                self.fate(*first, verb);
                for index in rest {
                    self.fate(*index, WordFate::Delete);
                }
            }
            None => {
                self.words.pop();
                let words: Vec<&str> = std::iter::once("apk").chain(verb).collect();
                let words = self.head_words(&words);
                self.fate(self.command.name_index, words);
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

    /// Words of the head stand on one line, however the author lays out the names.
    fn head_words(&self, words: &[&str]) -> WordFate {
        let words = words.iter().map(|word| (*word).to_owned());
        WordFate::Replace(if self.cx.exec_form() { words.collect() } else { vec![words.collect::<Vec<_>>().join(" ")] })
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
            let text = self.word(index).text.clone();
            if text.starts_with('-') {
                self.adapted.push(format!("`{text}` goes"));
            }
            self.fate(index, WordFate::Delete);
        }
        if !self.command.has(&OptionRole::NoCache)
            && let Some(&verb) = self.command.action_words.last()
        {
            let text = self.word(verb).text.clone();
            let words = self.head_words(&[&text, self.cache_option()]);
            self.adapted.push(match self.cache_option() {
                "--no-cache" => "`--no-cache` leaves no index behind".to_owned(),
                option => format!("`{option}` reads a fresh index into the cache mount"),
            });
            self.fate(verb, words);
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
        if self.was_sorted() {
            let operands = self.operands();
            sort_names(&mut self.words, &operands);
        }
        let edits = self.edits();
        let message = self.message();
        let first_finding = draft.findings.len();
        self.report_remarks(draft, &edits);
        let mut install = self.record();
        // The finding about the whole command comes last.
        install.findings = first_finding..draft.findings.len() + usize::from(!edits.is_empty());
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
        let what = match self.command.manager.name() {
            "apk" if self.adapted.is_empty() => "`apk add` is adapted to Wolfi".to_owned(),
            "apk" => format!("`apk add` is adapted to Wolfi: {}", self.adapted.join(", ")),
            manager => format!("`{manager}` becomes `apk add`"),
        };
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
        let level = match self.remarks.iter().any(|remark| remark.level == Level::Warning) {
            true => Level::Warning,
            false => Level::Note,
        };
        draft.remove(self.cx, self.rule, level, message);
    }

    fn report_remarks(&mut self, draft: &mut Draft, edits: &[Edit]) {
        for remark in std::mem::take(&mut self.remarks) {
            // A remark about something done carries the edits of its command: a word alone would not build.
            let fix = remark.done.then(|| ("Install with apk", crate::words::edits_of(edits, remark.range)));
            let done_without_edit = fix.as_ref().is_some_and(|(_, edits)| edits.is_empty());
            // What stays as Alpine's author wrote it may still be in doubt.
            if !done_without_edit || remark.is(self.rule) {
                let fix = fix.filter(|_| !done_without_edit);
                draft.report(remark.rule, remark.level, remark.range, remark.message, fix);
            }
        }
    }

    fn record(&self) -> Install {
        let last = self.last_kept_word();
        Install {
            id: self.cx.id,
            range: self.cx.command.span.range,
            rule: self.rule,
            findings: 0..0,
            operands: self.operands_if_plain(),
            last_word: last,
            separator: separator(&self.cx.layout(), last),
            packages: self.packages.clone(),
            unconditional: is_unconditional(self.cx.place) && !self.cx.exec_form(),
            temporary: self.leaves_again || self.command.settings().virtual_name.is_some(),
        }
    }

    /// Whether the author kept the list in the order of the alphabet. Comments in it make groups, which keep their order.
    fn was_sorted(&self) -> bool {
        let words = self.operands();
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let layout = self.cx.layout();
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
        let list = first.span.range.cover(last.span.range);
        texts.len() >= SORTED
            && !self.cx.exec_form()
            && texts.is_sorted()
            && texts.iter().all(|text| crate::words::is_plain(text))
            && self.packages.iter().all(|name| crate::words::is_plain(name))
            && self.last_kept_word().start() >= list.start()
            && layout.comments_in(list).is_empty()
            && !layout.slice(list).contains('#')
    }

    fn operands(&self) -> Vec<ShellWord> {
        self.command.arguments.iter().map(|argument| self.word(argument.word_index).clone()).collect()
    }

    /// The operands as they will stand, if the command is `apk add` with the usual option and nothing else: no prefix, no
    /// redirection, no option of the author's.
    fn operands_if_plain(&self) -> Option<Vec<String>> {
        let command = self.cx.command;
        let fate = |range: TextRange| self.words.iter().find(|word| word.range == range).map(|word| &word.fate);
        let goes = |range: TextRange| fate(range) == Some(&WordFate::Delete);
        let ours = |option: &OptionUse| {
            option.role == OptionRole::NoCache
                || option_words(option).iter().all(|index| goes(self.word(*index).span.range))
        };
        let mut wrappers = command.wrappers.iter().flat_map(|wrapper| wrapper.words.clone());
        let plain = command.redirects.is_empty()
            && command.nested.is_empty()
            && command.assignments.iter().all(|assignment| goes(assignment.span.range))
            && wrappers.all(|index| goes(self.word(index).span.range))
            && self.command.options.iter().all(ours)
            && !self.cx.exec_form()
            && !self.cx.place.in_operand;
        let operands = self.command.arguments.iter().map(|argument| self.word(argument.word_index));
        let texts = operands.flat_map(|word| match fate(word.span.range) {
            Some(WordFate::Delete) => Vec::new(),
            Some(WordFate::Replace(texts)) => texts.clone(),
            _ => vec![word.text.clone()],
        });
        plain.then(|| texts.collect())
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

/// Puts the new names in order: every place keeps as many as it had.
fn sort_names(words: &mut Vec<WordEdit>, operands: &[ShellWord]) {
    let places: HashMap<TextRange, usize> = words.iter().enumerate().map(|(index, word)| (word.range, index)).collect();
    let texts_of = |word: &ShellWord| match places.get(&word.span.range).map(|index| &words[*index].fate) {
        Some(WordFate::Delete) => Vec::new(),
        Some(WordFate::Replace(texts)) => texts.clone(),
        _ => vec![word.text.clone()],
    };
    let old: Vec<Vec<String>> = operands.iter().map(texts_of).collect();
    let mut new: Vec<String> = old.iter().flatten().cloned().collect();
    if new.is_sorted() {
        return;
    }
    new.sort_unstable();
    let mut new = new.into_iter();
    for (word, old) in operands.iter().zip(old).filter(|(_, old)| !old.is_empty()) {
        let fate = WordFate::Replace(new.by_ref().take(old.len()).collect());
        match places.get(&word.span.range) {
            Some(index) => words[*index].fate = fate,
            None => words.push(WordEdit { range: word.span.range, fate }),
        }
    }
    words.sort_by_key(|word| word.range.start());
}

fn option_words(option: &OptionUse) -> Vec<usize> {
    let value = option.value.as_ref().map(|value| value.word_index).filter(|index| *index != option.word_index);
    std::iter::once(option.word_index).chain(value).collect()
}
