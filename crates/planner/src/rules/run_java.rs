//! The start script of Red Hat's images of Java, which only puts a call of `java` together.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::{Arguments, CommandForm, KeyValue, Keyword};

use crate::draft::Draft;
use crate::effective::{Command, Effective};
use crate::exec::quote;
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::instructions::lines_of;
use crate::path::file_name;
use crate::references::used_stages;
use crate::rules::implied_workdir::RULE as IMPLIED_WORKDIR;
use crate::rules::missing_command::RULE as MISSING;
use crate::rules::start_command::RULE;
use crate::stages::Base;

/// A stage that the script starts, and what it starts there.
struct Run {
    /// The ENTRYPOINT or CMD that names the script, unless the image did by itself.
    instruction: Option<usize>,
    /// The jar.
    jar: String,
    /// The ENV that names the jar, where it names nothing else.
    jar_line: Option<usize>,
    /// The names of the variables with options, and where they stand.
    options: Vec<(String, TextRange)>,
}

/// Whether the script starts a stage, and everything that it reads is in the file.
pub(crate) fn starts(file: &File<'_>, stage: usize) -> bool {
    find(file, stage).is_some()
}

/// Takes the image that only runs Java for such a stage: the old one had the compiler for builds inside the container.
pub(crate) fn prepare(file: &mut File<'_>) {
    for stage in 0..file.stages.len() {
        if find(file, stage).is_none() {
            continue;
        }
        if let Base::Converted(target) = &mut file.stages[stage].base {
            "jre".clone_into(&mut target.image);
            target.note = None;
        }
    }
}

/// Starts the jar itself.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft, insertions: &mut Insertions) {
    for stage in 0..file.stages.len() {
        if let Some(run) = find(file, stage) {
            draft.settled_stage = draft.settled_stage.or(Some(stage));
            rewrite(file, draft, stage, &run, insertions);
        } else if let Some(line) = lost(file, stage) {
            let range = line.map_or(file.dockerfile.stages[stage].image.range, |index| file.instruction(index).range);
            draft.report(&MISSING, Level::Error, range, LOST, None);
        }
    }
}

/// Where a stage is started by the script that its new image lacks, in words of [`script_line`]: findings that name it
/// once more are too many.
pub(crate) fn lost(file: &File<'_>, stage: usize) -> Option<Option<usize>> {
    if moves(file, stage) && find(file, stage).is_none() { script_line(&file.before[stage]) } else { None }
}

/// Whether a stage that people run leaves an image of Red Hat's for Java.
fn moves(file: &File<'_>, stage: usize) -> bool {
    let bottom = file.bottoms[stage];
    let of_red_hat = file.stages[bottom].source.as_ref().is_some_and(|source| source.name.contains("/openjdk-"));
    let is_image = || stage + 1 == file.stages.len() || !used_stages(file)[stage];
    of_red_hat && matches!(file.stages[bottom].base, Base::Converted(_)) && is_image()
}

const LOST: &str = "the start script of the old image is not in the new one; start the program yourself, by \
                    `ENTRYPOINT [\"java\", \"-jar\", \"/deployments/NAME.jar\"]`, say";

fn find(file: &File<'_>, stage: usize) -> Option<Run> {
    let Base::Converted(target) = &file.stages[stage].base else { return None };
    let of_red_hat = file.stages[stage].source.as_ref().is_some_and(|source| source.name.contains("/openjdk-"));
    let runs = file.body(stage).any(|(_, instruction)| instruction.keyword == Keyword::Run);
    if !of_red_hat || runs || !matches!(target.image.as_str(), "jdk" | "jre") {
        return None;
    }
    let instruction = script_line(&file.before[stage])?;
    let mut run = Run { instruction, jar: String::new(), jar_line: None, options: Vec::new() };
    for (index, instruction) in file.body(stage) {
        let (Keyword::Env, Arguments::Pairs(pairs)) = (instruction.keyword, &instruction.arguments) else { continue };
        for pair in pairs {
            match pair.key.text.as_str() {
                "JAVA_APP_JAR" => {
                    run.jar = plain(pair)?;
                    run.jar_line = (pairs.len() == 1).then_some(index);
                }
                "JAVA_OPTS" | "JAVA_OPTS_APPEND" | "JAVA_TOOL_OPTIONS" => {
                    run.options.push((pair.key.text.clone(), pair.key.range));
                }
                // What else the script reads has no meaning for `java` alone.
                "JAVA_APP_DIR" | "JAVA_LIB_DIR" | "JAVA_MAIN_CLASS" | "JAVA_CLASSPATH" | "JAVA_ARGS" => return None,
                _ => {}
            }
        }
    }
    if run.jar.is_empty() || run.options.len() > 1 {
        return None;
    }
    if !run.jar.starts_with('/') {
        run.jar = format!("/deployments/{}", run.jar);
    }
    Some(run)
}

