//! `usermod`, `groupmod` and `gpasswd` of shadow-utils.

use wolfify_syntax::shell::ShellWord;

use super::builder::{Builder, Effect, Outcome, Refusal};
use super::group::{NewGroup, check_id};
use super::options::{Parsed, Spelling, Style, flag, long_flag, parse, with_value};
use super::replacement::CommandText;
use super::user::{Primary, not_understood, set_password};
use super::value::Value;
use super::world::Origin;

const USERMOD: &[Spelling] = &[
    flag("append", 'a', "append"),
    flag("ignore", 'b', "badname"),
    long_flag("ignore", "badnames"),
    with_value("gecos", 'c', "comment"),
    with_value("home", 'd', "home"),
    with_value("expire", 'e', "expiredate"),
    with_value("inactive", 'f', "inactive"),
    with_value("group", 'g', "gid"),
    with_value("groups", 'G', "groups"),
    with_value("login", 'l', "login"),
    flag("lock", 'L', "lock"),
    flag("move", 'm', "move-home"),
    flag("non-unique", 'o', "non-unique"),
    with_value("password", 'p', "password"),
    with_value("prefix", 'P', "prefix"),
    flag("remove", 'r', "remove"),
    with_value("root", 'R', "root"),
    with_value("shell", 's', "shell"),
    with_value("uid", 'u', "uid"),
    flag("unlock", 'U', "unlock"),
    with_value("subuids", 'v', "add-subuids"),
    with_value("subuids", 'V', "del-subuids"),
    with_value("subgids", 'w', "add-subgids"),
    with_value("subgids", 'W', "del-subgids"),
    with_value("selinux", 'Z', "selinux-user"),
];

/// Options whose effect BusyBox's commands have.
const BUSYBOX: &[&str] = &["append", "groups", "lock", "unlock", "password", "ignore"];
/// Options that are as good when the user is made only now.
const WHEN_NEW: &[&str] = &[
    "append",
    "groups",
    "lock",
    "unlock",
    "password",
    "ignore",
    "uid",
    "group",
    "shell",
    "home",
    "move",
    "gecos",
    "non-unique",
    "login",
];

/// `usermod`
pub(crate) fn usermod(builder: &mut Builder<'_>, words: &[ShellWord]) -> Outcome {
    let parsed = parse(words, USERMOD, Style::Gnu, builder.lookup).map_err(not_understood)?;
    let [user] = parsed.operands.as_slice() else {
        return Err(Refusal::Shadow(format!("usermod with {} user names", parsed.operands.len())));
    };
    if parsed.other_than(BUSYBOX).is_none() {
        return groups_and_password(builder, &parsed, user);
    }
    if builder.missing_user(user).is_some() && parsed.other_than(WHEN_NEW).is_none() && uid_is_free(builder, &parsed) {
        return make_changed(builder, &parsed, user);
    }
    builder.make_source_user(user);
    for group in
        parsed.last("group").into_iter().cloned().chain(parsed.last("groups").map(Value::items).unwrap_or_default())
    {
        builder.group_name(&group);
    }
    builder.effects.push(Effect::Regrouped(user.key()));
    Err(Refusal::Shadow(format!("usermod {}", spelled(&parsed))))
}

/// With `-o` a number may be shared, which only shadow-utils can do.
fn uid_is_free(builder: &Builder<'_>, parsed: &Parsed) -> bool {
    let Some(uid) = parsed.last("uid") else { return true };
    let taken = builder.world.user_by_uid(&uid.key()).is_some();
    !taken && (uid.number().is_some() || !parsed.has("non-unique")) && check_id("uid", Some(uid)).is_ok()
}

/// The options that ask for shadow-utils, for the report.
fn spelled(parsed: &Parsed) -> String {
    let mut letters: Vec<String> = USERMOD
        .iter()
        .filter(|spelling| !BUSYBOX.contains(&spelling.id) && parsed.has(spelling.id))
        .filter_map(|spelling| Some(format!("-{}", spelling.short?)))
        .collect();
    letters.sort();
    letters.join(" ")
}

fn groups_and_password(builder: &mut Builder<'_>, parsed: &Parsed, user: &Value) -> Outcome {
    if let Some(list) = parsed.last("groups") {
        if !parsed.has("append") && !has_no_other_groups(builder, user, list) {
            builder.make_source_user(user);
            for group in list.items() {
                builder.group_name(&group);
            }
            builder.effects.push(Effect::Regrouped(user.key()));
            return Err(Refusal::Shadow("usermod -G without -a replaces the list of groups".to_owned()));
        }
        builder.make_source_user(user);
        builder.add_to_groups(user, list);
    } else {
        builder.make_source_user(user);
    }
    if let Some(password) = parsed.last("password") {
        match password.known().as_deref() {
            Some("!") => {
                let line = credentials_locked(user);
                builder.run_piped(&format!("echo {line}"), &["chpasswd", "-e"]);
            }
            _ => set_password(builder, user, password),
        }
    }
    if parsed.has("lock") {
        lock(builder, user);
    }
    if parsed.has("unlock") {
        builder.run(&["passwd", "-u", user.written()]);
    }
    if builder.commands.is_empty() {
        return Err(Refusal::Shadow("usermod without an option that is understood".to_owned()));
    }
    Ok(())
}

fn credentials_locked(user: &Value) -> String {
    format!("{}'!'", user.with("", ":"))
}

/// BusyBox fails on an account that is locked already, as a new one is.
pub(crate) fn lock(builder: &mut Builder<'_>, user: &Value) {
    let line = builder.line(&["passwd", "-l", user.written()]);
    builder.commands.push(CommandText::command(format!("{{ {line} || true; }}")));
}

