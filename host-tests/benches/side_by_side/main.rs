//! The cost of temporary files here and elsewhere, measured in one run by turns.
//!
//! `cargo bench` measures everything and writes `docs/BENCHMARKS.md` and its plots. `cargo bench --
//! W1 W3` measures these workloads and prints the results, `--quick` with few rounds.
//! `SCRATCH_BENCH_AGAINST` is the path of another build's component, measured in W1 too. With
//! `SCRATCH_BENCH_PERFMAP` the engine writes the names of compiled functions where `perf report` finds them.

mod engine;
mod guests;
mod hosted;
mod machine;
mod measure;
mod native;
mod peers;
mod plot;
mod python;
mod report;
mod sizes;
mod sorting;
mod targets;
mod workloads;

use std::path::{Path, PathBuf};

use clap::Parser;

use crate::measure::{Outcome, Turns};
use crate::peers::Peers;
use crate::workloads::{Figures, WORKLOADS};

#[derive(Parser)]
struct Arguments {
    /// The workloads to measure, W1 to W10; all by default.
    workloads: Vec<String>,
    /// The directory of the temporary files; by default `/dev/shm` if it exists, because the disk would
    /// hide the differences.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// Few rounds, to check that the benchmark works.
    #[arg(long)]
    quick: bool,
    /// The only contender to run, by its name, for a profile.
    #[arg(long)]
    only: Option<String>,
    /// The number of rounds, instead of the workload's own.
    #[arg(long)]
    rounds: Option<usize>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let memory = Some(PathBuf::from("/dev/shm")).filter(|memory| memory.is_dir());
    let place = arguments.directory.clone().or(memory).unwrap_or_else(std::env::temp_dir);
    let directory = tempfile::tempdir_in(place)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let peers = Peers::start(&runtime, directory.path(), &workspace)?;
    let is_wanted =
        |id: &str| arguments.workloads.is_empty() || arguments.workloads.iter().any(|some| some == id);

    let mut all = Vec::new();
    for workload in WORKLOADS.iter().filter(|workload| is_wanted(workload.id)) {
        eprintln!("{}: {}", workload.id, workload.title);
        let usual = if arguments.quick { 3 } else { workload.rounds };
        let rounds = arguments.rounds.unwrap_or(usual);
        let turns = Turns { rounds, only: arguments.only.as_deref() };
        let figures = Figures { workload, measured: (workload.measure)(&peers, turns)? };
        print!("{}", report::table(&figures));
        all.push(figures);
    }
    print!("{}", targets::table(&all));
    let is_whole = arguments.workloads.is_empty() && arguments.only.is_none() && arguments.rounds.is_none();
    if is_whole && !arguments.quick {
        report::write(&workspace.join("docs"), &all, &peers)?;
    }
    Ok(())
}
