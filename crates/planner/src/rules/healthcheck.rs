//! HEALTHCHECK on an image that lacks its tool.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::Lookup;
use wolfify_syntax::shell::{AndOrOperator, Command, ShellScript, ShellWord, SimpleCommand};
use wolfify_syntax::{Arguments, CommandForm, Instruction, Keyword};

use crate::default_port;
use crate::draft::{Draft, Need};
use crate::exec::quote;
use crate::file::File;
use crate::finding::Level;
use crate::provisions::Made;
use crate::rule::Rule;
use crate::rules::missing_command;
use crate::script::layout_size;
use crate::stages::{Base, Target};

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "healthcheck",
    summary: "health checks by tools that the new image has not",
    level: Level::Note,
    docs: "\
## What it finds

A HEALTHCHECK that runs `curl`, `wget`, `nc` or another tool that the new image does not carry, or that needs a shell.

## Why it matters on Wolfi

The container starts, and is called unhealthy a minute later: the check itself cannot run. The images that are meant to
run in production have neither a shell nor a client for HTTP.

## What it does

On the Python and Node images a plain request by curl or wget becomes the same request in the application's own runtime,
in exec form: it fails for the same answers. `|| exit 1` goes with the shell, for any status but 0 means unhealthy. Where the
stage can install packages, the tool's package is added. Otherwise the finding says so. A check of nginx or ASP.NET Core on
port 80 asks on 8080 where that is where the new image's server listens.

## Example

```dockerfile
FROM python:3.13
COPY app.py /app.py
HEALTHCHECK CMD curl -f http://localhost:8000/health || exit 1
ENTRYPOINT [\"python\", \"/app.py\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest
COPY app.py /app.py
HEALTHCHECK CMD [\"python\", \"-c\", \"import http.client as h, sys; c = h.HTTPConnection('localhost', 8000); c.request('GET', '/health'); sys.exit(c.getresponse().status >= 400)\"]
ENTRYPOINT [\"python\", \"/app.py\"]
```
",
};

/// Looks at the health checks of all stages that migrate.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    // The stage planner carries the check and its tool over to the runtime by itself.
    let split = draft.builder.or(draft.settled_stage);
    for stage in (0..file.stages.len()).filter(|stage| file.stages[*stage].migrates) {
        draft.follow_installs(file.mappings);
        if default_port::moved(file, stage).is_some() {
            file.body(stage).for_each(|(index, _)| follow_port(file, draft, index, split != Some(stage)));
        }
        if split == Some(stage) {
            continue;
        }
        for (index, instruction) in file.body(stage) {
            if let (Keyword::Healthcheck, Arguments::Healthcheck(Some(form))) =
                (instruction.keyword, &instruction.arguments)
            {
                check_one(file, draft, stage, index, form);
            }
        }
    }
}

/// The request of a check in the language of `image`, and the tool whose work that is.
pub(crate) fn own_request(file: &File<'_>, index: usize, image: &str, tag: &str) -> Option<(Vec<String>, String)> {
    let Arguments::Healthcheck(Some(form)) = &file.instruction(index).arguments else { return None };
    let [script] = &file.scripts[index][..] else { return None };
    let command = plain_command(script).filter(|_| !has_comment(file, form_range(form)))?;
    Some((request(command)?.in_runtime(image, tag)?, command.name()?))
}

fn form_range(form: &CommandForm) -> TextRange {
    match form {
        CommandForm::Shell { range, .. } | CommandForm::Exec { range, .. } => *range,
    }
}

fn check_one(file: &File<'_>, draft: &mut Draft, stage: usize, index: usize, form: &CommandForm) {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return };
    let [script] = &file.scripts[index][..] else { return };
    let range = form_range(form);
    let stays = file.chain(stage);
    // What runs something keeps its shell and has apk: a tool can be installed there.
    let plain = plain_command(script).filter(|_| !stays.into_iter().any(|stage| runs_something(file, draft, stage)));
    if let Some(command) = plain.filter(|_| !has_comment(file, range)) {
        let request = request(command).and_then(|request| request.in_runtime(&target.image, &target.tag));
        if let Some(words) = request {
            let message =
                "the same request in the application's own runtime, for the image that runs it has no such tool";
            rewrite(draft, index, range, &words, message);
            return;
        }
        if matches!(form, CommandForm::Shell { .. })
            && !target.bare
            && let Some(words) = in_exec_form(file, target, stage, command)
        {
            rewrite(draft, index, range, &words, "the exec form, for it uses nothing of the shell");
            return;
        }
    }
    script.visit(&mut |command, _| tools(file, draft, stage, index, target, command));
}

