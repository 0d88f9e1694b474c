//! What reading a line costs a consumer, of a file of 100,000 of them and with blocking allowed:
//! `read-line` for each, and `read-lines` for many, of bytes and of text.

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use host_tests::{Composed, Fixture as _, LineKind, Mode, Setup};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

/// How many lines the file has.
const LINES: u32 = 100_000;

/// How much `read-lines` is asked for at a time.
const TOGETHER: u64 = 64 * 1024;

/// A way to read all lines.
#[derive(Clone, Copy)]
enum Way {
    LineByLine,
    Together,
}

/// Reads the lines a number of times, and tells how long that took.
fn time(times: u64, kind: LineKind, way: Way) -> Duration {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime can be built");
    LocalSet::new().block_on(&runtime, async {
        let mut elapsed = Duration::ZERO;
        for _ in 0..times {
            elapsed += read(kind, way).await;
        }
        elapsed
    })
}

/// Reads the lines once, in an instance of its own: wasmtime 48 keeps an entry of a million that a
/// store may have for every call from one guest to another that is done at once.
async fn read(kind: LineKind, way: Way) -> Duration {
    let composed = Composed::start(Mode::P3Blocking, Setup::default()).await;
    let file = composed.lined_file(kind, LINES).await.expect("the file can be created");
    let start = Instant::now();
    let read = match way {
        Way::LineByLine => file.read_line_by_line().await,
        Way::Together => file.read_lines_together(TOGETHER).await,
    };
    let elapsed = start.elapsed();
    assert_eq!(read, Ok(LINES));
    elapsed
}

/// The median of a few rounds, in microseconds per line.
fn microseconds(kind: LineKind, way: Way) -> f64 {
    const ROUNDS: usize = 11;
    let mut rounds: Vec<Duration> = (0..ROUNDS).map(|_| time(1, kind, way)).collect();
    rounds.sort();
    rounds[ROUNDS / 2].as_secs_f64() * 1e6 / f64::from(LINES)
}

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut medians = Vec::new();

    for (of, kind) in [("bytes", LineKind::Bytes), ("text", LineKind::Text)] {
        let mut group = criterion.benchmark_group(of);
        group.throughput(Throughput::Elements(LINES.into()));
        for (name, way) in [("read-line", Way::LineByLine), ("read-lines", Way::Together)] {
            group.bench_function(name, |bencher| bencher.iter_custom(|times| time(times, kind, way)));
            medians.push(format!("{name} of {of}: {:.2} µs per line", microseconds(kind, way)));
        }
        group.finish();
    }

    medians.iter().for_each(|median| println!("{median}"));
    criterion.final_summary();
}
