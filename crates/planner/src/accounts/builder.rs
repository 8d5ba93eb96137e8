//! Collects the commands that take a command's place, and what they change.

use std::collections::BTreeSet;

use wolfify_syntax::shell::SimpleCommand;

use super::replacement::CommandText;
use super::value::{Lookup, Value};
use super::world::{KnownGroup, KnownUser, Origin, World};

/// Why a command is not translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Only shadow-utils can do it.
    Shadow(String),
    /// Nothing on Wolfi does it as written.
    Unsupported(String),
    /// Another package has the command.
    Package(&'static str, String),
}

/// What a handler of a command family returns.
pub(crate) type Outcome = Result<(), Refusal>;

/// A change of the accounts or directories.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    Group(KnownGroup),
    User(KnownUser),
    Member {
        user: String,
        group: String,
    },
    DropMember {
        user: String,
        group: String,
    },
    DropUser(String),
    DropGroup(String),
    Directory(String),
    /// The user's groups are no longer known.
    Regrouped(String),
    /// BusyBox or shadow chose an id.
    ChosenId {
        system: bool,
    },
    /// A group was made that is no user\'s own: the next number free for a user is not free for its group.
    LooseGroup,
}

/// The translation in the making.
pub(crate) struct Builder<'a> {
    pub(crate) world: &'a World,
    pub(crate) lookup: Lookup<'a>,
    /// Assignments and wrappers such as `sudo` that every command needs before it.
    prefix: String,
    /// Commands that make what Wolfi lacks, or clear what it has, before the command proper.
    pub(crate) prelude: Vec<CommandText>,
    pub(crate) commands: Vec<CommandText>,
    pub(crate) notes: Vec<String>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) login_shell: Option<String>,
    /// The words stay as they are.
    pub(crate) keep: bool,
    /// The commands stand even where `shadow` is installed: they make what its command would change.
    pub(crate) stands: bool,
    /// Why nothing is left to do.
    pub(crate) removed: Option<String>,
    /// The words to use with shadow-utils, where they are not the author's.
    pub(crate) shadow_words: Option<String>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(world: &'a World, lookup: Lookup<'a>, command: &SimpleCommand) -> Self {
        Self {
            world,
            lookup,
            prefix: prefix_of(command),
            prelude: Vec::new(),
            commands: Vec::new(),
            notes: Vec::new(),
            effects: Vec::new(),
            login_shell: None,
            keep: false,
            stands: false,
            removed: None,
            shadow_words: None,
        }
    }

    /// A command line with the wrappers of the original before it.
    pub(crate) fn line(&self, words: &[&str]) -> String {
        format!("{}{}", self.prefix, words.join(" "))
    }

    pub(crate) fn run(&mut self, words: &[&str]) {
        let line = self.line(words);
        self.commands.push(CommandText::command(line));
    }

    pub(crate) fn run_before(&mut self, words: &[&str]) {
        let line = self.line(words);
        self.prelude.push(CommandText::command(line));
    }

    /// A command fed by a pipe.
    pub(crate) fn run_piped(&mut self, before: &str, words: &[&str]) {
        let line = format!("{before} | {}", self.line(words));
        self.commands.push(CommandText::pipeline(line));
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    pub(crate) fn keep(&mut self) {
        self.keep = true;
    }

    pub(crate) fn creates_group(&mut self, name: &Value, gid: Option<&Value>, certain: bool) {
        let key = name.key();
        self.effects.push(Effect::Group(KnownGroup {
            name: key,
            gid: gid.map(Value::key),
            written: name.written().to_owned(),
            origin: Origin::Earlier,
            certain,
        }));
    }

    pub(crate) fn creates_user(
        &mut self,
        name: &Value,
        uid: Option<&Value>,
        group: Option<String>,
        home: Option<String>,
    ) {
        self.effects.push(Effect::User(KnownUser {
            name: name.key(),
            uid: uid.map(Value::key),
            group,
            home,
            origin: Origin::Earlier,
            certain: true,
            supplementary: Some(BTreeSet::new()),
        }));
    }
}

/// The words of assignments and wrappers, each with a space behind it.
fn prefix_of(command: &SimpleCommand) -> String {
    let assignments = command.assignments.iter().map(|assignment| {
        let value = assignment.value.as_ref().map_or("", |value| value.text.as_str());
        format!("{}={value} ", assignment.name)
    });
    let wrappers = command.words.iter().take(command.name_index).map(|word| format!("{} ", word.text));
    assignments.chain(wrappers).collect()
}

impl Effect {
    /// Applies the change; `certain` says whether the command surely runs and succeeds.
    pub(crate) fn apply(self, world: &mut World, certain: bool) {
        match self {
            Self::Group(mut group) => {
                group.certain &= certain;
                world.insert_group(group);
            }
            Self::User(mut user) => {
                user.certain &= certain;
                world.insert_user(user);
            }
            Self::Member { user, group } => {
                if let Some(groups) = world.users.get_mut(&user).and_then(|user| user.supplementary.as_mut()) {
                    groups.insert(group);
                }
            }
            Self::DropMember { user, group } => {
                if let Some(groups) = world.users.get_mut(&user).and_then(|user| user.supplementary.as_mut())
                    && certain
                {
                    groups.remove(&group);
                }
            }
            Self::DropUser(name) => world.remove_user(&name),
            Self::DropGroup(name) => world.remove_group(&name),
            Self::Directory(path) => {
                if certain {
                    world.add_directory(&path);
                }
            }
            Self::Regrouped(name) => {
                if let Some(user) = world.users.get_mut(&name) {
                    user.supplementary = None;
                }
            }
            Self::LooseGroup => world.has_loose_group = true,
            Self::ChosenId { system: true } => world.chosen_system_ids += 1,
            Self::ChosenId { system: false } => world.chosen_ids += 1,
        }
    }
}
