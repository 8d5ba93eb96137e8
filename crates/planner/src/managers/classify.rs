//! From the text of an operand to what it stands for, by family.

mod apk;
mod apt;
mod rpm;

use super::action::Action;
use super::argument::{ArgumentKind, ModuleStream, VariableWord};
use super::manager::{Family, Manager};
use super::text::{HOLE, Text};

/// What an operand of `action` stands for.
pub(crate) fn classify(manager: Manager, action: &Action, text: &Text) -> ArgumentKind {
    if text.is_wholly_dynamic() {
        return variable(text);
    }
    if is_url(text) {
        return ArgumentKind::Url(text.clone());
    }
    match action {
        Action::LocalInstall => ArgumentKind::LocalFile(text.clone()),
        Action::BuildDep if manager == Manager::MkBuildDeps => ArgumentKind::LocalFile(text.clone()),
        Action::GroupInstall => group(text),
        Action::Module(_) => module_stream(text).unwrap_or_else(|| variable(text)),
        Action::Satisfy => ArgumentKind::Dependency(text.clone()),
        Action::RepoSetup
        | Action::Clean
        | Action::Index
        | Action::Update
        | Action::History
        | Action::Extract
        | Action::Unknown(_) => ArgumentKind::Other(text.clone()),
        Action::Configure if manager != Manager::DpkgReconfigure && manager != Manager::Dpkg => {
            ArgumentKind::Other(text.clone())
        }
        _ => by_family(manager, action, text),
    }
}

fn by_family(manager: Manager, action: &Action, text: &Text) -> ArgumentKind {
    match manager.family() {
        // Topics of Amazon's own, no package names.
        _ if manager == Manager::AmazonLinuxExtras => ArgumentKind::Other(text.clone()),
        Family::Debian => apt::classify(text, action.removes()),
        Family::Rpm => rpm::classify(text),
        Family::Apk => apk::classify(text),
        Family::Other => ArgumentKind::Other(text.clone()),
    }
}

fn variable(text: &Text) -> ArgumentKind {
    ArgumentKind::Variable(VariableWord { text: text.clone(), likely_name: None })
}

/// Whether the scheme is static: `https://…`, `file:///…`.
fn is_url(text: &Text) -> bool {
    let scheme = text.prefix().split("://").next().unwrap_or("");
    scheme.len() < text.prefix().len()
        && !scheme.is_empty()
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+')
}

fn group(text: &Text) -> ArgumentKind {
    let skip = usize::from(text.pattern().starts_with('@'));
    ArgumentKind::Group(text.tail(skip))
}

/// `name[:stream[:version[:context]]][/profile]`; the name must be static.
fn module_stream(text: &Text) -> Option<ArgumentKind> {
    let skip = usize::from(text.pattern().starts_with('@'));
    let pattern = &text.pattern()[skip..];
    let slash = pattern.find('/').unwrap_or(pattern.len());
    let colon = pattern[..slash].find(':').unwrap_or(slash);
    let name = &pattern[..colon];
    if name.is_empty() || name.contains(HOLE) {
        return None;
    }
    let stream = (colon < slash).then(|| text.slice(skip + colon + 1..skip + slash));
    let profile = (slash < pattern.len()).then(|| text.tail(skip + slash + 1));
    Some(ArgumentKind::ModuleStream(ModuleStream { name: name.to_owned(), stream, profile }))
}

/// Whether `text` has characters of a shell pattern.
fn has_glob(text: &str) -> bool {
    text.contains(['*', '?', '['])
}
