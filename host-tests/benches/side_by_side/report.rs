//! The report: tables, and `docs/BENCHMARKS.md` as a whole.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::measure::{Outcome, sorted, time};
use crate::peers::Peers;
use crate::workloads::{Figures, Workload};
use crate::{machine, plot, targets};

/// The first line of the part that people write, which is kept.
const BY_HAND: &str = "## Where the time goes";

/// The table of a workload's times, the fastest first.
pub(crate) fn table(figures: &Figures<'_>) -> String {
    let unit = figures.workload.unit;
    let mut table = format!("\n| | each {unit} | middle half | times the fastest |\n|---|---:|---:|---:|\n");
    let sorted = sorted(&figures.measured);
    for one in &sorted {
        let ([low, high], factor) = (one.quartiles.map(time), one.median / sorted[0].median);
        writeln!(table, "| {} | {} | {low} to {high} | {factor:.2} |", one.name, time(one.median))
            .expect("writing to a string succeeds");
    }
    table.push('\n');
    table
}

/// Writes the report and its plots, and keeps the part that people wrote.
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
    fs::write(path, report)?;
    write_readme(&docs.join("../README.md"), all)
}

/// Replaces the README's table of ratios.
fn write_readme(path: &Path, all: &[Figures<'_>]) -> Outcome<()> {
    let readme = fs::read_to_string(path)?;
    let start = readme.find(targets::HEAD_OF_ROWS).ok_or("the README has no table of ratios")?;
    let end = readme[start..].find("\n\n").map_or(readme.len(), |length| start + length + 1);
    Ok(fs::write(path, [&readme[..start], &targets::rows(all), &readme[end..]].concat())?)
}

const HEAD: &str = "\
# Benchmarks

Written by `cargo bench`, which measures all contenders by turns in one run and reports medians. Compare
ratios, not times: machines differ. The interval of a ratio holds 95 of 100 ratios of the same rounds drawn
anew, for both contenders together: other load on the machine widens it. `cargo bench -- W1` measures one
workload.

The contenders:

- *scratch, by a plugin*: a component composed with the provider that uses the crate
  [`scratch-tempfile`](../packages/client), or the interface itself where streams and `read-lines` are
  measured.
- *scratch, by the host*: the host calls the provider for each operation, as embedders and the packages
  for Python and Node do; *scratch 0.2* is the synchronous build.
- *bare guest*: a component that calls `wasi:filesystem` itself, without an order of calls, limits or a
  buffer ([source](../host-tests/guests/bare)): the floor for any component. *By the host*, its host calls
  it for each operation.
- *blocking off*: without `allow_blocking_current_thread`, so that each call hops to another thread.
- *tempfile + std*, *async-tempfile, tokio*: native Rust; *CPython tempfile*, *anyio*: Python.
";
