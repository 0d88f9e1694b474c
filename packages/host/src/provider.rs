//! The provider by itself, for the host's own sweeps.

use std::path::Path;
use std::time::Duration;

use wasmtime::component::{Component, Linker};
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

/// The engine with which the provider runs alone.
#[derive(Clone)]
pub(crate) struct Provider(pub(crate) Engine);

impl Provider {
    /// Sweeps a directory of the host.
    pub(crate) async fn sweep(&self, directory: &Path, older_than: Duration) -> Result<SweepReport> {
        let component = Component::new(&self.0, PROVIDER)?;
        let mut linker = Linker::new(&self.0);
        p3::add_to_linker(&mut linker)?;
        let (mut wasi, options) = (WasiCtx::builder(), Options::new());
        options.configure(&mut wasi, directory, Kind::Provider)?;
        let mut store = Store::new(&self.0, State::new(wasi.build(), usize::MAX, Created::default()));
        store.set_epoch_deadline(options.deadline());
        let instance = linker.instantiate_async(&mut store, &component).await?;
        let control = Control::of(&mut store, &instance)?;
        control.sweep(&mut store, Some(&options.guest_path), older_than).await
    }
}
