//! Users and groups by names that the new image does not know.

use text_size::{TextRange, TextSize};
use wolfify_edit::Edit;
use wolfify_syntax::Arguments;
use wolfify_syntax::shell::{ShellWord, SimpleCommand};
use wolfify_syntax::{Instruction, Keyword, Word};

use crate::commands::{is_exec, runs};
use crate::draft::{CommandId, Draft};
use crate::effective::{BaseFacts, variant};
use crate::file::File;
use crate::finding::Level;
use crate::installed::Installed;
use crate::rule::Rule;
use crate::script::layout_size;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "account-name",
    summary: "users and groups that the new image does not know by name",
    level: Level::Warning,
    docs: "\
## What it finds

A user or group in `USER`, in `--chown` or in a `chown` command that the old image brought (`www-data`, `node`, `app`),
that nothing in the file makes, and that is not in the new image; also the number of the old image's own user (1001 in
the images of UBI and Bitnami, 1000 for `node`), in `--mount=type=cache,uid=1000` too.

## Why it matters on Wolfi

The build stops at `chown: unknown user`, and a container whose USER is not in its passwd file does not start. Nearly all
Chainguard images have one user without privileges. It has the number 65532 and a name that differs by image.

## What it does

Writes the number of the new image's own user.

## Example

```dockerfile
FROM python:3.13
COPY --chown=www-data:www-data . /app
USER www-data
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest
COPY --chown=65532:65532 . /app
USER 65532
```
",
};

/// The uid of the user of nearly all Chainguard images.
pub(crate) const NONROOT: u32 = 65532;

/// Looks at all stages that migrate.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    let made = made(file);
    for stage in 0..file.stages.len() {
        let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { continue };
        let target = BaseFacts::target_image(file.mappings, &target.image, variant(&target.tag, true));
        if target.known {
            Accounts { file, stage, made: &made, target: &target }.check(draft);
        }
    }
}

/// Accounts that the file makes, by stage. The empty name stands for accounts whose names are not known.
fn made(file: &File<'_>) -> Installed {
    let mut made = Installed::default();
    for stage in 0..file.stages.len() {
        for (index, instruction) in file.body(stage) {
            match instruction.keyword {
                Keyword::Run => {
                    file.scripts[index].iter().for_each(|script| {
                        script.visit(&mut |command, _| made_by(file, stage, index, command, &mut made));
                    });
                    // What is not read, for instance because it is to be ignored, may make any account.
                    if instruction.joined.contains("/etc/passwd") || file.scripts[index].is_empty() {
                        made.add(stage, "", index);
                    }
                    for called in file.context_files().scripts(file, index).iter() {
                        match called.parse() {
                            Some(script) => {
                                script.visit(&mut |command, _| made_by(file, stage, index, command, &mut made));
                            }
                            None => made.add(stage, "", index),
                        }
                    }
                }
                Keyword::Copy | Keyword::Add if may_bring_passwd(instruction) => made.add(stage, "", index),
                _ => {}
            }
        }
    }
    made
}

/// Whether a COPY may write `/etc/passwd`.
fn may_bring_passwd(instruction: &Instruction) -> bool {
    let destination = instruction.destination();
    destination.is_some_and(|path| matches!(path.text.trim_end_matches('/'), "" | "/etc" | "/etc/passwd"))
}

fn made_by(file: &File<'_>, stage: usize, index: usize, command: &SimpleCommand, made: &mut Installed) {
    const MAKERS: &[&str] =
        &["useradd", "adduser", "groupadd", "addgroup", "usermod", "groupmod", "newusers", "luseradd"];
    let Some(name) = command.name() else { return };
    if !MAKERS.contains(&name.rsplit('/').next().unwrap_or(&name)) {
        return;
    }
    let lookup = |name: &str| file.evaluation.scope(index).get(name).value.text().map(str::to_owned);
    for word in command.args() {
        match word.expand(&lookup) {
            Some(names) => names.iter().for_each(|name| made.add(stage, name, index)),
            None => made.add(stage, "", index),
        }
    }
}

struct Accounts<'a> {
    file: &'a File<'a>,
    stage: usize,
    made: &'a Installed,
    target: &'a BaseFacts,
}

