//! What the variables of a script are worth.

use std::collections::BTreeMap;

use wolfify_syntax::shell::{ShellScript, ShellWord};

use crate::file::File;

/// The values that the variables of one script have wherever it names them.
pub(crate) struct ScriptValues<'a> {
    file: &'a File<'a>,
    instruction: usize,
    /// What the script sets; `None` where it does so twice, or to what only the run knows.
    assigned: BTreeMap<String, Option<String>>,
}

impl<'a> ScriptValues<'a> {
    pub(crate) fn of(file: &'a File<'a>, instruction: usize, script: &ShellScript) -> Self {
        let mut assigned: BTreeMap<String, Option<String>> = BTreeMap::new();
        script.visit(&mut |command, _| {
            for assignment in command.assignments.iter().filter(|_| command.words.is_empty()) {
                let text = assignment.value.as_ref().filter(|_| !assignment.append).and_then(ShellWord::literal);
                assigned.entry(assignment.name.clone()).and_modify(|value| *value = None).or_insert(text);
            }
        });
        Self { file, instruction, assigned }
    }

    /// The value of a variable of the script, or of the ENV and ARG above it.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        match self.assigned.get(name) {
            Some(value) => value.clone(),
            None => self.file.evaluation.scope(self.instruction).get(name).value.text().map(str::to_owned),
        }
    }
}
