//! The stage planner: can the final stage do without a shell?
//!
//! The final stage is read instruction by instruction ([`trace`]), the start command word by word ([`start`]). The plan
//! of its language ([`language`]) then says what the finished application needs ([`content`]), and [`write`] turns that
//! into edits: the stage keeps its lines and becomes the builder, and a new stage begins behind the last instruction that
//! the builder has to run. Whatever cannot be traced is a refusal with its reason.

mod accounts;
mod chain;
mod content;
mod effect;
mod environment;
mod fetch;
mod fetched_variables;
mod files;
mod handover;
mod language;
mod managed;
mod native;
mod origin;
mod owned_directories;
mod packages;
mod path;
mod php;
mod plan;
mod runtime;
pub(crate) mod shared;
mod start;
mod surroundings;
mod tool;
mod trace;
mod web;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use wolfify_syntax::{Arguments, Keyword};

use crate::context::BuildContext;
use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::insertions::{Insertions, LineFinding, Order};
use crate::options::Split;
use crate::planner::Language;
use crate::rules::stage_split::RULE;
use crate::rules::{dev_image, runtime_image, start_command};
use crate::stages::Base;

use content::{Cx, FinalUser};
use handover::Needless;
pub(crate) use plan::SplitPlan;
use start::Start;
use trace::{Refusal, Tracer};
use write::Writer;

/// What the planner makes of the final stage.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// There is nothing to decide: it is distroless as it is, or stays on its distribution.
    Settled,
    /// It becomes a builder, and a runtime follows.
    Split(Box<SplitPlan>),
    /// It needs a shell.
    Dev(Refusal),
}

/// Decides about the final stage.
pub(crate) fn decide(file: &File<'_>, context: &dyn BuildContext, draft: &Draft) -> Verdict {
    if file.options.split == Split::Never {
        return Verdict::Settled;
    }
    let Some(stage) = file.stages.len().checked_sub(1) else { return Verdict::Settled };
    let bare = matches!(&file.stages[stage].base, Base::Converted(target) if target.bare);
    // The others need the shell of the image that they share with it.
    let shares = matches!(file.stages[stage].base, Base::Parent(_)) && chain::is_shared(file, stage);
    let has_run = bare
        || shares
        || file.body(stage).any(|(index, instruction)| {
            instruction.keyword == Keyword::Run && !draft.dropped_instructions.contains(&index)
        });
    let own = matches!(&file.stages[file.bottoms[stage]].base, Base::Converted(target) if target.as_is);
    if !file.stages[stage].migrates || own || crate::rules::run_java::starts(file, stage) {
        return Verdict::Settled;
    }
    if !has_run {
        return match wants_a_plan(file, draft, stage).then(|| split(file, context, draft, stage)) {
            Some(Ok(plan)) => Verdict::Split(Box::new(plan)),
            _ => match without_commands(file, draft, stage) {
                Verdict::Settled => needs_variant(file, draft, stage).map_or(Verdict::Settled, Verdict::Dev),
                verdict => verdict,
            },
        };
    }
    match split(file, context, draft, stage) {
        Ok(plan) => Verdict::Split(Box::new(plan)),
        Err(refusal) => Verdict::Dev(refusal),
    }
}

/// Whether there is something to plan for a stage that runs nothing: what only runs Java has no use for a compiler, a script
/// that its interpreter is named for needs no `env`, a health check may need a program beside the image's own.
fn wants_a_plan(file: &File<'_>, draft: &Draft, stage: usize) -> bool {
    let Base::Converted(target) = &file.stages[stage].base else { return false };
    let checked = file.body(stage).any(|(_, own)| matches!(&own.arguments, Arguments::Healthcheck(Some(_))));
    // The health check's own rule finds words for these that need no other program.
    let checked = checked && !matches!(target.image.as_str(), "node" | "python");
    target.image == "jdk"
        || checked
        || Start::read(file, stage).run_java
        || may_be_a_script(file, draft, stage, &target.image).is_some()
}

