//! Scripts of the build context that a RUN or the start command calls.

use std::collections::{BTreeMap, HashSet};

use text_size::TextSize;
use wolfify_mappings::Distro;
use wolfify_syntax::Keyword;
use wolfify_syntax::shell::{ShellScript, SimpleCommand};

use crate::bashism::{self, Effect, Interpreter, Shell};
use crate::commands::runs;
use crate::context_files::CalledScript;
use crate::draft::{Draft, Need};
use crate::file::File;
use crate::finding::Level;
use crate::gnu::{self, Verdict};
use crate::managers::{self, ArgumentKind, PackageCommand};
use crate::resolve::{Resolved, resolve};
use crate::rule::Rule;
use crate::rules::missing_command;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "context-script",
    summary: "scripts of the build context that are called and do not fit Wolfi",
    level: Level::Error,
    docs: "\
## What it finds

A script that is copied from the build context and run by RUN, CMD, ENTRYPOINT or HEALTHCHECK, and that calls the old
package manager, uses options or shell syntax that BusyBox lacks, makes users with commands that Wolfi lacks, or calls
tools that the new image has not. Scripts that such a script calls are read as well.

## Why it matters on Wolfi

The build stops inside the script, where nothing in the Dockerfile shows why. A start script that nothing can read ends
the container at once: wolfi-base has no bash.

## What it does

Installs the tools that the script calls, and bash when bash reads it. The script itself is never changed: what it needs
is reported at the instruction, with the line in the script.

## Example

```dockerfile
FROM debian:12
COPY install.sh /tmp/
RUN /tmp/install.sh
```

## Result

