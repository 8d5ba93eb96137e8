//! Package sources of the old distribution: keys, lists, set-up scripts.

use std::collections::HashMap;

use text_size::TextRange;
use wolfify_syntax::shell::{Command, Pipeline, ShellScript, SimpleCommand};

use crate::commands::ParsedCommands;
use crate::draft::{CommandId, Draft, RemovedCommand, Setup};
use crate::file::File;
use crate::finding::Level;
use crate::managers::{Action, Hole, Text, repos};
use crate::rule::Rule;
use crate::script_values::ScriptValues;
use crate::walk;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "package-repository",
    summary: "package sources of the old distribution: keys, lists, set-up scripts",
    level: Level::Note,
    docs: "\
## What it finds

`add-apt-repository`, `apt-key`, keys and lists written below `/etc/apt` or `/etc/yum.repos.d`, release packages (EPEL),
and vendors' set-up scripts (NodeSource and others), alone or at the end of a pipeline.

## Why it matters on Wolfi

Packages of another distribution cannot be installed there, and a vendor's script stops on a system it does not know.

## What it does

The set-up goes together with the package it served; the version it asked for is kept where Wolfi has it. Set-up for a
package that nobody knows stays, with an error, because only a person can say what takes its place.

## Example

```dockerfile
FROM ubuntu:24.04
RUN apt-get update && apt-get install -y curl && curl -fsSL https://deb.nodesource.com/setup_22.x | bash - && apt-get install -y nodejs
```

## Result

```dockerfile
FROM cgr.dev/chainguard/wolfi-base:latest
RUN apk add --no-cache curl nodejs-22 npm
```
",
};

/// Finds the set-up steps of a script and puts them aside until it is known what they served.
pub(crate) fn collect(
    file: &File<'_>,
    parsed: &ParsedCommands,
    draft: &mut Draft,
    stage: usize,
    instruction: usize,
    index: usize,
    script: &ShellScript,
) {
    let mut values: Option<ScriptValues<'_>> = None;
    let mut fetched: HashMap<String, Option<&'static str>> = HashMap::new();
    walk::pipelines(script, &mut |pipeline, place| {
        if place.in_substitution {
            return;
        }
        let Some(commands) = simple_commands(pipeline) else { return };
        let ids: Vec<CommandId> =
            commands.iter().map(|command| CommandId { instruction, script: index, command: command.id }).collect();
        if ids.iter().any(|id| draft.claimed.contains(id)) {
            return;
        }
        let known_script = || concerns_fetched(&commands, &fetched).map(|product| (product, None, true, SETS_UP));
        let Some((product, version, whole, what)) = recognise(pipeline, &commands, parsed).or_else(known_script) else {
            return;
        };
        if whole {
            fetched.extend(commands.iter().flat_map(|command| fetched_files(command)).map(|file| (file, product)));
        }
        let version = version.and_then(|version| {
            let values = values.get_or_insert_with(|| ScriptValues::of(file, instruction, script));
            known(&version, &|name| values.get(name))
        });
        if let (Some(product), Some(version)) = (product, &version) {
            draft.streams.insert((stage, product.to_owned()), version.clone());
        }
        draft.claimed.extend(&ids);
        for (id, command) in ids.iter().zip(&commands) {
            draft.claim_nested(*id, command);
        }
        draft.setups.push(Setup { stage, ids, range: pipeline.span.range, product, version, whole, what });
    });
}

/// A version with its variables (`${NODE_MAJOR}`) put in; `None` when one of them is only known when it runs.
fn known(version: &Text, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut stretches = version.stretches();
    let mut text = stretches.next()?.to_owned();
    for (hole, stretch) in version.holes().iter().zip(stretches) {
        match hole {
            Hole::Parameter { name, operation, .. } if operation.is_empty() => text.push_str(&value(name)?),
            _ => return None,
        }
        text.push_str(stretch);
    }
    Some(text)
}

type Recognised = (Option<&'static str>, Option<Text>, bool, &'static str);

