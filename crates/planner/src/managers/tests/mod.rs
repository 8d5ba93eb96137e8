//! Command lines as real Dockerfiles write them, and what is read from them.

mod apk;
mod apt;
mod details;
mod dpkg;
mod reported;
mod rpm;
pub(crate) mod words;
mod yum;

use super::*;

/// One line a command: the action, the options that matter in brackets, the operands.
fn summary(parsed: &PackageCommand) -> String {
    let mut out = match &parsed.action {
        Action::Module(verb) => format!("Module{verb:?}"),
        Action::Unknown(name) => format!("Unknown({name})"),
        action => format!("{action:?}"),
    };
    let shown: Vec<String> = parsed.options.iter().filter_map(option).collect();
    if !shown.is_empty() {
        out += &format!(" [{}]", shown.join(" "));
    }
    for argument in &parsed.arguments {
        out += " ";
        out += &kind(&argument.kind);
    }
    out
}

fn option(used: &OptionUse) -> Option<String> {
    use OptionRole::{Action, AssumeYes, None as Nothing, Quiet, Unknown};
    match used.role {
        Nothing | AssumeYes | Quiet | Action(_) => None,
        Unknown => Some(format!("?{}", used.name)),
        _ => {
            let value = used.value.as_ref().map(|v| format!("={}", v.text.display())).unwrap_or_default();
            let not = if used.negated { "!" } else { "" };
            Some(format!("{not}{:?}{value}", used.role))
        }
    }
}

fn kind(kind: &ArgumentKind) -> String {
    use ArgumentKind as K;
    match kind {
        K::Package(spec) => package(spec),
        K::RpmVersioned(versioned) => {
            let readings: Vec<String> = versioned.readings.iter().map(nevra).collect();
            format!("{}={}", package(&versioned.whole), readings.join("|"))
        }
        K::ModuleStream(m) => {
            let part = |mark, text: &Option<Text>| text.as_ref().map(|t| format!("{mark}{}", t.display()));
            let (stream, profile) = (part(":", &m.stream), part("/", &m.profile));
            format!("module({}{}{})", m.name, stream.unwrap_or_default(), profile.unwrap_or_default())
        }
        K::Virtual(name) => format!("virtual({name})"),
        K::Variable(word) => match &word.likely_name {
            Some(name) => format!("var({} of {name})", word.text.display()),
            None => format!("var({})", word.text.display()),
        },
        K::Glob(t) => format!("glob({})", t.display()),
        K::Group(t) => format!("group({})", t.display()),
        K::LocalFile(t) => format!("file({})", t.display()),
        K::Url(t) => format!("url({})", t.display()),
        K::FilePath(t) => format!("path({})", t.display()),
        K::Provide(t) => format!("provide({})", t.display()),
        K::Dependency(t) => format!("dependency({})", t.display()),
        K::Other(t) => format!("other({})", t.display()),
    }
}

fn package(spec: &PackageSpec) -> String {
    let mut out = String::new();
    out += if spec.marker == Some(Marker::Conflict) { "!" } else { "" };
    out += &spec.name;
    if let Some(tag) = &spec.tag {
        out += &format!("@{tag}");
    }
    if let Some(arch) = &spec.arch {
        out += &format!(" arch:{arch}");
    }
    if let Some(pin) = &spec.pin {
        out += &format!("{{{} {}}}", pin.operator, pin.version.display());
    }
    if let Some(release) = &spec.release {
        out += &format!(" release:{}", release.display());
    }
    match spec.marker {
        Some(Marker::Install) => out += " (+)",
        Some(Marker::Remove) => out += " (-)",
        _ => {}
    }
    out
}

fn nevra(n: &Nevra) -> String {
    let epoch = n.epoch.as_ref().map(|e| format!("{e}:")).unwrap_or_default();
    let release = n.release.as_ref().map(|r| format!("-{}", r.display())).unwrap_or_default();
    format!("<{} {epoch}{}{release}>", n.name, n.version.display())
}

/// Each row: a command line, and its summary.
fn check(rows: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (line, want) in rows {
        let parsed = parse_words(&words::words(line), 0).map_or("nothing".to_owned(), |parsed| summary(&parsed));
        if parsed != *want {
            wrong += &format!("{line}\n  want {want}\n  have {parsed}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
