//! Account commands in BusyBox's terms.
//!
//! Wolfi's BusyBox has `adduser`, `addgroup`, `deluser`, `delgroup`, `passwd` and `chpasswd`; it has no `useradd`,
//! `groupadd`, `usermod`, `userdel`, `gpasswd`, `getent`. [`translate`] turns one command into others that leave the
//! same `passwd`, `group` and home directories behind, or says that the package `shadow` is needed. [`apply`] keeps
//! track of what each command makes, so that `-g 1000` after `groupadd -g 1000 app` is known to mean `app`.
//!
//! What a new account may differ in, beyond what a translation's notes say: the mode of a new home (BusyBox 2755;
//! Debian 0755, Ubuntu 0750, Fedora 0700), the ids of system accounts without a number (shadow counts down from 999,
//! BusyBox up from 100), the ageing fields in `/etc/shadow`, and the exit code of a failure (always 1 in BusyBox).

mod adduser;
mod base;
mod builder;
mod delete;
mod directories;
mod group;
mod guard;
mod options;
mod password;
mod replacement;
mod script;
mod source;
mod user;
mod useradd;
mod usermod;
mod value;
mod world;

use wolfify_syntax::shell::{ShellWord, SimpleCommand};

use builder::{Builder, Outcome, Refusal};
pub use replacement::{CommandText, Replacement, Surroundings};
pub use script::{Step, runs_for_certain, translate_script};
pub use value::Lookup;
use value::Value;
pub use world::{Family, KnownGroup, KnownUser, Origin, SourceUser, World};

/// What becomes of an account command on Wolfi.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Translation {
    /// It does the same there with the words as they stand.
    Keep,
    /// Other commands do the same.
    Replace(Replacement),
    /// Nothing is left to do.
    Remove {
        /// Why, as a sentence without a full stop.
        reason: String,
    },
    /// Only shadow-utils can do it: install the package `shadow`.
    NeedsShadow {
        /// What asks for it.
        reason: String,
        /// The commands to put in its place; `None` where the words stay.
        replacement: Option<Replacement>,
    },
    /// Another package has the command; the words stay.
    Needs {
        /// The Wolfi package.
        package: &'static str,
        /// What asks for it.
        reason: String,
    },
    /// No Wolfi package does it as written: it is left for a person.
    Unsupported {
        /// What stands in the way.
        reason: String,
    },
}

impl Translation {
    /// Whether what takes the command's place may stand inside the quoted operand of a `sh -c`: one command made of
    /// letters, digits, blanks and `_./:=@%+,-`.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        match self {
            Self::Replace(replacement) | Self::NeedsShadow { replacement: Some(replacement), .. } => {
                replacement.is_plain()
            }
            _ => true,
        }
    }
}

/// What to do with a command; `None` when it is not an account command.
#[must_use]
pub fn translate(command: &SimpleCommand, world: &World, lookup: Lookup<'_>) -> Option<Translation> {
    let (translation, _) = run(command, world, lookup)?;
    Some(translation)
}

/// Learns what a command makes or removes: users, groups, directories.
///
/// `certain` says whether the command surely runs: not so behind `||`, in a branch, in a loop.
pub fn apply(world: &mut World, command: &SimpleCommand, lookup: Lookup<'_>, certain: bool) {
    let effects = match run(command, world, lookup) {
        Some((_, effects)) => effects,
        None => directories_made(command, lookup),
    };
    for effect in effects {
        effect.apply(world, certain);
    }
}

fn directories_made(command: &SimpleCommand, lookup: Lookup<'_>) -> Vec<builder::Effect> {
    command_name(command, lookup)
        .map(|name| directories::made_by(&name, &command.words[command.name_index + 1..], lookup))
        .unwrap_or_default()
}

/// Whether a user of this name is in every Wolfi image's passwd file.
pub(crate) fn is_wolfi_user(name: &str) -> bool {
    base::WOLFI_USERS.iter().any(|user| user.0 == name)
}

/// Whether a group of this name is in every Wolfi image's group file.
pub(crate) fn is_wolfi_group(name: &str) -> bool {
    base::WOLFI_GROUPS.iter().any(|group| group.0 == name)
}

