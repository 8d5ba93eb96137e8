//! Byte-exact edits on text: conflicts, application, unified diff. Knows nothing of Dockerfiles.

mod edit;

pub use edit::{Edit, Fix};
pub use text_size::{TextRange, TextSize};
