//! SARIF 2.1.0, for code scanning: one run, all rules, a result for each finding.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};
use text_size::TextRange;
use wolfify_edit::{Fix, LineIndex};

use crate::pipeline::{FileResult, LocatedFinding};
use crate::problem::{Documented, documented};
use crate::report::position::uri;
use crate::report::{Frame, fingerprint, serialize};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What paths are relative to; the reader knows where it has checked out.
const BASE: &str = "%SRCROOT%";

/// Between results.
pub(crate) const FRAME: Frame = Frame { before_first: "\n", between: ",\n" };

/// The document up to the results.
pub(crate) fn begin(out: &mut impl Write) -> io::Result<()> {
    let rules: Vec<Value> = documented().iter().map(rule).collect();
    let driver = json!({"name": "wolfify", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules});
    begin_with(out, &json!({"driver": driver}).to_string())
}

/// The same with the tool as some run has written it.
pub(crate) fn begin_with(out: &mut impl Write, tool: &str) -> io::Result<()> {
    write!(out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{tool},")?;
    write!(out, "\"columnKind\":\"unicodeCodePoints\",\n\"results\":[")
}

fn rule(entry: &Documented) -> Value {
    json!({
        "id": entry.id,
        "shortDescription": {"text": entry.summary},
        "help": {"text": entry.docs, "markdown": entry.docs},
        "defaultConfiguration": {"level": entry.level},
    })
}

/// The results of one file.
pub(crate) fn file(out: &mut impl Write, result: &FileResult) -> io::Result<()> {
    let uri = uri(&result.path);
    let rules = documented();
    let index = LineIndex::new(&result.text);
    let fingerprints = fingerprint::of(result);
    for (number, (finding, mark)) in result.findings.iter().zip(fingerprints).enumerate() {
        if number > 0 {
            out.write_all(FRAME.between.as_bytes())?;
        }
        serialize(&mut *out, &SarifResult::new(finding, &rules, &uri, &index, mark))?;
    }
    Ok(())
}

/// What stands behind the results.
pub(crate) fn end(out: &mut impl Write, successful: bool) -> io::Result<()> {
    writeln!(out, "],\n\"invocations\":[{{\"executionSuccessful\":{successful}}}]}}]}}")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixes: Option<[SarifFix<'a>; 1]>,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'a> {
    artifact_location: ArtifactLocation<'a>,
    region: Region,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation<'a> {
    uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "wolfify/v1")]
    own: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifFix<'a> {
    description: Text<'a>,
    artifact_changes: [ArtifactChange<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation<'a>,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<Text<'a>>,
}

impl<'a> SarifResult<'a> {
    fn new(finding: &'a LocatedFinding, rules: &[Documented], uri: &'a str, index: &LineIndex, mark: String) -> Self {
        let base = (!uri.contains(':')).then_some(BASE);
        let artifact_location = ArtifactLocation { uri, uri_base_id: base };
        let region = Region::new(index, finding.range);
        let fix = |fix: &'a Fix| {
            let replacements = fix.edits.iter().map(|edit| Replacement {
                deleted_region: Region::new(index, edit.range),
                inserted_content: (!edit.text.is_empty()).then_some(Text { text: &edit.text }),
            });
            let change = ArtifactChange { artifact_location, replacements: replacements.collect() };
            [SarifFix { description: Text { text: &fix.title }, artifact_changes: [change] }]
        };
        Self {
            rule_id: finding.rule,
            rule_index: rules.binary_search_by_key(&finding.rule, |entry| entry.id).ok(),
            level: finding.level.as_str(),
            message: Text { text: &finding.message },
            locations: [Location { physical_location: PhysicalLocation { artifact_location, region } }],
            partial_fingerprints: Fingerprints { own: mark },
            fixes: finding.fix.as_ref().map(fix),
        }
    }
}

impl Region {
    fn new(index: &LineIndex, range: TextRange) -> Self {
        let (start, end) = (index.line_column(range.start()), index.line_column(range.end()));
        Self { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
    }
}
