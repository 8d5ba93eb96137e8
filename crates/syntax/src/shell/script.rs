//! Whole scripts: parsing, the bodies of here-documents, numbering.

use crate::shell::ast::{Command, Dialect, List, Nested, NestedKind, Opaque, Redirect, ShellScript};
use crate::shell::command::reads_script_from_input;
use crate::shell::parser::{HeredocBody, MAX_DEPTH, Parsed, Parser, Piece, opaque};
use crate::shell::second_opinion;
use crate::shell::text::{TextBuilder, span};
use crate::shell::visit;
use crate::source_map::SourceMap;

/// Reads a shell script.
///
/// `text` is what the shell sees and `map` tells where it stands in the source. A script that cannot be read, or that
/// a second parser reads otherwise, is opaque: it has a reason in place of a tree. Both dialects are read by bash's
/// grammar (only `((` is two subshells to `sh`); where another shell would see something else is for rules to say.
#[must_use]
pub fn parse_script(text: &str, map: &SourceMap, dialect: Dialect) -> ShellScript {
    let list = parse_list(text, map, &dialect, 0);
    let mut script = ShellScript { dialect, text: text.to_owned(), map: map.clone(), list };
    number(&mut script);
    script
}

/// Numbers all simple commands in the order a visit meets them.
pub(super) fn number(script: &mut ShellScript) {
    let mut next = 0;
    visit::each_command_mut(script, &mut |command| {
        if let Command::Simple(simple) = command {
            simple.id = next;
            next += 1;
        }
    });
}

/// Parses a script inside another; its commands are numbered with the root's.
pub(super) fn nested_script(inner: TextBuilder, dialect: &Dialect, depth: usize) -> ShellScript {
    let list = parse_list(&inner.text, &inner.map, dialect, depth + 1);
    ShellScript { dialect: dialect.clone(), text: inner.text, map: inner.map, list }
}

fn parse_list(text: &str, map: &SourceMap, dialect: &Dialect, depth: usize) -> Result<List, Opaque> {
    if let Dialect::Other(name) = dialect {
        return Err(Opaque { reason: format!("`{name}` is not a POSIX shell") });
    }
    if u32::try_from(text.len()).is_err() {
        return Err(Opaque { reason: "longer than 4 GiB".to_owned() });
    }
    if depth > MAX_DEPTH {
        return Err(Opaque { reason: format!("nested more than {MAX_DEPTH} levels deep") });
    }
    let mut parser = Parser::new(text, map, dialect, depth);
    let mut list = parser.program().map_err(|error| opaque(text, &error))?;
    second_opinion::check(&parser)?;
    let mut bodies = std::mem::take(&mut parser.bodies);
    if !bodies.is_empty() {
        visit::each_in_list_mut(&mut list, &mut |command| attach_bodies(command, &mut bodies, &parser));
    }
    Ok(list)
}

impl Parser<'_> {
    fn program(&mut self) -> Parsed<List> {
        let list = self.list(true)?;
        self.skip_newlines()?;
        if self.peek().is_some() {
            return self.error("unexpected token");
        }
        match self.pending.first() {
            Some(heredoc) => self.error(format!("here-document `{}` without a body", heredoc.delimiter)),
            None => Ok(list),
        }
    }

    /// The script a here-document gives to the shell that reads it.
    fn heredoc_script(&self, body: &HeredocBody) -> TextBuilder {
        if !body.strip_tabs {
            return self.decode(&body.pieces);
        }
        let mut pieces = Vec::new();
        let mut line_start = true;
        for piece in &body.pieces {
            let Piece::Verbatim(start, end) = piece else {
                pieces.push(piece.clone());
                line_start = false;
                continue;
            };
            let mut at = *start;
            for line in self.text[*start..*end].split_inclusive('\n') {
                let tabs = if line_start { line.len() - line.trim_start_matches('\t').len() } else { 0 };
                pieces.push(Piece::Verbatim(at + tabs, at + line.len()));
                at += line.len();
                line_start = line.ends_with('\n');
            }
        }
        self.decode(&pieces)
    }
}

/// Gives the here-documents of one command their bodies, and reads the body as a script when a shell gets it.
fn attach_bodies(command: &mut Command, bodies: &mut [HeredocBody], parser: &Parser<'_>) {
    match command {
        Command::Simple(simple) => {
            let scripts = attach(&mut simple.redirects, bodies, parser);
            let shell = reads_script_from_input(simple);
            for (nested, input) in scripts {
                simple.nested.extend(nested);
                if let (Some(text), Some(dialect)) = (input, &shell) {
                    let script = nested_script(text, dialect, parser.depth);
                    simple.nested.push(Nested { kind: NestedKind::Heredoc, script });
                }
            }
        }
        Command::Compound(compound) => {
            for (nested, _) in attach(&mut compound.redirects, bodies, parser) {
                compound.nested.extend(nested);
            }
        }
    }
}

type BodyScripts = (Vec<Nested>, Option<TextBuilder>);

/// Fills in the redirections; gives for each here-document its substitutions and, for standard input, its script.
fn attach(redirects: &mut [Redirect], bodies: &mut [HeredocBody], parser: &Parser<'_>) -> Vec<BodyScripts> {
    let mut scripts = Vec::new();
    for redirect in redirects {
        let Some(index) = redirect.body.take() else { continue };
        let body = &mut bodies[index];
        let text = &parser.text[body.start..body.end];
        redirect.heredoc = Some(if body.strip_tabs { strip_tabs(text) } else { text.to_owned() });
        redirect.heredoc_span = Some(span(parser.map, body.start, body.end));
        let nested = std::mem::take(&mut body.nested);
        let input = redirect.fd.unwrap_or(0) == 0;
        scripts.push((nested, input.then(|| parser.heredoc_script(body))));
    }
    scripts
}

fn strip_tabs(text: &str) -> String {
    text.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
}