/// Why a stage that runs nothing has the variant with a shell all the same.
fn needs_variant(file: &File<'_>, draft: &Draft, stage: usize) -> Option<Refusal> {
    if let Some((_, trigger)) = file.body(stage).find(|(_, instruction)| instruction.keyword == Keyword::Onbuild) {
        return Some(Refusal::new(trigger.range, "its triggers run when another image is built on it"));
    }
    let gone = |index: &usize| draft.dropped_instructions.contains(index);
    let (_, run) = file.body(stage).find(|(index, _)| gone(index))?;
    let wanted = draft.dev_stages.contains(&stage);
    wanted.then(|| Refusal::new(run.range, "the tools that are installed here are only in the variant with a shell"))
}

/// A stage that runs nothing: the image without a shell does, if it has what is started.
fn without_commands(file: &File<'_>, draft: &Draft, stage: usize) -> Verdict {
    let Base::Converted(target) = &file.stages[stage].base else { return on_a_stage(file, stage) };
    let model = &file.dockerfile.stages[stage];
    if target.tag.ends_with("fpm") {
        return Verdict::Settled;
    }
    if !file.lineage.starts.is_empty() {
        let from = file.instruction(model.instructions.start).range;
        return Verdict::Dev(Refusal::new(from, "other Dockerfiles of the tree build on it"));
    }
    if let Some((range, reason)) = Start::read(file, stage).shell {
        let has_shell =
            file.mappings.image_config(&target.image, "runtime").is_some_and(|own| own.has_shell == Some(true));
        return match has_shell {
            true => Verdict::Settled,
            false => Verdict::Dev(Refusal::new(range, format!("the start command needs a shell: {reason}"))),
        };
    }
    if let Some(refusal) = may_be_a_script(file, draft, stage, &target.image) {
        return Verdict::Dev(refusal);
    }
    if let Some(reason) = draft.variant_reasons.get(&stage) {
        let from = file.instruction(model.instructions.start).range;
        return Verdict::Dev(Refusal::new(from, reason.clone()));
    }
    match crate::verify_stages::missing_program(file.dockerfile, model, &target.image, file.mappings) {
        Some((instruction, program)) => {
            Verdict::Dev(Refusal::new(instruction.range, format!("the image without a shell has no `{program}`")))
        }
        None => Verdict::Settled,
    }
}

/// Refuses a program of the application that may be a script: its first line then names a shell or `env`, which an image
/// that holds an interpreter alone lacks. A file that the interpreter gets as its argument is no such program.
fn may_be_a_script(file: &File<'_>, draft: &Draft, stage: usize, image: &str) -> Option<Refusal> {
    if draft.dev_reasons.contains_key(&stage) {
        return None;
    }
    let start = Start::read(file, stage);
    let config = file.mappings.image_config(image, "runtime").filter(|config| config.has_shell == Some(false))?;
    let ((index, _), program) = (start.program()?, start.program_word()?);
    let interpreter = path::base_name(config.entrypoint.first()?);
    let name = path::base_name(program);
    if !program.contains('/')
        || name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.') == interpreter
    {
        return None;
    }
    let reason = match interpreter {
        _ if path::is_shell_script(program) => format!("`{program}` is a shell script"),
        "java" if program.ends_with(".jar") => return None,
        "java" => format!("`{program}` may be a start script of the build tool's, which a shell has to read"),
        // pip writes the interpreter's own path into the scripts of an environment.
        "python" if program.starts_with('/') && program.contains("/bin/") => return None,
        "python" | "ruby" | "php" => {
            format!(
                "`{program}` may be a script that begins with `#!/usr/bin/env`, which the image without a shell lacks"
            )
        }
        _ => return None,
    };
    Some(Refusal::new(file.instruction(index).range, reason))
}

