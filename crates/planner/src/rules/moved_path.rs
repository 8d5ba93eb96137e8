//! Paths of the old image that the new one has elsewhere.

mod multiarch;
mod php;

use std::collections::BTreeMap;

use text_size::TextRange;
use wolfify_edit::Edit;
use wolfify_mappings::OldPath;
use wolfify_syntax::{Instruction, Keyword};

use crate::draft::Draft;
use crate::file::File;
use crate::finding::Level;
use crate::rule::Rule;
use crate::script::layout_size;
use crate::stages::Base;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "moved-path",
    summary: "paths of the old image that are elsewhere in the new one",
    level: Level::Warning,
    docs: "\
## What it finds

Paths that belong to the old image and that the file names: `/usr/local/bin/python`, `site-packages`,
`/usr/local/etc/php/conf.d`, `/usr/local/lib/node_modules`, `/opt/java/openjdk`,
`/usr/lib/jvm/java-17-openjdk-amd64`; and directories that only the old image's
entrypoint script reads, such as `/docker-entrypoint.d` and `/etc/nginx/templates`.

## Why it matters on Wolfi

The official images build their language in /usr/local. Wolfi installs it as a package in /usr, with its configuration in
/etc. A COPY to the old place has no effect, and a program called by its old path is not found.

## What it does

Writes the new path where the same thing is there. Where nothing in the new image takes the directory's place, the finding
says so.

A path through one of Debian's directories for a kind of machine (`/usr/lib/x86_64-linux-gnu`) loses that directory:
Wolfi has its libraries right above.

## Example

```dockerfile
FROM php:8.3-cli
COPY app.ini /usr/local/etc/php/conf.d/app.ini
ENTRYPOINT [\"/usr/local/bin/php\", \"/app/main.php\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/php:latest
COPY app.ini /etc/php/conf.d/app.ini
ENTRYPOINT [\"/usr/bin/php\", \"/app/main.php\"]
```
",
};

/// Where the Java images have their JAVA_HOME.
const JVM: &str = "/usr/lib/jvm/default-jvm";

/// Looks at every instruction of the stages that migrate.
pub(crate) fn check(file: &File<'_>, draft: &mut Draft) {
    let taken = Taken::new(draft);
    let mut found: Vec<(usize, Place)> = Vec::new();
    for stage in 0..file.stages.len() {
        let mut table = Table::of(file, draft, stage);
        if let Some(table) = &mut table {
            table.java = java_home(file, draft, stage);
        }
        for (index, instruction) in file.body(stage) {
            if matches!(instruction.keyword, Keyword::Arg | Keyword::Label | Keyword::Maintainer | Keyword::From) {
                continue;
            }
            // The planner has the new words.
            if draft.planned_starts.contains(&index) {
                continue;
            }
            let (source, own) = parts(file, instruction);
            if let Some(table) = &table {
                prefix_of_pip(file, table, source.as_ref(), &own, &mut |place| found.push((index, place)));
                for range in own {
                    table.search(file, range, &mut |place| found.push((index, place)));
                }
            }
            // Whatever the stage is: the files come out of one that moves.
            if let Some((from, ranges)) = source
                && let Some(table) = Table::of(file, draft, from)
            {
                for range in ranges {
                    table.search(file, range, &mut |place| found.push((index, place)));
                    table.script_of_pip(file, range, from, &mut |place| found.push((index, place)));
                }
            }
        }
    }
    report(file, draft, &taken, found);
}

/// What pip installed below a prefix and the file copies over `/usr/local`.
fn prefix_of_pip(
    file: &File<'_>,
    table: &Table,
    source: Option<&(usize, Vec<TextRange>)>,
    own: &[TextRange],
    action: &mut dyn FnMut(Place),
) {
    let (Some((from, sources)), [destination], true) = (source, own, table.python.is_some()) else { return };
    if sources.iter().any(|range| is_prefix_of_pip(file, *from, &file.text[*range]))
        && matches!(&file.text[*destination], "/usr/local" | "/usr/local/")
    {
        action(Place { range: *destination, old: "/usr/local".to_owned(), new: Ok("/usr".to_owned()) });
    }
}

/// A path in the file.
struct Place {
    range: TextRange,
    old: String,
    new: Result<String, &'static str>,
}

