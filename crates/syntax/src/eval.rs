//! What ARG and ENV are worth at each instruction, as far as the file alone can tell.
//!
//! The scoping is BuildKit's: a global ARG is seen by FROM lines and by `ARG NAME` without a default in a stage; inside
//! a stage ARG and ENV write to one set of names and the last one wins; a stage that starts from an earlier stage goes
//! on with all that stage has set.

mod map;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use text_size::TextRange;

use crate::dockerfile::{BaseImage, Dockerfile};
use crate::instruction::{Arguments, Instruction, KeyValue, Keyword, Word};
use crate::lex::{Options, Variables, lex};
use map::Map;

/// What a variable is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// This text, whatever the build is called with.
    Known(String),
    /// This text, unless `--build-arg` says otherwise.
    Default(String),
    /// Some text that the file does not tell: from the base image, the platform or a predefined ARG.
    Unknown,
    /// Not set. With a definition it is an ARG without a default, which `--build-arg` may set.
    Unset,
}

impl Value {
    /// The text, when there is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Known(text) | Self::Default(text) => Some(text),
            Self::Unknown | Self::Unset => None,
        }
    }
}

/// Where a variable got its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefinitionKind {
    /// An ARG before the first FROM.
    GlobalArg,
    /// An ARG in a stage.
    Arg,
    /// An ENV.
    Env,
    /// BuildKit sets it: `TARGETARCH`, `BUILDPLATFORM`, …
    Platform,
}

/// Number of a [`Definition`] in its [`Evaluation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefinitionId(usize);

/// One definition of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The variable.
    pub name: String,
    /// What defines it.
    pub kind: DefinitionKind,
    /// Index of the instruction; `None` for [`DefinitionKind::Platform`].
    pub instruction: Option<usize>,
    /// The default or value as written; `None` for `ARG NAME`.
    pub written: Option<Word>,
    /// What it is worth.
    pub value: Value,
    /// The definitions that took part in the value: the variables in it, and for `ARG NAME` the global ARG.
    pub uses: Vec<DefinitionId>,
}

/// The variables of a whole file.
#[derive(Debug, Clone)]
pub struct Evaluation {
    definitions: Vec<Definition>,
    names: HashMap<String, usize>,
    /// For each instruction the scope before and after it.
    scopes: Vec<(Frame, Frame)>,
    escape: char,
}

/// What is in scope, and what a name that is not is worth.
#[derive(Debug, Clone, Default)]
struct Frame {
    variables: Map,
    /// Names may come from a base image.
    open: bool,
}

/// The variables that one instruction sees.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'e> {
    evaluation: &'e Evaluation,
    frame: &'e Frame,
}

/// A variable that took part in an expansion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedVariable {
    /// Its name.
    pub name: String,
    /// Where it is defined; `None` when the file does not define it there.
    pub definition: Option<DefinitionId>,
    /// What it is worth.
    pub value: Value,
}

/// The result of [`Scope::expand`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expansion {
    /// The text; never [`Value::Unset`].
    pub value: Value,
    /// The variables that took part, in order, each once.
    pub used: Vec<UsedVariable>,
}

/// Docker refuses the expansion: quotes or braces that do not match, an unknown modifier, `${x:?message}`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpandError {
    /// Docker's message.
    pub message: String,
}

/// Values built from more bytes of other values are [`Value::Unknown`].
const MAX_VALUE: usize = 16 * 1024;

/// Bytes that all values of a file may take beyond what is written in it.
const MAX_VALUES: usize = 16 * 1024 * 1024;

/// ARGs that BuildKit fills in from the platforms and the target.
const PLATFORM_ARGS: [&str; 11] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// ARGs that clients fill in without being asked, in upper or lower case.
const PROXY_ARGS: [&str; 5] = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

impl Dockerfile {
    /// Follows ARG and ENV through the file.
    #[must_use]
    pub fn evaluate(&self) -> Evaluation {
        let mut builder = Builder::new(self.escape);
        let globals = builder.globals(self.global_args());
        let mut ends: Vec<Frame> = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            let mut frame = match stage.base {
                BaseImage::Stage(index) => ends[index].clone(),
                BaseImage::Scratch => Frame::default(),
                BaseImage::Image => Frame { open: true, ..Frame::default() },
            };
            for index in stage.instructions.clone() {
                let instruction = &self.instructions[index];
                let before = if index == stage.instructions.start { globals.clone() } else { frame.clone() };
                builder.instruction(&mut frame, &globals, index, instruction);
                builder.evaluation.scopes.push((before, frame.clone()));
            }
            ends.push(frame);
        }
        builder.evaluation
    }
}

