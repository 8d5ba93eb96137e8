//! The plan while it grows.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use text_size::{TextRange, TextSize};
use wolfify_edit::{Edit, Fix};
use wolfify_mappings::Mappings;

use crate::finding::{Finding, Level};
use crate::installed::Installed;
use crate::marks::BuildTools;
use crate::package_lists::Lists;
use crate::plan::PackageCounts;
use crate::provisions::Provisions;
use crate::rule::Rule;

/// Names one simple command of the file: the instruction, the script of the instruction, the command in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CommandId {
    /// Index into the file's instructions.
    pub(crate) instruction: usize,
    /// Index into the instruction's scripts.
    pub(crate) script: usize,
    /// The command's own number.
    pub(crate) command: usize,
}

/// A finding about a command that leaves; its fix is known only once all removals of the script are.
#[derive(Debug)]
pub(crate) struct RemovedCommand {
    /// Which rule took it.
    pub(crate) rule: &'static Rule,
    /// How much attention it needs.
    pub(crate) level: Level,
    /// Why it leaves.
    pub(crate) message: String,
    /// The command.
    pub(crate) range: TextRange,
    /// It leaves because its work moved to another command.
    pub(crate) joined: Option<Joined>,
}

/// What an install leaves behind when another one takes its packages.
#[derive(Debug)]
pub(crate) struct Joined {
    /// Findings of the command, in the draft: their edits give way to its removal.
    pub(crate) findings: Range<usize>,
    /// The edits of the command that takes the packages.
    pub(crate) edits: Vec<Edit>,
}

/// A package that a stage needs and that nothing in the original installs.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// The Wolfi package.
    pub(crate) package: String,
    /// The rule that asks.
    pub(crate) rule: &'static Rule,
    /// Why, as a whole sentence.
    pub(crate) why: String,
    /// What needs it.
    pub(crate) range: TextRange,
    /// The instruction that needs it; the package has to be there before.
    pub(crate) instruction: usize,
    /// How much attention it needs.
    pub(crate) level: Level,
}

/// A rewritten install command that can take more packages.
#[derive(Debug, Clone)]
pub(crate) struct Install {
    /// The command.
    pub(crate) id: CommandId,
    /// Where it stands.
    pub(crate) range: TextRange,
    /// Which rule wrote it.
    pub(crate) rule: &'static Rule,
    /// Its findings, in the draft.
    pub(crate) findings: Range<usize>,
    /// Its operands as they will stand, if nothing but them tells it from another install.
    pub(crate) operands: Option<Vec<String>>,
    /// The end of its last word, where more names can be inserted.
    pub(crate) last_word: TextRange,
    /// What goes between names: a blank, or a continuation and the author's indentation.
    pub(crate) separator: String,
    /// The Wolfi packages it installs.
    pub(crate) packages: Vec<String>,
    /// Runs whenever its RUN does: not in a condition, loop, function or after `||`.
    pub(crate) unconditional: bool,
    /// `apk add --virtual`: removed again later, so nothing may be added to it.
    pub(crate) temporary: bool,
}

/// A step that sets up a package source, put aside until it is known what it served.
#[derive(Debug)]
pub(crate) struct Setup {
    /// The stage.
    pub(crate) stage: usize,
    /// The commands of its pipeline.
    pub(crate) ids: Vec<CommandId>,
    /// The pipeline.
    pub(crate) range: TextRange,
    /// The product the source is for.
    pub(crate) product: Option<&'static str>,
    /// The product's version.
    pub(crate) version: Option<String>,
    /// It does nothing else.
    pub(crate) whole: bool,
    /// What it does, as a predicate.
    pub(crate) what: &'static str,
}

