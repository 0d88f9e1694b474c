//! The hosts of the two generations of WASI, each created once per process.

use std::sync::OnceLock;

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Cache, CacheConfig, Config, Engine, OptLevel, ResourceLimiter, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::mode::Mode;

/// The host's state of an instance.
pub(crate) struct State {
    wasi: WasiCtx,
    pub(crate) table: ResourceTable,
    pub(crate) memory: LinearMemory,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// The size of an instance's linear memory in bytes, which never shrinks.
#[derive(Default)]
pub(crate) struct LinearMemory(pub(crate) usize);

impl ResourceLimiter for LinearMemory {
    fn memory_growing(&mut self, from: usize, to: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.0 += to - from;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

/// The number of asynchronous calls that the engine may keep, each in some 390 bytes.
const CALLS: usize = 20_000_000;

/// An engine and a linker with one generation of WASI.
pub(crate) struct Host {
    engine: Engine,
    linker: Linker<State>,
    calls_overlap: bool,
}

impl Host {
    /// The host for a mode.
    pub(crate) fn of(mode: Mode) -> &'static Host {
        static P3: OnceLock<Host> = OnceLock::new();
        static P2: OnceLock<Host> = OnceLock::new();
        match mode {
            Mode::P3Blocking | Mode::P3 => {
                P3.get_or_init(|| Host::new(true, wasmtime_wasi::p3::add_to_linker))
            }
            Mode::P2 => P2.get_or_init(|| Host::new(false, wasmtime_wasi::p2::add_to_linker_async)),
        }
    }

    fn new(calls_overlap: bool, link: fn(&mut Linker<State>) -> wasmtime::Result<()>) -> Host {
        let engine = engine(calls_overlap);
        let mut linker = Linker::new(&engine);
        link(&mut linker).expect("WASI can be linked");
        Host { engine, linker, calls_overlap }
    }

    /// Compiles a component, which the caller keeps for all tests of the process.
    pub(crate) fn compile(&self, bytes: impl AsRef<[u8]>) -> Component {
        Component::new(&self.engine, bytes)
            .unwrap_or_else(|error| panic!("the component does not compile: {error:?}"))
    }

    pub(crate) fn store(&self, wasi: WasiCtx) -> Store<State> {
        let state = State { wasi, table: ResourceTable::new(), memory: LinearMemory::default() };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.memory);
        if let Some(calls) = store.concurrent_resource_table() {
            // wasmtime 48 keeps an entry of each asynchronous call between guests that ends at once.
            calls.set_max_capacity(CALLS);
        }
        store
    }

    pub(crate) fn linker(&self) -> &Linker<State> {
        &self.linker
    }

    /// Whether calls of one store may overlap.
    pub(crate) fn calls_overlap(&self) -> bool {
        self.calls_overlap
    }
}

/// Returns an engine that keeps what it compiles for all processes of the tests.
///
/// # Panics
///
/// Panics if wasmtime does not support this machine.
pub fn engine(calls_overlap: bool) -> Engine {
    // The advice of the README for each generation.
    let mut config = Config::new();
    config.concurrency_support(calls_overlap);
    if cfg!(debug_assertions) {
        // A test runs compiled code for a moment only; a benchmark does not.
        config.cranelift_opt_level(OptLevel::None);
    }
    config.cache(Some(cache()));
    Engine::new(&config).expect("wasmtime supports this machine")
}

/// Returns the cache of compiled components in the target directory, for all processes of the tests.
fn cache() -> Cache {
    let mut config = CacheConfig::new();
    config.with_directory(concat!(env!("OUT_DIR"), "/compiled"));
    Cache::new(config).expect("the target directory is writable")
}
