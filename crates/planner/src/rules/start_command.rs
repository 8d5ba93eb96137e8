//! Start commands that the new image's entrypoint would take for arguments.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::{EntrypointKind, Lookup};
use wolfify_syntax::{Arguments, CommandForm, Instruction, JsonString, Keyword};

use crate::draft::Draft;
use crate::effective::{
    BaseFacts, Command, Effective, Run, Start, broken_array, exec_form, is_known_server, is_same_script, runs,
    same_program, start_on, start_shell,
};
use crate::exec::quote;
use crate::file::File;
use crate::finding::Level;
use crate::init_process;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::instructions::lines_with_comments;
use crate::options::Split;
use crate::path::file_name;
use crate::provisions::Made;
use crate::references::used_stages;
use crate::rule::Rule;
use crate::rules::missing_command;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "start-command",
    summary: "start commands that the new image's entrypoint would take for arguments",
    level: Level::Warning,
    docs: "\
## What it finds

A CMD without an ENTRYPOINT, on an image whose Chainguard counterpart has an entrypoint of its own; a start command in
shell form; a start command that a shell has to read; an ENTRYPOINT that names the script of the old image.

## Why it matters on Wolfi

The entrypoint of most Chainguard images is the interpreter or the server itself, and nothing looks at the command
before. `CMD [\"python\", \"app.py\"]` would run `python python app.py`, and the container would stop at once. The images
that are meant to run in production have no shell, so that a start command in shell form finds nobody to read it.

## What it does

Makes the CMD the ENTRYPOINT, so that the same command runs. Arguments given to `docker run` are then added to it instead
of taking its place. Where the entrypoint is the server that the CMD calls, the CMD keeps the arguments only; the php-fpm
image starts php-fpm by itself and needs no CMD. A command in shell form that uses nothing of the shell gets the exec
form. Where a shell is needed, or is what is started, the stage gets the variant of its image that has one, the finding
says why, and `ENTRYPOINT []` lets the CMD run as it stands. So it does where a compose file of the build context gives a
service that it builds another command.

## Example

```dockerfile
FROM python:3.13-slim
COPY app.py /app.py
CMD [\"python\", \"/app.py\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest
COPY app.py /app.py
ENTRYPOINT [\"python\", \"/app.py\"]
```
",
};

/// Looks at what every stage that migrates starts.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions) {
    // By stage: what has become of a CMD of it, or of a stage below it.
    let mut raised: Vec<Raised> = Vec::with_capacity(file.stages.len());
    for (stage, effective) in file.before.iter().enumerate() {
        let below = match file.stages[stage].base {
            Base::Parent(parent) => raised[parent],
            _ => Raised::No,
        };
        // What a builder's runtime starts is settled with the runtime.
        let own = match file.stages[stage].migrates && draft.settled_stage != Some(stage) {
            true => check_stage(file, draft, stage, effective, below, insertions),
            false => Raised::No,
        };
        raised.push(if own == Raised::No { below } else { own });
    }
    for (stage, used) in used_stages(file).into_iter().enumerate() {
        let is_builder = draft.builder == Some(stage);
        // What a base of the tree's own starts is its own file's matter.
        let inherits = file.is_kin(stage) || file.kin_below(stage).is_some();
        if (stage + 1 == file.stages.len() || !used) && file.stages[stage].migrates && !is_builder && !inherits {
            default_start(file, draft, stage, insertions);
        }
    }
}

/// What becomes of a CMD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Raised {
    /// It stays, or there is none.
    No,
    /// It is the ENTRYPOINT.
    Entrypoint,
    /// It stays, behind an ENTRYPOINT that starts whatever it is given.
    Init,
}

