//! `USER root` where root is needed, and back again.

use std::collections::HashSet;

use wolfify_syntax::{Arguments, Keyword};

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::ownership::{self, Directories};
use crate::references::used_stages;
use crate::rule::Rule;
use crate::rules::account_name::NONROOT;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "root-user",
    summary: "RUN instructions that need root on an image whose default user is not root",
    level: Level::Note,
    docs: "\
## What it finds

A RUN that ran as root on the old image, or that installs packages, in a stage whose new image runs as another user.
Most Chainguard images run as a user with uid 65532.

## Why it matters on Wolfi

`apk add`, and every other step that writes outside the user's own directories, fails with \"permission denied\".

## What it does

Puts `USER root` before the first RUN that needs it. After the last RUN of a stage that ends up in an image it goes
back to uid 65532, so that the container does not run as root because of the migration; the working directory, volumes
and empty directories that root made are given to that user before. A RUN that installs packages
under a user that the author chose gets `USER root` before it and the author's user again after it.

## Example

```dockerfile
FROM python:3.12
RUN apt-get update && apt-get install -y libpq-dev
CMD [\"python\", \"app.py\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest-dev
USER root
RUN apk add --no-cache postgresql-dev
USER 65532
ENTRYPOINT [\"python\", \"app.py\"]
```
",
};

/// Who runs instructions, before and after the migration.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Users {
    /// The user named last in the original; `None` for the image's default.
    original: Option<String>,
    /// The original default was root.
    original_root: bool,
    /// The user in the result.
    now: Now,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Now {
    /// The image's default user, by uid.
    Default(u32),
    /// As the original says.
    AsWritten,
    /// Root, by our line.
    Raised,
}

/// Plans the lines for all stages that migrate.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions) {
    let mut ends: Vec<Option<Users>> = Vec::new();
    for (stage, used) in used_stages(file).into_iter().enumerate() {
        if file.is_kin(stage) {
            ends.push(None);
            continue;
        }
        let start = start(file, stage, &ends);
        // A stage that people run: the last one, or one that no other stage uses.
        let is_image = (stage + 1 == file.stages.len() || !used) && draft.builder != Some(stage);
        ends.push(start.map(|users| walk(file, draft, stage, is_image, users, insertions)));
    }
}

/// The users at the start of a stage; `None` when the stage does not migrate.
fn start(file: &File<'_>, stage: usize, ends: &[Option<Users>]) -> Option<Users> {
    match &file.stages[stage].base {
        Base::Converted(target) => Some(Users {
            original: None,
            original_root: source_runs_as_root(file, stage),
            now: Now::Default(run_as(file, &target.image)),
        }),
        Base::Parent(parent) if file.is_kin(*parent) => Some(users_of_kin(file, *parent)),
        Base::Parent(parent) => ends.get(*parent).cloned().flatten(),
        Base::Native | Base::Left(_) | Base::Scratch => None,
    }
}

/// The users that a base of the tree's own leaves, after its own migration.
fn users_of_kin(file: &File<'_>, kin: usize) -> Users {
    let before = &file.before[kin];
    let original_root = before.is_root().unwrap_or(true);
    let user = file.kin[kin].1.user.clone().unwrap_or_else(|| "65532".to_owned());
    if !file.kin[kin].1.moves && user == NONROOT.to_string() {
        // On a base that has moved before, this user is most likely a migration's; its steps ran as root.
        return Users { original: None, original_root: true, now: Now::Default(NONROOT) };
    }
    if before.user.instruction.is_some() && !original_root {
        return Users { original: Some(user), original_root, now: Now::AsWritten };
    }
    let uid = if is_root(&user) { 0 } else { user.parse().unwrap_or(65532) };
    Users { original: None, original_root, now: Now::Default(uid) }
}

/// The uid that an image's processes get.
pub(crate) fn run_as(file: &File<'_>, image: &str) -> u32 {
    file.mappings
        .image_config(image, "dev")
        .or_else(|| file.mappings.image_config(image, "runtime"))
        .map_or(65532, |config| if is_root(&config.run_as) { 0 } else { config.uid.unwrap_or(65532) })
}

/// Whether the image that a stage starts from runs as root.
pub(crate) fn source_runs_as_root(file: &File<'_>, stage: usize) -> bool {
    let Some(source) = &file.stages[stage].source else { return true };
    file.mappings
        .source_image(&source.name, source.tag.as_deref())
        .is_none_or(|image| image.user.is_empty() || is_root(&image.user))
}

