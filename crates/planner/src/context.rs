//! The files beside the Dockerfile, as far as the planner may ask for them.

/// Read access to a build context, bounded by whoever implements it.
pub trait BuildContext {
    /// The text of the file at `path`, relative to the context's root with `/` between parts.
    ///
    /// `None` when it does not exist, lies outside the context, is too large, or is not UTF-8.
    fn read(&self, path: &str) -> Option<String>;

    /// The names of the entries of the directory at `path`, sorted; `None` when it is not a readable directory.
    fn list(&self, path: &str) -> Option<Vec<String>>;
}

/// No build context at all (standard input, tests).
#[derive(Debug, Clone, Copy, Default)]
pub struct NoContext;

impl BuildContext for NoContext {
    fn read(&self, _path: &str) -> Option<String> {
        None
    }

    fn list(&self, _path: &str) -> Option<Vec<String>> {
        None
    }
}
