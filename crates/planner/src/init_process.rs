//! The init process that starts Node, which ignores SIGTERM as the first process.

use crate::path::file_name;

/// Where the node image has it.
pub(crate) const PROGRAM: &str = "/usr/bin/dumb-init";
/// The words of the ENTRYPOINT that starts what the CMD says.
pub(crate) const ENTRYPOINT: &str = "[\"/usr/bin/dumb-init\", \"--\"]";
/// Why there is one.
pub(crate) const WHY: &str = "Node as the first process ignores SIGTERM unless the program handles it; dumb-init, which the image has, starts it";

/// Whether a word is an init process, which starts what stands behind it.
pub(crate) fn is_one(word: &str) -> bool {
    matches!(file_name(word), "dumb-init" | "tini")
}
