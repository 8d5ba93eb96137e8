//! Variables that hold package names.
//!
//! `deps='gcc make'; apt-get install $deps; …; apt-get purge $deps`: where every use of a variable is the argument of a
//! package manager, its value is translated where it stands and the uses stay. Anything else is written out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use text_size::{TextRange, TextSize};
use wolfify_edit::Edit;
use wolfify_mappings::Distro;
use wolfify_syntax::Value;
use wolfify_syntax::shell::{Assignment, ShellScript, ShellWord, SimpleCommand, WordPart};

use crate::commands::ParsedCommands;
use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::managers::{self, Action, ArgumentKind, Manager, PackageSpec};
use crate::resolve::{PRESENT, Resolved, becomes, keep_variant, left_out, packages_of, resolve};
use crate::rules::install;
use crate::script::layout_size;
use crate::words::{WordEdit, WordFate, edits, edits_of};

/// What is known about the variables of one script.
pub(crate) struct Variables<'a> {
    file: &'a File<'a>,
    instruction: usize,
    /// Variables that the script sets in ways that are not followed.
    shadowed: BTreeSet<String>,
    /// Values of assignments in the script that are made once, with static text.
    assigned: BTreeMap<String, String>,
    /// Arrays that are set once, with static elements.
    arrays: BTreeMap<String, Vec<String>>,
    /// Variables whose assignment was translated, with the packages they now hold.
    translated: BTreeMap<String, Vec<String>>,
}

impl Variables<'_> {
    /// The value of a variable, when it is known and always the same.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        if let Some(value) = self.assigned.get(name) {
            return Some(value.clone());
        }
        if self.shadowed.contains(name) {
            return None;
        }
        match self.file.evaluation.scope(self.instruction).get(name).value {
            Value::Unset if self.file.declares(self.instruction, name) => Some(String::new()),
            value => value.text().map(str::to_owned),
        }
    }

    /// The elements of `"${name[@]}"`.
    pub(crate) fn array(&self, word: &ShellWord) -> Option<&[String]> {
        let mut parts =
            word.parts.iter().filter(|part| !matches!(part, WordPart::Literal { text, .. } if text.is_empty()));
        match (parts.next(), parts.next()) {
            (Some(WordPart::Parameter { name, operation, .. }), None)
                if matches!(operation.as_str(), "[@]" | "[*]") =>
            {
                self.arrays.get(name).map(Vec::as_slice)
            }
            _ => None,
        }
    }

    /// Whether a word is one variable whose value was translated where it is set.
    pub(crate) fn is_translated(&self, word: &ShellWord) -> bool {
        sole_parameter(word).is_some_and(|name| self.translated.contains_key(name))
    }

    /// The packages that such a word now stands for.
    pub(crate) fn packages_of(&self, word: &ShellWord) -> Vec<String> {
        sole_parameter(word).and_then(|name| self.translated.get(name)).cloned().unwrap_or_default()
    }
}

/// The name of the only variable of a word that is nothing else.
fn sole_parameter(word: &ShellWord) -> Option<&str> {
    match &word.parts[..] {
        [WordPart::Parameter { name, operation, .. }] if operation.is_empty() => Some(name),
        _ => None,
    }
}

/// Reads the variables of a script, and translates the package lists among them.
pub(crate) fn read<'a>(
    file: &'a File<'a>,
    draft: &mut Draft,
    stage: usize,
    instruction: usize,
    script: &ShellScript,
    parsed: &ParsedCommands,
) -> Variables<'a> {
    let mut variables = Variables {
        file,
        instruction,
        shadowed: BTreeSet::new(),
        assigned: BTreeMap::new(),
        arrays: BTreeMap::new(),
        translated: BTreeMap::new(),
    };
    let mut assignments: BTreeMap<String, Vec<Assignment>> = BTreeMap::new();
    let mut uses: BTreeMap<String, Use> = BTreeMap::new();
    script.visit(&mut |command, _| collect(command, parsed, &mut assignments, &mut uses));
    let scope = file.evaluation.scope(instruction);
    for name in uses.keys().filter(|name| !assignments.contains_key(*name)) {
        let defined = scope.get(name).definition.and_then(|id| file.evaluation.definition(id).instruction);
        let list = defined.and_then(|defined| draft.lists.get(&(defined, name.clone())));
        variables.translated.extend(list.map(|packages| (name.clone(), packages.clone())));
    }
    let mut mentions = None;
    for (name, found) in assignments {
        let [assignment] = &found[..] else {
            variables.shadowed.insert(name.clone());
            continue;
        };
        if !assignment.array.is_empty() && !assignment.append {
            let elements: Option<Vec<String>> = assignment.array.iter().map(ShellWord::literal).collect();
            variables.arrays.extend(elements.map(|elements| (name.clone(), elements)));
        }
        let Some(value) = assignment.value.as_ref().filter(|_| !assignment.append) else { continue };
        if let Some(text) = value.literal() {
            variables.assigned.insert(name.clone(), text);
        } else {
            variables.shadowed.insert(name.clone());
            continue;
        }
        let Some(usage) = uses.get(&name) else { continue };
        let mentions = mentions.get_or_insert_with(|| Mentions::of(&script.text));
        if let (Some(distro), true) = (usage.distro, usage.count == mentions.count(&name))
            && let Some(packages) = translate(file, draft, stage, script, value, distro)
        {
            variables.translated.insert(name, packages);
        }
    }
    variables
}