/// A final stage that starts from another one has the shell that the other one needs.
fn on_a_stage(file: &File<'_>, stage: usize) -> Verdict {
    let mut at = stage;
    while let Base::Parent(parent) = file.stages[at].base {
        at = parent;
        if file.body(at).any(|(_, instruction)| instruction.keyword == Keyword::Run) {
            let from = file.instruction(file.dockerfile.stages[stage].instructions.start).range;
            return Verdict::Dev(Refusal::new(from, "the stage that it starts from needs one"));
        }
    }
    Verdict::Settled
}

fn split(file: &File<'_>, context: &dyn BuildContext, draft: &Draft, stage: usize) -> Result<SplitPlan, Refusal> {
    let from = file.instruction(file.dockerfile.stages[stage].instructions.start).range;
    if !file.lineage.starts.is_empty() {
        return Err(Refusal::new(from, "other Dockerfiles of the tree build on it"));
    }
    if file.kin_below(stage).is_some() {
        return Err(Refusal::new(from, "nothing in the tree builds its base image without a shell"));
    }
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else {
        return Err(Refusal::new(from, "the image that it starts from in the end is not converted"));
    };
    chain::refuse_inherited_start(file, stage)?;
    if chain::chain(file, stage).iter().any(|stage| draft.unknown_stages.contains(stage)) {
        return Err(Refusal::new(from, "a package without a counterpart is left in it"));
    }
    if crate::references::used_stages(file)[stage] {
        return Err(Refusal::new(from, "another stage takes files from it"));
    }
    let start = Start::read(file, stage);
    let source = chain::source(file, stage);
    if source.and_then(|source| source.tag.as_deref()).is_some_and(|tag| tag.contains("apache")) {
        return Err(Refusal::new(from, "there is no image with Apache"));
    }
    let starts_by_itself = target.image == "nginx" || target.tag.ends_with("fpm");
    if start.instructions().is_empty() && !starts_by_itself {
        return Err(Refusal::new(from, "it has no start command of its own"));
    }
    // This holds whatever the rest does, and says most.
    if let Some((index, script)) = script_by_name(file, &start) {
        let reason = match path::is_shell_script(script) {
            true => format!("`{script}` is a shell script"),
            false => format!("whether `{script}` is a script for a shell cannot be seen"),
        };
        return Err(Refusal::new(file.instruction(index).range, reason));
    }
    if let Some(reason) = crate::rules::final_user::root_only(file, draft, stage) {
        let at = start.instructions().first().copied().unwrap_or(file.dockerfile.stages[stage].instructions.start);
        return Err(Refusal::new(file.instruction(at).range, reason));
    }
    let surroundings = surroundings::Surroundings::new(file, context);
    let context: &dyn BuildContext = &surroundings;
    let plain = attempt(file, context, draft, stage, &Needless::default())?;
    if plain.needless.ids.is_empty() && plain.needless.runs.is_empty() {
        return Ok(plain.plan);
    }
    // What leaves may have been all that was left to build.
    Ok(attempt(file, context, draft, stage, &plain.needless).map_or(plain.plan, |second| second.plan))
}

/// A start script that its name gives away.
fn script_by_name<'s>(file: &File<'_>, start: &'s Start) -> Option<(usize, &'s str)> {
    let (index, _) = start.program()?;
    let word = start.program_word()?;
    let name = path::base_name(word);
    // Rails' own is a script for bash, as far as nobody has changed that.
    let own = || file.context_files().find(file, index, word).is_some();
    let is_script = path::is_shell_script(word) || (name == "docker-entrypoint" && !own());
    is_script.then_some((index, word))
}

/// A plan, and what could leave besides once it is known.
struct Attempt {
    plan: SplitPlan,
    needless: Needless,
}

