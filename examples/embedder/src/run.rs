//! The run of a composition: one directory, standard streams, a bounded memory, and limits.

use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::error::{Context as _, Result, bail};
use wasmtime::{Cache, CacheConfig, Config, Engine, ResourceLimiter, Store};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemCtx, WasiFilesystemCtxView};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView, p2, p3};

use crate::arguments::Options;
use crate::command::{Command, End};
use crate::compose::{Composition, PROVIDER};
use crate::control::{self, Control, Usage};
use crate::directory::Directory;
use crate::private_tmp::{self, PrivateTmp};
use crate::stdio::{self, Input};

/// The directory's path in the guest: one of the default directories for temporary files.
pub(crate) const DIRECTORY: &str = "/tmp";

/// The host's state for a running component.
pub(crate) struct State {
    wasi: WasiCtx,
    /// The filesystem of a plugin with limits: no directory.
    empty: WasiFilesystemCtx,
    table: ResourceTable,
    memory: Memory,
}

impl State {
    fn new(wasi: WasiCtx, max_memory: usize) -> State {
        let memory = Memory { limit: max_memory, used: 0, exceeded: false };
        State { wasi, empty: WasiFilesystemCtx::default(), table: ResourceTable::new(), memory }
    }

    fn empty_filesystem(&mut self) -> WasiFilesystemCtxView<'_> {
        WasiFilesystemCtxView { ctx: &mut self.empty, table: &mut self.table }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// The total size of all linear memories.
struct Memory {
    limit: usize,
    used: usize,
    /// Whether the growth of a memory was refused.
    exceeded: bool,
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired - current);
        let granted = used <= self.limit;
        if granted {
            self.used = used;
        } else {
            self.exceeded = true;
        }
        Ok(granted)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

/// The result of a run.
pub(crate) struct Ended {
    /// The exit status, unless the command trapped or could not be started.
    pub(crate) status: Result<u8>,
    /// Whether the command returned. Otherwise entries may be left that drops would have removed.
    pub(crate) returned: bool,
    /// The running time of the command.
    pub(crate) took: Duration,
    /// The usage, if there is a provider and it did not trap.
    pub(crate) usage: Option<Usage>,
}

/// The number of calls between components that wasmtime 48 may keep, in some 390 bytes each: it traps at
/// this number (`docs/wasmtime-async-calls.md`).
const MOST_CALLS: usize = 16_000_000;

/// Runs a composition with `command` as its name and arguments.
pub(crate) async fn run(
    composition: &Composition<'_>,
    command: &[String],
    options: &Options,
    directory: &Directory,
) -> Result<Ended> {
    let component = Component::new(&engine()?, &composition.bytes)?;
    let linker = linker(component.engine(), options, directory)?;
    let (mut store, bar) = store(component.engine(), command, options, directory.path())?;

    let started = start(&mut store, &linker, &component, composition, options, directory.path()).await;
    let begin = Instant::now();
    let (end, control, private_tmp) = match started {
        Ok((command, control, private_tmp)) => (command.call(&mut store).await, control, private_tmp),
        Err(error) => (Err(error), None, None),
    };
    let took = begin.elapsed();
    bar.finish_and_clear();
    let mut usage = None;
    let returned = matches!(end, Ok(End::Returned(_)));
    if let Some(control) = control
        && returned
    {
        control.finish_removals(&mut store).await;
        usage = control.usage(&mut store).await;
    }
    if let Some(private_tmp) = private_tmp
        && returned
    {
        usage = private_tmp.usage(&mut store).await;
    }
    let status = end.map(|(End::Returned(status) | End::Exited(status))| status);
    Ok(Ended { status: explained(status, &store.data().memory), returned, took, usage })
}

/// Starts the provider alone, with a directory.
pub(crate) async fn provider(directory: &Path) -> Result<(Store<State>, Control)> {
    let component = Component::new(&engine()?, PROVIDER)?;
    let mut linker = Linker::new(component.engine());
    p3::add_to_linker(&mut linker)?;
    let mut wasi = WasiCtx::builder();
    open(directory, &mut wasi)?;
    let mut store = Store::new(component.engine(), State::new(wasi.build(), usize::MAX));
    let instance = linker.instantiate_async(&mut store, &component).await?;
    let control = Control::of(&mut store, &instance)?;
    Ok((store, control))
}

/// Creates an engine that keeps compiled components in wasmtime's cache. The second run of a plugin
/// starts without compiling it.
fn engine() -> Result<Engine> {
    let mut config = Config::new();
    // If no directory for a cache is found, as in a container without a home, each run compiles.
    config.cache(Cache::new(CacheConfig::new()).ok());
    Engine::new(&config)
}

/// Links WASI, 0.3 and 0.2.
fn linker(engine: &Engine, options: &Options, directory: &Directory) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    p2::add_to_linker_async(&mut linker)?;
    p3::add_to_linker(&mut linker)?;
    directory.created.record(&mut linker)?;
    if options.has_limits() && !options.private_tmp {
        // Otherwise the plugin would get the directory that is meant for the provider on WASI 0.3.
        linker.allow_shadowing(true);
        p2::bindings::filesystem::preopens::add_to_linker::<_, WasiFilesystem>(
            &mut linker,
            State::empty_filesystem,
        )?;
        linker.allow_shadowing(false);
    }
    Ok(linker)
}

