//! Cuts a Dockerfile into instructions by BuildKit's own rules: the only authority on where one begins and ends.
//!
//! The rules are those of `frontend/dockerfile/parser` of moby/buildkit: byte order mark, parser directives and their
//! order, the escape token, comment and blank lines inside continuations, here-documents.

use std::ops::Range;

use text_size::TextRange;

use crate::dockerfile::{Directive, DirectiveName, Newline};
use crate::error::ParseError;
use crate::json;
use crate::lex::{self, NoVariables, Options};
use crate::lines::{Line, Lines, go_lower, is_blank, range, size};
use crate::source_map::{Segment, SourceMap};
use crate::split::{self, Split};

const BOM: &str = "\u{feff}";

/// Everything the scanner finds.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) bom: bool,
    pub(crate) newline: Newline,
    pub(crate) directives: Vec<Directive>,
    pub(crate) escape: char,
    pub(crate) comments: Vec<TextRange>,
    pub(crate) instructions: Vec<Logical>,
}

/// An instruction's logical line and the heredocs behind it.
#[derive(Debug)]
pub(crate) struct Logical {
    /// Continuations glued, comment and blank lines left out, no blanks before the keyword.
    pub(crate) joined: String,
    pub(crate) map: SourceMap,
    pub(crate) split: Split,
    pub(crate) start_line: u32,
    pub(crate) end_line: u32,
    pub(crate) heredocs: Vec<RawHeredoc>,
}

/// A heredoc whose opener is still a range of the joined text.
#[derive(Debug)]
pub(crate) struct RawHeredoc {
    pub(crate) opener: Opener,
    pub(crate) place: Range<usize>,
    pub(crate) body: TextRange,
    pub(crate) terminator: TextRange,
}

/// `<<NAME` with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opener {
    pub(crate) name: String,
    pub(crate) file_descriptor: u32,
    pub(crate) expand: bool,
    pub(crate) strip_tabs: bool,
}

/// Scans the whole text in one pass.
pub(crate) fn scan(text: &str) -> Result<Scan, ParseError> {
    let bom = text.starts_with(BOM);
    let first_line = text.split_inclusive('\n').next().unwrap_or_default();
    let mut scanner = Scanner {
        text,
        lines: Lines::new(text, if bom { BOM.len() } else { 0 }),
        directives_done: false,
        scan: Scan {
            bom,
            newline: if first_line.ends_with("\r\n") { Newline::Crlf } else { Newline::Lf },
            directives: Vec::new(),
            escape: '\\',
            comments: Vec::new(),
            instructions: Vec::new(),
        },
    };
    while let Some(line) = scanner.lines.next_line()? {
        scanner.line(line)?;
    }
    Ok(scanner.scan)
}

struct Scanner<'t> {
    text: &'t str,
    lines: Lines<'t>,
    directives_done: bool,
    scan: Scan,
}

impl Scanner<'_> {
    /// A line that no instruction has claimed.
    fn line(&mut self, line: Line) -> Result<(), ParseError> {
        let content = self.text[line.start..line.end].trim_start();
        let start = line.end - content.len();
        if !self.directives_done {
            if let Some(directive) = self.directive(start..line.end)? {
                self.scan.directives.push(directive);
                return Ok(());
            }
            self.directives_done = true;
        }
        if content.starts_with('#') {
            self.scan.comments.push(range(start, line.end));
        } else if !content.is_empty() {
            self.instruction(start, line)?;
        }
        Ok(())
    }

    fn directive(&mut self, place: Range<usize>) -> Result<Option<Directive>, ParseError> {
        let Some((name, value)) = directive_parts(&self.text[place.clone()]) else { return Ok(None) };
        let range = range(place.start, place.end);
        let (name, spelled) = match name.to_ascii_lowercase().as_str() {
            "syntax" => (DirectiveName::Syntax, "syntax"),
            "escape" => (DirectiveName::Escape, "escape"),
            "check" => (DirectiveName::Check, "check"),
            _ => return Ok(None),
        };
        if self.scan.directives.iter().any(|earlier| earlier.name == name) {
            let message = format!("only one {spelled} parser directive can be used");
            return Err(ParseError::new(range, message, "remove the repeated directive"));
        }
        if name == DirectiveName::Escape {
            self.scan.escape = match value {
                "\\" => '\\',
                "`" => '`',
                _ => {
                    let message = format!("invalid escape token '{value}': it must be ` or \\");
                    return Err(ParseError::new(range, message, "write `# escape=\\` or `` # escape=` ``"));
                }
            };
        }
        Ok(Some(Directive { name, value: value.to_owned(), range }))
    }

    fn instruction(&mut self, start: usize, first: Line) -> Result<(), ParseError> {
        let mut joined = Joined::default();
        let mut open = joined.append(self.text, start..first.end, self.scan.escape);
        while open {
            let Some(line) = self.lines.next_line()? else { break };
            let content = self.text[line.start..line.end].trim_start();
            if content.starts_with('#') {
                self.scan.comments.push(range(line.end - content.len(), line.end));
            } else if !content.is_empty() {
                open = joined.append(self.text, line.start..line.end, self.scan.escape);
            }
        }
        let joined = joined.without_leading_blanks();
        let split = split::split(&joined.text, 0..joined.text.len(), self.scan.escape);
        if split.keyword.is_empty() {
            return Err(ParseError::new(
                range(start, first.end),
                "a line continuation without an instruction",
                "remove the stray escape token",
            ));
        }
        let heredocs = self.heredocs(&joined, &split)?;
        self.scan.instructions.push(Logical {
            joined: joined.text,
            map: joined.map,
            split,
            start_line: first.number,
            end_line: self.lines.number(),
            heredocs,
        });
        Ok(())
    }

    fn heredocs(&mut self, joined: &Joined, split: &Split) -> Result<Vec<RawHeredoc>, ParseError> {
        if !joined.text.contains("<<") || !may_have_heredocs(&joined.text, split, self.scan.escape) {
            return Ok(Vec::new());
        }
        let place_of = |place: &Range<usize>| {
            let span = joined.map.span(range(place.start, place.end));
            span.map_or_else(|| range(0, 0), |span| span.range)
        };
        let openers = openers(&joined.text).map_err(|(message, place)| {
            ParseError::new(place_of(&place), message, "check the quotes and variables of the heredoc's name")
        })?;
        let mut heredocs = Vec::new();
        for (opener, place) in openers {
            let Some((body, terminator)) = self.heredoc_body(&opener)? else {
                return Err(ParseError::new(
                    place_of(&place),
                    format!("unterminated heredoc: no line `{}` follows", opener.name),
                    "end the heredoc with its name alone on a line",
                ));
            };
            heredocs.push(RawHeredoc { opener, place, body, terminator });
        }
        Ok(heredocs)
    }

    fn heredoc_body(&mut self, opener: &Opener) -> Result<Option<(TextRange, TextRange)>, ParseError> {
        let start = self.lines.offset();
        while let Some(line) = self.lines.next_line()? {
            let content = &self.text[line.start..line.end];
            let content = if opener.strip_tabs { content.trim_start_matches('\t') } else { content };
            if content == opener.name {
                return Ok(Some((range(start, line.start), range(line.start, line.end))));
            }
        }
        Ok(None)
    }
}