/// Whether adding the user to the list leaves it in exactly these groups.
fn has_no_other_groups(builder: &Builder<'_>, user: &Value, list: &Value) -> bool {
    if builder.missing_user(user).is_some() {
        return true;
    }
    let Some(known) = builder.world.user(&user.key()) else { return false };
    if known.origin != Origin::Earlier || !known.certain {
        return false;
    }
    let wanted: Vec<String> = list.items().iter().map(Value::key).collect();
    known.supplementary.as_ref().is_some_and(|groups| groups.iter().all(|group| wanted.contains(group)))
}

/// A user of the source image that Wolfi lacks is made as `usermod` would leave it.
fn make_changed(builder: &mut Builder<'_>, parsed: &Parsed, name: &Value) -> Outcome {
    let Some(source) = builder.missing_user(name) else { return Ok(()) };
    builder.stands = true;
    let mut user = builder.as_in_source(name, &source);
    if let Some(uid) = parsed.last("uid") {
        user.uid = Some(uid.clone());
        user.system = false;
    }
    if let Some(group) = parsed.last("group") {
        user.primary = Primary::Given(group.clone());
    }
    if let Some(shell) = parsed.last("shell") {
        user.shell = shell.clone();
    }
    if let Some(home) = parsed.last("home") {
        user.home = Some(home.clone());
        user.creates_home = parsed.has("move") && user.creates_home;
    }
    if let Some(login) = parsed.last("login") {
        user.name = login.clone();
    }
    user.gecos = parsed.last("gecos").cloned();
    user.supplementary = parsed.last("groups").filter(|list| !list.is_empty()).cloned();
    user.password = parsed.last("password").cloned();
    builder.note(format!("the user `{}` of the source image is made here as usermod leaves it", name.key()));
    user.create(builder)?;
    if parsed.has("unlock") {
        builder.run(&["passwd", "-u", user.name.written()]);
    }
    if user.name != *name {
        builder.effects.push(Effect::DropUser(name.key()));
    }
    Ok(())
}

const GROUPMOD: &[Spelling] = &[
    flag("append", 'a', "append"),
    with_value("gid", 'g', "gid"),
    with_value("name", 'n', "new-name"),
    flag("non-unique", 'o', "non-unique"),
    with_value("password", 'p', "password"),
    with_value("root", 'R', "root"),
    with_value("prefix", 'P', "prefix"),
    with_value("users", 'U', "users"),
];

/// `groupmod`: only of a group that does not exist yet on Wolfi.
pub(crate) fn groupmod(builder: &mut Builder<'_>, words: &[ShellWord]) -> Outcome {
    let parsed = parse(words, GROUPMOD, Style::Gnu, builder.lookup).map_err(not_understood)?;
    let refusal = Refusal::Shadow("groupmod has no counterpart in BusyBox".to_owned());
    let [name] = parsed.operands.as_slice() else { return Err(refusal) };
    let key = name.key();
    let gid_taken = parsed.last("gid").is_some_and(|gid| {
        builder.world.group_by_gid(&gid.key()).is_some() || (parsed.has("non-unique") && gid.number().is_none())
    });
    let absent = builder.world.group(&key).is_none() && !gid_taken;
    let (Some(gid), true) = (
        builder.world.source_gid(&key).filter(|_| absent),
        parsed.other_than(&["gid", "name", "non-unique"]).is_none(),
    ) else {
        if builder.world.group(&key).is_none() && builder.world.source_gid(&key).is_some() {
            builder.make_source_group(&key);
        }
        return Err(refusal);
    };
    let gid = parsed.last("gid").cloned().unwrap_or_else(|| Value::literal(&gid.to_string()));
    let renamed = parsed.last("name").cloned();
    builder.stands = true;
    builder.note(format!("the group `{key}` of the source image is made here as groupmod leaves it"));
    if renamed.is_some() {
        builder.effects.push(Effect::DropGroup(key));
    }
    let group =
        NewGroup { name: renamed.unwrap_or_else(|| name.clone()), gid: Some(gid), system: false, unless_there: false };
    group.create(builder)
}

const GPASSWD: &[Spelling] = &[
    with_value("add", 'a', "add"),
    with_value("delete", 'd', "delete"),
    with_value("members", 'M', "members"),
    with_value("administrators", 'A', "administrators"),
    flag("remove-password", 'r', "remove-password"),
    flag("restrict", 'R', "restrict"),
    with_value("root", 'Q', "root"),
];

/// `gpasswd`
pub(crate) fn gpasswd(builder: &mut Builder<'_>, words: &[ShellWord]) -> Outcome {
    let parsed = parse(words, GPASSWD, Style::Gnu, builder.lookup).map_err(not_understood)?;
    let ids: Vec<&str> = parsed.ids().collect();
    match (parsed.operands.as_slice(), ids.as_slice()) {
        ([group], ["add"]) => {
            let Some(user) = parsed.last("add") else { return Ok(()) };
            builder.make_source_user(user);
            builder.add_to_groups(user, group);
            Ok(())
        }
        ([group], ["delete"]) => {
            let Some(user) = parsed.last("delete") else { return Ok(()) };
            builder.run(&["delgroup", user.written(), group.written()]);
            builder.effects.push(Effect::DropMember { user: user.key(), group: group.key() });
            Ok(())
        }
        ([group], _) => {
            builder.group_name(group);
            Err(Refusal::Shadow("gpasswd beyond -a and -d".to_owned()))
        }
        _ => Err(Refusal::Shadow("gpasswd with other than one group".to_owned())),
    }
}
