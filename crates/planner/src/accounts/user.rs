//! A user to be made, whichever command asks for it.

use super::builder::{Builder, Effect, Outcome, Refusal};
use super::group::check_id;
use super::replacement::CommandText;
use super::value::Value;
use super::world::Origin;

/// The primary group of a new user.
#[derive(Debug, Clone)]
pub(crate) enum Primary {
    /// A group of the user's own name.
    Private,
    /// `-g`: a name or a number.
    Given(Value),
    /// `-N`: the group `users`.
    Users,
    /// Debian's `adduser --system` without a group: `nogroup`.
    Nogroup,
}

/// A user to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewUser {
    pub(crate) name: Value,
    pub(crate) uid: Option<Value>,
    pub(crate) primary: Primary,
    pub(crate) supplementary: Option<Value>,
    /// As given; `None` for `/home/NAME`.
    pub(crate) home: Option<Value>,
    pub(crate) creates_home: bool,
    pub(crate) home_mode: Option<String>,
    pub(crate) shell: Value,
    pub(crate) gecos: Option<Value>,
    pub(crate) skeleton: Option<Value>,
    /// The encrypted password.
    pub(crate) password: Option<Value>,
    pub(crate) system: bool,
}

/// The options that choose id and group.
struct Identity {
    system_flag: bool,
    group: Option<String>,
    group_name: Option<String>,
}

impl NewUser {
    /// Makes the user.
    pub(crate) fn create(&self, builder: &mut Builder<'_>) -> Outcome {
        if let Err(refusal) = check_id("uid", self.uid.as_ref()) {
            self.learn(builder, None);
            return Err(refusal);
        }
        if self.is_there(builder) {
            builder.removed = Some(format!("the image already has the user `{}`", self.name.key()));
            self.add_supplementary(builder);
            return Ok(());
        }
        let identity = self.identity(builder);
        self.add(builder, &identity);
        self.learn(builder, identity.group_name);
        if let (Some(mode), true) = (&self.home_mode, self.creates_home) {
            let home = self.home_value();
            builder.run(&["chmod", mode, home.written()]);
        }
        self.set_password(builder);
        self.add_supplementary(builder);
        if let Some(shell) = self.shell.known()
            && !builder.world.shells.contains(&shell)
        {
            builder.login_shell = Some(shell);
        }
        Ok(())
    }

    /// Clears the way for the user; says whether it is there already as wanted.
    fn is_there(&self, builder: &mut Builder<'_>) -> bool {
        let world = builder.world;
        let key = self.name.key();
        let wanted = self.uid.as_ref().map(Value::key);
        if let Some(user) = world.user(&key)
            && user.origin == Origin::Image
            && world.source_user(&key).is_none()
        {
            if wanted.is_none() || wanted == user.uid {
                return true;
            }
            builder.drop_image_user(&key);
        }
        if let Some(wanted) = wanted
            && let Some(user) = world.user_by_uid(&wanted)
            && user.origin == Origin::Image
            && user.name != key
            && !wanted.parse().is_ok_and(|uid| world.source_user_of(uid).is_some())
        {
            builder.drop_image_user(&user.name);
        }
        self.clear_private_group(builder);
        false
    }

    /// The private group of a system user gets the user's number where that is free; a group that only Wolfi has makes
    /// way for it. Without `-r` useradd takes the next number from 1000 upwards.
    fn clear_private_group(&self, builder: &mut Builder<'_>) {
        let Some(uid) = self.uid.as_ref().filter(|_| self.system && matches!(self.primary, Primary::Private)) else {
            return;
        };
        let world = builder.world;
        let Some(group) = world.group_by_gid(&uid.key()) else { return };
        let dropped =
            builder.effects.iter().any(|effect| matches!(effect, Effect::DropGroup(gone) if *gone == group.name));
        let foreign = uid.number().and_then(|gid| u32::try_from(gid).ok());
        let foreign = foreign.is_some_and(|gid| world.source_group_of(gid).is_none());
        if group.origin == Origin::Image && foreign && !dropped && group.name != self.name.key() {
            builder.drop_image_group(&group.name);
        }
    }

    fn identity(&self, builder: &mut Builder<'_>) -> Identity {
        let own = Some(self.name.written().to_owned());
        let key = self.name.key();
        match &self.primary {
            Primary::Given(value) => {
                let group = builder.group_name(value);
                Identity { system_flag: self.system, group: Some(group.text), group_name: group.name }
            }
            Primary::Users => {
                builder.make_source_group("users");
                Identity { system_flag: self.system, group: Some("users".into()), group_name: Some("users".into()) }
            }
            Primary::Nogroup => Identity { system_flag: true, group: None, group_name: Some("nogroup".into()) },
            Primary::Private if self.has_image_group(builder, &key) => {
                builder.note(format!("the image's own group `{key}` becomes the user's primary group"));
                Identity { system_flag: self.system, group: own, group_name: Some(key) }
            }
            Primary::Private if self.needs_own_group_first(builder) => {
                let words: &[&str] = if self.system { &["addgroup", "-S"] } else { &["addgroup"] };
                let line = builder.line(&[words, &[self.name.written()]].concat());
                builder.commands.push(CommandText::command(line));
                builder.creates_group(&self.name, None, true);
                builder.effects.push(Effect::ChosenId { system: self.system });
                Identity { system_flag: self.system, group: own, group_name: Some(key) }
            }
            Primary::Private => {
                builder.creates_group(&self.name, self.uid.as_ref(), true);
                Identity { system_flag: false, group: None, group_name: Some(key) }
            }
        }
    }