fn report(file: &File<'_>, draft: &mut Draft, taken: &Taken, found: Vec<(usize, Place)>) {
    let mut gone: BTreeMap<(usize, String), Gone> = BTreeMap::new();
    for (index, place) in found {
        if draft.dropped_instructions.contains(&index)
            || draft.environment_copies.contains(&index)
            || taken.deletes(place.range)
        {
            continue;
        }
        match place.new {
            Ok(new) if !taken.overlaps(place.range) => {
                let message = format!("`{}` of the old image is `{new}` in the new one", place.old);
                let edit = Edit::replace(place.range, new);
                draft.report(&RULE, Level::Note, place.range, message, Some(("Use the new path", vec![edit])));
            }
            Ok(new) => {
                let message = format!("`{}` of the old image is `{new}` in the new one; change it by hand", place.old);
                draft.report(&RULE, Level::Error, place.range, message, None);
            }
            Err(advice) => {
                // One thing to do for the whole stage.
                let stage = file.dockerfile.stage_of(index).map_or(0, |stage| stage.index);
                let first = || Gone { range: place.range, advice, instructions: Vec::new() };
                gone.entry((stage, place.old)).or_insert_with(first).instructions.push(index);
            }
        }
    }
    for ((stage, old), gone) in gone {
        if is_configured(file, stage, &old) {
            continue;
        }
        let mut instructions = gone.instructions;
        instructions.dedup();
        let others = match instructions.len() - 1 {
            0 => String::new(),
            1 => " (one more instruction names it)".to_owned(),
            more => format!(" ({more} more instructions name it)"),
        };
        let message = format!("nothing in the new image reads `{old}`{others}; {}", gone.advice);
        draft.report(&RULE, Level::Error, gone.range, message, None);
    }
}

/// A path that nothing in the new image reads.
struct Gone {
    /// Where it stands first.
    range: TextRange,
    advice: &'static str,
    /// The instructions that name it.
    instructions: Vec<usize>,
}

/// Whether a configuration file that a stage copies from the build context names a path itself.
fn is_configured(file: &File<'_>, stage: usize, path: &str) -> bool {
    let copies = file.body(stage).filter(|(_, own)| matches!(own.keyword, Keyword::Copy | Keyword::Add));
    let mut copies = copies.filter(|(_, own)| own.flag("from").is_none());
    copies.any(|(_, instruction)| {
        let configurations = instruction.sources().into_iter().filter(|source| source.text.contains(".conf"));
        let mut texts = configurations.filter_map(|source| file.context.read(source.text.trim_start_matches('/')));
        texts.any(|text| places(&text, path).next().is_some())
    })
}

/// What other rules change.
struct Taken(Vec<(TextRange, bool)>);

impl Taken {
    fn new(draft: &Draft) -> Self {
        let edits = draft.findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits);
        let mut ranges: Vec<(TextRange, bool)> =
            edits.filter(|edit| !edit.range.is_empty()).map(|edit| (edit.range, edit.text.is_empty())).collect();
        ranges.sort_by_key(|(range, _)| (range.start(), range.end()));
        ranges.dedup();
        Self(ranges)
    }

    /// Edits of a plan do not overlap, so that only the last one that starts before the end can touch a range.
    fn touching(&self, range: TextRange) -> Option<(TextRange, bool)> {
        let after = self.0.partition_point(|(edit, _)| edit.start() < range.end());
        self.0[..after].last().copied().filter(|(edit, _)| edit.end() > range.start())
    }

    fn overlaps(&self, range: TextRange) -> bool {
        self.touching(range).is_some()
    }

    fn deletes(&self, range: TextRange) -> bool {
        self.touching(range).is_some_and(|(edit, deletes)| deletes && edit.contains_range(range))
    }
}

/// What the tables say of the paths of a stage's image, and of the packages installed on it.
pub(crate) fn old_paths(file: &File<'_>, draft: &Draft, stage: usize) -> Vec<OldPath> {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return Vec::new() };
    let image = match target.image.as_str() {
        "laravel" => "php",
        image => image,
    };
    let mut paths = file.mappings.old_paths(image);
    let installed = |package: &&str| {
        draft.installed.first(stage, package).is_some()
            || draft.installed.below(&file.stages, stage, package)
            || (target.bare && target.packages.iter().any(|own| own == package))
    };
    for package in file.mappings.packages_with_paths().into_iter().filter(installed) {
        paths.extend(file.mappings.old_paths(&format!("apk:{package}")));
    }
    paths
}