/// A check that asks the server on the port that it listened on before, and does not any more.
fn follow_port(file: &File<'_>, draft: &mut Draft, index: usize, own_line: bool) {
    if !file.is(index, Keyword::Healthcheck) {
        return;
    }
    let mut places = Vec::new();
    for script in &file.scripts[index] {
        script.visit(&mut |command, _| {
            let client = matches!(command.name().as_deref(), Some("curl" | "wget"));
            let address = |word: &&ShellWord| word.span.contiguous && (client || word.text.contains("://"));
            let words = command.args().iter().filter(address);
            places.extend(words.filter_map(|word| {
                let (place, new) = on_new_port(&word.text)?;
                let start = word.span.range.start();
                let range = TextRange::new(start + layout_size(place.start), start + layout_size(place.end));
                Some(Edit::replace(range, new))
            }));
        });
    }
    let message = format!("the new image's server listens on {}, where this has to ask", default_port::NEW);
    for edit in places {
        // What the stage planner writes asks there already.
        let level = if own_line { Level::Warning } else { Level::Note };
        let fix = own_line.then(|| ("Ask on the new port", vec![edit.clone()]));
        draft.report(&RULE, level, edit.range, message.clone(), fix);
    }
}

/// Where an address of this container names port 80, or leaves it out, and what to write there.
pub(crate) fn on_new_port(text: &str) -> Option<(std::ops::Range<usize>, String)> {
    const HOSTS: &[&str] = &["localhost", "127.0.0.1", "0.0.0.0", "[::1]"];
    let (at, host) = HOSTS.iter().find_map(|host| Some((text.find(host)?, *host)))?;
    let end = at + host.len();
    let rest = &text[end..];
    let digits = rest.strip_prefix(':').map(|rest| rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    match digits {
        Some(length) if rest[1..1 + length] == *"80" => Some((end + 1..end + 3, default_port::NEW.to_string())),
        Some(_) => None,
        None if text[..at].ends_with("https://") => None,
        None => rest
            .chars()
            .next()
            .is_none_or(|c| "/?\"'".contains(c))
            .then(|| (end..end, format!(":{}", default_port::NEW))),
    }
}

fn has_comment(file: &File<'_>, range: TextRange) -> bool {
    let comments = &file.dockerfile.comments;
    let next = comments.partition_point(|comment| comment.start() < range.start());
    comments.get(next).is_some_and(|comment| range.contains_range(*comment))
}

fn rewrite(draft: &mut Draft, index: usize, range: TextRange, words: &[String], message: &str) {
    let strings: Vec<String> = words.iter().map(|word| quote(word)).collect();
    let edit = Edit::replace(range, format!("[{}]", strings.join(", ")));
    draft.report(&RULE, Level::Note, range, message, Some(("Use the image's own runtime", vec![edit])));
    draft.exec_forms.insert(index);
}

/// The only command of a check; `|| exit 1` behind it says nothing more than its status.
fn plain_command(script: &ShellScript) -> Option<&SimpleCommand> {
    let [item] = &script.list.as_ref().ok()?.items[..] else { return None };
    let ends = match &item.and_or.rest[..] {
        [] => true,
        [(AndOrOperator::Or, _, pipeline)] => match &pipeline.commands[..] {
            [Command::Simple(last)] => {
                let words: Vec<&str> = last.words.iter().map(|word| word.text.as_str()).collect();
                matches!(words[..], ["exit", "1"] | ["exit"] | ["false"]) && last.redirects.is_empty()
            }
            _ => false,
        },
        _ => false,
    };
    match &item.and_or.first.commands[..] {
        [Command::Simple(command)]
            if ends
                && item.separator.is_none()
                && item.and_or.first.bang.is_none()
                && command.assignments.is_empty()
                && command.wrappers.is_empty() =>
        {
            Some(command)
        }
        _ => None,
    }
}

/// The words for the exec form, when the image that is meant to run has the program.
fn in_exec_form(file: &File<'_>, target: &Target, stage: usize, command: &SimpleCommand) -> Option<Vec<String>> {
    let words: Vec<String> = command.words.iter().map(ShellWord::literal).collect::<Option<_>>()?;
    let name = command.name()?;
    let there = missing_command::is_own_tool(file, stage, &name) || missing_command::in_runtime(file, target, &name);
    (there && command.redirects.is_empty()).then_some(words)
}

/// A tool of a check that stays as it is.
fn tools(file: &File<'_>, draft: &mut Draft, stage: usize, index: usize, target: &Target, command: &SimpleCommand) {
    let Some(name) = command.name() else { return };
    let Some(word) = command.words.get(command.name_index) else { return };
    let path = word.literal().unwrap_or_default();
    if !matches!(&path[..path.len() - name.len()], "" | "/bin/" | "/sbin/" | "/usr/bin/" | "/usr/sbin/") {
        return;
    }
    let Lookup::Mapped(mapping) = file.mappings.command(&name) else { return };
    // Package managers have rules of their own.
    if crate::managers::called(command).is_some() {
        return;
    }
    if draft.provisions.who(&file.stages, stage, &name, &mapping.packages) != Made::No
        || missing_command::is_own_tool(file, stage, &name)
    {
        return;
    }
    if missing_command::has(file, stage, draft, &name, &mapping) {
        if !target.bare && !missing_command::in_runtime(file, target, &name) {
            draft.dev_stages.insert(stage);
            draft.dev_reasons.entry(stage).or_insert_with(|| format!("the HEALTHCHECK runs `{name}`"));
        }
        return;
    }
    let Some(package) = mapping.packages.first() else { return };
    let range = word.span.range;
    let instruction = file.instruction(index);
    if target.bare || is_shell_form(instruction) || runs_something(file, draft, stage) {
        draft.needs.entry(stage).or_default().push(Need {
            package: package.clone(),
            rule: &RULE,
            why: format!("the HEALTHCHECK runs `{name}`, which the new image has not; `{package}` brings it"),
            range,
            instruction: index,
            level: Level::Note,
        });
    } else {
        let message = format!(
            "the new image has no `{name}` and nothing to install it with; check with the application's own runtime, or leave \
             the check to the orchestrator"
        );
        draft.report(&RULE, Level::Error, range, message, None);
    }
}

fn is_shell_form(instruction: &Instruction) -> bool {
    matches!(&instruction.arguments, Arguments::Healthcheck(Some(CommandForm::Shell { .. })))
}

/// Whether a RUN of the stage stays, so that its image has apk.
fn runs_something(file: &File<'_>, draft: &Draft, stage: usize) -> bool {
    file.body(stage).any(|(index, _)| file.is(index, Keyword::Run) && !draft.dropped_instructions.contains(&index))
}

/// A plain request by curl or wget.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    host: String,
    port: u16,
    path: String,
    /// An answer of 400 and above fails.
    status: bool,
    /// Redirections are followed.
    follows: bool,
    /// In seconds.
    timeout: Option<u32>,
}

