//! What each step costs, in bytes of Dockerfile a second: `cargo bench`.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

mod inputs;

/// The built-in tables, as the program embeds them.
#[path = "../crates/cli/builtin.rs"]
#[allow(dead_code, reason = "the program uses more of it")]
mod builtin;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use inputs::Shape;
use wolfify_edit::unified_diff;
use wolfify_mappings::{Distro, Mappings};
use wolfify_planner::{Lineage, NoContext, Options, Plan, plan, verify};
use wolfify_syntax::Dockerfile;
use wolfify_syntax::shell::{Dialect, instruction_scripts};

type Group<'a> = BenchmarkGroup<'a, criterion::measurement::WallTime>;

struct Bench {
    mappings: Mappings,
    options: Options,
}

impl Bench {
    fn plan(&self, text: &str, dockerfile: &Dockerfile) -> Plan {
        plan(text, dockerfile, &self.mappings, &NoContext, &self.options, &Lineage::default())
    }

    /// All that `wolfify diff` does between reading and printing.
    fn whole(&self, text: &str) -> String {
        let dockerfile = wolfify_syntax::parse(text).unwrap();
        let result = self.plan(text, &dockerfile);
        let edits = result.edits(text).unwrap();
        let new = edits.apply();
        verify(text, &dockerfile, &result, &new, &self.mappings, &NoContext, &self.options, &Lineage::default())
            .unwrap();
        unified_diff("Dockerfile", "Dockerfile", &edits)
    }

    fn steps(&self, group: &mut Group<'_>, name: &str, text: &str) {
        let id = |step: &str| BenchmarkId::new(step, name);
        let dockerfile = wolfify_syntax::parse(text).unwrap();
        let lineage = Lineage::default();
        let result = self.plan(text, &dockerfile);
        let edits = result.edits(text).unwrap();
        let new = edits.apply();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(id("parse"), |b| b.iter(|| wolfify_syntax::parse(black_box(text)).unwrap()));
        group.bench_function(id("shell"), |b| b.iter(|| shell(black_box(text), &dockerfile)));
        group.bench_function(id("plan"), |b| b.iter(|| self.plan(black_box(text), &dockerfile)));
        group.bench_function(id("apply and diff"), |b| {
            b.iter(|| {
                let edits = result.edits(black_box(text)).unwrap();
                (edits.apply(), unified_diff("Dockerfile", "Dockerfile", &edits))
            });
        });
        group.bench_function(id("verify"), |b| {
            b.iter(|| {
                verify(text, &dockerfile, &result, black_box(&new), &self.mappings, &NoContext, &self.options, &lineage)
            });
        });
        group.bench_function(id("whole"), |b| b.iter(|| self.whole(black_box(text))));
    }
}

/// Reads every script; their number keeps the work from being thrown away.
fn shell(text: &str, dockerfile: &Dockerfile) -> usize {
    dockerfile.instructions.iter().map(|one| instruction_scripts(one, &Dialect::Sh, text).len()).sum()
}

fn benchmark(criterion: &mut Criterion) {
    let bench = Bench { mappings: Mappings::new(builtin::TABLES), options: Options::default() };
    let mut group = criterion.benchmark_group("wolfify");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    for (name, shape) in Shape::ALL {
        bench.steps(&mut group, &format!("{name} 0.1 MB"), &shape.of_size(100_000));
    }
    for (size, bytes) in [("1 MB", 1_000_000), ("10 MB", 10_000_000)] {
        bench.steps(&mut group, &format!("mixed {size}"), &Shape::Mixed.of_size(bytes));
    }
    group.finish();
}

/// What one question to the tables costs: a row, a rule about names, and a name that nobody knows.
fn look_up(criterion: &mut Criterion) {
    let mappings = Mappings::new(builtin::TABLES);
    let mut group = criterion.benchmark_group("look-up");
    for name in ["libssl-dev", "libboost-regex1.74-dev", "not-there"] {
        let id = BenchmarkId::new("package", name);
        group.bench_function(id, |b| b.iter(|| mappings.package(Distro::Debian, black_box(name))));
    }
    group.bench_function("command", |b| b.iter(|| mappings.command(black_box("mogrify"))));
    group.bench_function("image", |b| b.iter(|| mappings.image(black_box("python"), Some("3.12-slim"))));
    group.finish();
}

criterion_group!(benches, benchmark, look_up);
criterion_main!(benches);
