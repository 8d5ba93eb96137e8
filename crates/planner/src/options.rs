//! What the user chose.

/// Choices that change the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The organisation under `cgr.dev`; `chainguard` is the free tier.
    pub org: String,
    /// `HOST/PATH` in place of `cgr.dev/ORG`; wins over `org`.
    pub registry: Option<String>,
    /// Whether stages may be split into builder and runtime.
    pub split: Split,
    /// Leave `# TODO(wolfify): …` above what needs a person.
    pub annotate: bool,
    /// Rules that change nothing and are not reported, by id.
    pub ignored: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { org: "chainguard".to_owned(), registry: None, split: Split::Auto, annotate: false, ignored: Vec::new() }
    }
}

/// `--split`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Wherever the result is sure to work.
    Auto,
    /// Never: the direct port.
    Never,
}
