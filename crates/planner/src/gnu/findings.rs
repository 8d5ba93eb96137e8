//! Collects what was found about one command and turns it into a verdict.

use std::collections::BTreeMap;
use std::ops::Range;

use super::invocation::{Invocation, Occurrence};
use super::table::{Applet, Arity};
use super::word::quote;
use super::{Change, Verdict, WordChange};

/// What is to be done about one option or operand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    Keep,
    /// Another name for it: `-x` or `--long`.
    Rename(&'static str),
    /// It goes, with its argument.
    Drop,
    /// Its argument becomes this.
    Value(String),
    /// It becomes this whole word or these words; its argument goes.
    Words(String),
    /// The real tool is needed.
    Missing(String),
    /// The real tool is needed, and BusyBox would not say so.
    Silent(String),
}

/// See the module.
pub(crate) struct Findings<'i> {
    invocation: &'i Invocation<'i>,
    needs: Vec<(String, bool)>,
    /// Packages besides the tool's own.
    extra: Vec<&'static str>,
    /// Whether only `extra` is needed.
    only_extra: bool,
    edits: BTreeMap<usize, Edit>,
    what: Vec<String>,
}

#[derive(Default)]
struct Edit {
    deleted: bool,
    /// The whole word, quoted as needed.
    whole: Option<String>,
    /// Ranges of the argument's text and what they become.
    splices: Vec<(Range<usize>, String)>,
    after: Vec<String>,
}

impl<'i> Findings<'i> {
    pub(crate) fn new(invocation: &'i Invocation<'i>) -> Self {
        Self {
            invocation,
            needs: Vec::new(),
            extra: Vec::new(),
            only_extra: false,
            edits: BTreeMap::new(),
            what: Vec::new(),
        }
    }

    /// The effect that the table gives an option.
    pub(crate) fn table_effect(&self, option: &Occurrence) -> Effect {
        let Some(spec) = option.spec else { return Effect::Keep };
        match spec.applet {
            Applet::Same => Effect::Keep,
            Applet::As(name) => Effect::Rename(name),
            Applet::Drop => Effect::Drop,
            Applet::Missing => Effect::Missing(format!("BusyBox {} has no {}", self.invocation.name, spec.name)),
            Applet::Silent(how) => {
                Effect::Silent(format!("BusyBox {} takes {} but {how}", self.invocation.name, spec.name))
            }
        }
    }

    pub(crate) fn option(&mut self, option: &Occurrence, effect: Effect) {
        match effect {
            Effect::Keep => {}
            Effect::Rename(name) => self.rename(option, name),
            Effect::Drop => self.drop_option(option),
            Effect::Value(text) => self.new_value(option, &text),
            Effect::Words(text) => self.words(option, text),
            Effect::Missing(why) => self.needs.push((why, false)),
            Effect::Silent(why) => self.needs.push((why, true)),
        }
    }

    /// The real tool is needed.
    pub(crate) fn need(&mut self, why: impl Into<String>, silent: bool) {
        self.needs.push((why.into(), silent));
    }

    /// A further package is needed besides the real tool, or alone when nothing else asks for the tool.
    pub(crate) fn need_extra(&mut self, package: &'static str, why: impl Into<String>) {
        self.only_extra = self.needs.is_empty();
        self.extra.push(package);
        self.needs.push((why.into(), false));
    }

    /// A package beside the real tool's own, wherever that is needed anyway.
    pub(crate) fn add_package(&mut self, package: &'static str) {
        self.extra.push(package);
    }

    /// Replaces an operand's text.
    pub(crate) fn operand(&mut self, position: usize, text: &str) {
        let argument = &self.invocation.arguments[position];
        self.what.push(format!("{} becomes {text}", argument.text));
        let end = argument.text.len();
        self.splice(position, 0..end, text.to_owned());
    }

    /// Deletes an operand.
    pub(crate) fn delete_operand(&mut self, position: usize) {
        self.what.push(format!("{} goes", self.invocation.arguments[position].text));
        self.edit(position).deleted = true;
    }

    /// Replaces `count` arguments from `position` on by shell text.
    pub(crate) fn replace_words(&mut self, position: usize, count: usize, text: &str) {
        self.what.push(format!("{} becomes {text}", self.invocation.arguments[position].text));
        self.edit(position).whole = Some(text.to_owned());
        for next in position + 1..(position + count).min(self.invocation.arguments.len()) {
            self.edit(next).deleted = true;
        }
    }

    /// Puts text after an argument.
    pub(crate) fn insert_after(&mut self, position: usize, text: &str) {
        self.edit(position).after.push(text.to_owned());
    }

    fn edit(&mut self, position: usize) -> &mut Edit {
        self.edits.entry(position).or_default()
    }

    fn is_long(&self, option: &Occurrence) -> bool {
        self.invocation.arguments[option.argument].text[option.name.clone()].starts_with("--")
    }

    fn given_name(&self, option: &Occurrence) -> String {
        let text = &self.invocation.arguments[option.argument].text[option.name.clone()];
        if text.starts_with('-') { text.to_owned() } else { format!("-{text}") }
    }

