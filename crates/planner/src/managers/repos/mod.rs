//! Commands that set up package sources: what they are, and which product they were for.
//!
//! A command is taken for a set-up only on evidence: it writes where a package manager keeps its sources or keys, it
//! is a front end's own verb for it, it installs a package known to hold only a repository's configuration, or it feeds
//! a shell with a script known to do so. An address alone is no evidence: vendors serve other files from the same host.

mod lookup;
mod products;
#[cfg(test)]
mod tests;

use wolfify_syntax::shell::{Command, NestedKind, Pipeline, SimpleCommand};

use super::action::Action;
use super::argument::ArgumentKind;
use super::command::{PackageCommand, parse};
use super::files::{Writes, writes};
use super::manager::Manager;
use super::option::OptionRole;
use super::paths::PathRole;
use super::text::Text;
use lookup::{Found, is_release_file, is_release_package, is_setup_script, product, topic};

/// What a command does towards a package source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SetupKind {
    /// Writes or changes a list of sources.
    SourceList,
    /// Adds a PPA, a COPR or another source by a short name.
    ShortName,
    /// Trusts a key.
    Key,
    /// Installs a package that holds a repository's configuration.
    ReleasePackage,
    /// Runs a vendor's set-up script.
    Script,
    /// Fetches a vendor's set-up script or release package into a file.
    Download,
    /// Switches a configured source on or off.
    Toggle,
    /// Installs or enables a topic of Amazon Linux extras.
    Extras,
    /// Adds a foreign architecture.
    Architecture,
    /// Registers with a vendor.
    Subscription,
    /// Changes how the package manager behaves.
    Configuration,
    /// Forbids package scripts to start services.
    ServicePolicy,
    /// Answers questions of package scripts before they ask.
    Debconf,
}

/// A step of a repository's set-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepoSetup {
    /// What the step does.
    pub kind: SetupKind,
    /// The product the source is for, by its upstream name; `None` when the address is not known.
    pub product: Option<&'static str>,
    /// The product's version, as far as the address says it (`20` of `setup_20.x`).
    pub version: Option<Text>,
    /// Words that say so: command in the pipeline, and index of the word.
    pub words: Vec<(usize, usize)>,
    /// Whether the command or pipeline does nothing else.
    pub whole: bool,
}

/// The set-up step that one command is.
#[must_use]
pub fn recognise(command: &SimpleCommand) -> Option<RepoSetup> {
    recognise_parsed(command, parse(command).as_ref())
}

/// The same for a command that was read by [`parse`] before.
pub(crate) fn recognise_parsed(command: &SimpleCommand, parsed: Option<&PackageCommand>) -> Option<RepoSetup> {
    let texts: Vec<Text> = command.words.iter().map(Text::of).collect();
    if let Some(package_command) = parsed {
        return front_end(package_command, &texts);
    }
    let writes = writes(command);
    if let Some(kind) = written_kind(&writes) {
        return Some(with_product(kind, &all_texts(command, &texts), writes.only_managed()));
    }
    script(command, &texts)
}

/// The set-up step that a pipeline is: `curl … | bash -`, `wget … | apt-key add -`, `echo … | tee …list`.
#[must_use]
pub fn recognise_pipeline(pipeline: &Pipeline) -> Option<RepoSetup> {
    if let [Command::Simple(command)] = pipeline.commands.as_slice() {
        return recognise(command);
    }
    let commands: Vec<(usize, &SimpleCommand)> =
        pipeline.commands.iter().enumerate().filter_map(|(index, command)| Some((index, simple(command)?))).collect();
    let (at, mut setup) = sink(&commands)?;
    setup.whole &= commands.len() == pipeline.commands.len();
    for &(index, command) in commands.iter().filter(|(index, _)| *index != at) {
        setup.whole &= is_producer(command);
        let texts: Vec<Text> = command.words.iter().map(Text::of).collect();
        if setup.product.is_none()
            && let Some((word, found)) = first_product(&all_texts(command, &texts))
        {
            setup.product = Some(found.name);
            setup.version = found.version;
            setup.words.extend(word.map(|word| (index, word)));
        }
    }
    Some(setup)
}

fn simple(command: &Command) -> Option<&SimpleCommand> {
    match command {
        Command::Simple(simple) => Some(simple),
        Command::Compound(_) => None,
    }
}

