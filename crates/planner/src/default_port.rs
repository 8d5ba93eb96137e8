//! The port that a server listens on where the file says nothing of it.

use wolfify_syntax::shell::SimpleCommand;
use wolfify_syntax::{Instruction, Keyword};

use crate::file::File;
use crate::stages::Base;

/// What the old images' servers listened on.
pub(crate) const OLD: u16 = 80;
/// What the new images' servers listen on, which root does not start.
pub(crate) const NEW: u16 = 8080;

/// Where nginx reads its configuration.
const NGINX: &str = "/etc/nginx";

/// The server of a stage's image, where it listened on port 80 by itself and listens on 8080 from now on: neither the file
/// nor the build context says where.
pub(crate) fn moved(file: &File<'_>, stage: usize) -> Option<&'static str> {
    let bottom = file.bottoms[stage];
    let Base::Converted(target) = &file.stages[bottom].base else { return None };
    let source = file.stages[bottom].source.as_ref()?;
    match target.image.as_str() {
        "nginx" if source.name == "nginx" => (!names(file, stage, &[NGINX])).then_some("nginx"),
        "aspnet-runtime" if listened_on_80(&source.name, source.tag.as_deref()) => {
            const SETTINGS: &[&str] = &["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "DOTNET_URLS", "--urls", "Kestrel"];
            (!names(file, stage, SETTINGS)).then_some("ASP.NET Core")
        }
        _ => None,
    }
}

/// Whether an image of ASP.NET Core is from before .NET 8.
fn listened_on_80(name: &str, tag: Option<&str>) -> bool {
    const NEW_SINCE: u32 = 8;
    let major = tag.and_then(crate::tag::version).and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    let old_name = ["microsoft/aspnetcore", "microsoft/dotnet", "mcr.microsoft.com/dotnet/core/aspnet"].contains(&name);
    old_name || (name == "mcr.microsoft.com/dotnet/aspnet" && major.is_some_and(|major| major < NEW_SINCE))
}

/// Whether an instruction of the stage, or of one that it stands on, names one of these and may say with it where the
/// server listens.
fn names(file: &File<'_>, stage: usize, texts: &[&str]) -> bool {
    let speaks = |(index, instruction): (usize, &Instruction)| match instruction.keyword {
        Keyword::Label => false,
        Keyword::Run => {
            let mut found = false;
            let scripts = file.scripts[index].iter();
            scripts.for_each(|script| script.visit(&mut |command, _| found |= may_say(command, texts)));
            found
        }
        _ => {
            let bodies = instruction.heredocs.iter().map(|heredoc| &file.text[heredoc.body]);
            std::iter::once(instruction.joined.as_str()).chain(bodies).any(|text| contains(text, texts))
        }
    };
    file.chain(stage).any(|stage| file.body(stage).any(speaks))
}

/// Whether a command names one of these, and writes more there than owners and permissions: a port, if it is one that
/// edits lines.
fn may_say(command: &SimpleCommand, texts: &[&str]) -> bool {
    let mut written = command.redirects.iter().filter_map(|redirect| redirect.target.as_ref());
    if written.any(|target| contains(&target.text, texts)) {
        return true;
    }
    if command.words.iter().all(|word| !contains(&word.text, texts))
        && command.assignments.iter().all(|assignment| !texts.contains(&assignment.name.as_str()))
    {
        return false;
    }
    match command.name().as_deref() {
        Some("chown" | "chgrp" | "chmod" | "mkdir") => false,
        Some("sed") => {
            let port = OLD.to_string();
            command
                .args()
                .iter()
                .any(|word| word.literal().is_none_or(|text| text.contains("listen") || text.contains(&port)))
        }
        _ => true,
    }
}

fn contains(text: &str, texts: &[&str]) -> bool {
    texts.iter().any(|own| text.contains(own))
}
