//! The passes, in order.
//!
//! 1. Stage models: what each base was and becomes.
//! 2. Commands: every simple command of every script of a stage that migrates is shown to the command rules; they
//!    rewrite it, take it out, or ask for packages.
//! 3. Removals: what is taken out leaves with its operators, or whole instructions leave.
//! 4. The stage planner decides whether the final stage becomes a builder with a distroless runtime behind it.
//! 5. Needed packages join an install or get one.
//! 6. Users, then FROM lines, which depend on what is left.

use std::cell::OnceCell;

use wolfify_edit::{EditError, EditSet};
use wolfify_mappings::Mappings;
use wolfify_syntax::{Dockerfile, Evaluation};

use crate::context::BuildContext;
use crate::draft::Draft;
use crate::file::File;
use crate::finding::Finding;
use crate::globals::Globals;
use crate::insertions::Insertions;
use crate::lineage::{Composite, Kin, Lineage};
use crate::memo::Memo;
use crate::options::{Options, Split};
use crate::plan::{Outcome, Plan};
use crate::rules;
use crate::shells::shells;
use crate::stages::{Base, bottoms};
use crate::suppress::{Frozen, Suppressions};
use crate::{
    bundler, commands, effective, gaps, headers, merges, needs, removals, script, scripts, setup, split, variants,
    verify,
};

/// A file and all that its plan depends on.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) text: &'a str,
    /// The parse of `text`.
    pub(crate) dockerfile: &'a Dockerfile,
    pub(crate) mappings: &'a Mappings,
    pub(crate) context: &'a dyn BuildContext,
    pub(crate) options: &'a Options,
    /// What the tree knows of the file.
    pub(crate) lineage: &'a Lineage,
    /// The bases of the tree's own that stand in front, by stage.
    pub(crate) kin: &'a [Kin<'a>],
}

/// Plans the migration of one file.
///
/// `dockerfile` is the parse of `text`, and `lineage` is what is known of the tree around it. Nothing is written and
/// nothing outside `context` is read.
#[must_use]
pub fn plan(
    text: &str,
    dockerfile: &Dockerfile,
    mappings: &Mappings,
    context: &dyn BuildContext,
    options: &Options,
    lineage: &Lineage,
) -> Plan {
    let Some(composite) = Composite::new(lineage, text, dockerfile, mappings) else {
        return plan_file(Subject { text, dockerfile, mappings, context, options, lineage, kin: &[] });
    };
    let (whole, parsed) = composite.file();
    let kin = composite.kin();
    let subject = Subject { text: whole, dockerfile: parsed, mappings, context, options, lineage, kin: &kin };
    let mut plan = plan_file(subject);
    plan.findings = composite.own(plan.findings);
    if plan.findings.iter().all(|finding| finding.fix.is_none()) && plan.outcome != Outcome::Skipped {
        plan.outcome = Outcome::Unchanged;
    }
    plan
}

fn plan_file(subject: Subject<'_>) -> Plan {
    let Subject { text, dockerfile, mappings, options, .. } = subject;
    let round = |frozen: &Frozen, suppressions: Option<&Suppressions<'_>>| {
        let with = |options: &Options, image: Option<&Language>| {
            let once = |change: &Change<'_>| plan_once(Subject { options, ..subject }, frozen, suppressions, change);
            let (found, language, without_apk) = once(&Change { image, stand_ins: &[] });
            if without_apk.is_empty() {
                return (found, language);
            }
            let (found, language, _) = once(&Change { image, stand_ins: &without_apk });
            (found, language)
        };
        let one_stage = || with(&Options { split: Split::Never, ..options.clone() }, None).0;
        // What is ignored has to stay where it is.
        if !frozen.is_empty() {
            let mut plan = one_stage();
            if options.split != Split::Never {
                plan.keep_shell(dockerfile, "what a comment tells to ignore stays where it is");
            }
            return plan;
        }
        let (mut found, language) = with(options, None);
        // A bare distribution that only starts Python or Node may give way to the image of that language.
        if let (Some(image), Outcome::Dev) = (language, found.outcome) {
            let (other, _) = with(options, Some(&image));
            let better = matches!(other.outcome, Outcome::Split | Outcome::Runtime);
            if better && other.edits(text).is_ok() && verify::runtime_holds(text, dockerfile, &other, mappings) {
                return other;
            }
            found.explain_like(other);
        }
        // Edits that do not go together are a defect, and so is a runtime that lacks something; one stage is better
        // than none.
        let settled = options.split == Split::Never
            || found.edits(text).is_ok() && verify::runtime_holds(text, dockerfile, &found, mappings);
        if settled {
            return found;
        }
        let mut plan = one_stage();
        plan.keep_shell(dockerfile, "the runtime would lack something that its checks ask for");
        plan
    };
    match Suppressions::read(text, dockerfile, options) {
        Some(suppressions) => suppressions.plan(dockerfile, |frozen| round(frozen, Some(&suppressions))),
        None => round(&Frozen::new(), None),
    }
}