impl Evaluation {
    /// What the words of the instruction at `index` see; for a FROM the global ARGs.
    ///
    /// # Panics
    ///
    /// When the file has no such instruction.
    #[must_use]
    pub fn scope(&self, index: usize) -> Scope<'_> {
        Scope { evaluation: self, frame: &self.scopes[index].0 }
    }

    /// What the instruction after the one at `index` sees, if it belongs to the same stage.
    ///
    /// # Panics
    ///
    /// When the file has no such instruction.
    #[must_use]
    pub fn scope_after(&self, index: usize) -> Scope<'_> {
        Scope { evaluation: self, frame: &self.scopes[index].1 }
    }

    /// All definitions in file order, the platform's first.
    #[must_use]
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// A definition.
    #[must_use]
    pub fn definition(&self, id: DefinitionId) -> &Definition {
        &self.definitions[id.0]
    }

    /// The definition and all others that took part in its value, each once, itself first.
    #[must_use]
    pub fn origins(&self, id: DefinitionId) -> Vec<&Definition> {
        let mut found = vec![id];
        let mut seen: std::collections::HashSet<DefinitionId> = [id].into();
        let mut next = 0;
        while let Some(id) = found.get(next).copied() {
            found.extend(self.definition(id).uses.iter().copied().filter(|id| seen.insert(*id)));
            next += 1;
        }
        found.into_iter().map(|id| self.definition(id)).collect()
    }

    /// The defaults and values as written, with their places, that took part in a definition's value.
    #[must_use]
    pub fn written(&self, id: DefinitionId) -> Vec<(&Definition, TextRange)> {
        let written = |definition: &Definition| definition.written.as_ref().map(|word| word.range);
        self.origins(id).into_iter().filter_map(|definition| Some((definition, written(definition)?))).collect()
    }

    fn lookup(&self, frame: &Frame, name: &str) -> UsedVariable {
        let definition = self.names.get(name).and_then(|name| frame.variables.get(*name)).map(DefinitionId);
        let value = match definition {
            Some(id) => self.definition(id).value.clone(),
            None if frame.open => Value::Unknown,
            None => Value::Unset,
        };
        UsedVariable { name: name.to_owned(), definition, value }
    }

    fn expand(&self, frame: &Frame, text: &str) -> Result<Expansion, ExpandError> {
        let mut reader = Reader { evaluation: self, frame, used: Vec::new(), length: 0 };
        let lexed = lex(text, Options::new(self.escape), &mut reader).map_err(|message| ExpandError { message })?;
        let too_long = reader.length > MAX_VALUE;
        let mut used: Vec<UsedVariable> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for variable in reader.used {
            if seen.insert(variable.name.clone()) {
                used.push(variable);
            }
        }
        let certain = |variable: &UsedVariable| match variable.value {
            Value::Known(_) => true,
            Value::Unset => variable.definition.is_none(),
            Value::Default(_) | Value::Unknown => false,
        };
        let value = if too_long || used.iter().any(|variable| variable.value == Value::Unknown) {
            Value::Unknown
        } else if used.iter().all(certain) {
            Value::Known(lexed.result)
        } else {
            Value::Default(lexed.result)
        };
        Ok(Expansion { value, used })
    }
}

impl Scope<'_> {
    /// A variable by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> UsedVariable {
        self.evaluation.lookup(self.frame, name)
    }

    /// The definitions in scope, in the order in which their names first appear in the file.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.frame.variables.iter().map(|(_, definition)| &self.evaluation.definitions[definition])
    }

    /// Expands a word as Docker does: quotes, escapes, `$NAME`, `${NAME}` and its modifiers.
    ///
    /// # Errors
    ///
    /// When Docker would refuse the word. A `${NAME:?}` whose variable only the file does not tell is an error too.
    pub fn expand(&self, text: &str) -> Result<Expansion, ExpandError> {
        self.evaluation.expand(self.frame, text)
    }
}

struct Reader<'e> {
    evaluation: &'e Evaluation,
    frame: &'e Frame,
    used: Vec<UsedVariable>,
    /// Bytes handed out so far.
    length: usize,
}

impl Variables for Reader<'_> {
    fn get(&mut self, name: &str) -> Option<String> {
        let variable = self.evaluation.lookup(self.frame, name);
        let text = match &variable.value {
            // Any text will do, the result is unknown whatever comes of it.
            Value::Unknown => Some("unknown".to_owned()),
            // A file that doubles a value on every line would otherwise fill the memory.
            _ if self.length > MAX_VALUE => Some(String::new()),
            value => value.text().map(str::to_owned),
        };
        self.length += text.as_ref().map_or(0, String::len);
        self.used.push(variable);
        text
    }

    fn mark(&self) -> usize {
        self.used.len()
    }

    fn forget(&mut self, mark: usize) {
        self.used.truncate(mark);
    }
}

/// Expands the image word of a FROM with nothing but the global ARGs before it in sight.
pub(crate) struct FromExpander {
    builder: Builder,
    globals: Frame,
}

impl FromExpander {
    pub(crate) fn new(global_args: &[Instruction], escape: char) -> Self {
        let mut builder = Builder::new(escape);
        let globals = builder.globals(global_args);
        Self { builder, globals }
    }

    /// The image's name, as far as the defaults tell it.
    pub(crate) fn image(&self, text: &str) -> Option<String> {
        let expansion = self.builder.evaluation.expand(&self.globals, text).ok()?;
        expansion.value.text().map(str::to_owned)
    }
}

struct Builder {
    evaluation: Evaluation,
    /// How many bytes of values may still be stored.
    budget: usize,
}

