//! A private `/tmp` for a command of WASI 0.2: its limits, and the usage afterwards.

use wasmtime::component::Instance;
use wasmtime::error::Result;
use wasmtime::{AsContextMut, Store};

use self::bindings::Composition;
use self::bindings::exports::scratch::tempfile::control;
use crate::arguments::Options;
use crate::control::{Gauge, Usage};

mod bindings {
    wasmtime::component::bindgen!({
        inline: "
            package example:embedder-p2;

            world composition {
                export scratch:tempfile/control@0.2.0;
            }
        ",
        path: "../../wit/p2",
        world: "example:embedder-p2/composition",
        exports: { default: async },
    });
}

/// The interface `control` of the component for a private `/tmp`.
pub(crate) struct PrivateTmp(Composition);

impl PrivateTmp {
    /// Finds the interface among the exports of a composition.
    pub(crate) fn of(store: impl AsContextMut, instance: &Instance) -> Result<PrivateTmp> {
        Composition::new(store, instance).map(PrivateTmp)
    }

    /// Returns the usage, or nothing after a trap.
    pub(crate) async fn usage<T: Send>(&self, store: &mut Store<T>) -> Option<Usage> {
        let usage = self.0.scratch_tempfile_control().call_get_usage(store).await.ok()?.ok()?;
        let gauge = |control::Gauge { now, peak }| Gauge { now, peak };
        Some(Usage {
            bytes_on_disk: gauge(usage.bytes_on_disk),
            entries: gauge(usage.entries),
            handles: gauge(usage.handles),
            memory_bytes: gauge(usage.memory_bytes),
            created: usage.created,
            removed: usage.removed,
            refused: usage.refused,
        })
    }
}

/// Returns the variables that set the limits of the command line.
pub(crate) fn variables(options: &Options) -> Vec<(&'static str, String)> {
    let number = |name, value: Option<u64>| value.map(|value| (name, value.to_string()));
    let limits = [
        number("SCRATCH_MAX_BYTES", options.limit),
        number("SCRATCH_MAX_ENTRIES", options.max_entries),
        options.confined.then(|| ("SCRATCH_CONFINED", "1".to_owned())),
    ];
    limits.into_iter().flatten().collect()
}
