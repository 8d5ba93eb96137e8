//! Set-up of the old distribution around the application: locales, time zones, certificates, alternatives, services.

use std::collections::HashSet;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::Lookup;
use wolfify_syntax::shell::ShellWord;

use crate::commands::CommandCx;
use crate::draft::{Draft, Need};
use crate::file::File;
use crate::finding::Level;
use crate::rule::Rule;
use crate::rules::missing_command;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "system-setup",
    summary: "set-up that only the old distribution needs or does in its own way",
    level: Level::Note,
    docs: "\
## What it finds

`locale-gen`, `update-locale`, `localedef` and edits of `/etc/locale.gen`; `update-ca-trust` and Fedora's directory for
own certificates; `update-alternatives --install`; links to `/usr/share/zoneinfo`; `phpenmod`; `systemctl enable` and its
relatives.

## Why it matters on Wolfi

The helpers do not exist there. Locales are packages and need no compiling, certificates have Debian's and Alpine's
directory, PHP's extensions enable themselves, and there is no init system: a container runs one program.

## What it does

What has no meaning goes. The locale's package is installed in place of its compilation, and `tzdata` for a time zone.
`update-ca-trust` becomes `update-ca-certificates`, and the certificates move to `/usr/local/share/ca-certificates`, where
only files that end in `.crt` count. `update-alternatives --install` becomes the link it makes. A service that is started
while the image is built is left to a person.

## Example

```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y curl
RUN locale-gen en_US.UTF-8 && curl --version
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache curl glibc-locale-en
RUN curl --version
```
",
};

/// Where Fedora looks for own certificates, and where Wolfi does.
const ANCHORS: [&str; 2] = ["/etc/pki/ca-trust/source/anchors", "/usr/share/pki/ca-trust-source/anchors"];
const CERTIFICATES: &str = "/usr/local/share/ca-certificates";

/// Looks at one command; true when it is dealt with.
pub(crate) fn check(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    if cx.place.in_substitution {
        return false;
    }
    let Some(name) = cx.command.name() else { return false };
    let first = cx.command.args().first().map(|word| word.text.as_str()).unwrap_or_default();
    match name.as_str() {
        "locale-gen" | "update-locale" => locale(cx, draft, &name),
        "localedef" if first != "--help" => locale(cx, draft, &name),
        _ if edits_locale_list(cx) => goes(
            cx,
            draft,
            Level::Note,
            "the list of locales to compile means nothing on Wolfi, where locales are packages",
        ),
        "phpenmod" | "php5enmod" | "php7enmod" => {
            goes(cx, draft, Level::Note, "Wolfi's packages of PHP extensions enable themselves")
        }
        "update-rc.d" | "chkconfig" | "rc-update" => service(cx, draft, &name),
        "systemctl" if enables(first) => service(cx, draft, &name),
        "update-ca-trust" => certificates(cx, draft),
        "update-alternatives" | "alternatives" => alternatives(cx, draft),
        _ => {
            time_zone(cx, draft, &name);
            anchors(cx, draft);
            false
        }
    }
}

/// Takes a command out, where it stands alone in its pipeline.
fn goes(cx: &CommandCx<'_>, draft: &mut Draft, level: Level, message: &str) -> bool {
    if cx.place.pipeline_len > 1 {
        return false;
    }
    draft.remove(cx, &RULE, level, message);
    true
}

fn enables(verb: &str) -> bool {
    matches!(verb, "enable" | "disable" | "mask" | "unmask" | "daemon-reload" | "preset" | "set-default")
}

fn service(cx: &CommandCx<'_>, draft: &mut Draft, name: &str) -> bool {
    let message =
        format!("`{name}`: there is no init system on Wolfi; start the program as the container's own command");
    goes(cx, draft, Level::Warning, &message)
}

fn locale(cx: &CommandCx<'_>, draft: &mut Draft, name: &str) -> bool {
    let package = locale_package(cx);
    let message = match package {
        Some(package) => format!("`{name}`: on Wolfi locales are packages (`{package}`), nothing is compiled"),
        None => format!("`{name}`: C.UTF-8 is always there on Wolfi"),
    };
    if !goes(cx, draft, Level::Note, &message) {
        return false;
    }
    draft.follow_installs(cx.file.mappings);
    if let Some(package) = package
        && !has(cx, draft, package)
        && !has(cx, draft, "glibc-locales")
    {
        need(cx, draft, package, format!("the locale that `{name}` made comes with `{package}`"));
    }
    true
}

fn has(cx: &CommandCx<'_>, draft: &Draft, package: &str) -> bool {
    draft.brings.first(cx.stage, package).is_some()
        || draft.brings.below(&cx.file.stages, cx.stage, package)
        || cx.file.in_target(cx.stage, package)
}

fn need(cx: &CommandCx<'_>, draft: &mut Draft, package: &str, why: String) {
    let range = cx.command.span.range;
    let instruction = cx.id.instruction;
    let need = Need { package: package.to_owned(), rule: &RULE, why, range, instruction, level: Level::Note };
    draft.needs.entry(cx.stage).or_default().push(need);
}

