//! Ports that only root may open.

use std::collections::HashSet;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::{Arguments, Instruction, KeyValue, Keyword, Word};

use crate::default_port;
use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::path::file_name;
use crate::references::used_stages;
use crate::rule::Rule;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "privileged-port",
    summary: "ports below 1024 on an image that does not run as root",
    level: Level::Warning,
    docs: "\
## What it finds

An EXPOSE of a port below 1024, or a start command with one, in a stage that people run and whose container ran as root
and does not any more; a server that listened on port 80 by itself and does not any more.

## Why it matters on Wolfi

Only root may open such a port, except where the container engine allows it to everybody (Docker does since 20.10,
Kubernetes does not by itself). Chainguard's nginx therefore listens on 8080.

## What it does

On the images of nginx and of ASP.NET Core, where nothing in the file says where the server listens, the EXPOSE becomes
8080, for that is where the new image's does; without an EXPOSE the finding says so. In all other cases the finding names what would have to follow: the EXPOSE, the lines of the configuration in the build context that name the
port, and what is published where the container is run.

## Example

```dockerfile
FROM nginx:1.27
COPY site /usr/share/nginx/html
EXPOSE 80
```

## Result

```dockerfile
FROM cgr.dev/chainguard/nginx:latest
COPY site /usr/share/nginx/html
EXPOSE 8080
```
",
};

/// How many files of a directory of configuration are read.
const MAX_FILES: usize = 32;

/// Looks at the stages that people run.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    for (stage, used) in used_stages(file).into_iter().enumerate() {
        if (stage + 1 < file.stages.len() && used) || !file.stages[stage].migrates {
            continue;
        }
        // Whoever runs the container: nothing in it says where the server listens.
        match default_port::moved(file, stage) {
            Some(server) => check_moved(file, draft, stage, server),
            None if without_root(file, draft, stage) => check_stage(file, draft, stage),
            None => {}
        }
    }
}

/// Whether the container of a stage will run as another user than root, and not because its author said so.
fn without_root(file: &File<'_>, draft: &Draft, stage: usize) -> bool {
    if file.before[stage].user.instruction.is_some() {
        return false;
    }
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return false };
    if draft.kept_root.contains(&stage) {
        return false;
    }
    draft.builder == Some(stage)
        || draft.dropped_root.contains(&stage)
        || crate::rules::root_user::run_as(file, &target.image) != 0
}

/// A server that listens on 8080 by itself, and did on 80.
fn check_moved(file: &File<'_>, draft: &mut Draft, stage: usize, server: &str) {
    let exposed: Vec<(&Word, u16)> = exposed(file, stage);
    let follow = "publish that port where the container is run";
    let own_lines = exposed.iter().all(|(_, port)| *port != default_port::NEW);
    for (word, port) in &exposed {
        let (message, edit) = match *port {
            default_port::OLD => (
                format!("the new image's {server} listens on {}; {follow}", default_port::NEW),
                (own_lines && word.contiguous && word.text.starts_with("80"))
                    .then(|| Edit::replace(word.range, word.text.replacen("80", "8080", 1))),
            ),
            port if port < 1024 && !draft.kept_root.contains(&stage) => {
                (Configuration::default().advice(port, &places(file, stage, port), true), None)
            }
            _ => continue,
        };
        let fix = edit.map(|edit| ("Expose 8080", vec![edit]));
        draft.report(&RULE, Level::Warning, word.range, message, fix);
    }
    if !exposed.iter().any(|(_, port)| matches!(*port, default_port::OLD | default_port::NEW)) {
        let message = format!(
            "the old image's {server} listened on port {}, the new one's listens on {}; {follow}",
            default_port::OLD,
            default_port::NEW
        );
        draft.report(&RULE, Level::Note, file.dockerfile.stages[stage].image.range, message, None);
    }
}

/// The ports of the EXPOSE lines of a stage.
fn exposed<'f>(file: &'f File<'_>, stage: usize) -> Vec<(&'f Word, u16)> {
    let mut found = Vec::new();
    for (index, instruction) in file.body(stage) {
        if let (Keyword::Expose, Arguments::Words(words)) = (instruction.keyword, &instruction.arguments) {
            found.extend(words.iter().filter_map(|word| Some((word, port(file, index, word)?))));
        }
    }
    found
}

