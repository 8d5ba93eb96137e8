//! A command line cut into options and operands, the way getopt_long(3) does it.

use std::collections::HashSet;

use wolfify_syntax::shell::{Redirect, ShellWord};

use super::table::{Arity, OptionSpec, Tool};
use super::word::{Argument, DYNAMIC};

/// A tool with its arguments.
#[derive(Debug)]
pub(crate) struct Invocation<'a> {
    pub(crate) tool: &'static Tool,
    /// The tool's name without directory.
    pub(crate) name: &'a str,
    /// The words after the name.
    pub(crate) arguments: Vec<Argument<'a>>,
    /// The options in order.
    pub(crate) options: Vec<Occurrence>,
    /// The table's names of the options.
    given: HashSet<&'static str>,
    /// Positions in `arguments` of what is no option.
    pub(crate) operands: Vec<usize>,
    /// The command's redirections.
    pub(crate) redirects: &'a [Redirect],
}

/// An option as it was given.
#[derive(Debug)]
pub(crate) struct Occurrence {
    /// Position in `arguments`.
    pub(crate) argument: usize,
    /// Byte range of its name in the argument's text: `--name`, or one letter of a bundle.
    pub(crate) name: std::ops::Range<usize>,
    /// Its row in the table; `None` for one that neither side knows.
    pub(crate) spec: Option<&'static OptionSpec>,
    pub(crate) value: Option<Value>,
}

/// An option's argument.
#[derive(Debug)]
pub(crate) struct Value {
    /// Position in `arguments`.
    pub(crate) argument: usize,
    /// Byte offset in the argument's text; 0 for a word of its own.
    pub(crate) start: usize,
    /// The text, with [`DYNAMIC`] parts.
    pub(crate) text: String,
}

impl Occurrence {
    /// The table's name, `-x` or `--long`; empty for an unknown one.
    pub(crate) fn spec_name(&self) -> &'static str {
        self.spec.map_or("", |spec| spec.name)
    }

    pub(crate) fn value_text(&self) -> &str {
        self.value.as_ref().map_or("", |value| value.text.as_str())
    }
}

impl<'a> Invocation<'a> {
    /// Cuts `words` (the name first) of a command whose word 0 has index `start`.
    pub(crate) fn parse(
        tool: &'static Tool,
        name: &'a str,
        words: &'a [ShellWord],
        start: usize,
        redirects: &'a [Redirect],
    ) -> Self {
        let arguments = words.iter().enumerate().skip(1).map(|(i, word)| Argument::new(word, start + i)).collect();
        let mut this =
            Self { tool, name, arguments, options: Vec::new(), given: HashSet::new(), operands: Vec::new(), redirects };
        match name {
            "find" | "dd" | "test" | "[" => this.operands = (0..this.arguments.len()).collect(),
            _ => this.parse_options(),
        }
        this.given = this.options.iter().map(Occurrence::spec_name).collect();
        this
    }

    /// Whether one of the names was given.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.given.contains(name))
    }

    /// The texts of the operands.
    pub(crate) fn operand_texts(&self) -> impl Iterator<Item = &str> {
        self.operands.iter().map(|&position| self.arguments[position].text.as_str())
    }

    fn parse_options(&mut self) {
        let stops_at_operand =
            matches!(self.name, "xargs" | "env" | "timeout" | "nice" | "nohup" | "chroot" | "flock" | "setpriv");
        let mut position = 0;
        if self.name == "tar" && self.arguments.first().is_some_and(|first| old_style(&first.text)) {
            position = self.parse_old_style();
        }
        while position < self.arguments.len() {
            let text = self.arguments[position].text.clone();
            if text == "--" {
                self.operands.extend(position + 1..self.arguments.len());
                return;
            }
            if text.starts_with("--") {
                position = self.parse_long(position, &text);
            } else if text.len() > 1 && text.starts_with('-') {
                position = self.parse_bundle(position, &text);
            } else if stops_at_operand {
                self.operands.extend(position..self.arguments.len());
                return;
            } else {
                self.operands.push(position);
                position += 1;
            }
        }
    }

    fn parse_long(&mut self, position: usize, text: &str) -> usize {
        let name_end = text.find(['=', DYNAMIC]).unwrap_or(text.len());
        let spec = self.tool.long(&text[..name_end]);
        let mut next = position + 1;
        let value = if text[name_end..].starts_with('=') {
            Some(Value { argument: position, start: name_end + 1, text: text[name_end + 1..].to_owned() })
        } else if spec.is_some_and(|spec| spec.arity == Arity::Required) && next < self.arguments.len() {
            next += 1;
            Some(self.whole(position + 1))
        } else {
            None
        };
        self.options.push(Occurrence { argument: position, name: 0..name_end, spec, value });
        next
    }

    fn parse_bundle(&mut self, position: usize, text: &str) -> usize {
        for (at, letter) in text.char_indices().skip(1) {
            if letter == DYNAMIC {
                break;
            }
            let spec = self.tool.short(letter);
            let after = at + letter.len_utf8();
            let arity = spec.map_or(Arity::None, |spec| spec.arity);
            let mut option = Occurrence { argument: position, name: at..after, spec, value: None };
            let attached = !text[after..].is_empty();
            match arity {
                Arity::None => {}
                Arity::Optional if !attached => {}
                _ if attached => {
                    option.value = Some(Value { argument: position, start: after, text: text[after..].to_owned() });
                }
                _ if position + 1 < self.arguments.len() => option.value = Some(self.whole(position + 1)),
                _ => {}
            }
            let ends = option.value.is_some();
            self.options.push(option);
            if ends {
                return position + if attached { 1 } else { 2 };
            }
        }
        position + 1
    }

    /// tar's first word without a dash: the letters' arguments are the words that follow, in the letters' order.
    fn parse_old_style(&mut self) -> usize {
        let letters = self.arguments[0].text.clone();
        let mut next = 1;
        for (at, letter) in letters.char_indices() {
            let spec = self.tool.short(letter);
            let mut option = Occurrence { argument: 0, name: at..at + letter.len_utf8(), spec, value: None };
            if spec.is_some_and(|spec| spec.arity == Arity::Required) && next < self.arguments.len() {
                option.value = Some(self.whole(next));
                next += 1;
            }
            self.options.push(option);
        }
        next
    }

    fn whole(&self, position: usize) -> Value {
        Value { argument: position, start: 0, text: self.arguments[position].text.clone() }
    }
}

fn old_style(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic())
}
