//! The arguments of one instruction by Docker's own word rules, as ranges of the joined text.

use std::ops::Range;

use crate::instruction::Keyword;
use crate::json::{self, RawString};
use crate::lines::is_blank;
use crate::split::{blank_words, quoted_words};

/// What is wrong with an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Part of the joined text; empty for the instruction as a whole.
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: &'static str,
    /// Found by BuildKit while it reads the file, thus also in the trigger of an ONBUILD, which it does not look into
    /// any further.
    pub(crate) syntax: bool,
}

impl Problem {
    /// A problem that BuildKit finds while it reads the file.
    pub(crate) fn syntax(range: Range<usize>, message: impl Into<String>, help: &'static str) -> Self {
        Self { range, message: message.into(), help, syntax: true }
    }

    /// A problem that BuildKit finds when it makes an instruction of what it has read.
    pub(crate) fn meaning(range: Range<usize>, message: impl Into<String>, help: &'static str) -> Self {
        Self { range, message: message.into(), help, syntax: false }
    }
}

/// The parts of the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// Nothing at all.
    Empty,
    /// Words separated by blanks.
    Words(Vec<Range<usize>>),
    /// `NAME=value` pairs.
    Pairs(Vec<RawPair>),
    /// A JSON array of strings.
    Json(Vec<RawString>),
    /// The rest of the line as one piece.
    Rest(Range<usize>),
}

/// A `NAME=value` pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawPair {
    pub(crate) key: Range<usize>,
    pub(crate) value: Option<Range<usize>>,
    pub(crate) legacy: bool,
}

/// Cuts the arguments `line[args]` of an instruction other than ONBUILD and HEALTHCHECK.
pub(crate) fn body(keyword: Keyword, line: &str, args: Range<usize>, escape: char) -> Result<Body, Problem> {
    match keyword {
        Keyword::Env | Keyword::Label => pairs(keyword, line, args, escape),
        Keyword::Arg => Ok(names(line, args, escape)),
        Keyword::From | Keyword::Expose if args.is_empty() => Ok(Body::Empty),
        Keyword::From | Keyword::Expose => Ok(Body::Words(blank_words(line, args))),
        Keyword::Add | Keyword::Copy | Keyword::Volume => match array(line, args.clone())? {
            Some(strings) => Ok(Body::Json(strings)),
            None if args.is_empty() => Ok(Body::Empty),
            None => Ok(Body::Words(blank_words(line, args))),
        },
        Keyword::Cmd | Keyword::Entrypoint | Keyword::Run | Keyword::Shell => command(line, args),
        Keyword::Maintainer | Keyword::Stopsignal | Keyword::User | Keyword::Workdir => Ok(rest(args)),
        Keyword::Healthcheck | Keyword::Onbuild => Ok(rest(args)),
    }
}

/// A command in exec form, or the rest of the line.
pub(crate) fn command(line: &str, args: Range<usize>) -> Result<Body, Problem> {
    Ok(array(line, args.clone())?.map_or_else(|| rest(args), Body::Json))
}

/// The type word of a HEALTHCHECK and where its command begins.
pub(crate) fn healthcheck(line: &str, args: Range<usize>) -> (Range<usize>, Range<usize>) {
    let text = &line[args.clone()];
    let length = text.find(is_blank).unwrap_or(text.len());
    let command = args.end - text[length..].trim_start_matches(is_blank).len();
    (args.start..args.start + length, command..args.end)
}

fn rest(args: Range<usize>) -> Body {
    if args.is_empty() { Body::Empty } else { Body::Rest(args) }
}

fn array(line: &str, args: Range<usize>) -> Result<Option<Vec<RawString>>, Problem> {
    match json::array(line, args.clone()) {
        json::Array::No => Ok(None),
        json::Array::Strings(strings) => Ok(Some(strings)),
        json::Array::NotStrings => Err(Problem::syntax(
            args,
            "when using JSON array syntax, arrays must be comprised of strings only",
            "put every element in double quotes",
        )),
    }
}

fn pairs(keyword: Keyword, line: &str, args: Range<usize>, escape: char) -> Result<Body, Problem> {
    let words = quoted_words(line, args.clone(), escape);
    let Some(first) = words.first() else { return Ok(Body::Empty) };
    if !line[first.clone()].contains('=') {
        return legacy_pair(keyword, line, args);
    }
    let pair = |word: &Range<usize>| {
        split_pair(line, word).ok_or_else(|| {
            let message = format!("can't find = in \"{}\"; it must be of the form name=value", &line[word.clone()]);
            Problem::syntax(word.clone(), message, "put the value in quotes if it holds blanks")
        })
    };
    Ok(Body::Pairs(words.iter().map(pair).collect::<Result<_, _>>()?))
}

/// `ENV name value with blanks`, the form before `=` was known.
fn legacy_pair(keyword: Keyword, line: &str, args: Range<usize>) -> Result<Body, Problem> {
    let text = &line[args.clone()];
    let Some(length) = text.find(is_blank) else {
        let message = format!("{keyword} must have two arguments");
        return Err(Problem::syntax(args, message, "write name=value"));
    };
    let value = args.end - text[length..].trim_start_matches(is_blank).len();
    let pair = RawPair { key: args.start..args.start + length, value: Some(value..args.end), legacy: true };
    Ok(Body::Pairs(vec![pair]))
}

fn names(line: &str, args: Range<usize>, escape: char) -> Body {
    let words = quoted_words(line, args, escape);
    if words.is_empty() {
        return Body::Empty;
    }
    let pair = |word: &Range<usize>| {
        split_pair(line, word).unwrap_or(RawPair { key: word.clone(), value: None, legacy: false })
    };
    Body::Pairs(words.iter().map(pair).collect())
}

fn split_pair(line: &str, word: &Range<usize>) -> Option<RawPair> {
    let equals = word.start + line[word.clone()].find('=')?;
    Some(RawPair { key: word.start..equals, value: Some(equals + 1..word.end), legacy: false })
}
