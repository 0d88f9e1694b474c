//! What temporary files cost here and elsewhere, side by side in one run, by turns.
//!
//! `cargo bench` measures everything and writes `docs/BENCHMARKS.md` and its plots; `cargo bench --
//! W1 W3` measures these and prints them, `--quick` with few rounds. `SCRATCH_BENCH_AGAINST` names the
//! component of another build, to be measured in W1 too.

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
    /// The workloads to measure, W1 to W10; all, unless some are named.
    workloads: Vec<String>,
    /// Where the temporary files go; by default memory (`/dev/shm`), where there is such a place, so that
    /// what differs shows, and not the disk, which is the same for all.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// Few rounds: whether it works, not how fast.
    #[arg(long)]
    quick: bool,
    /// One contender alone, by its name, to be profiled.
    #[arg(long)]
    only: Option<String>,
    /// How many rounds, instead of as many as are usual for a workload.
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
