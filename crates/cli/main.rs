//! The `wolfify` command.

fn main() {}