/// Creates the store, and the bar that shows the progress of its input.
fn store(
    engine: &Engine,
    command: &[String],
    options: &Options,
    directory: &Path,
) -> Result<(Store<State>, ProgressBar)> {
    let input = Input::open();
    let bar = input.bar();
    let mut wasi = WasiCtx::builder();
    wasi.stdin(input).stdout(stdio::output()).inherit_stderr().args(command);
    if options.private_tmp {
        wasi.envs(&private_tmp::variables(options));
    }
    open(directory, &mut wasi)?;
    let limit = options.max_memory.and_then(|limit| limit.try_into().ok()).unwrap_or(usize::MAX);
    let mut store = Store::new(engine, State::new(wasi.build(), limit));
    store.limiter(|state| &mut state.memory);
    if let Some(calls) = store.concurrent_resource_table() {
        calls.set_max_capacity(MOST_CALLS);
    }
    Ok((store, bar))
}

/// Opens the directory for a guest.
fn open(directory: &Path, wasi: &mut WasiCtxBuilder) -> Result<()> {
    // No other task uses this thread, so calls may block it, which is many times faster than a thread
    // for each call. The flag is set before the directory, which copies it.
    wasi.allow_blocking_current_thread(true);
    wasi.preopened_dir(directory, DIRECTORY, FsPerms::ReadWrite)
        .with_context(|| format!("cannot open {}", directory.display()))?;
    Ok(())
}

/// Creates an instance, sets the limits of its provider and sweeps.
async fn start(
    store: &mut Store<State>,
    linker: &Linker<State>,
    component: &Component,
    composition: &Composition<'_>,
    options: &Options,
    directory: &Path,
) -> Result<(Command, Option<Control>, Option<PrivateTmp>)> {
    let instance = linker.instantiate_async(&mut *store, component).await?;
    let command = Command::of(store, component, &instance)?;
    if composition.has_private_tmp {
        return Ok((command, None, Some(PrivateTmp::of(&mut *store, &instance)?)));
    }
    if !composition.has_provider {
        return Ok((command, None, None));
    }
    let control = Control::of(&mut *store, &instance)?;
    control.set_limits(store, options).await?;
    if let Some(age) = options.sweep_older_than {
        let report = control.sweep(store, DIRECTORY, age).await?;
        control::report(&report, DIRECTORY, directory);
    }
    Ok((command, Some(control), None))
}

/// Adds to a failure the information that the growth of a memory was refused.
fn explained(status: Result<u8>, memory: &Memory) -> Result<u8> {
    if memory.exceeded && !matches!(status, Ok(0)) {
        let note = format!("it needs more memory than the {} bytes of --max-memory", memory.limit);
        return status.and_then(|_| bail!("it returned an error")).context(note);
    }
    status
}