/// A server that the old image started without being told, on an image that does not.
fn default_start(file: &File<'_>, draft: &mut Draft, stage: usize, insertions: &mut Insertions) {
    let effective = &file.before[stage];
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return };
    if effective.cmd.instruction.is_some() || effective.entrypoint.instruction.is_some() {
        return;
    }
    let Run::Words(words) = runs(effective) else { return };
    if let Some(program) = words.first()
        && let Lookup::Absent { advice, .. } = file.mappings.command(file_name(program))
        && draft.provisions.who(&file.stages, stage, file_name(program), &[]) != Made::Named
    {
        let message = format!("the old image started `{program}` by itself, which the new one has not: {advice}");
        draft.report(&RULE, Level::Error, file.dockerfile.stages[stage].image.range, message, None);
        return;
    }
    let words = match words.first().map(|word| file_name(word)) {
        Some(name) if is_known_server(name) || name == "httpd-foreground" => words,
        _ => return,
    };
    let base = BaseFacts::target_image(file.mappings, &target.image, crate::effective::variant(&target.tag, false));
    let last = file.dockerfile.stages[stage].instructions.end - 1;
    if !base.entrypoint.is_empty() || !file.is_closed(last) {
        return;
    }
    let message = format!("the old image started `{}` by itself, and the new one does not", words.join(" "));
    let finding = LineFinding {
        rule: &RULE,
        level: Level::Warning,
        message,
        title: "Say what to start".to_owned(),
        range: file.dockerfile.stages[stage].image.range,
    };
    let line = format!("{} {}", file.keyword(stage, "CMD"), array(&words));
    insertions.add(file.line_after(last), Order::Start, line, finding);
}

/// Returns what becomes of the CMD.
fn check_stage(
    file: &File<'_>,
    draft: &mut Draft,
    stage: usize,
    effective: &Effective,
    below: Raised,
    insertions: &mut Insertions,
) -> Raised {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return Raised::No };
    let mut base = BaseFacts::target_image(file.mappings, &target.image, crate::effective::variant(&target.tag, false));
    let inherits_cmd = matches!(file.stages[stage].base,
        Base::Parent(parent) if file.before[parent].cmd.instruction.is_some());
    if below == Raised::Init {
        base.entrypoint = vec![init_process::PROGRAM.to_owned()];
        base.entrypoint_kind = EntrypointKind::Setup;
    } else if below == Raised::Entrypoint || (inherits_cmd && !starts_bundle(&base)) {
        // Whatever the image's own entrypoint is, another has taken its place.
        base.entrypoint = vec![String::new()];
        base.entrypoint_kind = EntrypointKind::Program;
    }
    // The direct port is the smallest change that starts the same.
    let init = target.image == "node" && below == Raised::No && !inherits_cmd && file.options.split == Split::Auto;
    let place = Place { file, stage, target: &base, bare: target.bare, init };
    let own =
        |setting: Option<usize>| setting.filter(|index| file.dockerfile.stages[stage].instructions.contains(index));
    let (cmd, entrypoint) = (own(effective.cmd.instruction), own(effective.entrypoint.instruction));
    if let Some(index) = entrypoint {
        place.entrypoint(draft, effective, index);
    }
    let raised = match cmd.filter(|index| file.is(*index, Keyword::Cmd)) {
        Some(index) => place.cmd(draft, effective, index, insertions),
        None => Raised::No,
    };
    if raised == Raised::Entrypoint {
        place.drop_void(draft, cmd);
    }
    for index in cmd.into_iter().chain(entrypoint) {
        place.report_broken_array(draft, index);
    }
    cmd.into_iter().chain(entrypoint).for_each(|index| place.rename(draft, index));
    raised
}

/// A stage and the image it will stand on.
struct Place<'a> {
    file: &'a File<'a>,
    stage: usize,
    target: &'a BaseFacts,
    bare: bool,
    /// An init process that the image has starts what the CMD says.
    init: bool,
}

