//! What the tests and the example share: a script in, its translation out.

use wolfify_planner::accounts::{
    Family, KnownGroup, KnownUser, Origin, Replacement, SourceUser, Translation, World, translate_script,
};
use wolfify_syntax::shell::{Dialect, parse_script};
use wolfify_syntax::{SourceMap, TextSize};

pub(crate) struct Answer {
    pub(crate) kinds: Vec<&'static str>,
    pub(crate) text: String,
    pub(crate) notes: Vec<String>,
}

/// Translates a script in the world the two strings describe.
pub(crate) fn translated(family: &str, known: &str, script: &str) -> Answer {
    let mut world = world(family, known);
    translated_in(&mut world, script)
}

/// Translates a script and lets the world learn from it.
pub(crate) fn translated_in(world: &mut World, script: &str) -> Answer {
    let length = TextSize::try_from(script.len()).expect("a test's script is short");
    let map = SourceMap::identity(0.into(), length);
    let parsed = parse_script(script, &map, Dialect::Sh);
    if let Err(opaque) = &parsed.list {
        return Answer { kinds: vec!["opaque"], text: script.to_owned(), notes: vec![opaque.reason.clone()] };
    }
    let mut answer = Answer { kinds: Vec::new(), text: script.to_owned(), notes: Vec::new() };
    let mut edits = Vec::new();
    for step in translate_script(&parsed, world, &|_| None) {
        answer.kinds.push(kind(&step.translation));
        answer.notes.extend(notes(&step.translation));
        if let Some(text) = step.text {
            edits.push((step.span.range, text));
        }
    }
    for (range, text) in edits.iter().rev() {
        answer.text.replace_range(usize::from(range.start())..usize::from(range.end()), text);
    }
    answer
}

/// The name of a translation's kind.
pub(crate) fn kind(translation: &Translation) -> &'static str {
    match translation {
        Translation::Keep => "keep",
        Translation::Replace(_) => "replace",
        Translation::Remove { .. } => "remove",
        Translation::NeedsShadow { .. } => "shadow",
        Translation::Needs { .. } => "needs",
        Translation::Unsupported { .. } => "unsupported",
    }
}

/// What a translation says beside its commands.
pub(crate) fn notes(translation: &Translation) -> Vec<String> {
    let of_replacement = |replacement: &Replacement| {
        let shell = replacement.login_shell.iter().map(|shell| format!("login shell {shell}"));
        replacement.notes.iter().cloned().chain(shell).collect::<Vec<_>>()
    };
    match translation {
        Translation::Keep => Vec::new(),
        Translation::Replace(replacement) => of_replacement(replacement),
        Translation::NeedsShadow { reason, replacement } => {
            let mut notes = vec![reason.clone()];
            notes.extend(replacement.iter().flat_map(of_replacement));
            notes
        }
        Translation::Remove { reason } | Translation::Needs { reason, .. } | Translation::Unsupported { reason } => {
            vec![reason.clone()]
        }
    }
}

/// The world of a family (`debian`, `debian11`, `ubuntu`, `fedora`, `alpine`, `wolfi`; `+shadow` when it is installed)
/// with what is known beside.
pub(crate) fn world(family: &str, known: &str) -> World {
    let (family, shadow) = family.strip_suffix("+shadow").map_or((family, false), |family| (family, true));
    let parsed = match family {
        "debian" | "debian11" => Family::Debian,
        "ubuntu" => Family::Ubuntu,
        "fedora" => Family::Fedora,
        "alpine" => Family::Alpine,
        _ => Family::Wolfi,
    };
    let mut world = World::for_target(parsed, Some(("nonroot", 65532)));
    world.homeless_system_users = family != "debian11";
    world.has_shadow = shadow;
    for entry in known.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
        let mut fields = entry.split(':');
        let kind = fields.next().unwrap_or_default();
        let name = fields.next().unwrap_or_default();
        let mut number = || fields.next().and_then(|field| field.parse::<u32>().ok());
        match kind {
            "U" => world.insert_user(known_user(name, number())),
            "G" => world.insert_group(known_group(name, number())),
            "H" => world.add_directory(name),
            "S" => {
                let (uid, gid) = (number().unwrap_or(1000), number().unwrap_or(1000));
                let (home, shell) = (format!("/home/{name}"), "/bin/bash".to_owned());
                world.add_source_group(name, gid);
                world.add_source_user(name, SourceUser { uid, gid, home, shell });
            }
            _ => {}
        }
    }
    world
}

fn known_group(name: &str, gid: Option<u32>) -> KnownGroup {
    let gid = gid.map(|gid| gid.to_string());
    KnownGroup { name: name.to_owned(), gid, written: name.to_owned(), origin: Origin::Earlier, certain: true }
}

fn known_user(name: &str, uid: Option<u32>) -> KnownUser {
    KnownUser {
        name: name.to_owned(),
        uid: uid.map(|uid| uid.to_string()),
        group: None,
        home: None,
        origin: Origin::Earlier,
        certain: true,
        supplementary: None,
    }
}
