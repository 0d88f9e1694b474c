//! The cost of a private `/tmp`, measured by turns in one run.
//!
//! A program runs in the host's directory, in a private tree, and in the host's directory behind the same
//! component, which passes it through. `cargo bench -p host-tests --bench private_tmp` prints medians, their ratio
//! with an interval, and whether it is the wanted one; `-- T1 T3` measures these workloads only.

mod host;
#[allow(dead_code, reason = "the other benchmark uses all of it")]
#[path = "../side_by_side/measure.rs"]
mod measure;

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use wasmtime_wasi::cli::OutputFile;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

use crate::host::{Host, Place};
use crate::measure::{Contender, Measured, Outcome, Turns, time};

/// A measured program: its identifier, title, the kind and number of its calls, the rounds, and the targets.
struct Workload {
    id: &'static str,
    title: &'static str,
    kind: &'static str,
    count: usize,
    rounds: usize,
    output: Output,
    /// The largest wanted ratio of the private tree's time and that of another place.
    wanted: Option<(Place, f64)>,
}

/// Where the standard output of a program goes.
#[derive(Clone, Copy)]
enum Output {
    /// A pipe that a thread reads to its end.
    Pipe,
    /// A device that takes bytes without looking at them.
    Null,
}

const WORKLOADS: [Workload; 9] = [
    workload("T1", "write 100 B", "small-writes", 10_000, (Place::Plain, 1.0)),
    workload("T2", "read 100 B", "small-reads", 10_000, (Place::Plain, 1.0)),
    workload("T3", "create a file of 5 B", "creations", 1000, (Place::Plain, 1.0)),
    workload("T4", "write 64 KiB, a file of 64 MiB", "large-writes", 1024, (Place::Passed, 1.25)),
    workload("T5", "read 64 KiB, a file of 64 MiB", "large-reads", 1024, (Place::Passed, 1.25)),
    workload("T6", "write 64 KiB, a file of 512 KiB", "large-writes", 8, (Place::Passed, 1.25)),
    Workload {
        output: Output::Pipe,
        ..workload("T7", "write 64 KiB to standard output, a pipe", "output", 1024, (Place::Plain, 2.5))
    },
    workload("T8", "write 64 KiB to standard output, the null device", "output", 1024, (Place::Plain, 2.5)),
    Workload { wanted: None, ..workload("T9", "start and end", "nothing", 1, (Place::Plain, 0.0)) },
];

const fn workload(
    id: &'static str,
    title: &'static str,
    kind: &'static str,
    count: usize,
    wanted: (Place, f64),
) -> Workload {
    Workload { id, title, kind, count, rounds: 21, output: Output::Null, wanted: Some(wanted) }
}

/// The largest wanted difference of the time from start to end, in nanoseconds.
const START: f64 = 2e6;

#[derive(Parser)]
struct Arguments {
    /// The workloads to measure, T1 to T9; all by default.
    workloads: Vec<String>,
    /// The host's directory; by default `/dev/shm` if it exists.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// The only place to run in: plain, passed or private, for a profile.
    #[arg(long)]
    only: Option<String>,
    /// The number of rounds, instead of the workload's own.
    #[arg(long)]
    rounds: Option<usize>,
    /// Leave out WASI 0.3 in the engine, which makes calls between components cheaper.
    #[arg(long)]
    p2_only: bool,
    /// Another build of the component to measure.
    #[arg(long)]
    component: Option<PathBuf>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    let memory = Some(PathBuf::from("/dev/shm")).filter(|memory| memory.is_dir());
    let directory = tempfile::tempdir_in(arguments.directory.clone().or(memory).unwrap_or("/tmp".into()))?;
    let component = arguments.component.as_deref().unwrap_or(Path::new(env!("SCRATCH_TMP")));
    let host = Host::new(!arguments.p2_only, &std::fs::read(component)?)?;
    println!("| | plain | passed through | private | ratio | interval | wanted | |");
    println!("|---|---:|---:|---:|---:|---:|---:|---|");
    let is_wanted =
        |id: &str| arguments.workloads.is_empty() || arguments.workloads.iter().any(|wanted| wanted == id);
    for workload in WORKLOADS.iter().filter(|workload| is_wanted(workload.id)) {
        let rounds = arguments.rounds.unwrap_or(workload.rounds);
        let contenders = Place::ALL.map(|place| {
            let (host, directory) = (&host, directory.path());
            Contender::new(place.name(), move || run(host, place, workload, directory))
        });
        let turns = Turns { rounds, only: arguments.only.as_deref() };
        let measured = turns.measure(contenders.into(), workload.count as f64);
        println!("{}", row(workload, &measured));
    }
    Ok(())
}

/// Runs the program once, and returns the time that it reports, or all of it for a program that does nothing.
fn run(host: &Host, place: Place, workload: &Workload, directory: &Path) -> Outcome {
    let errors = MemoryOutputPipe::new(1000);
    let output = match workload.output {
        Output::Pipe => read_by_a_thread()?,
        Output::Null => File::options().write(true).open("/dev/null")?,
    };
    let count = workload.count.to_string();
    let start = Instant::now();
    host.run(place, &["program", "measure", workload.kind, "/work", &count], directory, |wasi| {
        wasi.stdout(OutputFile::new(output)).stderr(errors.clone());
    })?;
    let whole = start.elapsed();
    let reported = String::from_utf8(errors.contents().to_vec())?.parse()?;
    Ok(if workload.kind == "nothing" { whole } else { Duration::from_nanos(reported) })
}

/// Returns a pipe whose other end a thread reads.
fn read_by_a_thread() -> Outcome<File> {
    let (mut reader, writer) = io::pipe()?;
    thread::spawn(move || {
        let mut piece = vec![0; 1 << 16];
        while reader.read(&mut piece).is_ok_and(|length| length > 0) {}
    });
    Ok(File::from(OwnedFd::from(writer)))
}

fn row(workload: &Workload, measured: &[Measured]) -> String {
    let of = |place: Place| measured.iter().find(|one| one.name == place.name());
    let median = |place| of(place).map_or_else(String::new, |one| time(one.median));
    let [plain, passed, private] = Place::ALL.map(median);
    let begin = format!("| {}: {} | {plain} | {passed} | {private} |", workload.id, workload.title);
    let Some(ours) = of(Place::Private) else { return begin };
    let (verdict, wanted) = match workload.wanted {
        Some((place, most)) => {
            let Some(theirs) = of(place) else { return begin };
            let ratio = ours.over(theirs);
            let [low, high] = ratio.interval;
            let cells = format!(" {:.2} of {} | {low:.2} to {high:.2} | ≤ {most}", ratio.value, place.name());
            (ratio.value <= most, cells)
        }
        None => {
            let Some(plain) = of(Place::Plain) else { return begin };
            let more = ours.median - plain.median;
            (more <= START, format!(" {} more | | ≤ {} more", time(more), time(START)))
        }
    };
    format!("{begin}{wanted} | {} |", if verdict { "reached" } else { "**missed**" })
}
