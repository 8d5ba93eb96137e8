//! The container of the last stage, before and after: what differs, and whether a finding says so.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rayon::prelude::*;
use serde_json::Value;
use wolfify_planner::{Aspect, Difference, NoContext, Options, compare};
use wolfify_syntax::BaseImage;

use crate::harness::invariants;
use crate::program::{Run, run};
use crate::properties::MAPPINGS;

/// The rules whose findings explain a difference.
const EXPLAINING: &[(Aspect, &[&str])] = &[
    (Aspect::User, &["account-name", "final-user", "root-user", "runtime-image", "stage-split"]),
    (Aspect::Start, &["missing-command", "moved-path", "root-home", "runtime-image", "stage-split", "start-command"]),
    (Aspect::Workdir, &["implied-workdir", "moved-path", "root-home", "runtime-image"]),
    (Aspect::Environment, &["old-environment"]),
    (Aspect::Account, &["account-name"]),
];

/// The differences between a text and what became of it; none when one of them does not parse.
pub(crate) fn differences(text: &str, new_text: &str) -> Vec<Difference> {
    let (Ok(old), Ok(new)) = (wolfify_syntax::parse(text), wolfify_syntax::parse(new_text)) else { return Vec::new() };
    compare((text, &old), (new_text, &new), &MAPPINGS, &NoContext, &Options::default())
}

/// What must never be: a start without the shell it needs, a user that is nowhere made, a command that has taken another
/// one of the file for its arguments.
pub(crate) fn broken(text: &str, new_text: &str, file: &Value) -> Vec<String> {
    let found = differences(text, new_text);
    let never =
        |difference: &&Difference| matches!(difference.aspect, Aspect::Shell | Aspect::Account) || grew(difference);
    let told = file["findings"].as_array().is_some_and(|findings| {
        findings.iter().any(|finding| finding["rule"] == "account-name" && finding.get("fix").is_none())
    });
    let broken = found.iter().filter(never).filter(|one| !(told && one.aspect == Aspect::Account));
    broken.map(|difference| format!("{}: `{}`", difference.aspect.as_str(), difference.after)).collect()
}

/// Whether the start command goes on with words that the original did not give it.
fn grew(difference: &Difference) -> bool {
    let rest = difference.after.strip_prefix(&difference.before);
    difference.aspect == Aspect::Start
        && !difference.by_image
        && !difference.before.is_empty()
        && rest.is_some_and(|rest| rest.starts_with(' '))
}

/// `tests/corpus/containers FOLDER [N]` runs it: prints the counts, and N differences of each kind that nothing explains.
#[test]
#[ignore = "needs a folder of Dockerfiles in WOLFIFY_CORPUS"]
fn effective() {
    let folder = PathBuf::from(std::env::var_os("WOLFIFY_CORPUS").expect("WOLFIFY_CORPUS names a folder"));
    let report = report(&folder);
    let files: Vec<Value> = report.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let counted: Vec<Counted> = files.par_iter().filter_map(|file| count(&folder, file)).collect();
    let mut totals: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let show: usize = std::env::var("WOLFIFY_SHOW").ok().and_then(|number| number.parse().ok()).unwrap_or_default();
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, aspect, kind, difference) in counted.iter().flat_map(|counted| &counted.0) {
        *totals.entry((aspect, kind)).or_default() += 1;
        let shown = shown.entry(aspect).or_default();
        if *kind == UNEXPLAINED && *shown < show {
            *shown += 1;
            println!("{aspect}: {path}: `{}` became `{}`", difference.before, difference.after);
        }
    }
    println!("{} converted final stages", counted.len());
    for aspect in ASPECTS.map(Aspect::as_str) {
        let differ = |counted: &&Counted| counted.0.iter().any(|(_, own, ..)| *own == aspect);
        println!("{aspect}\tequal\t{}", counted.len() - counted.iter().filter(differ).count());
        for ((_, kind), count) in totals.iter().filter(|((own, _), _)| *own == aspect) {
            println!("{aspect}\t{kind}\t{count}");
        }
    }
    let never: usize = ["shell", "account"].iter().filter_map(|aspect| totals.get(&(*aspect, UNEXPLAINED))).sum();
    assert_eq!(never, 0, "starts without a shell and users that do not exist");
}

const UNEXPLAINED: &str = "unexplained";

const ASPECTS: [Aspect; 6] =
    [Aspect::User, Aspect::Start, Aspect::Workdir, Aspect::Environment, Aspect::Shell, Aspect::Account];

/// What `check` says of a folder, by the program in `WOLFIFY_BINARY` if one is named: one that is built for speed.
fn report(folder: &Path) -> Run {
    let arguments = ["check", "--format=jsonl", "."];
    match std::env::var_os("WOLFIFY_BINARY") {
        Some(binary) => Run::from(Command::new(binary).current_dir(folder).args(arguments).output().unwrap()),
        None => run(folder, &arguments),
    }
}

type Found = (String, &'static str, &'static str, Difference);

/// The differences of one converted file.
struct Counted(Vec<Found>);

/// Where the last stage starts, or the file, when the stage stands on another one.
fn first_line(text: &str) -> u64 {
    let Ok(dockerfile) = wolfify_syntax::parse(text) else { return 0 };
    let own = dockerfile.stages.last().filter(|stage| !matches!(stage.base, BaseImage::Stage(_)));
    own.map_or(0, |stage| dockerfile.instructions[stage.instructions.start].start_line as u64)
}

fn count(folder: &Path, file: &Value) -> Option<Counted> {
    let path = file["path"].as_str()?;
    if file["changed"] != true {
        return None;
    }
    let text = String::from_utf8(fs::read(folder.join(path)).ok()?).ok()?;
    let new_text = invariants::rebuilt(&text, file).ok()?;
    let first = first_line(&text);
    let of_stage = file["findings"].as_array()?.iter().filter(|finding| finding["line"].as_u64() >= Some(first));
    let rules: Vec<&str> = of_stage.filter_map(|finding| finding["rule"].as_str()).collect();
    let kind = |difference: &Difference| {
        if grew(difference) {
            return UNEXPLAINED;
        }
        let explaining = EXPLAINING.iter().find(|(aspect, _)| *aspect == difference.aspect);
        if explaining.is_some_and(|(_, ids)| ids.iter().any(|id| rules.contains(id))) {
            "explained by a finding"
        } else if difference.by_image {
            "the new image's own, named by base-image"
        } else {
            UNEXPLAINED
        }
    };
    let found = differences(&text, &new_text);
    let found = found.into_iter().map(|one| (path.to_owned(), one.aspect.as_str(), kind(&one), one));
    Some(Counted(found.collect()))
}