/// How package managers use a variable.
#[derive(Debug, Default)]
pub(crate) struct Use {
    pub(crate) count: usize,
    pub(crate) distro: Option<Distro>,
    /// At least one use installs.
    installs: bool,
}

/// Adds what a command sets, and which variables it hands to a package manager.
pub(crate) fn collect(
    command: &SimpleCommand,
    parsed: &ParsedCommands,
    assignments: &mut BTreeMap<String, Vec<Assignment>>,
    uses: &mut BTreeMap<String, Use>,
) {
    // `NAME=value command` sets the variable for that command only.
    for assignment in command.assignments.iter().filter(|_| command.words.is_empty()) {
        assignments.entry(assignment.name.clone()).or_default().push(assignment.clone());
    }
    let Some(parsed) = parsed.get(command) else { return };
    let (Some(distro), true) = (parsed.manager.distro(), parsed.action.installs() || parsed.action.removes()) else {
        return;
    };
    for argument in &parsed.arguments {
        if let Some(name) = command.words.get(argument.word_index).and_then(sole_parameter) {
            let usage = uses.entry(name.to_owned()).or_default();
            usage.count += 1;
            usage.distro = Some(distro);
            usage.installs |= parsed.action.installs();
        }
    }
}

/// How often `$name` or `${name…}` stands in a script, by name.
pub(crate) struct Mentions<'s>(HashMap<&'s str, usize>);

impl<'s> Mentions<'s> {
    pub(crate) fn of(text: &'s str) -> Self {
        let mut counts = HashMap::new();
        for (at, _) in text.match_indices('$') {
            let rest = text[at + 1..].strip_prefix('{').unwrap_or(&text[at + 1..]);
            let rest = rest.trim_start_matches(['#', '!']);
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            *counts.entry(&rest[..end]).or_default() += 1;
        }
        Self(counts)
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or_default()
    }
}

/// Translates the names in an assigned value where they stand; `None` when the value is not one plain quoted text.
fn translate(
    file: &File<'_>,
    draft: &mut Draft,
    stage: usize,
    script: &ShellScript,
    value: &ShellWord,
    distro: Distro,
) -> Option<Vec<String>> {
    let names = places(script, value)?;
    translate_names(file, draft, stage, names, value.span.range, distro, "")
}

