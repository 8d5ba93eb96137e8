//! Users and groups: shadow-utils' commands become BusyBox's.

use std::collections::HashSet;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::Distro;
use wolfify_syntax::shell::Dialect;
use wolfify_syntax::{Arguments, Keyword};

use crate::accounts::{Family, SourceUser, Step, Translation, World, translate_script};
use crate::commands::runs;
use crate::context_files::CalledScript;
use crate::draft::{CommandId, Draft, Need};
use crate::file::File;
use crate::finding::Level;
use crate::rule::Rule;
use crate::rules::account_script::{self, Wish};
use crate::script_values::ScriptValues;
use crate::stages::{Base, SourceImageName};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "account-command",
    summary: "commands that make, change or remove users and groups",
    level: Level::Note,
    docs: "\
## What it finds

`useradd`, `groupadd`, `usermod`, Debian's own `adduser` and their relatives, with every option.

## Why it matters on Wolfi

Wolfi has BusyBox's `adduser` and `addgroup`. They take other options, ask for a password unless told not to, and have
other defaults for shell, home and group.

## What it does

Writes the BusyBox commands that leave the same users, groups and homes behind; this is tested by running both. Where
BusyBox cannot do it, the package `shadow` is installed and the stage keeps its commands.

## Example

```dockerfile
FROM debian:12
RUN groupadd -r app && useradd -r -g app -d /srv/app app
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN addgroup -S app && adduser -S -D -H -G app -h /srv/app -s /bin/sh app
```
",
};

/// Translates the account commands of all stages that migrate.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    let concerned: Vec<bool> = (0..file.stages.len()).map(|stage| is_concerned(file, stage)).collect();
    let mut wanted = wanted(file, &concerned);
    let mut worlds: Vec<Option<World>> = Vec::new();
    for stage in 0..file.stages.len() {
        let world = if wanted[stage] > 0 { start(file, stage, &mut worlds, &mut wanted) } else { None };
        worlds.push(world.map(|world| check_stage(file, draft, stage, world)));
        wanted[stage] -= usize::from(concerned[stage]);
    }
}

/// Whether a stage has an account command.
fn is_concerned(file: &File<'_>, stage: usize) -> bool {
    let mut concerned = false;
    for script in file.body(stage).flat_map(|(index, _)| &file.scripts[index]) {
        script.visit(&mut |command, _| concerned |= crate::accounts::concerns(command));
    }
    concerned || has_script_with_accounts(file, stage)
}

/// Whether a RUN of the stage calls a script of the build context with an account command.
fn has_script_with_accounts(file: &File<'_>, stage: usize) -> bool {
    if !file.stages[stage].migrates {
        return false;
    }
    let runs = file.body(stage).filter(|(_, instruction)| runs(instruction) == Keyword::Run);
    let mut concerned = false;
    for (index, _) in runs {
        for script in file.context_files().scripts(file, index).iter().filter_map(CalledScript::parse) {
            script.visit(&mut |command, _| concerned |= crate::accounts::concerns(command));
        }
    }
    concerned
}

/// By stage: how often its accounts are asked for, by itself and by the stages that start from it. Most stages have no
/// account command at all.
fn wanted(file: &File<'_>, concerned: &[bool]) -> Vec<usize> {
    let mut wanted: Vec<usize> = concerned.iter().copied().map(usize::from).collect();
    for stage in (0..file.stages.len()).rev() {
        if let (Base::Parent(parent), true) = (&file.stages[stage].base, wanted[stage] > 0) {
            wanted[*parent] += 1;
        }
    }
    wanted
}

/// The accounts at the start of a stage; `None` when it does not migrate.
fn start(file: &File<'_>, stage: usize, worlds: &mut [Option<World>], wanted: &mut [usize]) -> Option<World> {
    match &file.stages[stage].base {
        Base::Parent(parent) => {
            wanted[*parent] -= 1;
            // The last one to ask may have it.
            if wanted[*parent] == 0 { worlds[*parent].take() } else { worlds[*parent].clone() }
        }
        Base::Converted(target) => {
            let config = file
                .mappings
                .image_config(&target.image, "dev")
                .or_else(|| file.mappings.image_config(&target.image, "runtime"));
            let user = config.as_ref().and_then(|config| Some((config.user.as_str(), config.uid?)));
            let user = user.filter(|(name, uid)| *uid != 0 && !name.is_empty());
            let mut world = World::for_target(family(file, stage), user);
            for user in config.iter().flat_map(|config| &config.other_users) {
                world.add_image_group(&user.name, user.gid);
                world.add_image_user(&user.name, user.uid, user.gid, &format!("/home/{}", user.name));
            }
            for path in config.iter().flat_map(|config| &config.paths) {
                world.add_directory(&path.path);
            }
            if !target.bare {
                world.shells.insert("/bin/bash".to_owned());
            }
            add_source_users(file, stage, &mut world);
            Some(world)
        }
        Base::Native | Base::Left(_) | Base::Scratch => None,
    }
}

