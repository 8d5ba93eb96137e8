//! Options: how a table states them, and how a command line is read by it.

use super::action::Action;
use super::text::{HOLE, Text};

/// What an option means for whoever rewrites the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionRole {
    /// Nothing that matters elsewhere (colours, timeouts, solver settings, …).
    None,
    /// Answers every question with yes.
    AssumeYes,
    /// Prints less.
    Quiet,
    /// Prints help or a version and does nothing else.
    Help,
    /// Does nothing, only says what it would do.
    Simulate,
    /// Fetches packages without installing them.
    DownloadOnly,
    /// Where packages are fetched to.
    DownloadDir,
    /// Works on another root directory (`--installroot`, `apk --root`, `dpkg --root`).
    Root,
    /// `apk add --virtual NAME`.
    Virtual,
    /// `apt-get -t RELEASE`.
    Release,
    /// `dnf --releasever VERSION`.
    ReleaseVersion,
    /// Also installs recommended packages; negated: does not.
    Recommends,
    /// Installs no recommended packages, where that is an option of its own.
    NoRecommends,
    /// Also installs suggested packages.
    Suggests,
    /// Adds a package source for this command.
    Repository,
    /// Switches a configured source on.
    EnableRepo,
    /// Switches a configured source off.
    DisableRepo,
    /// Leaves packages out.
    Exclude,
    /// A configuration item, `KEY=VALUE` (`-o`, `--setopt`).
    Config,
    /// A configuration file.
    ConfigFile,
    /// Uses no local cache (`apk --no-cache`).
    NoCache,
    /// Refreshes the indexes first.
    Refresh,
    /// Makes a new package database (`apk --initdb`).
    InitDb,
    /// Where trusted keys lie.
    KeysDir,
    /// The file that lists the sources.
    RepositoriesFile,
    /// Works for another architecture.
    Arch,
    /// Removes configuration files too.
    Purge,
    /// Removes what nothing needs any more.
    Autoremove,
    /// Takes packages without a valid signature.
    AllowUntrusted,
    /// Installs again what is installed.
    Reinstall,
    /// Installs nothing new.
    OnlyUpgrade,
    /// Upgrades what is named (`apk add -u`).
    Upgrade,
    /// Repairs broken dependencies.
    FixBroken,
    /// Installs no documentation.
    NoDocs,
    /// Goes on where it would stop.
    Force,
    /// Leaves out what cannot be installed.
    SkipMissing,
    /// Runs no package scripts.
    NoScripts,
    /// Prints the architecture and does nothing else.
    PrintArch,
    /// Says by itself what to do (`dpkg -i`, `rpm -q`).
    Action(Action),
    /// A word before the verb that only the running shell knows (`apt-get $OPTIONS install`).
    Dynamic,
    /// Not in the front end's table.
    Unknown,
}

/// How many words an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arity {
    /// None.
    None,
    /// A value: attached, after `=`, or the next word.
    One,
    /// A value only when attached or after `=`.
    Optional,
    /// apt's level: repeated letters, or a number attached, after `=`, or as the next word.
    Level,
}

/// A row of an option table. A name ending in `*` stands for every long option that begins so.
#[derive(Debug)]
pub(crate) struct OptionSpec {
    /// All spellings, separated by blanks. A row without a role may hold unrelated options.
    pub(crate) names: &'static str,
    pub(crate) arity: Arity,
    pub(crate) role: OptionRole,
}

impl OptionSpec {
    /// Its names. Every option of every command is looked up here, and bytes are split faster than characters.
    fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        let (names, mut at) = (self.names, 0);
        names.as_bytes().split(|byte| *byte == b' ').map(move |name| {
            let start = at;
            at += name.len() + 1;
            &names[start..start + name.len()]
        })
    }
}

/// An option without value.
pub(crate) const fn flag(names: &'static str, role: OptionRole) -> OptionSpec {
    OptionSpec { names, arity: Arity::None, role }
}

/// An option with a value.
pub(crate) const fn value(names: &'static str, role: OptionRole) -> OptionSpec {
    OptionSpec { names, arity: Arity::One, role }
}

/// An option with a value only when attached.
pub(crate) const fn optional(names: &'static str, role: OptionRole) -> OptionSpec {
    OptionSpec { names, arity: Arity::Optional, role }
}

/// An option that is the verb.
pub(crate) const fn verb(names: &'static str, action: Action) -> OptionSpec {
    OptionSpec { names, arity: Arity::None, role: OptionRole::Action(action) }
}

/// How a front end reads its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// apt's own reader: long names in any case, `--no-x` for every switch, `-q=2`, switches that take `yes` or `no`.
    Apt,
    /// getopt_long, argparse, popt, GOption: attached values, unique abbreviations of long names.
    Getopt,
    /// Long names in full only.
    Exact,
}

