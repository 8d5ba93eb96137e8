//! One `wolfify.toml`: reading it, and what is wrong with it and where.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use serde::Deserialize;
use serde_json::json;
use toml::Spanned;
use wolfify_mappings::UserTable;
use wolfify_planner::RULES;

use crate::args::{SplitMode, organisation, registry};
use crate::failure;

/// What may stand in the file, and in one of its `[[overrides]]`. The order is that of the documentation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Table {
    org: Option<Spanned<String>>,
    registry: Option<Spanned<String>>,
    split: Option<SplitMode>,
    annotate: Option<bool>,
    strict: Option<bool>,
    context: Option<Spanned<PathBuf>>,
    mappings: Vec<Spanned<PathBuf>>,
    builtin_mappings: Option<bool>,
    index: Option<Spanned<PathBuf>>,
    ignore: Vec<Spanned<String>>,
    images: BTreeMap<Spanned<String>, String>,
    packages: BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Names>>,
    include: Option<Spanned<Vec<String>>>,
    exclude: Option<Spanned<Vec<String>>>,
    paths: Option<Spanned<Vec<String>>>,
    overrides: Vec<Spanned<Table>>,
}

/// One name, or several, or none.
#[derive(Debug, Deserialize, serde::Serialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

/// A `wolfify.toml`, checked.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    /// The settings of the file, then those of its overrides.
    pub(crate) sections: Vec<Section>,
    /// Names of further files to look at.
    include: Gitignore,
    /// Files and folders to pass over.
    exclude: Gitignore,
}

/// Settings for the files that `paths` match; for all files when there are none.
#[derive(Debug)]
pub(crate) struct Section {
    paths: Option<Gitignore>,
    pub(crate) settings: Settings,
}

/// What one section sets; the rest is left to others.
#[derive(Debug, Default, Clone)]
pub(crate) struct Settings {
    pub(crate) org: Option<String>,
    pub(crate) registry: Option<String>,
    pub(crate) split: Option<SplitMode>,
    pub(crate) annotate: Option<bool>,
    pub(crate) strict: Option<bool>,
    pub(crate) context: Option<PathBuf>,
    pub(crate) builtin_mappings: Option<bool>,
    pub(crate) index: Option<PathBuf>,
    pub(crate) ignore: Vec<String>,
    pub(crate) tables: Vec<UserTable>,
}

impl ConfigFile {
    /// Reads the file. The error is a line with the place.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| failure::cannot_read(path, &error).to_string())?;
        Reader { path, text: &text }.file()
    }

    /// Whether a file is to be looked at although it is not named like a Dockerfile.
    pub(crate) fn includes(&self, path: &Path) -> bool {
        self.include.matched(path, false).is_ignore()
    }

    /// `Some(true)`: passed over; `Some(false)`: taken back with `!`.
    pub(crate) fn excludes(&self, path: &Path, folder: bool) -> Option<bool> {
        match self.exclude.matched(path, folder) {
            ignore::Match::None => None,
            found => Some(found.is_ignore()),
        }
    }
}

impl Section {
    /// Whether it is for this file.
    pub(crate) fn covers(&self, path: &Path) -> bool {
        // Outside of the pattern's folder nothing matches; asking would be a mistake.
        let matches = |paths: &Gitignore| {
            path.starts_with(paths.path()) && paths.matched_path_or_any_parents(path, false).is_ignore()
        };
        self.paths.as_ref().is_none_or(matches)
    }
}

struct Reader<'t> {
    path: &'t Path,
    text: &'t str,
}