fn attempt(
    file: &File<'_>,
    context: &dyn BuildContext,
    draft: &Draft,
    stage: usize,
    leaving: &Needless,
) -> Result<Attempt, Refusal> {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else {
        let from = file.instruction(file.dockerfile.stages[stage].instructions.start).range;
        return Err(Refusal::new(from, "the image that it starts from in the end is not converted"));
    };
    let trace = Tracer::new(file, draft, context, stage).run()?;
    let from_index = file.dockerfile.stages[stage].instructions.start;
    let mut dissolved = match makes_directories_only(&trace, from_index) {
        true => trace.runs.iter().chain(&trace.account_runs).copied().filter(|index| *index > from_index).collect(),
        false => dissolved(file, &trace, stage, leaving.accounts),
    };
    dissolved.extend(leaving.runs.iter().filter(|index| **index > from_index));
    let kept = trace.runs.iter().chain(&trace.account_runs).filter(|index| !dissolved.contains(index));
    let last_build = kept.copied().filter(|index| *index > from_index).max();
    let later = |index: &&usize| last_build.is_none_or(|last| **index > last) && **index > from_index;
    dissolved.extend(trace.package_runs.iter().chain(&trace.idle_runs).filter(later));
    let cx = Cx {
        file,
        draft,
        context,
        stage,
        target,
        start: Start::read(file, stage),
        start_directory: trace.start_directory.clone(),
        trace,
        last_build: last_build.unwrap_or(from_index),
        user: final_user(file, stage),
    };
    let mut content = language::content(&cx)?;
    packages::refuse_those_of_root(&cx, &content)?;
    content.owned_directories = owned_directories::volumes(&cx, &content);
    content.owned_directories.extend(owned_directories::home(&cx, &content));
    if last_build.is_some() {
        for (path, _) in content.owned_directories.clone() {
            match content.copies.iter_mut().find(|copied| copied.path == path) {
                Some(copied) => copied.owned = true,
                None => content.copies.push(content::Copied { path, owned: true }),
            }
        }
    }
    // A compiled program moves to another home; what an interpreter looks for in root's would not be found there.
    let to_root = |written: &&trace::Written| written.copied && path::is_below(&written.path, "/root");
    if last_build.is_none()
        && content.moved_home.is_none()
        && let Some(written) = cx.trace.written.iter().find(to_root)
    {
        let range = file.instruction(written.instruction).range;
        return Err(Refusal::new(range, "it copies to the home of root, which nobody else can enter"));
    }
    if last_build.is_some() && (content.image == cx.target.image || cx.target.bare) {
        let makes_accounts = handover::makes_accounts(&cx, &dissolved, leaving);
        let moved = packages::for_the_runtime_alone(&cx, &content.image, makes_accounts)?;
        dissolved.extend(moved.into_iter().filter(|index| *index > from_index));
    }
    let needless = handover::needless(&cx, &content);
    let writer = Writer::new(&cx, &content, &dissolved, leaving);
    let plan = if last_build.is_some() { writer.write() } else { writer.write_runtime() }?;
    Ok(Attempt { plan, needless })
}

/// Whether nothing is built behind the FROM but directories, which the runtime can take from a stage of their own while
/// all other lines stay.
fn makes_directories_only(trace: &trace::Trace, from: usize) -> bool {
    // Accounts that a copied file brings have other numbers.
    let own_accounts = trace.written.iter().any(|written| written.copied && written.path == "/etc/passwd");
    let mut own = trace.runs.iter().filter(|index| **index > from && !own_accounts).peekable();
    own.peek().is_some() && own.all(|index| trace.directory_runs.contains(index))
}

