//! `merge`: the reports of several machines as the one that a single machine would have given.

use std::borrow::Cow;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::args::{Color, MergeArgs};
use crate::commands::ExitStatus;
use crate::failure;
use crate::output::Output;
use crate::report::{Counts, write_json, write_jsonl, write_sarif};

/// A JSON report; the files stay as they are written.
#[derive(Deserialize)]
struct Json<'t> {
    #[serde(borrow)]
    files: Vec<&'t RawValue>,
    summary: Counts,
}

/// Which form the rest of a JSON report has.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Deserialize)]
struct Entry<'t> {
    #[serde(borrow)]
    path: Cow<'t, str>,
}

/// A line of a `jsonl` report: a file, or the summary.
#[derive(Deserialize)]
struct JsonLine<'t> {
    version: u32,
    #[serde(borrow)]
    path: Option<Cow<'t, str>>,
    summary: Option<Counts>,
}

/// A SARIF log; tool and results stay as they are written.
#[derive(Deserialize)]
struct Sarif<'t> {
    #[serde(borrow)]
    runs: [SarifRun<'t>; 1],
}

#[derive(Deserialize)]
struct SarifRun<'t> {
    #[serde(borrow)]
    tool: &'t RawValue,
    #[serde(borrow)]
    results: Vec<&'t RawValue>,
    invocations: Vec<Invocation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

#[derive(Deserialize)]
struct SarifResult<'t> {
    #[serde(borrow)]
    locations: Vec<Location<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location<'t> {
    #[serde(borrow)]
    physical_location: PhysicalLocation<'t>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'t> {
    #[serde(borrow)]
    artifact_location: ArtifactLocation<'t>,
}

#[derive(Deserialize)]
struct ArtifactLocation<'t> {
    #[serde(borrow)]
    uri: Cow<'t, str>,
}

/// One part of a report, with the path it is about and the report it is from.
struct Part<'t> {
    path: Vec<u8>,
    report: usize,
    text: &'t str,
}

/// The formats that can be merged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Jsonl,
    Sarif,
}

const NO_REPORT: &str = "not a whole report of `wolfify --format json`, `jsonl` or `sarif`; make it anew";

/// Reads all reports and writes the one.
pub(crate) fn run(args: &MergeArgs) -> anyhow::Result<ExitStatus> {
    let texts = args.reports.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<String>>>()?;
    let mut out = Output::new(args.output_file.as_deref(), Color::Never)?;
    let forms = texts.iter().map(|text| form(text)).collect::<Vec<_>>();
    if forms.iter().any(|form| *form != forms[0]) {
        bail!("the reports are of different formats; merge JSON with JSON, SARIF with SARIF");
    }
    match forms[0] {
        Form::Json => merge_json(&args.reports, &texts, &mut out)?,
        Form::Jsonl => merge_jsonl(&args.reports, &texts, &mut out)?,
        Form::Sarif => merge_sarif(&args.reports, &texts, &mut out)?,
    }
    out.flush()?;
    Ok(ExitStatus::Success)
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).map_err(|error| failure::cannot_read(path, &error))
}

fn form(text: &str) -> Form {
    #[derive(Deserialize)]
    struct Log<'t> {
        #[serde(borrow)]
        runs: Option<&'t RawValue>,
    }
    let first = text.lines().next().unwrap_or_default();
    if serde_json::from_str::<Log<'_>>(text).is_ok_and(|log| log.runs.is_some()) {
        Form::Sarif
    } else if serde_json::from_str::<JsonLine<'_>>(first)
        .is_ok_and(|line| line.path.is_some() || line.summary.is_some())
    {
        Form::Jsonl
    } else {
        Form::Json
    }
}

fn merge_json(paths: &[PathBuf], texts: &[String], out: &mut Output) -> anyhow::Result<()> {
    let mut parts = Vec::new();
    let mut counts = Counts::default();
    for (report, (path, text)) in paths.iter().zip(texts).enumerate() {
        let broken = |error| failure::not_json(path, &error, NO_REPORT);
        let Version { version } = serde_json::from_str(text).map_err(broken)?;
        check_version(path, 1, version)?;
        let json: Json<'_> = serde_json::from_str(text).map_err(broken)?;
        counts.add(&json.summary);
        for file in json.files {
            let entry: Entry<'_> = serde_json::from_str(file.get())?;
            parts.push(Part { path: entry.path.into_owned().into_bytes(), report, text: file.get() });
        }
    }
    sort(&mut parts, paths)?;
    write_json(out, parts.iter().map(|part| part.text), &counts)?;
    Ok(())
}

