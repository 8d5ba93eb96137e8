//! What is known of accounts and directories where a command runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::base::{self, GroupRow, UserRow};

/// The distribution a command was written for: the defaults of `useradd` and `adduser` differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Debian: no home unless asked for, `/bin/sh`; adduser is Debian's own.
    Debian,
    /// Ubuntu: as Debian.
    Ubuntu,
    /// Fedora, CentOS, RHEL, UBI, Amazon Linux: a home by default, `/bin/bash`; adduser is useradd.
    Fedora,
    /// Alpine: adduser and addgroup are BusyBox's already.
    Alpine,
    /// Wolfi and Chainguard images: as Alpine.
    Wolfi,
}

impl Family {
    /// Whether `adduser`, `addgroup` and `passwd` are BusyBox's.
    pub(crate) fn has_busybox(self) -> bool {
        matches!(self, Self::Alpine | Self::Wolfi)
    }

    /// Whether `adduser`, `addgroup`, `deluser` and `delgroup` are Debian's.
    pub(crate) fn has_debian_adduser(self) -> bool {
        matches!(self, Self::Debian | Self::Ubuntu)
    }
}

/// Where an account comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The target image brings it.
    Image,
    /// An earlier instruction makes it.
    Earlier,
}

/// A group that exists where the next command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownGroup {
    /// Its name; where the name is a variable without a static value, the normal form `${NAME}`.
    pub name: String,
    /// Its number, or `${NAME}`; `None` when the system chose it.
    pub gid: Option<String>,
    /// The name as shell text.
    pub written: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it is certain to have this name and number; not so after `groupadd -f` or behind a condition.
    pub certain: bool,
}

/// A user that exists where the next command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownUser {
    /// Its name; where the name is a variable without a static value, the normal form `${NAME}`.
    pub name: String,
    /// Its number, or `${NAME}`; `None` when the system chose it.
    pub uid: Option<String>,
    /// The name of its primary group.
    pub group: Option<String>,
    /// Its home directory, where static.
    pub home: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it is certain to be as described; not so behind a condition.
    pub certain: bool,
    /// The groups it was put in beside the primary one, or `None` when there may be others.
    pub supplementary: Option<BTreeSet<String>>,
}

/// An account of the image the file was written for. It need not exist in the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceUser {
    /// Its number.
    pub uid: u32,
    /// The number of its primary group.
    pub gid: u32,
    /// Its home directory.
    pub home: String,
    /// Its shell.
    pub shell: String,
}

/// The accounts of the image the file was written for, by name and by number.
#[derive(Debug, Clone, Default)]
struct SourceAccounts {
    groups: BTreeMap<String, u32>,
    gids: BTreeMap<u32, String>,
    users: BTreeMap<String, SourceUser>,
    uids: BTreeMap<u32, String>,
}

/// What earlier instructions of the stage made known, and what the source and the target image bring.
#[derive(Debug, Clone)]
pub struct World {
    /// The distribution the commands were written for.
    pub family: Family,
    /// Debian 12, Ubuntu 23.04 and later: `adduser --system` without `--home` makes no home and writes `/nonexistent`.
    pub homeless_system_users: bool,
    /// `shadow` is installed (or will be), so its commands may stay.
    pub has_shadow: bool,
    /// Login shells the image can run, by path.
    pub shells: BTreeSet<String>,
    /// Directories known to exist, absolute, without a trailing slash.
    pub directories: BTreeSet<String>,
    pub(crate) groups: BTreeMap<String, KnownGroup>,
    group_of_gid: BTreeMap<String, String>,
    pub(crate) users: BTreeMap<String, KnownUser>,
    user_of_uid: BTreeMap<String, String>,
    /// Shared between the copies of a world: hardly any command changes it.
    source: Arc<SourceAccounts>,
    /// How many ids BusyBox has chosen itself: system ones from 100 upwards, others from 1000.
    pub(crate) chosen_system_ids: u64,
    pub(crate) chosen_ids: u64,
    /// A group that is no user's own has a number from 1000 upwards.
    pub(crate) has_loose_group: bool,
}