/// Who runs the finished container in the original.
fn final_user(file: &File<'_>, stage: usize) -> FinalUser {
    let last = chain::body(file, stage).rfind(|(_, instruction)| instruction.keyword == Keyword::User);
    if let Some((index, instruction)) = last
        && let Arguments::Words(words) = &instruction.arguments
        && let Some(word) = words.first()
    {
        let value = file
            .evaluation
            .scope(index)
            .expand(&word.text)
            .ok()
            .and_then(|value| value.value.text().map(str::to_owned));
        return FinalUser::Named { instruction: index, user: value.unwrap_or_else(|| word.text.clone()) };
    }
    let source = chain::source(file, stage);
    let image = source.and_then(|source| file.mappings.source_image(&source.name, source.tag.as_deref()));
    match image.is_none_or(|image| image.user.is_empty() || crate::rules::root_user::is_root(&image.user)) {
        true => FinalUser::ImplicitRoot,
        false => FinalUser::Implicit,
    }
}

/// Account RUNs that can go: the runtime has a user of its own, and nothing that stays in the builder runs as theirs.
fn dissolved(file: &File<'_>, trace: &trace::Trace, stage: usize, accounts_leave: bool) -> BTreeSet<usize> {
    let named = !accounts_leave && trace.runs.iter().any(|run| handover::names_accounts(file, trace, *run, &[]));
    if named || handover::runs_as_another_user(file, trace, stage) {
        return BTreeSet::new();
    }
    let first = file.dockerfile.stages[stage].instructions.start;
    trace.account_runs.iter().copied().filter(|index| *index > first).collect()
}

/// The image of a language that may take the place of a bare distribution in the final stage, by what it starts.
pub(crate) fn language_image(file: &File<'_>, draft: &Draft) -> Option<Language> {
    let stage = file.stages.len().checked_sub(1)?;
    let bare = matches!(&file.stages[stage].base, Base::Converted(target) if target.bare);
    if !bare || file.options.split == Split::Never {
        return None;
    }
    let image = language::of_start(&Start::read(file, stage))?;
    Some(Language { image, tag: language_tag(file, draft, stage, image) })
}

/// The tag that keeps the version which the stage installs, where the organisation has other tags than the newest.
fn language_tag(file: &File<'_>, draft: &Draft, stage: usize, image: &str) -> String {
    let family = match image {
        "jdk" => "openjdk",
        "node" => "nodejs",
        image => image,
    };
    let range = file.dockerfile.stages[stage].instructions.clone();
    let mut packages = draft.installs.range(range).flat_map(|(_, installs)| installs).flat_map(|own| &own.packages);
    let version = packages.find_map(|package| {
        let rest = package.strip_prefix(family)?.strip_prefix('-')?;
        let version = rest.split('-').next()?;
        version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.').then(|| version.to_owned())
    });
    match version.filter(|version| file.tier() == wolfify_mappings::Tier::Paid && !version.is_empty()) {
        Some(version) if image == "jdk" => format!("openjdk-{version}"),
        Some(version) => version,
        None => "latest".to_owned(),
    }
}

/// What the other passes must know before they go on.
pub(crate) fn prepare(verdict: &Verdict, file: &mut File<'_>, draft: &mut Draft) {
    let plan = match verdict {
        Verdict::Split(plan) => plan,
        Verdict::Dev(_) => {
            draft.dev_stages.extend(file.stages.len().checked_sub(1));
            return;
        }
        Verdict::Settled => return,
    };
    draft.dropped_instructions.extend(&plan.dissolved);
    draft.gone.extend(&plan.needless.ids);
    let left = |range| !plan.needless.commands.iter().any(|(own, ..)| own.contains_range(range));
    draft.needs.values_mut().for_each(|needs| needs.retain(|need| left(need.range)));
    draft.settled_stage = Some(plan.stage);
    draft.planned_starts.extend(plan.starts.iter().map(|(index, _)| *index));
    draft.owned.extend(plan.owned_directories.iter().map(|path| (plan.stage, path.clone())));
    if plan.builds {
        draft.builder = Some(plan.stage);
        draft.runtime_at = Some(plan.at);
        draft.runtime_image = Some(plan.image.clone());
        draft.dev_stages.insert(plan.stage);
        draft.needs.entry(plan.stage).or_default().extend(plan.needs.iter().cloned());
        draft.planned_variables.extend(plan.builder_lines.iter().flat_map(plan::BuilderLine::variables));
        let dropped = &draft.dropped_instructions;
        let before = |line: &&plan::BuilderLine| {
            let leaves = plan.dissolved.contains(&line.instruction) || dropped.contains(&line.instruction);
            line.runs() && (line.before || leaves)
        };
        draft.planned_runs.extend(plan.builder_lines.iter().filter(before).map(|line| line.instruction));
        return;
    }
    draft.dev_stages.remove(&plan.stage);
    draft
        .planned_runs
        .extend(plan.builder_lines.iter().filter(|line| line.runs() && line.before).map(|line| line.instruction));
    leave_parent(file, plan.stage);
    if let Base::Converted(target) = &mut file.stages[plan.stage].base
        && target.image != plan.image
    {
        target.image.clone_from(&plan.image);
        target.tag.clone_from(&plan.tag);
        target.bare = false;
    }
}

