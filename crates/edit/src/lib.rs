//! Byte-exact edits on text: conflicts, application, unified diff. Knows nothing of Dockerfiles.
//!
//! A [`Fix`] is a group of [`Edit`]s with a title. Fixes are added to an [`EditSet`], which holds them against the text
//! and against each other; what it accepts can always be applied. Every byte outside the accepted ranges survives by
//! construction, since [`EditSet::apply`] copies it from the original.

mod diff;
mod edit;
mod edit_set;
mod line_diff;
mod line_index;
mod quote;

pub use diff::{diff, unified_diff};
pub use edit::{Edit, Fix};
pub use edit_set::{Conflict, EditError, EditSet};
pub use line_index::{LineColumn, LineIndex};
pub use text_size::{TextRange, TextSize};