fn family(file: &File<'_>, stage: usize) -> Family {
    let name = file.stages[stage].source.as_ref().map_or("", |source| source.name.as_str());
    match file.stages[stage].distro {
        Some(Distro::Fedora) => Family::Fedora,
        Some(Distro::Alpine) => Family::Alpine,
        _ if name.split('/').any(|part| part.starts_with("ubuntu")) => Family::Ubuntu,
        _ if file.stages[stage].source.as_ref().is_some_and(is_new_ubuntu) => Family::Ubuntu,
        _ => Family::Debian,
    }
}

/// What the image the file was written for has beside its distribution's accounts.
fn add_source_users(file: &File<'_>, stage: usize, world: &mut World) {
    let Some(source) = &file.stages[stage].source else { return };
    let old = is_old_release(&source.name, source.tag.as_deref().unwrap_or_default());
    world.homeless_system_users = !old;
    if is_new_ubuntu(source) && world.source_user("ubuntu").is_none() {
        let (home, shell) = home_and_shell("ubuntu");
        world.add_source_group("ubuntu", 1000);
        world.add_source_user("ubuntu", SourceUser { uid: 1000, gid: 1000, home, shell: shell.to_owned() });
    }
    let Some(image) = file.mappings.source_image(&source.name, source.tag.as_deref()) else { return };
    for user in image.other_users {
        // The user `ubuntu` is there since 23.04.
        if world.source_user(&user.name).is_some_and(|known| known.uid == user.uid) || (old && user.name == "ubuntu") {
            continue;
        }
        world.add_source_group(&user.name, user.gid);
        let (home, shell) = home_and_shell(&user.name);
        world.add_source_user(&user.name, SourceUser { uid: user.uid, gid: user.gid, home, shell: shell.to_owned() });
    }
}

/// Whether a tag says that the image stands on an Ubuntu that brings the user `ubuntu` (`21-jdk-noble`).
fn is_new_ubuntu(source: &SourceImageName) -> bool {
    const CODE_NAMES: &[&str] = &["lunar", "mantic", "noble", "oracular", "plucky", "questing", "resolute"];
    source.tag.as_deref().is_some_and(|tag| tag.split(['-', '_']).any(|part| CODE_NAMES.contains(&part)))
}

/// Where the users that official images add are at home, and their shells, as the images' own Dockerfiles make them.
fn home_and_shell(name: &str) -> (String, &'static str) {
    let (home, shell) = match name {
        "node" | "ubuntu" | "gradle" => ("", "/bin/bash"),
        "nginx" => ("/nonexistent", "/bin/false"),
        "postgres" => ("/var/lib/postgresql", "/bin/bash"),
        "www-data" => ("/var/www", "/usr/sbin/nologin"),
        "nonroot" => ("", "/sbin/nologin"),
        _ => ("", "/bin/sh"),
    };
    let home = if home.is_empty() { format!("/home/{name}") } else { home.to_owned() };
    (home, shell)
}

/// Debian up to 11 and Ubuntu up to 22.04, by the distribution's own tag or a code name in any other.
fn is_old_release(name: &str, tag: &str) -> bool {
    const CODE_NAMES: &[&str] =
        &["jessie", "stretch", "buster", "bullseye", "trusty", "xenial", "bionic", "focal", "jammy"];
    let image = name.rsplit('/').next().unwrap_or(name);
    let release = tag.split(['-', '_', '.']).next().and_then(|release| release.parse::<u32>().ok());
    let old = match image {
        "debian" => release.is_some_and(|release| release <= 11),
        "ubuntu" => release.is_some_and(|release| release <= 22),
        _ => false,
    };
    old || tag.split(['-', '_']).any(|part| CODE_NAMES.contains(&part))
}

