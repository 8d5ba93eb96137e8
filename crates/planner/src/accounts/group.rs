//! Groups: which name a `-g` means, what to make when Wolfi lacks it, and how a group is made.

use super::builder::{Builder, Effect, Outcome, Refusal};
use super::replacement::CommandText;
use super::value::{Value, quote};
use super::world::Origin;

/// The highest uid and gid BusyBox accepts (`CONFIG_LAST_ID` of Wolfi's busybox).
const LAST_ID: u64 = 256_000;
/// Where BusyBox begins to choose ids.
const FIRST_SYSTEM_ID: u64 = 100;
const FIRST_ID: u64 = 1000;

/// A group as an operand of `addgroup USER GROUP` or `adduser -G GROUP`, which take names only.
pub(crate) struct GroupName {
    /// Shell text.
    pub(crate) text: String,
    /// Its name where known.
    pub(crate) name: Option<String>,
}

impl Builder<'_> {
    /// Finds the name of a group given by name or number; makes a base group of the source image that Wolfi lacks.
    pub(crate) fn group_name(&mut self, value: &Value) -> GroupName {
        let key = value.key();
        if let Some(group) = self.world.group(&key) {
            let text = if value.known().is_some() { value.written().to_owned() } else { group.written.clone() };
            return GroupName { text, name: Some(key) };
        }
        if let Some(group) = self.world.group_by_gid(&key)
            && group.certain
        {
            return GroupName { text: group.written.clone(), name: Some(group.name.clone()) };
        }
        match (value.known(), value.number().and_then(|gid| u32::try_from(gid).ok())) {
            (Some(_), Some(gid)) => self.group_name_of_number(value, gid),
            (Some(name), None) => {
                self.make_source_group(&name);
                GroupName { text: value.written().to_owned(), name: Some(name) }
            }
            (None, _) => {
                self.note(format!("{} must name a group that exists on Wolfi", value.written()));
                GroupName { text: looked_up(value), name: None }
            }
        }
    }

    fn group_name_of_number(&mut self, value: &Value, gid: u32) -> GroupName {
        if let Some(name) = self.world.source_group_of(gid).map(str::to_owned)
            && self.world.group(&name).is_none()
        {
            self.make_source_group(&name);
            return GroupName { text: quote(&name), name: Some(name) };
        }
        GroupName { text: looked_up(value), name: None }
    }

    /// Makes a group that the source image has and the target has not. A package may have made it, so it is asked for first.
    pub(crate) fn make_source_group(&mut self, name: &str) {
        if self.world.group(name).is_some() {
            return;
        }
        let Some(gid) = self.world.source_gid(name) else {
            self.note(format!("no instruction of this file makes the group `{name}`: it must come from a package"));
            return;
        };
        let made = self.effects.iter().any(|effect| matches!(effect, Effect::Group(group) if group.name == name));
        if made {
            return;
        }
        let number = gid.to_string();
        let line = if self.gid_is_free(gid) {
            self.line(&["addgroup", "-g", &number, name])
        } else {
            self.note(format!("the group `{name}` gets another number than {gid}, which Wolfi uses otherwise"));
            self.effects.push(Effect::ChosenId { system: true });
            self.line(&["addgroup", "-S", name])
        };
        self.prelude.push(CommandText::command(format!("{{ grep -q '^{name}:' /etc/group || {line}; }}")));
        self.creates_group(&Value::literal(name), Some(&Value::literal(&number)), false);
    }

    fn gid_is_free(&self, gid: u32) -> bool {
        self.world.group_by_gid(&gid.to_string()).is_none() && !self.may_be_chosen(u64::from(gid))
    }

    /// Whether BusyBox may have given this id to an account that did not ask for a number.
    pub(crate) fn may_be_chosen(&self, id: u64) -> bool {
        (FIRST_SYSTEM_ID..FIRST_SYSTEM_ID + self.world.chosen_system_ids).contains(&id)
            || (FIRST_ID..FIRST_ID + self.world.chosen_ids).contains(&id)
    }

    /// Adds a user to each group of a list.
    pub(crate) fn add_to_groups(&mut self, user: &Value, list: &Value) {
        let items = list.items();
        if items.iter().any(|item| item.is_unknown() && self.world.group(&item.key()).is_none()) {
            let words = format!("echo {} | tr , ' ' | xargs -r -n 1", list.with("", ""));
            let line = self.line(&["addgroup", user.written()]);
            self.commands.push(CommandText::pipeline(format!("{words} {line}")));
            self.effects.push(Effect::Regrouped(user.key()));
            return;
        }
        for item in items {
            let group = self.group_name(&item);
            self.run(&["addgroup", user.written(), &group.text]);
            match group.name {
                Some(name) => self.effects.push(Effect::Member { user: user.key(), group: name }),
                None => self.effects.push(Effect::Regrouped(user.key())),
            }
        }
    }

    /// Clears the way for a group: what the target image has under this name or number, the source image had not.
    ///
    /// Returns whether the group is there already as wanted.
    pub(crate) fn group_is_there(&mut self, name: &Value, gid: Option<&Value>) -> bool {
        let key = name.key();
        let wanted = gid.map(Value::key);
        let by_name = self
            .world
            .group(&key)
            .filter(|group| group.origin == Origin::Image && self.world.source_gid(&key).is_none());
        if let Some(group) = by_name {
            if wanted.is_none() || wanted == group.gid {
                return true;
            }
            self.drop_image_group(&key);
        }
        if let Some(wanted) = wanted
            && let Some(group) = self.world.group_by_gid(&wanted)
            && group.origin == Origin::Image
            && group.name != key
            && !wanted.parse().is_ok_and(|gid| self.world.source_group_of(gid).is_some())
        {
            let owner = group.name.clone();
            self.drop_image_group(&owner);
        }
        false
    }

    /// Removes a group of the target image, and the user whose own group it is.
    pub(crate) fn drop_image_group(&mut self, name: &str) {
        if let Some(user) = self.world.image_user_of_group(name).map(|user| user.name.clone()) {
            self.drop_image_user(&user);
            if user == name {
                return;
            }
        }
        self.run_before(&["delgroup", name]);
        self.note(format!("the image's own group `{name}` makes way"));
        self.effects.push(Effect::DropGroup(name.to_owned()));
    }

    /// Removes a user of the target image, and with it the group of the same name.
    pub(crate) fn drop_image_user(&mut self, name: &str) {
        self.run_before(&["deluser", name]);
        self.note(format!("the image's own user `{name}` makes way"));
        self.effects.push(Effect::DropUser(name.to_owned()));
        self.effects.push(Effect::DropGroup(name.to_owned()));
    }
}

