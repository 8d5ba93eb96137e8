//! The arguments of one instruction by the tree-sitter grammar.
//!
//! The grammar reads the source bytes of the logical line only (`set_included_ranges`), so that its offsets are source
//! offsets. Its answer counts when it has no error, agrees with the scanner on the flags, covers every byte of the
//! arguments that is not blank and splits no word; else Docker's own word rules decide ([`crate::body`]).

use std::ops::Range;

use tree_sitter::{Node, Parser, Point, Tree};

use crate::body::{Body, RawPair};
use crate::instruction::Keyword;
use crate::json;
use crate::lines::{is_blank, range, size};
use crate::source_map::SourceMap;
use crate::split::{Split, quoted_words};

/// Longer instructions go straight to the word rules: error recovery is not linear.
const MAX_LENGTH: usize = 8 * 1024;

/// After so many instructions that the grammar could not read, the rest of the file goes straight to the word rules.
const MAX_FAILURES: usize = 64;

/// A parser for one file.
pub(crate) struct Grammar<'t> {
    source: &'t str,
    parser: Option<Parser>,
    failures: usize,
}

/// A logical line.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) joined: &'a str,
    pub(crate) map: &'a SourceMap,
    pub(crate) split: &'a Split,
    pub(crate) escape: char,
}

impl<'t> Grammar<'t> {
    pub(crate) fn new(source: &'t str) -> Self {
        Self { source, parser: None, failures: 0 }
    }

    /// The parts of the arguments, when the grammar can be trusted with them.
    pub(crate) fn body(&mut self, keyword: Keyword, line: Line<'_>) -> Option<Body> {
        let kind = node_kind(keyword)?;
        if line.split.args.is_empty() || line.split.args.end > MAX_LENGTH || self.failures >= MAX_FAILURES {
            return None;
        }
        let body = self.tree(line).and_then(|tree| {
            let mut cursor = tree.walk();
            let root = tree.root_node();
            let mut children = root.named_children(&mut cursor);
            let node = children.next().filter(|node| node.kind() == kind && !root.has_error())?;
            if children.next().is_some() {
                return None;
            }
            Reader { line, end: line.split.args.end }.body(keyword, node)
        });
        self.failures += usize::from(body.is_none());
        body
    }

    fn tree(&mut self, line: Line<'_>) -> Option<Tree> {
        let mut part = SourceMap::default();
        part.extend_from(size(0), line.map, range(line.split.keyword.start, line.split.args.end));
        let ranges: Vec<tree_sitter::Range> = part
            .segments()
            .iter()
            .map(|segment| {
                let (start, end) = (usize::from(segment.source), usize::from(segment.source + segment.len));
                // Nobody asks for rows and columns.
                let (start_point, end_point) = (Point::new(0, start), Point::new(0, end));
                tree_sitter::Range { start_byte: start, end_byte: end, start_point, end_point }
            })
            .collect();
        let parser = match &mut self.parser {
            Some(parser) => parser,
            none => none.insert(new_parser()?),
        };
        parser.set_included_ranges(&ranges).ok()?;
        parser.parse(self.source, None)
    }
}

fn new_parser() -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_dockerfile::LANGUAGE.into()).ok()?;
    Some(parser)
}

/// The grammar's name for an instruction; `None` for those whose arguments are not its business: shell scripts belong
/// to the shell layer, and the trigger of an ONBUILD is asked for on its own.
fn node_kind(keyword: Keyword) -> Option<&'static str> {
    Some(match keyword {
        Keyword::Add => "add_instruction",
        Keyword::Arg => "arg_instruction",
        Keyword::Copy => "copy_instruction",
        Keyword::Env => "env_instruction",
        Keyword::Expose => "expose_instruction",
        Keyword::From => "from_instruction",
        Keyword::Label => "label_instruction",
        Keyword::Maintainer => "maintainer_instruction",
        Keyword::Shell => "shell_instruction",
        Keyword::Stopsignal => "stopsignal_instruction",
        Keyword::User => "user_instruction",
        Keyword::Volume => "volume_instruction",
        Keyword::Workdir => "workdir_instruction",
        Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck | Keyword::Onbuild | Keyword::Run => return None,
    })
}

struct Reader<'a> {
    line: Line<'a>,
    end: usize,
}

