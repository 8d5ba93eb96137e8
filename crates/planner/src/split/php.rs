//! PHP on the command line and behind a web server.

use super::content::{Content, Cx};
use super::language::base;
use super::path::{base_name, is_below, join};
use super::trace::Refusal;

/// An application on php or php-fpm.
pub(super) fn content(cx: &Cx<'_>) -> Result<Content, Refusal> {
    cx.needs_plain_start()?;
    let mut content = base(cx);
    for written in cx.head_writes() {
        if is_below(&written.path, "/usr/local/etc") || is_below(&written.path, "/usr/local/lib/php") {
            return cx.refuse(written.instruction, "it changes the old image's own PHP settings");
        }
    }
    start(cx, &mut content)?;
    content.copies = cx.application(&|_| false)?;
    built_in_extensions(cx, &mut content);
    Ok(content)
}

fn start(cx: &Cx<'_>, content: &mut Content) -> Result<(), Refusal> {
    let at = cx.start_instruction();
    let Some(program) = content.start.program_word().map(str::to_owned) else { return Ok(()) };
    if let Some(reason) = cx.script_of(&program) {
        return cx.refuse(at, reason);
    }
    let arguments = content.start.arguments();
    match base_name(&program) {
        "php" => {
            let file = arguments.iter().find(|word| !word.starts_with('-'));
            let serves = arguments.first().is_some_and(|word| word == "-S");
            if let Some(file) = file
                && !serves
                && !cx.trace.has(&join(&cx.trace.cwd, file))
            {
                return cx.refuse(at, format!("nothing in the file puts `{file}` there"));
            }
            if program != "php" {
                content.start.replace(1, &["php"]);
            }
            Ok(())
        }
        "php-fpm" if content.tag.ends_with("fpm") => {
            if arguments.iter().any(|word| !matches!(word.as_str(), "-F" | "--nodaemonize" | "-R" | "-O")) {
                return cx.refuse(at, "php-fpm is started with options of its own");
            }
            content.needless_start.extend(content.start.instructions());
            Ok(())
        }
        name => cx.refuse(at, format!("it starts `{name}`, which is no part of the PHP image")),
    }
}

/// Brings the extensions that the official image had and the new one has not.
fn built_in_extensions(cx: &Cx<'_>, content: &mut Content) {
    let missing = |variant| crate::php_extensions::missing(cx.file, cx.context, cx.stage, cx.target, variant);
    let from = cx.file.dockerfile.stages[cx.stage].instructions.start;
    let variant = if content.tag.ends_with("fpm") { "fpm" } else { "runtime" };
    let (runtime, builder) = (missing(variant), missing(if variant == "fpm" { "fpm-dev" } else { "dev" }));
    let shorter = match crate::php_extensions::are_known(cx.context) {
        true => "",
        false => "; with a composer.lock beside the Dockerfile the list would be shorter",
    };
    // Composer refuses to install what asks for an extension that is not there.
    match cx.trace.tools.get("composer").copied().filter(|_| !builder.is_empty()) {
        Some(first) => {
            // One remark for all of them.
            let why = format!(
                "the old image had these extensions, and Composer looks for those that are asked for: {}{}{shorter}",
                named(&builder),
                for_the_runtime_alone(&runtime, &builder)
            );
            content.builder_packages.extend(builder.into_iter().map(|package| (first, package, why.clone())));
        }
        None if !runtime.is_empty() && !shorter.is_empty() => {
            content.remarks.push(format!("it gets all extensions that the old image had built in{shorter}"));
        }
        None => {}
    }
    content.packages.extend(runtime.into_iter().map(|package| (package, from)));
}

fn named(packages: &[String]) -> String {
    packages.iter().map(|package| format!("`{package}`")).collect::<Vec<_>>().join(", ")
}

/// What the builder does not install, because its image has it.
fn for_the_runtime_alone(runtime: &[String], builder: &[String]) -> String {
    let alone: Vec<String> = runtime.iter().filter(|package| !builder.contains(package)).cloned().collect();
    match alone.is_empty() {
        true => String::new(),
        false => format!("; {}, which the -dev image has itself, only the runtime gets", named(&alone)),
    }
}