/// Lets a stage start from the image itself in place of another stage, whose settings its plan repeats.
fn leave_parent(file: &mut File<'_>, stage: usize) {
    let bottom = file.bottoms[stage];
    if bottom == stage {
        return;
    }
    let base = file.stages[bottom].base.clone();
    if let Base::Converted(mut target) = base {
        (target.note, target.lost_version) = (None, None);
        target.packages.clear();
        file.stages[stage].base = Base::Converted(target);
        file.bottoms[stage] = stage;
    }
}

/// Reports the verdict. `froms` says how each FROM is written, by stage.
pub(crate) fn report(
    file: &File<'_>,
    verdict: Verdict,
    froms: &std::collections::BTreeMap<usize, String>,
    draft: &mut Draft,
    insertions: &mut Insertions,
) {
    match verdict {
        Verdict::Settled => {}
        Verdict::Dev(refusal) => {
            let message = format!("stays on an image with a shell, because {}", refusal.reason);
            draft.report(&dev_image::RULE, Level::Note, refusal.range, message, None);
        }
        Verdict::Split(plan) if plan.builds => report_split(file, *plan, froms, draft, insertions),
        Verdict::Split(plan) => report_runtime(file, *plan, draft, insertions),
    }
}

fn report_split(
    file: &File<'_>,
    plan: SplitPlan,
    froms: &std::collections::BTreeMap<usize, String>,
    draft: &mut Draft,
    insertions: &mut Insertions,
) {
    let stage = plan.stage;
    let from = file.instruction(file.dockerfile.stages[stage].instructions.start);
    let own = match &file.stages[stage].base {
        Base::Converted(target) if target.image == plan.image => {
            froms.get(&stage).and_then(|text| text.strip_suffix("-dev"))
        }
        _ => None,
    };
    let reference = own.map_or_else(|| file.reference(&plan.image, &plan.tag), str::to_owned);
    let mut first = format!("{}{} {}{reference}", file.newline(), file.keyword(stage, "FROM"), plan.flags);
    if let Some(name) = &plan.name {
        first.push_str(&format!(" {} {name}", write::as_keyword(file, stage)));
    }
    let lines = plan.lines.iter().map(|line| crate::rules::moved_path::in_line(file, draft, stage, line));
    let text: Vec<String> = std::iter::once(first).chain(lines).collect();
    let text = text.join(file.newline());
    let mut message = format!("the build stays in a stage of its own, and `{reference}` runs the result");
    for remark in &plan.remarks {
        message.push_str(&format!("; {remark}"));
    }
    let mut edits = plan.edits;
    forget(file, draft, &plan.dissolved, &plan.carried);
    absorb(draft, &edits);
    let has_volumes = file.chain(stage).any(|stage| !file.before[stage].volumes.is_empty());
    for index in plan.dissolved {
        let (message, title) = match (draft.installs.contains_key(&index), plan.carried.contains(&index)) {
            (true, true) => (
                "nothing of the build calls these packages; what the runtime lacks of them is installed there",
                "Install them for the runtime",
            ),
            (true, false) => (
                "neither the build nor the runtime needs any of these packages beside what its image has",
                "Leave the packages out",
            ),
            (false, _) if !handover::is_about_accounts(file, index) => {
                ("this leaves nothing in the image, and the runtime has no shell to run it", "Leave it out")
            }
            (false, _) if !handover::makes_an_account(file, index) => {
                ("the runtime has a user of its own, whom its COPY gives these files", "Leave it to the runtime")
            }
            (false, _) if has_volumes => (
                "the runtime has a user of its own, so this account is not needed; what existing volumes hold belongs to the \
                 old one's number",
                "Leave the account out",
            ),
            (false, _) => (ACCOUNT_GOES, "Leave the account out"),
        };
        let fix = Some((title, edits.clone()));
        draft.report(&RULE, Level::Note, file.instruction(index).range, message, fix);
    }
    report_needless(draft, &plan.needless);
    for (index, message) in joined(plan.starts) {
        let title = "Start it in the runtime";
        draft.report(
            &start_command::RULE,
            Level::Warning,
            file.instruction(index).range,
            message,
            Some((title, edits.clone())),
        );
    }
    report_changed(file, draft, plan.changed, &edits);
    edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
    edits.dedup();
    let level = if plan.doubtful { Level::Warning } else { Level::Note };
    let finding = |range, level, message: String| LineFinding {
        rule: &RULE,
        level,
        message,
        title: "Split into builder and runtime".to_owned(),
        range,
    };
    add_start_line(file, plan.start_line, insertions);
    for line in plan.builder_lines {
        let range = file.instruction(line.about).keyword_range;
        insertions.add(line.at, Order::Build, line.text, finding(range, Level::Note, line.why));
    }
    insertions.add_with(plan.at, Order::Stage, text, finding(from.keyword_range, level, message), edits);
}