impl Accounts<'_> {
    fn check(&self, draft: &mut Draft) {
        for (index, instruction) in self.file.body(self.stage) {
            match (runs(instruction), &instruction.arguments) {
                (Keyword::User, Arguments::Words(words)) => {
                    words.iter().for_each(|word| self.user(draft, index, word));
                }
                (Keyword::Copy | Keyword::Add, _) => {
                    let chown = instruction.flags.iter().filter(|flag| flag.name == "chown");
                    chown.filter_map(|flag| flag.value.as_ref()).for_each(|word| self.chown_flag(draft, index, word));
                }
                (Keyword::Run, _) => {
                    self.mounts(draft, index, instruction);
                    self.run(draft, index);
                }
                _ => {}
            }
        }
    }

    fn user(&self, draft: &mut Draft, index: usize, word: &Word) {
        let Some((new, why)) = self.word(index, word) else {
            self.doubt(draft, index, word);
            return;
        };
        draft.users.insert(index, new.clone());
        let message = if why.ends_with(&new) { why } else { format!("{why}; the container runs as {new}") };
        let edit = Edit::replace(word.inner().1, new);
        draft.report(&RULE, Level::Warning, word.range, message, Some(("Use the number", vec![edit])));
    }

    /// A name that only something unseen may make.
    fn doubt(&self, draft: &mut Draft, index: usize, word: &Word) {
        let expansion = self.file.evaluation.scope(index).expand(&word.text).ok();
        let Some(text) = expansion.as_ref().and_then(|expansion| expansion.value.text()) else { return };
        let name = text.split(':').next().unwrap_or_default();
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
        if plain && !is_number(name) && !self.target.has_user(name) && !self.makes(name) {
            let message =
                format!("whether the new image has the user `{name}` is not known here; `USER {}` is sure", self.uid());
            draft.report(&RULE, Level::Warning, word.range, message, None);
        }
    }

    fn chown_flag(&self, draft: &mut Draft, index: usize, word: &Word) {
        let Some((new, why)) = self.word(index, word) else { return };
        draft.owners.insert(index);
        let edit = Edit::replace(word.inner().1, new);
        draft.report(&RULE, Level::Note, word.range, why, Some(("Use the number", vec![edit])));
    }

    fn word(&self, index: usize, word: &Word) -> Option<(String, String)> {
        if !word.contiguous {
            return None;
        }
        let parts = || word.inner().0.split(':');
        if let Some(name) = parts().find_map(|part| self.variable_of_image(index, part)) {
            let why =
                format!("`${name}` was the number of the old image's own user, and the new image does not set it");
            let uid = self.uid().to_string();
            let new = parts().map(|part| self.variable_of_image(index, part).map_or(part, |_| uid.as_str()));
            return Some((new.collect::<Vec<_>>().join(":"), why));
        }
        let expansion = self.file.evaluation.scope(index).expand(&word.text).ok()?;
        self.renamed(expansion.value.text()?, ':')
    }

    /// `$APP_UID`: a variable that the old image set to the number of a user of its own.
    fn variable_of_image<'w>(&self, index: usize, text: &'w str) -> Option<&'w str> {
        let name = text.strip_prefix('$')?;
        let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let source = &self.file.before[self.file.bottoms[self.stage]].base;
        let uid: u32 = source.env(name)?.parse().ok()?;
        let lost = self.target.env(name).is_none() && !self.file.declares(index, name);
        (lost && source.users.iter().any(|user| user.uid == uid)).then_some(name)
    }

    /// `--mount=type=cache,uid=1000`: whom what is mounted belongs to.
    fn mounts(&self, draft: &mut Draft, index: usize, instruction: &Instruction) {
        let mounts = instruction.flags.iter().filter(|flag| flag.name == "mount");
        for word in mounts.filter_map(|flag| flag.value.as_ref()).filter(|word| word.contiguous) {
            let (text, range) = word.inner();
            let mut at = 0;
            for part in text.split(',') {
                let number = part.strip_prefix("uid=").or_else(|| part.strip_prefix("gid="));
                if let Some(number) = number.filter(|number| self.was_own(number)) {
                    let end = range.start() + layout_size(at + part.len());
                    let place = TextRange::new(end - layout_size(number.len()), end);
                    draft.owners.insert(index);
                    let edit = Edit::replace(place, self.uid().to_string());
                    draft.report(&RULE, Level::Note, place, self.reason(number), Some(("Use the number", vec![edit])));
                }
                at += part.len() + 1;
            }
        }
    }

    fn run(&self, draft: &mut Draft, index: usize) {
        if is_exec(self.file, index) {
            return;
        }
        for (script_index, script) in self.file.scripts[index].iter().enumerate() {
            script.visit(&mut |command, _| {
                let id = CommandId { instruction: index, script: script_index, command: command.id };
                if !draft.claimed.contains(&id) && !draft.removed.contains_key(&id) {
                    self.command(draft, command);
                }
            });
        }
    }

    /// `chown -R www-data:www-data /app`
    fn command(&self, draft: &mut Draft, command: &SimpleCommand) {
        let name = command.name();
        let is_group = match name.as_deref().map(|name| name.rsplit('/').next().unwrap_or(name)) {
            Some("chown") => false,
            Some("chgrp") => true,
            _ => return,
        };
        // With `--reference` the owner is a file's, and the operands are all files.
        if command.args().iter().any(|word| word.text.starts_with("--ref")) {
            return;
        }
        let Some(word) = command.args().iter().find(|word| !word.text.starts_with('-')) else { return };
        let Some((text, range)) = plain(word) else { return };
        let found = if is_group { self.group(&text) } else { self.renamed(&text, separator(&text)) };
        let Some((new, why)) = found else { return };
        match draft.rewritten.get(&range).copied() {
            // `www-data.www-data` has got its colon already.
            Some(finding) => {
                for edit in draft.findings[finding].fix.iter_mut().flat_map(|fix| &mut fix.edits) {
                    if edit.range == range {
                        edit.text.clone_from(&new);
                    }
                }
                let message = &mut draft.findings[finding].message;
                message.push_str(&format!("; {why}"));
            }
            None => {
                let edit = Edit::replace(range, new);
                draft.report(&RULE, Level::Note, range, why, Some(("Use the number", vec![edit])));
            }
        }
    }

    /// What `user:group` has to become, and why.
    fn renamed(&self, text: &str, separator: char) -> Option<(String, String)> {
        let (user, group) = match text.split_once(separator) {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        let new_user = self.new_user(user);
        let new_group = group.and_then(|group| {
            if Some(group) == new_user.as_ref().map(|_| user) { self.new_user(user) } else { self.new_group(group) }
        });
        if new_user.is_none() && new_group.is_none() {
            return None;
        }
        let gone = if new_user.is_some() { user } else { group.unwrap_or_default() };
        let mut new = new_user.unwrap_or_else(|| user.to_owned());
        if let Some(group) = group {
            new.push(':');
            new.push_str(&new_group.unwrap_or_else(|| group.to_owned()));
        }
        Some((new, self.reason(gone)))
    }

    fn group(&self, name: &str) -> Option<(String, String)> {
        Some((self.new_group(name)?, self.reason(name)))
    }

    fn reason(&self, name: &str) -> String {
        match is_number(name) {
            true => format!("`{name}` is the old image's own user, the new one's is {}", self.uid()),
            false => format!("`{name}` came with the old image and is not in the new one"),
        }
    }

    fn new_user(&self, name: &str) -> Option<String> {
        let gone = if is_number(name) { self.was_own(name) } else { !self.exists(name, self.target.has_user(name)) };
        gone.then(|| self.uid().to_string())
    }

    fn new_group(&self, name: &str) -> Option<String> {
        let gone = !is_number(name) && !self.exists(name, self.target.has_group(name));
        gone.then(|| self.uid().to_string())
    }

    fn exists(&self, name: &str, on_target: bool) -> bool {
        // Not a name at all: a variable of the shell, a pattern.
        let odd = name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
        odd || on_target || self.makes(name) || self.makes("")
    }

    fn makes(&self, name: &str) -> bool {
        self.made.first(self.stage, name).is_some() || self.made.below(&self.file.stages, self.stage, name)
    }

    /// Whether a number is that of a user of the old image's, in whose place the new one's steps.
    fn was_own(&self, number: &str) -> bool {
        // Where the author ends as root, what is started picks its user by a number of its own.
        let user = &self.file.before[self.stage];
        let picks = user.user.instruction.is_some() && user.is_root() == Some(true);
        !picks && is_of_old_image(self.file, self.stage, number)
    }

    /// The number of the new image's user.
    fn uid(&self) -> u32 {
        self.target.uid.filter(|uid| *uid != 0).unwrap_or(NONROOT)
    }
}

