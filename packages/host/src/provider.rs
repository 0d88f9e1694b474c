//! The provider by itself, for the host's own sweeps.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::error::Result;
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, p3};

use crate::PROVIDER;
use crate::compose::Kind;
use crate::control::Control;
use crate::created::Created;
use crate::options::Options;
use crate::state::State;
use crate::types::SweepReport;

/// The provider by itself on an engine, compiled when it is first needed.
#[derive(Clone)]
pub(crate) struct Provider {
    engine: Engine,
    compiled: Arc<OnceLock<InstancePre<State>>>,
}

impl Provider {
    pub(crate) fn new(engine: &Engine) -> Provider {
        Provider { engine: engine.clone(), compiled: Arc::default() }
    }

    /// Sweeps a directory of the host.
    pub(crate) async fn sweep(&self, directory: &Path, older_than: Duration) -> Result<SweepReport> {
        let provider = self.compiled()?;
        let (mut wasi, options) = (WasiCtx::builder(), Options::new());
        options.configure(&mut wasi, directory, Kind::Provider)?;
        let mut store = Store::new(&self.engine, State::new(wasi.build(), usize::MAX, Created::default()));
        store.set_epoch_deadline(options.deadline());
        let instance = provider.instantiate_async(&mut store).await?;
        let control = Control::of(&mut store, &instance)?;
        control.sweep(&mut store, Some(&options.guest_path), older_than).await
    }

    fn compiled(&self) -> Result<&InstancePre<State>> {
        if let Some(compiled) = self.compiled.get() {
            return Ok(compiled);
        }
        let component = Component::new(&self.engine, PROVIDER)?;
        let mut linker = Linker::new(&self.engine);
        p3::add_to_linker(&mut linker)?;
        let compiled = linker.instantiate_pre(&component)?;
        Ok(self.compiled.get_or_init(|| compiled))
    }
}