/// The image of a language.
pub(crate) struct Language {
    /// Path below the registry.
    pub(crate) image: &'static str,
    pub(crate) tag: String,
}

/// What a round changes of the bases that the tables give.
struct Change<'a> {
    /// Takes the place of the final stage's bare distribution.
    image: Option<&'a Language>,
    /// Stages whose image cannot install packages, and gives way to one that can.
    stand_ins: &'a [usize],
}

/// One round: no rule touches the instructions in `frozen`. Answers also which language's image might take the place of
/// the final stage's, and which stages want packages on an image that has no apk.
fn plan_once(
    subject: Subject<'_>,
    frozen: &Frozen,
    suppressions: Option<&Suppressions<'_>>,
    change: &Change<'_>,
) -> (Plan, Option<Language>, Vec<usize>) {
    let evaluation = subject.dockerfile.evaluate();
    let (mut file, globals) = open(subject, &evaluation, frozen);
    for stage in change.stand_ins {
        rules::base_image::use_stand_in(&mut file, *stage);
    }
    if let Some(image) = change.image {
        rules::base_image::retarget_last(&mut file, image.image, &image.tag);
    }
    rules::run_java::prepare(&mut file);
    if let Some(finding) = rules::skip::check(&file) {
        return (
            Plan { findings: vec![finding], outcome: Outcome::Skipped, packages: Default::default() },
            None,
            Vec::new(),
        );
    }
    let mut draft = Draft::default();
    let mut insertions = Insertions::default();
    commands::check(&file, &mut draft);
    rules::context_script::check(&file, &mut draft);
    rules::account::check(&file, &mut draft);
    rules::system_setup::check_transfers(&file, &mut draft);
    rules::php_extension::drop_installers(&file, &mut draft);
    rules::mixed_libc::check(&file, &mut draft, &mut insertions);
    rules::copied_tool::check(&file, &mut draft);
    rules::package_repository::settle(&mut draft);
    merges::settle(&file, &mut draft);
    removals::settle(&file, &mut draft);
    rules::bash_syntax::check(&file, &mut draft, &mut insertions);
    rules::package_environment::check(&file, &mut draft);
    headers::check(&file, &mut draft);
    split::shared::settle(&file, subject.context, &mut draft, &mut insertions);
    let verdict = split::decide(&file, subject.context, &draft);
    split::prepare(&verdict, &mut file, &mut draft);
    rules::run_java::check(&file, &mut draft, &mut insertions);
    rules::context_script::check_starts(&file, &mut draft);
    rules::healthcheck::check(&file, &mut draft);
    rules::start_command::check(&file, &mut draft, &mut insertions);
    rules::privilege_tool::check(&file, &mut draft);
    rules::account_name::check(&file, &mut draft);
    rules::old_environment::check(&file, &mut draft, &mut insertions);
    rules::go_get::check(&file, &mut draft);
    rules::runtime_identifier::check(&file, &mut draft);
    rules::rust_toolchain::check(&file, &mut draft, &mut insertions);
    rules::implied_workdir::check(&file, &draft, &mut insertions);
    rules::old_file::check(&file, &mut draft);
    bundler::install(&file, &draft, &mut insertions);
    needs::settle(&file, subject.context, &mut draft, &mut insertions);
    setup::settle(&file, &draft, &mut insertions);
    rules::moved_path::check(&file, &mut draft);
    rules::missing_directory::check(&file, &mut draft);
    rules::root_user::check(&file, &mut draft, &mut insertions);
    rules::root_home::check(&file, &mut draft, &mut insertions);
    rules::final_user::check(&file, &mut draft, &mut insertions);
    rules::privileged_port::check(&file, &mut draft);
    let dev = variants::needs_shell(&file, &draft, &insertions);
    let without_apk = variants::without_apk(&file, &draft, &insertions, &dev);
    let froms = rules::base_image::report(&file, &globals, &dev, &mut draft);
    split::report(&file, verdict, &froms, &mut draft, &mut insertions);
    let language = if change.image.is_none() { split::language_image(&file, &draft) } else { None };
    (finish(&file, &dev, draft, insertions, suppressions), language, without_apk)
}