/// The command of a pipeline that makes it a set-up, last one first.
fn sink(commands: &[(usize, &SimpleCommand)]) -> Option<(usize, RepoSetup)> {
    commands.iter().enumerate().rev().find_map(|(place, &(at, command))| {
        // A shell that reads its script from the pipe: the script is what the others fetch.
        let fetched = |&(from, c): &(usize, &SimpleCommand)| fetched_script(c).map(|setup| (from, setup));
        let fed = is_shell(command).then(|| commands[..place].iter().find_map(fetched)).flatten();
        let own = || recognise(command).filter(|setup| setup.kind != SetupKind::Download);
        let (from, mut setup) = fed.or_else(|| Some((at, own()?)))?;
        for word in &mut setup.words {
            word.0 = from;
        }
        Some((at, setup))
    })
}

/// Commands that only make text for the next one.
fn is_producer(command: &SimpleCommand) -> bool {
    const NAMES: &[&str] = &[
        "curl", "wget", "echo", "printf", "cat", "gpg", "gpg2", "sed", "awk", "tr", "yes", "tee", "dd", "grep", "head",
        "base64",
    ];
    command.name().is_some_and(|name| NAMES.contains(&name.as_str())) && writes(command).others.is_empty()
}

fn is_shell(command: &SimpleCommand) -> bool {
    command.name().is_some_and(|name| ["sh", "bash", "dash", "ash"].contains(&name.as_str()))
}

fn is_fetcher(command: &SimpleCommand) -> bool {
    command.name().is_some_and(|name| ["curl", "wget"].contains(&name.as_str()))
}

/// What a front end's own command line sets up.
fn front_end(command: &PackageCommand, texts: &[Text]) -> Option<RepoSetup> {
    if command.manager == Manager::AmazonLinuxExtras {
        return extras(command, texts);
    }
    if command.action.installs() {
        return release_package(command, texts);
    }
    let kind = match (&command.action, command.manager) {
        (Action::Configure, Manager::DebconfSetSelections) => SetupKind::Debconf,
        (Action::RepoSetup, manager) => verb_kind(manager, command, texts),
        _ => return None,
    };
    let operands: Vec<(Option<usize>, Text)> =
        (command.name_index + 1..texts.len()).map(|index| (Some(index), texts[index].clone())).collect();
    Some(with_product(kind, &operands, true))
}

fn verb_kind(manager: Manager, command: &PackageCommand, texts: &[Text]) -> SetupKind {
    let copr = command.action_words.first().is_some_and(|&word| texts[word].as_static() == Some("copr"));
    let operand = command.arguments.first().map_or("", |a| texts[a.word_index].prefix());
    match manager {
        Manager::AptKey | Manager::Rpm | Manager::RpmKeys | Manager::PacmanKey => SetupKind::Key,
        Manager::Dpkg => SetupKind::Architecture,
        Manager::SubscriptionManager => SetupKind::Subscription,
        Manager::AddAptRepository if operand.contains(':') && !operand.contains(' ') && !operand.contains("://") => {
            SetupKind::ShortName
        }
        _ if copr => SetupKind::ShortName,
        _ if command.has(&OptionRole::EnableRepo) || command.has(&OptionRole::DisableRepo) => SetupKind::Toggle,
        _ if command.has(&OptionRole::Config) && !command.has(&OptionRole::Repository) => SetupKind::Configuration,
        _ => SetupKind::SourceList,
    }
}

fn extras(command: &PackageCommand, texts: &[Text]) -> Option<RepoSetup> {
    matches!(command.action, Action::Install | Action::RepoSetup).then_some(())?;
    let words: Vec<(usize, usize)> = command.arguments.iter().map(|argument| (0, argument.word_index)).collect();
    let found = command.arguments.iter().find_map(|argument| topic(&texts[argument.word_index]));
    let (product, version) = found.map_or((None, None), |found| (Some(found.name), found.version));
    Some(RepoSetup { kind: SetupKind::Extras, product, version, words, whole: true })
}

/// Operands of an install that are only repository configuration.
fn release_package(command: &PackageCommand, texts: &[Text]) -> Option<RepoSetup> {
    let is_release = |kind: &ArgumentKind| match kind {
        ArgumentKind::Package(spec) => is_release_package(&spec.name),
        ArgumentKind::RpmVersioned(versioned) => is_release_package(&versioned.whole.name),
        ArgumentKind::Url(text) | ArgumentKind::LocalFile(text) => is_release_file(text),
        _ => false,
    };
    let words: Vec<usize> = command.arguments.iter().filter(|a| is_release(&a.kind)).map(|a| a.word_index).collect();
    let &first = words.first()?;
    let found = product(&texts[first]);
    let (product, version) = found.map_or((None, None), |found| (Some(found.name), found.version));
    let whole = words.len() == command.arguments.len();
    let words = words.into_iter().map(|word| (0, word)).collect();
    Some(RepoSetup { kind: SetupKind::ReleasePackage, product, version, words, whole })
}