/// The paths of one target image.
struct Table {
    moved: Vec<(&'static str, &'static str)>,
    gone: Vec<(&'static str, &'static str)>,
    /// `3.14` on a Python image.
    python: Option<String>,
    /// The old image had its language in /usr/local.
    has_language: bool,
    /// Tools are installed into /usr/bin, which was /usr/local/bin.
    installs_tools: bool,
    /// The directories below /usr/lib/jvm that are there, where a Java is.
    java: Option<Vec<String>>,
    /// PHP is one of Wolfi's packages, on a base image.
    php: bool,
    /// The old image had libraries in a directory for each kind of machine.
    multiarch: bool,
}

/// What is below /usr/lib/jvm in a stage that has a Java: the link to the one that is used, and the packages' own.
fn java_home(file: &File<'_>, draft: &Draft, stage: usize) -> Option<Vec<String>> {
    let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return None };
    let of_image = matches!(target.image.as_str(), "jdk" | "jre" | "maven" | "gradle" | "tomcat");
    let installed = draft.installed.since(0).iter().filter(|(at, _, _)| file.bottoms[*at] == file.bottoms[stage]);
    let streams: Vec<&str> = installed.filter_map(|(_, package, _)| package.strip_prefix("openjdk-")).collect();
    let linked = streams.iter().any(|stream| stream.contains("-default-"));
    let own = streams.iter().filter_map(|stream| stream.split('-').next()).map(|version| match version {
        "8" => "java-1.8-openjdk".to_owned(),
        version => format!("java-{version}-openjdk"),
    });
    (of_image || linked).then(|| own.chain(["default-jvm".to_owned()]).chain(made_homes(file, stage)).collect())
}

/// Whether a stage, or one below it, installs PHP itself (`php-8.5`, `php-8.5-fpm`), not only an extension.
fn installs_php(file: &File<'_>, draft: &Draft, stage: usize) -> bool {
    let mut installed = draft.installed.since(0).iter().filter(|(at, _, _)| file.bottoms[*at] == file.bottoms[stage]);
    installed
        .any(|(_, package, _)| matches!(wolfify_mappings::unversioned(package).as_str(), "php" | "php-fpm" | "php-cgi"))
}

/// What the stage itself puts below /usr/lib/jvm.
fn made_homes(file: &File<'_>, stage: usize) -> Vec<String> {
    let makes = |instruction: &Instruction| match instruction.keyword {
        Keyword::Copy | Keyword::Add => true,
        Keyword::Run => ["mkdir", "tar", "mv", "unzip", "cp"]
            .iter()
            .any(|tool| instruction.joined.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == *tool)),
        _ => false,
    };
    let texts = file.body(stage).map(|(_, instruction)| instruction);
    let texts = texts.filter(|instruction| instruction.joined.contains("/usr/lib/jvm/") && makes(instruction));
    let homes = texts.flat_map(|instruction| other_java_homes(&instruction.joined, &[]));
    homes.filter_map(|(_, home)| home.split('/').nth(4).map(str::to_owned)).collect()
}

impl Table {
    fn of(file: &File<'_>, draft: &Draft, stage: usize) -> Option<Self> {
        let Base::Converted(target) = &file.stages[file.bottoms[stage]].base else { return None };
        let python = (target.image == "python").then(|| python_version(file, &target.tag)).flatten();
        let paths = old_paths(file, draft, stage);
        Some(Self {
            moved: paths.iter().filter_map(|path| Some((path.path, path.new?))).collect(),
            gone: paths.iter().filter_map(|path| Some((path.path, path.gone?))).collect(),
            python,
            has_language: matches!(target.image.as_str(), "go" | "node" | "php" | "python" | "ruby"),
            installs_tools: matches!(target.image.as_str(), "python" | "node"),
            java: None,
            php: target.bare && installs_php(file, draft, stage),
            multiarch: file.stages[stage].distro == Some(wolfify_mappings::Distro::Debian),
        })
    }

    /// Calls `action` for every path in `range` that the table has.
    fn search(&self, file: &File<'_>, range: TextRange, action: &mut dyn FnMut(Place)) {
        let text = &file.text[range];
        for (old, new) in &self.moved {
            for at in places(text, old) {
                let range = at_offset(range, at, old.len());
                action(Place { range, old: (*old).to_owned(), new: Ok((*new).to_owned()) });
            }
        }
        for (old, advice) in &self.gone {
            for at in places(text, old) {
                let range = at_offset(range, at, old.len());
                action(Place { range, old: (*old).to_owned(), new: Err(advice) });
            }
        }
        if let Some(version) = &self.python {
            self.site_packages(text, range, version, action);
            uv_environment(text, range, action);
        }
        if self.php {
            for (at, length, new) in php::places(text) {
                let old = text[at..at + length].to_owned();
                action(Place { range: at_offset(range, at, length), old, new });
            }
        }
        if self.multiarch {
            for (at, length, new) in multiarch::places(text) {
                let old = text[at..at + length].to_owned();
                action(Place { range: at_offset(range, at, length), old, new: Ok(new.to_owned()) });
            }
        }
        if let Some(there) = &self.java {
            for (at, old) in other_java_homes(text, there) {
                let range = at_offset(range, at, old.len());
                action(Place { range, old, new: Ok(JVM.to_owned()) });
            }
        }
    }

