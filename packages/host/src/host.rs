//! The short way: an engine, a linker and private directories.

use std::env;
use std::path::Path;
use std::time::Duration;

use wasmtime::component::Linker;
use wasmtime::error::Result;
use wasmtime::{Cache, CacheConfig, Config, Engine};
use wasmtime_wasi::{p2, p3};

use crate::compose::Composition;
use crate::directory::{Directories, RunDirectory};
use crate::plugin::Plugin;
use crate::prepared::Prepared;
use crate::provider::Provider;
use crate::recording;
use crate::state::State;

/// The age from which [`Host::new`] removes the private directories of killed processes. Their locks tell them from
/// those in use; the age protects one that is being created.
const LEFTOVER_AGE: Duration = Duration::from_secs(3_600);

/// An engine, a linker with WASI, and a parent directory for the private directories of the runs.
///
/// One host serves many plugins, and is cheap to clone.
#[derive(Clone)]
pub struct Host {
    linker: Linker<State>,
    directories: Directories,
}

impl Host {
    /// A host that keeps compiled components in wasmtime's cache, and has its private directories in the system's
    /// directory for temporary files.
    ///
    /// It also removes the private directories there that killed processes have left.
    ///
    /// # Errors
    ///
    /// Fails if wasmtime does not support this machine.
    pub fn new() -> Result<Host> {
        let mut config = Config::new();
        // If no directory for a cache is found, as in a container without a home, each process compiles.
        config.cache(Cache::new(CacheConfig::new()).ok());
        let host = Host::with_engine(&Engine::new(&config)?, &env::temp_dir())?;
        // A host works without the sweep, and another one may succeed.
        _ = host.sweep_leftovers(LEFTOVER_AGE);
        Ok(host)
    }

    /// A host with an engine of the caller's, such as one with epochs or a pooling allocator, and with its private
    /// directories in `parent`.
    ///
    /// # Errors
    ///
    /// Fails if WASI cannot be linked.
    pub fn with_engine(engine: &Engine, parent: &Path) -> Result<Host> {
        let mut linker = Linker::new(engine);
        p2::add_to_linker_async(&mut linker)?;
        p3::add_to_linker(&mut linker)?;
        recording::record(&mut linker)?;
        let directories = Directories::new(parent, Provider::new(engine));
        Ok(Host { linker, directories })
    }

    /// The linker, in which the caller can define other imports of its plugins.
    pub fn linker(&mut self) -> &mut Linker<State> {
        &mut self.linker
    }

    /// Composes and compiles a plugin that is not trusted: see [`Composition::plugin`].
    ///
    /// # Errors
    ///
    /// Fails with a [`ComposeError`](crate::ComposeError), which `downcast_ref` finds, or if the plugin does not
    /// compile or an import is missing.
    pub fn plugin(&self, component: &[u8]) -> Result<Plugin> {
        self.prepare(&Composition::plugin(component)?)
    }

    /// Composes and compiles a program with a private `/tmp`: see [`Composition::program`].
    ///
    /// A program that sends HTTP requests needs a linker with `wasi:http`, which this host does not have: see
    /// [`Prepared`].
    ///
    /// # Errors
    ///
    /// Fails as [`Host::plugin`] does.
    pub fn program(&self, program: &[u8]) -> Result<Plugin> {
        self.prepare(&Composition::program(program)?)
    }

    /// Compiles a composition.
    ///
    /// # Errors
    ///
    /// Fails if it does not compile or an import is missing.
    pub fn prepare(&self, composition: &Composition) -> Result<Plugin> {
        Ok(Plugin::new(self.directories.clone(), Prepared::new(&self.linker, composition)?))
    }

    /// Creates a private directory for a run.
    ///
    /// # Errors
    ///
    /// Fails if no directory can be created in the parent directory.
    pub fn directory(&self) -> Result<RunDirectory> {
        self.directories.create()
    }

    /// Uses a directory of the caller's for a run.
    ///
    /// # Errors
    ///
    /// Fails if there is no such directory.
    pub fn directory_at(&self, path: &Path) -> Result<RunDirectory> {
        self.directories.at(path)
    }

    /// Removes the private directories of killed processes that are at least `older_than` old from the parent
    /// directory. Returns their number.
    ///
    /// # Errors
    ///
    /// Fails if the parent directory cannot be listed.
    pub fn sweep_leftovers(&self, older_than: Duration) -> Result<usize> {
        self.directories.sweep(older_than)
    }
}