/// The kind of the first managed file that a command writes; caches and databases make no set-up.
fn written_kind(writes: &Writes) -> Option<SetupKind> {
    writes.managed.iter().find_map(|(_, path)| match path.role {
        PathRole::Sources => Some(SetupKind::SourceList),
        PathRole::Keys => Some(SetupKind::Key),
        PathRole::Configuration => Some(SetupKind::Configuration),
        PathRole::ServicePolicy => Some(SetupKind::ServicePolicy),
        PathRole::IndexCache | PathRole::PackageCache | PathRole::Log | PathRole::Database => None,
    })
}

/// A shell that runs a known script, or a download of one into a file.
fn script(command: &SimpleCommand, texts: &[Text]) -> Option<RepoSetup> {
    if is_shell(command) {
        let named = texts.iter().enumerate().skip(command.name_index + 1).find(|(_, text)| is_setup_script(text));
        if let Some((word, text)) = named {
            return Some(script_setup(SetupKind::Script, Some(word), text));
        }
        return nested_script(command);
    }
    if is_fetcher(command) {
        let after_name = || texts.iter().enumerate().skip(command.name_index + 1);
        let (word, text) = after_name().find(|(_, text)| is_setup_script(text) || is_release_file(text))?;
        return Some(script_setup(SetupKind::Download, Some(word), text));
    }
    // The file itself as the command: `./setup_20.x`, `/tmp/nodesource_setup.sh`.
    let name = texts.get(command.name_index)?;
    (name.pattern().contains('/') && is_setup_script(name))
        .then(|| script_setup(SetupKind::Script, Some(command.name_index), name))
}

/// `bash <(curl …)`, `bash -c "$(curl …)"`, `sh -c 'curl … | bash'` is left to the nested pipeline itself.
fn nested_script(command: &SimpleCommand) -> Option<RepoSetup> {
    let mut found = None;
    for nested in &command.nested {
        let substituted = matches!(nested.kind, NestedKind::Process | NestedKind::Substitution);
        nested.script.visit(&mut |inner, _| {
            if substituted && found.is_none() {
                found = fetched_script(inner).map(|setup| RepoSetup { words: Vec::new(), ..setup });
            }
        });
    }
    found
}

/// What a download fetches, when that is a known set-up script.
fn fetched_script(command: &SimpleCommand) -> Option<RepoSetup> {
    if !is_fetcher(command) {
        return None;
    }
    let texts = command.words.iter().map(Text::of).enumerate().skip(command.name_index + 1);
    let (word, text) = texts.into_iter().find(|(_, text)| is_setup_script(text))?;
    Some(script_setup(SetupKind::Script, Some(word), &text))
}

fn script_setup(kind: SetupKind, word: Option<usize>, text: &Text) -> RepoSetup {
    let found = product(text);
    let (product, version) = found.map_or((None, None), |found| (Some(found.name), found.version));
    RepoSetup { kind, product, version, words: word.into_iter().map(|word| (0, word)).collect(), whole: true }
}

fn with_product(kind: SetupKind, texts: &[(Option<usize>, Text)], whole: bool) -> RepoSetup {
    let found = first_product(texts);
    let words = found.iter().filter_map(|(word, _)| word.map(|word| (0, word))).collect();
    let (product, version) = found.map_or((None, None), |(_, found)| (Some(found.name), found.version));
    RepoSetup { kind, product, version, words, whole }
}

fn first_product(texts: &[(Option<usize>, Text)]) -> Option<(Option<usize>, Found)> {
    texts.iter().find_map(|(word, text)| product(text).map(|found| (*word, found)))
}

/// The words after the name, and the bodies of here-documents, which are no words.
fn all_texts(command: &SimpleCommand, texts: &[Text]) -> Vec<(Option<usize>, Text)> {
    let words = texts.iter().enumerate().skip(command.name_index + 1).map(|(index, text)| (Some(index), text.clone()));
    let bodies = command.redirects.iter().filter_map(|r| r.heredoc.as_deref()).map(|b| (None, Text::from_static(b)));
    words.chain(bodies).collect()
}
