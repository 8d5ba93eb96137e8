//! What the table cannot say: options that depend on their argument, on other options or on operands.

use super::findings::{Effect, Findings};
use super::invocation::{Invocation, Occurrence};
use super::word::DYNAMIC;
use super::{awk, dates, find, sed, tar};

/// Judges all options and operands of a command.
pub(crate) fn apply(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    for option in &invocation.options {
        let effect = special(invocation, option).unwrap_or_else(|| findings.table_effect(option));
        findings.option(option, effect);
    }
    whole(invocation, findings);
}

/// Rules that look at one option; `None` leaves it to the table.
fn special(invocation: &Invocation<'_>, option: &Occurrence) -> Option<Effect> {
    match invocation.name {
        "tar" => tar::option(invocation, option),
        "sed" => sed::option(invocation, option),
        "date" => dates::date_option(option),
        "touch" => dates::touch_option(option),
        "sort" => sort_option(option),
        "tail" if option.spec_name() == "--follow" => tail_follow(invocation, option),
        "tail" if option.spec_name() == "--retry" => tail_retry(invocation),
        "head" | "tail" => head_option(option),
        "cp" => cp_option(invocation, option),
        "rm" => rm_option(option),
        // Hard links to directories; with -s it says nothing.
        "ln" if matches!(option.spec_name(), "-d" | "-F" | "--directory") && invocation.has(&["-s", "--symbolic"]) => {
            Some(Effect::Drop)
        }
        "stat" => stat_option(option),
        "sha1sum" | "sha256sum" | "sha384sum" | "sha512sum" | "md5sum" => sum_option(invocation, option),
        "diff" => diff_option(option),
        "ps" => ps_option(option),
        _ => None,
    }
}

fn sort_option(option: &Occurrence) -> Option<Effect> {
    if option.spec_name() != "--sort" {
        return None;
    }
    let short = match option.value_text() {
        "version" => "-V",
        "numeric" => "-n",
        "human-numeric" => "-h",
        "general-numeric" => "-g",
        "month" => "-M",
        _ => return None,
    };
    Some(Effect::Words(short.to_owned()))
}

/// `-c 1K`: BusyBox knows b, k and m, not K, M, kB or G.
fn head_option(option: &Occurrence) -> Option<Effect> {
    if !matches!(option.spec_name(), "-c" | "-n" | "--bytes" | "--lines") {
        return None;
    }
    let value = option.value_text();
    let digits = value.trim_start_matches(['+', '-']);
    let suffix = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    if digits.len() == suffix.len() || suffix.contains(DYNAMIC) {
        return None;
    }
    let number = &value[..value.len() - suffix.len()];
    match (suffix, option.spec_name()) {
        ("" | "b" | "k" | "m", _) => None,
        ("K", "-c" | "-n") => Some(Effect::Value(format!("{number}k"))),
        ("M", "-c" | "-n") => Some(Effect::Value(format!("{number}m"))),
        _ => Some(Effect::Missing(format!("BusyBox does not know the suffix in {value}"))),
    }
}

/// `--follow=name --retry` is `-F`; following a name without trying again is not in BusyBox.
fn tail_follow(invocation: &Invocation<'_>, option: &Occurrence) -> Option<Effect> {
    match option.value_text() {
        "name" if invocation.has(&["--retry"]) => Some(Effect::Words("-F".to_owned())),
        "name" => Some(Effect::Missing("BusyBox tail has no --follow=name without --retry".to_owned())),
        "descriptor" => Some(Effect::Words("-f".to_owned())),
        _ => None,
    }
}

fn tail_retry(invocation: &Invocation<'_>) -> Option<Effect> {
    let by_name = |option: &Occurrence| option.spec_name() == "--follow" && option.value_text() == "name";
    invocation.options.iter().any(by_name).then_some(Effect::Drop)
}

/// The names of a list, sorted.
fn attributes(list: &str) -> Vec<&str> {
    let mut names: Vec<&str> = list.split(',').collect();
    names.sort_unstable();
    names
}