fn merge_jsonl(paths: &[PathBuf], texts: &[String], out: &mut Output) -> anyhow::Result<()> {
    let mut parts = Vec::new();
    let mut counts = Counts::default();
    for (report, (path, text)) in paths.iter().zip(texts).enumerate() {
        let mut whole = false;
        for (index, text) in text.lines().enumerate() {
            let broken = |error: serde_json::Error| failure::not_json_from(path, index + 1, &error, NO_REPORT);
            let line: JsonLine<'_> = serde_json::from_str(text).map_err(broken)?;
            check_version(path, index + 1, line.version)?;
            match (line.path, line.summary) {
                (Some(file), None) => parts.push(Part { path: file.into_owned().into_bytes(), report, text }),
                (None, Some(summary)) => {
                    counts.add(&summary);
                    whole = true;
                }
                _ => return Err(failure::at(path, index + 1, 1, NO_REPORT)),
            }
        }
        if !whole {
            return Err(failure::at(path, text.lines().count(), 1, &format!("{NO_REPORT} (the summary is missing)")));
        }
    }
    sort(&mut parts, paths)?;
    write_jsonl(out, parts.iter().map(|part| part.text), counts)?;
    Ok(())
}

fn check_version(path: &Path, line: usize, version: u32) -> anyhow::Result<()> {
    if version == 1 {
        return Ok(());
    }
    Err(failure::at(path, line, 1, &format!("a report of version {version}; make it anew with this program")))
}

fn merge_sarif(paths: &[PathBuf], texts: &[String], out: &mut Output) -> anyhow::Result<()> {
    let mut parts = Vec::new();
    let mut tool: Option<&RawValue> = None;
    let mut successful = true;
    for (report, (path, text)) in paths.iter().zip(texts).enumerate() {
        let log: Sarif<'_> = serde_json::from_str(text).map_err(|error| failure::not_json(path, &error, NO_REPORT))?;
        let [run] = log.runs;
        if tool.is_some_and(|tool| tool.get() != run.tool.get()) {
            let first = paths[0].display();
            let message = format!("made by another version than {first}; make all parts with the same program");
            return Err(failure::at(path, 1, 1, &message));
        }
        tool = Some(run.tool);
        successful &= run.invocations.iter().all(|invocation| invocation.execution_successful);
        for result in run.results {
            let location: SarifResult<'_> = serde_json::from_str(result.get())?;
            let uri = location.locations.first().context("a result without a location")?;
            let path = decoded(&uri.physical_location.artifact_location.uri);
            parts.push(Part { path, report, text: result.get() });
        }
    }
    sort(&mut parts, paths)?;
    let tool = tool.map_or("", RawValue::get);
    write_sarif(out, tool, parts.iter().map(|part| part.text), successful)?;
    Ok(())
}

/// Sorts by path, in the order that the parts of one path have in their report. A file that is in two reports would be
/// counted twice.
fn sort(parts: &mut [Part<'_>], paths: &[PathBuf]) -> anyhow::Result<()> {
    parts.sort_by(|a, b| a.path.cmp(&b.path));
    if let Some(pair) = parts.windows(2).find(|pair| pair[0].path == pair[1].path && pair[0].report != pair[1].report) {
        let [first, second] = [&pair[0], &pair[1]].map(|part| &paths[part.report]);
        let file = String::from_utf8_lossy(&pair[0].path);
        let message = format!("has `{file}`, which {} has too; merge the parts of one run", first.display());
        return Err(failure::at(second, 1, 1, &message));
    }
    Ok(())
}

/// The bytes that a URI stands for.
fn decoded(uri: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = (byte == b'%').then(|| Some((digit(ahead.next()?)?, digit(ahead.next()?)?))).flatten();
        match digits {
            Some((high, low)) => {
                bytes.push(high * 16 + low);
                rest = ahead;
            }
            None => bytes.push(byte),
        }
    }
    bytes
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_decoded() {
        assert_eq!(decoded("a%20b/%C3%B6%"), "a b/ö%".as_bytes());
        assert_eq!(decoded("%zz"), b"%zz");
    }
}
