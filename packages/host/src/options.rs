//! The options of a run.

use std::path::Path;
use std::time::Duration;

use wasmtime::error::{Context as _, Result};
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use crate::compose::Kind;
use crate::types::Limits;

/// The options of a run: limits, and how the host serves it.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) limits: Limits,
    pub(crate) sweep_older_than: Option<Duration>,
    pub(crate) max_linear_memory: usize,
    epoch_deadline: Option<u64>,
    pub(crate) guest_path: String,
    may_block: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            limits: Limits::default(),
            sweep_older_than: None,
            max_linear_memory: usize::MAX,
            epoch_deadline: None,
            guest_path: "/tmp".to_owned(),
            may_block: true,
        }
    }
}

impl Options {
    /// No limits, no sweep, and the directory at `/tmp`.
    pub fn new() -> Options {
        Options::default()
    }

    /// Sets the limits of temporary files.
    pub fn limits(mut self, limits: Limits) -> Options {
        self.limits = limits;
        self
    }

    /// Removes leftovers of this age from the directory before the plugin is called. It makes sense for a directory
    /// that several runs share. A private `/tmp` leaves nothing and ignores it.
    pub fn sweep_older_than(mut self, age: Duration) -> Options {
        self.sweep_older_than = Some(age);
        self
    }

    /// Limits the linear memories of plugin and provider together, in bytes. Beyond it, their memory does not grow.
    pub fn max_linear_memory(mut self, bytes: usize) -> Options {
        self.max_linear_memory = bytes;
        self
    }

    /// Ends the run with a trap after this number of epochs. The engine needs `Config::epoch_interruption`, and the
    /// host counts the epochs with `Engine::increment_epoch`.
    ///
    /// A plugin that waits for its input executes nothing, so no epoch ends it. `tokio::time::timeout` around the
    /// run does.
    pub fn epoch_deadline(mut self, epochs: u64) -> Options {
        self.epoch_deadline = Some(epochs);
        self
    }

    /// Sets the guest's path of the directory, `/tmp` by default.
    pub fn guest_path(mut self, path: &str) -> Options {
        path.clone_into(&mut self.guest_path);
        self
    }

    /// Sets whether calls of the filesystem may block the thread that runs the plugin, which they do by default. They
    /// are many times faster than calls on a thread of their own. Turn it off if other tasks share the thread.
    pub fn may_block(mut self, may_block: bool) -> Options {
        self.may_block = may_block;
        self
    }

    /// The number of epochs after which a run ends. A store without a deadline would end at the first epoch.
    pub(crate) fn deadline(&self) -> u64 {
        /// A number that no host reaches.
        const NEVER: u64 = u64::MAX / 2;
        self.epoch_deadline.unwrap_or(NEVER)
    }

    /// Preopens the directory for the component that provides temporary files.
    pub(crate) fn configure(&self, wasi: &mut WasiCtxBuilder, directory: &Path, kind: Kind) -> Result<()> {
        if kind == Kind::PrivateTmp {
            wasi.envs(&self.limits.variables());
        }
        wasi.env("SCRATCH_DIRECTORY", &self.guest_path);
        // The directory copies the setting, so it is made before.
        wasi.allow_blocking_current_thread(self.may_block);
        wasi.preopened_dir(directory, &self.guest_path, FsPerms::ReadWrite)
            .with_context(|| format!("cannot open {}", directory.display()))?;
        Ok(())
    }
}
