//! Tests of the built program: cases and examples against their expectations, and the command line itself.
#![allow(clippy::unwrap_used, reason = "everything here is a test; clippy only knows that of the test functions")]

mod cli;
mod harness;
mod program;
mod properties;
