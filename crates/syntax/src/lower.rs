//! From a logical line to a typed instruction.

use std::ops::Range;

use text_size::TextRange;

use crate::body::{self, Body, Problem, RawPair};
use crate::error::ParseError;
use crate::flags;
use crate::grammar::{Grammar, Line};
use crate::instruction::{
    Arguments, CommandForm, Flag, Heredoc, Instruction, JsonString, KeyValue, Keyword, Transfer, Word,
};
use crate::json::RawString;
use crate::lines::{go_lower, range, size};
use crate::scanner::{Logical, RawHeredoc, opener};
use crate::source_map::SourceMap;
use crate::split::{self, RawFlag};

/// Makes an instruction of a logical line.
pub(crate) fn instruction(
    logical: Logical,
    escape: char,
    grammar: &mut Grammar<'_>,
) -> Result<Instruction, ParseError> {
    let lowering = Lowering { joined: &logical.joined, map: &logical.map, escape };
    let split = &logical.split;
    let place = lowering.place(&split.keyword);
    let whole = lowering.place(&split::trim(&logical.joined, 0..logical.joined.len()));
    let error = |problem: Problem| {
        let range = if problem.range.is_empty() { whole } else { lowering.place(&problem.range) };
        ParseError::new(range, problem.message, problem.help)
    };
    let written = &logical.joined[split.keyword.clone()];
    let keyword = Keyword::from_text(written).ok_or_else(|| unknown_keyword(place, written))?;
    let mut heredocs = logical.heredocs;
    let end = heredocs.last().map_or(whole.end(), |heredoc| heredoc.terminator.end());
    let arguments = if keyword == Keyword::Onbuild {
        flags::check(keyword, &split.flags).map_err(error)?;
        let trigger = lowering.onbuild(&split.args, (logical.start_line, logical.end_line), &mut heredocs, grammar);
        trigger.map_err(|trigger| match trigger {
            Trigger::Problem(problem) => error(problem),
            Trigger::Error(error) => error,
        })?
    } else {
        lowering.arguments(keyword, split, grammar).map_err(error)?
    };
    Ok(Instruction {
        keyword,
        keyword_range: place,
        range: TextRange::new(place.start(), end),
        start_line: logical.start_line,
        end_line: logical.end_line,
        flags: split.flags.iter().map(|flag| lowering.flag(flag)).collect(),
        heredocs: heredocs.into_iter().map(|heredoc| lowering.heredoc(heredoc)).collect(),
        arguments,
        joined: logical.joined,
        joined_map: logical.map,
    })
}

/// Why the trigger of an ONBUILD is refused.
enum Trigger {
    Problem(Problem),
    Error(ParseError),
}

struct Lowering<'a> {
    joined: &'a str,
    map: &'a SourceMap,
    escape: char,
}