impl Place<'_> {
    /// A CMD. Returns what becomes of it.
    fn cmd(&self, draft: &mut Draft, effective: &Effective, index: usize, insertions: &mut Insertions) -> Raised {
        let unknown = !effective.base.known && effective.entrypoint.instruction.is_none();
        let run = match (runs(effective), &effective.cmd.value) {
            (Run::Unknown, Some(Command::Exec(words))) if unknown => Run::Words(words.clone()),
            (Run::Unknown, Some(Command::Shell { shell, text })) if unknown => {
                Run::Shell { shell: shell.clone(), text: text.clone() }
            }
            (run, _) => run,
        };
        if effective.entrypoint.instruction.is_some() && !self.names_old_script(effective) {
            if let Run::Words(words) = run {
                self.needs(draft, &words);
            }
            return Raised::No;
        }
        match run {
            Run::Words(_) if same_program(effective, self.target) => Raised::No,
            Run::Words(words) => {
                self.needs(draft, &words);
                self.exec(draft, &words, index, insertions)
            }
            Run::Shell { .. } => self.shell(draft, index, insertions),
            Run::Nothing | Run::Unknown => Raised::No,
        }
    }

    /// An ENTRYPOINT that the author wrote.
    fn entrypoint(&self, draft: &mut Draft, effective: &Effective, index: usize) {
        let instruction = self.file.instruction(index);
        let no_cmd = effective.cmd.value.as_ref().is_none_or(Command::is_empty);
        match &effective.entrypoint.value {
            Some(Command::Shell { .. }) if no_cmd && !self.bare => match self.words(draft, instruction, index) {
                Ok(words) => {
                    let edits = vec![Edit::replace(command_range(instruction), array(&words))];
                    draft.report(&RULE, Level::Note, instruction.range, EXEC, Some(("Use the exec form", edits)));
                    draft.exec_forms.insert(index);
                    self.needs(draft, &words);
                }
                Err(reason) => self.keep_shell(draft, reason),
            },
            Some(Command::Exec(words)) if no_cmd && self.is_default(words) => self.drop_cmd(draft, index),
            Some(Command::Exec(words)) if no_cmd => self.needs(draft, words),
            _ => {}
        }
        if self.names_old_script(effective) {
            self.drop_script(draft, index);
        }
    }

    /// Whether the new image starts just these words by itself.
    fn is_default(&self, words: &[String]) -> bool {
        !self.target.entrypoint.is_empty() && words.len() > 1 && start_on(words, self.target) == Start::default()
    }

    /// The entrypoint script of the old image, which the new one has not.
    fn drop_script(&self, draft: &mut Draft, index: usize) {
        let file = self.file;
        let message = "this is the entrypoint script of the old image, which the new one has not; it goes, and the command \
                       is started as it stands";
        let edit = Edit::delete(lines_with_comments(file, index));
        draft.dropped_instructions.insert(index);
        let range = file.instruction(index).range;
        draft.report(&RULE, Level::Warning, range, message, Some(("Remove the instruction", vec![edit])));
    }

    /// Whether the file sets the old image's own entrypoint script once more, and nothing in the new image or in the
    /// build context has that name.
    fn names_old_script(&self, effective: &Effective) -> bool {
        let Some(Command::Exec(words)) = &effective.entrypoint.value else { return false };
        let ([word], [script]) = (&words[..], &effective.base.entrypoint[..]) else { return false };
        effective.entrypoint.instruction.is_some()
            && is_same_script(word, script)
            && self.target.entrypoint.first().is_none_or(|own| !is_same_script(own, script))
            && !self.file.makes(file_name(script))
    }

    /// A CMD in exec form that runs `words`.
    fn exec(&self, draft: &mut Draft, words: &[String], index: usize, insertions: &mut Insertions) -> Raised {
        let instruction = self.file.instruction(index);
        let Arguments::Command(CommandForm::Exec { strings, .. }) = &instruction.arguments else { return Raised::No };
        let written: Vec<&str> = strings.iter().map(|string| string.value.as_str()).collect();
        match start_on(words, self.target) {
            Start { entrypoint: Some(words), .. } if self.is_own_program(&words, &written) => Raised::No,
            // A shell is started to be given other commands, too.
            Start { entrypoint: Some(words), .. } if words == written && start_shell(&words).is_some() => {
                self.clear_entrypoint(instruction, index, CLEARED, Vec::new(), insertions);
                Raised::No
            }
            Start { entrypoint: Some(words), .. } if self.takes_init(&words) => {
                let edits = (words != written).then(|| Edit::replace(command_range(instruction), array(&words)));
                self.start_init(index, edits, insertions)
            }
            Start { entrypoint: Some(words), .. } if let Some(message) = overridden(self.file) => {
                let edits = (words != written).then(|| Edit::replace(command_range(instruction), array(&words)));
                self.clear_entrypoint(instruction, index, &message, edits.into_iter().collect(), insertions);
                Raised::No
            }
            Start { entrypoint: Some(words), .. } => {
                let mut edits = vec![self.keyword(instruction)];
                if words != written {
                    edits.push(Edit::replace(command_range(instruction), array(&words)));
                }
                draft.report(&RULE, Level::Warning, instruction.range, RAISED, Some(("Make it the ENTRYPOINT", edits)));
                Raised::Entrypoint
            }
            Start { cmd: Some(cmd), .. } => {
                if cmd != written {
                    let edit = without_first(self.file, strings, &cmd, instruction);
                    let message = if self.target.entrypoint.is_empty() { PROGRAM } else { SERVER };
                    draft.report(
                        &RULE,
                        Level::Note,
                        instruction.range,
                        message,
                        Some(("Leave the arguments", vec![edit])),
                    );
                }
                Raised::No
            }
            Start { entrypoint: None, cmd: None } => {
                self.drop_cmd(draft, index);
                Raised::No
            }
        }
    }

    /// `CMD ["--inspect", "app.js"]` is what the image's own entrypoint takes as well.
    fn is_own_program(&self, words: &[String], written: &[&str]) -> bool {
        let [program] = &self.target.entrypoint[..] else { return false };
        words.len() == written.len() + 1 && file_name(program) == words[0]
    }

    /// A CMD in shell form.
    fn shell(&self, draft: &mut Draft, index: usize, insertions: &mut Insertions) -> Raised {
        let instruction = self.file.instruction(index);
        let raises = !self.target.entrypoint.is_empty();
        if self.bare && !raises {
            return Raised::No;
        }
        let words = match self.words(draft, instruction, index) {
            Ok(words) => words,
            Err(reason) => {
                self.keep_shell(draft, reason);
                let broken = self.file.scripts[index].first().and_then(broken_array).is_some();
                if raises && !broken {
                    self.clear_entrypoint(instruction, index, CLEARED_FOR_SHELL, Vec::new(), insertions);
                }
                return Raised::No;
            }
        };
        self.needs(draft, &words);
        draft.exec_forms.insert(index);
        let replace = |words: &[String]| Edit::replace(command_range(instruction), array(words));
        match start_on(&words, self.target) {
            Start { entrypoint: Some(words), .. } if self.takes_init(&words) => {
                self.start_init(index, Some(replace(&words)), insertions)
            }
            Start { entrypoint: Some(words), .. } if let Some(message) = overridden(self.file) => {
                self.clear_entrypoint(instruction, index, &message, vec![replace(&words)], insertions);
                Raised::No
            }
            Start { entrypoint: Some(words), .. } => {
                let edits = vec![self.keyword(instruction), replace(&words)];
                let message = format!("{RAISED}. In exec form, for it uses nothing of the shell");
                draft.report(
                    &RULE,
                    Level::Warning,
                    instruction.range,
                    message,
                    Some(("Make it the ENTRYPOINT", edits)),
                );
                Raised::Entrypoint
            }
            Start { cmd: Some(cmd), .. } => {
                let message = if cmd == words { EXEC } else { SERVER };
                let edits = vec![replace(&cmd)];
                draft.report(&RULE, Level::Note, instruction.range, message, Some(("Use the exec form", edits)));
                Raised::No
            }
            Start { entrypoint: None, cmd: None } => {
                self.drop_cmd(draft, index);
                Raised::No
            }
        }
    }

    /// Whether the image's init process is put before a command: Node forwards no signals as the first process.
    fn takes_init(&self, words: &[String]) -> bool {
        let has_own = words.first().is_some_and(|word| init_process::is_one(word));
        self.init && !has_own
    }

    /// The CMD stays one, and an ENTRYPOINT starts it.
    fn start_init(&self, index: usize, edit: Option<Edit>, insertions: &mut Insertions) -> Raised {
        let instruction = self.file.instruction(index);
        let finding = LineFinding {
            rule: &RULE,
            level: Level::Warning,
            message: format!(
                "the new image's own entrypoint would take this command for its arguments, and {}",
                init_process::WHY
            ),
            title: "Start an init process".to_owned(),
            range: instruction.range,
        };
        let line = format!("{} {}", self.file.keyword(self.stage, "ENTRYPOINT"), init_process::ENTRYPOINT);
        let at = self.file.layout(false).line_start(instruction.range.start());
        insertions.add_with(at, Order::Start, line, finding, edit.into_iter().collect());
        Raised::Init
    }

    /// `ENTRYPOINT []` before a CMD: it runs as it stands, and other commands can take its place.
    fn clear_entrypoint(
        &self,
        instruction: &Instruction,
        index: usize,
        message: &str,
        edits: Vec<Edit>,
        insertions: &mut Insertions,
    ) {
        let finding = LineFinding {
            rule: &RULE,
            level: Level::Warning,
            message: message.to_owned(),
            title: "Clear the entrypoint".to_owned(),
            range: instruction.range,
        };
        let line = format!("{} []", self.file.keyword(self.stage, "ENTRYPOINT"));
        insertions.add_with(self.file.line_before(index), Order::Start, line, finding, edits);
    }

    /// Earlier CMDs, which only the last one kept from counting.
    fn drop_void(&self, draft: &mut Draft, last: Option<usize>) {
        let own = self.file.body(self.stage).map(|(index, _)| index);
        for index in own.filter(|index| self.file.is(*index, Keyword::Cmd) && Some(*index) != last) {
            let edit = Edit::delete(lines_with_comments(self.file, index));
            draft.dropped_instructions.insert(index);
            let range = self.file.instruction(index).range;
            draft.report(&RULE, Level::Note, range, VOID, Some(("Remove the instruction", vec![edit])));
        }
    }

    /// `CMD ['npm', 'start']` is in shell form, and the shell finds no program of that name.
    fn report_broken_array(&self, draft: &mut Draft, index: usize) {
        let instruction = self.file.instruction(index);
        if !matches!(&instruction.arguments, Arguments::Command(CommandForm::Shell { .. })) {
            return;
        }
        let [script] = &self.file.scripts[index][..] else { return };
        if let Some(word) = broken_array(script) {
            let message = format!(
                "not a JSON array (double quotes, nothing behind the bracket), so a shell looks for a program `{word}`: on the old \
                 image too the container stops at once"
            );
            draft.report(&RULE, Level::Error, instruction.range, message, None);
        }
    }

    fn drop_cmd(&self, draft: &mut Draft, index: usize) {
        let edit = Edit::delete(lines_with_comments(self.file, index));
        draft.dropped_instructions.insert(index);
        let range = self.file.instruction(index).range;
        draft.report(
            &RULE,
            Level::Warning,
            range,
            by_itself(&self.target.entrypoint),
            Some(("Remove the instruction", vec![edit])),
        );
    }

    /// The words of an instruction in shell form, when no shell is needed for it.
    fn words(&self, draft: &Draft, instruction: &Instruction, index: usize) -> Result<Vec<String>, &'static str> {
        let range = command_range(instruction);
        let comments = &self.file.dockerfile.comments;
        let next = comments.partition_point(|comment| comment.start() < range.start());
        if comments.get(next).is_some_and(|comment| range.contains_range(*comment)) {
            return Err("a comment inside");
        }
        let [script] = &self.file.scripts[index][..] else { return Err("a script that cannot be read") };
        let mut words = exec_form(script)?;
        if let Some(first) = words.first_mut()
            && let Some(new) = missing_command::wolfi_name(self.file, self.stage, draft, file_name(first))
        {
            let stem = first.len() - file_name(first).len();
            first.replace_range(stem.., &new);
        }
        Ok(words)
    }

    /// Programs that Wolfi's package calls by another name.
    fn rename(&self, draft: &mut Draft, index: usize) {
        let file = self.file;
        draft.follow_installs(file.mappings);
        let mut found = Vec::new();
        for script in &file.scripts[index] {
            script.visit(&mut |command, _| {
                let Some(word) = command.words.get(command.name_index).filter(|word| word.span.contiguous) else {
                    return;
                };
                let Some(name) = command.name() else { return };
                let name = file_name(&name);
                if let Some(new) =
                    missing_command::wolfi_name(file, self.stage, draft, name).filter(|_| word.text.ends_with(name))
                {
                    found.push((word.span.range, name.to_owned(), new, word.clone()));
                }
            });
        }
        let taken = |range: TextRange| {
            let edits = draft.findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits);
            edits.into_iter().any(|edit| edit.range.intersect(range).is_some_and(|both| !both.is_empty()))
        };
        found.retain(|(range, ..)| !taken(*range));
        for (range, name, new, word) in found {
            let edit = missing_command::renaming(&word, &name, &new);
            let message = format!("`{name}` is called `{new}` on Wolfi");
            draft.report(&RULE, Level::Note, range, message, Some(("Use Wolfi's name", vec![edit])));
        }
    }

    /// A command that needs a shell to be read.
    fn keep_shell(&self, draft: &mut Draft, reason: &str) {
        if !self.bare && self.target.has_shell != Some(true) {
            let reason = format!("the start command uses {reason}");
            draft.dev_reasons.entry(self.stage).or_insert(reason);
        }
    }

    /// The variant with a shell, when what is started needs one.
    fn needs(&self, draft: &mut Draft, words: &[String]) {
        if let Some(reason) = start_shell(words).filter(|_| !self.bare && self.target.has_shell != Some(true)) {
            draft.dev_stages.insert(self.stage);
            draft.dev_reasons.entry(self.stage).or_insert(reason);
        }
    }

    fn keyword(&self, instruction: &Instruction) -> Edit {
        let lower = self.file.text[instruction.keyword_range].chars().all(|c| c.is_ascii_lowercase());
        Edit::replace(instruction.keyword_range, if lower { "entrypoint" } else { "ENTRYPOINT" })
    }
}