fn check_stage(file: &File<'_>, draft: &mut Draft, stage: usize, mut world: World) -> World {
    world.has_shadow |= installs(file, draft, stage, "shadow");
    // Where SHELL names bash, another rule installs it.
    let by_shell = || file.body(stage).any(|(index, _)| file.shells[index].dialect() == Dialect::Bash);
    if installs(file, draft, stage, "bash") || by_shell() {
        world.shells.extend(["/bin/bash", "/usr/bin/bash"].map(str::to_owned));
    }
    let had_shadow = world.has_shadow;
    let before = world.clone();
    let (steps, wishes) = walk(file, stage, &mut world);
    let wants_shadow = steps.iter().any(|(_, _, step)| matches!(step.translation, Translation::NeedsShadow { .. }));
    for wish in wishes.iter().filter(|wish| !(had_shadow && wish.is_shadow())) {
        wish.report(draft, stage);
    }
    let steps = if (wants_shadow || wishes.iter().any(Wish::is_shadow)) && !had_shadow {
        // One command needs shadow: the whole stage may then keep its commands.
        world = before;
        world.has_shadow = true;
        let first = steps.iter().find(|(_, _, step)| matches!(step.translation, Translation::NeedsShadow { .. }));
        if let Some((instruction, _, step)) = first {
            need_shadow(draft, stage, *instruction, step);
        }
        walk(file, stage, &mut world).0
    } else {
        steps
    };
    need_login_shell(file, draft, stage, &steps);
    for (instruction, script, step) in steps {
        report(file, draft, stage, CommandId { instruction, script, command: step.id }, &step);
    }
    world
}

fn installs(file: &File<'_>, draft: &Draft, stage: usize, package: &str) -> bool {
    let range = file.dockerfile.stages[stage].instructions.clone();
    draft.installs.range(range).any(|(_, installs)| {
        installs
            .iter()
            .any(|install| install.unconditional && install.packages.iter().any(|installed| installed == package))
    })
}

type FoundStep = (usize, usize, Step);

/// The account commands of a stage, and what those in scripts of the build context ask for.
fn walk(file: &File<'_>, stage: usize, world: &mut World) -> (Vec<FoundStep>, Vec<Wish>) {
    let mut found = Vec::new();
    let (mut wishes, mut read) = (Vec::new(), HashSet::new());
    for (index, instruction) in file.body(stage) {
        match (runs(instruction), &instruction.arguments) {
            (Keyword::Workdir, Arguments::Words(words)) => {
                if let Some(path) = words.first().filter(|word| word.text.starts_with('/') && !word.text.contains('$'))
                {
                    world.add_directory(&path.text);
                }
            }
            (Keyword::Copy | Keyword::Add, Arguments::Transfer(_)) => {
                let path = instruction.destination();
                if let Some(path) = path.filter(|path| path.text.starts_with('/') && path.text.ends_with('/')) {
                    world.add_directory(path.text);
                }
            }
            (Keyword::Run, _) => {
                for (script_index, script) in file.scripts[index].iter().enumerate() {
                    let values = ScriptValues::of(file, index, script);
                    let lookup = |name: &str| values.get(name);
                    found.extend(
                        translate_script(script, world, &lookup).into_iter().map(|step| (index, script_index, step)),
                    );
                }
                for called in file.context_files().scripts(file, index).iter() {
                    if read.insert(called.target.clone()) {
                        wishes.extend(account_script::read(called, index, world));
                    }
                }
            }
            _ => {}
        }
    }
    (found, wishes)
}

fn need_shadow(draft: &mut Draft, stage: usize, instruction: usize, step: &Step) {
    let Translation::NeedsShadow { reason, .. } = &step.translation else { return };
    let need = Need {
        package: "shadow".to_owned(),
        rule: &RULE,
        why: format!("{reason}; `shadow` is installed and the account commands stay"),
        range: step.span.range,
        instruction,
        level: Level::Warning,
    };
    draft.needs.entry(stage).or_default().push(need);
}

/// `su` and `runuser` start a user's login shell: bash is needed where one of them runs and a user made here has it.
fn need_login_shell(file: &File<'_>, draft: &mut Draft, stage: usize, steps: &[FoundStep]) {
    let with_bash = steps.iter().any(|(_, _, step)| login_shell(step).is_some_and(|shell| shell.ends_with("/bash")));
    if !with_bash {
        return;
    }
    for (index, _) in file.body(stage) {
        let mut switches = None;
        for script in &file.scripts[index] {
            script.visit(&mut |command, _| {
                let names_shell =
                    command.args().iter().any(|word| matches!(word.text.as_str(), "-s" | "--shell" | "-u"));
                if matches!(command.name().as_deref(), Some("su" | "runuser")) && !names_shell {
                    switches.get_or_insert(command.span.range);
                }
            });
        }
        if let Some(range) = switches {
            draft.needs.entry(stage).or_default().push(Need {
                package: "bash".to_owned(),
                rule: &RULE,
                why: "a user made here has the login shell bash, which this starts; `bash` is installed".to_owned(),
                range,
                instruction: index,
                level: Level::Note,
            });
            return;
        }
    }
}