const ACCOUNT_GOES: &str = "the runtime has a user of its own, so this account is not needed";

/// What is said about one start command, in one sentence.
fn joined(starts: Vec<(usize, String)>) -> BTreeMap<usize, String> {
    let mut all: BTreeMap<usize, String> = BTreeMap::new();
    for (index, message) in starts {
        all.entry(index).and_modify(|own| *own = format!("{message}; {own}")).or_insert(message);
    }
    all
}

/// Commands that left because the runtime has a user of its own, whom `COPY --chown` gives the files.
fn report_needless(draft: &mut Draft, needless: &Needless) {
    let left = |range| !needless.commands.iter().any(|(own, ..)| own.contains_range(range));
    draft.findings.retain(|finding| left(finding.range));
    for (range, edits, account) in &needless.commands {
        let message = match account {
            true => ACCOUNT_GOES,
            false => "the runtime has a user of its own, whom its COPY gives these files",
        };
        draft.report(&RULE, Level::Note, *range, message, Some(("Leave it to the runtime", edits.clone())));
    }
}

/// Instructions that the runtime has in other words.
fn report_changed(file: &File<'_>, draft: &mut Draft, changed: Vec<plan::Changed>, edits: &[wolfify_edit::Edit]) {
    for plan::Changed { instruction, rule, message, title } in changed {
        let range = file.instruction(instruction).range;
        draft.report(rule, Level::Note, range, message, Some((title, edits.to_vec())));
    }
}

/// What a container starts before its CMD: an init process, or nothing.
fn add_start_line(
    file: &File<'_>,
    line: Option<(text_size::TextSize, usize, String, String)>,
    insertions: &mut Insertions,
) {
    let Some((at, instruction, text, message)) = line else { return };
    let finding = LineFinding {
        rule: &start_command::RULE,
        level: Level::Warning,
        message,
        title: "Start the command".to_owned(),
        range: file.instruction(instruction).keyword_range,
    };
    insertions.add(at, Order::Start, text, finding);
}