    /// `/usr/local/lib/python3.11/site-packages`
    fn site_packages(&self, text: &str, range: TextRange, version: &str, action: &mut dyn FnMut(Place)) {
        const START: &str = "/usr/local/lib/python";
        for (at, _) in text.match_indices(START) {
            let rest = &text[at + START.len()..];
            let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            if digits > 0 && rest[digits..].starts_with(['/', ' ', '"', '\n', '\r']) {
                let length = START.len() + digits;
                let old = text[at..at + length].to_owned();
                let new = Ok(format!("/usr/lib/python{version}"));
                action(Place { range: at_offset(range, at, length), old, new });
            }
        }
    }

    /// `COPY --from=build /usr/local/bin/gunicorn`: what pip and npm install is in /usr/bin now.
    fn script_of_pip(&self, file: &File<'_>, range: TextRange, from: usize, action: &mut dyn FnMut(Place)) {
        const BIN: &str = "/usr/local/bin";
        let text = &file.text[range];
        let own = || file.body(from).any(|(_, instruction)| instruction.joined.contains("/usr/local"));
        if self.has_language && matches!(text, "/usr/local" | "/usr/local/") && !own() {
            let advice =
                "the new image has its language in `/usr`, among all else: install the language where it is wanted";
            return action(Place { range, old: "/usr/local".to_owned(), new: Err(advice) });
        }
        let known = self.moved.iter().any(|(old, _)| text == *old);
        if !self.installs_tools || known || own() {
            return;
        }
        if matches!(text, BIN | "/usr/local/bin/") {
            let advice =
                "programs installed with pip and npm are in `/usr/bin`, among the image's own: copy them one by one";
            action(Place { range, old: BIN.to_owned(), new: Err(advice) });
        } else if text.starts_with("/usr/local/bin/") {
            let range = TextRange::at(range.start(), layout_size(BIN.len()));
            action(Place { range, old: BIN.to_owned(), new: Ok("/usr/bin".to_owned()) });
        }
    }
}

/// `UV_PROJECT_ENVIRONMENT=/usr/local` tells uv to install beside the image's own Python.
fn uv_environment(text: &str, range: TextRange, action: &mut dyn FnMut(Place)) {
    const OLD: &str = "/usr/local";
    for (at, name) in text.match_indices("UV_PROJECT_ENVIRONMENT=") {
        let value = at + name.len();
        let value = value + text[value..].chars().take_while(|c| matches!(c, '"' | '\'')).count();
        let rest = text[value..].strip_prefix(OLD).map(|rest| rest.trim_start_matches('/'));
        if rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "_.-".contains(c))) {
            let range = at_offset(range, value, OLD.len());
            action(Place { range, old: OLD.to_owned(), new: Ok("/usr".to_owned()) });
        }
    }
}

/// Whether a stage installs with `pip install --prefix=PATH`. Python looks for packages below its own prefix.
fn is_prefix_of_pip(file: &File<'_>, stage: usize, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    file.body(stage).filter(|(_, instruction)| instruction.keyword == Keyword::Run).any(|(_, instruction)| {
        let words: Vec<&str> = instruction.joined.split_ascii_whitespace().collect();
        let names = |word: &str| word.trim_matches(['"', '\'']).trim_end_matches('/') == path;
        words.iter().any(|word| word.contains("pip"))
            && (words.windows(2).any(|pair| pair[0] == "--prefix" && names(pair[1]))
                || words.iter().any(|word| word.strip_prefix("--prefix=").is_some_and(names)))
    })
}

/// The version of Python on an image: that of the tag, or the one that the newest image has.
fn python_version(file: &File<'_>, tag: &str) -> Option<String> {
    if let Some(version) = crate::tag::version(tag).filter(|version| version.contains('.')) {
        return Some(version);
    }
    file.mappings.image_stream("python", "dev", "python").map(str::to_owned)
}

