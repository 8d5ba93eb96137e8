//! Shows every command of the stages that migrate to the command rules.

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_syntax::shell::{AndOrOperator, CommandContext, ShellScript, SimpleCommand};
use wolfify_syntax::{Arguments, CommandForm, Instruction, Keyword};

use crate::draft::{CommandId, Draft, RemovedCommand};
use crate::file::File;
use crate::finding::Level;
use crate::managers::{self, Action, PackageCommand};
use crate::package_lists;
use crate::plan::PackageCounts;
use crate::rule::Rule;
use crate::rules;
use crate::script::Layout;
use crate::variables;

/// One command and its surroundings.
pub(crate) struct CommandCx<'a> {
    /// The file.
    pub(crate) file: &'a File<'a>,
    /// The stage.
    pub(crate) stage: usize,
    /// Which command.
    pub(crate) id: CommandId,
    /// The script it stands in, at the top.
    pub(crate) script: &'a ShellScript,
    /// The command.
    pub(crate) command: &'a SimpleCommand,
    /// Its place in lists, groups and pipes.
    pub(crate) place: &'a CommandContext,
    /// The script looks at exit statuses.
    pub(crate) asks_status: bool,
}

impl CommandCx<'_> {
    /// How the script is laid out.
    pub(crate) fn layout(&self) -> Layout<'_> {
        self.file.layout(is_heredoc(self.file, self.id.instruction, self.script))
    }

    /// The instruction is in exec form, so that words are JSON strings.
    pub(crate) fn exec_form(&self) -> bool {
        self.place.depth == 0 && is_exec(self.file, self.id.instruction)
    }

    /// Whether words of the command can be edited at all: they stand in the source in one piece.
    pub(crate) fn editable(&self) -> bool {
        self.command.words.iter().all(|word| word.span.contiguous)
    }
}

/// The package manager's command lines of one script. Several rules look at them.
pub(crate) struct ParsedCommands(Vec<Option<PackageCommand>>);

impl ParsedCommands {
    /// Reads all commands of a script; they are numbered in the order of the visit.
    pub(crate) fn read(script: &ShellScript) -> Self {
        let mut commands = Vec::new();
        script.visit(&mut |command, _| commands.push(managers::parse(command)));
        Self(commands)
    }

    /// Whether an install of the script is left to a person, who needs what stands around it as well.
    pub(crate) fn leave_an_install(&self) -> bool {
        self.0.iter().flatten().any(|command| match command.action {
            Action::Install | Action::Reinstall => rules::install::needs_a_person(command).is_some(),
            Action::BuildDep | Action::Source | Action::Download | Action::Satisfy => true,
            _ => false,
        })
    }

    /// What a command of the script calls, if it is a package manager.
    pub(crate) fn get(&self, command: &SimpleCommand) -> Option<&PackageCommand> {
        self.0.get(command.id)?.as_ref()
    }
}

/// What command rules may decide.
impl Draft {
    /// Takes a command out.
    pub(crate) fn remove(&mut self, cx: &CommandCx<'_>, rule: &'static Rule, level: Level, message: impl Into<String>) {
        let removed =
            RemovedCommand { rule, level, message: message.into(), range: cx.command.span.range, joined: None };
        self.removed.insert(cx.id, removed);
        self.claimed.insert(cx.id);
        self.claim_nested(cx.id, cx.command);
    }

    /// What stands inside a command that leaves, leaves with it.
    pub(crate) fn claim_nested(&mut self, id: CommandId, command: &SimpleCommand) {
        for nested in &command.nested {
            nested.script.visit(&mut |inner, _| {
                let inner = CommandId { command: inner.id, ..id };
                self.claimed.insert(inner);
                self.gone.insert(inner);
            });
        }
    }

    /// Rewrites a command.
    pub(crate) fn rewrite(
        &mut self,
        cx: &CommandCx<'_>,
        rule: &'static Rule,
        level: Level,
        message: impl Into<String>,
        title: &str,
        edits: Vec<Edit>,
    ) {
        self.report(rule, level, cx.command.span.range, message, Some((title, edits)));
        self.claimed.insert(cx.id);
    }