/// Whether a number is that of the user that the old image ran as, or of one that it had for that (1000 is `node`).
pub(crate) fn is_of_old_image(file: &File<'_>, stage: usize, number: &str) -> bool {
    let source = &file.before[file.bottoms[stage]].base;
    let Ok(uid) = number.parse::<u32>() else { return false };
    if uid == 0 || uid == NONROOT {
        return false;
    }
    // A user of the file's own may have got that number.
    let makes = |instruction: &Instruction| {
        let text = &instruction.joined;
        instruction.keyword == Keyword::Run
            && ["useradd", "adduser", "usermod", "/etc/passwd"].iter().any(|maker| text.contains(maker))
    };
    let is_made = || {
        let mut chain = file.chain(stage);
        chain.any(|stage| file.body(stage).any(|(_, instruction)| makes(instruction)))
    };
    // A base image has nobody in the place of `ubuntu`, and a number needs no name there.
    let bare = matches!(&file.stages[file.bottoms[stage]].base, Base::Converted(target) if target.bare);
    source.uid == Some(uid) || (!bare && source.users.iter().any(|user| user.uid == uid) && !is_made())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// GNU's chown also takes a dot.
fn separator(text: &str) -> char {
    if text.contains(':') { ':' } else { '.' }
}

/// A word of plain letters and where it stands, its quotes left out.
fn plain(word: &ShellWord) -> Option<(String, TextRange)> {
    let text = word.literal()?;
    if !word.span.contiguous {
        return None;
    }
    if word.text == text {
        return Some((text, word.span.range));
    }
    let quoted = word.text.len() == text.len() + 2 && word.text[1..].starts_with(text.as_str());
    let one = TextSize::from(1);
    quoted.then(|| (text, TextRange::new(word.span.range.start() + one, word.span.range.end() - one)))
}
