//! Option tables and the two ways their commands read them: GNU `getopt_long` and Perl's `Getopt::Long`.

use wolfify_syntax::shell::ShellWord;

use super::value::{Lookup, Value};

/// One spelling of an option.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling {
    /// What the option means to us; several spellings may share it.
    pub(crate) id: &'static str,
    /// The short letter, if any.
    pub(crate) short: Option<char>,
    /// The long name, if any.
    pub(crate) long: Option<&'static str>,
    /// Whether a value follows.
    pub(crate) value: bool,
}

/// A short and a long spelling without a value.
pub(crate) const fn flag(id: &'static str, short: char, long: &'static str) -> Spelling {
    Spelling { id, short: Some(short), long: Some(long), value: false }
}

/// A short and a long spelling with a value.
pub(crate) const fn with_value(id: &'static str, short: char, long: &'static str) -> Spelling {
    Spelling { id, short: Some(short), long: Some(long), value: true }
}

/// A long spelling without a value.
pub(crate) const fn long_flag(id: &'static str, long: &'static str) -> Spelling {
    Spelling { id, short: None, long: Some(long), value: false }
}

/// A long spelling with a value.
pub(crate) const fn long_value(id: &'static str, long: &'static str) -> Spelling {
    Spelling { id, short: None, long: Some(long), value: true }
}

/// A short spelling without a value.
pub(crate) const fn short_flag(id: &'static str, short: char) -> Spelling {
    Spelling { id, short: Some(short), long: None, value: false }
}

/// A short spelling with a value.
pub(crate) const fn short_value(id: &'static str, short: char) -> Spelling {
    Spelling { id, short: Some(short), long: None, value: true }
}

/// How the words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `getopt_long`: bundles of short options, `--long`, unambiguous abbreviations, options after operands.
    Gnu,
    /// `Getopt::Long` as Debian's adduser sets it up: no bundles, `-long` as good as `--long`, any case.
    Perl,
}

/// What the words say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parsed {
    options: Vec<(&'static str, Option<Value>)>,
    /// The words that are neither options nor their values.
    pub(crate) operands: Vec<Value>,
}

impl Parsed {
    /// Whether the option is given.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.options.iter().any(|(given, _)| *given == id)
    }

    /// The value of the last one given: that is the one that counts.
    pub(crate) fn last(&self, id: &str) -> Option<&Value> {
        self.options.iter().rev().find(|(given, _)| *given == id)?.1.as_ref()
    }

    /// The values of all given, in order.
    pub(crate) fn all<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Value> {
        self.options.iter().filter(move |(given, _)| *given == id).filter_map(|(_, value)| value.as_ref())
    }

    /// The options given, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.options.iter().map(|(id, _)| *id)
    }

    /// The first option given that is not among `known`.
    pub(crate) fn other_than(&self, known: &[&str]) -> Option<&'static str> {
        self.ids().find(|id| !known.contains(id))
    }
}

/// Reads the words after the command's name.
///
/// # Errors
///
/// A sentence that says which word is not understood.
pub(crate) fn parse(
    words: &[ShellWord],
    table: &[Spelling],
    style: Style,
    lookup: Lookup<'_>,
) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let value = Value::read(word, lookup).map_err(|error| error.0)?;
        if value.splits() {
            return Err(format!("`{}` may hold options or several words", value.written()));
        }
        let leading = value.leading();
        if leading == "--" && value.known().as_deref() == Some("--") {
            for word in rest.by_ref() {
                parsed.operands.push(Value::read(word, lookup).map_err(|error| error.0)?);
            }
        } else if leading.len() > 1 && leading.starts_with('-') {
            option(&value, table, style, &mut parsed, &mut || next_value(&mut rest, lookup))?;
        } else {
            parsed.operands.push(value);
        }
    }
    Ok(parsed)
}

fn next_value(rest: &mut std::slice::Iter<'_, ShellWord>, lookup: Lookup<'_>) -> Result<Value, String> {
    let word = rest.next().ok_or("the last option lacks its value")?;
    Value::read(word, lookup).map_err(|error| error.0)
}

type Next<'a> = &'a mut dyn FnMut() -> Result<Value, String>;

fn option(word: &Value, table: &[Spelling], style: Style, parsed: &mut Parsed, next: Next<'_>) -> Result<(), String> {
    let leading = word.leading();
    match style {
        Style::Gnu if leading.starts_with("--") => long(word, 2, table, style, parsed, next),
        Style::Gnu => bundle(word, table, parsed, next),
        Style::Perl => {
            let dashes = if leading.starts_with("--") { 2 } else { 1 };
            long(word, dashes, table, style, parsed, next)
        }
    }
}

fn long(
    word: &Value,
    dashes: usize,
    table: &[Spelling],
    style: Style,
    parsed: &mut Parsed,
    next: Next<'_>,
) -> Result<(), String> {
    let leading = &word.leading()[dashes..];
    let (name, attached) = match leading.find('=') {
        Some(at) => (&leading[..at], word.without_leading(dashes + at + 1)),
        None if word.known().is_some_and(|known| known.len() == leading.len() + dashes) => (leading, None),
        None => return Err(format!("`{}` is not a whole option", word.written())),
    };
    let spelling = find_long(name, table, style).ok_or_else(|| format!("unknown option `{}`", word.written()))?;
    let value = match (spelling.value, attached) {
        (true, Some(value)) => Some(value),
        (true, None) => Some(next()?),
        (false, None) => None,
        (false, Some(_)) => return Err(format!("`{}` takes no value", word.written())),
    };
    parsed.options.push((spelling.id, value));
    Ok(())
}

fn find_long<'t>(name: &str, table: &'t [Spelling], style: Style) -> Option<&'t Spelling> {
    let lowered = name.to_ascii_lowercase();
    let name = if style == Style::Perl { lowered.as_str() } else { name };
    let exact = table.iter().find(|spelling| spelling.long == Some(name));
    if exact.is_some() || name.is_empty() {
        return exact;
    }
    if style == Style::Perl && name.len() == 1 {
        let letter = name.chars().next();
        if let Some(found) = table.iter().find(|spelling| spelling.short == letter) {
            return Some(found);
        }
    }
    let mut starting = table.iter().filter(|spelling| spelling.long.is_some_and(|long| long.starts_with(name)));
    let first = starting.next()?;
    starting.all(|other| other.id == first.id && other.value == first.value).then_some(first)
}

fn bundle(word: &Value, table: &[Spelling], parsed: &mut Parsed, next: Next<'_>) -> Result<(), String> {
    let leading = word.leading();
    let all_literal = word.known().is_some_and(|known| known == leading);
    for (at, letter) in leading.char_indices().skip(1) {
        let spelling = table
            .iter()
            .find(|spelling| spelling.short == Some(letter))
            .ok_or_else(|| format!("unknown option `-{letter}`"))?;
        if !spelling.value {
            parsed.options.push((spelling.id, None));
            continue;
        }
        let after = at + letter.len_utf8();
        let value = if after == leading.len() && all_literal {
            next()?
        } else {
            word.without_leading(after).ok_or_else(|| format!("`{}` is not understood", word.written()))?
        };
        parsed.options.push((spelling.id, Some(value)));
        return Ok(());
    }
    if all_literal { Ok(()) } else { Err(format!("`{}` is not a whole option", word.written())) }
}