/// The instruction that names the script, or none where the old image did; `None` for any other start command.
fn script_line(effective: &Effective) -> Option<Option<usize>> {
    let words = |command: &Option<Command>| match command {
        Some(Command::Exec(words)) => words.clone(),
        _ => vec![String::new()],
    };
    let (entrypoint, cmd) = (words(&effective.entrypoint.value), words(&effective.cmd.value));
    let all: Vec<String> = entrypoint.iter().chain(&cmd).cloned().collect();
    let [script] = &all[..] else { return None };
    let by_image = effective.entrypoint.instruction.is_none() && effective.cmd.instruction.is_none();
    let is_script = file_name(script) == "run-java.sh" || (by_image && script == "/usr/local/s2i/run");
    let named = if entrypoint.is_empty() { effective.cmd.instruction } else { effective.entrypoint.instruction };
    is_script.then_some(named)
}

/// The value of a pair without variables.
fn plain(pair: &KeyValue) -> Option<String> {
    let value = pair.value.as_ref()?.inner().0;
    (!value.is_empty() && !value.contains(['$', '"', '\'', '\\'])).then(|| value.to_owned())
}

const MESSAGE: &str = "the script of the old image put this call of `java` together; options are read from \
                       JAVA_TOOL_OPTIONS now. What the script set by itself is gone: it let the heap grow to 50 or 80 % of \
                       the container's memory (`-XX:MaxRAMPercentage`), where Java alone takes 25 %, took the parallel \
                       collector, and ended the program when memory ran out (`-XX:+ExitOnOutOfMemoryError`)";

/// The same, and what it means for the author's comments.
fn message(file: &File<'_>) -> String {
    let mut comments = file.dockerfile.comments.iter();
    match comments.any(|comment| file.text[*comment].contains("run-java.sh")) {
        true => format!("{MESSAGE}. The comments about the script and its variables speak of what is gone"),
        false => MESSAGE.to_owned(),
    }
}

/// Where the script went before it started Java.
const APP_DIR: &str = "/deployments";

/// Says the directory that the script changed to: what the program reads and writes by relative paths is there.
fn say_directory(file: &File<'_>, stage: usize, run: &Run, insertions: &mut Insertions) {
    let last = file.dockerfile.stages[stage].instructions.end - 1;
    let at = run.instruction.unwrap_or(last);
    let mut later = file.body(stage).filter(|(index, _)| *index > at);
    let moves = later.any(|(_, own)| matches!(own.keyword, Keyword::Copy | Keyword::Add | Keyword::Workdir));
    let is_there = file.context_files().workdir(at) == APP_DIR;
    if moves || is_there || !run.jar.starts_with("/deployments/") {
        return;
    }
    let offset = if run.instruction.is_some() { file.line_before(at) } else { file.line_after(last) };
    let message = format!("the script of the old image started Java in `{APP_DIR}`, the new one in its own directory");
    let range =
        run.instruction.map_or(file.dockerfile.stages[stage].image.range, |index| file.instruction(index).range);
    let finding = LineFinding::note(&IMPLIED_WORKDIR, range, message, "Say the working directory");
    let line = format!("{} {APP_DIR}", file.keyword(stage, "WORKDIR"));
    insertions.add(offset, Order::Workdir, line, finding);
}

fn rewrite(file: &File<'_>, draft: &mut Draft, stage: usize, run: &Run, insertions: &mut Insertions) {
    let words: Vec<String> = ["java", "-jar", &run.jar].iter().map(|word| quote(word)).collect();
    let line = format!("{} [{}]", file.keyword(stage, "ENTRYPOINT"), words.join(", "));
    let mut edits = Vec::new();
    edits.extend(
        run.options
            .iter()
            .filter(|(name, _)| name != "JAVA_TOOL_OPTIONS")
            .map(|(_, range)| Edit::replace(*range, "JAVA_TOOL_OPTIONS")),
    );
    edits.extend(run.jar_line.map(|index| Edit::delete(lines_of(file, index))));
    let title = "Start the jar itself";
    if run.instruction.is_some() || file.is_closed(file.dockerfile.stages[stage].instructions.end - 1) {
        say_directory(file, stage, run, insertions);
    }
    if let Some(index) = run.instruction {
        let instruction = file.instruction(index);
        let Arguments::Command(CommandForm::Exec { range, .. }) = &instruction.arguments else { return };
        let whole = TextRange::new(instruction.range.start(), range.end());
        edits.push(Edit::replace(whole, line));
        draft.report(&RULE, Level::Warning, instruction.range, message(file), Some((title, edits)));
        return;
    }
    let last = file.dockerfile.stages[stage].instructions.end - 1;
    if !file.is_closed(last) {
        return;
    }
    let finding = LineFinding {
        rule: &RULE,
        level: Level::Warning,
        message: message(file),
        title: title.to_owned(),
        range: file.dockerfile.stages[stage].image.range,
    };
    insertions.add_with(file.line_after(last), Order::Start, line, finding, edits);
}