impl Reader<'_> {
    fn body(&self, keyword: Keyword, node: Node<'_>) -> Option<Body> {
        let mut flags = self.line.split.flags.iter();
        let mut words = Vec::new();
        let mut pairs = Vec::new();
        let mut array = None;
        let mut cursor = node.walk();
        let mut children = node.children(&mut cursor);
        let first = self.range(children.next()?)?;
        if first != self.line.split.keyword {
            return None;
        }
        for child in children {
            match child.kind() {
                "param" | "mount_param" if flags.next()?.range == self.range(child)? => {}
                "param" | "mount_param" => return None,
                "end_of_options" => {}
                "line_continuation" | "comment" => return None,
                "json_string_array" => array = Some(self.array(child)?),
                "env_pair" | "label_pair" | "arg_pair" => pairs.push(self.pair(child)?),
                _ => words.push(self.range(child)?),
            }
        }
        if flags.next().is_some() {
            return None;
        }
        let args = self.line.split.args.clone();
        match (keyword, array) {
            (_, Some((strings, whole))) => (words.is_empty() && whole == args).then_some(Body::Json(strings)),
            (Keyword::Maintainer | Keyword::Stopsignal | Keyword::User | Keyword::Workdir, None) => {
                (self.range(node)?.end == self.end).then_some(Body::Rest(args))
            }
            (Keyword::Env | Keyword::Label | Keyword::Arg, None) => {
                let pieces = pairs.iter().map(|pair| pair.key.start..pair.value.as_ref().unwrap_or(&pair.key).end);
                let pieces: Vec<Range<usize>> = pieces.collect();
                let legacy = pairs.iter().any(|pair| pair.legacy);
                let cut_alike = legacy || self.are_quoted_words(&pieces);
                (cut_alike && self.are_words(pieces.into_iter())).then_some(Body::Pairs(pairs))
            }
            (_, None) => {
                let plain = words.iter().all(|word| !self.text(word).contains(is_blank));
                (plain && self.are_words(words.iter().cloned())).then_some(Body::Words(words))
            }
        }
    }

    fn text(&self, piece: &Range<usize>) -> &str {
        &self.line.joined[piece.clone()]
    }

    /// The place of a node in the joined text.
    fn range(&self, node: Node<'_>) -> Option<Range<usize>> {
        let segments = self.line.map.segments();
        let derived = |source: usize| {
            let next = segments.partition_point(|segment| usize::from(segment.source) <= source);
            let segment = segments.get(next.checked_sub(1)?)?;
            let into = source - usize::from(segment.source);
            (into < usize::from(segment.len)).then(|| usize::from(segment.derived) + into)
        };
        let start = derived(node.start_byte())?;
        let end = derived(node.end_byte().checked_sub(1)?)? + 1;
        let on_boundaries = self.line.joined.is_char_boundary(start) && self.line.joined.is_char_boundary(end);
        (start < end && on_boundaries).then_some(start..end)
    }

    /// Whether the pieces lie one after the other, blanks between any two, and leave out nothing but blanks.
    fn are_words(&self, pieces: impl Iterator<Item = Range<usize>>) -> bool {
        let args = &self.line.split.args;
        let mut at = args.start;
        let mut first = true;
        for piece in pieces {
            let between = self.line.joined.get(at..piece.start);
            let apart = between.is_some_and(|text| text.chars().all(is_blank) && text.is_empty() == first);
            if !apart || piece.end > args.end {
                return false;
            }
            at = piece.end;
            first = false;
        }
        !first && at == args.end
    }

    fn pair(&self, node: Node<'_>) -> Option<RawPair> {
        let whole = self.range(node)?;
        let key = node.child_by_field_name("name").or_else(|| node.child_by_field_name("key"))?;
        let key = self.range(key)?;
        // Docker cuts at the first `=`, quoted or not, and knows names by no other rule.
        if key.start != whole.start || self.text(&key).contains(['=', '"', '\'', '\\', '`']) {
            return None;
        }
        let rest = self.line.joined.get(key.end..whole.end)?;
        let after = rest.trim_start_matches(is_blank);
        let legacy = after.len() < rest.len();
        let value = match (legacy, rest.strip_prefix('=')) {
            (true, _) => Some(whole.end - after.len()..whole.end),
            (false, Some("")) => Some(whole.end..whole.end),
            (false, Some(_)) => Some(key.end + 1..whole.end),
            (false, None) if rest.is_empty() => None,
            (false, None) => return None,
        };
        // The trailing blanks of the old form belong to nobody.
        Some(RawPair { key, value, legacy })
    }

    /// Whether Docker cuts the arguments at the same places: the grammar ends a word inside a quote that nothing closes,
    /// lets blanks stand before a quote or a `$`, and takes both escape tokens for one, whatever the file says.
    fn are_quoted_words(&self, pieces: &[Range<usize>]) -> bool {
        quoted_words(self.line.joined, self.line.split.args.clone(), self.line.escape) == pieces
    }

    fn array(&self, node: Node<'_>) -> Option<(Vec<json::RawString>, Range<usize>)> {
        let whole = self.range(node)?;
        let mut strings = Vec::new();
        let mut at = whole.start;
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            let piece = self.range(child)?;
            if child.kind() != "json_string" || !is_punctuation(self.line.joined.get(at..piece.start)?) {
                return None;
            }
            at = piece.end;
            strings.push(json::string(self.line.joined, piece)?);
        }
        is_punctuation(self.line.joined.get(at..whole.end)?).then_some((strings, whole))
    }
}

fn is_punctuation(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'[' | b']' | b',' | b' ' | b'\t' | b'\r'))
}

#[cfg(test)]
mod tests;
