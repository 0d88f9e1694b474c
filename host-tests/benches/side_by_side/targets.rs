//! The targets of the benchmarks: a ratio of medians for each row.

use std::fmt::Write as _;

use crate::measure::{Ratio, digits};
use crate::peers::*;
use crate::workloads::Figures;

/// Two contenders in a workload, and the largest acceptable ratio of their times.
struct Target(&'static str, &'static str, &'static str, f64);

const TARGETS: [Target; 38] = [
    Target("W1", PLUGIN, STD, 0.7),
    Target("W4", PLUGIN, STD, 0.7),
    Target("W1", HOSTED_P2, STD, 0.4),
    Target("W1", HOSTED_PLAIN, STD, 1.3),
    Target("W1", HOSTED, STD, 1.3),
    Target("W1", PLUGIN, ANYIO, 0.02),
    Target("W1", HOSTED, ANYIO, 0.05),
    Target("W1", PLUGIN, TOKIO, 0.25),
    Target("W1", HOSTED, TOKIO, 0.25),
    Target("W1", PLUGIN, BARE, 1.15),
    Target("W1", HOSTED, BARE_HOSTED, 1.15),
    Target("W2", PLUGIN, STD, 2.0),
    Target("W2", PLUGIN, ANYIO, 0.01),
    Target("W3", PLUGIN_STREAMS, STD, 1.25),
    Target("W3", PLUGIN, STD, 1.6),
    Target("W4", PLUGIN, TOKIO, 0.4),
    Target("W4", HOSTED, TOKIO, 0.4),
    Target("W5", PLUGIN, BARE, 1.1),
    Target("W6", PLUGIN_EACH, CPYTHON, 0.8),
    Target("W6", PLUGIN_BLOCKS, CPYTHON, 1.2),
    Target("W6", PLUGIN, CPYTHON, 1.2),
    Target("W6", HOSTED, CPYTHON, 1.2),
    Target("W7", PLUGIN, CPYTHON, 0.5),
    Target("W7", PLUGIN, STD, 5.0),
    Target("W7", HOSTED_P2, ANYIO, 0.35),
    Target("W7 rolling", HOSTED_P2, ANYIO, 0.35),
    Target("W8", POOLED, POOLED_BARE, 1.3),
    Target("W9", SORT, GNU_SORT, 0.6),
    Target("W1", PLUGIN_OFF, BARE_OFF, 1.1),
    Target("W1", HOSTED_OFF, BARE_HOSTED_OFF, 1.1),
    Target("W2", PLUGIN_OFF, BARE_OFF, 1.1),
    Target("W3", PLUGIN_STREAMS_OFF, BARE_OFF, 1.1),
    Target("W4", PLUGIN_OFF, BARE_OFF, 1.1),
    Target("W5", PLUGIN_OFF, BARE_OFF, 1.1),
    Target("W6", PLUGIN_OFF, BARE_OFF, 1.1),
    Target("W1", LIMITED, HOSTED, 1.05),
    Target("W10", "a small file beside 10000 open", "a small file beside 1 open", 1.5),
    Target("W10", "a MiB of a file of 1024 MiB", "a MiB of a file of 16 MiB", 1.5),
];

/// The rows of the README's table: its text, the workload and the contender.
const ROWS: [(&str, &str, &str); 4] = [
    ("a small file, from creation to close, in a plugin", "W1", PLUGIN),
    ("10,000 small writes in a plugin", "W2", PLUGIN),
    ("256 MiB as streams in a plugin", "W3", PLUGIN_STREAMS),
    ("1,000 files open at once in a plugin", "W4", PLUGIN),
];

/// The first line of the README's table.
pub(crate) const HEAD_OF_ROWS: &str =
    "| workload | the crate `tempfile`, native | async-tempfile on tokio | CPython's tempfile | anyio |";

/// The table of the measured targets, each reached or missed.
pub(crate) fn table(all: &[Figures<'_>]) -> String {
    let mut table = String::from(
        "\n| workload | ours | against | ratio | interval | wanted | |\n|---|---|---|---:|---:|---:|---|\n",
    );
    for Target(workload, ours, theirs, wanted) in &TARGETS {
        if let Some(Ratio { value, interval: [low, high] }) = ratio(all, workload, ours, theirs) {
            let verdict = if value <= *wanted { "reached" } else { "**missed**" };
            let [value, low, high] = [value, low, high].map(digits);
            writeln!(
                table,
                "| {workload} | {ours} | {theirs} | {value} | {low} to {high} | ≤ {wanted} | {verdict} |"
            )
            .expect("writing to a string succeeds");
        }
    }
    table
}

/// The README's table of ratios.
pub(crate) fn rows(all: &[Figures<'_>]) -> String {
    let mut table = format!("{HEAD_OF_ROWS}\n|---|---:|---:|---:|---:|\n");
    for (text, workload, ours) in ROWS {
        let cells = [STD, TOKIO, CPYTHON, ANYIO].map(|theirs| {
            ratio(all, workload, ours, theirs).map_or_else(String::new, |ratio| digits(ratio.value))
        });
        writeln!(table, "| {text} | {} |", cells.join(" | ")).expect("writing to a string succeeds");
    }
    table
}

fn ratio(all: &[Figures<'_>], workload: &str, ours: &str, theirs: &str) -> Option<Ratio> {
    let figures = all.iter().find(|figures| figures.workload.id == workload)?;
    let measured = |name| figures.measured.iter().find(|one| one.name == name);
    Some(measured(ours)?.over(measured(theirs)?))
}
