//! `adduser` and `addgroup`: Debian's own, and BusyBox's as on Alpine.

use wolfify_syntax::shell::ShellWord;

use super::builder::{Builder, Outcome, Refusal};
use super::group::{NewGroup, check_id};
use super::options::{
    Parsed, Spelling, Style, flag, long_flag, long_value, parse, short_flag, short_value, with_value,
};
use super::user::{NewUser, Primary};
use super::value::Value;

const DEBIAN: &[Spelling] = &[
    long_value("home", "home"),
    long_value("shell", "shell"),
    long_value("uid", "uid"),
    long_value("gid", "gid"),
    long_value("ingroup", "ingroup"),
    long_value("gecos", "gecos"),
    long_value("gecos", "comment"),
    long_flag("group", "group"),
    long_flag("system", "system"),
    long_flag("no-home", "no-create-home"),
    long_flag("no-password", "disabled-password"),
    long_flag("no-login", "disabled-login"),
    long_flag("quiet", "quiet"),
    short_flag("quiet", 'q'),
    long_flag("quiet", "verbose"),
    long_flag("quiet", "debug"),
    long_flag("quiet", "force-badname"),
    long_flag("quiet", "allow-badname"),
    long_flag("quiet", "allow-bad-names"),
    long_flag("quiet", "allow-all-names"),
    long_flag("extra-groups", "add_extra_groups"),
    long_flag("extra-groups", "add-extra-groups"),
    long_flag("encrypt", "encrypt-home"),
    long_value("range", "firstuid"),
    long_value("range", "lastuid"),
    long_value("range", "firstgid"),
    long_value("range", "lastgid"),
    long_value("conf", "conf"),
];

const BUSYBOX: &[Spelling] = &[
    with_value("home", 'h', "home"),
    with_value("gecos", 'g', "gecos"),
    with_value("shell", 's', "shell"),
    with_value("ingroup", 'G', "ingroup"),
    flag("system", 'S', "system"),
    flag("no-password", 'D', "disabled-password"),
    long_flag("no-password", "empty-password"),
    flag("no-home", 'H', "no-create-home"),
    with_value("uid", 'u', "uid"),
    with_value("skeleton", 'k', "skel"),
];

const BUSYBOX_GROUP: &[Spelling] =
    &[short_value("gid", 'g'), long_value("gid", "gid"), short_flag("system", 'S'), long_flag("system", "system")];

/// Debian's `adduser` and `addgroup`.
pub(crate) fn debian(builder: &mut Builder<'_>, words: &[ShellWord], of_group: bool) -> Outcome {
    let parsed = match parse(words, DEBIAN, Style::Perl, builder.lookup) {
        Ok(parsed) => parsed,
        // Written for BusyBox: Debian would refuse it too, so it is kept for what it says.
        Err(_) if is_busybox(builder, words, of_group) => return busybox(builder, words, of_group),
        Err(reason) => return Err(Refusal::Unsupported(format!("adduser: {reason}"))),
    };
    for (id, option) in [("conf", "--conf"), ("encrypt", "--encrypt-home"), ("extra-groups", "--add-extra-groups")] {
        if parsed.has(id) {
            return Err(Refusal::Unsupported(format!("adduser {option} is Debian's own")));
        }
    }
    if parsed.has("range") {
        builder.note("the ranges of --firstuid and its like are left out: the number may be another");
    }
    match parsed.operands.as_slice() {
        [user, group] => {
            builder.make_source_user(user);
            builder.add_to_groups(user, group);
            Ok(())
        }
        [name] if of_group || (parsed.has("group") && !parsed.has("system")) => {
            new_group(&parsed, name).create(builder)
        }
        [name] => {
            let user = debian_user(builder, &parsed, name);
            // The words for shadow-utils, should BusyBox refuse the number: Debian's adduser is not on Wolfi.
            builder.shadow_words = check_id("uid", user.uid.as_ref()).is_err().then(|| user.as_useradd(builder));
            user.create(builder)
        }
        operands => Err(Refusal::Unsupported(format!("adduser with {} names", operands.len()))),
    }
}

fn is_busybox(builder: &Builder<'_>, words: &[ShellWord], of_group: bool) -> bool {
    let table = if of_group { BUSYBOX_GROUP } else { BUSYBOX };
    parse(words, table, Style::Gnu, builder.lookup).is_ok_and(|parsed| !parsed.operands.is_empty())
}

fn new_group(parsed: &Parsed, name: &Value) -> NewGroup {
    NewGroup { name: name.clone(), gid: parsed.last("gid").cloned(), system: parsed.has("system"), unless_there: false }
}

