//! The measurements told: tables, and `docs/BENCHMARKS.md` as a whole.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::measure::{Outcome, sorted, time};
use crate::peers::Peers;
use crate::workloads::{Figures, Workload};
use crate::{machine, plot, targets};

/// What people write into the report themselves stays: all from this line on.
const BY_HAND: &str = "## Where the time goes";

/// Who took how long, the fastest first.
pub(crate) fn table(figures: &Figures<'_>) -> String {
    let unit = figures.workload.unit;
    let mut table = format!("\n| | each {unit} | middle half | times the fastest |\n|---|---:|---:|---:|\n");
    let sorted = sorted(&figures.measured);
    for one in &sorted {
        let ([low, high], factor) = (one.quartiles.map(time), one.median / sorted[0].median);
        writeln!(table, "| {} | {} | {low} to {high} | {factor:.2} |", one.name, time(one.median))
            .expect("a string takes it");
    }
    table.push('\n');
    table
}

/// Writes the report and its plots, and keeps what was written by hand.
pub(crate) fn write(docs: &Path, all: &[Figures<'_>], peers: &Peers<'_>) -> Outcome<()> {
    let path = docs.join("BENCHMARKS.md");
    let before = fs::read_to_string(&path).unwrap_or_default();
    let by_hand = before.find(BY_HAND).map_or(BY_HAND, |at| &before[at..]).trim_end();
    let plots = docs.join("benchmarks");
    fs::create_dir_all(&plots)?;

    let mut report =
        format!("{HEAD}\n{}\n## Wanted and reached\n{}", machine::about(peers), targets::table(all));
    for figures in all {
        let Workload { id, title, unit, rounds, .. } = figures.workload;
        let plot = format!("{}.svg", id.to_lowercase().replace(' ', "-"));
        plot::write(&plots.join(&plot), figures)?;
        write!(report, "\n## {id}: {title}\n\nMedians of {rounds} rounds.\n{}", table(figures))?;
        writeln!(report, "![{title}, time for each {unit}](benchmarks/{plot})")?;
    }
    write!(report, "\n{by_hand}\n")?;
    Ok(fs::write(path, report)?)
}

const HEAD: &str = "\
# Benchmarks

Written by `cargo bench`, which measures everybody by turns in one run and takes the medians. What counts
is the ratio of two times, not a time: machines differ. `cargo bench -- W1` measures one workload.

Who takes part:

- *scratch, by a plugin*: a component composed with the provider that uses the crate
  [`client`](../packages/client), or the interface itself where streams and `read-lines` are measured.
- *scratch, by the host*: the host calls the provider for each operation, as embedders and the packages
  for Python and Node do; *scratch 0.2* is the synchronous build.
- *bare guest*: a component that calls `wasi:filesystem` itself, without order, limits, buffer or
  promises ([source](../host-tests/guests/bare)): what no component can beat by much. *By the host*, it
  too is called for each operation.
- *blocking off*: without `allow_blocking_current_thread`, so that each call is a hop to another thread.
- *tempfile + std*, *async-tempfile, tokio*: native Rust; *CPython tempfile*, *anyio*: Python.
";
