//! Engines, and stores on a directory, with blocking allowed or not.

use std::path::Path;

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, ProfilingStrategy, Store,
};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView, p2, p3};

/// The host's state of an instance.
pub(crate) struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// A generation of WASI.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wasi {
    P3,
    P2,
}

/// A component, compiled and linked to what it imports.
pub(crate) struct Program {
    pub(crate) component: Component,
    pub(crate) linker: Linker<State>,
    engine: Engine,
}

impl Program {
    /// Compiles `bytes` for an engine that is configured as the README advises.
    pub(crate) fn new(wasi: Wasi, pooled: bool, bytes: &[u8]) -> wasmtime::Result<Program> {
        let mut config = Config::new();
        config.concurrency_support(wasi == Wasi::P3);
        if std::env::var_os("SCRATCH_BENCH_PERFMAP").is_some() {
            config.profiler(ProfilingStrategy::PerfMap);
        }
        if pooled {
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::new()));
        }
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        match wasi {
            Wasi::P3 => p3::add_to_linker(&mut linker)?,
            Wasi::P2 => p2::add_to_linker_sync(&mut linker)?,
        }
        Ok(Program { component: Component::new(&engine, bytes)?, linker, engine })
    }

    /// A store for an instance on `directory`.
    pub(crate) fn store(
        &self,
        directory: &Path,
        blocking: bool,
        environment: &[(&str, &str)],
    ) -> wasmtime::Result<Store<State>> {
        let mut wasi = WasiCtx::builder();
        wasi.allow_blocking_current_thread(blocking).envs(environment);
        wasi.preopened_dir(directory, "/tmp", FsPerms::ReadWrite)?;
        Ok(Store::new(&self.engine, State { wasi: wasi.build(), table: ResourceTable::new() }))
    }
}
