//! The renderings of one run. Every format is told the same: each file in order, then the summary.
//!
//! What a file comes to is rendered by the thread that worked on it ([`Renderer`]); the frame around all files is
//! written by the thread that puts them in order ([`Reporter`]).

mod diff;
mod fingerprint;
mod github;
mod gitlab;
mod html;
mod json;
mod markdown;
mod plan;
mod position;
mod rdjson;
mod sarif;
mod summary;
mod text;

use std::io::{self, Write as _};

use crate::args::Format;
use crate::output::{Output, Palette};
use crate::pipeline::{Action, FileResult};

pub(crate) use html::{Page, part as page_part};
pub(crate) use plan::{BEGINNING as PLAN_BEGINNING, sha256};
pub(crate) use summary::{Counts, Summary};
pub(crate) use text::finding_line;

/// What a report looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Unified diffs.
    Diff {
        /// Somebody reads them as they come.
        watched: bool,
    },
    /// Findings, one a line.
    Findings,
    /// The same for somebody who watches: below the name of their file.
    Grouped {
        /// Also what is done and merely worth knowing.
        notes: bool,
    },
    /// What was rewritten, with what it leaves for a person.
    Rewritten {
        /// Also what is merely worth knowing.
        verbose: bool,
    },
    /// One document.
    Json,
    /// One document a line.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// Reviewdog's diagnostics.
    Rdjson,
    /// The body of a pull request.
    Markdown,
    /// Edits, to be applied later.
    Plan,
}

impl Kind {
    fn new(format: Format, action: Action, verbose: bool, watched: Option<usize>) -> Self {
        match (format, action) {
            (_, Action::Plan) => Self::Plan,
            (Format::Json, _) => Self::Json,
            (Format::Jsonl, _) => Self::Jsonl,
            (Format::Sarif, _) => Self::Sarif,
            (Format::Github, _) => Self::Github,
            (Format::Gitlab, _) => Self::Gitlab,
            (Format::Rdjson, _) => Self::Rdjson,
            (Format::Markdown, _) => Self::Markdown,
            (Format::Text, Action::Diff | Action::Convert) => Self::Diff { watched: watched.is_some() },
            (Format::Text, Action::Check) => match watched {
                Some(files) => Self::Grouped { notes: verbose || files == 1 },
                None => Self::Findings,
            },
            (Format::Text, Action::Apply { .. }) => Self::Rewritten { verbose },
        }
    }

    /// What stands before, between and after the parts of the files.
    fn frame(self) -> Frame {
        match self {
            Self::Json => json::FRAME,
            Self::Sarif => sarif::FRAME,
            Self::Gitlab => gitlab::FRAME,
            Self::Rdjson => rdjson::FRAME,
            Self::Plan => plan::FRAME,
            Self::Diff { .. }
            | Self::Findings
            | Self::Grouped { .. }
            | Self::Rewritten { .. }
            | Self::Jsonl
            | Self::Github
            | Self::Markdown => Frame { before_first: "", between: "" },
        }
    }
}

/// What stands around the parts that files give.
struct Frame {
    before_first: &'static str,
    between: &'static str,
}

/// Renders what one file comes to. Knows nothing of the other files, so that every thread can do it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Renderer {
    kind: Kind,
    palette: Palette,
}

impl Renderer {
    /// One file's part; empty when the file has nothing to say in this format.
    pub(crate) fn file(&self, result: &FileResult) -> io::Result<Vec<u8>> {
        let mut part = Vec::new();
        let out = &mut part;
        match self.kind {
            Kind::Diff { watched } => diff::file(out, self.palette, watched, result)?,
            Kind::Findings => text::findings(out, self.palette, result)?,
            Kind::Grouped { notes } => text::grouped(out, self.palette, result, notes)?,
            Kind::Rewritten { verbose } => text::rewritten(out, self.palette, result, verbose)?,
            Kind::Json => json::file(out, result)?,
            Kind::Jsonl => json::line(out, result)?,
            Kind::Sarif => sarif::file(out, result)?,
            Kind::Github => github::file(out, result)?,
            Kind::Gitlab => gitlab::file(out, result)?,
            Kind::Rdjson => rdjson::file(out, result)?,
            Kind::Plan => plan::file(out, result)?,
            // Needs the totals first; see `Reporter`.
            Kind::Markdown => {}
        }
        Ok(part)
    }
}