/// Options that hold for some verbs only; for all when `verbs` is empty.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) verbs: &'static [&'static str],
    pub(crate) options: &'static [OptionSpec],
}

/// A value of an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionValue {
    /// The value, without the option's name and `=`.
    pub text: Text,
    /// The word it stands in: the option's own, or the next.
    pub word_index: usize,
}

/// An option as it was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionUse {
    /// As the table spells it (`--yes` also for `--YES` and `--no-yes`); as written when unknown.
    pub name: String,
    /// What it means.
    pub role: OptionRole,
    /// The word it stands in; letters of one cluster share it.
    pub word_index: usize,
    /// Its value.
    pub value: Option<OptionValue>,
    /// `--no-x`, `--x=false`.
    pub negated: bool,
}

/// The words of a command line, told apart.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) options: Vec<OptionUse>,
    /// Indexes of words that are neither options nor their values.
    pub(crate) operands: Vec<usize>,
    /// The index of `--`.
    pub(crate) end_of_options: Option<usize>,
}

/// Reads words by the tables of one front end.
pub(crate) struct Scanner<'a> {
    texts: &'a [Text],
    tables: &'a [&'static [OptionSpec]],
    flavour: Flavour,
    scan: Scan,
}

impl<'a> Scanner<'a> {
    /// Reads `texts` from `start` on; the first table that has an option decides.
    pub(crate) fn scan(texts: &'a [Text], start: usize, tables: &'a [&'static [OptionSpec]], flavour: Flavour) -> Scan {
        let mut scanner = Self { texts, tables, flavour, scan: Scan::default() };
        let mut index = start;
        while index < texts.len() {
            index = scanner.word(index);
        }
        scanner.scan
    }

    /// Reads the word at `index`; gives the index of the next unread one.
    fn word(&mut self, index: usize) -> usize {
        let pattern = self.texts[index].pattern();
        if self.scan.end_of_options.is_some() || !pattern.starts_with('-') || pattern == "-" {
            self.scan.operands.push(index);
            index + 1
        } else if pattern == "--" {
            self.scan.end_of_options = Some(index);
            index + 1
        } else if pattern.starts_with("--") {
            self.long(index)
        } else {
            self.short(index)
        }
    }

    fn long(&mut self, index: usize) -> usize {
        let text = &self.texts[index];
        let pattern = text.pattern();
        let (name, inline) = match pattern.find('=') {
            Some(at) => (&pattern[..at], Some(text.tail(at + 1))),
            None => (pattern, None),
        };
        let Some((name, spec, prefixed)) = self.find_long(name) else {
            return self.push_unknown(index);
        };
        let mut negated = prefixed;
        let (value, next) = match (spec.arity, inline) {
            (Arity::None, Some(inline)) => {
                negated ^= inline.as_static().and_then(boolean) == Some(false);
                (Some(OptionValue { text: inline, word_index: index }), index + 1)
            }
            (_, Some(inline)) => (Some(OptionValue { text: inline, word_index: index }), index + 1),
            (arity, None) => self.next_value(arity, index, &mut negated),
        };
        self.push(name, spec, index, value, negated);
        next
    }

    fn short(&mut self, index: usize) -> usize {
        let text = &self.texts[index];
        let pattern = text.pattern();
        let mut rest = 1;
        while let Some(letter) = pattern[rest..].chars().next() {
            let after = rest + letter.len_utf8();
            let Some((name, spec)) = self.find_short(letter) else {
                return self.push_unknown(index);
            };
            if let Some(attached) = self.attached(spec.arity, text, after) {
                let negated = spec.arity == Arity::None && attached.as_static().and_then(boolean) == Some(false);
                let value = Some(OptionValue { text: attached, word_index: index });
                self.push(name, spec, index, value, negated);
                return index + 1;
            }
            let mut negated = false;
            if after == pattern.len() {
                let (value, next) = self.next_value(spec.arity, index, &mut negated);
                self.push(name, spec, index, value, negated);
                return next;
            }
            self.push(name, spec, index, None, negated);
            rest = after;
        }
        index + 1
    }

    /// The value that follows a letter in the same word.
    fn attached(&self, arity: Arity, text: &Text, after: usize) -> Option<Text> {
        let rest = &text.pattern()[after..];
        let skip = usize::from(rest.starts_with('='));
        let apt = self.flavour == Flavour::Apt;
        match arity {
            _ if rest.is_empty() => None,
            Arity::One | Arity::Optional => Some(text.tail(if apt { after + skip } else { after })),
            Arity::None if apt && skip == 1 => Some(text.tail(after + 1)),
            Arity::Level if skip == 1 || rest.starts_with(|c: char| c.is_ascii_digit()) => {
                Some(text.tail(after + skip))
            }
            Arity::None | Arity::Level => None,
        }
    }

    /// The value in the word after `index`, if the option takes it from there.
    fn next_value(&self, arity: Arity, index: usize, negated: &mut bool) -> (Option<OptionValue>, usize) {
        let Some(next) = self.texts.get(index + 1) else { return (None, index + 1) };
        let next_static = next.as_static();
        let takes = match arity {
            // apt refuses a value that looks like an option; the others take it as it is.
            Arity::One => self.flavour != Flavour::Apt || !next.pattern().starts_with('-'),
            Arity::Level => next_static.is_some_and(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit())),
            Arity::None if self.flavour == Flavour::Apt => {
                let sense = next_static.and_then(boolean);
                *negated ^= sense == Some(false);
                sense.is_some()
            }
            Arity::None | Arity::Optional => false,
        };
        if takes {
            (Some(OptionValue { text: next.clone(), word_index: index + 1 }), index + 2)
        } else {
            (None, index + 1)
        }
    }

