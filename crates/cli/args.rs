//! The command line, as clap sees it.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use serde::Deserialize;

/// Rewrites Dockerfiles so that they build and run on Chainguard images and Wolfi packages.
#[derive(Debug, Parser)]
#[command(name = "wolfify", version, max_term_width = 100)]
#[command(after_help = "Exit status: 0 nothing to do (apply: done), 1 diff or check found something, 2 an error.\n\
Every long option can be set in the environment: --org by WOLFIFY_ORG, --max-size by WOLFIFY_MAX_SIZE.")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) talk: TalkArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TalkArgs {
    /// When to use colour; NO_COLOR is respected
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// No summary on stderr, errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more on stderr
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what `apply` would change, as a unified diff
    Diff(RunArgs),
    /// Rewrite files in place; or do what a plan says: `apply plan.json`
    Apply(ApplyArgs),
    /// Report what is to migrate or left for a person; write nothing
    Check(RunArgs),
    /// Write down what `apply` would do, for `apply PLAN` once it is reviewed
    Plan(PlanCommandArgs),
    /// List every image that the tree builds on or names, what becomes of it, and what is left to do
    Inventory(InventoryArgs),
    /// Put the JSON, JSON lines or SARIF reports of several machines together
    Merge(MergeArgs),
    /// Print one file, rewritten, on stdout
    Convert(ConvertArgs),
    /// Explain a rule; without RULE, list all
    Explain {
        /// The rule's name, as in a finding
        rule: Option<String>,
    },
    /// Say what a package, command or image is on Wolfi, and how that is known
    Lookup(LookupArgs),
    /// Keep a local copy of Wolfi's package index, the APKINDEX; only `update` uses the network
    Index {
        /// What to do.
        #[command(subcommand)]
        command: IndexCommand,
    },
    /// Show the built-in tables, or check a table of your own
    Mappings {
        /// What to do.
        #[command(subcommand)]
        command: MappingsCommand,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page, in roff
    Man,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
    #[command(flatten)]
    pub(crate) result: ResultArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Keep the original as FILE~, unless that exists
    #[arg(long)]
    pub(crate) backup: bool,
    /// Rewrite files that have changes git has not committed, too
    #[arg(long)]
    pub(crate) allow_dirty: bool,
    /// The names of what the command line gives; the rest is from the environment, or left open.
    #[arg(skip)]
    pub(crate) given: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct PlanCommandArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
    /// Write the plan to this file instead of stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out: Option<PathBuf>,
    /// Also write a page for a browser, for those who review the plan
    #[arg(long, value_name = "FILE.html", value_hint = ValueHint::FilePath)]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct InventoryArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = InventoryFormat::Table)]
    pub(crate) format: InventoryFormat,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InventoryFormat {
    /// For people
    Table,
    /// For spreadsheets
    Csv,
    /// One JSON document
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// Reports of `--format json`, of `jsonl`, or of `sarif`, each of other files
    #[arg(required = true, value_name = "REPORT", value_hint = ValueHint::FilePath)]
    pub(crate) reports: Vec<PathBuf>,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// A Dockerfile, or `-` for stdin
    #[arg(value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) stdin: StdinArgs,
    /// Leave a larger file alone; with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = size)]
    pub(crate) max_size: u64,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output_file: Option<PathBuf>,
}

/// Which files.
#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct InputArgs {
    /// Files, directories, or `-` for stdin [default: .]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) stdin: StdinArgs,
    /// Read more paths from a file or stdin, one a line or separated by NUL
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(crate) files_from: Option<PathBuf>,
    /// Take only part I of N of the files (1/3, 2/3, 3/3)
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    /// Also rewrite the images that compose files run
    #[arg(long)]
    pub(crate) include_compose: bool,
    /// How many files at a time [default: one for each core]
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Leave larger files alone; with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = size)]
    pub(crate) max_size: u64,
}

