//! Who runs the container in the end.

use text_size::TextRange;
use wolfify_syntax::shell::ShellScript;
use wolfify_syntax::{Instruction, Keyword};

use crate::draft::Draft;
use crate::effective::{Effective, Run, runs};
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::ownership;
use crate::path::file_name;
use crate::references::used_stages;
use crate::rule::Rule;
use crate::rules::account_name::NONROOT;
use crate::rules::privilege_tool::{looks_who_it_is, work_of_root};
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "final-user",
    summary: "containers that would run as root",
    level: Level::Warning,
    docs: "\
## What it finds

The last stage of a file, or one that no other stage uses, that ends as root: because its author says `USER root`, or
because nobody says anything and the new image is one of the few that run as root (`wolfi-base`, `go`).

## Why it matters on Wolfi

Nearly all Chainguard images run as a user without privileges. A container on `wolfi-base` runs as root unless the file
says otherwise.

## What it does

Puts `USER 65532` before the start command when nothing in the file shows that the container needs root, and gives that
user the working directory and the empty directories that root made. What shows it: an EXPOSE below 1024, a VOLUME, files below /root, a service that starts as
root (cron, sshd, supervisord, databases), a start script that is not in the build context. The finding then says so, and
the file stays as it is. A `USER root` of the author's stays, and so does an image that says nothing of what it starts.

## Example

```dockerfile
FROM debian:12
WORKDIR /srv
COPY server .
CMD [\"/srv/server\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
WORKDIR /srv
COPY server .
RUN chown 65532:65532 /srv
USER 65532
CMD [\"/srv/server\"]
```
",
};

/// Programs that start as root and give it up themselves, or need it for what they do.
const ROOT_PROGRAMS: &[&str] = &[
    "anacron",
    "apache2",
    "apache2-foreground",
    "apache2ctl",
    "apachectl",
    "chroot",
    "clamd",
    "containerd",
    "cron",
    "crond",
    "dnsmasq",
    "dockerd",
    "dovecot",
    "exim",
    "fcron",
    "gosu",
    "haproxy",
    "httpd",
    "httpd-foreground",
    "in.tftpd",
    "init",
    "ip",
    "iptables",
    "keepalived",
    "mariadbd",
    "memcached",
    "modprobe",
    "monit",
    "mongod",
    "mount",
    "my_init",
    "mysqld",
    "mysqld_safe",
    "named",
    "nginx",
    "nmbd",
    "openvpn",
    "pg_ctl",
    "pg_ctlcluster",
    "php-fpm",
    "postfix",
    "postgres",
    "proftpd",
    "rabbitmq-server",
    "redis-server",
    "rsyslogd",
    "runsv",
    "runsvdir",
    "runuser",
    "s6-svscan",
    "service",
    "setpriv",
    "slapd",
    "smbd",
    "squid",
    "sshd",
    "start-stop-daemon",
    "su",
    "su-exec",
    "sudo",
    "supervisord",
    "sysctl",
    "syslog-ng",
    "syslogd",
    "systemctl",
    "systemd",
    "unicornherder",
    "vsftpd",
    "wg-quick",
    "xinetd",
];

/// Packages whose programs change the network, which only root may.
pub(crate) const NETWORK: &[&str] = &["iptables", "nftables", "openvpn", "wireguard-tools"];

/// What a stage installs that only root may use.
fn network(file: &File<'_>, draft: &Draft, stage: usize) -> Option<String> {
    let ranges = file.chain(stage).map(|stage| file.dockerfile.stages[stage].instructions.clone());
    let installs = ranges.flat_map(|range| draft.installs.range(range)).flat_map(|(_, installs)| installs);
    let package = installs.flat_map(|install| &install.packages).find(|own| NETWORK.contains(&own.as_str()))?;
    Some(format!("it installs `{package}`, which only root may use"))
}

/// Looks at every stage that people run.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions) {
    for (stage, used) in used_stages(file).into_iter().enumerate() {
        if (stage + 1 < file.stages.len() && used) || !file.stages[stage].migrates || file.is_kin(stage) {
            continue;
        }
        // Where a runtime follows, it is the runtime that runs.
        if draft.builder != Some(stage) {
            check_stage(file, draft, stage, insertions);
        }
        report_change(file, draft, stage);
    }
}

