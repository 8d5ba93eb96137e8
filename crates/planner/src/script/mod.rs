//! Changes to shell scripts that keep their control flow and their layout.

mod layout;
mod moot;
mod removal;

pub(crate) use layout::{Layout, delete_words, end_above, line_starts, size as layout_size};
pub(crate) use removal::{Fates, Removals, is_set_e, remove};
