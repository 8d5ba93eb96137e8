//! Rules and the stage planner: a Dockerfile and mappings in, a plan of edits and findings out.
//!
//! Nothing here reads or writes files on its own, and nothing prints: the build context is asked through
//! [`BuildContext`], and the result is a [`Plan`].

pub mod accounts;
pub mod bashism;
mod bundler;
mod commands;
mod comments;
mod context;
mod context_files;
mod default_port;
mod draft;
mod effective;
mod exec;
mod file;
mod finding;
mod from_word;
mod globals;
pub mod gnu;
mod init_process;
mod insertions;
mod installed;
mod instructions;
mod lineage;
pub mod managers;
mod marks;
mod memo;
mod merges;
mod needs;
mod options;
mod ownership;
mod package_lists;
mod path;
mod php_extensions;
mod plan;
mod planner;
mod provisions;
mod references;
mod removals;
mod resolve;
mod rule;
mod rules;
mod script;
mod scripts;
mod setup;
mod shells;
mod split;
mod stages;
mod suppress;
mod tag;
mod variables;
mod variants;
mod verify;
mod verify_stages;
mod walk;
mod words;

pub use context::{BuildContext, NoContext};
pub use effective::{Aspect, Difference, compare};
pub use finding::{Finding, Level};
pub use lineage::{BaseStage, BaseState, Lineage, TreeBase, describe};
pub use options::{Options, Split};
pub use plan::{Outcome, PackageCounts, Plan};
pub use planner::plan;
pub use rule::Rule;
pub use rules::RULES;
pub use verify::{Broken, verify};