fn walk(
    file: &File<'_>,
    draft: &mut Draft,
    stage: usize,
    is_image: bool,
    mut users: Users,
    insertions: &mut Insertions,
) -> Users {
    let root_by_author = ends_as_root(file, stage, &users);
    let last_run = file.body(stage).rfind(|(index, _)| is_run(file, draft, *index)).map(|(index, _)| index);
    let last_inserted =
        file.body(stage).rfind(|(index, _)| insertions.installs_at(file.line_before(*index))).map(|(index, _)| index);
    let last_run = last_run.max(last_inserted);
    let last_user = file.body(stage).rfind(|(index, _)| file.is(*index, Keyword::User)).map(|(index, _)| index);
    let mut by_root: HashSet<usize> = HashSet::new();
    for (index, instruction) in file.body(stage) {
        let inserted = insertions.installs_at(file.line_before(index)) || draft.planned_runs.contains(&index);
        if users.now == Now::Raised {
            by_root.insert(index);
        }
        if let (Keyword::User, Arguments::Words(words)) = (instruction.keyword, &instruction.arguments) {
            if inserted {
                raise(file, draft, stage, index, &mut users, insertions);
            }
            let written = words.first().map(|word| word.text.clone());
            users.original = draft.users.get(&index).cloned().or(written);
            users.now = Now::AsWritten;
            continue;
        }
        if !is_run(file, draft, index) && !inserted {
            continue;
        }
        raise(file, draft, stage, index, &mut users, insertions);
        if users.now == Now::Raised {
            by_root.insert(index);
        }
        if Some(index) == last_run
            && file.is_closed(index)
            && users.now == Now::Raised
            && users.original.is_none()
            // The author's own USER line below takes over.
            && last_user < Some(index)
            && is_image
        {
            if keeps_user(file, draft, stage) {
                continue;
            }
            let directories = ownership::wanted(file, stage, index, |index| by_root.contains(&index));
            let owner = ownership::account(file, stage);
            let user = owner.unwrap_or_else(|| nonroot_uid(file, stage).to_string());
            let to = End { user: &user, was_root: users.original_root };
            drop_root(file, draft, stage, index, &directories, to, insertions);
            users.now = Now::AsWritten;
            users.original = Some(user);
        }
    }
    if let (Now::Default(uid), true) = (&users.now, is_image && users.original_root)
        && *uid != 0
    {
        if draft.kept_root.contains(&stage) {
            stay_root(file, stage, insertions);
        } else {
            give_for_start(file, draft, stage, *uid, insertions);
        }
    }
    let from = file.dockerfile.stages[stage].instructions.start;
    let raised_below = last_run.is_none() && last_user.is_none() && users.now == Now::Raised;
    if is_image && raised_below && users.original.is_none() && !keeps_user(file, draft, stage) {
        // The stage below was raised for its own steps.
        let uid = nonroot_uid(file, stage);
        let finding = LineFinding::note(
            &RULE,
            file.instruction(from).keyword_range,
            format!("root is only needed by the stage that this one starts from; the container runs as uid {uid}"),
            format!("Go back to uid {uid}"),
        );
        let line = format!("{} {uid}", file.keyword(stage, "USER"));
        insertions.add(file.line_after(from), Order::DropUser, line, finding);
        users.now = Now::AsWritten;
        users.original = Some(uid.to_string());
    }
    raise_triggers(file, draft, stage, root_by_author, &users, insertions);
    users
}

/// Whether a stage that root's commands made stays root. People work in a stage for development, and write to what is
/// root's there.
fn keeps_user(file: &File<'_>, draft: &mut Draft, stage: usize) -> bool {
    if is_for_development(file, stage) && draft.kept_root.insert(stage) {
        let range = file.dockerfile.stages[stage].image.range;
        let message =
            "a stage for development, in which people write to what is root's; it runs as root, as it did before";
        draft.report(&RULE, Level::Note, range, message, None);
    }
    draft.kept_root.contains(&stage)
}

/// Whether an earlier stage that no other one uses is for tests or development, by its name.
pub(crate) fn is_for_development(file: &File<'_>, stage: usize) -> bool {
    const NAMES: &[&str] =
        &["bench", "ci", "debug", "dev", "devel", "develop", "development", "e2e", "lint", "test", "testing", "tests"];
    let name = file.dockerfile.stages[stage].name.as_ref().map(|name| name.text.to_ascii_lowercase());
    let is_dev = |name: String| name.split(['-', '_', '.']).any(|part| NAMES.contains(&part));
    stage + 1 < file.stages.len() && name.is_some_and(is_dev)
}