/// A file with all that is known before any rule has run.
pub(crate) fn open<'a>(subject: Subject<'a>, evaluation: &'a Evaluation, frozen: &Frozen) -> (File<'a>, Globals<'a>) {
    let Subject { text, dockerfile, mappings, context, options, lineage, kin } = subject;
    let globals = Globals::read(dockerfile, evaluation);
    let mut file = File {
        text,
        line_starts: script::line_starts(text),
        evaluation,
        dockerfile,
        mappings,
        options,
        lineage,
        kin,
        stages: Vec::new(),
        bottoms: Vec::new(),
        before: Vec::new(),
        memo: Memo::default(),
        shells: shells(dockerfile),
        scripts: Vec::new(),
        context,
        context_files: OnceCell::new(),
    };
    file.stages = rules::base_image::resolve(&file, &globals);
    file.bottoms = bottoms(&file.stages);
    keep_frozen_images(&mut file, frozen);
    keep_builders(&mut file);
    file.before = effective::before(&file);
    file.scripts = scripts::read(text, dockerfile, &file.shells, |stage| file.stages[stage].migrates);
    keep_frozen_scripts(&mut file, frozen);
    (file, globals)
}

/// A FROM that is frozen keeps its image, and so does every stage that stands on it.
fn keep_frozen_images(file: &mut File<'_>, frozen: &Frozen) {
    for index in 0..file.stages.len() {
        if frozen.contains(&file.dockerfile.stages[index].instructions.start) {
            stay(file, file.bottoms[index], "the image is kept because of `wolfify: ignore`".to_owned());
        }
    }
}

/// A builder of programs for stages that stay on their distribution stays, too.
fn keep_builders(file: &mut File<'_>) {
    // A builder that stays may have been built for by another one.
    for _ in 0..file.stages.len() {
        let found = rules::mixed_libc::built_for_what_stays(file);
        if found.is_empty() {
            break;
        }
        for (bottom, taker) in found {
            let image = &file.dockerfile.stages[taker].image.text;
            let reason = format!("its programs go to the stage on `{image}`, which stays on an older C library");
            stay(file, bottom, reason);
        }
    }
}

/// A frozen instruction has no commands for the rules. Where it calls the old package manager its stage cannot move.
fn keep_frozen_scripts(file: &mut File<'_>, frozen: &Frozen) {
    let mut indexes: Vec<usize> = frozen.iter().copied().collect();
    indexes.sort_unstable();
    for index in indexes {
        let scripts = std::mem::take(&mut file.scripts[index]);
        let stage = file.dockerfile.stage_of(index).map(|stage| stage.index);
        if let Some(stage) = stage.filter(|&stage| file.stages[stage].migrates)
            && let Some(manager) = scripts.iter().find_map(verify::first_foreign)
        {
            // No line number: `--annotate` writes the reason down, and lines move.
            let reason = format!("`{manager}` is still called because of `wolfify: ignore`");
            stay(file, file.bottoms[stage], reason);
        }
    }
    for stage in file.dockerfile.stages.iter().filter(|stage| !file.stages[stage.index].migrates) {
        stage.instructions.clone().for_each(|index| file.scripts[index].clear());
    }
}

/// Leaves a stage on its image, with all that stand on it.
fn stay(file: &mut File<'_>, bottom: usize, reason: String) {
    for (stage, model) in file.stages.iter_mut().enumerate() {
        if file.bottoms[stage] == bottom {
            model.migrates = false;
        }
    }
    if matches!(file.stages[bottom].base, Base::Converted(_)) {
        file.stages[bottom].base = Base::Left(reason);
    }
}