impl Lowering<'_> {
    /// The source place of a piece of the joined text; an empty piece stands behind the byte before it.
    fn place(&self, piece: &Range<usize>) -> TextRange {
        if piece.is_empty() {
            let at = match piece.start.checked_sub(1) {
                Some(before) => self.map.offset(size(before)).map(|at| at + size(1)),
                None => self.map.offset(size(0)),
            };
            return TextRange::empty(at.expect("impossible: every joined byte stands in the source"));
        }
        self.map.span(range(piece.start, piece.end)).expect("impossible: joined text grows along the source").range
    }

    fn word(&self, piece: &Range<usize>) -> Word {
        let range = self.place(piece);
        Word { text: self.joined[piece.clone()].to_owned(), range, contiguous: usize::from(range.len()) == piece.len() }
    }

    fn words(&self, pieces: &[Range<usize>]) -> Vec<Word> {
        pieces.iter().map(|piece| self.word(piece)).collect()
    }

    fn flag(&self, flag: &RawFlag) -> Flag {
        let (name, _) = flags::name_and_value(flag);
        let written = &self.joined[flag.range.clone()];
        let value = written.find('=').map(|equals| self.word(&(flag.range.start + equals + 1..flag.range.end)));
        Flag { name: go_lower(name), value, range: self.place(&flag.range) }
    }

    fn pair(&self, pair: &RawPair) -> KeyValue {
        let end = pair.value.as_ref().unwrap_or(&pair.key).end;
        KeyValue {
            key: self.word(&pair.key),
            value: pair.value.as_ref().map(|value| self.word(value)),
            range: self.place(&(pair.key.start..end)),
            legacy: pair.legacy,
        }
    }

    fn json_string(&self, string: RawString) -> JsonString {
        let mut map = SourceMap::default();
        for (derived, piece) in string.pieces {
            map.extend_from(size(derived), self.map, range(piece.start, piece.end));
        }
        JsonString { value: string.value, range: self.place(&string.range), map }
    }

    fn json_strings(&self, strings: Vec<RawString>) -> Vec<JsonString> {
        strings.into_iter().map(|string| self.json_string(string)).collect()
    }

    fn heredoc(&self, heredoc: RawHeredoc) -> Heredoc {
        Heredoc {
            name: heredoc.opener.name,
            file_descriptor: heredoc.opener.file_descriptor,
            expand: heredoc.opener.expand,
            strip_tabs: heredoc.opener.strip_tabs,
            opener: self.place(&heredoc.place),
            body: heredoc.body,
            terminator: heredoc.terminator,
        }
    }

    /// The command of RUN, CMD, ENTRYPOINT or HEALTHCHECK.
    fn command(&self, body: Body, args: &Range<usize>) -> CommandForm {
        match body {
            Body::Json(strings) => CommandForm::Exec { strings: self.json_strings(strings), range: self.place(args) },
            _ => CommandForm::Shell { joined: range(args.start, args.end), range: self.place(args) },
        }
    }

    fn arguments(
        &self,
        keyword: Keyword,
        split: &split::Split,
        grammar: &mut Grammar<'_>,
    ) -> Result<Arguments, Problem> {
        if keyword == Keyword::Healthcheck {
            return self.healthcheck(split);
        }
        let args = &split.args;
        let body = match grammar.body(keyword, Line { joined: self.joined, map: self.map, split, escape: self.escape })
        {
            Some(body) => body,
            None => body::body(keyword, self.joined, args.clone(), self.escape)?,
        };
        let whole = split.keyword.start..split.keyword.start;
        if body == Body::Empty
            && let Some(message) = missing(keyword)
        {
            return Err(Problem::meaning(whole, format!("{keyword} {message}"), "add what is missing, or remove it"));
        }
        let arguments = match (keyword, body) {
            (Keyword::From, Body::Words(words)) => self.from(&words, whole)?,
            (Keyword::Copy | Keyword::Add, Body::Words(words)) => {
                self.check_transfer(keyword, words.len(), words.last().map(|word| &self.joined[word.clone()]))?;
                Arguments::Transfer(Transfer::Plain(self.words(&words)))
            }
            (Keyword::Copy | Keyword::Add, Body::Json(strings)) => {
                self.check_transfer(keyword, strings.len(), strings.last().map(|string| string.value.as_str()))?;
                Arguments::Transfer(Transfer::Json(self.json_strings(strings)))
            }
            (Keyword::Volume, Body::Json(strings)) => {
                check_volumes(&strings, whole)?;
                Arguments::Json(self.json_strings(strings))
            }
            (Keyword::Shell, Body::Json(strings)) if strings.is_empty() => {
                return Err(Problem::meaning(whole, "SHELL requires at least one argument", "name the shell"));
            }
            (Keyword::Shell, Body::Json(strings)) => Arguments::Shell(self.json_strings(strings)),
            (Keyword::Shell, _) => {
                let message = "SHELL requires the arguments to be in JSON form";
                return Err(Problem::meaning(args.clone(), message, "write SHELL [\"/bin/bash\", \"-c\"]"));
            }
            (Keyword::Run | Keyword::Cmd | Keyword::Entrypoint, body) => Arguments::Command(self.command(body, args)),
            (_, Body::Pairs(pairs)) => self.pairs(keyword, &pairs)?,
            (_, Body::Words(words)) => {
                // What is no blank for the word rules may still be white space.
                if keyword == Keyword::Volume
                    && let Some(blank) = words.iter().find(|word| self.joined[(*word).clone()].trim().is_empty())
                {
                    let message = "VOLUME specified can not be an empty string";
                    return Err(Problem::meaning(blank.clone(), message, "name a directory"));
                }
                Arguments::Words(self.words(&words))
            }
            (_, Body::Rest(rest)) => Arguments::Words(vec![self.word(&rest)]),
            (_, Body::Json(_) | Body::Empty) => Arguments::Words(Vec::new()),
        };
        flags::check(keyword, &split.flags)?;
        Ok(arguments)
    }

    fn from(&self, words: &[Range<usize>], whole: Range<usize>) -> Result<Arguments, Problem> {
        match words {
            [image] => Ok(Arguments::From { image: self.word(image), name: None }),
            [image, separator, name] if go_lower(&self.joined[separator.clone()]).replace('ſ', "s") == "as" => {
                if !is_stage_name(&self.joined[name.clone()]) {
                    return Err(Problem::meaning(
                        name.clone(),
                        format!("invalid name for build stage: \"{}\"", &self.joined[name.clone()]),
                        "a stage name starts with a letter and holds letters, digits, `-`, `_` and `.` only",
                    ));
                }
                Ok(Arguments::From { image: self.word(image), name: Some(self.word(name)) })
            }
            _ => Err(Problem::meaning(
                whole,
                "FROM requires either one or three arguments",
                "write FROM image, or FROM image AS name",
            )),
        }
    }

    fn pairs(&self, keyword: Keyword, pairs: &[RawPair]) -> Result<Arguments, Problem> {
        if let Some(pair) = pairs.iter().find(|pair| pair.key.is_empty() && pair.value.is_some()) {
            let place = pair.key.start..pair.value.as_ref().map_or(pair.key.end, |value| value.end);
            return Err(Problem::meaning(place, format!("{keyword} names can not be blank"), "put a name before ="));
        }
        Ok(Arguments::Pairs(pairs.iter().map(|pair| self.pair(pair)).collect()))
    }

    fn check_transfer(&self, keyword: Keyword, count: usize, destination: Option<&str>) -> Result<(), Problem> {
        let whole = 0..self.joined.trim_end().len();
        if count < 2 {
            let message = format!("{keyword} requires at least two arguments: a source and a destination");
            return Err(Problem::meaning(whole, message, "name the destination"));
        }
        if destination.is_some_and(|destination| matches!(opener(destination), Ok(Some(_)))) {
            let message = format!("{keyword} cannot accept a heredoc as a destination");
            return Err(Problem::meaning(whole, message, "put the destination last"));
        }
        Ok(())
    }

    fn healthcheck(&self, split: &split::Split) -> Result<Arguments, Problem> {
        let (kind, command) = body::healthcheck(self.joined, split.args.clone());
        let parsed = body::command(self.joined, command.clone())?;
        let whole = split.keyword.start..split.keyword.start;
        match self.joined[kind.clone()].to_uppercase().as_str() {
            "" => {
                let message = "HEALTHCHECK requires at least one argument";
                Err(Problem::meaning(whole, message, "write HEALTHCHECK CMD command, or HEALTHCHECK NONE"))
            }
            "NONE"
                if matches!(&parsed, Body::Rest(_))
                    || matches!(&parsed, Body::Json(strings) if !strings.is_empty()) =>
            {
                Err(Problem::meaning(command, "HEALTHCHECK NONE takes no arguments", "remove what follows NONE"))
            }
            "NONE" => Ok(Arguments::Healthcheck(None)),
            "CMD" => {
                flags::check(Keyword::Healthcheck, &split.flags)?;
                if parsed == Body::Empty || matches!(&parsed, Body::Json(strings) if strings.is_empty()) {
                    let message = "Missing command after HEALTHCHECK CMD";
                    return Err(Problem::meaning(whole, message, "add the command"));
                }
                Ok(Arguments::Healthcheck(Some(self.command(parsed, &command))))
            }
            other => Err(Problem::meaning(
                kind,
                format!("Unknown type \"{other}\" in HEALTHCHECK (try CMD)"),
                "write HEALTHCHECK CMD command, or HEALTHCHECK NONE",
            )),
        }
    }

    /// The trigger of an ONBUILD. BuildKit only reads it; it does not check that it makes sense, so a trigger that
    /// does not is kept as one word.
    fn onbuild(
        &self,
        args: &Range<usize>,
        (start_line, end_line): (u32, u32),
        heredocs: &mut Vec<RawHeredoc>,
        grammar: &mut Grammar<'_>,
    ) -> Result<Arguments, Trigger> {
        if args.is_empty() {
            let message = "ONBUILD requires at least one argument";
            return Err(Trigger::Problem(Problem::meaning(args.clone(), message, "add the instruction to run")));
        }
        let joined = self.joined[args.clone()].to_owned();
        let split = split::split(&joined, 0..joined.len(), self.escape);
        let shifted = |piece: &Range<usize>| piece.start + args.start..piece.end + args.start;
        let keyword = Keyword::from_text(&joined[split.keyword.clone()]);
        let refused = match keyword {
            Some(Keyword::Onbuild) => Some("chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed".to_owned()),
            Some(keyword @ (Keyword::From | Keyword::Maintainer)) => {
                Some(format!("{keyword} isn't allowed as an ONBUILD trigger"))
            }
            _ => None,
        };
        if let Some(message) = refused {
            let place = shifted(&split.keyword);
            return Err(Trigger::Problem(Problem::meaning(place, message, "use another instruction")));
        }
        let mut map = SourceMap::default();
        map.extend_from(size(0), self.map, range(args.start, args.end));
        let inner = Lowering { joined: &joined, map: &map, escape: self.escape };
        let usable = match keyword.map(|keyword| inner.arguments(keyword, &split, grammar)) {
            Some(Ok(_)) => true,
            Some(Err(problem)) if problem.syntax => {
                let place = shifted(&problem.range);
                return Err(Trigger::Problem(Problem { range: place, ..problem }));
            }
            Some(Err(_)) | None => false,
        };
        if !usable {
            return Ok(Arguments::Words(vec![self.word(args)]));
        }
        let heredocs = heredocs.drain(..);
        let heredocs = heredocs
            .map(|heredoc| {
                let place =
                    heredoc.place.start.saturating_sub(args.start)..heredoc.place.end.saturating_sub(args.start);
                RawHeredoc { place, ..heredoc }
            })
            .collect();
        let logical = Logical { joined, map, split, start_line, end_line, heredocs };
        instruction(logical, self.escape, grammar)
            .map(|trigger| Arguments::Onbuild(Box::new(trigger)))
            .map_err(Trigger::Error)
    }
}

