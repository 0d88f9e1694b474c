//! The interface `control` of a composition: limits, usage and sweeps.

use std::time::Duration;

use wasmtime::component::{ComponentNamedList, Instance, Lift, Lower, TypedFunc};
use wasmtime::error::{Context as _, Result};
use wasmtime::{AsContextMut, Store};

use crate::types::{Error, Limits, SweepReport, Usage};

/// The names that the interface has for WASI 0.3 and 0.2.
const INTERFACES: [&str; 2] = ["scratch:tempfile/control@0.3.0", "scratch:tempfile/control@0.2.0"];

type Function<P, R> = TypedFunc<P, (Result<R, Error>,)>;

/// The provider's interface `control` of one instance: limits, usage and sweeps.
///
/// Its functions fail with an [`Error`] of the provider, which `downcast_ref` finds, or with a trap. After a trap
/// nothing of the instance can be called any more.
pub struct Control {
    limits: Function<(), Limits>,
    set_limits: Function<(Limits,), ()>,
    usage: Function<(), Usage>,
    sweep: Function<(Option<String>, u64), SweepReport>,
}

impl Control {
    /// Finds the interface among the exports of an instance.
    ///
    /// # Errors
    ///
    /// Fails if the instance does not export the interface, or exports it with other types.
    pub fn of(mut store: impl AsContextMut, instance: &Instance) -> Result<Control> {
        let mut store = store.as_context_mut();
        let mut indices = INTERFACES.iter().map(|name| instance.get_export_index(&mut store, None, name));
        let interface = indices.find_map(|index| index).context("the component does not export control")?;
        drop(indices);
        /// Finds a function of the interface.
        fn function<P, R>(
            mut store: impl AsContextMut,
            instance: &Instance,
            interface: &wasmtime::component::ComponentExportIndex,
            name: &str,
        ) -> Result<Function<P, R>>
        where
            P: ComponentNamedList + Lower,
            R: Lift + 'static,
        {
            let index = instance.get_export_index(&mut store, Some(interface), name);
            instance.get_typed_func(&mut store, index.with_context(|| format!("control has no {name}"))?)
        }
        Ok(Control {
            limits: function(&mut store, instance, &interface, "get-limits")?,
            set_limits: function(&mut store, instance, &interface, "set-limits")?,
            usage: function(&mut store, instance, &interface, "get-usage")?,
            sweep: function(&mut store, instance, &interface, "sweep")?,
        })
    }

    /// Returns the limits in force.
    ///
    /// # Errors
    ///
    /// Fails if an environment variable of the guest is invalid, or with a trap.
    pub async fn limits(&self, store: impl AsContextMut<Data: Send>) -> Result<Limits> {
        Ok(self.limits.call_async(store, ()).await?.0?)
    }

    /// Replaces all limits. Lowering one below the present usage removes nothing; further growth is refused.
    ///
    /// # Errors
    ///
    /// Fails if an environment variable of the guest is invalid, or with a trap.
    pub async fn set_limits(&self, store: impl AsContextMut<Data: Send>, limits: Limits) -> Result<()> {
        Ok(self.set_limits.call_async(store, (limits,)).await?.0?)
    }

    /// Returns the usage.
    ///
    /// # Errors
    ///
    /// Fails if an environment variable of the guest is invalid, or with a trap.
    pub async fn usage(&self, store: impl AsContextMut<Data: Send>) -> Result<Usage> {
        Ok(self.usage.call_async(store, ()).await?.0?)
    }

    /// Removes leftovers of crashed instances from a directory of the guest, by default from the directory for
    /// temporary files.
    ///
    /// Only their age protects the entries of other running instances: choose `older_than` longer than any of them
    /// lives.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be used, or with a trap. Errors of single leftovers are part of the report.
    pub async fn sweep(
        &self,
        store: impl AsContextMut<Data: Send>,
        directory: Option<&str>,
        older_than: Duration,
    ) -> Result<SweepReport> {
        let older_than = older_than.as_nanos().try_into().unwrap_or(u64::MAX);
        Ok(self.sweep.call_async(store, (directory.map(str::to_owned), older_than)).await?.0?)
    }

    /// Drives the store until the removals that drops have started are done, or make no progress, and returns the
    /// usage at the end; nothing after a trap.
    pub async fn finish_removals<T: Send + 'static>(&self, store: &mut Store<T>) -> Option<Usage> {
        /// Kept entries are in use for good, so the end is only visible as a standstill.
        const TURNS_WITHOUT_PROGRESS: u32 = 20;
        let mut usage = self.usage(&mut *store).await.ok()?;
        let mut turns = 0;
        while usage.entries.now > 0 && turns < TURNS_WITHOUT_PROGRESS {
            let turn = store.run_concurrent(async |_| tokio::time::sleep(Duration::from_millis(1)).await);
            if turn.await.is_err() {
                break;
            }
            let removed = usage.removed;
            usage = self.usage(&mut *store).await.ok()?;
            turns = if removed == usage.removed { turns + 1 } else { 0 };
        }
        Some(usage)
    }
}