/// The package with the locale that a command is about: the one it names, the one its script names, or `LANG`.
fn locale_package(cx: &CommandCx<'_>) -> Option<&'static str> {
    let all = languages(&cx.script.text);
    if all.len() > 1 {
        return Some("glibc-locales");
    }
    let own = cx.command.args().iter().find_map(|word| language(&word.text));
    let scope = cx.file.evaluation.scope(cx.id.instruction);
    let variable = || {
        ["LANG", "LC_ALL", "LANGUAGE"].iter().find_map(|name| {
            let value = scope.get(name).value;
            let text = value.text()?;
            if text.starts_with("C.") || text == "C" || text == "POSIX" { Some("C".to_owned()) } else { language(text) }
        })
    };
    match own.or_else(|| language(&cx.script.text)).or_else(variable).as_deref() {
        Some("en") => Some("glibc-locale-en"),
        Some("de") => Some("glibc-locale-de"),
        Some("fr") => Some("glibc-locale-fr"),
        Some("es") => Some("glibc-locale-es"),
        Some("C") => None,
        // Several packages of single languages are gone; this one has them all.
        _ => Some("glibc-locales"),
    }
}

/// The language in the first `xx_YY` of a text.
fn language(text: &str) -> Option<String> {
    languages(text).into_iter().next()
}

/// The languages in the `xx_YY` of a text, each once.
fn languages(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let at = text.match_indices('_').map(|(at, _)| at).filter(|&at| {
        let before = at >= 2 && bytes[at - 2..at].iter().all(u8::is_ascii_lowercase);
        let start = at == 2 || (at > 2 && !bytes[at - 3].is_ascii_alphanumeric());
        let after = bytes.get(at + 1..at + 3).is_some_and(|region| region.iter().all(u8::is_ascii_uppercase));
        let end = bytes.get(at + 3).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        before && start && after && end
    });
    let mut found: Vec<String> = at.map(|at| text[at - 2..at].to_owned()).collect();
    let mut seen = HashSet::new();
    found.retain(|language| seen.insert(language.clone()));
    found
}

/// Whether a path is a file that only the old distribution's locale tools read.
pub(crate) fn is_locale_list(path: &str) -> bool {
    matches!(path.trim_matches(['"', '\'']), "/etc/locale.gen" | "/etc/default/locale" | "/etc/locale.conf")
}

/// `echo … > /etc/locale.gen`, `sed -i … /etc/locale.gen`, and the same for `/etc/default/locale`.
fn edits_locale_list(cx: &CommandCx<'_>) -> bool {
    let is_list = |word: &ShellWord| is_locale_list(&word.text);
    let writes = cx
        .command
        .redirects
        .iter()
        .any(|redirect| redirect.operator.starts_with('>') && redirect.target.as_ref().is_some_and(is_list));
    match cx.command.name().as_deref() {
        Some("echo" | "printf") => writes,
        Some("sed") => cx.command.args().last().is_some_and(is_list),
        _ => false,
    }
}

/// A time zone's file has to be there.
fn time_zone(cx: &CommandCx<'_>, draft: &mut Draft, name: &str) {
    let zone =
        cx.command.args().iter().any(|word| word.text.trim_matches(['"', '\'']).starts_with("/usr/share/zoneinfo/"));
    if !zone || !matches!(name, "ln" | "cp" | "install") {
        return;
    }
    draft.follow_installs(cx.file.mappings);
    if !has(cx, draft, "tzdata") {
        need(cx, draft, "tzdata", "the time zone's file comes with `tzdata`".to_owned());
    }
}

fn certificates(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    let verbs = ["extract", "enable", "force-enable", "check"];
    let known = cx.command.args().iter().all(|word| verbs.contains(&word.text.as_str()));
    if !known || !cx.editable() || cx.exec_form() || cx.place.depth > 0 {
        return false;
    }
    draft.follow_installs(cx.file.mappings);
    if !has(cx, draft, "ca-certificates") {
        need(cx, draft, "ca-certificates", "`update-ca-certificates` comes with `ca-certificates`".to_owned());
    }
    let edit = Edit::replace(words(cx), "update-ca-certificates");
    let message = "Wolfi's command is `update-ca-certificates`";
    draft.rewrite(cx, &RULE, Level::Note, message, "Use Wolfi's command", vec![edit]);
    true
}

/// From the name to the last word.
fn words(cx: &CommandCx<'_>) -> TextRange {
    let name = cx.command.words[cx.command.name_index].span.range;
    cx.command.words.last().map_or(name, |last| TextRange::new(name.start(), last.span.range.end()))
}

/// `update-alternatives --install LINK NAME PATH PRIORITY` makes a link, and nothing else.
fn alternatives(cx: &CommandCx<'_>, draft: &mut Draft) -> bool {
    let args = cx.command.args();
    let [install, link, _, path, _] = args else { return false };
    if install.text != "--install" || !cx.editable() || cx.exec_form() || cx.place.depth > 0 {
        return false;
    }
    if is_brought(cx, &link.text, draft) {
        let message = format!("`{}` is what the package itself installs on Wolfi", link.text);
        draft.remove(cx, &RULE, Level::Note, message);
        return true;
    }
    let edit = Edit::replace(words(cx), format!("ln -sf {} {}", path.text, link.text));
    let message = format!("Wolfi has no alternatives; this is the link, check that {} is there", path.text);
    draft.rewrite(cx, &RULE, Level::Warning, message, "Make the link", vec![edit]);
    true
}

/// Commands whose package installs them by this very name, whatever its version.
const UNVERSIONED: [&str; 13] =
    ["g++", "gcc", "java", "javac", "node", "npm", "npx", "php", "pip", "pip3", "python", "python3", "ruby"];

/// Whether `link` is a command that an install before, or the image, brings by that name.
fn is_brought(cx: &CommandCx<'_>, link: &str, draft: &mut Draft) -> bool {
    let Some(name) = link.strip_prefix("/usr/bin/").filter(|name| UNVERSIONED.contains(name)) else { return false };
    let Lookup::Mapped(mapping) = cx.file.mappings.command(name) else { return false };
    draft.follow_installs(cx.file.mappings);
    missing_command::has(cx.file, cx.stage, draft, name, &mapping)
}

/// Words of a command that name Fedora's directory for certificates.
fn anchors(cx: &CommandCx<'_>, draft: &mut Draft) {
    if cx.exec_form() || cx.place.depth > 0 {
        return;
    }
    let words: Vec<(&str, TextRange)> = cx
        .command
        .args()
        .iter()
        .filter(|word| word.span.contiguous && !word.text.starts_with('-'))
        .map(|word| (word.text.as_str(), word.span.range))
        .collect();
    move_anchors(&words, draft);
}

/// COPY and ADD into Fedora's directory for certificates.
pub(crate) fn check_transfers(file: &File<'_>, draft: &mut Draft) {
    for stage in (0..file.stages.len()).filter(|stage| file.stages[*stage].migrates) {
        for (_, instruction) in file.body(stage) {
            let operands = instruction.operands();
            let plain = operands.iter().filter(|operand| operand.contiguous);
            let words: Vec<(&str, TextRange)> = plain.map(|operand| (operand.text, operand.range)).collect();
            move_anchors(&words, draft);
        }
    }
}

fn move_anchors(words: &[(&str, TextRange)], draft: &mut Draft) {
    for (position, (text, range)) in words.iter().enumerate() {
        let Some(rest) = ANCHORS.iter().find_map(|directory| text.strip_prefix(directory)) else { continue };
        let source = (position > 0 && position + 1 == words.len()).then(|| words[position - 1].0);
        let alone = words.len() == 2;
        let (rest, sure) = certificate_name(rest, source.filter(|_| alone));
        let edits = vec![Edit::replace(*range, format!("{CERTIFICATES}{rest}"))];
        let (level, message) = if sure {
            (Level::Note, "own certificates lie in this directory on Wolfi".to_owned())
        } else {
            let what = "own certificates lie in this directory on Wolfi, and only files that end in `.crt` count";
            (Level::Warning, what.to_owned())
        };
        draft.report(&RULE, level, *range, message, Some(("Use Wolfi's directory", edits)));
    }
}

/// What stands behind the directory, with the ending that Wolfi asks for, and whether the file will be found.
fn certificate_name(rest: &str, source: Option<&str>) -> (String, bool) {
    let renamed = |name: &str| {
        let stem = [".pem", ".cer", ".cert"].iter().find_map(|ending| name.strip_suffix(ending))?;
        Some(format!("{stem}.crt"))
    };
    if rest.ends_with(".crt") {
        return (rest.to_owned(), true);
    }
    if let Some(name) = renamed(rest) {
        return (name, true);
    }
    let name =
        source.map(|source| source.rsplit('/').next().unwrap_or(source)).filter(|name| !name.contains(['*', '$', '?']));
    match name.filter(|_| rest.trim_matches('/').is_empty()) {
        Some(name) if name.ends_with(".crt") => (rest.to_owned(), true),
        Some(name) => renamed(name).map_or_else(|| (rest.to_owned(), false), |name| (format!("/{name}"), true)),
        None => (rest.to_owned(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::{certificate_name, language};

    #[test]
    fn languages_in_names_of_locales() {
        for (text, expected) in [
            ("en_US.UTF-8", Some("en")),
            ("-i de_DE", Some("de")),
            ("s/^# *\\(fr_FR.UTF-8\\)/\\1/", Some("fr")),
            ("MY_VAR", None),
            ("xen_USA", None),
        ] {
            assert_eq!(language(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn certificates_end_in_crt() {
        assert_eq!(certificate_name("/a.pem", None), ("/a.crt".to_owned(), true));
        assert_eq!(certificate_name("/", Some("certs/own.pem")), ("/own.crt".to_owned(), true));
        assert_eq!(certificate_name("/", Some("own.crt")), ("/".to_owned(), true));
        assert_eq!(certificate_name("/", Some("certs/*")), ("/".to_owned(), false));
    }
}