/// An image whose own user was not root, on one that runs as root.
fn keep_without_root(
    file: &File<'_>,
    draft: &mut Draft,
    stage: usize,
    effective: &Effective,
    insertions: &mut Insertions,
) {
    let last = file.dockerfile.stages[stage].instructions.end - 1;
    if !file.is_closed(last) {
        return;
    }
    let user = effective.user.value.as_deref().unwrap_or_default();
    let finding = LineFinding {
        rule: &RULE,
        level: Level::Warning,
        message: format!(
            "the old image ran as `{user}`, and the new one runs as root; the container runs as uid {NONROOT}"
        ),
        title: "Run without root".to_owned(),
        range: file.dockerfile.stages[stage].image.range,
    };
    let line = format!("{} {NONROOT}", file.keyword(stage, "USER"));
    insertions.add(file.line_after(last), Order::DropUser, line, finding);
    draft.dropped_root.insert(stage);
}

/// Says once that a container which ran as root, or as nobody knows whom, has another user now, where no line of ours has
/// said so.
fn report_change(file: &File<'_>, draft: &mut Draft, stage: usize) {
    let effective = &file.before[stage];
    // The scripts of databases gave root up by themselves.
    let by_itself = effective.base.entrypoint_kind == wolfify_mappings::EntrypointKind::Setup;
    let told = draft.dropped_root.contains(&stage) || draft.kept_root.contains(&stage);
    if told || by_itself || effective.user.instruction.is_some() || effective.is_root() == Some(false) {
        return;
    }
    let runtime = draft.runtime_image.as_deref().filter(|_| draft.builder == Some(stage));
    let uid = match runtime {
        Some(image) => Some(super::root_user::run_as(file, image)).filter(|uid| *uid != 0),
        None => own_uid(file, stage),
    };
    let Some(uid) = uid else { return };
    let message = match effective.is_root() {
        Some(_) => super::root_user::changed(&format!("uid {uid}")),
        None => super::root_user::perhaps_changed(&format!("uid {uid}")),
    };
    let range = file.dockerfile.stages[stage].image.range;
    draft.report(&RULE, Level::Note, range, message, None);
}

fn check_stage(file: &File<'_>, draft: &mut Draft, stage: usize, insertions: &mut Insertions) {
    let effective = &file.before[stage];
    if let Some(index) = effective.user.instruction {
        let renamed = draft.users.contains_key(&index);
        if effective.is_root() == Some(true) && !renamed {
            let message = "the file asks for root; if the container can do without, end with `USER 65532`";
            draft.report(&RULE, Level::Warning, file.instruction(index).range, message, None);
        }
        return;
    }
    if effective.is_root() == Some(false) && runs_as_root(file, stage) {
        keep_without_root(file, draft, stage, effective, insertions);
        return;
    }
    if effective.cmd.instruction.is_none() && effective.entrypoint.instruction.is_none() {
        // A base for others, or a box of tools: its user is for those who start something in it.
        return;
    }
    if draft.kept_root.contains(&stage)
        || (runs_as_root(file, stage) && super::root_user::is_for_development(file, stage))
    {
        return;
    }
    if !runs_as_root(file, stage) {
        let Some(uid) = own_uid(file, stage) else { return };
        // The planner has looked at that by itself.
        let settled = draft.settled_stage == Some(stage) || draft.moved_homes.contains(&stage);
        if let Some(reason) = root_home(file, stage, effective).filter(|_| !settled) {
            let message = format!("{reason}, which only root can enter; put it elsewhere, or end with `USER root`");
            draft.report(&RULE, Level::Error, place(file, stage, effective), message, None);
        }
        report_volumes(file, draft, stage, uid);
        return;
    }
    match reason(file, stage, effective).or_else(|| network(file, draft, stage)) {
        Some(reason) => {
            let message = format!(
                "the container runs as root, as it did before: {reason}; end with `USER {NONROOT}` if it can do without"
            );
            draft.report(&RULE, Level::Warning, place(file, stage, effective), message, None);
        }
        None => drop_root(file, draft, stage, effective, insertions),
    }
}

/// Whether the new image runs as root and has a user without privileges beside.
fn runs_as_root(file: &File<'_>, stage: usize) -> bool {
    if let Some(base) = file.kin_below(stage) {
        return base.user.as_deref().is_none_or(crate::rules::root_user::is_root);
    }
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return false };
    let config = file.mappings.image_config(&target.image, "runtime");
    config.is_some_and(|config| config.uid == Some(0) && config.other_users.iter().any(|user| user.uid == NONROOT))
}

