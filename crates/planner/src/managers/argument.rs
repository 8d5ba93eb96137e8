//! What the operands of a command line stand for.

use super::text::Text;

/// An operand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Index into the command's words.
    pub word_index: usize,
    /// What it stands for.
    pub kind: ArgumentKind,
}

/// What an operand stands for, as far as its static text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A package with a static name; a version may still have holes.
    Package(PackageSpec),
    /// A name that rpm's rules can also read as name and version (`nodejs-18.14.2`, `httpd-2.4.*`, `devtoolset-7`).
    RpmVersioned(RpmVersioned),
    /// A pattern or regular expression over names (`php8*`, `^libfoo.*`); what apt calls a pattern (`?installed`) too.
    Glob(Text),
    /// A group, task or environment (`@development-tools`, `lamp-server^`), without the mark.
    Group(Text),
    /// A module stream (`nodejs:18/minimal`, `@nodejs:18`).
    ModuleStream(ModuleStream),
    /// The name of a virtual package (`.build-deps`).
    Virtual(String),
    /// A file to install.
    LocalFile(Text),
    /// A URL.
    Url(Text),
    /// Whatever owns this path (`dnf install /usr/bin/foo`).
    FilePath(Text),
    /// Whatever provides this (`perl(Foo)`, `cmd:bash`, `so:libc.so.6`).
    Provide(Text),
    /// A dependency expression (`apt-get satisfy "a (>= 1) | b"`, a rich dependency of rpm).
    Dependency(Text),
    /// The name depends on the running shell.
    Variable(VariableWord),
    /// No package: a repository, a cache kind, a key, a word that is no valid name.
    Other(Text),
}

/// A package as a command line names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackageSpec {
    /// The bare name.
    pub name: String,
    /// A version asked for.
    pub pin: Option<Pin>,
    /// apt's `name/release`.
    pub release: Option<Text>,
    /// apt's `name:arch`, rpm's `name.arch`.
    pub arch: Option<String>,
    /// A mark that turns the operand around.
    pub marker: Option<Marker>,
    /// apk's `name@tag`: only from the repository with that tag.
    pub tag: Option<String>,
}

/// A version asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// As written: `=`, `~=`, `=~`, `~`, `<`, `<=`, `>`, `>=`, `><`.
    pub operator: String,
    /// The version, maybe with holes or a glob.
    pub version: Text,
}

impl Pin {
    /// A version that is there and not known.
    #[must_use]
    pub fn unknown() -> Self {
        Self { operator: String::new(), version: Text::default() }
    }
}

/// A mark on a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// apt's `name+` in a removal.
    Install,
    /// apt's `name-` in an install.
    Remove,
    /// apk's `!name`: must not be installed.
    Conflict,
}

/// A module stream of dnf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleStream {
    /// The module.
    pub name: String,
    /// The stream; `None` for the default one.
    pub stream: Option<Text>,
    /// The profile.
    pub profile: Option<Text>,
}

/// An rpm word with its readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpmVersioned {
    /// The whole word as a name, architecture taken off.
    pub whole: PackageSpec,
    /// The ways to split off a version, most specific first; never empty.
    pub readings: Vec<Nevra>,
}

/// Name, epoch, version, release, architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nevra {
    /// The name.
    pub name: String,
    /// The number before `:`.
    pub epoch: Option<String>,
    /// The version, maybe with holes or a glob.
    pub version: Text,
    /// The release.
    pub release: Option<Text>,
    /// The architecture.
    pub arch: Option<String>,
}

/// A word whose name depends on the running shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableWord {
    /// The word.
    pub text: Text,
    /// For rpm, where the hole looks like a version (`nginx-${NGINX_VERSION}`): the name before it.
    pub likely_name: Option<String>,
}

impl ArgumentKind {
    /// The package name, when the operand names one package surely.
    #[must_use]
    pub fn package_name(&self) -> Option<&str> {
        match self {
            Self::Package(spec) => Some(&spec.name),
            _ => None,
        }
    }
}
