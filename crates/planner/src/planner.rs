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
use wolfify_syntax::Dockerfile;

use crate::context::BuildContext;
use crate::draft::Draft;
use crate::file::File;
use crate::finding::Finding;
use crate::globals::Globals;
use crate::insertions::Insertions;
use crate::memo::Memo;
use crate::options::{Options, Split};
use crate::plan::{Outcome, Plan};
use crate::rules;
use crate::shells::shells;
use crate::stages::{Base, bottoms};
use crate::{commands, effective, needs, removals, script, scripts, split, variants};

/// Plans the migration of one file.
///
/// `dockerfile` is the parse of `text`. Nothing is written and nothing outside `context` is read.
#[must_use]
pub fn plan(
    text: &str,
    dockerfile: &Dockerfile,
    mappings: &Mappings,
    context: &dyn BuildContext,
    options: &Options,
) -> Plan {
    let found = plan_once(text, dockerfile, mappings, context, options);
    // Edits that do not go together are a defect; one stage is better than none.
    if found.outcome == Outcome::Split && found.edits(text).is_err() {
        let one_stage = Options { split: Split::Never, ..options.clone() };
        return plan_once(text, dockerfile, mappings, context, &one_stage);
    }
    found
}

fn plan_once(
    text: &str,
    dockerfile: &Dockerfile,
    mappings: &Mappings,
    context: &dyn BuildContext,
    options: &Options,
) -> Plan {
    let evaluation = dockerfile.evaluate();
    let globals = Globals::read(dockerfile, &evaluation);
    let mut file = File {
        text,
        line_starts: script::line_starts(text),
        evaluation: &evaluation,
        dockerfile,
        mappings,
        options,
        stages: Vec::new(),
        bottoms: Vec::new(),
        before: Vec::new(),
        memo: Memo::default(),
        shells: Vec::new(),
        scripts: Vec::new(),
        context,
        context_files: OnceCell::new(),
    };
    if let Some(finding) = rules::skip::check(&file) {
        return Plan { findings: vec![finding], outcome: Outcome::Skipped, packages: Default::default() };
    }
    file.stages = rules::base_image::resolve(&file, &globals);
    file.bottoms = bottoms(&file.stages);
    file.shells = shells(dockerfile);
    file.before = effective::before(&file);
    file.scripts = scripts::read(text, dockerfile, &file.shells, |stage| file.stages[stage].migrates);
    let mut draft = Draft::default();
    let mut insertions = Insertions::default();
    commands::check(&file, &mut draft);
    rules::context_script::check(&file, &mut draft);
    rules::account::check(&file, &mut draft);
    rules::system_setup::check_transfers(&file, &mut draft);
    rules::mixed_libc::check(&file, &mut draft, &mut insertions);
    rules::package_repository::settle(&mut draft);
    removals::settle(&file, &mut draft);
    rules::bash_syntax::check(&file, &mut draft, &mut insertions);
    rules::package_environment::check(&file, &mut draft);
    let verdict = split::decide(&file, context, &draft);
    split::prepare(&verdict, &mut draft);
    rules::healthcheck::check(&file, &mut draft);
    rules::start_command::check(&file, &mut draft);
    rules::privilege_tool::check(&file, &mut draft);
    rules::account_name::check(&file, &mut draft);
    needs::settle(&file, &mut draft, &mut insertions);
    rules::root_user::check(&file, &draft, &mut insertions);
    let dev = variants::needs_shell(&file, &draft, &insertions);
    let froms = rules::base_image::report(&file, &globals, &dev, &mut draft);
    split::report(&file, verdict, &froms, &mut draft, &mut insertions);
    finish(&file, &dev, draft, insertions)
}

fn finish(file: &File<'_>, dev: &[bool], draft: Draft, mut insertions: Insertions) -> Plan {
    let mut findings = draft.findings;
    if file.options.annotate {
        rules::annotation::check(file, &findings, &mut insertions);
    }
    findings.extend(insertions.into_findings(file.text, file.newline()));
    sort(&mut findings);
    let outcome = outcome(file, dev, draft.builder, &findings);
    Plan { findings, outcome, packages: draft.packages }
}

fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.range.start(), finding.range.end(), finding.rule);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    findings.dedup();
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
    if variants::has_shell(file, last, dev) { Outcome::Dev } else { Outcome::Runtime }
}

impl Plan {
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
