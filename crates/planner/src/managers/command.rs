//! Reading one command line.

use wolfify_syntax::shell::{ShellWord, SimpleCommand};

use super::action::Action;
use super::argument::{Argument, ArgumentKind};
use super::classify::classify;
use super::grammar::{Grammar, only_looks};
use super::manager::Manager;
use super::option::{OptionRole, OptionUse, Scan, Scanner};
use super::settings::InstallSettings;
use super::text::Text;

/// Wrappers that add words from their input or a list to the command line.
const FEEDERS: &[&str] = &["xargs", "parallel"];

/// A package manager's command line, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageCommand {
    /// Who is called.
    pub manager: Manager,
    /// Index of the word that calls it.
    pub name_index: usize,
    /// To do what.
    pub action: Action,
    /// Indexes of the words that say so (`install`; `cache` and `clean`); empty where options do (`dpkg -i`).
    pub action_words: Vec<usize>,
    /// The options in order, those before the verb included.
    pub options: Vec<OptionUse>,
    /// The operands in order.
    pub arguments: Vec<Argument>,
    /// Index of `--`.
    pub end_of_options: Option<usize>,
    /// More operands come at run time (`xargs apt-get install`).
    pub arguments_from_input: bool,
}

/// Reads the command proper of `command`, after its wrappers; `None` when it calls no package manager.
#[must_use]
pub fn parse(command: &SimpleCommand) -> Option<PackageCommand> {
    let mut parsed = parse_words(&command.words, command.name_index)?;
    parsed.arguments_from_input = command.wrappers.iter().any(|wrapper| FEEDERS.contains(&wrapper.name.as_str()));
    Some(parsed)
}

/// The package manager that `command` calls.
#[must_use]
pub fn called(command: &SimpleCommand) -> Option<Manager> {
    Manager::from_name(Text::of(command.words.get(command.name_index)?).as_static()?)
}

/// Reads `words` from the one at `name_index` on; `None` when that calls no package manager.
#[must_use]
pub fn parse_words(words: &[ShellWord], name_index: usize) -> Option<PackageCommand> {
    let manager = Manager::from_name(Text::of(words.get(name_index)?).as_static()?)?;
    let texts: Vec<Text> = words.iter().map(Text::of).collect();
    Some(read(manager, &texts, name_index))
}

fn read(manager: Manager, texts: &[Text], name_index: usize) -> PackageCommand {
    let grammar = Grammar::of(manager);
    // The verb decides which options hold, so it is looked for first, with those that hold for all.
    let general = Scanner::scan(texts, name_index + 1, &grammar.tables(None), grammar.flavour);
    let Some(verb) = find_verb(grammar, texts, &general.operands) else {
        return without_verb(manager, grammar, texts, name_index, general);
    };
    let scan = Scanner::scan(texts, name_index + 1, &grammar.tables(Some(verb.name)), grammar.flavour);
    // With the verb's own options some word before it may turn out to be a value; look again.
    let verb = find_verb(grammar, texts, &scan.operands).unwrap_or(verb);
    let (before, rest): (Vec<usize>, Vec<usize>) = scan.operands.iter().partition(|&&i| i < verb.words[0]);
    let operands = rest.into_iter().filter(|i| !verb.words.contains(i)).collect();
    let mut options = scan.options;
    for index in before {
        let role = if texts[index].is_static() { OptionRole::Unknown } else { OptionRole::Dynamic };
        let name = texts[index].display().into_owned();
        options.push(OptionUse { name, role, word_index: index, value: None, negated: false });
    }
    options.sort_by_key(|option| option.word_index);
    let action = if only_looks(&options) { Action::Query } else { verb.action };
    let scan = Scan { options, operands, end_of_options: scan.end_of_options };
    finish(manager, texts, name_index, (action, verb.words), scan)
}

/// A verb found among the operands.
struct FoundVerb {
    name: &'static str,
    action: Action,
    words: Vec<usize>,
}

/// The first operand that begins a verb, as apt and argparse look for it.
fn find_verb(grammar: &Grammar, texts: &[Text], operands: &[usize]) -> Option<FoundVerb> {
    for (at, _) in operands.iter().enumerate() {
        let words: Vec<&str> = operands[at..].iter().take(3).map_while(|&i| texts[i].as_static()).collect();
        if words.is_empty() {
            continue;
        }
        if let Some(((name, action), length)) = grammar.verb(&words) {
            let words = operands[at..at + length].to_vec();
            return Some(FoundVerb { name, action: action.clone(), words });
        }
    }
    None
}