/// The name of a group whose number, or perhaps name, is known only when the command runs.
fn looked_up(value: &Value) -> String {
    if value.number().is_some() && value.leading() == value.key() {
        return format!("\"$(awk -F: '$3=={}{{print $1;exit}}' /etc/group)\"", value.key());
    }
    let value = value.with("", "");
    format!("\"$(awk -F: -v g={value} '$1==g||$3==g{{print $1;exit}}' /etc/group)\"")
}

/// Refuses an id BusyBox does not take.
pub(crate) fn check_id(what: &str, value: Option<&Value>) -> Outcome {
    match value.and_then(Value::number) {
        Some(id) if id > LAST_ID => {
            Err(Refusal::Shadow(format!("{what} {id} is above {LAST_ID}, the highest that BusyBox accepts")))
        }
        _ => Ok(()),
    }
}

/// A group to be made.
pub(crate) struct NewGroup {
    pub(crate) name: Value,
    pub(crate) gid: Option<Value>,
    pub(crate) system: bool,
    /// Success when the group exists already.
    pub(crate) unless_there: bool,
}

impl NewGroup {
    /// Makes the group.
    pub(crate) fn create(&self, builder: &mut Builder<'_>) -> Outcome {
        check_id("gid", self.gid.as_ref())?;
        if builder.group_is_there(&self.name, self.gid.as_ref()) {
            builder.removed = Some(format!("the image already has the group `{}`", self.name.key()));
            return Ok(());
        }
        let name = self.name.written();
        let mut words = vec!["addgroup"];
        match &self.gid {
            Some(gid) => words.extend(["-g", gid.written()]),
            None if self.system => words.push("-S"),
            None => {}
        }
        words.push(name);
        let line = builder.line(&words);
        let line = if self.unless_there { format!("{{ {} || {line}; }}", self.test()) } else { line };
        builder.commands.push(CommandText::command(line));
        builder.creates_group(&self.name, self.gid.as_ref(), !self.unless_there);
        if self.gid.is_none() {
            builder.effects.push(Effect::ChosenId { system: self.system });
        }
        let low = self.gid.as_ref().map_or(self.system, |gid| gid.number().is_some_and(|gid| gid < FIRST_ID));
        if !low {
            builder.effects.push(Effect::LooseGroup);
        }
        Ok(())
    }

    fn test(&self) -> String {
        let by_name = pattern(&self.name, "^", ":");
        match &self.gid {
            Some(gid) => format!("grep -q -e {by_name} -e {} /etc/group", pattern(gid, "^[^:]*:[^:]*:", ":")),
            None => format!("grep -q {by_name} /etc/group"),
        }
    }
}

/// A pattern for grep that holds the value, as one word.
pub(crate) fn pattern(value: &Value, before: &str, after: &str) -> String {
    value.with(before, after)
}