fn cp_option(invocation: &Invocation<'_>, option: &Occurrence) -> Option<Effect> {
    match (option.spec_name(), &option.value) {
        ("--preserve", None) => Some(Effect::Rename("-p")),
        ("--preserve", Some(value)) if attributes(&value.text) == ["mode", "ownership", "timestamps"] => {
            Some(Effect::Words("-p".to_owned()))
        }
        ("--no-preserve", Some(value)) => {
            // Without -a, -p or --preserve there is nothing of these to take away.
            let nothing = attributes(&value.text).iter().all(|name| matches!(*name, "ownership" | "timestamps"));
            let preserves = invocation.has(&["-a", "--archive", "-p", "--preserve"]);
            (nothing && !preserves).then_some(Effect::Drop)
        }
        ("--sparse", Some(value)) if value.text == "auto" => Some(Effect::Drop),
        ("--reflink", Some(value)) if value.text == "always" => {
            Some(Effect::Silent("BusyBox cp --reflink=always copies where the file system cannot share".to_owned()))
        }
        _ => None,
    }
}

/// Without a terminal there is no prompt that `--interactive=never` could suppress.
fn rm_option(option: &Occurrence) -> Option<Effect> {
    (option.spec_name() == "--interactive" && option.value_text() == "never").then_some(Effect::Drop)
}

fn stat_option(option: &Occurrence) -> Option<Effect> {
    let value = option.value_text();
    match option.spec_name() {
        "--printf" => {
            let format = value.strip_suffix("\\n")?;
            let plain = !format.contains(['\\', DYNAMIC, '\'']) && !format.is_empty();
            plain.then(|| Effect::Words(format!("-c {}", super::word::quote(format))))
        }
        "-c" | "--format" if value.contains("%m") || value.contains("%C") => {
            Some(Effect::Silent("BusyBox stat has no %m and %C".to_owned()))
        }
        _ => None,
    }
}

fn sum_option(invocation: &Invocation<'_>, option: &Occurrence) -> Option<Effect> {
    let checks = invocation.has(&["-c", "--check"]);
    // Without -c they are errors in coreutils as well.
    (!checks && matches!(option.spec_name(), "--strict" | "--quiet" | "--status" | "--ignore-missing"))
        .then_some(Effect::Keep)
}

fn diff_option(option: &Occurrence) -> Option<Effect> {
    match (option.spec_name(), &option.value) {
        ("--color", value) if value.as_ref().is_none_or(|value| value.text != "always") => Some(Effect::Drop),
        ("--unified", None) => Some(Effect::Rename("-u")),
        _ => None,
    }
}

/// The columns of `ps -o` that BusyBox knows.
const PS_COLUMNS: &[&str] = &[
    "user", "group", "comm", "args", "pid", "ppid", "pgid", "etime", "nice", "rgroup", "ruser", "time", "tty", "vsz",
    "sid", "stat", "rss",
];

fn ps_option(option: &Occurrence) -> Option<Effect> {
    if option.spec_name() != "-o" {
        return None;
    }
    let unknown = option.value_text().split([',', ' ']).find(|column| {
        let name = column.split('=').next().unwrap_or(column);
        !name.is_empty() && !name.contains(DYNAMIC) && !PS_COLUMNS.contains(&name)
    })?;
    Some(Effect::Missing(format!("BusyBox ps has no column {unknown}")))
}