fn without_verb(
    manager: Manager,
    grammar: &Grammar,
    texts: &[Text],
    name_index: usize,
    mut scan: Scan,
) -> PackageCommand {
    if let Some(by_options) = grammar.by_options {
        let action = by_options(&scan.options);
        return finish(manager, texts, name_index, (action, Vec::new()), scan);
    }
    // Called without a word they all print their help.
    if only_looks(&scan.options) || texts.len() == name_index + 1 {
        return finish(manager, texts, name_index, (Action::Query, Vec::new()), scan);
    }
    let word = if scan.operands.is_empty() { None } else { Some(scan.operands.remove(0)) };
    let name = word.map(|i| texts[i].display().into_owned()).unwrap_or_default();
    finish(manager, texts, name_index, (Action::Unknown(name), word.into_iter().collect()), scan)
}

fn finish(
    manager: Manager,
    texts: &[Text],
    name_index: usize,
    (action, action_words): (Action, Vec<usize>),
    scan: Scan,
) -> PackageCommand {
    let action = refine(manager, action, &scan);
    let argument = |&word_index: &usize| Argument { word_index, kind: classify(manager, &action, &texts[word_index]) };
    let arguments = scan.operands.iter().map(argument).collect();
    PackageCommand {
        manager,
        name_index,
        action,
        action_words,
        options: scan.options,
        arguments,
        end_of_options: scan.end_of_options,
        arguments_from_input: false,
    }
}

/// Options that turn a verb into another.
fn refine(manager: Manager, action: Action, scan: &Scan) -> Action {
    let has = |role: &OptionRole| scan.options.iter().any(|o| o.role == *role && !o.negated);
    let debian = manager.distro() == Some(wolfify_mappings::Distro::Debian);
    match action {
        Action::Install if debian && has(&OptionRole::OnlyUpgrade) => Action::Upgrade,
        Action::Install if debian && has(&OptionRole::Reinstall) => Action::Reinstall,
        Action::Install if debian && scan.operands.is_empty() && has(&OptionRole::FixBroken) => Action::Fix,
        Action::Remove if debian && has(&OptionRole::Purge) => Action::Purge,
        Action::Install if manager == Manager::Pacman && scan.operands.is_empty() => {
            if has(&OptionRole::Upgrade) {
                Action::Upgrade
            } else {
                Action::Update
            }
        }
        action => action,
    }
}

impl PackageCommand {
    /// Whether some word was not understood: an option no table has, an unknown verb, options only the shell knows.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        let unsure = |o: &OptionUse| matches!(o.role, OptionRole::Unknown | OptionRole::Dynamic);
        matches!(self.action, Action::Unknown(_)) || self.options.iter().any(unsure)
    }

    /// The options no table has.
    pub fn unknown_options(&self) -> impl Iterator<Item = &OptionUse> {
        self.options.iter().filter(|option| option.role == OptionRole::Unknown)
    }

    /// The uses of a role, negated ones included.
    pub fn with_role<'a>(&'a self, role: &'a OptionRole) -> impl Iterator<Item = &'a OptionUse> {
        self.options.iter().filter(move |option| option.role == *role)
    }

    /// Whether an option with this role is used and not negated.
    #[must_use]
    pub fn has(&self, role: &OptionRole) -> bool {
        self.with_role(role).any(|option| !option.negated)
    }

    /// The options that decide what an install means.
    #[must_use]
    pub fn settings(&self) -> InstallSettings<'_> {
        InstallSettings::of(self)
    }

    /// What `text` would stand for as an operand of this command: for words whose variables the caller has expanded.
    #[must_use]
    pub fn classify(&self, text: &str) -> ArgumentKind {
        classify(self.manager, &self.action, &Text::from_static(text))
    }

    /// The packages named for sure, with their words.
    pub fn packages(&self) -> impl Iterator<Item = (&super::argument::PackageSpec, usize)> {
        self.arguments.iter().filter_map(|argument| match &argument.kind {
            ArgumentKind::Package(spec) => Some((spec, argument.word_index)),
            _ => None,
        })
    }
}