impl World {
    /// A Wolfi or Chainguard base image as target, and a base image of `family` as the one the file was written for.
    ///
    /// `image_user` is the target's own user (name, uid), `nonroot` 65532 on most Chainguard images; `None` on an image
    /// without one.
    #[must_use]
    pub fn for_target(family: Family, image_user: Option<(&str, u32)>) -> Self {
        let mut world = Self::empty(family);
        let (groups, users) = source_tables(family);
        for &(name, gid) in groups.iter().copied().flatten() {
            world.add_source_group(name, gid);
        }
        for row in users.iter().copied().flatten() {
            world.add_source_row(row);
        }
        for &(name, gid) in base::WOLFI_GROUPS {
            world.add_image_group(name, gid);
        }
        for &(name, uid, gid, home, _) in base::WOLFI_USERS {
            world.add_image_user(name, uid, gid, home);
        }
        if let Some((name, uid)) = image_user {
            world.add_image_group(name, uid);
            world.add_image_user(name, uid, uid, &format!("/home/{name}"));
        }
        world
    }

    fn empty(family: Family) -> Self {
        Self {
            family,
            homeless_system_users: true,
            has_shadow: false,
            shells: base::WOLFI_SHELLS.iter().map(|&shell| shell.to_owned()).collect(),
            directories: base::WOLFI_DIRECTORIES.iter().map(|&path| path.to_owned()).collect(),
            groups: BTreeMap::new(),
            group_of_gid: BTreeMap::new(),
            users: BTreeMap::new(),
            user_of_uid: BTreeMap::new(),
            source: Arc::default(),
            chosen_system_ids: 0,
            chosen_ids: 0,
            has_loose_group: false,
        }
    }

    /// Adds a group the target image brings.
    pub fn add_image_group(&mut self, name: &str, gid: u32) {
        self.insert_group(KnownGroup {
            name: name.to_owned(),
            gid: Some(gid.to_string()),
            written: super::value::quote(name),
            origin: Origin::Image,
            certain: true,
        });
    }

    /// Adds a user the target image brings.
    pub fn add_image_user(&mut self, name: &str, uid: u32, gid: u32, home: &str) {
        let group = self.group_of_gid.get(&gid.to_string()).cloned();
        self.insert_user(KnownUser {
            name: name.to_owned(),
            uid: Some(uid.to_string()),
            group,
            home: Some(home.to_owned()),
            origin: Origin::Image,
            certain: true,
            supplementary: None,
        });
    }

    /// Adds a group of the image the file was written for: `docker` after `apt-get install docker.io`, for instance.
    pub fn add_source_group(&mut self, name: &str, gid: u32) {
        let source = Arc::make_mut(&mut self.source);
        source.groups.insert(name.to_owned(), gid);
        source.gids.insert(gid, name.to_owned());
    }

    /// Adds a user of the image the file was written for: `node` 1000 in `node:22`, for instance.
    pub fn add_source_user(&mut self, name: &str, user: SourceUser) {
        let source = Arc::make_mut(&mut self.source);
        source.uids.insert(user.uid, name.to_owned());
        source.users.insert(name.to_owned(), user);
    }

    fn add_source_row(&mut self, &(name, uid, gid, home, shell): &UserRow) {
        self.add_source_user(name, SourceUser { uid, gid, home: home.to_owned(), shell: shell.to_owned() });
    }

    /// Adds a directory and those above it.
    pub fn add_directory(&mut self, path: &str) {
        let mut path = path.trim_end_matches('/');
        while path.len() > 1 && self.directories.insert(path.to_owned()) {
            path = super::value::parent_of(path);
        }
    }