fn finish(
    file: &File<'_>,
    dev: &[bool],
    draft: Draft,
    mut insertions: Insertions,
    suppressions: Option<&Suppressions<'_>>,
) -> Plan {
    let mut findings = draft.findings;
    if let Some(suppressions) = suppressions {
        // Nobody wants a note in the file about what is ignored.
        findings.retain(|finding| finding.fix.is_some() || !suppressions.covers(finding));
    }
    if file.options.annotate {
        rules::annotation::check(file, &findings, &mut insertions);
    }
    findings.extend(insertions.into_findings(file.text, file.newline()));
    gaps::close(file.text, &mut findings);
    sort(&mut findings);
    let outcome = outcome(file, dev, draft.builder, &findings);
    Plan { findings, outcome, packages: draft.packages }
}

fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.range.start(), finding.range.end(), finding.rule);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    findings.dedup_by(said_again);
}

/// Whether a finding says what the one before it says. Their edits are made together then.
fn said_again(next: &mut Finding, kept: &mut Finding) -> bool {
    let same = next.rule == kept.rule
        && next.range == kept.range
        && next.level == kept.level
        && next.message == kept.message
        && next.fix.is_some() == kept.fix.is_some();
    if let (true, Some(fix), Some(other)) = (same, &mut kept.fix, &mut next.fix) {
        fix.edits.append(&mut other.edits);
        fix.edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
        fix.edits.dedup();
    }
    same
}

fn outcome(file: &File<'_>, dev: &[bool], builder: Option<usize>, findings: &[Finding]) -> Outcome {
    if file.stages.iter().all(|stage| !stage.migrates) {
        let native = file.stages.iter().any(|stage| matches!(stage.base, Base::Native));
        let left = file.stages.iter().any(|stage| matches!(stage.base, Base::Left(_)));
        return if left && !native { Outcome::Skipped } else { Outcome::Unchanged };
    }
    if findings.iter().all(|finding| finding.fix.is_none()) {
        return Outcome::Unchanged;
    }
    if builder.is_some() {
        return Outcome::Split;
    }
    let last = file.stages.len() - 1;
    if variants::is_runtime(file, last, dev) { Outcome::Runtime } else { Outcome::Dev }
}

impl Plan {
    /// Whether the stage planner decided what the final image is.
    pub(crate) fn settles_runtime(&self) -> bool {
        let rules = [rules::stage_split::RULE.id, rules::runtime_image::RULE.id];
        self.findings.iter().any(|finding| finding.fix.is_some() && rules.contains(&finding.rule))
    }

    /// Says that a split was given up.
    fn keep_shell(&mut self, dockerfile: &Dockerfile, reason: &str) {
        let Some(stage) = dockerfile.stages.last().filter(|_| self.outcome == Outcome::Dev) else { return };
        if self.findings.iter().any(|finding| finding.rule == rules::dev_image::RULE.id) {
            return;
        }
        self.findings.push(Finding {
            rule: rules::dev_image::RULE.id,
            level: crate::finding::Level::Note,
            message: format!("stays on an image with a shell, because {reason}"),
            range: dockerfile.instructions[stage.instructions.start].range,
            fix: None,
        });
        sort(&mut self.findings);
    }

    /// Why the final stage keeps its shell is said best by the plan that came closest.
    fn explain_like(&mut self, closest: Self) {
        let is_reason = |finding: &Finding| finding.rule == rules::dev_image::RULE.id;
        let reason = closest.findings.into_iter().find(is_reason);
        if let (Some(own), Some(reason)) = (self.findings.iter_mut().find(|finding| is_reason(finding)), reason) {
            *own = reason;
            sort(&mut self.findings);
        }
    }

    /// All edits of all fixes.
    ///
    /// # Errors
    ///
    /// When two fixes want different things in one place, which is a defect of the planner; nothing is to be written
    /// then.
    pub fn edits<'t>(&self, text: &'t str) -> Result<EditSet<'t>, EditError> {
        EditSet::from_fixes(text, self.findings.iter().filter_map(|finding| finding.fix.as_ref()))
    }
}