    fn rename(&mut self, option: &Occurrence, name: &'static str) {
        self.what.push(format!("{} becomes {name}", self.given_name(option)));
        let letter = name.trim_start_matches('-').to_owned();
        if !self.is_long(option) {
            self.splice(option.argument, option.name.clone(), letter);
            return;
        }
        let attached = option.value.as_ref().filter(|value| value.start > 0);
        if name.starts_with("--") || attached.is_none() {
            self.splice(option.argument, option.name.clone(), name.to_owned());
            return;
        }
        // `--delimiter=,` becomes `-d,`; an empty argument needs a word of its own.
        let argument = &self.invocation.arguments[option.argument];
        if argument.text.len() == option.name.end + 1 {
            self.edit(option.argument).whole = Some(format!("{name} ''"));
        } else {
            self.splice(option.argument, 0..option.name.end + 1, name.to_owned());
        }
    }

    fn drop_option(&mut self, option: &Occurrence) {
        self.what.push(format!("{} is not needed", self.given_name(option)));
        self.remove(option);
    }

    fn remove(&mut self, option: &Occurrence) {
        if let Some(value) = option.value.as_ref().filter(|value| value.start == 0) {
            self.edit(value.argument).deleted = true;
        }
        if self.is_long(option) {
            self.edit(option.argument).deleted = true;
            return;
        }
        let attached = option.value.as_ref().is_some_and(|value| value.start > 0);
        let end = if attached { self.invocation.arguments[option.argument].text.len() } else { option.name.end };
        self.splice(option.argument, option.name.start..end, String::new());
    }

    fn new_value(&mut self, option: &Occurrence, text: &str) {
        let Some(value) = &option.value else { return };
        self.what.push(format!("{} {} becomes {text}", self.given_name(option), value.text));
        let argument = &self.invocation.arguments[value.argument];
        let end = argument.text.len();
        // Quotes in the middle of the word are not followed; a word without variables is written anew.
        let needs_quotes = argument.is_static()
            && (argument.raw_offset(end).is_none() || quote(text) != text && argument.raw_offset(end) == Some(0));
        if needs_quotes {
            let whole = format!("{}{text}", &argument.text[..value.start]);
            self.edit(value.argument).whole = Some(quote(&whole));
        } else {
            self.splice(value.argument, value.start..end, text.to_owned());
        }
    }

    fn words(&mut self, option: &Occurrence, text: String) {
        self.what.push(format!("{} becomes {text}", self.given_name(option)));
        if self.is_long(option) {
            self.remove(option);
            let edit = self.edit(option.argument);
            edit.deleted = false;
            edit.whole = Some(text);
        } else {
            self.remove(option);
            self.edit(option.argument).after.push(text);
        }
    }

    fn splice(&mut self, position: usize, range: Range<usize>, text: String) {
        let argument = &self.invocation.arguments[position];
        if argument.raw_offset(range.end).is_none() {
            if range.start == 0 && range.end == argument.text.len() && argument.is_static() {
                self.edit(position).whole = Some(quote(&text));
            } else {
                let why = format!("{} is written in a way that cannot be changed word by word", argument.raw);
                self.needs.push((why, false));
            }
            return;
        }
        self.edit(position).splices.push((range, text));
    }

    /// The verdict on all that was found.
    pub(crate) fn verdict(self) -> Verdict {
        if !self.needs.is_empty() {
            return self.needed();
        }
        let mut words = Vec::new();
        for (&position, edit) in &self.edits {
            let argument = &self.invocation.arguments[position];
            let index = argument.index;
            let change = match (&edit.whole, edit.deleted) {
                (_, true) => Some(Change::Delete),
                (Some(whole), _) => Some(Change::Replace(whole.clone())),
                (None, false) if edit.splices.is_empty() => None,
                _ => Some(spliced(argument, edit)),
            };
            words.extend(change.map(|change| WordChange { index, change }));
            if !edit.after.is_empty() {
                words.push(WordChange { index, change: Change::InsertAfter(edit.after.join(" ")) });
            }
        }
        if words.is_empty() {
            return Verdict::Same;
        }
        Verdict::Rewrite { words, what: self.what.join(", ") }
    }

    fn needed(self) -> Verdict {
        // What fails loudly is said first: it is what a person would see.
        let loud = self.needs.iter().find(|(_, silent)| !silent);
        let (why, silent) = loud.or(self.needs.first()).expect("impossible: called with a need").clone();
        let own = self.invocation.tool.packages.first().copied().filter(|_| !self.only_extra || self.needs.len() > 1);
        let mut packages: Vec<&'static str> = own.into_iter().collect();
        for package in self.extra {
            if !packages.contains(&package) {
                packages.push(package);
            }
        }
        if packages.is_empty() {
            return Verdict::Report { why, silent };
        }
        Verdict::NeedsPackage { packages, why, silent }
    }
}

fn spliced(argument: &super::word::Argument<'_>, edit: &Edit) -> Change {
    let mut splices: Vec<&(Range<usize>, String)> = edit.splices.iter().collect();
    splices.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = argument.raw.to_owned();
    for (range, new) in splices {
        let offset = argument.raw_offset(range.end).unwrap_or(0);
        text.replace_range(range.start + offset..range.end + offset, new);
    }
    if matches!(text.as_str(), "-" | "" | "''" | "\"\"") { Change::Delete } else { Change::Replace(text) }
}

/// Whether an option takes no argument of its own; used by rules that move options about.
pub(crate) fn takes_argument(option: &Occurrence) -> bool {
    option.spec.is_some_and(|spec| spec.arity == Arity::Required)
}