impl Request {
    /// The same request as the words of an exec form on an image of Python or Node.
    fn in_runtime(&self, image: &str, tag: &str) -> Option<Vec<String>> {
        match image {
            "python" => Some(["python", "-c", &self.python()].map(str::to_owned).to_vec()),
            // `fetch` is there since Node 18.
            "node" if crate::tag::version(tag).is_none_or(|version| !is_old_node(&version)) => {
                Some(["node", "-e", &self.node()].map(str::to_owned).to_vec())
            }
            _ => None,
        }
    }

    fn url(&self) -> String {
        format!("http://{}:{}{}", self.host, self.port, self.path)
    }

    fn python(&self) -> String {
        let timeout = self.timeout.map_or_else(String::new, |seconds| format!(", timeout={seconds}"));
        if self.follows && self.status {
            return format!("import urllib.request as r; r.urlopen('{}'{timeout})", self.url());
        }
        let open =
            format!("c = h.HTTPConnection('{}', {}{timeout}); c.request('GET', '{}')", self.host, self.port, self.path);
        if self.status {
            format!("import http.client as h, sys; {open}; sys.exit(c.getresponse().status >= 400)")
        } else {
            format!("import http.client as h; {open}; c.getresponse()")
        }
    }

    fn node(&self) -> String {
        let mut options = Vec::new();
        if !self.follows {
            options.push("redirect: 'manual'".to_owned());
        }
        if let Some(seconds) = self.timeout {
            options.push(format!("signal: AbortSignal.timeout({seconds}000)"));
        }
        let options = if options.is_empty() { String::new() } else { format!(", {{{}}}", options.join(", ")) };
        let status = if self.status { "r.status < 400 ? 0 : 1" } else { "0" };
        format!("fetch('{}'{options}).then(r => process.exit({status}), () => process.exit(1))", self.url())
    }
}