fn check_stage(file: &File<'_>, draft: &mut Draft, stage: usize) {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return };
    let nginx = target.image == "nginx";
    let configuration = if nginx { Configuration::read(file, stage) } else { Configuration::default() };
    let mut privileged: Vec<(&Word, u16)> = exposed(file, stage).into_iter().filter(|(_, port)| *port < 1024).collect();
    // `53/tcp 53/udp`
    let mut seen = HashSet::new();
    privileged.retain(|(_, port)| seen.insert(*port));
    for (word, port) in &privileged {
        let message = configuration.advice(*port, &places(file, stage, *port), true);
        draft.report(&RULE, Level::Warning, word.range, message, None);
    }
    if privileged.is_empty()
        && let Some((port, range)) = started_on(file, stage)
    {
        draft.report(&RULE, Level::Warning, range, configuration.advice(port, &[], false), None);
    }
    let unread = configuration.unread && file.before[stage].ports.is_empty();
    if nginx && unread && configuration.lines.is_empty() {
        let message = "the container does not run as root, and the new image's nginx listens on 8080: what this brings must \
                       not `listen` on a port below 1024";
        draft.report(&RULE, Level::Warning, configuration.range, message, None);
    }
    if nginx && !exposes(file, stage) && !configuration.lines.is_empty() {
        draft.report(&RULE, Level::Warning, configuration.range, configuration.advice(80, &[], false), None);
    }
}

/// A port below 1024 among the words of the start command: `--port 80`, `--bind=0.0.0.0:80`, `-S :80`.
fn started_on(file: &File<'_>, stage: usize) -> Option<(u16, TextRange)> {
    // The last two are Django's and Python's own servers, which the port follows.
    const PORTS: &[&str] =
        &["--port", "-port", "-p", "--bind", "-b", "--listen", "-S", "--http", "runserver", "http.server"];
    let starts = |keyword| matches!(keyword, Keyword::Cmd | Keyword::Entrypoint);
    let mut found = None;
    for (index, _) in file.body(stage).filter(|(_, instruction)| starts(instruction.keyword)) {
        for script in &file.scripts[index] {
            script.visit(&mut |command, _| {
                let mut option = false;
                for word in command.args() {
                    let text = word.literal().unwrap_or_default();
                    let value = match text.split_once('=') {
                        Some((name, value)) if PORTS.contains(&name) => value,
                        _ if option => text.as_str(),
                        _ => "",
                    };
                    let port = value.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
                    found = found.or(port.filter(|port| (1..1024).contains(port)).map(|port| (port, word.span.range)));
                    option = PORTS.contains(&text.as_str());
                }
            });
        }
    }
    found
}

fn exposes(file: &File<'_>, stage: usize) -> bool {
    file.body(stage).any(|(_, instruction)| instruction.keyword == Keyword::Expose)
}

fn port(file: &File<'_>, index: usize, word: &Word) -> Option<u16> {
    let expansion = file.evaluation.scope(index).expand(&word.text).ok()?;
    expansion.value.text()?.split('/').next()?.parse().ok()
}

/// Where else a stage names a port.
fn places(file: &File<'_>, stage: usize, port: u16) -> Vec<String> {
    let check = asks_at(file, stage, port).then(|| "the HEALTHCHECK".to_owned());
    let start = started_on(file, stage).filter(|(own, _)| *own == port).map(|_| "the start command".to_owned());
    variable(file, stage, port).into_iter().chain(start).chain(check).collect()
}

/// The ENV of a stage that holds the port for what listens there.
fn variable(file: &File<'_>, stage: usize, port: u16) -> Option<String> {
    let mut pairs =
        file.body(stage).filter_map(|(_, instruction)| match (&instruction.arguments, instruction.keyword) {
            (Arguments::Pairs(pairs), Keyword::Env) => Some(pairs),
            _ => None,
        });
    let holds = |pair: &&KeyValue| {
        let value = pair.value.as_ref().map(|value| value.inner().0);
        pair.key.text.to_ascii_uppercase().contains("PORT") && value == Some(port.to_string().as_str())
    };
    pairs.find_map(|pairs| pairs.iter().find(holds)).map(|pair| format!("`{}`", pair.key.text))
}