/// Rules that look at the whole command.
fn whole(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    match invocation.name {
        "tar" => tar::whole(invocation, findings),
        "sed" => sed::whole(invocation, findings),
        "find" => find::whole(invocation, findings),
        "awk" => awk::whole(invocation, findings),
        "date" => dates::date_whole(invocation, findings),
        "grep" | "egrep" | "fgrep" => grep_context(invocation, findings),
        "chown" => chown_dot(invocation, findings),
        "mktemp" => mktemp_template(invocation, findings),
        "dirname" if invocation.operands.len() > 1 => findings.need("BusyBox dirname takes one name only", false),
        "groups" if !invocation.operands.is_empty() => {
            findings.need("BusyBox groups does not print the user's name before the groups", true);
        }
        "sum" if !invocation.operands.is_empty() => findings.need("BusyBox sum does not print the file's name", true),
        "uname" if invocation.has(&["-o", "--operating-system"]) => {
            findings.need("BusyBox uname -o prints Linux, not GNU/Linux", true);
        }
        "printf" if invocation.operand_texts().any(|text| text.contains("%q")) => {
            findings.need("BusyBox printf has no %q", false);
        }
        "dd" => dd_operands(invocation, findings),
        "diff" => diff_format(invocation, findings),
        _ => {}
    }
}

/// `grep -3` is `grep -C3`; BusyBox knows the second only.
fn grep_context(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    let digits = |position: usize| {
        let text = &invocation.arguments[position].text;
        text.len() > 1 && text[1..].chars().all(|c| c.is_ascii_digit())
    };
    let mut positions: Vec<usize> = invocation.options.iter().map(|option| option.argument).collect();
    positions.dedup();
    for position in positions.into_iter().filter(|&position| digits(position)) {
        let number = invocation.arguments[position].text[1..].to_owned();
        findings.operand(position, &format!("-C{number}"));
    }
}

/// `chown user.group`: the dot is GNU's; a numeric or a dotted user name stays.
fn chown_dot(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    let Some(&position) = invocation.operands.first() else { return };
    let owner = &invocation.arguments[position].text;
    if owner.contains([':', DYNAMIC]) || owner.matches('.').count() != 1 || owner.starts_with('.') {
        return;
    }
    findings.operand(position, &owner.replace('.', ":"));
}

/// BusyBox wants six or more X, at the end.
fn mktemp_template(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    let Some(template) = invocation.operand_texts().next() else { return };
    if template.contains(DYNAMIC) || !template.contains("XXX") {
        return;
    }
    let run = template.len() - template.trim_end_matches('X').len();
    if run == 0 {
        findings.need("BusyBox mktemp wants the X at the end of the template", false);
    } else if run < 6 {
        findings.need("BusyBox mktemp wants six X in the template", false);
    }
}

/// The words of dd's `conv=`, `iflag=`, `oflag=` and `status=` that BusyBox knows.
const DD_FLAGS: &[(&str, &[&str])] = &[
    ("conv=", &["notrunc", "sync", "noerror", "fsync", "swab"]),
    ("iflag=", &["skip_bytes", "count_bytes", "fullblock", "direct"]),
    ("oflag=", &["seek_bytes", "append", "direct"]),
    ("status=", &["none", "noxfer"]),
];

fn dd_operands(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    for (position, argument) in invocation.arguments.iter().enumerate() {
        // A progress line is all that goes with it.
        if argument.text == "status=progress" {
            findings.delete_operand(position);
            continue;
        }
        for (name, known) in DD_FLAGS {
            let Some(words) = argument.text.strip_prefix(name) else { continue };
            let unknown = words.split(',').find(|word| !word.contains(DYNAMIC) && !known.contains(word));
            if let Some(unknown) = unknown {
                findings.need(format!("BusyBox dd has no {name}{unknown}"), false);
            }
        }
        if argument.text.starts_with("cbs=") {
            findings.need("BusyBox dd has no cbs=", false);
        }
    }
}

/// BusyBox's diff always prints unified output; that matters where the output is kept.
fn diff_format(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    let chosen = ["-u", "-U", "--unified", "-q", "--brief", "-c", "-C", "--context", "-y", "--side-by-side"];
    let kept = invocation.redirects.iter().any(|redirect| {
        let target = redirect.target.as_ref().map(super::word::static_text).unwrap_or_default();
        redirect.operator.starts_with('>') && redirect.fd.unwrap_or(1) == 1 && target != "/dev/null" && target != "&2"
    });
    if kept && !invocation.has(&chosen) {
        findings.need("BusyBox diff prints unified output without -u as well", true);
    }
}