    fn specs(&self) -> impl Iterator<Item = &'static OptionSpec> {
        self.tables.iter().flat_map(|table| table.iter())
    }

    fn find_short(&self, letter: char) -> Option<(&'static str, &'static OptionSpec)> {
        let letter = u8::try_from(letter).ok()?;
        let fits = |known: &&str| known.as_bytes() == [b'-', letter];
        self.specs().find_map(|spec| spec.spellings().find(fits).map(|known| (known, spec)))
    }

    /// The option called `name`, and whether a `no-` before it was taken off.
    fn find_long(&self, name: &str) -> Option<(&'static str, &'static OptionSpec, bool)> {
        if name.contains(HOLE) {
            return None;
        }
        if let Some((known, spec)) = self.find_exact(name) {
            return Some((known, spec, false));
        }
        match self.flavour {
            Flavour::Apt => self.find_apt_prefixed(name),
            Flavour::Getopt => self.find_abbreviated(name),
            Flavour::Exact => None,
        }
    }

    fn find_exact(&self, name: &str) -> Option<(&'static str, &'static OptionSpec)> {
        let same = |known: &str| match self.flavour {
            Flavour::Apt => known.eq_ignore_ascii_case(name),
            Flavour::Getopt | Flavour::Exact => known == name,
        };
        let fits = |known: &&str| match known.as_bytes().last() {
            Some(b'*') => name.starts_with(&known[..known.len() - 1]),
            _ => known.len() == name.len() && same(known),
        };
        self.specs().find_map(|spec| spec.spellings().find(fits).map(|known| (known, spec)))
    }

    /// `--no-yes`, `--enable-x`, `--no-y`: apt takes any boolean word before the first dash of a switch.
    fn find_apt_prefixed(&self, name: &str) -> Option<(&'static str, &'static OptionSpec, bool)> {
        let (word, rest) = name.strip_prefix("--")?.split_once('-')?;
        let sense = boolean(word)?;
        let mut letters = rest.chars();
        let (known, spec) = match (letters.next(), letters.next()) {
            (Some(letter), None) => self.find_short(letter)?,
            _ => self.find_exact(&format!("--{rest}"))?,
        };
        (spec.arity == Arity::None).then_some((known, spec, !sense))
    }

    /// The one long option that begins with `name`; several names of one row with a role are one option.
    fn find_abbreviated(&self, name: &str) -> Option<(&'static str, &'static OptionSpec, bool)> {
        let mut found: Option<(&'static str, &'static OptionSpec)> = None;
        for spec in self.specs() {
            for known in spec.spellings().filter(|known| known.starts_with(name) && name.len() > 2) {
                match found {
                    Some((_, other)) if !std::ptr::eq(other, spec) || spec.role == OptionRole::None => return None,
                    _ => found = Some((known, spec)),
                }
            }
        }
        found.map(|(known, spec)| (known, spec, false))
    }

    fn push_unknown(&mut self, index: usize) -> usize {
        self.scan.options.push(OptionUse {
            name: self.texts[index].display().into_owned(),
            role: OptionRole::Unknown,
            word_index: index,
            value: None,
            negated: false,
        });
        index + 1
    }

    fn push(&mut self, name: &str, spec: &OptionSpec, index: usize, value: Option<OptionValue>, negated: bool) {
        let role = spec.role.clone();
        self.scan.options.push(OptionUse { name: name.to_owned(), role, word_index: index, value, negated });
    }
}

/// apt's words for yes and no (`StringToBool` in apt-pkg).
pub(crate) fn boolean(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "true" | "with" | "on" | "enable" | "1" => Some(true),
        "no" | "false" | "without" | "off" | "disable" | "0" => Some(false),
        _ => None,
    }
}