/// The number of the user of an image that does not run as root.
fn own_uid(file: &File<'_>, stage: usize) -> Option<u32> {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return None };
    Some(super::root_user::run_as(file, &target.image)).filter(|uid| *uid != 0)
}

/// What the finding is about: the start command, or the FROM.
fn place(file: &File<'_>, stage: usize, effective: &Effective) -> TextRange {
    let command = effective.cmd.instruction.or(effective.entrypoint.instruction);
    let from = file.dockerfile.stages[stage].image.range;
    command.map_or(from, |index| file.instruction(index).range)
}

/// What shows that the container needs root.
fn reason(file: &File<'_>, stage: usize, effective: &Effective) -> Option<String> {
    if let Some(port) = privileged_port(file, stage) {
        return Some(format!("it exposes port {port}, and ports below 1024 are root's"));
    }
    if let Some(volume) = volume(file, stage) {
        return Some(format!("the volume {volume} belongs to root"));
    }
    root_home(file, stage, effective)
        .or_else(|| starts(effective).flat_map(|index| &file.scripts[index]).find_map(builds_at_start))
        .or_else(|| root_command(file, effective))
}

/// The lowest port below 1024 that the stage, or one that it stands on, exposes.
pub(crate) fn privileged_port(file: &File<'_>, stage: usize) -> Option<u16> {
    let ports = file.chain(stage).flat_map(|stage| &file.before[stage].ports);
    ports.filter_map(|port| port.numbers).map(|(low, _)| low).filter(|low| *low < 1024).min()
}

/// Volumes that the engine would make for root, on an image that runs as another user.
fn report_volumes(file: &File<'_>, draft: &mut Draft, stage: usize, uid: u32) {
    let has_shell = std::cell::LazyCell::new(|| has_shell(file, stage));
    for volume in &file.before[stage].volumes {
        let (Some(path), Some(index)) = (&volume.value, volume.instruction) else { continue };
        // Anybody may write there, in every image.
        if path == "/tmp" || path.starts_with("/tmp/") || path == "/var/tmp" {
            continue;
        }
        // Nobody but root gets there, whoever owns it.
        if crate::rules::root_home::in_home(path) {
            continue;
        }
        let settled = draft.owned.contains(&(stage, path.clone())) || ownership::is_of_image(file, stage, path);
        if !settled && !ownership::is_prepared(file, stage, index, path) {
            let advice = match *has_shell {
                true => format!("make it before with `RUN mkdir -p {path} && chown {uid}:{uid} {path}`"),
                false => format!(
                    "make it in a stage with a shell, and take it from there with `COPY --chown={uid}:{uid}`, since \
                     nothing runs in this image"
                ),
            };
            let message =
                format!("the volume `{path}` will belong to root, and the container runs as uid {uid}; {advice}");
            draft.report(&RULE, Level::Warning, file.instruction(index).range, message, None);
        }
    }
}

/// Whether a stage that runs nothing could: its image has a shell.
fn has_shell(file: &File<'_>, stage: usize) -> bool {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return true };
    let runs = file.body(stage).any(|(_, instruction)| instruction.keyword == Keyword::Run);
    let config = file.mappings.image_config(&target.image, "runtime");
    runs || config.is_none_or(|config| config.has_shell != Some(false))
}

fn volume(file: &File<'_>, stage: usize) -> Option<String> {
    let volume = file.chain(stage).find_map(|stage| file.before[stage].volumes.first())?;
    Some(volume.value.as_ref().map_or_else(|| "of the file".to_owned(), |path| format!("`{path}`")))
}

/// What of the container lies in root's home.
pub(crate) fn root_home(file: &File<'_>, stage: usize, effective: &Effective) -> Option<String> {
    let in_home = |path: &str| path == "/root" || path.starts_with("/root/");
    if let Some(path) = effective.workdir.value.as_deref().filter(|path| in_home(path)) {
        return Some(format!("the working directory is `{path}`"));
    }
    let last = file.dockerfile.stages[stage].instructions.end - 1;
    let path = file.evaluation.scope_after(last).get("PATH").definition;
    let written = path.and_then(|path| file.evaluation.definition(path).written.as_ref());
    if written.is_some_and(|path| path.text.trim_matches('"').split(':').any(in_home)) {
        return Some("the PATH leads into `/root`".to_owned());
    }
    let words = match runs(effective) {
        Run::Words(words) => words,
        _ => Vec::new(),
    };
    words.into_iter().find(|word| in_home(word)).map(|word| format!("`{word}` is in `/root`"))
}

