//! The measurements told: tables, and `docs/BENCHMARKS.md` as a whole.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::measure::{Measured, Outcome};
use crate::workloads::{Peers, Workload};
use crate::{machine, plot, targets};

/// A workload, measured.
pub(crate) struct Result<'a> {
    pub(crate) workload: &'a Workload,
    pub(crate) measured: Vec<Measured>,
}

/// What people write into the report themselves stays: all from this line on.
const BY_HAND: &str = "## Where the time goes";

/// Nanoseconds for people, with three digits.
pub(crate) fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ..1e3 => (nanoseconds, "ns"),
        ..1e6 => (nanoseconds / 1e3, "µs"),
        ..1e9 => (nanoseconds / 1e6, "ms"),
        _ => (nanoseconds / 1e9, "s"),
    };
    let digits = match value {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

/// Who took how long, the fastest first.
pub(crate) fn table(result: &Result<'_>) -> String {
    let unit = result.workload.unit;
    let mut table = format!("\n| | each {unit} | middle half | times the fastest |\n|---|---:|---:|---:|\n");
    let sorted = sorted(&result.measured);
    for one in &sorted {
        let ([low, high], factor) = (one.quartiles.map(time), one.median / sorted[0].median);
        writeln!(table, "| {} | {} | {low} to {high} | {factor:.2} |", one.name, time(one.median))
            .expect("a string takes it");
    }
    table.push('\n');
    table
}

/// The fastest first.
pub(crate) fn sorted(measured: &[Measured]) -> Vec<&Measured> {
    let mut sorted: Vec<_> = measured.iter().collect();
    sorted.sort_by(|one, other| one.median.total_cmp(&other.median));
    sorted
}

/// Writes the report and its plots, and keeps what was written by hand.
pub(crate) fn write(docs: &Path, results: &[Result<'_>], peers: &Peers<'_>) -> Outcome<()> {
    let path = docs.join("BENCHMARKS.md");
    let before = fs::read_to_string(&path).unwrap_or_default();
    let by_hand = before.find(BY_HAND).map_or(BY_HAND, |at| &before[at..]).trim_end();
    let plots = docs.join("benchmarks");
    fs::create_dir_all(&plots)?;

    let mut report =
        format!("{HEAD}\n{}\n## Wanted and reached\n{}", machine::about(peers), targets::table(results));
    for result in results {
        let Workload { id, title, unit, rounds, .. } = result.workload;
        let plot = format!("{}.svg", id.to_lowercase().replace(' ', "-"));
        plot::write(&plots.join(&plot), result)?;
        write!(report, "\n## {id}: {title}\n\nMedians of {rounds} rounds.\n{}", table(result))?;
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