With `apt-get install -y curl` in line 3 of `install.sh`, an error at the RUN says so and names the Wolfi packages.

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
COPY install.sh /tmp/
RUN /tmp/install.sh
```
",
};

/// Reads the scripts that the RUN instructions of all stages that migrate call, and those that start a bare distribution.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    for stage in (0..file.stages.len()).filter(|stage| file.stages[*stage].migrates) {
        let bare = is_bare(file, stage);
        read(file, draft, stage, |keyword| keyword == Keyword::Run || (bare && starts(keyword)));
    }
}

/// The same for what starts all other stages, once it is known which of them become builders.
pub(crate) fn check_starts(file: &File<'_>, draft: &mut Draft) {
    let split = draft.builder.or(draft.settled_stage);
    for stage in (0..file.stages.len()).filter(|stage| file.stages[*stage].migrates && split != Some(*stage)) {
        if !is_bare(file, stage) {
            read(file, draft, stage, starts);
        }
    }
}

fn starts(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck)
}

fn read(file: &File<'_>, draft: &mut Draft, stage: usize, wanted: impl Fn(Keyword) -> bool) {
    let mut seen = HashSet::new();
    for (index, instruction) in file.body(stage).filter(|(_, instruction)| wanted(runs(instruction))) {
        if matches!(runs(instruction), Keyword::Cmd | Keyword::Entrypoint) {
            missing_command::check_start(file, stage, index, draft);
        }
        for called in file.context_files().scripts(file, index).iter() {
            // A script that runs twice is reported once.
            if seen.insert(called.target.clone()) {
                Reader { file, stage, instruction: index, called, found: BTreeMap::new() }.check(draft);
            }
        }
    }
}

/// Whether the target is wolfi-base, which has neither what an image for a language has nor a `-dev` variant's tools.
fn is_bare(file: &File<'_>, stage: usize) -> bool {
    matches!(&file.stages[file.bottoms[stage]].base, Base::Converted(target) if target.bare)
}

/// One script that an instruction calls.
struct Reader<'r, 'f> {
    file: &'r File<'f>,
    stage: usize,
    instruction: usize,
    called: &'r CalledScript,
    /// What was found, with the lines it stands in.
    found: BTreeMap<(Level, String), Vec<usize>>,
}

impl Reader<'_, '_> {
    fn check(mut self, draft: &mut Draft) {
        let Some(script) = self.called.parse() else {
            self.interpreter(draft);
            return;
        };
        if self.starts() {
            self.shell(draft);
        }
        if self.called.interpreter == Interpreter::Bash {
            self.need(draft, "bash", &format!("bash reads `{}`", self.called.file.name()), Level::Note);
        }
        let distro = self.file.stages[self.stage].distro;
        if let (Interpreter::Sh, false) = (&self.called.interpreter, distro == Some(Distro::Alpine)) {
            self.syntax(&script, if distro == Some(Distro::Fedora) { Shell::Bash } else { Shell::Dash });
        }
        self.unreadable(&script);
        let asks_status = gnu::asks_status(&script.text);
        script.visit(&mut |command, _| self.command(command, asks_status, draft));
        self.report(draft);
    }

    /// Whether the script runs when the container does.
    fn starts(&self) -> bool {
        starts(runs(self.file.instruction(self.instruction)))
    }

    /// The variant of the image that has the shell which reads the script.
    fn shell(&self, draft: &mut Draft) {
        let Base::Converted(target) = &self.file.stages[self.file.bottoms[self.stage]].base else { return };
        let shell = if self.called.interpreter == Interpreter::Bash { "bash" } else { "sh" };
        let there = match shell {
            "bash" => missing_command::in_runtime(self.file, target, shell),
            _ => crate::variants::runtime_has_shell(self.file, self.stage),
        };
        if !target.bare && !there {
            draft.dev_stages.insert(self.stage);
            let reason = format!("`{}` is a script that `{shell}` reads", self.called.file.name());
            draft.dev_reasons.entry(self.stage).or_insert(reason);
        }
    }

    /// A script that no shell reads needs its own interpreter.
    fn interpreter(&self, draft: &mut Draft) {
        let Interpreter::Other(name) = &self.called.interpreter else { return };
        if let Some(package) = missing_command::package_of(self.file, self.stage, draft, name) {
            self.need(draft, &package, &format!("`{name}` reads `{}`", self.called.file.name()), Level::Note);
        }
    }

    fn note(&mut self, level: Level, at: TextSize, message: String) {
        let line = self.called.line(at);
        self.found.entry((level, message)).or_default().push(line);
    }

    fn report(self, draft: &mut Draft) {
        let name = self.called.file.name();
        for ((level, message), lines) in self.found {
            let message = format!("`{name}`, {}: {message}", places(&lines));
            draft.report(&RULE, level, self.called.range, message, None);
        }
    }

    fn need(&self, draft: &mut Draft, package: &str, why: &str, level: Level) {
        if self.file.in_target(self.stage, package) {
            return;
        }
        draft.needs.entry(self.stage).or_default().push(Need {
            package: package.to_owned(),
            rule: &RULE,
            why: format!("{why}; `{package}` is installed for it"),
            range: self.called.range,
            instruction: self.instruction,
            level,
        });
    }

    /// Syntax that ash does not read as the old `/bin/sh` did.
    fn syntax(&mut self, script: &ShellScript, was: Shell) {
        for bashism in bashism::check(script, was) {
            let message = match bashism.effect {
                Effect::Error => format!("ash does not know {}", bashism.feature),
                Effect::Silent => format!("ash reads {} otherwise", bashism.feature),
            };
            let advice = match was {
                Shell::Bash => "give the script `#!/bin/bash` and install bash, or say it otherwise",
                Shell::Dash | Shell::Ash => "say it otherwise",
            };
            let message = format!("{message}; {advice}");
            self.note(Level::Warning, bashism.span.range.start(), message);
        }
    }

    fn unreadable(&mut self, script: &ShellScript) {
        for (part, opaque) in script.opaque() {
            let Some(manager) = super::opaque::named_manager(&part.text) else { continue };
            let at = part.map.segments().first().map_or(0.into(), |segment| segment.source);
            self.note(Level::Error, at, format!("it calls `{manager}` and could not be read ({})", opaque.reason));
        }
    }

    fn command(&mut self, command: &SimpleCommand, asks_status: bool, draft: &mut Draft) {
        match managers::parse(command) {
            Some(parsed) => self.manager(command, &parsed),
            None => {
                self.absent(command, draft);
                self.options(command, asks_status, draft);
                self.tools(command, draft);
            }
        }
    }

    /// What no package on Wolfi has: `service`, `/etc/init.d/mysql`.
    fn absent(&mut self, command: &SimpleCommand, draft: &Draft) {
        let at = command.span.range.start();
        if let Some((message, _)) = missing_command::init_script(self.file, self.stage, command) {
            self.note(Level::Error, at, message);
        }
        let names = command.wrappers.iter().map(|wrapper| wrapper.name.clone()).chain(command.name());
        for name in names.collect::<Vec<_>>() {
            if let Some(message) = missing_command::absent(self.file, self.stage, draft, &name) {
                // A script may well look for what is there before it calls it.
                self.note(Level::Warning, at, message);
            }
        }
    }

    fn manager(&mut self, command: &SimpleCommand, parsed: &PackageCommand) {
        let manager = parsed.manager;
        let at = command.span.range.start();
        if manager.distro() == Some(Distro::Alpine) {
            self.alpine_names(command, parsed);
            return;
        }
        let message = format!("`{}` does not exist on Wolfi", manager.name());
        match self.in_wolfi_names(command, parsed) {
            Some(names) => {
                self.note(Level::Error, at, format!("{message}; write `apk add --no-cache {names}`"));
            }
            None if parsed.action.installs() => {
                self.note(Level::Error, at, format!("{message}; use `apk add` with the Wolfi names"));
            }
            None => self.note(Level::Error, at, format!("{message}; take the command out, or use `apk`")),
        }
    }

    /// apk is there, and some of Alpine's names mean nothing to it.
    fn alpine_names(&mut self, command: &SimpleCommand, parsed: &PackageCommand) {
        if self.file.stages[self.stage].distro != Some(Distro::Alpine) || !parsed.action.installs() {
            return;
        }
        for argument in &parsed.arguments {
            let ArgumentKind::Package(spec) = &argument.kind else { continue };
            let at = command.words[argument.word_index].span.range.start();
            match resolve(self.file, self.stage, Distro::Alpine, &spec.name) {
                Resolved::Packages { names, .. } if names != [spec.name.as_str()] => {
                    let names = names.join(" ");
                    self.note(Level::Error, at, format!("Alpine's `{}` is `{names}` on Wolfi", spec.name));
                }
                Resolved::Missing(advice) => {
                    let message = format!("`{}` has no known counterpart on Wolfi; {advice}", spec.name);
                    self.note(Level::Error, at, message);
                }
                Resolved::Packages { .. } | Resolved::Dropped(_) => {}
            }
        }
    }

    /// The Wolfi packages of an install command all of whose names are known.
    fn in_wolfi_names(&self, command: &SimpleCommand, parsed: &PackageCommand) -> Option<String> {
        let distro = parsed.manager.distro().filter(|_| parsed.action.installs() && !parsed.arguments_from_input)?;
        let mut all: Vec<String> = Vec::new();
        for argument in &parsed.arguments {
            let name = match &argument.kind {
                ArgumentKind::Package(spec) => spec.name.clone(),
                ArgumentKind::RpmVersioned(_) => command.words.get(argument.word_index)?.literal()?,
                _ => return None,
            };
            match resolve(self.file, self.stage, distro, &name) {
                Resolved::Packages { names, .. } => {
                    all.extend(names.into_iter().filter(|name| !all.contains(name)).collect::<Vec<_>>());
                }
                Resolved::Dropped(_) => {}
                Resolved::Missing(_) => return None,
            }
        }
        (!all.is_empty()).then(|| all.join(" "))
    }

    fn options(&mut self, command: &SimpleCommand, asks_status: bool, draft: &mut Draft) {
        let is_account = command.name().as_deref() == Some("id");
        if self.file.stages[self.stage].distro == Some(Distro::Alpine) || is_account {
            return;
        }
        for checked in gnu::check_all(command, asks_status) {
            let at = command.words.get(checked.index).map_or(command.span.range, |word| word.span.range).start();
            match checked.verdict {
                Verdict::Same => {}
                Verdict::Rewrite { what, .. } => {
                    self.note(Level::Error, at, format!("BusyBox {} wants it in other words: {what}", checked.tool));
                }
                Verdict::NeedsPackage { packages, why, .. } => {
                    for package in packages {
                        let why = format!("`{}`, line {}: {why}", self.called.file.name(), self.called.line(at));
                        self.need(draft, package, &why, Level::Warning);
                    }
                }
                Verdict::Report { why, silent } => {
                    self.note(if silent { Level::Warning } else { Level::Error }, at, why);
                }
            }
        }
    }

    fn tools(&self, command: &SimpleCommand, draft: &mut Draft) {
        let names = command.wrappers.iter().map(|wrapper| wrapper.name.clone()).chain(command.name());
        let line = self.called.line(command.span.range.start());
        let called = |name: &str| format!("`{}`, line {line}, calls `{name}`", self.called.file.name());
        for name in names.collect::<Vec<_>>() {
            let package = match self.starts() {
                true => {
                    let found = missing_command::for_start(self.file, self.stage, draft, &name, || called(&name));
                    // A script may well look for what is there before it calls it.
                    found.filter(|(_, _, level)| *level == Level::Note).map(|(package, _, _)| package)
                }
                false => missing_command::package_of(self.file, self.stage, draft, &name),
            };
            if let Some(package) = package {
                self.need(draft, &package, &called(&name), Level::Note);
            }
        }
    }
}

/// `line 3`, `lines 3 and 7`, `lines 3, 7 and 9 more`
fn places(lines: &[usize]) -> String {
    match lines {
        [line] => format!("line {line}"),
        [first, second] => format!("lines {first} and {second}"),
        [first, second, rest @ ..] => format!("lines {first}, {second} and {} more", rest.len()),
        [] => String::new(),
    }
}
