//! What an image is like when a container starts from it.

use crate::glob;
use crate::images::familiar;
use crate::lookup::Provenance;
use crate::mappings::Mappings;
use crate::reference::has_registry;
use crate::relations::unversioned;
use crate::table::Row;

/// What a Chainguard image is like. Fields follow the OCI image configuration where it has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageConfig {
    /// The user's name (`nonroot`); empty when not known.
    pub user: String,
    /// The user's number.
    pub uid: Option<u32>,
    /// The group's number.
    pub gid: Option<u32>,
    /// The user's home directory.
    pub home: String,
    /// The `USER` of the image as it is set there: a name or a number.
    pub run_as: String,
    /// The working directory; empty stands for `/`.
    pub workdir: String,
    /// `ENTRYPOINT`, word by word.
    pub entrypoint: Vec<String>,
    /// `CMD`, word by word.
    pub cmd: Vec<String>,
    /// Environment variables beside `PATH` and `SSL_CERT_FILE`, which every image sets.
    pub env: Vec<(String, String)>,
    /// Whether there is a `/bin/sh`; `None` when not known.
    pub has_shell: Option<bool>,
    /// Whether there is an `apk`; `None` when not known.
    pub has_apk: Option<bool>,
    /// The stop signal, when it is not SIGTERM.
    pub stop_signal: Option<String>,
    /// Directories the image makes, with owner and mode.
    pub paths: Vec<ImagePath>,
    /// Users beside `user`.
    pub other_users: Vec<ImageUser>,
    /// Whether its packages are known; [`Mappings::in_target_image`] asks for one.
    pub has_packages: bool,
    /// The tags this configuration has on the free tier; empty when the image is not free.
    pub free_tags: Vec<String>,
    /// When this was so, as an ISO date.
    pub as_of: String,
    /// Where this is known from.
    pub provenance: Provenance,
}

/// A directory that an image makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePath {
    /// The absolute path.
    pub path: String,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Permission bits.
    pub mode: u32,
}

/// A user in an image's passwd file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageUser {
    /// The name.
    pub name: String,
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

/// What a source image gives to the Dockerfile that starts from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceImage {
    /// The `USER` of the image (`root` unless it sets one).
    pub user: String,
    /// The number of that user.
    pub uid: Option<u32>,
    /// Users the image adds, used by a later `USER` (`node`, uid 1000).
    pub other_users: Vec<ImageUser>,
    /// The working directory; empty stands for `/`.
    pub workdir: String,
    /// `ENTRYPOINT`, word by word.
    pub entrypoint: Vec<String>,
    /// What the entrypoint does with the command.
    pub entrypoint_kind: EntrypointKind,
    /// The program whose arguments the entrypoint script also takes, and the first words by which it knows them.
    pub program: Vec<String>,
    /// `CMD`, word by word.
    pub cmd: Vec<String>,
    /// Environment variables; `PATH` holds only what goes before the system's directories.
    pub env: Vec<(String, String)>,
    /// Where the language's files lie (`/usr/local/bin/python`, `/usr/local/lib/node_modules`).
    pub paths: Vec<String>,
    /// Whether it carries commands that a Chainguard image may not; [`Mappings::source_tools`] names them.
    pub has_tools: bool,
    /// Which package manager it has: `apt`, `apk`, `dnf`, `microdnf`, `yum`, `zypper`, or none.
    pub package_manager: Option<String>,
    /// Something a person should know, if anything.
    pub note: Option<String>,
    /// Where this is known from.
    pub provenance: Provenance,
}

/// What a source image's entrypoint does with the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntrypointKind {
    /// There is none: the command is run as it stands.
    None,
    /// A script that runs the command as it stands, unless it starts with an option or names a file of the language.
    Wrapper,
    /// A script that prepares the service before it runs the command; what it does is gone with it.
    Setup,
    /// A program; the command is its arguments.
    Program,
}

impl Mappings {
    /// What the Chainguard image `image` is like in `variant` (`runtime`, `dev`, `fpm`, `fpm-dev`, `root`, …).
    pub fn image_config(&self, image: &str, variant: &str) -> Option<ImageConfig> {
        self.config_row_of(image, variant).map(|row| self.config_row(row))
    }