/// Homes of a Java as other distributions call them (`/usr/lib/jvm/java-11-openjdk-amd64`), the `jre` in it included, and
/// where they stand.
fn other_java_homes(text: &str, there: &[String]) -> Vec<(usize, String)> {
    const START: &str = "/usr/lib/jvm/";
    let mut found = Vec::new();
    for (at, _) in text.match_indices(START) {
        let rest = &text[at + START.len()..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(rest.len());
        let name = &rest[..end];
        let known = ["java-", "adoptopenjdk", "temurin-", "zulu", "jre-", "default-java"];
        let computed = rest[end..].starts_with(['$', '*', '?', '{', '[']);
        if computed || there.iter().any(|own| own == name) || !known.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let jre = rest[end..].strip_prefix("/jre");
        let whole =
            jre.is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric() || "._-".contains(c)));
        let length = START.len() + end + if whole { "/jre".len() } else { 0 };
        found.push((at, text[at..at + length].to_owned()));
    }
    found
}

/// A line that another rule wrote from the author's words, with its paths where the new image has them.
pub(crate) fn in_line(file: &File<'_>, draft: &Draft, stage: usize, line: &str) -> String {
    let mut line = line.to_owned();
    let replace = |line: &mut String, found: Vec<(usize, usize)>, new: &str| {
        found.into_iter().rev().for_each(|(at, length)| line.replace_range(at..at + length, new));
    };
    for path in old_paths(file, draft, stage) {
        if let Some(new) = path.new {
            let found = places(&line, path.path).map(|at| (at, path.path.len())).collect();
            replace(&mut line, found, new);
        }
    }
    if let Some(there) = java_home(file, draft, stage).filter(|_| line.contains("/usr/lib/jvm/")) {
        let found = other_java_homes(&line, &there).into_iter().map(|(at, old)| (at, old.len())).collect();
        replace(&mut line, found, JVM);
    }
    line
}

/// Where `path` stands in `text`, as itself or with more below it.
fn places<'t>(text: &'t str, path: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(path).map(|(at, _)| at).filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + path.len()..].chars().next();
        let inside = |c: char| c.is_ascii_alphanumeric() || "_-.}/".contains(c);
        before.is_none_or(|c| !inside(c)) && after.is_none_or(|c| c == '/' || !(inside(c) || c == '*'))
    })
}

fn at_offset(range: TextRange, at: usize, length: usize) -> TextRange {
    TextRange::at(range.start() + layout_size(at), layout_size(length))
}

/// The paths that belong to another stage, by its number, and those that belong to the stage itself.
type Parts = (Option<(usize, Vec<TextRange>)>, Vec<TextRange>);

fn parts(file: &File<'_>, instruction: &Instruction) -> Parts {
    let whole = TextRange::new(instruction.keyword_range.end(), instruction.range.end());
    let Some(destination) = instruction.destination() else { return (None, vec![whole]) };
    let sources = || instruction.sources().iter().map(|source| source.range).collect();
    let from = file.dockerfile.copied_stage(instruction);
    (from.map(|stage| (stage.index, sources())), vec![destination.range])
}

#[cfg(test)]
mod tests {
    use super::{other_java_homes, places};

    #[test]
    fn whole_parts_of_paths_only() {
        let count = |text: &str| places(text, "/usr/local/bin/python").count();
        assert_eq!(count("RUN /usr/local/bin/python -V"), 1);
        assert_eq!(count("[\"/usr/local/bin/python\"]"), 1);
        assert_eq!(count("/usr/local/bin/python3"), 0);
        assert_eq!(count("/srv/usr/local/bin/python"), 0);
        assert_eq!(count("PATH=/usr/local/bin/python:$PATH"), 1);
    }

    #[test]
    fn homes_of_java() {
        let homes = |text: &str| {
            let found = other_java_homes(text, &["default-jvm".to_owned(), "java-17-openjdk".to_owned()]);
            found.into_iter().map(|(_, home)| home).collect::<Vec<_>>()
        };
        let old = "/usr/lib/jvm/java-8-openjdk-amd64";
        assert_eq!(homes(&format!("JAVA_HOME={old} PATH=$PATH:{old}/bin")), [old, old]);
        assert_eq!(homes(&format!("{old}/jre/lib")), [format!("{old}/jre")]);
        for text in
            ["/usr/lib/jvm/default-jvm", "/usr/lib/jvm/java-17-openjdk/bin", "/usr/lib/jvm/java-$V", "/usr/lib/jvm"]
        {
            assert!(homes(text).is_empty(), "{text}");
        }
    }
}
