//! A migrated file held against the original: is the container still the same?

use std::collections::BTreeMap;

use wolfify_mappings::Mappings;
use wolfify_syntax::{Arguments, Dockerfile, Keyword, Transfer};

use super::{Effective, Run, runs, start_shell};
use crate::context::BuildContext;
use crate::file::File;
use crate::lineage::Lineage;
use crate::options::Options;
use crate::path::file_name;
use crate::planner::{Subject, open};
use crate::suppress::Frozen;

/// A difference between the container of the original's last stage and that of the result's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub aspect: Aspect,
    /// As it was; empty when it was not known.
    pub before: String,
    /// As it is; empty when it is not known.
    pub after: String,
    /// The file itself says it in neither text: the images differ.
    pub by_image: bool,
}

/// The parts of an image's configuration that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// `USER`
    User,
    /// What `ENTRYPOINT` and `CMD` start together.
    Start,
    /// `WORKDIR`
    Workdir,
    /// A variable that the old image set and the file uses.
    Environment,
    /// The result starts through a shell, or a shell script, on an image without a shell.
    Shell,
    /// The result's `USER` has a name that neither the image nor the file makes.
    Account,
}

impl Aspect {
    /// The word used in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Start => "start",
            Self::Workdir => "workdir",
            Self::Environment => "environment",
            Self::Shell => "shell",
            Self::Account => "account",
        }
    }
}

/// Compares the containers of the last stages of two texts, the original and the result of its plan.
#[must_use]
pub fn compare(
    (text, dockerfile): (&str, &Dockerfile),
    (new_text, new_dockerfile): (&str, &Dockerfile),
    mappings: &Mappings,
    context: &dyn BuildContext,
    options: &Options,
) -> Vec<Difference> {
    let (evaluation, new_evaluation) = (dockerfile.evaluate(), new_dockerfile.evaluate());
    let lineage = Lineage::default();
    let subject = Subject { text, dockerfile, mappings, context, options, lineage: &lineage, kin: &[] };
    let (old, _) = open(subject, &evaluation, &Frozen::new());
    let (new, _) =
        open(Subject { text: new_text, dockerfile: new_dockerfile, ..subject }, &new_evaluation, &Frozen::new());
    let (Some(before), Some(after)) = (old.before.last(), new.before.last()) else { return Vec::new() };
    let mut found = Vec::new();
    settings(before, after, &mut found);
    environment(&new, before, after, &mut found);
    found.extend(shell(&new, after));
    found.extend(account(&new, after));
    found
}

fn settings(before: &Effective, after: &Effective, found: &mut Vec<Difference>) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut add = |aspect, before: String, after: String, by_image| {
        found.push(Difference { aspect, before, after, by_image });
    };
    let both_root = before.is_root() == Some(true) && after.is_root() == Some(true);
    if before.user.value != after.user.value && !both_root {
        let unsaid = before.user.instruction.is_none() && after.user.instruction.is_none();
        let by_image = unsaid || (is_of_image(before) && is_of_image(after));
        add(Aspect::User, text(&before.user.value), text(&after.user.value), by_image);
    }
    // What the author wrote under a directory that is not known is written there still.
    let same_words = before.workdir.value.is_none() && before.workdir.instruction.is_some();
    if before.workdir.value != after.workdir.value && !same_words {
        let by_image = before.workdir.instruction.is_none() && after.workdir.instruction.is_none();
        add(Aspect::Workdir, text(&before.workdir.value), text(&after.workdir.value), by_image);
    }
    let (old, new) = (started(before), started(after));
    if old != new && before.base.known {
        let own =
            |effective: &Effective| effective.cmd.instruction.is_some() || effective.entrypoint.instruction.is_some();
        // `CMD []`: the original starts nothing.
        let by_image = old.is_empty() || (!own(before) && !own(after));
        add(Aspect::Start, old, new, by_image);
    }
}

/// Whether the user is a user of the image's own, by its number: `USER $APP_UID`.
fn is_of_image(effective: &Effective) -> bool {
    let number: Option<u32> = effective.user.value.as_deref().and_then(|user| user.parse().ok());
    number.is_some_and(|uid| uid != 0 && effective.base.users.iter().any(|user| user.uid == uid))
}