fn debian_user(builder: &mut Builder<'_>, parsed: &Parsed, name: &Value) -> NewUser {
    let system = parsed.has("system");
    if !system && !parsed.has("no-password") && !parsed.has("no-login") {
        builder.note("adduser asks for a password here; the account is made without one");
    }
    let nologin = system || parsed.has("no-login");
    let default_shell = if nologin { "/usr/sbin/nologin" } else { "/bin/bash" };
    let home = parsed.last("home").cloned();
    let homeless = system && home.is_none() && builder.world.homeless_system_users;
    let nonexistent = home.as_ref().and_then(Value::known).is_some_and(|home| home.starts_with("/nonexistent"));
    let key = name.key();
    let primary = match parsed.last("ingroup").or_else(|| parsed.last("gid")) {
        Some(group) => Primary::Given(group.clone()),
        None if !system => Primary::Private,
        // Debian takes a group of this name that is there already.
        None if parsed.has("group") && builder.world.group(&key).is_some() => Primary::Given(name.clone()),
        None if parsed.has("group") => Primary::Private,
        None => Primary::Nogroup,
    };
    NewUser {
        name: name.clone(),
        uid: parsed.last("uid").cloned(),
        primary,
        supplementary: None,
        home: if homeless { Some(Value::literal("/nonexistent")) } else { home },
        creates_home: !(parsed.has("no-home") || homeless || nonexistent),
        home_mode: None,
        shell: parsed.last("shell").cloned().unwrap_or_else(|| Value::literal(default_shell)),
        gecos: parsed.last("gecos").cloned(),
        skeleton: None,
        password: None,
        system,
    }
}

/// Directories of Alpine's base image that Wolfi's may lack: BusyBox makes no parents of a home.
const ALPINE_ONLY: &[&str] = &["/srv", "/mnt", "/media", "/var/lib", "/var/cache", "/var/local", "/var/opt"];

/// BusyBox's `adduser` and `addgroup`: the words stay, what Wolfi lacks is made before.
pub(crate) fn busybox(builder: &mut Builder<'_>, words: &[ShellWord], of_group: bool) -> Outcome {
    builder.keep();
    let table = if of_group { BUSYBOX_GROUP } else { BUSYBOX };
    let Ok(parsed) = parse(words, table, Style::Gnu, builder.lookup) else { return Ok(()) };
    match parsed.operands.as_slice() {
        [user, group] => {
            builder.make_source_user(user);
            let made = std::mem::take(&mut builder.commands);
            builder.add_to_groups(user, group);
            builder.commands = made;
            Ok(())
        }
        [name] if of_group => forget_commands(builder, |builder| new_group(&parsed, name).create(builder)),
        [name] => {
            let user = busybox_user(&parsed, name);
            if let (Some(home), true) = (user.home.as_ref().and_then(Value::known), user.creates_home) {
                let parent = super::value::parent_of(&home).to_owned();
                if ALPINE_ONLY.contains(&parent.as_str()) && !builder.world.directories.contains(&parent) {
                    builder.run_before(&["mkdir", "-p", &parent]);
                }
            }
            forget_commands(builder, |builder| user.create(builder))
        }
        _ => Ok(()),
    }
}

/// Runs it for what it learns and makes before, not for its commands: the author's stay.
fn forget_commands(builder: &mut Builder<'_>, create: impl FnOnce(&mut Builder<'_>) -> Outcome) -> Outcome {
    let notes = builder.notes.len();
    // A number BusyBox refuses is refused on Alpine too.
    let _same_on_both = create(builder);
    builder.commands.clear();
    builder.login_shell = None;
    if builder.prelude.is_empty() {
        builder.notes.truncate(notes);
    }
    if builder.removed.is_some() {
        builder.keep = false;
    }
    Ok(())
}

fn busybox_user(parsed: &Parsed, name: &Value) -> NewUser {
    let system = parsed.has("system");
    let primary = match parsed.last("ingroup") {
        Some(group) => Primary::Given(group.clone()),
        None if system => Primary::Nogroup,
        None => Primary::Private,
    };
    NewUser {
        name: name.clone(),
        uid: parsed.last("uid").cloned(),
        primary,
        supplementary: None,
        home: parsed.last("home").cloned(),
        creates_home: !parsed.has("no-home"),
        home_mode: None,
        shell: Value::literal("/bin/ash"),
        gecos: None,
        skeleton: None,
        password: None,
        system,
    }
}
