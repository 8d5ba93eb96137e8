//! The scripts of a Dockerfile instruction.

use text_size::{TextRange, TextSize};

use crate::instruction::{Arguments, CommandForm, Heredoc, Instruction, JsonString};
use crate::shell::ast::{
    AndOr, Command, Dialect, List, ListItem, Nested, NestedKind, Opaque, Pipeline, ShellScript, ShellWord,
    SimpleCommand, WordPart,
};
use crate::shell::command::script_operand;
use crate::shell::script::{nested_script, number, parse_script};
use crate::shell::text::TextBuilder;
use crate::shell::wrapper;
use crate::source_map::{SourceMap, Span};

impl Dialect {
    /// The dialect of an interpreter by its path, or of the whole array of a SHELL instruction.
    ///
    /// `["/bin/bash", "-o", "pipefail", "-c"]` is bash; `["/usr/bin/env", "bash", "-c"]` too.
    #[must_use]
    pub fn of_command(words: &[String]) -> Self {
        let base = |word: &String| word.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let mut names = words.iter().filter(|word| !word.starts_with('-')).map(base);
        let name = match names.next() {
            Some(name) if name == "env" => names.next().unwrap_or_default(),
            Some(name) => name,
            None => String::new(),
        };
        match name.as_str() {
            "sh" | "ash" | "dash" => Self::Sh,
            "bash" => Self::Bash,
            _ => Self::Other(name),
        }
    }
}

/// The scripts that an instruction runs, in order of appearance.
///
/// RUN, CMD, ENTRYPOINT and HEALTHCHECK have one; the exec form has one of dialect `exec`. For ONBUILD they are those of
/// the instruction behind it. `dialect_in_force` is that of the last SHELL instruction (`/bin/sh` without one), `source`
/// the whole file. All other instructions have none.
#[must_use]
pub fn instruction_scripts(instruction: &Instruction, dialect_in_force: &Dialect, source: &str) -> Vec<ShellScript> {
    match &instruction.arguments {
        Arguments::Command(form) | Arguments::Healthcheck(Some(form)) => {
            vec![form_script(instruction, form, dialect_in_force, source)]
        }
        Arguments::Onbuild(inner) => instruction_scripts(inner, dialect_in_force, source),
        _ => Vec::new(),
    }
}

fn form_script(instruction: &Instruction, form: &CommandForm, dialect: &Dialect, source: &str) -> ShellScript {
    let joined = match form {
        CommandForm::Exec { strings, .. } => return exec_command(strings),
        CommandForm::Shell { joined, .. } => usize::from(joined.start())..usize::from(joined.end()),
    };
    let mut text = TextBuilder::default();
    if let [heredoc] = instruction.heredocs.as_slice()
        && is_only_heredoc(&instruction.joined[joined.clone()])
    {
        push_body(&mut text, heredoc, source);
        let dialect = shebang(&text.text).unwrap_or_else(|| dialect.clone());
        return parse_script(&text.text, &text.map, dialect);
    }
    text.copy(&instruction.joined, &instruction.joined_map, joined.start, joined.end);
    for heredoc in &instruction.heredocs {
        // BuildKit puts the bodies back behind the logical line, each with its name, before the shell gets it.
        text.insert("\n");
        push_source(&mut text, source, usize::from(heredoc.body.start()), usize::from(heredoc.body.end()));
        text.insert(&heredoc.name);
    }
    parse_script(&text.text, &text.map, dialect.clone())
}

/// Whether the text is one heredoc word and nothing else: its body is then the script itself.
fn is_only_heredoc(text: &str) -> bool {
    let word = text.trim();
    let name = word.trim_start_matches(|character: char| character.is_ascii_digit()).strip_prefix("<<");
    name.is_some_and(|name| {
        let name = name.strip_prefix('-').unwrap_or(name).trim_start();
        !name.is_empty() && !name.starts_with('<') && !name.contains([' ', '\t'])
    })
}

fn push_source(text: &mut TextBuilder, source: &str, start: usize, end: usize) {
    let whole = SourceMap::identity(0.into(), crate::shell::text::size(source.len()));
    text.copy(source, &whole, start, end);
}

/// The body of a heredoc as BuildKit hands it over: without leading tabs for `<<-`.
fn push_body(text: &mut TextBuilder, heredoc: &Heredoc, source: &str) {
    let mut at = usize::from(heredoc.body.start());
    for line in source[heredoc.body].split_inclusive('\n') {
        let tabs = if heredoc.strip_tabs { line.len() - line.trim_start_matches('\t').len() } else { 0 };
        push_source(text, source, at + tabs, at + line.len());
        at += line.len();
    }
}

/// The dialect that a `#!` line names.
fn shebang(text: &str) -> Option<Dialect> {
    let line = text.strip_prefix("#!")?.lines().next()?;
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    Some(Dialect::of_command(&words))
}

/// The exec form as a script of one simple command, so that rules see `["apt-get", "install"]` as they see a shell's.
///
/// No shell expands its words: each is one protected literal, whose place is that of the value between the JSON
/// quotes. New text for such a word must be escaped as JSON wants it. An empty array is opaque.
#[must_use]
pub fn exec_command(strings: &[JsonString]) -> ShellScript {
    let mut text = TextBuilder::default();
    let mut words = Vec::with_capacity(strings.len());
    for string in strings {
        if !words.is_empty() {
            text.insert(" ");
        }
        text.copy(&string.value, &string.map, 0, string.value.len());
        words.push(exec_word(string));
    }
    let list = match (words.first(), words.last()) {
        (Some(first), Some(last)) => {
            let place = Span { range: first.span.range.cover(last.span.range), contiguous: true };
            Ok(single(exec_simple(words, strings, place)))
        }
        _ => Err(Opaque { reason: "empty exec form".to_owned() }),
    };
    let mut script = ShellScript { dialect: Dialect::Other("exec".to_owned()), text: text.text, map: text.map, list };
    number(&mut script);
    script
}

fn exec_word(string: &JsonString) -> ShellWord {
    let quote = TextSize::from(1);
    let inside = TextRange::new(string.range.start() + quote, string.range.end() - quote);
    // The place of a value with escapes is all that stands between the quotes.
    let verbatim = inside.len() == TextSize::of(string.value.as_str());
    ShellWord {
        text: string.value.clone(),
        parts: vec![WordPart::Literal { text: string.value.clone(), quoted: true }],
        span: Span { range: inside, contiguous: verbatim },
    }
}

fn exec_simple(words: Vec<ShellWord>, strings: &[JsonString], span: Span) -> SimpleCommand {
    let mut command = SimpleCommand {
        id: 0,
        assignments: Vec::new(),
        words,
        redirects: Vec::new(),
        wrappers: Vec::new(),
        name_index: 0,
        nested: Vec::new(),
        span,
    };
    wrapper::find(&mut command);
    if let Some(operand) = script_operand(&command.words, command.name_index) {
        let mut value = TextBuilder::default();
        for (position, string) in strings[operand.words.clone()].iter().enumerate() {
            if position > 0 {
                value.insert(" ");
            }
            value.copy(&string.value, &string.map, 0, string.value.len());
        }
        let script = nested_script(value, operand.dialect.as_ref().unwrap_or(&Dialect::Sh), 0);
        command.nested.push(Nested { kind: NestedKind::Operand(operand.words.start), script });
    }
    command
}

fn single(command: SimpleCommand) -> List {
    let span = command.span;
    let first = Pipeline { bang: None, commands: vec![Command::Simple(command)], pipes: Vec::new(), span };
    List { items: vec![ListItem { and_or: AndOr { first, rest: Vec::new(), span }, separator: None }] }
}