/// What in the start command needs root.
fn root_command(file: &File<'_>, effective: &Effective) -> Option<String> {
    for index in starts(effective) {
        if let Some(reason) = file.scripts[index].iter().find_map(root_program) {
            return Some(reason);
        }
        let known = file.context_files().scripts(file, index);
        for script in known.iter() {
            if let Some(reason) = script.parse().as_ref().and_then(root_program) {
                return Some(format!("{reason} in `{}`", script.file.name()));
            }
        }
        let unknown = unknown_script(file.instruction(index), &file.scripts[index]);
        if let Some(name) =
            unknown.filter(|name| !known.iter().any(|script| file_name(&script.target) == file_name(name)))
        {
            return Some(format!("what `{name}` does is not known here"));
        }
    }
    None
}

/// The instructions that say what the container starts.
fn starts(effective: &Effective) -> impl Iterator<Item = usize> + use<> {
    [effective.entrypoint.instruction, effective.cmd.instruction].into_iter().flatten()
}

/// What a stage starts that has to run as root: it works as root only, or builds where root's commands did.
pub(crate) fn needs_root(file: &File<'_>, draft: &Draft, stage: usize) -> Option<String> {
    let effective = &file.before[stage];
    let builds = || starts(effective).flat_map(|index| &file.scripts[index]).find_map(builds_at_start);
    root_only(file, draft, stage).or_else(|| effective.user.instruction.is_none().then(builds)?)
}

/// What a stage starts that works as root only, whatever the image's own user is.
pub(crate) fn root_only(file: &File<'_>, draft: &Draft, stage: usize) -> Option<String> {
    let effective = &file.before[stage];
    if effective.user.instruction.is_some() {
        return None;
    }
    starts(effective)
        .flat_map(|index| &file.scripts[index])
        .find_map(|script| root_service(file, draft, stage, script))
        .or_else(|| starts(effective).find_map(|index| supervisor(file, index)))
}

/// The service in a script that works as root only, where the stage installs it.
fn root_service(file: &File<'_>, draft: &Draft, stage: usize, script: &ShellScript) -> Option<String> {
    const ALWAYS: &[&str] = &["cron", "crond", "dockerd", "sshd", "supervisord"];
    let mut found = None;
    script.visit(&mut |command, _| {
        let Some(name) = command.name().filter(|name| ALWAYS.contains(&file_name(name))) else { return };
        let wolfify_mappings::Lookup::Mapped(mapping) = file.mappings.command(file_name(&name)) else { return };
        if crate::rules::missing_command::brought(file, stage, draft, &mapping) {
            found = Some(format!("`{}` works as root only", file_name(&name)));
        }
    });
    found
}

/// What builds whenever the container starts, and writes to what root's commands made.
fn builds_at_start(script: &ShellScript) -> Option<String> {
    const BUILDERS: &[(&str, &[&str])] =
        &[("go", &["build", "install", "run", "test"]), ("cargo", &["build", "run", "test"])];
    let mut found = None;
    script.visit(&mut |command, _| {
        let (Some(name), Some(verb)) = (command.name(), command.args().first()) else { return };
        let verbs = BUILDERS.iter().find(|(own, _)| *own == file_name(&name)).map(|(_, verbs)| verbs);
        if verbs.is_some_and(|verbs| verbs.contains(&verb.text.as_str())) {
            found = Some(format!(
                "`{} {}` writes to the caches and directories that root made",
                file_name(&name),
                verb.text
            ));
        }
    });
    found
}

/// The supervisor that a start command calls, where only root can.
fn supervisor(file: &File<'_>, index: usize) -> Option<String> {
    let mut is_init = false;
    for script in &file.scripts[index] {
        script.visit(&mut |command, _| {
            is_init |=
                command.words.first().and_then(wolfify_syntax::shell::ShellWord::literal).as_deref() == Some("/init");
        });
    }
    (is_init && file.text.contains("s6-overlay")).then(|| "`/init` of s6-overlay works as root only".to_owned())
}

