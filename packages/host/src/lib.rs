//! Runs WebAssembly plugins that get temporary files within limits, on wasmtime.
//!
//! A plugin imports `scratch:tempfile`, whose interface a component provides: the *provider*. This crate
//! carries the provider, composes a plugin with it, refuses plugins that would get around their limits, gives
//! each run a private directory, and sees to it that nothing is left in it.
//!
//! ```no_run
//! use scratch_tempfile_host::wasmtime_wasi::WasiCtx;
//! use scratch_tempfile_host::{Host, Limits, Options};
//!
//! # fn main() -> wasmtime::Result<()> {
//! let host = Host::new()?;
//! let plugin = host.plugin(&std::fs::read("plugin.wasm")?)?;
//! let limits = Limits { max_bytes: Some(64 << 20), max_entries: Some(1_000), ..Limits::confined() };
//! let ended = plugin.run_blocking(WasiCtx::builder().inherit_stdio(), &Options::new().limits(limits))?;
//! println!("status {}, at most {} bytes", ended.end?.status(), ended.usage.unwrap().bytes_on_disk.peak);
//! # Ok(())
//! # }
//! ```
//!
//! # Which part
//!
//! - [`Host`] is the short way: an engine, a linker and a [`State`] of this crate. A [`Plugin`] that is compiled
//!   once runs any number of times, each time in a store and a directory of its own.
//! - A host with a state, a linker and a `WasiCtx` of its own uses [`Prepared`] instead.
//! - [`Composition`] and [`private_tmp`] need no engine. Without the feature `run` they are all that the crate
//!   contains.
//!
//! # Commands and other plugins
//!
//! [`Plugin::run`] calls the command of a plugin, `wasi:cli/run` at WASI 0.3 or 0.2. A plugin that exports
//! interfaces of its own is started with [`Plugin::start`]; the host calls it through its own bindings and
//! [`Running::instance`].
//!
//! # How a run ends
//!
//! A drop in the plugin starts a removal and does not wait for it, and the removal goes on only while the store
//! is driven. [`Running::finish`] therefore drives the store until all removals have ended; the short way calls
//! it. A plugin that traps, calls `exit` or is stopped by a deadline cannot remove anything any more: in wasmtime
//! 48 `exit` is a trap too. [`RunDirectory::close`] removes what it left.
//!
//! # What a plugin cannot do
//!
//! - It finds no directory. A composition of [`Composition::plugin`] contains an empty list of directories for
//!   the plugin, whatever the host preopens for the provider.
//! - It gets neither `control` nor `lowlevel`: such a plugin is refused with a [`ComposeError`].
//! - Two plugins never share a provider, and so share no limits.
//!
//! CPU time is a limit of the engine: see [`Options::epoch_deadline`].

mod components;
mod compose;
mod error;
mod graph;
pub mod private_tmp;

#[cfg(feature = "run")]
mod block_on;
#[cfg(feature = "run")]
mod command;
#[cfg(feature = "run")]
mod control;
#[cfg(feature = "run")]
mod created;
#[cfg(feature = "run")]
mod directory;
#[cfg(feature = "run")]
mod host;
#[cfg(feature = "run")]
mod options;
#[cfg(feature = "run")]
mod plugin;
#[cfg(feature = "run")]
mod prepared;
#[cfg(feature = "run")]
mod provider;
#[cfg(feature = "run")]
mod recording;
#[cfg(feature = "run")]
mod state;
#[cfg(feature = "run")]
mod types;

pub use components::{PRIVATE_TMP, PRIVATE_TMP_HTTP, PROVIDER, PROVIDER_P2};
pub use compose::Composition;
pub use error::ComposeError;

#[cfg(feature = "run")]
pub use {
    block_on::block_on,
    command::End,
    control::Control,
    directory::{Closed, RunDirectory},
    host::Host,
    options::Options,
    plugin::{Ended, Plugin, Run},
    prepared::{Prepared, Running},
    state::{LinearMemory, State},
    types::{Error, ErrorCode, Gauge, Limits, SweepFailure, SweepReport, Usage},
    wasmtime, wasmtime_wasi,
};