fn is_old_node(version: &str) -> bool {
    version.split('.').next().and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major < 18)
}

/// Reads a call of curl or wget, as far as every option of it is understood.
fn request(command: &SimpleCommand) -> Option<Request> {
    let name = command.name()?;
    let curl = name == "curl";
    let quiet = command.redirects.iter().all(|redirect| {
        let target = redirect.target.as_ref().map(|target| target.text.as_str());
        redirect.operator.starts_with(['>', '&']) && matches!(target, Some("/dev/null" | "1" | "&1"))
    });
    if !(curl || name == "wget") || !quiet {
        return None;
    }
    let words: Vec<String> = command.args().iter().map(ShellWord::literal).collect::<Option<_>>()?;
    let (mut status, mut follows, mut timeout, mut url) = (!curl, !curl, None, None);
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let (option, value) =
            word.split_once('=').filter(|_| word.starts_with("--")).map_or((word, None), |(o, v)| (o, Some(v)));
        match option {
            "--fail" | "-f" if curl => status = true,
            "--location" | "-L" if curl => follows = true,
            "--silent" | "--show-error" | "--quiet" | "--spider" | "--no-verbose" | "-nv" => {}
            "-o" | "--output" | "-O" | "--output-document" => {
                let file = value.or_else(|| words.next())?;
                if !matches!(file, "/dev/null" | "-") {
                    return None;
                }
            }
            "-O-" | "-qO-" | "-qO" | "-q0-" if !curl => {
                if option == "-qO" && !matches!(words.next()?, "-" | "/dev/null") {
                    return None;
                }
            }
            "-m" | "--max-time" if curl => timeout = Some(value.or_else(|| words.next())?.parse().ok()?),
            "-T" | "--timeout" if !curl => timeout = Some(value.or_else(|| words.next())?.parse().ok()?),
            "-t" | "--tries" if !curl && value.or_else(|| words.next()) == Some("1") => {}
            "-t1" if !curl => {}
            short if short.starts_with('-') && !short.starts_with("--") && short.len() > 1 => {
                let known = if curl { "fsSL" } else { "q" };
                if !short[1..].chars().all(|letter| known.contains(letter)) {
                    return None;
                }
                status |= short.contains('f');
                follows |= short.contains('L');
            }
            _ if option.starts_with('-') || url.is_some() => return None,
            _ => url = Some(word),
        }
    }
    let (host, port, path) = address(url?)?;
    Some(Request { host, port, path, status, follows, timeout })
}

/// Host, port and path of an address without anything that would have to be quoted.
fn address(url: &str) -> Option<(String, u16, String)> {
    let rest = match url.split_once("://") {
        Some(("http", rest)) => rest,
        Some(_) => return None,
        None => url,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/:?&=%+,@".contains(c);
    if !rest.chars().all(plain) || rest.contains('@') {
        return None;
    }
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, 80),
    };
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    (!host.is_empty()).then(|| (host.to_owned(), port, path))
}

#[cfg(test)]
mod tests {
    use super::{address, on_new_port};

    #[test]
    fn addresses_on_the_new_port() {
        let new = |text: &str| {
            on_new_port(text).map(|(place, new)| format!("{}{new}{}", &text[..place.start], &text[place.end..]))
        };
        assert_eq!(new("http://localhost/health").as_deref(), Some("http://localhost:8080/health"));
        assert_eq!(new("\"http://127.0.0.1:80/\"").as_deref(), Some("\"http://127.0.0.1:8080/\""));
        assert_eq!(new("localhost").as_deref(), Some("localhost:8080"));
        for text in ["http://localhost:8000/", "https://localhost/", "http://example.org/", "localhosts", "-f"] {
            assert_eq!(new(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_without_surprises() {
        let parts = |url: &str| address(url).map(|(host, port, path)| format!("{host} {port} {path}"));
        assert_eq!(parts("http://localhost:8000/health").as_deref(), Some("localhost 8000 /health"));
        assert_eq!(parts("localhost").as_deref(), Some("localhost 80 /"));
        assert_eq!(parts("http://127.0.0.1/?a=b").as_deref(), Some("127.0.0.1 80 /?a=b"));
        for url in ["https://localhost/", "http://a:$PORT/", "http://u:p@a/", "http://a/'x'", "/path"] {
            assert_eq!(parts(url), None, "{url}");
        }
    }
}