impl InputArgs {
    /// The paths to look at: those that are named, else stdin if it has a name, else the current folder.
    pub(crate) fn named(&self) -> Vec<PathBuf> {
        let given = !self.paths.is_empty() || self.files_from.is_some();
        match (given, &self.stdin.stdin_filename) {
            (true, _) => self.paths.clone(),
            (false, Some(_)) => vec![PathBuf::from("-")],
            (false, None) => vec![PathBuf::from(".")],
        }
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct StdinArgs {
    /// The name that stdin has in reports; its folder is the build context. Without PATH, stdin is read
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_filename: Option<PathBuf>,
}

/// What to change them to.
#[derive(Debug, Args)]
#[command(next_help_heading = "Migration")]
pub(crate) struct PlanArgs {
    /// Organisation at cgr.dev; `chainguard` is the free tier [default: chainguard]
    #[arg(long, value_name = "NAME", value_parser = organisation)]
    pub(crate) org: Option<String>,
    /// A registry in place of cgr.dev/ORG
    #[arg(long, value_name = "HOST/PATH", value_parser = registry)]
    pub(crate) registry: Option<String>,
    /// Whether to split into a builder and a distroless runtime [default: auto]
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) split: Option<SplitMode>,
    /// Leave `# TODO(wolfify)` comments above what needs a person
    #[arg(long)]
    pub(crate) annotate: bool,
    /// Leave a file alone when anything in it needs a person
    #[arg(long)]
    pub(crate) strict: bool,
    /// The build context [default: the folder of each Dockerfile]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) context: Option<PathBuf>,
    /// A rule that changes nothing and is not reported; may be given several times
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule)]
    pub(crate) ignore: Vec<String>,
    #[command(flatten)]
    pub(crate) tables: TableArgs,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// Where settings come from that the command line leaves open.
#[derive(Debug, Args)]
#[command(next_help_heading = "Configuration")]
pub(crate) struct ConfigArgs {
    /// This configuration for all files [default: the wolfify.toml of each folder and those above]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Read no wolfify.toml
    #[arg(long)]
    pub(crate) no_config: bool,
}

/// Which tables to look things up in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tables")]
pub(crate) struct TableArgs {
    /// A table of your own, in YAML; may be given several times, later ones win
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) mappings: Vec<PathBuf>,
    /// Do without the built-in mappings of packages and images
    #[arg(long)]
    pub(crate) no_builtin_mappings: bool,
    /// Check every package against an APKINDEX or APKINDEX.tar.gz; `cached` is what `wolfify index update` got
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) index: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IndexCommand {
    /// Download the index, check its signature, and keep it for `--index cached`
    Update(IndexUpdateArgs),
    /// Say where an index is from, how old it is and what it holds
    Show {
        /// An APKINDEX or APKINDEX.tar.gz [default: all that are cached]
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: Option<PathBuf>,
        /// How to print
        #[arg(long, value_enum, default_value_t = IndexFormat::Text)]
        format: IndexFormat,
    },
}

#[derive(Debug, Args)]
pub(crate) struct IndexUpdateArgs {
    /// The repository; its index is at URL/ARCH/APKINDEX.tar.gz
    #[arg(long, value_name = "URL", default_value = "https://packages.wolfi.dev/os", value_parser = repository_url)]
    pub(crate) url: String,
    /// The architecture [default: this machine's]
    #[arg(long, value_enum, value_name = "ARCH")]
    pub(crate) arch: Option<Architecture>,
    /// The public key that signs the repository, in PEM [default: Wolfi's, which is built in]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: Option<PathBuf>,
    /// Do not check the signature
    #[arg(long, conflicts_with = "key")]
    pub(crate) allow_untrusted: bool,
    /// Give up after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
    /// How to print
    #[arg(long, value_enum, default_value_t = IndexFormat::Text)]
    pub(crate) format: IndexFormat,
}

/// What Wolfi is built for, in apk's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Architecture {
    /// 64-bit ARM
    #[value(name = "aarch64", alias = "arm64")]
    Aarch64,
    /// 64-bit x86
    #[value(name = "x86_64", alias = "amd64")]
    X86_64,
}

impl Architecture {
    /// This machine's, if Wolfi is built for it.
    pub(crate) fn host() -> Option<Self> {
        [Self::Aarch64, Self::X86_64].into_iter().find(|architecture| architecture.name() == std::env::consts::ARCH)
    }

