//! The option table: which options each tool has, and which of them BusyBox has.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

/// How an option takes its argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arity {
    /// None.
    None,
    /// In the same word or the next.
    Required,
    /// In the same word only.
    Optional,
}

/// What BusyBox makes of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applet {
    /// Knows it and means the same.
    Same,
    /// Does not know these names, but this one, with the same meaning.
    As(&'static str),
    /// Does not know it; without it the result is the same.
    Drop,
    /// Does not know it.
    Missing,
    /// Takes it and does something else.
    Silent(&'static str),
}

/// One option of a tool, by one of its names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OptionSpec {
    /// `-x` or `--long`.
    pub(crate) name: &'static str,
    pub(crate) arity: Arity,
    pub(crate) applet: Applet,
}

/// A tool and its options.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Packages that bring the real tool, best first; empty when none is known.
    pub(crate) packages: Vec<&'static str>,
    options: Vec<OptionSpec>,
}

impl Tool {
    /// A short option by its letter.
    pub(crate) fn short(&self, letter: char) -> Option<&OptionSpec> {
        self.options.iter().find(|option| {
            let mut chars = option.name.chars();
            chars.next() == Some('-') && chars.next() == Some(letter) && chars.next().is_none()
        })
    }

    /// A long option by its name or an unambiguous beginning of it, as getopt_long(3) resolves them.
    pub(crate) fn long(&self, name: &str) -> Option<&OptionSpec> {
        let longs = || self.options.iter().filter(|option| option.name.starts_with("--"));
        if let Some(exact) = longs().find(|option| option.name == name) {
            return Some(exact);
        }
        let mut starting = longs().filter(|option| option.name.starts_with(name));
        let first = starting.next()?;
        starting.all(|other| other.applet == first.applet && other.arity == first.arity).then_some(first)
    }
}

/// A tool by its name without directory.
pub(crate) fn tool(name: &str) -> Option<&'static Tool> {
    TABLE.get(name).map(|section| section.tool())
}

/// The sections by the names of their tools. A run meets few of the tools, so a section's rows are read when somebody
/// asks for it.
static TABLE: LazyLock<HashMap<&'static str, Arc<Section>>> = LazyLock::new(|| sections(include_str!("options.tsv")));

/// The part of the table that is about one tool, perhaps under several names.
#[derive(Debug)]
struct Section {
    packages: &'static str,
    rows: &'static str,
    tool: OnceLock<Tool>,
}

impl Section {
    fn tool(&self) -> &Tool {
        self.tool.get_or_init(|| {
            let mut options = Vec::new();
            let rows = self.rows.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
            rows.for_each(|line| parse_row(line, &mut options));
            Tool { packages: self.packages.split_whitespace().collect(), options }
        })
    }
}

/// Divides the table at its headings, `[NAME, …] PACKAGE …`.
fn sections(text: &'static str) -> HashMap<&'static str, Arc<Section>> {
    let mut named = HashMap::new();
    let is_heading = |at: &usize| text[..*at].ends_with('\n');
    // A search for the bracket alone is ten times as quick as one for the two characters.
    let mut headings = text.match_indices('[').map(|(at, _)| at).filter(is_heading).peekable();
    while let Some(start) = headings.next() {
        let part = &text[start + 1..headings.peek().copied().unwrap_or(text.len())];
        let (heading, rows) = part.split_once('\n').unwrap_or((part, ""));
        let Some((names, packages)) = heading.split_once(']') else { continue };
        let section = Arc::new(Section { packages, rows, tool: OnceLock::new() });
        named.extend(names.split(", ").map(|name| (name, Arc::clone(&section))));
    }
    named
}

fn parse_row(line: &'static str, options: &mut Vec<OptionSpec>) {
    let mut fields = line.splitn(3, '\t');
    let mut field = || fields.next().unwrap_or_default();
    let (names, argument, applet) = (field(), field(), field());
    let arity = match argument {
        "required" => Arity::Required,
        "optional" => Arity::Optional,
        _ => Arity::None,
    };
    let short = names.split(',').find(|name| name.len() == 2);
    for name in names.split(',') {
        let applet = match applet {
            "same" => Applet::Same,
            "drop" => Applet::Drop,
            "short" if name.len() == 2 => Applet::Same,
            "short" => short.map_or(Applet::Missing, Applet::As),
            other => match (other.strip_prefix('='), other.strip_prefix("silent ")) {
                (Some(instead), _) => Applet::As(instead),
                (_, Some(difference)) => Applet::Silent(difference),
                _ => Applet::Missing,
            },
        };
        options.push(OptionSpec { name, arity, applet });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_three_fields_and_known_values() {
        for line in include_str!("options.tsv").lines().filter(|l| !l.is_empty() && !l.starts_with(['#', '['])) {
            let fields: Vec<&str> = line.split('\t').collect();
            assert_eq!(fields.len(), 3, "{line}");
            assert!(["none", "required", "optional"].contains(&fields[1]), "{line}");
            let verdict = fields[2];
            let known = ["same", "short", "drop", "package"].contains(&verdict)
                || verdict.starts_with("=-")
                || verdict.starts_with("silent ");
            assert!(known, "{line}");
            for name in fields[0].split(',') {
                let long = name.starts_with("--") && name.len() > 3;
                assert!(long || (name.starts_with('-') && name.chars().count() == 2), "{line}: {name}");
            }
            assert!(verdict != "short" || fields[0].split(',').any(|name| name.len() == 2), "{line}");
        }
    }

    #[test]
    fn no_tool_has_an_option_twice() {
        for section in TABLE.values() {
            let tool = section.tool();
            let mut seen = std::collections::HashSet::new();
            for option in &tool.options {
                assert!(seen.insert(option.name), "{} twice in {:?}", option.name, tool.packages);
            }
        }
    }

    #[test]
    fn an_abbreviation_is_resolved_when_it_is_unambiguous() {
        let rm = tool("rm").expect("rm");
        assert_eq!(rm.long("--recurs").map(|option| option.name), Some("--recursive"));
        let tar = tool("tar").expect("tar");
        assert_eq!(tar.long("--dir").map(|option| option.name), Some("--directory"));
        assert!(tar.long("--no-").is_none());
    }
}
