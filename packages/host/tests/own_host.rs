//! A host with a state, a `WasiCtx` and a linker of its own.

mod running;

use host_guests::ENDING;
use scratch_tempfile_host::wasmtime::Store;
use scratch_tempfile_host::wasmtime::component::{Linker, ResourceTable};
use scratch_tempfile_host::wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, p2, p3};
use scratch_tempfile_host::{Composition, End, Limits, LinearMemory, Options, Prepared};
use tempfile::TempDir;

use crate::running::{command, engine, names};

/// The state of a host that counts its customers' runs.
struct Customer {
    runs: u32,
    wasi: WasiCtx,
    table: ResourceTable,
    memory: LinearMemory,
}

impl WasiView for Customer {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

fn prepared() -> Prepared<Customer> {
    let mut linker = Linker::new(engine());
    p2::add_to_linker_async(&mut linker).unwrap();
    p3::add_to_linker(&mut linker).unwrap();
    Prepared::new(&linker, &Composition::plugin(ENDING).unwrap()).unwrap()
}

/// A store for a run of the plugin with this ending, and its directory.
fn store(plugin: &Prepared<Customer>, ending: &str, options: &Options) -> (Store<Customer>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let (mut wasi, _) = command(&["ending", ending]);
    plugin.configure(&mut wasi, directory.path(), options).unwrap();
    let memory = LinearMemory::new(64 << 20);
    let state = Customer { runs: 0, wasi: wasi.build(), table: ResourceTable::new(), memory };
    let mut store = Store::new(engine(), state);
    store.limiter(|state| &mut state.memory);
    store.set_epoch_deadline(1_000_000);
    (store, directory)
}

#[tokio::test]
async fn a_host_with_its_own_state_and_linker_runs_plugins_and_nothing_is_left() {
    let plugin = prepared();
    let limits = Limits { max_entries: Some(200), ..Limits::confined() };
    let options = Options::new().limits(limits).may_block(false);
    for _ in 0..2 {
        let (mut store, directory) = store(&plugin, "return", &options);

        let running = plugin.start(&mut store, &options).await.unwrap();
        let end = running.run_command(&mut store).await.unwrap();
        store.data_mut().runs += 1;
        let usage = running.finish(&mut store).await.unwrap();

        assert_eq!((end, store.data().runs), (End::Returned(Ok(())), 1));
        assert_eq!(usage.entries.now, 0);
        assert!(names(directory.path()).is_empty(), "{:?}", names(directory.path()));
        assert!(store.data().memory.used() > 0);
    }
}

#[tokio::test]
async fn limits_hold_in_a_host_with_its_own_state() {
    let plugin = prepared();
    let limits = Limits { max_entries: Some(5), ..Limits::default() };
    let options = Options::new().limits(limits);
    let (mut store, directory) = store(&plugin, "return", &options);

    let running = plugin.start(&mut store, &options).await.unwrap();
    let end = running.run_command(&mut store).await.unwrap();
    let usage = running.finish(&mut store).await.unwrap();

    assert_eq!(end, End::Returned(Err(())));
    assert_eq!((usage.entries.peak, usage.refused), (5, 1));
    assert!(names(directory.path()).is_empty());
}