    /// The variants of `image` that are described.
    pub fn image_variants(&self, image: &str) -> Vec<String> {
        let prefix = format!("{}\t", catalogue_name(image));
        self.tables.image_config.starting_with(&prefix).map(|row| row.column(1).to_owned()).collect()
    }

    /// Whether the Chainguard image `image` has `package` in `variant`; `None` when its packages are not known.
    pub fn in_target_image(&self, image: &str, variant: &str, package: &str) -> Option<bool> {
        let row = self.config_row_of(image, variant)?;
        let packages = row.column(17);
        if packages.is_empty() {
            return None;
        }
        let provides = self.tables.wolfi_provides.find(package);
        let is_provider = |have: &str| provides.is_some_and(|row| row.column(1).split(' ').any(|name| name == have));
        // `glibc-2.43-dev` provides `glibc-dev`.
        let is_version = |have: &str| have.contains(|c: char| c.is_ascii_digit()) && unversioned(have) == package;
        let is_it =
            |have: &str| have == package || is_stream_of(have, package) || is_provider(have) || is_version(have);
        Some(packages.split(' ').any(is_it))
    }

    /// The version of `package` that the Chainguard image `image` has in `variant`: `3.14` where it holds `python-3.14`.
    pub fn image_stream(&self, image: &str, variant: &str, package: &str) -> Option<&str> {
        let row = self.config_row_of(image, variant)?;
        let mut have = row.column(17).split(' ');
        have.find(|have| is_stream_of(have, package)).map(|have| &have[package.len() + 1..])
    }

    fn config_row_of(&self, image: &str, variant: &str) -> Option<Row<'static>> {
        self.tables.image_config.find(&format!("{}\t{variant}", catalogue_name(image)))
    }

    /// The version of what the Chainguard image `image` is made for in `variant`, and the day on which that was so: that of
    /// its package `name`.
    pub fn image_version(&self, image: &str, variant: &str, name: &str) -> Option<(&str, &str)> {
        let row = self.config_row_of(image, variant)?;
        let version = |have: &'_ str| {
            let rest = have.strip_prefix(name)?.strip_prefix('-')?;
            let end = rest.find('-').unwrap_or(rest.len());
            let plain = rest[..end].bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            (plain && rest.starts_with(|c: char| c.is_ascii_digit()))
                .then_some(have.len() - rest.len()..have.len() - rest.len() + end)
        };
        let found = row.column(17).split(' ').find_map(|have| Some(&have[version(have)?]))?;
        Some((found, row.column(18)))
    }

    fn config_row(&self, row: Row<'_>) -> ImageConfig {
        let columns: [&str; 21] = row.columns();
        ImageConfig {
            free_tags: columns[2].split_ascii_whitespace().map(str::to_owned).collect(),
            user: columns[3].to_owned(),
            uid: columns[4].parse().ok(),
            gid: columns[5].parse().ok(),
            home: columns[6].to_owned(),
            run_as: columns[7].to_owned(),
            workdir: columns[8].to_owned(),
            entrypoint: command_words(columns[9]),
            cmd: command_words(columns[10]),
            env: env(columns[11]),
            has_shell: yes_no(columns[12]),
            has_apk: yes_no(columns[13]),
            stop_signal: Some(columns[14]).filter(|signal| !signal.is_empty()).map(str::to_owned),
            paths: columns[15].split_ascii_whitespace().filter_map(path).collect(),
            other_users: columns[16].split_ascii_whitespace().filter_map(user).collect(),
            has_packages: !columns[17].is_empty(),
            as_of: columns[18].to_owned(),
            provenance: self.provenance_of(columns[19], columns[20]),
        }
    }

    /// What the source image `name` (without tag and digest) gives at `tag`.
    ///
    /// The most specific image pattern wins, then the most specific tag pattern.
    pub fn source_image(&self, name: &str, tag: Option<&str>) -> Option<SourceImage> {
        self.source_image_row(name, tag).map(|row| self.source_row(row))
    }

    /// The commands that a source image carries and a Chainguard image may not, sorted. They are apart from
    /// [`SourceImage`] because there are hundreds of them, and most questions are about something else.
    pub fn source_tools(&self, name: &str, tag: Option<&str>) -> Vec<String> {
        self.source_image_row(name, tag).map(|row| self.tools(row.column(12))).unwrap_or_default()
    }

    /// Whether `command` is one that images of a distribution carry, and so no matter of a language's packages.
    pub fn is_tool_of_a_set(&self, command: &str) -> bool {
        self.tables.tool_sets.rows().any(|row| row.column(1).split(' ').any(|tool| tool == command))
    }

    fn source_image_row(&self, name: &str, tag: Option<&str>) -> Option<Row<'_>> {
        let name = familiar(name);
        let fits = |pattern: &str| pattern == "*" || tag.is_some_and(|tag| glob::matches(pattern, tag));
        let rows = self.tables.source_images.rows_for(name);
        let matching = rows.filter(|row| glob::matches(row.column(0), name) && fits(row.column(1)));
        matching.max_by_key(|row| (glob::specificity(row.column(0)), glob::specificity(row.column(1))))
    }

    fn source_row(&self, row: Row<'_>) -> SourceImage {
        SourceImage {
            user: row.column(2).to_owned(),
            uid: row.column(3).parse().ok(),
            other_users: row.words(4).iter().filter_map(|text| user(text)).collect(),
            workdir: row.column(5).to_owned(),
            entrypoint: command_words(row.column(6)),
            entrypoint_kind: match row.column(7) {
                "wrapper" => EntrypointKind::Wrapper,
                "setup" => EntrypointKind::Setup,
                "program" => EntrypointKind::Program,
                _ => EntrypointKind::None,
            },
            program: row.words(8),
            cmd: command_words(row.column(9)),
            env: env(row.column(10)),
            paths: row.words(11),
            has_tools: !row.column(12).is_empty(),
            package_manager: row.optional(13),
            note: row.optional(14),
            provenance: self.provenance(row, 15, 16),
        }
    }

    /// Command names; `@set` stands for the commands of that row of `tool-sets.tsv`.
    fn tools(&self, text: &str) -> Vec<String> {
        let mut tools = Vec::new();
        for word in text.split_ascii_whitespace() {
            match word.strip_prefix('@').and_then(|set| self.tables.tool_sets.find(set)) {
                Some(set) => tools.extend(set.words(1)),
                None => tools.push(word.to_owned()),
            }
        }
        tools.sort_unstable();
        tools.dedup();
        tools
    }
}

