//! Rules and the stage planner: a Dockerfile and mappings in, a plan of edits and findings out.
//!
//! Nothing here reads or writes files on its own, and nothing prints: the build context is asked through
//! [`BuildContext`], and the result is a [`Plan`].

pub mod accounts;
mod context;
mod finding;
pub mod gnu;
pub mod managers;
mod options;
mod plan;

pub use context::{BuildContext, NoContext};
pub use finding::{Finding, Level};
pub use options::{Options, Split};
pub use plan::{Outcome, PackageCounts, Plan};
