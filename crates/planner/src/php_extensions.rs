//! PHP extensions that the official image was built with and Chainguard's has as packages.

use std::collections::BTreeSet;

use wolfify_mappings::Tier;
use wolfify_syntax::{Instruction, Keyword};

use crate::context::BuildContext;
use crate::draft::{Draft, Need};
use crate::file::File;
use crate::finding::Level;
use crate::needs::RULE;
use crate::references::used_stages;
use crate::stages::{Base, Target};

/// Extensions that the official image was built with. Wolfi has those of them that PHP itself lacks as packages.
const BUILT_IN: &[&str] = &[
    "ctype",
    "curl",
    "dom",
    "fileinfo",
    "iconv",
    "mbstring",
    "openssl",
    "pdo",
    "pdo_sqlite",
    "phar",
    "posix",
    "simplexml",
    "sodium",
    "xml",
    "xmlreader",
    "xmlwriter",
];

/// The packages of what a stage on the official image had built in and `variant` of its new image has not: of the extensions
/// that composer.lock names, or of all.
pub(crate) fn missing(
    file: &File<'_>,
    context: &dyn BuildContext,
    stage: usize,
    target: &Target,
    variant: &str,
) -> Vec<String> {
    let official = file.stages[file.bottoms[stage]].source.as_ref().is_some_and(|source| source.name == "php");
    let own = file.mappings.image_stream(&target.image, "dev", "php").filter(|_| official);
    let Some(own) = own else { return Vec::new() };
    let asked = asked_for(context);
    let wanted = BUILT_IN.iter().filter(|name| asked.as_ref().is_none_or(|asked| asked.contains(**name)));
    // What the image of one version has, those of the others have as well.
    let is_there = |name: &str| {
        let package = format!("php-{own}-{name}");
        let known = file.mappings.wolfi_package(&package).is_some();
        !known || file.mappings.in_target_image(&target.image, variant, &package) == Some(true)
    };
    let stream = stream(file, target, own);
    wanted.filter(|name| !is_there(name)).map(|name| format!("php-{stream}-{name}")).collect()
}

/// The PHP version of the image, `8.4`.
fn stream(file: &File<'_>, target: &Target, own: &str) -> String {
    let asked = crate::tag::version(&target.tag).filter(|_| file.tier() == Tier::Paid);
    asked.filter(|version| version.contains('.')).unwrap_or_else(|| own.to_owned())
}

/// Whether the build context says which extensions the application asks for.
pub(crate) fn are_known(context: &dyn BuildContext) -> bool {
    asked_for(context).is_some()
}

/// The extensions that the application and its dependencies ask for, where the build context has Composer's files.
fn asked_for(context: &dyn BuildContext) -> Option<BTreeSet<String>> {
    let lock: serde_json::Value = serde_json::from_str(&context.read("composer.lock")?).ok()?;
    let own: serde_json::Value = serde_json::from_str(&context.read("composer.json")?).ok()?;
    let dependencies = lock["packages"].as_array()?.iter().map(|package| &package["require"]);
    let requirements = dependencies.chain([&own["require"], &lock["platform"]]);
    let names = requirements.filter_map(serde_json::Value::as_object).flat_map(|object| object.keys());
    Some(names.filter_map(|name| name.strip_prefix("ext-")).map(str::to_ascii_lowercase).collect())
}

/// Asks for these extensions in the stages that the planner does not rebuild.
pub(crate) fn ask(file: &File<'_>, context: &dyn BuildContext, draft: &mut Draft) {
    let used = used_stages(file);
    for (stage, model) in file.stages.iter().enumerate() {
        let Base::Converted(target) = &model.base else { continue };
        // The planner brings them by itself.
        if target.image != "php" || draft.builder == Some(stage) || draft.settled_stage == Some(stage) {
            continue;
        }
        let runs = |index: &usize| file.is(*index, Keyword::Run) && !draft.dropped_instructions.contains(index);
        let first_run = file.body(stage).map(|(index, _)| index).find(|index| runs(index));
        let is_image = stage + 1 == file.stages.len() || !used[stage];
        let calls_php = || file.body(stage).any(|(index, _)| runs(&index) && calls_php(file, index));
        if !is_image && !calls_php() {
            continue;
        }
        let variant = crate::effective::variant(&target.tag, first_run.is_some());
        let packages = missing(file, context, stage, target, variant);
        match first_run.filter(|_| has_application(file, stage) || calls_php()) {
            Some(run) => need(file, draft, stage, run, packages),
            None => tell(file, draft, stage, &packages, first_run.is_some()),
        }
    }
}

/// Whether something is copied into a stage, which may ask for extensions.
fn has_application(file: &File<'_>, stage: usize) -> bool {
    let copies = |instruction: &Instruction| {
        let tool = instruction.flags.iter().any(|flag| {
            flag.name == "from"
                && flag.value.as_ref().is_some_and(|from| file.dockerfile.stage_by_reference(&from.text).is_none())
        });
        matches!(instruction.keyword, Keyword::Copy | Keyword::Add) && !tool
    };
    file.body(stage).any(|(_, instruction)| copies(instruction))
}

fn calls_php(file: &File<'_>, index: usize) -> bool {
    let mut found = false;
    for script in &file.scripts[index] {
        script.visit(&mut |command, _| {
            found |= matches!(command.name().as_deref(), Some("php" | "composer"));
        });
    }
    found
}

fn need(file: &File<'_>, draft: &mut Draft, stage: usize, run: usize, packages: Vec<String>) {
    let instruction = if draft.installs.contains_key(&run) { run + 1 } else { run };
    // One remark for all of them.
    let all = packages.join(" ");
    for package in packages {
        let why = format!("the old image had these extensions built in, and the new one has them as packages: {all}");
        let range = file.dockerfile.stages[stage].image.range;
        let level = Level::Note;
        draft.needs.entry(stage).or_default().push(Need { package, rule: &RULE, why, range, instruction, level });
    }
}

/// There is nothing in the stage to install them with, or nothing that may ask for them.
fn tell(file: &File<'_>, draft: &mut Draft, stage: usize, packages: &[String], can_install: bool) {
    if packages.is_empty() {
        return;
    }
    let (level, place) = match can_install {
        true => (Level::Note, ""),
        false => (Level::Warning, ", in a stage on the -dev variant"),
    };
    let message = format!(
        "the old image had these extensions built in, and the new one has them as packages: {}; install those that the \
         application uses{place}",
        packages.join(" ")
    );
    draft.report(&RULE, level, file.dockerfile.stages[stage].image.range, message, None);
}