fn recognise(pipeline: &Pipeline, commands: &[&SimpleCommand], parsed: &ParsedCommands) -> Option<Recognised> {
    let last = commands.last()?;
    let parsed = parsed.get(last);
    if commands.len() > 1 && parsed.is_some_and(|parsed| matches!(parsed.action, Action::Mark | Action::Configure)) {
        // Whatever is computed before only feeds marks or answers of the old package manager.
        return Some((None, None, true, "feeds the old package manager"));
    }
    if parsed.is_some_and(|parsed| {
        parsed.action.installs() && !matches!(parsed.action, Action::LocalInstall | Action::Install)
    }) {
        return None;
    }
    let setup =
        if commands.len() == 1 { repos::recognise_parsed(last, parsed) } else { repos::recognise_pipeline(pipeline) }?;
    Some((setup.product, setup.version, setup.whole, SETS_UP))
}

const SETS_UP: &str = "sets up a package source of the old distribution";

/// The files that a download writes, by their last part: `-o FILE`, `-O FILE`, or what the address ends in.
fn fetched_files(command: &SimpleCommand) -> Vec<String> {
    if !command.name().is_some_and(|name| matches!(name.as_str(), "curl" | "wget")) {
        return Vec::new();
    }
    let words: Vec<&str> = command.args().iter().map(|word| word.text.trim_matches(['"', '\''])).collect();
    let named = words.windows(2).filter(|pair| matches!(pair[0], "-o" | "-O" | "--output" | "--output-document"));
    let from_address = words.iter().filter(|word| word.contains("://"));
    named.map(|pair| pair[1]).chain(from_address.copied()).map(|file| last_part(file).to_owned()).collect()
}

fn last_part(path: &str) -> &str {
    path.trim_matches(['"', '\'']).rsplit('/').next().unwrap_or(path)
}

/// `chmod +x setup.sh`, `./setup.sh`, `rm setup.sh`: what is done with a set-up script that was fetched before. Answers the
/// product it is for.
fn concerns_fetched(
    commands: &[&SimpleCommand],
    fetched: &HashMap<String, Option<&'static str>>,
) -> Option<Option<&'static str>> {
    let [command] = commands else { return None };
    let called = last_part(&command.words.get(command.name_index)?.text);
    if let Some(product) = fetched.get(called) {
        return Some(*product);
    }
    let operands: Vec<&str> =
        command.args().iter().map(|word| word.text.as_str()).filter(|word| !word.starts_with('-')).collect();
    let files = match called {
        "chmod" => operands.get(1..)?,
        "rm" | "sh" | "bash" | "." | "source" => &operands[..],
        _ => return None,
    };
    let products: Option<Vec<Option<&'static str>>> =
        files.iter().map(|file| fetched.get(last_part(file)).copied()).collect();
    products?.first().copied()
}

fn simple_commands(pipeline: &Pipeline) -> Option<Vec<&SimpleCommand>> {
    pipeline
        .commands
        .iter()
        .map(|command| match command {
            Command::Simple(simple) => Some(simple),
            Command::Compound(_) => None,
        })
        .collect()
}

/// Decides about the steps of all stages, once the packages are known.
pub(crate) fn settle(draft: &mut Draft) {
    for setup in std::mem::take(&mut draft.setups) {
        let open = draft.unknown_stages.contains(&setup.stage);
        let served = setup.product.map_or_else(String::new, |product| match &setup.version {
            Some(version) => format!(" ({product} {version})"),
            None => format!(" ({product})"),
        });
        let keeps = open && setup.product.is_none() && setup.what.starts_with("sets");
        if keeps || !setup.whole {
            let message = format!(
                "this {}{served}; {}",
                setup.what,
                if keeps {
                    "a package of the stage has no known counterpart, so it may have come from there"
                } else {
                    "it also does other things, so take out by hand what belongs to the source"
                }
            );
            draft.report(&RULE, Level::Error, setup.range, message, None);
            continue;
        }
        for id in setup.ids {
            let message = format!("this {}{served}, which means nothing on Wolfi", setup.what);
            draft.removed.insert(id, removed(message, setup.range));
        }
    }
}

fn removed(message: String, range: TextRange) -> RemovedCommand {
    RemovedCommand { rule: &RULE, level: Level::Note, message, range, joined: None }
}