impl Builder {
    fn new(escape: char) -> Self {
        Self {
            evaluation: Evaluation { definitions: Vec::new(), names: HashMap::new(), scopes: Vec::new(), escape },
            budget: MAX_VALUES,
        }
    }

    /// Walks the ARGs before the first FROM; the result is what FROM lines see.
    fn globals(&mut self, args: &[Instruction]) -> Frame {
        let mut frame = Frame::default();
        for name in PLATFORM_ARGS {
            self.define(
                &mut frame,
                Definition {
                    name: name.to_owned(),
                    kind: DefinitionKind::Platform,
                    instruction: None,
                    written: None,
                    value: Value::Unknown,
                    uses: Vec::new(),
                },
            );
        }
        for (index, instruction) in args.iter().enumerate() {
            let before = frame.clone();
            if let Arguments::Pairs(pairs) = &instruction.arguments {
                for pair in pairs {
                    self.arg(&mut frame, None, index, pair);
                }
            }
            self.evaluation.scopes.push((before, frame.clone()));
        }
        frame
    }

    fn instruction(&mut self, frame: &mut Frame, globals: &Frame, index: usize, instruction: &Instruction) {
        let Arguments::Pairs(pairs) = &instruction.arguments else { return };
        match instruction.keyword {
            Keyword::Arg => {
                for pair in pairs {
                    self.arg(frame, Some(globals), index, pair);
                }
            }
            Keyword::Env => {
                // Every pair sees what was in scope before the instruction.
                let before = frame.clone();
                for pair in pairs {
                    self.env(frame, &before, index, pair);
                }
            }
            _ => {}
        }
    }

    fn env(&mut self, frame: &mut Frame, before: &Frame, index: usize, pair: &KeyValue) {
        // Docker expands names as well, but never splits.
        let name = self.expand(before, &pair.key.text).0;
        let Some(name) = name.text() else { return };
        let (value, uses) = match &pair.value {
            Some(word) => self.expand(before, &word.text),
            None => (Value::Known(String::new()), Vec::new()),
        };
        let definition = Definition {
            name: name.to_owned(),
            kind: DefinitionKind::Env,
            instruction: Some(index),
            written: pair.value.clone(),
            value,
            uses,
        };
        self.define(frame, definition);
    }

    /// An ARG; `globals` inside a stage.
    fn arg(&mut self, frame: &mut Frame, globals: Option<&Frame>, index: usize, pair: &KeyValue) {
        let name = pair.key.text.as_str();
        let (value, uses) = match (&pair.value, globals) {
            (Some(word), _) => {
                let (value, uses) = self.expand(frame, &word.text);
                (overridable(value), uses)
            }
            (None, Some(globals)) => {
                let global = self.evaluation.lookup(globals, name);
                (global.value, global.definition.into_iter().collect())
            }
            // A global ARG without a default leaves what was there before.
            (None, None) => match self.evaluation.lookup(frame, name) {
                UsedVariable { definition: Some(id), value, .. } => (value, vec![id]),
                _ => (Value::Unset, Vec::new()),
            },
        };
        let value = if pair.value.is_none() && is_proxy(name) { Value::Unknown } else { value };
        // An ARG that gets no value does not hide what the stage has set before.
        if value == Value::Unset
            && let UsedVariable {
                definition: Some(_), value: Value::Known(_) | Value::Default(_) | Value::Unknown, ..
            } = self.evaluation.lookup(frame, name)
        {
            return;
        }
        let definition = Definition {
            name: name.to_owned(),
            kind: if globals.is_some() { DefinitionKind::Arg } else { DefinitionKind::GlobalArg },
            instruction: Some(index),
            written: pair.value.clone(),
            value,
            uses,
        };
        self.define(frame, definition);
    }

    fn expand(&self, frame: &Frame, text: &str) -> (Value, Vec<DefinitionId>) {
        self.evaluation.expand(frame, text).map_or((Value::Unknown, Vec::new()), |expansion| {
            (expansion.value, expansion.used.into_iter().filter_map(|variable| variable.definition).collect())
        })
    }

    fn define(&mut self, frame: &mut Frame, mut definition: Definition) {
        let evaluation = &mut self.evaluation;
        // Values that only grow by other values must not add up to more than a few times the file.
        let written = definition.written.as_ref().map_or(0, |word| word.text.len());
        let length = definition.value.text().map_or(0, str::len).saturating_sub(written);
        match self.budget.checked_sub(length) {
            Some(rest) => self.budget = rest,
            None => definition.value = Value::Unknown,
        }
        let count = evaluation.names.len();
        let name = match evaluation.names.entry(definition.name.clone()) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => *entry.insert(count),
        };
        frame.variables = frame.variables.insert(name, evaluation.definitions.len());
        evaluation.definitions.push(definition);
    }
}

fn overridable(value: Value) -> Value {
    match value {
        Value::Known(text) => Value::Default(text),
        value => value,
    }
}

fn is_proxy(name: &str) -> bool {
    PROXY_ARGS.iter().any(|proxy| *proxy == name || name == proxy.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