    /// The group of this name, if it exists.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&KnownGroup> {
        self.groups.get(name)
    }

    /// The user of this name, if it exists.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&KnownUser> {
        self.users.get(name)
    }

    /// All groups, by name.
    pub fn groups(&self) -> impl Iterator<Item = &KnownGroup> {
        self.groups.values()
    }

    /// All users, by name.
    pub fn users(&self) -> impl Iterator<Item = &KnownUser> {
        self.users.values()
    }

    /// The group of this number.
    #[must_use]
    pub fn group_by_gid(&self, gid: &str) -> Option<&KnownGroup> {
        self.groups.get(self.group_of_gid.get(gid)?)
    }

    /// The user of this number.
    #[must_use]
    pub fn user_by_uid(&self, uid: &str) -> Option<&KnownUser> {
        self.users.get(self.user_of_uid.get(uid)?)
    }

    /// The number a group has in the image the file was written for.
    #[must_use]
    pub fn source_gid(&self, name: &str) -> Option<u32> {
        self.source.groups.get(name).copied()
    }

    /// The group with this number in the image the file was written for.
    pub(crate) fn source_group_of(&self, gid: u32) -> Option<&str> {
        self.source.gids.get(&gid).map(String::as_str)
    }

    /// A user of the image the file was written for.
    #[must_use]
    pub fn source_user(&self, name: &str) -> Option<&SourceUser> {
        self.source.users.get(name)
    }

    /// The user with this number in the image the file was written for.
    pub(crate) fn source_user_of(&self, uid: u32) -> Option<&str> {
        self.source.uids.get(&uid).map(String::as_str)
    }

    /// The user whose primary group this is, among those the target image brings.
    pub(crate) fn image_user_of_group(&self, group: &str) -> Option<&KnownUser> {
        self.users.values().find(|user| user.origin == Origin::Image && user.group.as_deref() == Some(group))
    }

    /// Adds a group, or describes it anew.
    pub fn insert_group(&mut self, group: KnownGroup) {
        if let Some(gid) = &group.gid {
            self.group_of_gid.insert(gid.clone(), group.name.clone());
        }
        self.groups.insert(group.name.clone(), group);
    }

    /// Adds a user, or describes it anew.
    pub fn insert_user(&mut self, user: KnownUser) {
        if let Some(uid) = &user.uid {
            self.user_of_uid.insert(uid.clone(), user.name.clone());
        }
        self.users.insert(user.name.clone(), user);
    }

    pub(crate) fn remove_group(&mut self, name: &str) {
        if self.source.groups.contains_key(name) {
            let source = Arc::make_mut(&mut self.source);
            source.groups.remove(name).map(|gid| source.gids.remove(&gid));
        }
        if let Some(group) = self.groups.remove(name)
            && let Some(gid) = group.gid
            && self.group_of_gid.get(&gid).is_some_and(|owner| owner == name)
        {
            self.group_of_gid.remove(&gid);
        }
    }

    pub(crate) fn remove_user(&mut self, name: &str) {
        if self.source.users.contains_key(name) {
            let source = Arc::make_mut(&mut self.source);
            source.users.remove(name).map(|user| source.uids.remove(&user.uid));
        }
        if let Some(user) = self.users.remove(name)
            && let Some(uid) = user.uid
            && self.user_of_uid.get(&uid).is_some_and(|owner| owner == name)
        {
            self.user_of_uid.remove(&uid);
        }
    }
}

type Tables = (Vec<&'static [GroupRow]>, Vec<&'static [UserRow]>);

fn source_tables(family: Family) -> Tables {
    match family {
        Family::Debian | Family::Ubuntu => (vec![base::DEBIAN_GROUPS], vec![base::DEBIAN_USERS]),
        Family::Fedora => (vec![base::FEDORA_GROUPS], vec![base::FEDORA_USERS]),
        Family::Alpine => {
            (vec![base::WOLFI_GROUPS, base::ALPINE_EXTRA_GROUPS], vec![base::WOLFI_USERS, base::ALPINE_EXTRA_USERS])
        }
        Family::Wolfi => (vec![base::WOLFI_GROUPS], vec![base::WOLFI_USERS]),
    }
}
