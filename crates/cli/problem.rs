//! What can go wrong with one file. The others are still done.

use text_size::TextRange;
use wolfify_planner::RULES;

/// Why a file was left as it is, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What kind.
    pub(crate) kind: &'static ProblemKind,
    /// What happened and what to do, in one line.
    pub(crate) message: String,
    /// Where in the file; its start when there is no better place.
    pub(crate) range: TextRange,
}

impl Problem {
    /// A problem of the whole file.
    pub(crate) fn new(kind: &'static ProblemKind, message: impl Into<String>) -> Self {
        Self::at(kind, TextRange::default(), message)
    }

    /// A problem at a place in the file.
    pub(crate) fn at(kind: &'static ProblemKind, range: TextRange, message: impl Into<String>) -> Self {
        let message = message.into().replace(['\n', '\r'], " ");
        Self { kind, message, range }
    }
}

/// A kind of problem; stands beside the planner's rules in reports and in `explain`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProblemKind {
    /// In kebab case.
    pub(crate) id: &'static str,
    /// One line for lists.
    pub(crate) summary: &'static str,
    /// Markdown.
    pub(crate) docs: &'static str,
}

/// The file cannot be read.
pub(crate) static UNREADABLE: ProblemKind = ProblemKind {
    id: "unreadable",
    summary: "The file cannot be read",
    docs: "The file does not exist, may not be read, is too large (`--max-size`), or is not UTF-8. It was left as it is; all other\n\
           files were done. BuildKit, too, takes Dockerfiles as UTF-8.\n",
};

/// BuildKit would refuse the file.
pub(crate) static INVALID: ProblemKind = ProblemKind {
    id: "invalid-dockerfile",
    summary: "The file is not a valid Dockerfile",
    docs: "BuildKit would refuse this file, so there is nothing to migrate. Correct it, or take it out of the run: a\n\
           file that is only named like a Dockerfile can be listed in `.gitignore`.\n",
};

/// The result cannot be written.
pub(crate) static UNWRITABLE: ProblemKind = ProblemKind {
    id: "unwritable",
    summary: "The rewritten file cannot be put in place",
    docs: "The new text goes to a temporary file beside the old one, which is then renamed, so the folder has to be\n\
           writable. The owner of a file is kept; where that is not allowed the file is left as it is. So is a file\n\
           that is read-only, and one that somebody else changed during the run.\n",
};

/// Settings for the file that cannot be used.
pub(crate) static CONFIGURATION: ProblemKind = ProblemKind {
    id: "configuration",
    summary: "The settings for the file cannot be used",
    docs: "A table or index that a `wolfify.toml` names for this file cannot be read. It was left as it is.\n",
};

/// `--include-compose`.
pub(crate) static COMPOSE_IMAGE: ProblemKind = ProblemKind {
    id: "compose-image",
    summary: "images that services of a compose file run",
    docs: "With `--include-compose` the `image:` of a service becomes its Chainguard counterpart, byte for byte around\n\
           it. What the service sets for the old image stays and has to be looked at: its user, its ports, its volumes,\n\
           its variables. An image that the file builds itself stays, and so does one with a variable in it; that\n\
           one is reported where the defaults of its variables name an image that has a counterpart.\n",
};

/// Changes that would be mixed with ours.
pub(crate) static UNCOMMITTED: ProblemKind = ProblemKind {
    id: "uncommitted-changes",
    summary: "The file has changes that are not committed",
    docs: "Inside a git work tree a tracked file that differs from the last commit is not rewritten: its changes could\n\
           no longer be told from those of wolfify. Commit or stash them, or give `--allow-dirty`. Files that git does\n\
           not track, or that were just added, are rewritten.\n",
};

/// `--strict`.
pub(crate) static STRICT: ProblemKind = ProblemKind {
    id: "strict",
    summary: "The file was left alone because of --strict",
    docs: "With `--strict` a file is either migrated with nothing left for a person, or not touched. The other\n\
           findings of the file say what is in the way.\n",
};

/// A mistake of ours.
pub(crate) static INTERNAL: ProblemKind = ProblemKind {
    id: "internal-error",
    summary: "wolfify made a mistake, noticed it, and left the file alone",
    docs: "Every result is parsed and checked before it is used. This one did not pass, so the file was left as it\n\
           is. Please report it together with the file.\n",
};

/// All of them, sorted by id.
pub(crate) static KINDS: [&ProblemKind; 8] =
    [&COMPOSE_IMAGE, &CONFIGURATION, &INTERNAL, &INVALID, &STRICT, &UNCOMMITTED, &UNREADABLE, &UNWRITABLE];

/// A rule or a kind of problem, with what is said about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Documented {
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) level: &'static str,
    pub(crate) docs: &'static str,
}

/// The planner's rules and what can go wrong with a file, sorted by id.
pub(crate) fn documented() -> Vec<Documented> {
    let problems = KINDS.iter();
    let problems =
        problems.map(|kind| Documented { id: kind.id, summary: kind.summary, level: "error", docs: kind.docs });
    let rules = RULES.iter().map(|rule| Documented {
        id: rule.id,
        summary: rule.summary,
        level: rule.level.as_str(),
        docs: rule.docs,
    });
    let mut all: Vec<Documented> = problems.chain(rules).collect();
    all.sort_by_key(|entry| entry.id);
    all
}