/// What BuildKit says when an instruction has no arguments; `None` where that is allowed.
fn missing(keyword: Keyword) -> Option<&'static str> {
    match keyword {
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => None,
        Keyword::From => Some("requires either one or three arguments"),
        Keyword::Copy | Keyword::Add => Some("requires at least two arguments: a source and a destination"),
        Keyword::Maintainer | Keyword::Stopsignal | Keyword::User | Keyword::Workdir => {
            Some("requires exactly one argument")
        }
        _ => Some("requires at least one argument"),
    }
}

fn check_volumes(strings: &[RawString], whole: Range<usize>) -> Result<(), Problem> {
    if strings.is_empty() {
        return Err(Problem::meaning(whole, "VOLUME requires at least one argument", "name a directory"));
    }
    if let Some(blank) = strings.iter().find(|string| string.value.trim().is_empty()) {
        let message = "VOLUME specified can not be an empty string";
        return Err(Problem::meaning(blank.range.clone(), message, "name a directory"));
    }
    Ok(())
}

/// `[a-z][a-z0-9-_.]*` in lower case.
fn is_stage_name(name: &str) -> bool {
    let name = go_lower(name);
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
}

fn unknown_keyword(place: TextRange, written: &str) -> ParseError {
    let upper = written.to_uppercase();
    let near = Keyword::ALL.iter().map(|keyword| keyword.as_str()).find(|known| is_near(known, &upper));
    let help = near.map_or_else(
        || "the instructions are listed in the Dockerfile reference".to_owned(),
        |known| format!("did you mean {known}?"),
    );
    ParseError::new(place, format!("unknown instruction: {written}"), help)
}

/// Whether one letter more, less, changed or swapped makes `a` of `b`.
fn is_near(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().take(32).collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    (a.len() <= 1 && b.len() <= 1) || (a.len() == 2 && b.len() == 2 && a[0] == b[1] && a[1] == b[0])
}