impl Reader<'_> {
    fn file(&self) -> Result<ConfigFile, String> {
        let table: Table = toml::from_str(self.text).map_err(|error| self.at(error.span(), error.message()))?;
        if let Some(paths) = &table.paths {
            return Err(self.at(Some(paths.span()), "`paths` belongs into `[[overrides]]`"));
        }
        let (include, exclude) = (self.patterns(table.include.as_ref())?, self.patterns(table.exclude.as_ref())?);
        let mut sections = vec![Section { paths: None, settings: self.settings(&table)? }];
        for section in &table.overrides {
            let (span, section) = (section.span(), section.get_ref());
            if section.paths.is_none() {
                return Err(self.at(Some(span), "an override needs `paths`"));
            }
            if section.include.is_some() || section.exclude.is_some() || !section.overrides.is_empty() {
                return Err(self.at(Some(span), "`include`, `exclude` and `overrides` stand outside of overrides"));
            }
            let paths = Some(self.patterns(section.paths.as_ref())?);
            sections.push(Section { paths, settings: self.settings(section)? });
        }
        Ok(ConfigFile { sections, include, exclude })
    }

    fn settings(&self, table: &Table) -> Result<Settings, String> {
        let checked = |value: &Option<Spanned<String>>, check: fn(&str) -> Result<String, String>| {
            let value = value.as_ref();
            value.map(|value| check(value.get_ref()).map_err(|why| self.at(Some(value.span()), &why))).transpose()
        };
        let mut tables = Vec::new();
        for file in &table.mappings {
            let table = crate::engine::user_table(&self.beside(file.get_ref()));
            tables.push(table.map_err(|error| self.at(Some(file.span()), &format!("{error:#}")))?);
        }
        tables.extend(self.own_table(table)?);
        Ok(Settings {
            org: checked(&table.org, organisation)?,
            registry: checked(&table.registry, registry)?,
            split: table.split,
            annotate: table.annotate,
            strict: table.strict,
            context: self.context(table.context.as_ref())?,
            builtin_mappings: table.builtin_mappings,
            index: self.index(table.index.as_ref())?,
            ignore: table.ignore.iter().map(|rule| self.rule(rule)).collect::<Result<_, _>>()?,
            tables,
        })
    }

    fn context(&self, path: Option<&Spanned<PathBuf>>) -> Result<Option<PathBuf>, String> {
        let Some(path) = path else { return Ok(None) };
        let folder = self.beside(path.get_ref());
        if !folder.is_dir() {
            return Err(
                self.at(Some(path.span()), "no such folder; give the one that is built from, seen from this file")
            );
        }
        Ok(Some(folder))
    }

    fn index(&self, path: Option<&Spanned<PathBuf>>) -> Result<Option<PathBuf>, String> {
        let Some(path) = path else { return Ok(None) };
        if path.get_ref() == Path::new("cached") {
            return Ok(Some(path.get_ref().clone()));
        }
        let file = self.beside(path.get_ref());
        if !file.is_file() {
            let message = "no such file; `wolfify index update` gets an index, which is called `cached`";
            return Err(self.at(Some(path.span()), message));
        }
        Ok(Some(file))
    }

    /// `images` and `packages` are what a mapping file holds; they are read as one, so that they mean the same.
    fn own_table(&self, table: &Table) -> Result<Option<UserTable>, String> {
        if table.images.is_empty() && table.packages.is_empty() {
            return Ok(None);
        }
        // One entry a line, so that the line of a mistake leads back to its place. YAML takes JSON's texts as they are.
        let mut lines = vec!["images:".to_owned()];
        let mut spans = vec![None];
        for (source, target) in &table.images {
            lines.push(format!("  {}: {}", json!(source.get_ref()), json!(target)));
            spans.push(Some(source.span()));
        }
        lines.push("packages:".to_owned());
        spans.push(None);
        for (distro, packages) in &table.packages {
            lines.push(format!("  {}:", json!(distro.get_ref())));
            spans.push(Some(distro.span()));
            for (name, targets) in packages {
                lines.push(format!("    {}: {}", json!(name.get_ref()), json!(targets)));
                spans.push(Some(name.span()));
            }
        }
        let read = UserTable::parse(&lines.join("\n"), &self.path.display().to_string());
        read.map(Some).map_err(|error| self.at(spans.get(error.line - 1).cloned().flatten(), &error.message))
    }

    fn rule(&self, rule: &Spanned<String>) -> Result<String, String> {
        let name = rule.get_ref();
        if RULES.iter().any(|known| known.id == name) {
            return Ok(name.clone());
        }
        Err(self.at(Some(rule.span()), &format!("no rule is called `{name}`; `wolfify explain` lists them")))
    }

    fn patterns(&self, lines: Option<&Spanned<Vec<String>>>) -> Result<Gitignore, String> {
        let mut builder = GitignoreBuilder::new(self.folder());
        let Some(lines) = lines else { return Ok(Gitignore::empty()) };
        let at = |error: &ignore::Error| self.at(Some(lines.span()), &error.to_string());
        for line in lines.get_ref() {
            builder.add_line(None, line).map_err(|error| at(&error))?;
        }
        builder.build().map_err(|error| at(&error))
    }

    fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    fn beside(&self, path: &Path) -> PathBuf {
        self.folder().join(path)
    }

    /// `file:line:column: what`
    fn at(&self, span: Option<std::ops::Range<usize>>, what: &str) -> String {
        let before = &self.text[..span.map_or(0, |span| span.start).min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        failure::at(self.path, line, column, &what.replace('\n', " ")).to_string()
    }
}
