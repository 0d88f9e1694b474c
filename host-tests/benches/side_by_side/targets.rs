//! The targets of the benchmarks: a ratio of medians for each row.

use std::fmt::Write as _;

use crate::peers::*;
use crate::workloads::Figures;

/// Two contenders in a workload, and the largest acceptable ratio of their times.
struct Target(&'static str, &'static str, &'static str, f64);

const TARGETS: [Target; 31] = [
    Target("W1", PLUGIN, STD, 1.6),
    Target("W1", HOSTED, STD, 1.6),
    Target("W1", PLUGIN, TOKIO, 0.25),
    Target("W1", HOSTED, TOKIO, 0.25),
    Target("W1", PLUGIN, ANYIO, 0.05),
    Target("W1", HOSTED, ANYIO, 0.05),
    Target("W1", PLUGIN, BARE, 1.15),
    Target("W1", HOSTED, BARE_HOSTED, 1.15),
    Target("W2", PLUGIN, STD, 2.0),
    Target("W2", PLUGIN, ANYIO, 0.01),
    Target("W3", PLUGIN_STREAMS, STD, 1.15),
    Target("W4", PLUGIN, TOKIO, 0.4),
    Target("W4", HOSTED, TOKIO, 0.4),
    Target("W5", PLUGIN, STD, 1.5),
    Target("W6", PLUGIN, CPYTHON, 1.0),
    Target("W6", PLUGIN_EACH, CPYTHON, 1.0),
    Target("W6", HOSTED, CPYTHON, 1.0),
    Target("W7", HOSTED_P2, ANYIO, 0.35),
    Target("W7 rolling", HOSTED_P2, ANYIO, 0.35),
    Target("W8", POOLED, POOLED_BARE, 1.3),
    Target("W9", SORT, GNU_SORT, 1.5),
    Target("W1", PLUGIN_OFF, BARE_OFF, 1.15),
    Target("W1", HOSTED_OFF, BARE_HOSTED_OFF, 1.15),
    Target("W2", PLUGIN_OFF, BARE_OFF, 1.15),
    Target("W3", PLUGIN_STREAMS_OFF, BARE_OFF, 1.15),
    Target("W4", PLUGIN_OFF, BARE_OFF, 1.15),
    Target("W5", PLUGIN_OFF, BARE_OFF, 1.15),
    Target("W6", PLUGIN_OFF, BARE_OFF, 1.15),
    Target("W1", LIMITED, HOSTED, 1.05),
    Target("W10", "a small file beside 10000 open", "a small file beside 1 open", 1.5),
    Target("W10", "a MiB of a file of 1024 MiB", "a MiB of a file of 16 MiB", 1.5),
];

/// The table of the measured targets, each reached or missed.
pub(crate) fn table(all: &[Figures<'_>]) -> String {
    let mut table =
        String::from("\n| workload | ours | against | ratio | wanted | |\n|---|---|---|---:|---:|---|\n");
    for Target(workload, ours, theirs, wanted) in &TARGETS {
        let Some(figures) = all.iter().find(|figures| figures.workload.id == *workload) else { continue };
        let median = |name| figures.measured.iter().find(|one| one.name == name).map(|one| one.median);
        if let (Some(our), Some(their)) = (median(*ours), median(*theirs)) {
            let ratio = our / their;
            let verdict = if ratio <= *wanted { "reached" } else { "**missed**" };
            writeln!(
                table,
                "| {workload} | {ours} | {theirs} | {ratio:.digits$} | ≤ {wanted} | {verdict} |",
                digits = if ratio < 0.1 { 4 } else { 2 },
            )
            .expect("writing to a string succeeds");
        }
    }
    table
}
