//! Account commands in scripts of the build context, which are reported and never rewritten.

use crate::accounts::{Step, Translation, World, translate_script};
use crate::context_files::CalledScript;
use crate::draft::{Draft, Need};
use crate::finding::Level;
use crate::rule::Rule;
use crate::rules::{account, context_script};

/// What an account command in a script asks for.
#[derive(Debug)]
pub(crate) struct Wish {
    /// The script.
    called: CalledScript,
    /// The instruction that calls it.
    instruction: usize,
    /// The line in the script.
    line: usize,
    /// What to do.
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Install a package, and the command runs as it stands.
    Package(&'static str, String),
    /// A person has to change the script.
    Change(String),
}

/// Reads the account commands of a script and lets the world learn from them.
pub(crate) fn read(called: &CalledScript, instruction: usize, world: &mut World) -> Vec<Wish> {
    let Some(script) = called.parse() else { return Vec::new() };
    let mut with_shadow = world.clone();
    with_shadow.has_shadow = true;
    let kept = translate_script(&script, &mut with_shadow, &|_| None);
    let plain = translate_script(&script, world, &|_| None);
    let wishes = plain.iter().zip(&kept).filter_map(|(plain, kept)| {
        let kind = kind(plain, kept)?;
        let line = called.line(plain.span.range.start());
        Some(Wish { called: called.clone(), instruction, line, kind })
    });
    wishes.collect()
}

fn kind(plain: &Step, kept: &Step) -> Option<Kind> {
    match (&plain.translation, &kept.translation) {
        (Translation::Keep, _) => None,
        (_, Translation::Keep | Translation::NeedsShadow { replacement: None, .. }) => {
            Some(Kind::Package("shadow", "has an account command that BusyBox lacks".to_owned()))
        }
        (_, Translation::Needs { package, reason }) => Some(Kind::Package(package, reason.clone())),
        (_, Translation::Remove { reason }) => Some(Kind::Change(format!("{reason}; take the command out"))),
        (_, Translation::Unsupported { reason }) => Some(Kind::Change(format!("{reason}; change it"))),
        (_, Translation::Replace(_) | Translation::NeedsShadow { .. }) => {
            let text = kept.text.as_deref().unwrap_or("BusyBox's `adduser` and `addgroup`");
            Some(Kind::Change(format!("this account command fails there; write `{text}`")))
        }
    }
}

impl Wish {
    /// Whether `shadow` is to be installed for it.
    pub(crate) fn is_shadow(&self) -> bool {
        matches!(self.kind, Kind::Package("shadow", _))
    }

    /// Reports it at the RUN, and asks for the package.
    pub(crate) fn report(&self, draft: &mut Draft, stage: usize) {
        let place = format!("`{}`, line {}", self.called.file.name(), self.line);
        match &self.kind {
            Kind::Package(package, reason) => {
                let rule: &'static Rule = if self.is_shadow() { &account::RULE } else { &context_script::RULE };
                draft.needs.entry(stage).or_default().push(Need {
                    package: (*package).to_owned(),
                    rule,
                    why: format!("{place}, {reason}; `{package}` is installed for it"),
                    range: self.called.range,
                    instruction: self.instruction,
                    level: Level::Warning,
                });
            }
            Kind::Change(what) => {
                draft.report(&context_script::RULE, Level::Error, self.called.range, format!("{place}: {what}"), None);
            }
        }
    }
}