    /// apk's name, which is Rust's too.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Aarch64 => "aarch64",
            Self::X86_64 => "x86_64",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IndexFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MappingsCommand {
    /// Print a built-in table; without TABLE, list all
    Show {
        /// The table's name
        table: Option<String>,
    },
    /// Check tables of your own, without using them; with `--index` the built-in tables too
    Lint {
        /// YAML files as for `--mappings`
        #[arg(required_unless_present = "index", value_name = "FILE", value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
        /// An APKINDEX or APKINDEX.tar.gz that decides which packages exist; `cached` is the downloaded one
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        index: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct LookupArgs {
    /// What NAME is
    #[arg(value_enum)]
    pub(crate) kind: LookupKind,
    /// The name; an image may have a tag
    pub(crate) name: String,
    /// The distribution of a package [default: all]
    #[arg(long, value_enum, value_name = "DISTRO")]
    pub(crate) from: Option<DistroName>,
    /// How to print
    #[arg(long, value_enum, default_value_t = IndexFormat::Text)]
    pub(crate) format: IndexFormat,
    #[command(flatten)]
    pub(crate) tables: TableArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LookupKind {
    /// A package of a distribution, or of Wolfi itself
    Package,
    /// A command, by its name without path
    Command,
    /// An image
    Image,
}

/// The families of package names; the aliases are distributions that share them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DistroName {
    /// Alpine
    Alpine,
    /// Debian, Ubuntu
    #[value(alias = "ubuntu")]
    Debian,
    /// Fedora, CentOS, RHEL, UBI, Rocky, Alma, Amazon and Oracle Linux
    #[value(aliases = ["centos", "rhel", "ubi", "rocky", "rockylinux", "alma", "almalinux", "amazonlinux", "oraclelinux"])]
    Fedora,
}

/// How to report.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub(crate) struct ResultArgs {
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write the result to this file instead of stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output_file: Option<PathBuf>,
    /// Also write a page for a browser, with every diff and its reasons
    #[arg(long, value_name = "FILE.html", value_hint = ValueHint::FilePath)]
    pub(crate) report: Option<PathBuf>,
    /// End with 0 where 1 would mean that something was found
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SplitMode {
    /// Wherever the result is sure to work
    Auto,
    /// Never
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// One JSON document a line: each file, then the summary
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// Diagnostics with suggestions, for reviewdog
    Rdjson,
    /// The body of a pull request
    Markdown,
}

/// One part of several: `index` counts from 1 to `count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    pub(crate) index: u64,
    pub(crate) count: u64,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parts {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            _ => Err("expected I/N with I from 1 to N, such as 2/3".to_owned()),
        }
    }
}

fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a number from 1".to_owned())
}

/// A number of bytes, in units of 1,024.
fn size(text: &str) -> Result<u64, String> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[number.len()..] {
        "" | "B" => 1,
        "K" | "k" | "KiB" => 1 << 10,
        "M" | "MiB" => 1 << 20,
        "G" | "GiB" => 1 << 30,
        _ => return Err(NOT_A_SIZE.to_owned()),
    };
    let bytes = number.parse().ok().and_then(|number: u64| number.checked_mul(unit));
    // Offsets in a file have 32 bits.
    bytes.filter(|bytes| (1..u64::from(u32::MAX)).contains(bytes)).ok_or_else(|| NOT_A_SIZE.to_owned())
}

const NOT_A_SIZE: &str = "expected a number of bytes below 4G, such as 512K or 64M";

fn rule(text: &str) -> Result<String, String> {
    if wolfify_planner::RULES.iter().any(|rule| rule.id == text) {
        return Ok(text.to_owned());
    }
    Err("no rule is called so; `wolfify explain` lists them".to_owned())
}

pub(crate) fn organisation(text: &str) -> Result<String, String> {
    if is_repository(text) { Ok(text.to_owned()) } else { Err(NOT_A_REPOSITORY.to_owned()) }
}

/// Checks a prefix of image references; a slash at its end is dropped.
pub(crate) fn registry(text: &str) -> Result<String, String> {
    let path = text.trim_end_matches('/');
    let (host, repository) = path.split_once('/').unwrap_or((path, "x"));
    // Only the host may have upper-case letters and a port.
    let host_ok = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    if host_ok && is_repository(repository) { Ok(path.to_owned()) } else { Err(NOT_A_REPOSITORY.to_owned()) }
}

fn repository_url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_host = |host: &str| !host.is_empty() && !host.starts_with('/');
    if host.is_some_and(is_host) {
        Ok(text.to_owned())
    } else {
        Err("give an address with https:// or http://".to_owned())
    }
}

const NOT_A_REPOSITORY: &str =
    "not a part of an image reference: use lower-case letters, digits, `.`, `-`, `_` and `/`";

fn is_repository(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    text.split('/').all(|part| {
        let ends = [part.bytes().next(), part.bytes().next_back()];
        part.bytes().all(allowed) && ends.iter().all(|end| end.is_some_and(|byte| byte.is_ascii_alphanumeric()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("1", 1), ("512K", 512 << 10), ("64M", 64 << 20), ("3G", 3 << 30)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "0", "M", "4G", "1T", "-1", "1.5M", "99999999999999999999"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn shards_count_from_one() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, count: 3 }));
        for wrong in ["0/3", "4/3", "1/0", "1", "a/b", "-1/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn registries_lose_a_trailing_slash_and_may_have_a_port() {
        assert_eq!(registry("reg.corp:5000/base/").as_deref(), Ok("reg.corp:5000/base"));
        assert_eq!(registry("Localhost").as_deref(), Ok("Localhost"));
        assert_eq!(organisation("my-org.example").as_deref(), Ok("my-org.example"));
        for wrong in ["", "/", "a b", "host/Upper", "host//x", "host/x:y"] {
            assert!(registry(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "ORG", "-x", "a//b"] {
            assert!(organisation(wrong).is_err(), "{wrong}");
        }
    }
}
