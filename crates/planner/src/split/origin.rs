//! Programs that another stage of the file builds.

use wolfify_syntax::{Arguments, Keyword};

use super::content::Cx;
use super::native::built_at;
use super::path::{base_name, is_below, join};
use super::trace::Tracer;
use crate::stages::Base;

/// Whether a COPY from another stage brings the program at `path`, and whether that is linked without the C library.
pub(super) fn built_elsewhere(cx: &Cx<'_>, path: &str) -> Option<bool> {
    let (from, source) = copied_from(cx, path)?;
    let stage = cx.file.dockerfile.stage_by_reference(&from).filter(|stage| stage.index < cx.stage)?;
    if !cx.file.stages[stage.index].migrates {
        return None;
    }
    let trace = Tracer::new(cx.file, cx.draft, cx.context, stage.index).run_leniently()?;
    // What an image with a compiler hands on to be started is what has been compiled, whoever called the compiler.
    let compiler = matches!(&cx.file.stages[cx.file.bottoms[stage.index]].base,
        Base::Converted(target) if matches!(target.image.as_str(), "go" | "rust" | "gcc-glibc"));
    let copied = trace.written.iter().any(|written| written.copied && written.path == source);
    let compiled = compiler && !copied && !base_name(&source).contains('.');
    built_at(&trace, &source).or(compiled.then_some(false))
}

/// Why nothing can be said about a program that a COPY brings from elsewhere.
pub(super) fn why_unknown(cx: &Cx<'_>, path: &str) -> Option<String> {
    let (from, _) = copied_from(cx, path)?;
    let name = base_name(path);
    Some(match cx.file.dockerfile.stage_by_reference(&from).filter(|stage| stage.index < cx.stage) {
        Some(stage) if !cx.file.stages[stage.index].migrates => {
            format!(
                "`{name}` is built in the stage `{from}`, which stays on its image, and what it needs of that cannot be told"
            )
        }
        Some(_) => format!("how the stage `{from}` makes `{name}`, and so what it needs, cannot be told"),
        None => format!("`{name}` is taken from the image `{from}`, and what it needs of that cannot be told"),
    })
}

/// The stage or image that the last COPY takes what lies at `path` from, and the path there.
fn copied_from(cx: &Cx<'_>, path: &str) -> Option<(String, String)> {
    let mut cwd = cx.start_directory.clone();
    let mut found = None;
    for (index, instruction) in super::chain::body(cx.file, cx.stage) {
        match (&instruction.arguments, instruction.keyword) {
            (Arguments::Words(words), Keyword::Workdir) => {
                let text = words.first().map_or("", |word| word.text.as_str());
                cwd = join(&cwd, &expand(cx, index, text).unwrap_or_default());
            }
            (Arguments::Transfer(_), Keyword::Copy) => {
                let Some(from) = instruction.from_flag() else { continue };
                let operands = instruction.operands();
                let words: Vec<String> = operands.iter().filter_map(|own| expand(cx, index, own.raw)).collect();
                let Some((target, sources)) = words.split_last() else { continue };
                if let Some(source) = source_of(path, sources, &join(&cwd, target), is_directory(target)) {
                    found = Some((from.text.clone(), source));
                }
            }
            _ => {}
        }
    }
    found
}

/// The path in the other stage of what lies at `path` here.
fn source_of(path: &str, sources: &[String], target: &str, into: bool) -> Option<String> {
    let [source] = sources else {
        let name = base_name(path);
        return sources
            .iter()
            .find(|source| base_name(source) == name && super::path::parent(path) == target)
            .map(|source| join("/", source));
    };
    let source = join("/", source);
    if path == target && !into {
        return Some(source);
    }
    if into && path == join(target, base_name(&source)) {
        return Some(source);
    }
    let rest = is_below(path, target).then(|| path.strip_prefix(target).unwrap_or_default().trim_start_matches('/'))?;
    Some(join(&source, rest))
}

/// Whether a target is a directory: by how it is written, or because every image has it.
fn is_directory(target: &str) -> bool {
    target.ends_with('/') || target == "." || super::path::is_system_directory(target)
}

fn expand(cx: &Cx<'_>, index: usize, text: &str) -> Option<String> {
    cx.file.evaluation.scope(index).expand(text).ok()?.value.text().map(str::to_owned)
}
