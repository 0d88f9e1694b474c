//! What an unnamed temporary file costs from its creation to its end, against `std::fs` doing the
//! same in the same directory: create exclusively, unlink, close.

use std::fs::{self, File};
use std::path::Path;

use criterion::Criterion;
use host_tests::Mode;

use provider::{Provider, by_turns, time};

mod provider;

/// Creates, unlinks and closes a file as a program does that has the host's filesystem.
fn create_and_drop(directory: &Path, number: u64) {
    let path = directory.join(format!("tmp{number:026}"));
    let file = File::create_new(&path).expect("the name is free");
    fs::remove_file(&path).expect("the file is there");
    drop(file);
}

fn main() {
    let directory = tempfile::tempdir().expect("the host has a temporary directory");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be built");
    let component = Path::new(Mode::P3Blocking.provider());
    let mut provider =
        runtime.block_on(Provider::start(component, directory.path(), &[])).expect("the provider starts");
    let mut theirs = |number| create_and_drop(directory.path(), number);
    let mut ours = |_| runtime.block_on(provider.create_and_drop()).expect("the directory is usable");

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("create, unlink, close");
    group.bench_function("std::fs", |bencher| bencher.iter_custom(|times| time(times, &mut theirs)));
    group.bench_function("scratch:tempfile", |bencher| bencher.iter_custom(|times| time(times, &mut ours)));
    group.finish();
    let [ours, theirs] = by_turns(ours, theirs);
    println!(
        "create, unlink, close, by turns: scratch:tempfile {ours:.1} µs, std::fs {theirs:.1} µs, {:.2} times as much",
        ours / theirs,
    );
    criterion.final_summary();
}