/// Why a CMD leaves that the new image starts anyway. A start script runs whatever it is given; a program takes it for
/// its arguments.
pub(crate) fn by_itself(entrypoint: &[String]) -> String {
    let mut message = "the new image starts just this by itself; the instruction goes".to_owned();
    if !entrypoint.iter().any(|word| file_name(word).contains("entrypoint")) {
        message.push_str(". What `docker run` is given is added to its entrypoint");
    }
    message
}

pub(crate) const RAISED: &str = "the new image's own entrypoint would take this command for its arguments; it becomes the ENTRYPOINT. What `docker run` \
     is given is added to it now and does not take its place any more";
pub(crate) const VOID: &str =
    "this counts for nothing, and would be arguments of the ENTRYPOINT that takes the place of the command in force";
/// Why the CMD stays one where a compose file puts another command in its place.
pub(crate) fn overridden(file: &File<'_>) -> Option<String> {
    let other = file.overridden()?;
    Some(format!(
        "the new image's own entrypoint would take this command for its arguments, and so that of `{}` in `{}` (`{}`); an empty \
         ENTRYPOINT lets both run as they stand",
        other.service, other.file, other.program
    ))
}

const CLEARED: &str = "the new image's own entrypoint would take this command for its arguments; an empty ENTRYPOINT lets it run as it stands";
const CLEARED_FOR_SHELL: &str = "the new image's own entrypoint would take this command for its arguments, and a shell has to read it; an empty \
     ENTRYPOINT lets it run as it stands";