/// Translates a list of names that stand in `whole`; answers the packages it now holds, or `None` where one is no plain
/// package.
pub(crate) fn translate_names(
    file: &File<'_>,
    draft: &mut Draft,
    stage: usize,
    names: Vec<(String, TextRange)>,
    whole: TextRange,
    distro: Distro,
    remark: &str,
) -> Option<Vec<String>> {
    let specs: Vec<PackageSpec> =
        names.iter().map(|(name, _)| plain_package(file, distro, name)).collect::<Option<_>>()?;
    let mut packages = Vec::new();
    let mut seen = HashSet::new();
    let mut words: Vec<WordEdit> = Vec::new();
    let mut findings = Vec::new();
    let mut renamed = Vec::new();
    let ranges: Vec<TextRange> = names.iter().map(|(_, range)| *range).collect();
    for ((written, range), PackageSpec { name, pin, .. }) in names.into_iter().zip(specs) {
        if pin.is_some() {
            let message = format!("`{written}` asks for a version of the old distribution; Wolfi's own is installed");
            findings.push((&install::VERSION, Level::Note, range, message, true));
        }
        let resolved = install::in_stream(file, draft, stage, distro, &name, pin.as_ref());
        match resolved.unwrap_or_else(|| resolve(file, stage, distro, &name)) {
            Resolved::Packages { names, note } => {
                draft.packages.mapped += 1;
                if let Some(note) = note {
                    let (level, message) = becomes(&name, &names, &note);
                    findings.push((install::rule_of(distro), level, range, message, true));
                }
                let fresh: Vec<String> =
                    names.iter().filter(|package| seen.insert((*package).clone())).cloned().collect();
                packages.extend(fresh.iter().cloned());
                let fate = if fresh.is_empty() { WordFate::Delete } else { WordFate::Replace(fresh) };
                if names != [name.as_str()] {
                    renamed.push(format!("{name} → {}", names.join(" ")));
                }
                words.push(WordEdit { range, fate });
            }
            Resolved::Dropped(reason) => {
                draft.packages.dropped += 1;
                if reason == PRESENT {
                    keep_variant(file, draft, stage, &name, &packages_of(file, distro, &name));
                }
                let (level, message) = left_out(file, stage, distro, &name, &reason);
                findings.push((&install::DROPPED, level, range, message, true));
                words.push(WordEdit { range, fate: WordFate::Delete });
            }
            Resolved::Missing(advice) => {
                draft.packages.unknown += 1;
                seen.insert(name.clone());
                packages.push(name.clone());
                let message = format!("`{name}` has no known counterpart on Wolfi; {advice}");
                findings.push((&install::UNKNOWN, Level::Error, range, message, false));
            }
        }
    }
    let layout = file.layout(false);
    let edits = without_leading_blank(edits(&layout, whole, &words), &ranges, &words);
    for (rule, level, range, message, done) in findings {
        draft.report(rule, level, range, message, done.then(|| ("Translate the list", edits_of(&edits, range))));
    }
    if !edits.is_empty() {
        let renamed = match renamed.is_empty() {
            true => "what is not needed on Wolfi leaves it".to_owned(),
            false => renamed.join(", "),
        };
        let message = format!("a list of packages; {renamed}{remark}");
        let rule = install::rule_of(distro);
        draft.report(rule, Level::Note, whole, message, Some(("Translate the list", edits)));
    }
    Some(packages)
}

/// Names at the start of a value leave together with the blank behind them: there is none before the first.
fn without_leading_blank(edits: Vec<Edit>, names: &[TextRange], words: &[WordEdit]) -> Vec<Edit> {
    let goes = |range: &&TextRange| words.iter().any(|word| word.range == **range && word.fate == WordFate::Delete);
    let leading = names.iter().take_while(goes).count();
    let (Some(first), Some(kept)) = (names.first(), names.get(leading)) else { return edits };
    if leading == 0 {
        return edits;
    }
    let whole = Edit::delete(TextRange::new(first.start(), kept.start()));
    std::iter::once(whole).chain(edits.into_iter().filter(|edit| edit.range.start() >= kept.start())).collect()
}

/// A word of a list read as an operand of the package manager; `None` when it is more than a package and its version.
fn plain_package(file: &File<'_>, distro: Distro, word: &str) -> Option<PackageSpec> {
    let manager = match distro {
        Distro::Debian => Manager::AptGet,
        Distro::Fedora => Manager::Dnf,
        Distro::Alpine => Manager::Apk,
    };
    let spec = match managers::operand(manager, &Action::Install, word) {
        ArgumentKind::Package(spec) => spec,
        ArgumentKind::RpmVersioned(versioned) => install::rpm_reading(file, distro, &versioned),
        _ => return None,
    };
    let plain = spec.arch.is_none() && spec.marker.is_none() && spec.release.is_none() && spec.tag.is_none();
    plain.then_some(spec)
}

/// The names in a value and where each stands in the source.
fn places(script: &ShellScript, value: &ShellWord) -> Option<Vec<(String, TextRange)>> {
    let [WordPart::Literal { text, .. }] = &value.parts[..] else { return None };
    let start = derived_start(script, value)?;
    let quoted = value.text.len() == text.len() + 2 && value.text[1..].starts_with(text.as_str());
    let bare = value.text == *text;
    if !(quoted || bare) {
        return None;
    }
    let offset = usize::from(quoted);
    let mut names = Vec::new();
    for name in text.split_whitespace() {
        let at = offset + (name.as_ptr() as usize - text.as_ptr() as usize);
        let derived = TextRange::at(start + layout_size(at), layout_size(name.len()));
        let span = script.map.span(derived)?;
        if !span.contiguous {
            return None;
        }
        names.push((name.to_owned(), span.range));
    }
    Some(names)
}

/// Where a word of the script starts in the script's own text.
fn derived_start(script: &ShellScript, word: &ShellWord) -> Option<TextSize> {
    let source = word.span.range.start();
    let segments = script.map.segments();
    // In the order of the source as well: joined lines and here-documents follow one another.
    let after = segments.partition_point(|segment| segment.source <= source);
    let segment = segments[..after].last()?;
    let into = source - segment.source;
    (into < segment.len).then(|| segment.derived + into)
}
