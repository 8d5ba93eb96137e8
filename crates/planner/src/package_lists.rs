//! ENV and ARG that hold package names.
//!
//! `ENV BUILD_DEPS="gcc make"` … `RUN apt-get install $BUILD_DEPS && …`: where every use of the variable in the file is the
//! argument of a package manager in one stage, its value is translated where it stands and the uses stay, as with a
//! variable of the script itself.

use std::collections::{BTreeMap, BTreeSet};

use text_size::TextRange;
use wolfify_mappings::Distro;
use wolfify_syntax::{Definition, DefinitionKind, Keyword};

use crate::commands::{ParsedCommands, runs};
use crate::draft::Draft;
use crate::file::File;
use crate::script::layout_size;
use crate::variables::{Mentions, Use, collect, translate_names};

/// A definition: its instruction and its name.
type Key = (usize, String);

/// The lists that were translated, with the packages they now hold.
pub(crate) type Lists = BTreeMap<Key, Vec<String>>;

/// How the stages of a file use a definition.
#[derive(Default)]
struct Uses {
    count: usize,
    stages: BTreeSet<usize>,
    distros: BTreeSet<Distro>,
    /// A command that is left to a person has it, or the script sets it anew.
    untouchable: bool,
}

/// Translates what can be translated.
pub(crate) fn settle(file: &File<'_>, draft: &mut Draft) {
    let candidates: Vec<&Definition> =
        file.evaluation.definitions().iter().filter(|definition| is_list(file, definition)).collect();
    if candidates.is_empty() {
        return;
    }
    let mut uses: BTreeMap<Key, Uses> = BTreeMap::new();
    for stage in (file.kin.len()..file.stages.len()).filter(|stage| file.stages[*stage].migrates) {
        for (index, _) in file.body(stage).filter(|(_, instruction)| runs(instruction) == Keyword::Run) {
            look_at(file, stage, index, &mut uses);
        }
    }
    let mentions = Mentions::of(file.text);
    for definition in candidates {
        let Some(instruction) = definition.instruction else { continue };
        let key = (instruction, definition.name.clone());
        let Some(found) = uses.get(&key).filter(|uses| !uses.untouchable) else { continue };
        let (Some(stage), Some(distro)) = (only(&found.stages), only(&found.distros)) else { continue };
        if found.count != mentions.count(&definition.name) {
            continue;
        }
        let Some((names, whole)) = places(file, definition) else { continue };
        let remark = match definition.kind {
            DefinitionKind::Arg => "; names given at build time have to be Wolfi's",
            _ => "",
        };
        if let Some(packages) = translate_names(file, draft, stage, names, whole, distro, remark) {
            draft.lists.insert(key, packages);
        }
    }
}

fn only<T: Copy + Ord>(set: &BTreeSet<T>) -> Option<T> {
    if set.len() == 1 { set.first().copied() } else { None }
}

/// Several words, written out, in a stage, and the only definition of the name.
fn is_list(file: &File<'_>, definition: &Definition) -> bool {
    let written = definition.written.as_ref().filter(|word| !word.text.contains('$'));
    let several = definition.value.text().is_some_and(|text| text.split_whitespace().nth(1).is_some());
    let same = |other: &&Definition| other.name == definition.name;
    matches!(definition.kind, DefinitionKind::Env | DefinitionKind::Arg)
        && written.is_some()
        && several
        && file.evaluation.definitions().iter().filter(same).count() == 1
}

/// Counts the uses in the scripts of an instruction.
fn look_at(file: &File<'_>, stage: usize, instruction: usize, all: &mut BTreeMap<Key, Uses>) {
    let scope = file.evaluation.scope(instruction);
    for script in &file.scripts[instruction] {
        let parsed = ParsedCommands::read(script);
        let left = parsed.leave_an_install();
        let (mut assigned, mut uses) = (BTreeMap::new(), BTreeMap::<String, Use>::new());
        script.visit(&mut |command, _| collect(command, &parsed, &mut assigned, &mut uses));
        let names: BTreeSet<&String> = assigned.keys().chain(uses.keys()).collect();
        for name in names {
            let Some(definition) = scope.get(name).definition.map(|id| file.evaluation.definition(id)) else {
                continue;
            };
            let Some(defined) = definition.instruction else { continue };
            let found = all.entry((defined, name.clone())).or_default();
            found.untouchable |= left || assigned.contains_key(name);
            if let Some(usage) = uses.get(name) {
                found.count += usage.count;
                found.stages.insert(stage);
                found.distros.extend(usage.distro);
            }
        }
    }
}

/// The names in a definition and where each stands, and the place of the whole value; `None` where the source reads
/// otherwise than the value.
fn places(file: &File<'_>, definition: &Definition) -> Option<(Vec<(String, TextRange)>, TextRange)> {
    let whole = definition.written.as_ref()?.range;
    let source = &file.text[whole];
    let quote = source.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (start, inner) = match quote {
        Some(quote) => (1, source.strip_prefix(quote)?.strip_suffix(quote)?),
        None => (0, source),
    };
    if inner.contains(['#', '"', '\'']) {
        return None;
    }
    let escape = file.dockerfile.escape;
    let mut names = Vec::new();
    for name in inner.split(|c: char| c.is_whitespace() || c == escape).filter(|name| !name.is_empty()) {
        let at = start + (name.as_ptr() as usize - inner.as_ptr() as usize);
        names.push((name.to_owned(), TextRange::at(whole.start() + layout_size(at), layout_size(name.len()))));
    }
    let value = definition.value.text()?.split_whitespace();
    names.iter().map(|(name, _)| name.as_str()).eq(value).then_some((names, whole))
}