/// Puts the parts of all files together.
pub(crate) struct Reporter {
    kind: Kind,
    started: bool,
    markdown: markdown::Body,
}

impl Reporter {
    /// A report of `action` in `format`; `watched` is the number of files when somebody reads it on a terminal.
    pub(crate) fn new(format: Format, action: Action, verbose: bool, watched: Option<usize>) -> Self {
        let markdown = markdown::Body::new(matches!(action, Action::Apply { .. }));
        Self { kind: Kind::new(format, action, verbose, watched), started: false, markdown }
    }

    /// What renders the files of this report.
    pub(crate) fn renderer(&self, palette: Palette) -> Renderer {
        Renderer { kind: self.kind, palette }
    }

    /// The beginning of the report.
    pub(crate) fn begin(&mut self, out: &mut Output) -> io::Result<()> {
        match self.kind {
            Kind::Json => json::begin(out),
            Kind::Sarif => sarif::begin(out),
            Kind::Gitlab => gitlab::begin(out),
            Kind::Rdjson => rdjson::begin(out),
            Kind::Plan => plan::begin(out),
            _ => Ok(()),
        }
    }

    /// One file, with the part that the renderer made of it.
    pub(crate) fn file(&mut self, out: &mut Output, result: &FileResult, part: &[u8]) -> io::Result<()> {
        if self.kind == Kind::Markdown {
            self.markdown.add(result);
        }
        self.part(out, part)
    }

    fn part(&mut self, out: &mut Output, part: &[u8]) -> io::Result<()> {
        if part.is_empty() {
            return Ok(());
        }
        let frame = self.kind.frame();
        let separator = if self.started { frame.between } else { frame.before_first };
        self.started = true;
        out.write_all(separator.as_bytes())?;
        out.write_all(part)
    }

    /// The end of the report.
    pub(crate) fn end(&mut self, out: &mut Output, summary: &Summary) -> io::Result<()> {
        match self.kind {
            Kind::Json => json::end(out, summary)?,
            Kind::Jsonl => json::summary_line(out, summary)?,
            Kind::Sarif => sarif::end(out, summary.errors == 0)?,
            Kind::Gitlab => gitlab::end(out)?,
            Kind::Rdjson => rdjson::end(out)?,
            Kind::Plan => plan::end(out)?,
            Kind::Markdown => self.markdown.write(out, summary)?,
            Kind::Diff { .. } | Kind::Findings | Kind::Grouped { .. } | Kind::Rewritten { .. } | Kind::Github => {}
        }
        out.flush()
    }
}

/// A JSON report of files that are rendered already.
pub(crate) fn write_json<'t>(
    out: &mut Output,
    files: impl Iterator<Item = &'t str>,
    counts: &Counts,
) -> io::Result<()> {
    json::begin(out)?;
    write_parts(out, &json::FRAME, files)?;
    json::end_with(out, counts)
}

/// A report of one document a line, of files that are rendered already.
pub(crate) fn write_jsonl<'t>(
    out: &mut Output,
    files: impl Iterator<Item = &'t str>,
    counts: Counts,
) -> io::Result<()> {
    for file in files {
        writeln!(out, "{file}")?;
    }
    json::last_line(out, counts)
}

/// A SARIF log of results that are rendered already.
pub(crate) fn write_sarif<'t>(
    out: &mut Output,
    tool: &str,
    results: impl Iterator<Item = &'t str>,
    successful: bool,
) -> io::Result<()> {
    sarif::begin_with(out, tool)?;
    write_parts(out, &sarif::FRAME, results)?;
    sarif::end(out, successful)
}

fn write_parts<'t>(out: &mut Output, frame: &Frame, parts: impl Iterator<Item = &'t str>) -> io::Result<()> {
    for (index, part) in parts.enumerate() {
        let separator = if index == 0 { frame.before_first } else { frame.between };
        out.write_all(separator.as_bytes())?;
        out.write_all(part.as_bytes())?;
    }
    Ok(())
}

/// Writes a value as JSON.
fn serialize(out: &mut impl io::Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
}