/// A logical line under construction.
#[derive(Debug, Default)]
struct Joined {
    text: String,
    map: SourceMap,
}

impl Joined {
    /// Appends a piece of source without its continuation; true when there was one.
    fn append(&mut self, source: &str, place: Range<usize>, escape: char) -> bool {
        let text = &source[place.clone()];
        let content = text.trim_end_matches([' ', '\t']);
        // An escape token before the last one makes it an ordinary character.
        let without = content.strip_suffix(escape).filter(|before| !before.ends_with(escape));
        let taken = without.unwrap_or(text);
        self.map.push(Segment { derived: size(self.text.len()), source: size(place.start), len: size(taken.len()) });
        self.text.push_str(taken);
        without.is_some()
    }

    /// The keyword first, as it is when the first line holds more than a continuation.
    fn without_leading_blanks(self) -> Self {
        let blanks = self.text.len() - self.text.trim_start().len();
        if blanks == 0 {
            return self;
        }
        let mut map = SourceMap::default();
        map.extend_from(size(0), &self.map, range(blanks, self.text.len()));
        Self { text: self.text[blanks..].to_owned(), map }
    }
}

/// The name and value of `# name = value`.
fn directive_parts(comment: &str) -> Option<(&str, &str)> {
    // Go's `\s`, which knows no vertical tab.
    let blank = |c: char| matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ');
    let text = comment.strip_prefix('#')?.trim_start();
    let (name, value) = text.split_once('=')?;
    let name = name.trim_end_matches(blank);
    let valid = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    let trimmed = value.trim_matches(blank);
    let value = if trimmed.is_empty() { value.get(value.len().checked_sub(1)?..)? } else { trimmed };
    valid.then_some((name, value))
}

/// Whether BuildKit looks for heredocs here: in RUN, COPY and ADD in the plain form, also behind ONBUILD.
fn may_have_heredocs(line: &str, split: &Split, escape: char) -> bool {
    let inner;
    let split = if go_lower(&line[split.keyword.clone()]) == "onbuild" {
        inner = split::split(line, split.args.clone(), escape);
        &inner
    } else {
        split
    };
    matches!(go_lower(&line[split.keyword.clone()]).as_str(), "run" | "copy" | "add")
        && !matches!(json::array(line, split.args.clone()), json::Array::Strings(_))
}

/// Something and the piece of the joined text that it is about.
type Placed<T> = (T, Range<usize>);

/// The heredocs that a logical line opens.
fn openers(line: &str) -> Result<Vec<Placed<Opener>>, Placed<String>> {
    // BuildKit looks with `\` as escape token whatever the directive says, and takes a line it cannot lex as one
    // without heredocs.
    let options = Options { raw_quotes: true, raw_escapes: true, keep_unset: true, ..Options::new('\\') };
    let Ok(lexed) = lex::lex(line, options, &mut NoVariables) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for word in lexed.words {
        if let Some(opener) = opener(&word.text).map_err(|message| (message, word.range.clone()))? {
            found.push((opener, word.range));
        }
    }
    Ok(found)
}

/// Reads a word as `[n]<<[-]NAME`.
pub(crate) fn opener(word: &str) -> Result<Option<Opener>, String> {
    let after_digits = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = &word[..word.len() - after_digits.len()];
    let Some(rest) = after_digits.strip_prefix("<<") else { return Ok(None) };
    let stripped = rest.strip_prefix('-');
    let rest = stripped.unwrap_or(rest).trim_start_matches(|c: char| is_blank(c) && c != '\x0b');
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let options = Options { keep_unset: true, ..Options::new('\\') };
    let name = lex::lex(rest, options, &mut NoVariables)?;
    let [name] = name.words.as_slice() else { return Ok(None) };
    let raw = lex::lex(rest, Options { raw_quotes: true, ..options }, &mut NoVariables)?;
    let [raw] = raw.words.as_slice() else {
        return Err(format!("the heredoc name {rest} cannot be read"));
    };
    let quotes = |text: &str| text.matches(['\'', '"']).count();
    Ok(Some(Opener {
        name: name.text.clone(),
        file_descriptor: if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u32::MAX) },
        expand: quotes(&name.text) == quotes(&raw.text),
        strip_tabs: stripped.is_some(),
    }))
}