type Handler = fn(&mut Builder<'_>, &[ShellWord]) -> Outcome;

/// How a command is handled.
#[derive(Clone, Copy)]
struct Route {
    handler: Handler,
    /// Part of shadow-utils: the words may stay when `shadow` is installed.
    shadow: bool,
}

/// Whether [`translate`] may have something to say about a command, whatever its variables are worth.
pub(crate) fn concerns(command: &SimpleCommand) -> bool {
    let Some(word) = command.words.get(command.name_index) else { return false };
    let text = word.text.as_str();
    let written = text.rsplit('/').next().unwrap_or(text);
    text.contains(['$', '`', '"', '\'', '\\']) || ALL_NAMES.contains(&written)
}

/// Every name that [`route`] knows.
const ALL_NAMES: &[&str] = &[
    "useradd",
    "groupadd",
    "usermod",
    "groupmod",
    "gpasswd",
    "userdel",
    "groupdel",
    "chage",
    "chfn",
    "chsh",
    "newusers",
    "chgpasswd",
    "groupmems",
    "vipw",
    "vigr",
    "pwconv",
    "pwunconv",
    "grpconv",
    "grpunconv",
    "pwck",
    "grpck",
    "newgrp",
    "sg",
    "lastlog",
    "faillog",
    "newuidmap",
    "newgidmap",
    "passwd",
    "chpasswd",
    "adduser",
    "addgroup",
    "deluser",
    "delgroup",
    "getent",
    "id",
];

fn route(name: &str, world: &World) -> Option<Route> {
    let shadow: Option<Handler> = match name {
        "useradd" => Some(useradd::useradd),
        "groupadd" => Some(useradd::groupadd),
        "usermod" => Some(usermod::usermod),
        "groupmod" => Some(usermod::groupmod),
        "gpasswd" => Some(usermod::gpasswd),
        "userdel" => Some(delete::userdel),
        "groupdel" => Some(delete::groupdel),
        "chage" | "chfn" | "chsh" | "newusers" | "chgpasswd" | "groupmems" | "vipw" | "vigr" | "pwconv"
        | "pwunconv" | "grpconv" | "grpunconv" | "pwck" | "grpck" | "newgrp" | "sg" | "lastlog" | "faillog"
        | "newuidmap" | "newgidmap" => Some(password::no_applet),
        "passwd" | "chpasswd" if world.family.has_busybox() => Some(password::keep),
        "passwd" => Some(password::passwd),
        "chpasswd" => Some(password::chpasswd),
        _ => None,
    };
    if let Some(handler) = shadow {
        return Some(Route { handler, shadow: true });
    }
    let debian = world.family.has_debian_adduser();
    let handler: Handler = match name {
        "adduser" if world.family == Family::Fedora => useradd::useradd,
        "adduser" if debian => |builder, words| adduser::debian(builder, words, false),
        "addgroup" if debian => |builder, words| adduser::debian(builder, words, true),
        "deluser" if debian => |builder, words| delete::debian(builder, words, false),
        "delgroup" if debian => |builder, words| delete::debian(builder, words, true),
        "adduser" => |builder, words| adduser::busybox(builder, words, false),
        "addgroup" => |builder, words| adduser::busybox(builder, words, true),
        "deluser" => |builder, words| delete::busybox(builder, words, false),
        "delgroup" => |builder, words| delete::busybox(builder, words, true),
        "getent" => guard::getent,
        "id" => guard::id,
        _ => return None,
    };
    Some(Route { handler, shadow: false })
}

fn run(command: &SimpleCommand, world: &World, lookup: Lookup<'_>) -> Option<(Translation, Vec<builder::Effect>)> {
    let name = command_name(command, lookup)?;
    let route = route(&name, world)?;
    let mut builder = Builder::new(world, lookup, command);
    let words = &command.words[command.name_index + 1..];
    let outcome = match foreign_wrapper(command) {
        Some(_) if name == "id" => {
            builder.keep();
            Ok(())
        }
        Some(wrapper) if route.shadow => Err(Refusal::Shadow(format!("`{wrapper}` gives it words that are not known"))),
        Some(wrapper) => Err(Refusal::Unsupported(format!("`{wrapper}` gives `{name}` words that are not known"))),
        None => (route.handler)(&mut builder, words),
    };
    let effects = std::mem::take(&mut builder.effects);
    if world.family == Family::Wolfi {
        // Written for Wolfi already.
        return Some((Translation::Keep, effects));
    }
    Some((finish(builder, outcome, route, command), effects))
}

/// The command's name without its directory.
fn command_name(command: &SimpleCommand, lookup: Lookup<'_>) -> Option<String> {
    let word = command.words.get(command.name_index)?;
    let asks_where = command.wrappers.iter().any(|wrapper| {
        let words = command.words.get(wrapper.words.clone()).unwrap_or_default();
        wrapper.name == "command" && words.iter().any(|word| matches!(word.text.as_str(), "-v" | "-V"))
    });
    if asks_where {
        return None;
    }
    let name = Value::read(word, lookup).ok()?.known()?;
    Some(name.rsplit('/').next().unwrap_or(&name).to_owned())
}

/// A wrapper that changes the words or the number of runs.
fn foreign_wrapper(command: &SimpleCommand) -> Option<&str> {
    const PLAIN: &[&str] = &["sudo", "doas", "env", "command", "exec", "nice", "time", "ionice", "nohup", "eatmydata"];
    command.wrappers.iter().map(|wrapper| wrapper.name.as_str()).find(|name| !PLAIN.contains(name))
}

fn original(command: &SimpleCommand, builder: &Builder<'_>) -> String {
    let words: Vec<&str> = command.words[command.name_index..].iter().map(|word| word.text.as_str()).collect();
    builder.line(&words)
}

fn finish(builder: Builder<'_>, outcome: Outcome, route: Route, command: &SimpleCommand) -> Translation {
    let words = original(command, &builder);
    let with_shadow = route.shadow && builder.world.has_shadow;
    match outcome {
        Ok(()) if with_shadow && builder.removed.is_none() && !builder.stands => {
            shadow_replacement(builder, &words).map_or(Translation::Keep, Translation::Replace)
        }
        Ok(()) => replaced(builder, &words),
        Err(Refusal::Shadow(reason)) => {
            let replacement = shadow_replacement(builder, &words);
            match replacement {
                Some(replacement) if with_shadow => Translation::Replace(replacement),
                None if with_shadow => Translation::Keep,
                replacement => Translation::NeedsShadow { reason, replacement },
            }
        }
        Err(Refusal::Unsupported(reason)) => Translation::Unsupported { reason },
        Err(Refusal::Package(package, reason)) => Translation::Needs { package, reason },
    }
}

fn replaced(mut builder: Builder<'_>, words: &str) -> Translation {
    if let Some(reason) = builder.removed.take() {
        if builder.commands.is_empty() {
            return Translation::Remove { reason };
        }
        builder.notes.insert(0, reason);
    }
    if builder.keep {
        builder.commands.push(CommandText::command(words.to_owned()));
    }
    let mut commands = builder.prelude;
    commands.append(&mut builder.commands);
    if let [only] = commands.as_slice()
        && only.text == words
        && builder.notes.is_empty()
        && builder.login_shell.is_none()
    {
        return Translation::Keep;
    }
    Translation::Replace(Replacement { commands, notes: builder.notes, login_shell: builder.login_shell })
}

/// What comes before a command that shadow-utils runs, and its words where they change.
fn shadow_replacement(builder: Builder<'_>, words: &str) -> Option<Replacement> {
    let text = builder.shadow_words.unwrap_or_else(|| words.to_owned());
    if builder.prelude.is_empty() && text == words {
        return None;
    }
    let mut commands = builder.prelude;
    commands.push(CommandText::command(text));
    Some(Replacement { commands, notes: builder.notes, login_shell: builder.login_shell })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_with_a_route_is_listed() {
        let world = World::for_target(Family::Debian, None);
        let source = include_str!("mod.rs");
        let body = &source[source.find("fn route(").unwrap()..source.find("fn run(").unwrap()];
        for name in body.split('"').skip(1).step_by(2) {
            assert!(route(name, &world).is_some() && ALL_NAMES.contains(&name), "{name}");
        }
    }
}
