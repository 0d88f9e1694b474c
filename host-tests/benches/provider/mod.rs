//! An instance of the provider, called without the harness of the tests between, and measured by
//! turns with something else.

use std::path::Path;
use std::time::{Duration, Instant};

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView, p3};

use self::bindings::exports::scratch::tempfile::tempfile::Whence;

#[allow(missing_docs, unused_doc_comments)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "
            package test:benches;

            world measured {
                export scratch:tempfile/tempfile@0.3.0;
            }
        ",
        world: "test:benches/measured",
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

/// A running provider.
pub(crate) struct Provider {
    store: Store<State>,
    exports: bindings::Measured,
}

impl Provider {
    /// Starts the component in a file on a directory, with some environment.
    pub(crate) async fn start(
        component: &Path,
        directory: &Path,
        environment: &[(&str, &str)],
    ) -> wasmtime::Result<Provider> {
        let engine = Engine::default();
        let mut wasi = WasiCtx::builder();
        wasi.allow_blocking_current_thread(true).envs(environment);
        wasi.preopened_dir(directory, "/tmp", FsPerms::ReadWrite)?;
        let mut store = Store::new(&engine, State { wasi: wasi.build(), table: ResourceTable::new() });
        let mut linker = Linker::new(&engine);
        p3::add_to_linker(&mut linker)?;
        let component = Component::from_file(&engine, component)?;
        let exports = bindings::Measured::instantiate_async(&mut store, &component, &linker).await?;
        Ok(Provider { store, exports })
    }

    /// Creates an unnamed file, one call, and drops it.
    #[allow(dead_code, reason = "not all benchmarks do both")]
    pub(crate) async fn create_and_drop(&mut self) -> wasmtime::Result<()> {
        let create = self.exports.scratch_tempfile_tempfile().temporary_file().func_create();
        let (file,) = create.call_async(&mut self.store, (None,)).await?;
        file?.resource_drop_async(&mut self.store).await
    }

    /// Creates an unnamed file, writes a kibibyte, goes back, reads it, closes and drops the file.
    #[allow(dead_code, reason = "not all benchmarks do both")]
    pub(crate) async fn small_file(&mut self) -> wasmtime::Result<()> {
        let Provider { store, exports } = self;
        let files = exports.scratch_tempfile_tempfile().temporary_file();
        let (file,) = files.func_create().call_async(&mut *store, (None,)).await?;
        let file = file?;
        files.func_write().call_async(&mut *store, (file, vec![1; 1024])).await?.0?;
        files.func_seek().call_async(&mut *store, (file, 0, Whence::Start)).await?.0?;
        let (read,) = files.func_read().call_async(&mut *store, (file, 1024)).await?;
        assert_eq!(read?.len(), 1024);
        files.func_close().call_async(&mut *store, (file,)).await?.0?;
        file.resource_drop_async(store).await
    }
}

/// How long `work` takes, done a number of times.
pub(crate) fn time(times: u64, mut work: impl FnMut(u64)) -> Duration {
    let start = Instant::now();
    (0..times).for_each(&mut work);
    start.elapsed()
}

/// Measures both by turns, so that what else the machine does meets both; returns the medians in
/// microseconds.
pub(crate) fn by_turns(mut one: impl FnMut(u64), mut other: impl FnMut(u64)) -> [f64; 2] {
    const ROUNDS: usize = 201;
    const TIMES: u64 = 100;
    let (mut of_one, mut of_other) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_one.push(time(TIMES, &mut one));
        of_other.push(time(TIMES, &mut other));
    }
    [of_one, of_other].map(|mut rounds| {
        rounds.sort();
        rounds[ROUNDS / 2].as_secs_f64() * 1e6 / TIMES as f64
    })
}
