//! What an unnamed temporary file costs from its creation to its end, against `std::fs` doing the
//! same in the same directory: create exclusively, unlink, close.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::Criterion;
use host_tests::Mode;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView, p3};

#[allow(missing_docs, unused_doc_comments)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "provider",
        with: { "wasi": wasmtime_wasi::p3::bindings },
        exports: { default: async | store },
    });
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// An instance of the provider, called without the harness of the tests between.
struct Provider {
    store: Store<State>,
    exports: bindings::Provider,
}

impl Provider {
    async fn start(directory: &Path) -> wasmtime::Result<Provider> {
        let engine = Engine::default();
        let mut wasi = WasiCtx::builder();
        wasi.allow_blocking_current_thread(true).preopened_dir(directory, "/tmp", FsPerms::ReadWrite)?;
        let mut store = Store::new(&engine, State { wasi: wasi.build(), table: ResourceTable::new() });
        let mut linker = Linker::new(&engine);
        p3::add_to_linker(&mut linker)?;
        let component = Component::from_file(&engine, Mode::P3Blocking.provider())?;
        let exports = bindings::Provider::instantiate_async(&mut store, &component, &linker).await?;
        Ok(Provider { store, exports })
    }

    /// Creates an unnamed file, one call, and drops it.
    async fn create_and_drop(&mut self) -> wasmtime::Result<()> {
        let create = self.exports.scratch_tempfile_tempfile().temporary_file().func_create();
        let (file,) = create.call_async(&mut self.store, (None,)).await?;
        file?.resource_drop_async(&mut self.store).await
    }
}

/// Creates, unlinks and closes a file as a program does that has the host's filesystem.
fn create_and_drop(directory: &Path, number: u64) {
    let path = directory.join(format!("tmp{number:026}"));
    let file = File::create_new(&path).expect("the name is free");
    fs::remove_file(&path).expect("the file is there");
    drop(file);
}

/// How long `work` takes, done a number of times.
fn time(times: u64, mut work: impl FnMut(u64)) -> Duration {
    let start = Instant::now();
    (0..times).for_each(&mut work);
    start.elapsed()
}

/// Measures both by turns, so that what else the machine does meets both, and prints the ratio of
/// the medians.
fn compare(mut ours: impl FnMut(u64), mut theirs: impl FnMut(u64)) {
    const ROUNDS: usize = 201;
    const TIMES: u64 = 100;
    let (mut of_ours, mut of_theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_ours.push(time(TIMES, &mut ours));
        of_theirs.push(time(TIMES, &mut theirs));
    }
    let [ours, theirs] = [of_ours, of_theirs].map(|mut rounds| {
        rounds.sort();
        rounds[ROUNDS / 2].as_secs_f64() * 1e6 / TIMES as f64
    });
    println!(
        "create, unlink, close, by turns: scratch:tempfile {ours:.1} µs, std::fs {theirs:.1} µs, {:.2} times as much",
        ours / theirs,
    );
}

fn main() {
    let directory = tempfile::tempdir().expect("the host has a temporary directory");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be built");
    let mut provider = runtime.block_on(Provider::start(directory.path())).expect("the provider starts");
    let mut theirs = |number| create_and_drop(directory.path(), number);
    let mut ours = |_| runtime.block_on(provider.create_and_drop()).expect("the directory is usable");

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("create, unlink, close");
    group.bench_function("std::fs", |bencher| bencher.iter_custom(|times| time(times, &mut theirs)));
    group.bench_function("scratch:tempfile", |bencher| bencher.iter_custom(|times| time(times, &mut ours)));
    group.finish();
    compare(ours, theirs);
    criterion.final_summary();
}
