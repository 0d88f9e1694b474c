//! The state of a run in a store.

use wasmtime::ResourceLimiter;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::created::Created;

/// The state that [`Host`](crate::Host) keeps in a store for a run.
pub struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    pub(crate) memory: LinearMemory,
    /// The names of the entries that the run creates.
    pub(crate) created: Created,
}

impl State {
    pub(crate) fn new(wasi: WasiCtx, max_linear_memory: usize, created: Created) -> State {
        let memory = LinearMemory::new(max_linear_memory);
        State { wasi, table: ResourceTable::new(), memory, created }
    }

    /// The linear memories of the run.
    pub fn memory(&self) -> &LinearMemory {
        &self.memory
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// A limit for the total size of all linear memories of a store, to be set with `Store::limiter`.
///
/// It differs from wasmtime's `StoreLimits`, which limits each memory: plugin and provider have one each.
#[derive(Clone, Debug)]
pub struct LinearMemory {
    limit: usize,
    used: usize,
    is_exceeded: bool,
}

impl LinearMemory {
    /// A limit in bytes.
    pub fn new(limit: usize) -> LinearMemory {
        LinearMemory { limit, used: 0, is_exceeded: false }
    }

    /// The total size of all memories, in bytes.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Whether the growth of a memory was refused.
    pub fn is_exceeded(&self) -> bool {
        self.is_exceeded
    }
}

impl ResourceLimiter for LinearMemory {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired - current);
        let is_granted = used <= self.limit;
        if is_granted {
            self.used = used;
        } else {
            self.is_exceeded = true;
        }
        Ok(is_granted)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
