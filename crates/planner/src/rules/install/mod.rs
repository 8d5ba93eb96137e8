//! Installing packages: `apt-get install`, `yum install`, Alpine's `apk add` become Wolfi's `apk add`.

mod certificates;
mod operands;
mod purpose;
mod records;
mod rewrite;
mod streams;

pub(crate) use records::{APK, APT, DROPPED, UNKNOWN, VERSION, YUM, rule_of};
pub(crate) use streams::rpm_reading;

use wolfify_mappings::Distro;

use crate::commands::{CommandCx, is_unconditional};
use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::managers::{Argument, ArgumentKind, Manager, OptionRole, PackageCommand, Pin};
use crate::resolve::Resolved;
use crate::variables::Variables;
use rewrite::Rewrite;

/// Rewrites an install command of a distribution that we translate.
pub(crate) fn check(
    cx: &CommandCx<'_>,
    command: &PackageCommand,
    distro: Distro,
    variables: &Variables<'_>,
    draft: &mut Draft,
) {
    let rule = rule_of(distro);
    if let Some(reason) = obstacle(cx, command) {
        let range = cx.command.span.range;
        draft.packages.unknown += command.packages().count() as u64;
        draft.leave(cx, rule, Level::Error, range, format!("not rewritten: {reason}"));
        return;
    }
    let mut rewrite = Rewrite::new(cx, command, distro, rule);
    let tools = draft.build_tools.get(&(cx.id.instruction, cx.id.script));
    rewrite.leaves_again =
        is_unconditional(cx.place) && tools.is_some_and(|tools| tools.install == Some(cx.id.command));
    rewrite.head();
    rewrite.arguments(variables, draft);
    rewrite.finish(draft);
}

/// The packages of `name` in a version that was asked for outside it; `None` when none was, or Wolfi has none by version.
pub(crate) fn in_stream(
    file: &File<'_>,
    draft: &Draft,
    stage: usize,
    distro: Distro,
    name: &str,
    pin: Option<&Pin>,
) -> Option<Resolved> {
    streams::Asked { file, stage, distro, name, pin }.in_stream(draft)
}

/// Why a command cannot be rewritten at all.
fn obstacle(cx: &CommandCx<'_>, command: &PackageCommand) -> Option<String> {
    if !cx.editable() {
        return Some("a word of it is glued over a line continuation".to_owned());
    }
    needs_a_person(command)
}

/// Why an install cannot be translated, wherever it stands.
pub(crate) fn needs_a_person(command: &PackageCommand) -> Option<String> {
    let settings = command.settings();
    if command.arguments_from_input {
        return Some(
            "the package names come from its input; translate the list with `wolfify lookup package`".to_owned(),
        );
    }
    if settings.root.is_some() && command.manager != Manager::Apk {
        return Some(
            "it installs into another root directory; use `apk add --initdb --root` with Wolfi names".to_owned(),
        );
    }
    if settings.simulate || settings.download_only {
        return Some("it does not install; `apk fetch` downloads packages".to_owned());
    }
    let unclear: Vec<&str> = command.unknown_options().map(|option| option.name.as_str()).collect();
    if !unclear.is_empty() {
        return Some(format!("the option {} is not known", unclear.join(", ")));
    }
    if command.has(&OptionRole::Dynamic) {
        return Some("its options are only known when it runs".to_owned());
    }
    let is_file = |argument: &Argument| matches!(argument.kind, ArgumentKind::LocalFile(_) | ArgumentKind::Url(_));
    if command.arguments.iter().any(is_file) {
        return Some("it installs a package file of the old distribution; install the program from its own release, or from Wolfi".to_owned());
    }
    None
}