    /// Leaves a command to a person.
    pub(crate) fn leave(
        &mut self,
        cx: &CommandCx<'_>,
        rule: &'static Rule,
        level: Level,
        range: TextRange,
        message: impl Into<String>,
    ) {
        self.report(rule, level, range, message, None);
        self.claimed.insert(cx.id);
    }
}

/// Runs the command rules.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    package_lists::settle(file, draft);
    for stage in 0..file.stages.len() {
        if !file.stages[stage].migrates {
            continue;
        }
        if stage == file.kin.len() {
            // What the bases install was counted with the files that build them.
            draft.packages = PackageCounts::default();
        }
        for (index, instruction) in file.body(stage) {
            draft.provisions.instruction(stage, index, instruction);
            if runs(instruction) != Keyword::Run {
                file.scripts[index].iter().for_each(|script| rules::unsupported_manager::check_start(draft, script));
                continue;
            }
            for (script_index, script) in file.scripts[index].iter().enumerate() {
                check_script(file, draft, stage, index, script_index, script);
            }
        }
    }
}

fn check_script(
    file: &File<'_>,
    draft: &mut Draft,
    stage: usize,
    instruction: usize,
    index: usize,
    script: &ShellScript,
) {
    rules::opaque::check(file, draft, instruction, script);
    draft.provisions.script(stage, instruction, script);
    let parsed = ParsedCommands::read(script);
    if parsed.leave_an_install() {
        draft.left_installs.insert((instruction, index));
    }
    for command in parsed.0.iter().flatten().filter(|command| matches!(command.action, Action::Module(_))) {
        // Lists of packages are read before the commands, which may choose a version after the list is written.
        rules::module_stream::note(stage, command, draft);
    }
    if parsed.0.iter().flatten().any(|command| command.action == Action::LocalInstall) {
        draft.file_installs.insert((instruction, index));
    }
    crate::marks::collect(&parsed, draft, instruction, index, script);
    rules::package_repository::collect(file, &parsed, draft, stage, instruction, index, script);
    let variables = variables::read(file, draft, stage, instruction, script, &parsed);
    let asks_status = crate::gnu::asks_status(&script.text);
    script.visit(&mut |command: &SimpleCommand, place: &CommandContext| {
        let id = CommandId { instruction, script: index, command: command.id };
        if !draft.claimed.contains(&id) {
            let cx = CommandCx { file, stage, id, script, command, place, asks_status };
            rules::check_command(&cx, parsed.get(command), &variables, draft);
            if !draft.removed.contains_key(&id) {
                draft.provisions.command(stage, instruction, command, place);
            }
        }
    });
}

/// Whether a script is the body of a here-document of its instruction.
pub(crate) fn is_heredoc(file: &File<'_>, instruction: usize, script: &ShellScript) -> bool {
    let Some(first) = script.map.segments().first() else { return false };
    file.instruction(instruction).heredocs.iter().any(|heredoc| heredoc.body.contains_inclusive(first.source))
}

/// The keyword of an instruction, or of the one an ONBUILD holds.
pub(crate) fn runs(instruction: &Instruction) -> Keyword {
    match &instruction.arguments {
        Arguments::Onbuild(inner) => inner.keyword,
        _ => instruction.keyword,
    }
}

/// Whether an instruction is in exec form.
pub(crate) fn is_exec(file: &File<'_>, instruction: usize) -> bool {
    let arguments = match &file.instruction(instruction).arguments {
        Arguments::Onbuild(inner) => &inner.arguments,
        arguments => arguments,
    };
    matches!(
        arguments,
        Arguments::Command(CommandForm::Exec { .. }) | Arguments::Healthcheck(Some(CommandForm::Exec { .. }))
    )
}

/// Whether a command runs whenever its script does.
pub(crate) fn is_unconditional(place: &CommandContext) -> bool {
    place.roles.is_empty()
        && !place.in_substitution
        && !place.in_operand
        && !place.background
        && place.operator_before != Some(AndOrOperator::Or)
}