const SERVER: &str = "the new image's entrypoint is this server; the CMD is its arguments only";
const PROGRAM: &str =
    "the old image's entrypoint put the program before this; the new one has no entrypoint, and the CMD says it";
const EXEC: &str = "the exec form, for it uses nothing of the shell";

/// The php-fpm image starts php-fpm whatever the CMD is.
fn starts_bundle(base: &BaseFacts) -> bool {
    base.entrypoint.first().is_some_and(|program| file_name(program) == "s6-svscan")
}

/// The command of a CMD or ENTRYPOINT, from its first to its last byte.
fn command_range(instruction: &Instruction) -> TextRange {
    match &instruction.arguments {
        Arguments::Command(CommandForm::Exec { range, .. } | CommandForm::Shell { range, .. }) => *range,
        _ => TextRange::empty(instruction.range.end()),
    }
}

/// Words in exec form.
fn array(words: &[String]) -> String {
    let strings: Vec<String> = words.iter().map(|word| quote(word)).collect();
    format!("[{}]", strings.join(", "))
}

/// Takes the first word off an array, in the author's layout where that can be done.
fn without_first(file: &File<'_>, strings: &[JsonString], cmd: &[String], instruction: &Instruction) -> Edit {
    let kept = strings.iter().skip(1).map(|string| &string.value).eq(cmd.iter());
    if let ([first, second, ..], true) = (strings, kept) {
        let gap = &file.text[TextRange::new(first.range.end(), second.range.start())];
        if gap.chars().all(|c| c == ',' || c == ' ' || c == '\t') {
            return Edit::delete(TextRange::new(first.range.start(), second.range.start()));
        }
    }
    Edit::replace(command_range(instruction), array(cmd))
}