/// The login shell that a user gets and the image lacks.
fn login_shell(step: &Step) -> Option<&str> {
    match &step.translation {
        Translation::Replace(replacement) | Translation::NeedsShadow { replacement: Some(replacement), .. } => {
            replacement.login_shell.as_deref()
        }
        _ => None,
    }
}

fn report(file: &File<'_>, draft: &mut Draft, stage: usize, id: CommandId, step: &Step) {
    if draft.claimed.contains(&id) {
        return;
    }
    let range = step.span.range;
    match (&step.translation, &step.text) {
        (Translation::Keep, _) => {}
        (Translation::Remove { reason }, _) => {
            let removed = crate::draft::RemovedCommand {
                rule: &RULE,
                level: Level::Note,
                message: reason.clone(),
                range,
                joined: None,
            };
            draft.removed.insert(id, removed);
        }
        (Translation::Needs { package, reason }, _) => {
            let need = Need {
                package: (*package).to_owned(),
                rule: &RULE,
                why: reason.clone(),
                range,
                instruction: id.instruction,
                level: Level::Note,
            };
            draft.needs.entry(stage).or_default().push(need);
        }
        // Reported with the package it needs.
        (Translation::NeedsShadow { replacement: None, .. }, _) => {}
        (Translation::Unsupported { reason }, _) => {
            draft.report(&RULE, Level::Error, range, format!("{reason}; change it by hand"), None);
        }
        (
            Translation::Replace(replacement) | Translation::NeedsShadow { replacement: Some(replacement), .. },
            Some(text),
        ) => {
            let level = if replacement.notes.is_empty() { Level::Note } else { Level::Warning };
            let mut message = format!("becomes `{text}`");
            for note in &replacement.notes {
                message.push_str("; ");
                message.push_str(note);
            }
            if let Some(shell) = &replacement.login_shell {
                message.push_str(&format!("; the image has no `{shell}`: a login as this user needs it installed"));
            }
            let edits = edits_to(file, range, text);
            if !edits.is_empty() {
                draft.report(&RULE, level, range, message, Some(("Use BusyBox's commands", edits)));
            }
        }
        (Translation::Replace(_) | Translation::NeedsShadow { .. }, None) => {
            let message = "this account command cannot be edited where it stands; BusyBox's `adduser` and `addgroup` take its place";
            draft.report(&RULE, Level::Error, range, message, None);
        }
    }
    draft.claimed.insert(id);
}

/// The edits that make the command in `range` read `text`. Where words are only added, the author's layout stays.
fn edits_to(file: &File<'_>, range: TextRange, text: &str) -> Vec<Edit> {
    let source = &file.text[range];
    if source == text {
        return Vec::new();
    }
    match added_words(source, text) {
        Some((at, words)) => {
            vec![Edit::insert(range.start() + crate::script::layout_size(at), format!(" {words}"))]
        }
        None => vec![Edit::replace(range, text.to_owned())],
    }
}

/// The words that `text` has more than `source`, when they stand in one place, and the offset in `source` behind which
/// they go. Continuations in `source` are no words; a comment between its lines makes the answer `None`.
fn added_words(source: &str, text: &str) -> Option<(usize, String)> {
    let mut end = 0;
    let pieces = source.split_inclusive(|c: char| c.is_ascii_whitespace()).map(|piece| {
        end += piece.len();
        let word = piece.trim_ascii_end();
        (word, end - (piece.len() - word.len()))
    });
    let old: Vec<(&str, usize)> = pieces.filter(|(word, _)| !matches!(*word, "" | "\\" | "`")).collect();
    let new: Vec<&str> = text.split(' ').collect();
    let same = |((old, _), new): &(&(&str, usize), &&str)| old == *new;
    let before = old.iter().zip(&new).take_while(same).count();
    let after = old[before..].iter().rev().zip(new.iter().rev()).take_while(same).count();
    if before == 0 || before + after != old.len() || new.len() <= old.len() {
        return None;
    }
    Some((old[before - 1].1, new[before..new.len() - after].join(" ")))
}