/// Whether the health check of a stage makes its request at a port: `localhost:80`, and `http://localhost/` for 80.
fn asks_at(file: &File<'_>, stage: usize, port: u16) -> bool {
    let texts = file.body(stage).filter(|(_, own)| own.keyword == Keyword::Healthcheck).map(|(_, own)| &own.joined);
    let named = format!(":{port}");
    let at = |text: &String| {
        let mut after = text.match_indices(&named).map(|(at, _)| text[at + named.len()..].chars().next());
        let plain =
            port == 80 && ["localhost/", "localhost ", "127.0.0.1/", "127.0.0.1 "].iter().any(|own| text.contains(own));
        plain || after.any(|next| !next.is_some_and(|letter| letter.is_ascii_digit()))
    };
    texts.into_iter().any(at)
}

/// What a stage brings into `/etc/nginx`.
#[derive(Default)]
struct Configuration {
    /// It brings or changes something there.
    own: bool,
    /// The instruction that does.
    range: TextRange,
    /// Some of it is a server's configuration, and cannot be read here.
    unread: bool,
    /// `nginx.conf`, line 3
    lines: Vec<String>,
}

impl Configuration {
    fn read(file: &File<'_>, stage: usize) -> Self {
        let mut found = Self::default();
        for (_, instruction) in file.body(stage).filter(|(_, instruction)| instruction.joined.contains("/etc/nginx")) {
            if matches!(instruction.keyword, Keyword::Copy | Keyword::Add | Keyword::Run) {
                found.own = true;
                // The first that brings a `listen` is the one to look at.
                if !found.unread && found.lines.is_empty() {
                    found.range = instruction.range;
                }
                found.transfer(file, instruction);
            }
        }
        found
    }

    fn transfer(&mut self, file: &File<'_>, instruction: &Instruction) {
        let Some(target) = instruction.destination() else { return };
        let sources = instruction.sources();
        let from = instruction.flag("from").is_some();
        for heredoc in &instruction.heredocs {
            self.scan(sources.first().map_or("", |source| source.text), &file.text[heredoc.body]);
        }
        for source in sources.iter().filter(|source| !source.text.starts_with("<<")) {
            let source = source.text.trim_start_matches("./").trim_end_matches('/');
            if from {
                self.unread |= is_server(source, target.text);
            } else {
                self.source(file, source, target.text);
            }
        }
    }

    fn source(&mut self, file: &File<'_>, source: &str, target: &str) {
        if let Some(text) = file.context.read(source) {
            self.scan(source, &text);
            return;
        }
        let listed = file.context.list(source).unwrap_or_default();
        self.unread |= listed.is_empty() && is_server(source, target);
        for name in listed.into_iter().take(MAX_FILES) {
            let path = if source.is_empty() { name } else { format!("{source}/{name}") };
            if let Some(text) = file.context.read(&path) {
                self.scan(&path, &text);
            }
        }
    }

    fn scan(&mut self, path: &str, text: &str) {
        for (number, line) in text.lines().enumerate() {
            let Some(value) = line.trim_start().strip_prefix("listen").filter(|rest| rest.starts_with([' ', '\t']))
            else {
                continue;
            };
            let address = value.split([';', ' ', '\t']).find(|part| !part.is_empty()).unwrap_or_default();
            let port = address.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
            if port.is_some_and(|port| port < 1024) {
                self.lines.push(format!("`{path}` line {}", number + 1));
            }
        }
    }

    fn advice(&self, port: u16, places: &[String], exposed: bool) -> String {
        let high = match port {
            80 => 8080,
            443 => 8443,
            port => 8000 + port,
        };
        let mut follow: Vec<String> = places.iter().chain(&self.lines).cloned().collect();
        if self.lines.is_empty() && self.own {
            follow.push("the `listen` in the configuration that the file brings".to_owned());
        }
        if exposed {
            follow.push("the EXPOSE".to_owned());
        }
        follow.push("what is published where the container is run".to_owned());
        format!(
            "the container does not run as root any more, and port {port} is root's: listen on {high}, say. To follow: {}",
            follow.join(", ")
        )
    }
}

/// Whether what has a `listen` is brought, by the names that it has and gets: `site.conf`, `default`, the folder `conf.d`.
/// nginx reads of `conf.d` what ends with `.conf`.
fn is_server(source: &str, target: &str) -> bool {
    let name = file_name(source);
    let target = target.trim_end_matches('/');
    let plain = matches!(name, "" | ".") || !name.contains('.');
    match target {
        "/etc/nginx" | "/etc/nginx/conf.d" if plain => true,
        target if target.starts_with("/etc/nginx/conf.d/") && target.ends_with(".conf") => true,
        "/etc/nginx/nginx.conf" => true,
        _ => name.ends_with(".conf") || name.ends_with("conf.d") || name.contains("default"),
    }
}
