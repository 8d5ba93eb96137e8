//! Prints a large Dockerfile: `cargo run --release --example generate SHAPE COUNT`.
#![allow(missing_docs, clippy::print_stdout, reason = "a tool for measuring")]

#[allow(dead_code, reason = "the benchmark uses more of it")]
mod inputs;

use anyhow::Context as _;
use inputs::Shape;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().context("usage: generate SHAPE COUNT")?;
    let count: usize = arguments.next().context("usage: generate SHAPE COUNT")?.parse()?;
    let (_, shape) = Shape::ALL.into_iter().find(|(known, _)| *known == name).context("no such shape")?;
    print!("{}", shape.generate(count));
    Ok(())
}
