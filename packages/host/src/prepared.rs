//! Compositions for hosts with a state and a linker of their own.

use std::path::Path;

use wasmtime::component::{Component, Instance, InstancePre, Linker};
use wasmtime::error::{Context as _, Result};
use wasmtime::{Engine, Store};
use wasmtime_wasi::WasiCtxBuilder;

use crate::command::{self, Command, End};
use crate::compose::{Composition, Kind};
use crate::control::Control;
use crate::options::Options;
use crate::types::{SweepReport, Usage};

/// The number of calls between components that wasmtime 48 may keep, in some 390 bytes each: it traps at this number
/// (`docs/wasmtime-async-calls.md`).
const MOST_CALLS: usize = 16_000_000;

/// A composition that is compiled and linked, to be started any number of times in stores of a host with a state of
/// its own.
///
/// The host does three things for each run: it [configures](Prepared::configure) the `WasiCtx` of a new store,
/// [starts](Prepared::start) the composition in it, and lets it [finish](Running::finish) before it drops the store.
pub struct Prepared<T: 'static> {
    pre: InstancePre<T>,
    kind: Kind,
    command: Option<Command>,
}

impl<T> Clone for Prepared<T> {
    fn clone(&self) -> Prepared<T> {
        Prepared { pre: self.pre.clone(), kind: self.kind, command: self.command }
    }
}

impl<T: Send + 'static> Prepared<T> {
    /// Compiles a composition with the engine of a linker, and links it. The linker has WASI 0.3 and 0.2
    /// (`wasmtime_wasi::p3::add_to_linker`, `wasmtime_wasi::p2::add_to_linker_async`) and other imports of the plugin.
    ///
    /// # Errors
    ///
    /// Fails if the composition does not compile or an import is missing.
    pub fn new(linker: &Linker<T>, composition: &Composition) -> Result<Prepared<T>> {
        let component = Component::new(linker.engine(), composition.bytes())?;
        let command = Command::of(&component);
        Ok(Prepared { pre: linker.instantiate_pre(&component)?, kind: composition.kind(), command })
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.pre.engine()
    }

    /// Preopens a directory for the component that provides temporary files, at the guest's path of the options, and
    /// sets what the options demand of the `WasiCtx`.
    ///
    /// Give each run a directory of its own. A plugin that is not trusted sees none of the directories of the
    /// `WasiCtx`. A program with a private `/tmp` sees the others unless it is confined.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be opened.
    pub fn configure(&self, wasi: &mut WasiCtxBuilder, directory: &Path, options: &Options) -> Result<()> {
        options.configure(wasi, directory, self.kind)
    }

    /// Creates an instance, sets the limits, and sweeps if the options say so.
    ///
    /// The store is new, and has the `WasiCtx` that was configured with the same options. Limits of memory and time
    /// are the host's own: see [`LinearMemory`](crate::LinearMemory). The store may keep 16 million calls between
    /// components from here on, as wasmtime 48 otherwise traps at one million.
    ///
    /// # Errors
    ///
    /// Fails with a trap of the instance, or an [`Error`](crate::Error) of the provider.
    pub async fn start(&self, store: &mut Store<T>, options: &Options) -> Result<Running> {
        if let Some(calls) = store.concurrent_resource_table() {
            calls.set_max_capacity(MOST_CALLS);
        }
        let instance = self.pre.instantiate_async(&mut *store).await?;
        let control = match self.kind {
            Kind::Alone => None,
            Kind::Provider | Kind::PrivateTmp => Some(Control::of(&mut *store, &instance)?),
        };
        let mut swept = None;
        // A private `/tmp` has its limits from the environment, and leaves nothing to sweep.
        if let (Some(control), Kind::Provider) = (&control, self.kind) {
            control.set_limits(&mut *store, options.limits).await.context("cannot set limits")?;
            if let Some(age) = options.sweep_older_than {
                let report = control.sweep(&mut *store, Some(&options.guest_path), age).await;
                swept = Some(report.context("cannot sweep leftovers")?);
            }
        }
        Ok(Running { instance, control, swept, command: self.command })
    }
}

/// A composition that runs in a store.
pub struct Running {
    instance: Instance,
    control: Option<Control>,
    swept: Option<SweepReport>,
    command: Option<Command>,
}

impl Running {
    /// The instance, in which bindings of the host find the exports of the plugin.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Limits, usage and sweeps; nothing if the plugin does not import `scratch:tempfile`.
    pub fn control(&self) -> Option<&Control> {
        self.control.as_ref()
    }

    /// The result of the sweep before the plugin was called, if there was one.
    pub fn swept(&self) -> Option<&SweepReport> {
        self.swept.as_ref()
    }

    /// Calls the command, `wasi:cli/run` at WASI 0.3 or 0.2, and returns its end.
    ///
    /// # Errors
    ///
    /// Fails with the trap of the command, or if there is no command.
    pub async fn run_command<T: Send>(&self, store: &mut Store<T>) -> Result<End> {
        command::call(self.command, store, &self.instance).await
    }

    /// Drives the store until the removals that drops have started are done, and returns the usage; nothing after a
    /// trap, or if there is no provider.
    ///
    /// Call it before the store is dropped: removals go on only while the store is driven.
    pub async fn finish<T: Send + 'static>(&self, store: &mut Store<T>) -> Option<Usage> {
        self.control.as_ref()?.finish_removals(store).await
    }
}