    fn has_image_group(&self, builder: &Builder<'_>, key: &str) -> bool {
        builder.world.group(key).is_some_and(|group| {
            let goes = builder.effects.iter().any(|effect| matches!(effect, Effect::DropGroup(name) if name == key));
            group.origin == Origin::Image && builder.world.source_gid(key).is_none() && !goes
        })
    }

    /// A system user without a number would land in `nogroup`; a number that a group holds would be refused.
    fn needs_own_group_first(&self, builder: &Builder<'_>) -> bool {
        match &self.uid {
            // BusyBox wants uid and gid free at once; useradd takes the first uid, whatever the gid.
            None => self.system || builder.world.has_loose_group,
            Some(uid) if builder.world.user_by_uid(&uid.key()).is_some_and(|user| user.origin == Origin::Earlier) => {
                false
            }
            Some(uid) => {
                let dropped = |name: &str| {
                    builder.effects.iter().any(|effect| matches!(effect, Effect::DropGroup(gone) if gone == name))
                };
                builder.world.group_by_gid(&uid.key()).is_some_and(|group| !dropped(&group.name))
                    || uid.number().is_some_and(|number| builder.may_be_chosen(number))
            }
        }
    }

    fn home_value(&self) -> Value {
        self.home.clone().unwrap_or_else(|| Value::literal("/home").join(&self.name))
    }

    fn add(&self, builder: &mut Builder<'_>, identity: &Identity) {
        let home = self.home_value();
        let path = home.known();
        let exists = path.as_ref().is_some_and(|path| builder.world.directories.contains(trimmed(path)));
        let creates = self.creates_home && !exists;
        if creates {
            let (parent, known) = home.parent(&self.name);
            if !known.is_some_and(|parent| builder.world.directories.contains(trimmed(&parent))) {
                builder.run(&["mkdir", "-p", &parent]);
            }
            builder.effects.extend(path.map(Effect::Directory));
        } else if self.creates_home {
            builder.note(format!("{} exists before: as useradd, leave it as it is", home.key()));
        }
        let mut words = vec!["adduser"];
        if identity.system_flag {
            words.push("-S");
        }
        words.push("-D");
        if !creates {
            words.push("-H");
        }
        let options = [
            ("-u", self.uid.as_ref().map(Value::written)),
            ("-G", identity.group.as_deref()),
            ("-h", self.home.as_ref().map(Value::written)),
            ("-s", Some(self.shell.written())),
            ("-g", self.gecos.as_ref().filter(|gecos| !gecos.is_empty()).map(Value::written)),
            ("-k", self.skeleton.as_ref().filter(|_| creates).map(Value::written)),
        ];
        for (option, value) in options {
            words.extend(value.into_iter().flat_map(|value| [option, value]));
        }
        words.push(self.name.written());
        builder.run(&words);
    }

    fn learn(&self, builder: &mut Builder<'_>, group: Option<String>) {
        builder.creates_user(&self.name, self.uid.as_ref(), group, self.home_value().known());
        if self.uid.is_none() {
            builder.effects.push(Effect::ChosenId { system: self.system });
        }
    }

    /// The words that make the same user with shadow-utils.
    pub(crate) fn as_useradd(&self, builder: &Builder<'_>) -> String {
        let group = match &self.primary {
            Primary::Given(group) => Some(group.written()),
            Primary::Users => Some("users"),
            Primary::Nogroup => Some("nogroup"),
            Primary::Private => None,
        };
        let mut words = vec!["useradd"];
        if self.system {
            words.push("-r");
        }
        words.push(if self.creates_home { "-m" } else { "-M" });
        let options = [
            ("-u", self.uid.as_ref().map(Value::written)),
            ("-g", group),
            ("-d", self.home.as_ref().map(Value::written)),
            ("-s", Some(self.shell.written())),
            ("-c", self.gecos.as_ref().map(Value::written)),
        ];
        for (option, value) in options {
            words.extend(value.into_iter().flat_map(|value| [option, value]));
        }
        words.push(self.name.written());
        builder.line(&words)
    }

    fn set_password(&self, builder: &mut Builder<'_>) {
        if let Some(password) = &self.password {
            set_password(builder, &self.name, password);
        }
    }

    fn add_supplementary(&self, builder: &mut Builder<'_>) {
        if let Some(list) = &self.supplementary {
            builder.add_to_groups(&self.name, list);
        }
    }
}

/// Sets an encrypted password; `!` is what a new user has anyway.
pub(crate) fn set_password(builder: &mut Builder<'_>, user: &Value, password: &Value) {
    match password.known().as_deref() {
        Some("") => builder.run(&["passwd", "-d", user.written()]),
        Some("!") => {}
        _ => {
            let line = credentials(user, password);
            builder.run_piped(&format!("echo {line}"), &["chpasswd", "-e"]);
        }
    }
}

/// `user:password` as one word.
fn credentials(user: &Value, password: &Value) -> String {
    match (user.known().filter(|name| user.leading() == name), password.known()) {
        (Some(name), Some(known)) if password.leading() == known => {
            Value::literal(&format!("{name}:{known}")).written().to_owned()
        }
        (Some(name), _) => password.with(&format!("{name}:"), ""),
        _ => format!("{}{}", user.with("", ":"), password.with("", "")),
    }
}

fn trimmed(path: &str) -> &str {
    if path.len() > 1 { path.trim_end_matches('/') } else { path }
}

/// The refusal for a word that is not understood.
pub(crate) fn not_understood(reason: String) -> Refusal {
    Refusal::Shadow(reason)
}