/// Whether a program is a service that root starts, and that may leave its rights then.
pub(crate) fn starts_as_root(program: &str) -> bool {
    ROOT_PROGRAMS.contains(&file_name(program))
}

/// What in a script starts as root, or is for root to call.
fn root_program(script: &ShellScript) -> Option<String> {
    let mut found = None;
    script.visit(&mut |command, _| {
        if found.is_some() {
            return;
        }
        let wrappers = command.wrappers.iter().map(|wrapper| wrapper.name.clone());
        let names: Vec<String> = wrappers.chain(command.name()).collect();
        found = names.into_iter().find(|name| ROOT_PROGRAMS.contains(&file_name(name)));
        // `/etc/init.d/mysql start`, or with a shell before it
        let script = command.words.iter().find(|word| word.text.starts_with("/etc/") && word.text.contains("/init.d/"));
        if let (Some(script), None) = (script, &found) {
            found = Some(script.text.clone());
        }
        // `tini -- nginx`, `dumb-init sshd -D`
        let launched = command.args().iter().filter_map(wolfify_syntax::shell::ShellWord::literal);
        let launcher = command.name().is_some_and(|name| matches!(file_name(&name), "tini" | "dumb-init" | "env"));
        if launcher && found.is_none() {
            found = launched.into_iter().find(|word| ROOT_PROGRAMS.contains(&file_name(word)));
        }
    });
    let for_root = || {
        let (tool, _) = work_of_root(script).filter(|_| !looks_who_it_is(&script.text))?;
        Some(format!("`{tool}`, which only root may call, is called"))
    };
    found.map(|name| format!("`{}` starts as root", file_name(&name))).or_else(for_root)
}

/// A shell script among the words of a start command.
fn unknown_script(instruction: &Instruction, scripts: &[ShellScript]) -> Option<String> {
    if !matches!(instruction.keyword, Keyword::Cmd | Keyword::Entrypoint) {
        return None;
    }
    let mut found = None;
    for script in scripts {
        script.visit(&mut |command, _| {
            let mut words = command.words.iter().filter_map(wolfify_syntax::shell::ShellWord::literal);
            if found.is_none() {
                found = words.find(|word| word.ends_with(".sh") || file_name(word).contains("entrypoint"));
            }
        });
    }
    found
}

/// Ends the stage as a user without privileges.
fn drop_root(file: &File<'_>, draft: &mut Draft, stage: usize, effective: &Effective, insertions: &mut Insertions) {
    let body: Vec<usize> = file.body(stage).map(|(index, _)| index).collect();
    let last_step = body.iter().rposition(|index| {
        matches!(
            file.instruction(*index).keyword,
            Keyword::Run | Keyword::Copy | Keyword::Add | Keyword::Workdir | Keyword::Shell
        )
    });
    let rest = &body[last_step.map_or(0, |at| at + 1)..];
    let start = rest.iter().find(|index| file.is(**index, Keyword::Cmd) || file.is(**index, Keyword::Entrypoint));
    let at = match (start, body.last()) {
        (Some(start), _) => file.line_before(*start),
        (None, Some(last)) if file.is_closed(*last) => file.line_after(*last),
        _ => return,
    };
    let range = place(file, stage, effective);
    let finding = |level, message: String, title: &str| LineFinding {
        rule: &RULE,
        level,
        message,
        title: title.to_owned(),
        range,
    };
    let directories = ownership::wanted(file, stage, file.dockerfile.stages[stage].instructions.end, |_| true);
    if let Some(command) = directories.command(&format!("{NONROOT}:{NONROOT}")) {
        let message = format!("{} would belong to root; the container runs as uid {NONROOT}", directories.names());
        let line = format!("{} {command}", file.keyword(stage, "RUN"));
        insertions.add(at, Order::Own, line, finding(Level::Note, message, "Give the directories to the user"));
    }
    let message = format!(
        "nothing shows that the container needs root; it runs as uid {NONROOT}, as Chainguard's images do. What it writes \
         to has to belong to that user"
    );
    let line = format!("{} {NONROOT}", file.keyword(stage, "USER"));
    insertions.add(at, Order::DropUser, line, finding(Level::Warning, message, "Run without root"));
    draft.dropped_root.insert(stage);
}