/// What is started, in a form that two images have in common.
fn started(effective: &Effective) -> String {
    match runs(effective) {
        Run::Words(words) => words_started(words),
        Run::Shell { text, .. } => {
            let words: Vec<String> = text.split_ascii_whitespace().map(str::to_owned).collect();
            let unquoted: Vec<String> = words.iter().map(|word| word.replace(['"', '\''], "")).collect();
            words_started(unquoted)
        }
        Run::Nothing | Run::Unknown => String::new(),
    }
}

fn words_started(mut words: Vec<String>) -> String {
    let program = words.iter().position(|word| !is_init(word)).unwrap_or_default();
    words.drain(..program);
    if let Some(first) = words.first_mut() {
        let name = file_name(first).to_owned();
        *first = match name.as_str() {
            "python3" => "python".to_owned(),
            "nodejs" => "node".to_owned(),
            "ash" | "bash" | "dash" => "sh".to_owned(),
            // Setting up is the same script's business on both images.
            "docker-entrypoint.sh" => String::new(),
            _ => name,
        };
    }
    words.retain(|word| !word.is_empty());
    match words.first().map(String::as_str) {
        // The service bundle starts just this.
        Some("s6-svscan") => "php-fpm".to_owned(),
        Some("sh") if words.iter().skip(1).all(|word| word == "-l") => "sh".to_owned(),
        // The configuration is the same, and errors go where the old image's link sent them.
        Some("nginx") => words.join(" ").replacen(" -c /etc/nginx/nginx.conf -e /dev/stderr", "", 1),
        _ => words.join(" "),
    }
}

/// A word before the program itself, which gives way to it or hands signals on.
fn is_init(word: &str) -> bool {
    matches!(file_name(word), "exec" | "dumb-init" | "tini" | "--")
}

/// Variables of the old image that the result uses and nobody sets.
fn environment(new: &File<'_>, before: &Effective, after: &Effective, found: &mut Vec<Difference>) {
    let last = new.dockerfile.instructions.len() - 1;
    let lost = before.base.env.iter().filter(|(name, _)| name != "PATH" && after.base.env(name).is_none());
    let mut values: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, value) in lost {
        let set = new.evaluation.scope_after(last).get(name).definition.is_some();
        let own = new.stages.len() - 1;
        let used =
            new.body(own).any(|(_, instruction)| crate::rules::old_environment::mentions(new, instruction, name));
        if used && !set {
            values.insert(name, value);
        }
    }
    found.extend(values.into_iter().map(|(name, value)| Difference {
        aspect: Aspect::Environment,
        before: format!("{name}={value}"),
        after: String::new(),
        by_image: false,
    }));
}

/// A start through a shell that is not there.
fn shell(new: &File<'_>, after: &Effective) -> Option<Difference> {
    if after.base.has_shell != Some(false) || brings_a_system(new) {
        return None;
    }
    let how = match runs(after) {
        Run::Shell { text, .. } => text,
        Run::Words(words) => start_shell(&words)?,
        Run::Nothing | Run::Unknown => return None,
    };
    Some(Difference { aspect: Aspect::Shell, before: String::new(), after: how, by_image: false })
}

/// Whether the last stage is filled with a whole file system, its shell perhaps included.
fn brings_a_system(new: &File<'_>) -> bool {
    let last = new.stages.len() - 1;
    new.body(last).any(|(_, instruction)| instruction.destination().is_some_and(|path| path.text == "/"))
}

/// A user by a name that is nowhere made.
fn account(new: &File<'_>, after: &Effective) -> Option<Difference> {
    let user = after.user.value.as_deref()?;
    let name = user.split(':').next().unwrap_or_default();
    let number = name.bytes().all(|byte| byte.is_ascii_digit());
    after.user.instruction?;
    if number || !after.base.known || !after.base.has_packages || after.base.has_user(name) {
        return None;
    }
    let made = new.dockerfile.instructions.iter().any(|instruction| {
        // A script of the build context may make it as well.
        let makes = ["adduser", "useradd", "usermod", "/etc/passwd", "/etc ", ".sh"];
        makes.iter().any(|word| instruction.joined.contains(word))
    });
    (!made).then(|| Difference {
        aspect: Aspect::Account,
        before: String::new(),
        after: name.to_owned(),
        by_image: false,
    })
}