/// A container that only root can start, in a stage that runs nothing as root.
fn stay_root(file: &File<'_>, stage: usize, insertions: &mut Insertions) {
    let starts = |keyword| matches!(keyword, Keyword::Cmd | Keyword::Entrypoint);
    let start = file.body(stage).find(|(_, instruction)| starts(instruction.keyword)).map(|(index, _)| index);
    let Some(start) = start else { return };
    let finding = LineFinding::note(
        &RULE,
        file.instruction(start).keyword_range,
        "the container started as root, and what it starts needs that",
        "Stay root",
    );
    let line = format!("{} root", file.keyword(stage, "USER"));
    insertions.add(file.line_before(start), Order::RaiseUser, line, finding);
}

/// What a start script writes to, in a stage that runs nothing as root.
fn give_for_start(file: &File<'_>, draft: &Draft, stage: usize, uid: u32, insertions: &mut Insertions) {
    let starts = |keyword| matches!(keyword, Keyword::Cmd | Keyword::Entrypoint);
    let start = file.body(stage).find(|(_, instruction)| starts(instruction.keyword)).map(|(index, _)| index);
    let directories = Directories { made: Vec::new(), missing: ownership::written(file, stage) };
    let shell = draft.dev_stages.contains(&stage) || crate::variants::runtime_has_shell(file, stage);
    let (Some(start), Some(command), true) = (start, directories.command(&format!("{uid}:{uid}")), shell) else {
        return;
    };
    let message = format!("the start command writes to {}; the container runs as uid {uid}", directories.names());
    let (user, run) = (file.keyword(stage, "USER"), file.keyword(stage, "RUN"));
    let lines = [
        (Order::RaiseUser, format!("{user} root")),
        (Order::Own, format!("{run} {command}")),
        (Order::DropUser, format!("{user} {uid}")),
    ];
    for (order, line) in lines {
        let finding = LineFinding::note(
            &RULE,
            file.instruction(start).keyword_range,
            message.clone(),
            "Give the directories to the user",
        );
        insertions.add(file.line_before(start), order, line, finding);
    }
}

/// Whether the original stage leaves root as the user, for the builds that start from it too.
fn ends_as_root(file: &File<'_>, stage: usize, start: &Users) -> bool {
    let mut named =
        file.body(stage).filter_map(|(_, instruction)| match (instruction.keyword, &instruction.arguments) {
            (Keyword::User, Arguments::Words(words)) => words.first().map(|word| word.text.as_str()),
            _ => None,
        });
    named.next_back().or(start.original.as_deref()).map_or(start.original_root, is_root)
}

/// ONBUILD triggers run first thing in another build, as the user that this stage leaves: root for those that need it.
fn raise_triggers(
    file: &File<'_>,
    draft: &Draft,
    stage: usize,
    root_by_author: bool,
    end: &Users,
    insertions: &mut Insertions,
) {
    let back = match (&end.now, &end.original) {
        (Now::Raised, _) | (Now::Default(0), _) => return,
        (Now::Default(uid), _) => uid.to_string(),
        (Now::AsWritten, Some(user)) if !is_root(user) => user.clone(),
        (Now::AsWritten, _) => return,
    };
    let trigger = |keyword: Keyword| {
        file.body(stage).filter(move |(index, instruction)| {
            let inner = match &instruction.arguments {
                Arguments::Onbuild(inner) => inner.keyword,
                _ => return false,
            };
            inner == keyword && !draft.dropped_instructions.contains(index)
        })
    };
    let needs_root =
        |index: &usize| root_by_author || draft.installs.contains_key(index) || draft.root_commands.contains(index);
    let runs: Vec<usize> = trigger(Keyword::Run).map(|(index, _)| index).collect();
    let (Some(first), Some(last)) = (runs.iter().find(|index| needs_root(index)), runs.last()) else { return };
    // The author's own ONBUILD USER decides from there on.
    if trigger(Keyword::User).next().is_some() || !file.is_closed(*last) {
        return;
    }
    let finding = |index: usize, message: String, title: String| {
        LineFinding::note(&RULE, file.instruction(index).keyword_range, message, title)
    };
    let line = format!("{} {}", file.keyword(stage, "ONBUILD"), file.keyword(stage, "USER"));
    let message = "this trigger ran as root; a build on the new image starts as another user".to_owned();
    let raise = finding(*first, message, "Run the trigger as root".to_owned());
    insertions.add(file.line_before(*first), Order::RaiseUser, format!("{line} root"), raise);
    let message = format!("back to `{back}`, the user that this image leaves");
    let restore = finding(*last, message, format!("Go back to {back}"));
    insertions.add(file.line_after(*last), Order::RestoreUser, format!("{line} {back}"), restore);
}

/// A RUN that stays.
fn is_run(file: &File<'_>, draft: &Draft, index: usize) -> bool {
    file.is(index, Keyword::Run) && !draft.dropped_instructions.contains(&index)
}