/// The name of an image in the catalogue: a mirror elsewhere keeps the last part of it.
fn catalogue_name(image: &str) -> &str {
    if has_registry(image) { image.rsplit('/').next().unwrap_or(image) } else { image }
}

/// `nodejs-26` is a stream of `nodejs`: the name, a hyphen and a version.
fn is_stream_of(have: &str, package: &str) -> bool {
    have.strip_prefix(package).and_then(|rest| rest.strip_prefix('-')).is_some_and(|version| {
        version.starts_with(|c: char| c.is_ascii_digit()) && version.chars().all(|c| c.is_ascii_digit() || c == '.')
    })
}

/// Words divided by spaces; a word in double quotes keeps its spaces.
fn command_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (position, part) in text.split('"').enumerate() {
        if position % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_ascii_whitespace().map(str::to_owned));
        }
    }
    words
}

fn env(text: &str) -> Vec<(String, String)> {
    let pairs = text.split_ascii_whitespace().filter_map(|word| word.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn yes_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// `/app(65532:65532:777)`: path, owner, group, mode.
fn path(text: &str) -> Option<ImagePath> {
    let (path, rest) = text.strip_suffix(')')?.split_once('(')?;
    let mut numbers = rest.split(':');
    let (uid, gid) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    let mode = u32::from_str_radix(numbers.next()?, 8).ok()?;
    Some(ImagePath { path: path.to_owned(), uid, gid, mode })
}

/// `node(1000:1000)`: name, number, group.
fn user(text: &str) -> Option<ImageUser> {
    let (name, rest) = text.strip_suffix(')')?.split_once('(')?;
    let (uid, gid) = rest.split_once(':')?;
    Some(ImageUser { name: name.to_owned(), uid: uid.parse().ok()?, gid: gid.parse().ok()? })
}
