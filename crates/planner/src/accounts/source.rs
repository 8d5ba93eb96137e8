//! Accounts of the source image that Wolfi lacks: `www-data`, `node`, `ubuntu`, the group `sudo`.

use super::builder::{Builder, Effect};
use super::user::{NewUser, Primary};
use super::value::Value;
use super::world::SourceUser;

impl Builder<'_> {
    /// The user as the source image has it, when the target image has none of this name.
    pub(crate) fn missing_user(&self, name: &Value) -> Option<SourceUser> {
        let key = name.key();
        let made = self.effects.iter().any(|effect| matches!(effect, Effect::User(user) if user.name == key));
        if made || self.world.user(&key).is_some() {
            return None;
        }
        self.world.source_user(&key).cloned()
    }

    /// Makes a user that the source image has and the target has not, before the command proper.
    pub(crate) fn make_source_user(&mut self, name: &Value) {
        let Some(source) = self.missing_user(name) else { return };
        let user = self.as_in_source(name, &source);
        self.note(format!("the user `{}` of the source image is made first", name.key()));
        self.create_before(&user);
    }

    /// The user as a new one with the source image's numbers and paths.
    pub(crate) fn as_in_source(&self, name: &Value, source: &SourceUser) -> NewUser {
        let uid_taken = self.world.user_by_uid(&source.uid.to_string()).is_some();
        let group = self.world.source_group_of(source.gid).map_or_else(|| source.gid.to_string(), str::to_owned);
        NewUser {
            name: name.clone(),
            uid: (!uid_taken).then(|| Value::literal(&source.uid.to_string())),
            primary: Primary::Given(Value::literal(&group)),
            supplementary: None,
            home: Some(Value::literal(&source.home)),
            creates_home: source.home.starts_with("/home/"),
            home_mode: None,
            shell: Value::literal(&source.shell),
            gecos: None,
            skeleton: None,
            password: None,
            system: uid_taken,
        }
    }

    fn create_before(&mut self, user: &NewUser) {
        let at = self.commands.len();
        // The ids come from a base image: they are never above what BusyBox accepts.
        let created = user.create(self);
        debug_assert!(created.is_ok(), "a base image's ids are small");
        let made = self.commands.split_off(at);
        self.prelude.extend(made);
    }
}
