//! `useradd` and `groupadd` of shadow-utils.

use wolfify_syntax::shell::ShellWord;

use super::builder::{Builder, Outcome, Refusal};
use super::group::NewGroup;
use super::options::{Parsed, Spelling, Style, flag, long_flag, long_value, parse, short_flag, with_value};
use super::user::{NewUser, Primary, not_understood};
use super::value::Value;
use super::world::Family;

const USERADD: &[Spelling] = &[
    with_value("base", 'b', "base-dir"),
    with_value("gecos", 'c', "comment"),
    with_value("home", 'd', "home-dir"),
    long_value("home", "home"),
    flag("defaults", 'D', "defaults"),
    with_value("expire", 'e', "expiredate"),
    with_value("inactive", 'f', "inactive"),
    flag("ignore", 'F', "add-subids-for-system"),
    with_value("group", 'g', "gid"),
    with_value("groups", 'G', "groups"),
    with_value("skeleton", 'k', "skel"),
    with_value("key", 'K', "key"),
    flag("ignore", 'l', "no-log-init"),
    flag("create", 'm', "create-home"),
    flag("no-create", 'M', "no-create-home"),
    flag("no-private", 'N', "no-user-group"),
    flag("non-unique", 'o', "non-unique"),
    with_value("password", 'p', "password"),
    flag("system", 'r', "system"),
    with_value("root", 'R', "root"),
    with_value("prefix", 'P', "prefix"),
    with_value("shell", 's', "shell"),
    with_value("uid", 'u', "uid"),
    flag("private", 'U', "user-group"),
    with_value("selinux", 'Z', "selinux-user"),
    long_value("selinux", "selinux-range"),
    long_flag("ignore", "badname"),
    long_flag("ignore", "badnames"),
    long_flag("btrfs", "btrfs-subvolume-home"),
    short_flag("redhat-private", 'n'),
];

/// `useradd`, and `adduser` where that is the same program.
pub(crate) fn useradd(builder: &mut Builder<'_>, words: &[ShellWord]) -> Outcome {
    if builder.world.family == Family::Fedora {
        builder.shadow_words = Some(fedora_words(builder, words));
    }
    let parsed = parse(words, USERADD, Style::Gnu, builder.lookup).map_err(not_understood)?;
    let user = new_user(builder, &parsed)?;
    if let Some(reason) = beyond_busybox(&parsed) {
        builder.creates_user(&user.name, user.uid.as_ref(), None, None);
        if let Primary::Private = user.primary {
            builder.creates_group(&user.name, user.uid.as_ref(), false);
        }
        if let Primary::Given(group) = &user.primary {
            builder.group_name(group);
        }
        return Err(Refusal::Shadow(reason));
    }
    user.create(builder)
}

/// What only shadow-utils can do.
fn beyond_busybox(parsed: &Parsed) -> Option<String> {
    for (id, option) in [
        ("non-unique", "-o"),
        ("root", "-R"),
        ("prefix", "-P"),
        ("defaults", "-D"),
        ("btrfs", "--btrfs-subvolume-home"),
    ] {
        if parsed.has(id) {
            return Some(format!("useradd {option}"));
        }
    }
    let expires = parsed.last("expire").is_some_and(|date| !date.is_empty());
    let inactive = parsed.last("inactive").is_some_and(|days| days.known().as_deref() != Some("-1"));
    if expires || inactive {
        return Some(format!("useradd {}: an account that expires", if expires { "-e" } else { "-f" }));
    }
    parsed.all("key").find_map(|key| unknown_key(parsed, key)).map(|key| format!("useradd -K {key}"))
}

/// The login.defs key, when it changes something that is not translated.
fn unknown_key(parsed: &Parsed, pair: &Value) -> Option<String> {
    let Some(known) = pair.known() else { return Some(pair.written().to_owned()) };
    let (key, _) = known.split_once('=').unwrap_or((&known, ""));
    let harmless = match key {
        "UMASK" | "HOME_MODE" | "MAIL_DIR" | "CREATE_HOME" | "CREATE_MAIL_SPOOL" => true,
        "UID_MIN" | "UID_MAX" | "SYS_UID_MIN" | "SYS_UID_MAX" => parsed.has("uid"),
        "GID_MIN" | "GID_MAX" | "SYS_GID_MIN" | "SYS_GID_MAX" => parsed.has("uid") || parsed.has("group"),
        key => key.starts_with("PASS_") || key.starts_with("SUB_"),
    };
    (!harmless).then_some(known)
}

fn key_value(parsed: &Parsed, wanted: &str) -> Option<String> {
    parsed
        .all("key")
        .filter_map(Value::known)
        .filter_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key == wanted).then(|| value.to_owned())
        })
        .last()
}

