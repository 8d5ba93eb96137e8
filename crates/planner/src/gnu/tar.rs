//! tar: BusyBox's takes most of what Dockerfiles use, so it is left alone unless an option needs something.
//!
//! Proven side by side with GNU tar 1.34. GNU's `--exclude` matches at any depth on extraction, BusyBox's only from the
//! top; GNU's `-C` counts from where it stands, BusyBox's for the whole command.

use super::findings::{Effect, Findings, takes_argument};
use super::invocation::{Invocation, Occurrence};
use super::word::DYNAMIC;

/// What a tar command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Extract,
    List,
    Create,
    Other,
}

fn mode(invocation: &Invocation<'_>) -> Mode {
    if invocation.has(&["-x", "--extract", "--get"]) {
        Mode::Extract
    } else if invocation.has(&["-c", "--create"]) {
        Mode::Create
    } else if invocation.has(&["-t", "--list"]) {
        Mode::List
    } else {
        Mode::Other
    }
}

/// What an option of tar needs, where the table is not enough.
pub(crate) fn option(invocation: &Invocation<'_>, option: &Occurrence) -> Option<Effect> {
    let mode = mode(invocation);
    let extracts = mode == Mode::Extract;
    match option.spec_name() {
        // They say how to read or name members; on extraction the result is the same without.
        "-i" | "--ignore-zeros" | "-S" | "--sparse" | "--owner" | "--group" | "--mode" | "--remove-files"
            if extracts =>
        {
            Some(Effect::Drop)
        }
        "-P" | "--absolute-names" if extracts || relative_operands(invocation) => Some(Effect::Drop),
        "--full-time" | "--quoting-style" if extracts && !invocation.has(&["-v", "--verbose"]) => Some(Effect::Drop),
        "--anchored" if !has_excludes(invocation) => Some(Effect::Drop),
        "--null" if !invocation.has(&["-T", "--files-from"]) => Some(Effect::Drop),
        "--format" | "-H" if matches!(option.value_text(), "gnu" | "oldgnu") => Some(Effect::Drop),
        "-I" | "--use-compress-program" => compress_program(option, mode),
        "--lzma" => lzma(invocation),
        "--exclude" if extracts || mode == Mode::List => exclude(option.value_text()),
        "-X" | "--exclude-from" if extracts || mode == Mode::List => Some(Effect::Silent(
            "BusyBox tar matches the patterns of --exclude-from from the top of the archive only".to_owned(),
        )),
        _ => None,
    }
}

fn relative_operands(invocation: &Invocation<'_>) -> bool {
    invocation.operand_texts().all(|name| !name.starts_with(['/', DYNAMIC])) && !invocation.has(&["-T", "--files-from"])
}

fn has_excludes(invocation: &Invocation<'_>) -> bool {
    invocation.has(&["-X", "--exclude-from", "--exclude"])
}

fn compress_program(option: &Occurrence, mode: Mode) -> Option<Effect> {
    let mut words = option.value_text().split_whitespace();
    let program = crate::path::file_name(words.next().unwrap_or_default());
    let bare = words.next().is_none();
    // Reading is the same whatever the level or the number of threads.
    let reads = matches!(mode, Mode::Extract | Mode::List);
    let short = match program {
        "gzip" if reads || bare => "-z",
        "gunzip" | "pigz" | "unpigz" | "zcat" if reads => "-z",
        "bzip2" if reads || bare => "-j",
        "bunzip2" | "pbzip2" | "lbzip2" if reads => "-j",
        "xz" if reads || bare => "-J",
        "unxz" | "pixz" | "xzcat" if reads => "-J",
        _ => return None,
    };
    Some(Effect::Words(short.to_owned()))
}

/// GNU's `--lzma` runs `xz --format=lzma`, which reads .xz as well; BusyBox's reads .lzma only.
fn lzma(invocation: &Invocation<'_>) -> Option<Effect> {
    let archive = archive(invocation)?;
    (archive.ends_with(".xz") || archive.ends_with(".txz")).then_some(Effect::Rename("-J"))
}

fn archive<'i>(invocation: &'i Invocation<'_>) -> Option<&'i str> {
    let file = invocation.options.iter().rev().find(|option| matches!(option.spec_name(), "-f" | "--file"))?;
    Some(file.value_text())
}

/// A path from the top without wildcards means the same to both; anything else GNU also finds further down.
fn exclude(pattern: &str) -> Option<Effect> {
    let path = pattern.trim_end_matches('/');
    if path.contains(DYNAMIC) || (path.contains('/') && !path.contains(['*', '?', '['])) {
        return None;
    }
    Some(Effect::Silent(format!(
        "BusyBox tar matches --exclude={pattern} from the top of the archive only; GNU tar also below it"
    )))
}

/// What takes the whole command to see.
pub(crate) fn whole(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    let mode = mode(invocation);
    if mode == Mode::Create {
        created_places(invocation, findings);
    }
    compression(invocation, mode, findings);
    old_style_arguments(invocation, findings);
}

/// BusyBox goes to the last `-C` before it reads any member.
fn created_places(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    let places: Vec<usize> = invocation
        .options
        .iter()
        .filter(|option| matches!(option.spec_name(), "-C" | "--directory"))
        .map(|option| option.argument)
        .collect();
    if places.len() > 1 {
        findings.need("BusyBox tar -c takes only the last of several -C", false);
    } else if let (Some(place), Some(first)) = (places.first(), invocation.operands.first())
        && first < place
    {
        findings.need("BusyBox tar -c goes to -C before it reads the members named ahead of it", true);
    }
}

fn compression(invocation: &Invocation<'_>, mode: Mode, findings: &mut Findings<'_>) {
    let archive = archive(invocation).unwrap_or_default();
    let program = invocation
        .options
        .iter()
        .find(|option| matches!(option.spec_name(), "-I" | "--use-compress-program"))
        .and_then(|option| option.value_text().split_whitespace().next());
    let zstd_name = [".zst", ".tzst"].iter().any(|end| archive.ends_with(end));
    if invocation.has(&["--zstd"]) || program.is_some_and(|name| name.contains("zstd")) {
        findings.add_package("zstd");
    } else if zstd_name && (mode != Mode::Create || invocation.has(&["-a", "--auto-compress"])) {
        findings.need("BusyBox tar does not know zstd", false);
        findings.add_package("zstd");
    }
    let xz_name = [".xz", ".txz"].iter().any(|end| archive.ends_with(end));
    let xz = invocation.has(&["-J", "--xz"]) || (xz_name && invocation.has(&["-a", "--auto-compress"]));
    if mode == Mode::Create && (xz || program == Some("xz")) {
        findings.need_extra("xz", "BusyBox tar runs xz to compress, and BusyBox has no xz");
    }
}

/// `tar xzfC FILE DIR`: BusyBox reads the letters behind the first that takes an argument as that argument,
/// except a lone `f`, which it moves to the end itself.
fn old_style_arguments(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    let Some(first) = invocation.arguments.first() else { return };
    let taking: Vec<&Occurrence> =
        invocation.options.iter().filter(|option| option.argument == 0 && takes_argument(option)).collect();
    if first.text.starts_with('-') || taking.len() < 2 {
        return;
    }
    let mut letters: String = first.text.clone();
    letters.retain(|letter| taking.iter().all(|option| option.spec_name() != format!("-{letter}")));
    letters.push_str(taking[0].spec_name().trim_start_matches('-'));
    findings.operand(0, &letters);
    for pair in taking.windows(2) {
        if let Some(value) = &pair[0].value {
            findings.insert_after(value.argument, pair[1].spec_name());
        }
    }
}