/// The stage itself becomes the runtime; what it needs of packages is laid over its image in a stage before it.
fn report_runtime(file: &File<'_>, plan: SplitPlan, draft: &mut Draft, insertions: &mut Insertions) {
    let from = file.instruction(file.dockerfile.stages[plan.stage].instructions.start).keyword_range;
    let mut edits = plan.edits;
    edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
    edits.dedup();
    forget(file, draft, &plan.dissolved, &plan.carried);
    absorb(draft, &edits);
    let mut message = format!("the final image needs no shell: `{}:{}` runs what it holds", plan.image, plan.tag);
    for remark in &plan.remarks {
        message.push_str(&format!("; {remark}"));
    }
    let level = if plan.doubtful { Level::Warning } else { Level::Note };
    draft.report(&runtime_image::RULE, level, from, message, Some(("Use the distroless image", edits.clone())));
    for index in plan.dissolved {
        let message = match draft.installs.contains_key(&index) && !plan.builder_lines.is_empty() {
            true => "what the runtime needs of this is installed over its image, in a stage of its own",
            false if plan.moved.contains(&index) => "a stage of its own, which has a shell, makes the directories",
            false => "nothing of this is left to do on the distroless image",
        };
        let range = file.instruction(index).keyword_range;
        draft.report(
            &runtime_image::RULE,
            Level::Note,
            range,
            message,
            Some(("Remove the instruction", edits.clone())),
        );
    }
    for (index, message) in joined(plan.starts) {
        let range = file.instruction(index).range;
        draft.report(
            &start_command::RULE,
            Level::Warning,
            range,
            message,
            Some(("Start it in the runtime", edits.clone())),
        );
    }
    report_changed(file, draft, plan.changed, &edits);
    add_start_line(file, plan.start_line, insertions);
    for line in plan.builder_lines {
        let finding = LineFinding::note(
            &runtime_image::RULE,
            file.instruction(line.about).keyword_range,
            line.why,
            "Install the packages over the image",
        );
        insertions.add(line.at, Order::Build, line.text, finding);
    }
}

/// What earlier rules did inside instructions that leave is of no interest any more, but for what became of the packages that
/// the runtime gets: a version that is not kept, one that is left out, one in place of another.
fn forget(file: &File<'_>, draft: &mut Draft, dissolved: &BTreeSet<usize>, carried: &BTreeSet<usize>) {
    use crate::rules::install::{DROPPED, UNKNOWN, VERSION};
    let ranges: Vec<_> =
        dissolved.iter().map(|index| (file.instruction(*index).range, carried.contains(index))).collect();
    let kept = [DROPPED.id, UNKNOWN.id, VERSION.id];
    draft.findings.retain(|finding| {
        let before = ranges.partition_point(|(range, _)| range.start() <= finding.range.start());
        let inside = ranges[..before].last().filter(|(range, _)| range.contains_range(finding.range));
        inside.is_none_or(|(_, carried)| *carried && (kept.contains(&finding.rule) || finding.level == Level::Warning))
    });
}

/// Earlier findings about lines that move or leave carry the new edits in place of their own.
fn absorb(draft: &mut Draft, edits: &[wolfify_edit::Edit]) {
    let deletions: Vec<_> = edits.iter().filter(|edit| edit.text.is_empty()).cloned().collect();
    for finding in &mut draft.findings {
        let Some(fix) = &mut finding.fix else { continue };
        let mut taken = Vec::new();
        fix.edits.retain(|edit| match deletions.iter().find(|deletion| deletion.range.contains_range(edit.range)) {
            Some(deletion) => {
                taken.push(deletion.clone());
                false
            }
            None => true,
        });
        fix.edits.extend(taken);
        fix.edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
        fix.edits.dedup();
    }
}