/// The mode of the new home that `-K` asks for.
fn home_mode(parsed: &Parsed) -> Option<String> {
    key_value(parsed, "HOME_MODE").or_else(|| {
        let umask = u32::from_str_radix(&key_value(parsed, "UMASK")?, 8).ok()?;
        Some(format!("{:04o}", 0o777 & !umask))
    })
}

fn new_user(builder: &Builder<'_>, parsed: &Parsed) -> Result<NewUser, Refusal> {
    let [name] = parsed.operands.as_slice() else {
        return Err(Refusal::Shadow(format!("useradd with {} user names", parsed.operands.len())));
    };
    let family = builder.world.family;
    let system = parsed.has("system");
    let by_default = match key_value(parsed, "CREATE_HOME") {
        Some(value) => value == "yes",
        None => family == Family::Fedora,
    };
    let creates_home = !parsed.has("no-create") && (parsed.has("create") || (by_default && !system));
    let primary = match parsed.last("group") {
        Some(group) if !group.is_empty() => Primary::Given(group.clone()),
        _ if parsed.has("no-private") || parsed.has("redhat-private") => Primary::Users,
        _ => Primary::Private,
    };
    let home = parsed.last("home").cloned().or_else(|| Some(parsed.last("base")?.join(name)));
    let default_shell = if family == Family::Fedora { "/bin/bash" } else { "/bin/sh" };
    let shell = parsed.last("shell").filter(|shell| !shell.is_empty()).cloned();
    Ok(NewUser {
        name: name.clone(),
        uid: parsed.last("uid").cloned(),
        primary,
        supplementary: parsed.last("groups").filter(|list| !list.is_empty()).cloned(),
        home: home.filter(|home| !home.is_empty()),
        creates_home,
        home_mode: home_mode(parsed),
        shell: shell.unwrap_or_else(|| Value::literal(default_shell)),
        gecos: parsed.last("gecos").cloned(),
        skeleton: skeleton(parsed),
        password: parsed.last("password").cloned(),
        system,
    })
}

/// Wolfi has no `/etc/skel`, and `/dev/null` stands for none.
fn skeleton(parsed: &Parsed) -> Option<Value> {
    let value = parsed.last("skeleton")?;
    let known = value.known();
    (!matches!(known.as_deref(), Some("/dev/null" | "/etc/skel" | ""))).then(|| value.clone())
}

/// The words for Wolfi's useradd, whose defaults are Debian's: no home, `/bin/sh`.
fn fedora_words(builder: &Builder<'_>, words: &[ShellWord]) -> String {
    let texts = words.iter().map(|word| word.text.as_str());
    let parsed = parse(words, USERADD, Style::Gnu, builder.lookup).unwrap_or_default();
    let mut all = vec!["useradd"];
    if !["create", "no-create", "system", "defaults"].iter().any(|id| parsed.has(id)) {
        all.push("-m");
    }
    if !parsed.has("shell") && !parsed.has("defaults") {
        all.extend(["-s", "/bin/bash"]);
    }
    all.extend(texts);
    builder.line(&all)
}

const GROUPADD: &[Spelling] = &[
    flag("force", 'f', "force"),
    with_value("gid", 'g', "gid"),
    with_value("key", 'K', "key"),
    flag("non-unique", 'o', "non-unique"),
    with_value("password", 'p', "password"),
    flag("system", 'r', "system"),
    with_value("root", 'R', "root"),
    with_value("prefix", 'P', "prefix"),
    with_value("users", 'U', "users"),
];

/// `groupadd`
pub(crate) fn groupadd(builder: &mut Builder<'_>, words: &[ShellWord]) -> Outcome {
    let parsed = parse(words, GROUPADD, Style::Gnu, builder.lookup).map_err(not_understood)?;
    let [name] = parsed.operands.as_slice() else {
        return Err(Refusal::Shadow(format!("groupadd with {} group names", parsed.operands.len())));
    };
    let gid = parsed.last("gid").cloned();
    let group = NewGroup {
        name: name.clone(),
        gid: gid.clone(),
        system: parsed.has("system"),
        unless_there: parsed.has("force"),
    };
    for (id, option) in [("non-unique", "-o"), ("password", "-p"), ("root", "-R"), ("prefix", "-P")] {
        if parsed.has(id) {
            builder.creates_group(name, gid.as_ref(), id != "non-unique");
            return Err(Refusal::Shadow(format!("groupadd {option}")));
        }
    }
    if parsed.has("key") && gid.is_none() {
        builder.creates_group(name, None, true);
        return Err(Refusal::Shadow("groupadd -K".to_owned()));
    }
    if let Err(refusal) = group.create(builder) {
        builder.creates_group(name, gid.as_ref(), true);
        return Err(refusal);
    }
    for user in parsed.last("users").map(Value::items).unwrap_or_default() {
        builder.make_source_user(&user);
        builder.run(&["addgroup", user.written(), name.written()]);
    }
    Ok(())
}
