//! Plugins that are compiled once and run many times, and their runs.

use std::ops::Deref;
use std::time::{Duration, Instant};

use wasmtime::Store;
use wasmtime::error::Result;
use wasmtime_wasi::WasiCtxBuilder;

use crate::block_on::block_on;
use crate::command::End;
use crate::directory::{Directories, RunDirectory};
use crate::options::Options;
use crate::prepared::{Prepared, Running};
use crate::state::State;
use crate::types::{SweepReport, Usage};

/// A plugin or program that is compiled, and runs any number of times, also at the same time. It is cheap to clone.
#[derive(Clone)]
pub struct Plugin {
    directories: Directories,
    prepared: Prepared<State>,
}

/// The result of a run of a command.
#[derive(Debug)]
pub struct Ended {
    /// The end of the command, or its trap, such as `wasmtime::Trap::Interrupt` for a deadline.
    pub end: Result<End>,
    /// The running time of the command.
    pub took: Duration,
    /// The usage, if the plugin imports `scratch:tempfile` and returned.
    pub usage: Option<Usage>,
    /// The result of the sweep before the command was called, if there was one.
    pub swept: Option<SweepReport>,
    /// Whether [`Options::max_linear_memory`] refused memory to the plugin or the provider.
    pub is_memory_exceeded: bool,
}

impl Ended {
    fn new(end: Result<End>, took: Duration) -> Ended {
        Ended { end, took, usage: None, swept: None, is_memory_exceeded: false }
    }

    /// Whether the command returned, so that the drops at its end have happened.
    pub fn has_returned(&self) -> bool {
        self.end.as_ref().is_ok_and(|end| end.has_returned())
    }
}

impl Plugin {
    pub(crate) fn new(directories: Directories, prepared: Prepared<State>) -> Plugin {
        Plugin { directories, prepared }
    }

    /// Runs the command in a private directory, which is removed whatever happens.
    ///
    /// `wasi` has the arguments and the standard streams of the command. It is built here, which a builder allows
    /// once.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be created or not be removed. A trap is part of the result.
    pub async fn run(&self, wasi: &mut WasiCtxBuilder, options: &Options) -> Result<Ended> {
        let directory = self.directories.create()?;
        let ended = self.run_in(&directory, wasi, options).await?;
        directory.close(false).await.removed?;
        Ok(ended)
    }

    /// Runs the command as [`Plugin::run`] does, on this thread and without a runtime of the host.
    ///
    /// # Errors
    ///
    /// Fails as [`Plugin::run`] does.
    ///
    /// # Panics
    ///
    /// Panics in a runtime of tokio, as [`block_on`] does.
    pub fn run_blocking(&self, wasi: &mut WasiCtxBuilder, options: &Options) -> Result<Ended> {
        block_on(self.run(wasi, options))
    }

    /// Runs the command in a directory that the caller closes.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be opened. A trap is part of the result.
    pub async fn run_in(
        &self,
        directory: &RunDirectory,
        wasi: &mut WasiCtxBuilder,
        options: &Options,
    ) -> Result<Ended> {
        let mut store = self.store(directory, wasi, options)?;
        let mut ended = self.run_command(&mut store, options).await;
        ended.is_memory_exceeded = store.data().memory().is_exceeded();
        Ok(ended)
    }

    async fn run_command(&self, store: &mut Store<State>, options: &Options) -> Ended {
        let running = match self.prepared.start(store, options).await {
            Ok(running) => running,
            Err(error) => return Ended::new(Err(error), Duration::ZERO),
        };
        let begin = Instant::now();
        let end = running.run_command(store).await;
        let mut ended = Ended::new(end, begin.elapsed());
        if ended.has_returned() {
            ended.usage = running.finish(store).await;
        }
        ended.swept = running.swept().cloned();
        ended
    }

    /// Starts the plugin in a private directory, to call exports of its own through bindings of the host.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be created, with a trap, or with an [`Error`](crate::Error) of the provider.
    pub async fn start(&self, wasi: &mut WasiCtxBuilder, options: &Options) -> Result<Run> {
        let directory = self.directories.create()?;
        let mut store = self.store(&directory, wasi, options)?;
        let running = self.prepared.start(&mut store, options).await?;
        Ok(Run { store, running, directory })
    }

    fn store(
        &self,
        directory: &RunDirectory,
        wasi: &mut WasiCtxBuilder,
        options: &Options,
    ) -> Result<Store<State>> {
        self.prepared.configure(wasi, directory.path(), options)?;
        let state = State::new(wasi.build(), options.max_linear_memory, directory.created());
        let mut store = Store::new(self.prepared.engine(), state);
        store.limiter(|state| &mut state.memory);
        store.set_epoch_deadline(options.deadline());
        Ok(store)
    }
}

/// A plugin that runs in a store and a private directory of its own.
///
/// A drop removes the directory, as [`Run::close`] does, but reports no error.
pub struct Run {
    // Dropped before the directory, in which it has open files.
    store: Store<State>,
    running: Running,
    directory: RunDirectory,
}

impl Deref for Run {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.running
    }
}

impl Run {
    /// The store and what runs in it, for calls of exports.
    pub fn parts(&mut self) -> (&mut Store<State>, &Running) {
        (&mut self.store, &self.running)
    }

    /// The private directory.
    pub fn directory(&self) -> &RunDirectory {
        &self.directory
    }

    /// Waits until the removals that drops have started are done, and removes the directory. Returns the usage, if
    /// the plugin imports `scratch:tempfile` and did not trap.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be removed.
    pub async fn close(self) -> Result<Option<Usage>> {
        let Run { mut store, running, directory } = self;
        let usage = running.finish(&mut store).await;
        drop(store);
        directory.close(false).await.removed?;
        Ok(usage)
    }
}