fn raise(file: &File<'_>, draft: &Draft, stage: usize, index: usize, users: &mut Users, insertions: &mut Insertions) {
    let installs = draft.installs.contains_key(&index)
        || draft.root_commands.contains(&index)
        || insertions.installs_at(file.line_before(index));
    let user_line = file.keyword(stage, "USER");
    let root_by_author = users.original.as_deref().map_or(users.original_root, is_root);
    let is_root_now = match &users.now {
        Now::Default(uid) => *uid == 0,
        Now::AsWritten => root_by_author,
        Now::Raised => true,
    };
    if is_root_now || !(installs || root_by_author) {
        return;
    }
    let message = if installs {
        "installing packages needs root, and the image's default user is not root".to_owned()
    } else {
        "this ran as root on the old image; the new image's default user is not root".to_owned()
    };
    // The line may stand above the COPY lines before the RUN that it is for.
    let runs = |other: &usize| *other >= index && file.is(*other, Keyword::Run);
    let about = file.body(stage).map(|(other, _)| other).find(runs).unwrap_or(index);
    let finding = LineFinding::note(&RULE, file.instruction(about).keyword_range, message, "Run as root from here");
    insertions.add(file.line_before(index), Order::RaiseUser, format!("{user_line} root"), finding);
    match &users.original {
        Some(original) if !root_by_author && file.is_closed(index) => {
            let finding = LineFinding::note(
                &RULE,
                file.instruction(index).keyword_range,
                format!("back to `{original}`, the user in force here"),
                format!("Go back to {original}"),
            );
            insertions.add(file.line_after(index), Order::RestoreUser, format!("{user_line} {original}"), finding);
        }
        _ => users.now = Now::Raised,
    }
}

/// Who runs the container after the steps that root does.
#[derive(Clone, Copy)]
struct End<'u> {
    user: &'u str,
    /// The old container ran as root.
    was_root: bool,
}

fn drop_root(
    file: &File<'_>,
    draft: &mut Draft,
    stage: usize,
    index: usize,
    directories: &Directories,
    end: End<'_>,
    insertions: &mut Insertions,
) {
    let user = end.user;
    if let Some(what) = crate::rules::final_user::needs_root(file, draft, stage) {
        draft.kept_root.insert(stage);
        let message = format!("the container runs as root, as it did before: {what}");
        draft.report(&RULE, Level::Warning, file.instruction(index).keyword_range, message, None);
        return;
    }
    let number = user.bytes().all(|byte| byte.is_ascii_digit());
    let (owner, who) = match number {
        true => (format!("{user}:{user}"), format!("uid {user}")),
        false => (user.to_owned(), format!("`{user}`")),
    };
    let finding = |message: String, title: String| {
        LineFinding::note(&RULE, file.instruction(index).keyword_range, message, title)
    };
    // Behind a RUN, or behind the install that was put before an instruction that is none.
    let at = if is_run(file, draft, index) { file.line_after(index) } else { file.line_before(index) };
    if let Some(command) = directories.command(&owner) {
        let message = format!("{} would belong to root; the container runs as {who}", directories.names());
        let line = format!("{} {command}", file.keyword(stage, "RUN"));
        insertions.add(at, Order::Own, line, finding(message, "Give the directories to the user".to_owned()));
        draft.owned.extend(directories.missing.iter().map(|path| (stage, path.clone())));
    }
    let message = match number {
        true if end.was_root => format!("root was only needed to build; {}", changed(&who)),
        true => format!("root was only needed to build; the container runs as {who} again"),
        false => format!("root was only needed to build; the container runs as {who}, whom the file gives its files"),
    };
    draft.dropped_root.insert(stage);
    let line = format!("{} {user}", file.keyword(stage, "USER"));
    insertions.add(at, Order::DropUser, line, finding(message, format!("Go back to {who}")));
}

/// What it means that a container is not root's any more.
pub(crate) fn changed(who: &str) -> String {
    format!(
        "the container ran as root and runs as {who} now: what it writes to, volumes too, has to belong to that user"
    )
}

/// The same where nothing is known of the old image's user.
pub(crate) fn perhaps_changed(who: &str) -> String {
    format!(
        "the old image's user is not known here, probably root; the container runs as {who} now: what it writes to, \
         volumes too, has to belong to that user"
    )
}

/// The uid to go back to: the default of the image at the bottom of the stage's parents.
fn nonroot_uid(file: &File<'_>, stage: usize) -> u32 {
    match &file.stages[file.bottoms[stage]].base {
        Base::Converted(target) => Some(run_as(file, &target.image)).filter(|uid| *uid != 0).unwrap_or(65532),
        _ => 65532,
    }
}

/// Whether a USER value is root.
pub(crate) fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim_matches(['"', '\'']);
    matches!(name, "root" | "0")
}
