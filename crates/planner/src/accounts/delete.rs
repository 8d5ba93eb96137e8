//! `userdel`, `groupdel`, and `deluser`, `delgroup` of Debian and of BusyBox.

use wolfify_syntax::shell::ShellWord;

use super::builder::{Builder, Effect, Outcome, Refusal};
use super::options::{Spelling, Style, flag, long_flag, long_value, parse, short_flag, with_value};
use super::user::not_understood;
use super::value::Value;

const USERDEL: &[Spelling] = &[
    flag("ignore", 'f', "force"),
    flag("home", 'r', "remove"),
    with_value("root", 'R', "root"),
    with_value("prefix", 'P', "prefix"),
    flag("selinux", 'Z', "selinux-user"),
];

/// `userdel`
pub(crate) fn userdel(builder: &mut Builder<'_>, words: &[ShellWord]) -> Outcome {
    let parsed = parse(words, USERDEL, Style::Gnu, builder.lookup).map_err(not_understood)?;
    match parsed.operands.as_slice() {
        [user] if parsed.other_than(&["ignore", "home"]).is_none() => {
            delete_user(builder, user, parsed.has("home"));
            Ok(())
        }
        _ => Err(Refusal::Shadow("userdel with options BusyBox lacks".to_owned())),
    }
}

fn delete_user(builder: &mut Builder<'_>, user: &Value, home: bool) {
    let key = user.key();
    if builder.missing_user(user).is_some() {
        builder.removed = Some(format!("Wolfi has no user `{key}`"));
    } else {
        let words: &[&str] = if home { &["deluser", "--remove-home"] } else { &["deluser"] };
        builder.run(&[words, &[user.written()]].concat());
    }
    builder.effects.push(Effect::DropUser(key.clone()));
    builder.effects.push(Effect::DropGroup(key));
}

const GROUPDEL: &[Spelling] =
    &[flag("ignore", 'f', "force"), with_value("root", 'R', "root"), with_value("prefix", 'P', "prefix")];

/// `groupdel`
pub(crate) fn groupdel(builder: &mut Builder<'_>, words: &[ShellWord]) -> Outcome {
    let parsed = parse(words, GROUPDEL, Style::Gnu, builder.lookup).map_err(not_understood)?;
    match parsed.operands.as_slice() {
        [group] if parsed.ids().next().is_none() => {
            delete_group(builder, group);
            Ok(())
        }
        _ => Err(Refusal::Shadow("groupdel with options BusyBox lacks".to_owned())),
    }
}

fn delete_group(builder: &mut Builder<'_>, group: &Value) {
    let key = group.key();
    if builder.world.group(&key).is_none() && builder.world.source_gid(&key).is_some() {
        builder.removed = Some(format!("Wolfi has no group `{key}`"));
    } else {
        builder.run(&["delgroup", group.written()]);
    }
    builder.effects.push(Effect::DropGroup(key));
}

const DEBIAN: &[Spelling] = &[
    long_flag("home", "remove-home"),
    long_flag("files", "remove-all-files"),
    long_flag("backup", "backup"),
    long_value("backup", "backup-to"),
    long_value("backup", "backup-suffix"),
    long_flag("quiet", "quiet"),
    short_flag("quiet", 'q'),
    long_flag("quiet", "verbose"),
    long_flag("quiet", "debug"),
    long_flag("system", "system"),
    long_flag("quiet", "force"),
    long_flag("group", "group"),
    long_flag("if-empty", "only-if-empty"),
    long_value("quiet", "conf"),
];

/// Debian's `deluser` and `delgroup`.
pub(crate) fn debian(builder: &mut Builder<'_>, words: &[ShellWord], of_group: bool) -> Outcome {
    let parsed = parse(words, DEBIAN, Style::Perl, builder.lookup).map_err(Refusal::Unsupported)?;
    for (id, option) in [("files", "--remove-all-files"), ("backup", "--backup"), ("if-empty", "--only-if-empty")] {
        if parsed.has(id) {
            return Err(Refusal::Unsupported(format!("deluser {option} is Debian's own")));
        }
    }
    match parsed.operands.as_slice() {
        [group] if of_group || parsed.has("group") => delete_group(builder, group),
        [user] => delete_user(builder, user, parsed.has("home")),
        [user, group] => leave_group(builder, user, group),
        _ => return Err(Refusal::Unsupported("deluser without a name".to_owned())),
    }
    Ok(())
}

fn leave_group(builder: &mut Builder<'_>, user: &Value, group: &Value) {
    builder.run(&["delgroup", user.written(), group.written()]);
    builder.effects.push(Effect::DropMember { user: user.key(), group: group.key() });
}

/// BusyBox's `deluser` and `delgroup`: only accounts that Alpine has and Wolfi has not are of interest.
pub(crate) fn busybox(builder: &mut Builder<'_>, words: &[ShellWord], of_group: bool) -> Outcome {
    let table = [long_flag("home", "remove-home")];
    builder.keep();
    let Ok(parsed) = parse(words, &table, Style::Gnu, builder.lookup) else { return Ok(()) };
    let kept = std::mem::take(&mut builder.commands);
    match parsed.operands.as_slice() {
        [group] if of_group => delete_group(builder, group),
        [user] => delete_user(builder, user, false),
        [user, group] => leave_group(builder, user, group),
        _ => {}
    }
    builder.commands = kept;
    if builder.removed.is_some() {
        builder.keep = false;
    }
    Ok(())
}
