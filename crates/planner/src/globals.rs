//! Global build arguments: those before the first FROM, which FROM lines are made of.

use std::collections::{BTreeMap, HashMap, HashSet};

use text_size::TextRange;
use wolfify_syntax::{Arguments, Dockerfile, Evaluation, Keyword, Stage, Word};

use crate::file::File;
use crate::from_word::{FromWord, Piece};

/// The global arguments of a file.
#[derive(Debug)]
pub(crate) struct Globals<'a> {
    arguments: BTreeMap<String, Global>,
    evaluation: &'a Evaluation,
    /// Index of the first FROM.
    first_from: usize,
    mentions: Mentions,
}

#[derive(Debug)]
struct Global {
    /// The default as written.
    default: Option<Word>,
    /// The default after expansion.
    value: Option<String>,
    /// The instruction.
    instruction: usize,
    /// The only argument of its instruction.
    alone: bool,
}

impl<'a> Globals<'a> {
    /// Reads the ARGs before the first FROM.
    pub(crate) fn read(dockerfile: &Dockerfile, evaluation: &'a Evaluation) -> Self {
        let first_from = dockerfile.stages.first().map_or(0, |stage| stage.instructions.start);
        let mut globals = Self { arguments: BTreeMap::new(), evaluation, first_from, mentions: Mentions::default() };
        for (index, instruction) in dockerfile.instructions.iter().enumerate().take(first_from) {
            let (Keyword::Arg, Arguments::Pairs(pairs)) = (instruction.keyword, &instruction.arguments) else {
                continue;
            };
            for pair in pairs {
                let value = evaluation.scope(first_from).get(&pair.key.text).value.text().map(str::to_owned);
                let global = Global { default: pair.value.clone(), value, instruction: index, alone: pairs.len() == 1 };
                globals.arguments.insert(pair.key.text.clone(), global);
            }
        }
        globals.mentions = Mentions::read(dockerfile, &globals.arguments);
        globals
    }

    /// The value of a word of a FROM, or why it is not known.
    pub(crate) fn expand(&self, text: &str) -> Result<String, String> {
        let expansion = self.evaluation.scope(self.first_from).expand(text);
        match expansion.ok().and_then(|expansion| expansion.value.text().map(str::to_owned)) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(self.unknown_reason(text)),
        }
    }

    fn unknown_reason(&self, text: &str) -> String {
        let unset = FromWord::parse(text).and_then(|word| {
            word.variables().find_map(|piece| match piece {
                Piece::Variable { name, .. } if self.value(name).is_none() => Some(name.clone()),
                _ => None,
            })
        });
        match unset {
            Some(name) => format!("the image depends on the build argument `{name}`, which has no default here"),
            None => format!("the image `{text}` is only known when it is built"),
        }
    }

    /// Whether an argument has a value here.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The value of an argument.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        self.arguments.get(name)?.value.clone()
    }

    /// Where the default value stands, quotes left out; `None` when it is made of other arguments or not in one piece.
    pub(crate) fn default_place(&self, name: &str) -> Option<TextRange> {
        let word = self.arguments.get(name)?.default.as_ref()?;
        let parsed = FromWord::parse(&word.text)?;
        if !word.contiguous || parsed.variables().next().is_some() || parsed.inner.is_empty() {
            return None;
        }
        let start = word.range.start() + crate::script::layout_size(parsed.inner.start);
        Some(TextRange::at(start, crate::script::layout_size(parsed.inner.len())))
    }

    /// Whether nothing but FROM lines and other global arguments can see the argument: no stage declares it again.
    pub(crate) fn only_in_from(&self, name: &str) -> bool {
        !self.mentions.in_defaults.contains(name) && !self.mentions.declared_again.contains(name)
    }

    /// Whether every FROM that mentions the argument belongs to a stage for which `rewritten` holds.
    pub(crate) fn only_in_stages(&self, name: &str, rewritten: impl Fn(usize) -> bool) -> bool {
        let stages = self.mentions.in_images.get(name).map_or(&[][..], Vec::as_slice);
        !self.mentions.in_flags.contains(name) && stages.iter().all(|stage| rewritten(*stage))
    }

    /// The whole line of an argument that stands alone in its instruction, line ending included.
    pub(crate) fn line_of(&self, file: &File<'_>, name: &str) -> Option<TextRange> {
        let global = self.arguments.get(name).filter(|global| global.alone)?;
        Some(crate::instructions::lines_of(file, global.instruction))
    }
}

/// Where variables are named.
#[derive(Debug, Default)]
struct Mentions {
    /// In the defaults of other global arguments.
    in_defaults: HashSet<String>,
    /// By an ARG of a stage.
    declared_again: HashSet<String>,
    /// In a flag of a FROM.
    in_flags: HashSet<String>,
    /// In the image of a FROM: the stages.
    in_images: HashMap<String, Vec<usize>>,
}

impl Mentions {
    fn read(dockerfile: &Dockerfile, arguments: &BTreeMap<String, Global>) -> Self {
        let mut mentions = Self::default();
        for (own, global) in arguments {
            let text = global.default.as_ref().map_or("", |word| word.text.as_str());
            mentions.in_defaults.extend(names(text).filter(|name| name != own).map(str::to_owned));
        }
        for stage in dockerfile.stages.iter().skip(dockerfile.front) {
            mentions.read_stage(dockerfile, stage);
        }
        mentions
    }

    fn read_stage(&mut self, dockerfile: &Dockerfile, stage: &Stage) {
        let instructions = &dockerfile.instructions[stage.instructions.clone()];
        for instruction in instructions {
            if let (Keyword::Arg, Arguments::Pairs(pairs)) = (instruction.keyword, &instruction.arguments) {
                self.declared_again.extend(pairs.iter().map(|pair| pair.key.text.clone()));
            }
        }
        let flags = instructions.first().map_or(&[][..], |from| from.flags.as_slice());
        for value in flags.iter().filter_map(|flag| flag.value.as_ref()) {
            self.in_flags.extend(names(&value.text).map(str::to_owned));
        }
        for name in names(&stage.image.text) {
            self.in_images.entry(name.to_owned()).or_default().push(stage.index);
        }
    }
}

/// The names behind `$` and `${` in a text.
pub(crate) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('$').map(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches('{');
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        &rest[..end]
    })
}
