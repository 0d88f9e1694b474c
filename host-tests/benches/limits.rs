//! What limits cost: a small file from its creation to its end, without limits and with all of them;
//! and, if `SCRATCH_BENCH_AGAINST` names the component of another build, with that.

use std::path::Path;

use host_tests::Mode;
use provider::{Provider, by_turns};

mod provider;

/// All limits, too far away to be reached.
const LIMITS: [(&str, &str); 8] = [
    ("SCRATCH_MAX_BYTES", "1G"),
    ("SCRATCH_MAX_FILE_BYTES", "1G"),
    ("SCRATCH_MAX_ENTRIES", "1000"),
    ("SCRATCH_MAX_HANDLES", "1000"),
    ("SCRATCH_MAX_MEMORY", "1G"),
    ("SCRATCH_MAX_DEPTH", "1000"),
    ("SCRATCH_CONFINED", "1"),
    ("SCRATCH_HIDE_DISK_FULL", "1"),
];

fn main() {
    let directory = tempfile::tempdir().expect("the host has a temporary directory");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be built");
    let start = |component: &Path, environment: &[(&str, &str)]| {
        let started = Provider::start(component, directory.path(), environment);
        runtime.block_on(started).unwrap_or_else(|error| panic!("{}: {error:?}", component.display()))
    };
    let ours = Path::new(Mode::P3Blocking.provider());
    let (mut free, mut limited) = (start(ours, &[]), start(ours, &LIMITS));
    let measure = |one: &mut Provider, other: &mut Provider, what: [&str; 2]| {
        let work = |provider: &mut Provider| {
            runtime.block_on(provider.small_file()).expect("the directory is usable");
        };
        let [first, second] = by_turns(|_| work(one), |_| work(other));
        println!(
            "small file, by turns: {} {first:.1} µs, {} {second:.1} µs, {:+.1} %",
            what[0],
            what[1],
            (second / first - 1.0) * 100.0,
        );
    };

    measure(&mut free, &mut limited, ["without limits", "with all limits"]);
    if let Some(other) = std::env::var_os("SCRATCH_BENCH_AGAINST") {
        let mut other = start(Path::new(&other), &[]);
        measure(&mut other, &mut limited, ["the other build", "this one with all limits"]);
    }
}