/// Everything that rules have decided so far.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// Findings whose fix is known.
    pub(crate) findings: Vec<Finding>,
    /// Commands that leave, with why.
    pub(crate) removed: BTreeMap<CommandId, RemovedCommand>,
    /// Commands that were rewritten into an install.
    pub(crate) installs: BTreeMap<usize, Vec<Install>>,
    /// Packages that stages install.
    pub(crate) installed: Installed,
    /// The same with all that they bring along, as unversioned names; see [`Self::follow_installs`].
    pub(crate) brings: Installed,
    /// Names given with `apk add --virtual`.
    pub(crate) virtuals: Installed,
    /// Packages that stages install in any case.
    pub(crate) brought: Installed,
    /// Commands that steps of the file bring.
    pub(crate) provisions: Provisions,
    /// Packages of the final stage that its image has already, by the instruction that asks for them.
    pub(crate) present: BTreeSet<(usize, String)>,
    /// Commands that have left.
    pub(crate) gone: HashSet<CommandId>,
    /// The stage that becomes a builder, with a runtime behind it.
    pub(crate) builder: Option<usize>,
    /// Where that runtime begins.
    pub(crate) runtime_at: Option<TextSize>,
    /// The image of that runtime.
    pub(crate) runtime_image: Option<String>,
    /// COPY instructions that bring a virtual environment in place of the old image's Python packages.
    pub(crate) environment_copies: HashSet<usize>,
    /// Variables that the stage planner sets in the builder.
    pub(crate) planned_variables: HashSet<String>,
    /// Start commands that the stage planner writes anew.
    pub(crate) planned_starts: HashSet<usize>,
    /// Instructions before which the stage planner puts a RUN of its own.
    pub(crate) planned_runs: HashSet<usize>,
    /// The stage whose runtime is settled, start command included.
    pub(crate) settled_stage: Option<usize>,
    /// Commands some rule has dealt with.
    pub(crate) claimed: HashSet<CommandId>,
    /// Packages needed, by stage.
    pub(crate) needs: BTreeMap<usize, Vec<Need>>,
    /// Instructions that leave whole.
    pub(crate) dropped_instructions: HashSet<usize>,
    /// RUN instructions with a command that ran as root through `sudo`.
    pub(crate) root_commands: HashSet<usize>,
    /// Steps that set up package sources.
    pub(crate) setups: Vec<Setup>,
    /// Scripts with an install that is left to a person: instruction and script.
    pub(crate) left_installs: HashSet<(usize, usize)>,
    /// Scripts that install a package file, which is left to a person: instruction and script.
    pub(crate) file_installs: HashSet<(usize, usize)>,
    /// Build tools that leave by apt's marks, by instruction and script.
    pub(crate) build_tools: BTreeMap<(usize, usize), BuildTools>,
    /// Versions asked for outside install commands: by stage and product.
    pub(crate) streams: BTreeMap<(usize, String), String>,
    /// ENV and ARG that hold packages and were translated.
    pub(crate) lists: Lists,
    /// Stages that lean on something only the `-dev` variant carries.
    pub(crate) dev_stages: HashSet<usize>,
    /// Why a stage needs the variant with a shell, as a clause, where that does not meet the eye.
    pub(crate) dev_reasons: BTreeMap<usize, String>,
    /// What a stage asks for of the variant with a shell, as a clause.
    pub(crate) variant_reasons: BTreeMap<usize, String>,
    /// Single words that the option rules rewrite, with the finding that carries the edit.
    pub(crate) rewritten: HashMap<TextRange, usize>,
    /// Stages that end as a user without privileges, by our line.
    pub(crate) dropped_root: HashSet<usize>,
    /// Stages where root's home gave way to that of the container's user.
    pub(crate) moved_homes: HashSet<usize>,
    /// Stages that stay root because of what they start.
    pub(crate) kept_root: HashSet<usize>,
    /// Volumes that are made for the container's user, by stage.
    pub(crate) owned: HashSet<(usize, String)>,
    /// Instructions whose `--chown` becomes a number.
    pub(crate) owners: HashSet<usize>,
    /// What a USER becomes, by instruction.
    pub(crate) users: BTreeMap<usize, String>,
    /// Start commands in shell form that get the exec form.
    pub(crate) exec_forms: HashSet<usize>,
    /// Stages with a package that nobody knows.
    pub(crate) unknown_stages: HashSet<usize>,
    /// How many entries of `installed` are in `brings`.
    pub(crate) followed: usize,
    /// Variables with the libraries that programs are linked against, by instruction, and whether PHP extensions are those.
    pub(crate) library_lists: HashMap<(usize, String), bool>,
    /// Variables of the old image whose uses in an instruction are dealt with.
    pub(crate) settled_variables: HashSet<(usize, &'static str)>,
    /// Whether stages install a Bundler in a version of its own, as far as somebody asked.
    pub(crate) pinned_bundler: HashMap<usize, bool>,
    /// Stages whose RUNs got Bundler's settings by `bundle config set --local`.
    pub(crate) bundler_settings: HashSet<usize>,
    /// Package occurrences.
    pub(crate) packages: PackageCounts,
}

impl Draft {
    /// Brings `brings` up to date with `installed`.
    pub(crate) fn follow_installs(&mut self, mappings: &Mappings) {
        let new: Vec<(usize, String, usize)> = self.installed.since(self.followed).to_vec();
        self.followed += new.len();
        for (stage, package, instruction) in new {
            for name in mappings.brought_by(&package) {
                self.brings.add(stage, &name, instruction);
            }
        }
    }

    /// Adds a finding that is done with `edits`, or left for a person when there are none.
    pub(crate) fn report(
        &mut self,
        rule: &'static Rule,
        level: Level,
        range: TextRange,
        message: impl Into<String>,
        fix: Option<(&str, Vec<Edit>)>,
    ) {
        let fix = fix.filter(|(_, edits)| !edits.is_empty()).map(|(title, mut edits)| {
            edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
            Fix { title: title.to_owned(), edits }
        });
        self.findings.push(Finding { rule: rule.id, level, message: message.into(), range, fix });
    }
}
