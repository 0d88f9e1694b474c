//! A component run as a command: one directory, standard streams, and a bounded memory.

use std::path::Path;

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::error::{Context as _, Result, bail};
use wasmtime::{Engine, ResourceLimiter, Store};
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtx, WasiCtxView, WasiView, p2, p3};

use crate::stdio::{self, Input};

/// What the directory is called by the plugin: one of the places where temporary files are
/// looked for by themselves.
const DIRECTORY: &str = "/tmp";

/// What the host keeps for a running component.
struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    memory: Memory,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// All linear memories together.
struct Memory {
    limit: usize,
    used: usize,
    /// Whether a memory was refused to grow.
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

/// Compiles a component.
pub(crate) fn compile(bytes: &[u8]) -> Result<Component> {
    Component::new(&Engine::default(), bytes)
}

/// Runs a component with `command` as its name and arguments, and returns its exit status.
pub(crate) async fn run(
    component: &Component,
    command: &[String],
    directory: &Path,
    max_memory: Option<usize>,
) -> Result<u8> {
    let input = Input::open();
    let bar = input.bar();
    let mut wasi = WasiCtx::builder();
    // The plugin has this thread to itself, so calls may block it, which is many times faster
    // than a thread for each. Before the directory, which copies the flag.
    wasi.allow_blocking_current_thread(true);
    wasi.stdin(input).stdout(stdio::output()).inherit_stderr().args(command);
    wasi.preopened_dir(directory, DIRECTORY, FsPerms::ReadWrite)
        .with_context(|| format!("{} can't be opened", directory.display()))?;
    let memory = Memory { limit: max_memory.unwrap_or(usize::MAX), used: 0, exceeded: false };
    let mut store =
        Store::new(component.engine(), State { wasi: wasi.build(), table: ResourceTable::new(), memory });
    store.limiter(|state| &mut state.memory);

    let ended = call(&mut store, component).await;
    bar.finish_and_clear();
    let memory = &store.data().memory;
    if memory.exceeded && !matches!(ended, Ok(0)) {
        let note = format!("it was refused memory beyond the {} bytes of --max-memory", memory.limit);
        return ended.and_then(|_| bail!("it gave up")).context(note);
    }
    ended
}

/// Calls `wasi:cli/run`, of WASI 0.3 or 0.2, and returns the exit status.
async fn call(store: &mut Store<State>, component: &Component) -> Result<u8> {
    let mut linker = Linker::new(component.engine());
    p2::add_to_linker_async(&mut linker)?;
    p3::add_to_linker(&mut linker)?;
    let ended = match generation(component)? {
        Generation::P3 => {
            let command = p3::bindings::Command::instantiate_async(&mut *store, component, &linker).await?;
            store.run_concurrent(async |store| command.wasi_cli_run().call_run(store).await).await.flatten()
        }
        Generation::P2 => {
            let command = p2::bindings::Command::instantiate_async(&mut *store, component, &linker).await?;
            command.wasi_cli_run().call_run(store).await
        }
    };
    match ended {
        Ok(Ok(())) => Ok(0),
        Ok(Err(())) => Ok(1),
        Err(error) => match error.downcast_ref() {
            Some(I32Exit(status)) => Ok(u8::try_from(*status).unwrap_or(u8::MAX)),
            None => Err(error),
        },
    }
}

enum Generation {
    P2,
    P3,
}

/// Tells for which WASI a component is a command.
fn generation(component: &Component) -> Result<Generation> {
    let kind = component.component_type();
    let exported = |prefix| kind.exports(component.engine()).any(|(name, _)| name.starts_with(prefix));
    if exported("wasi:cli/run@0.3.") {
        Ok(Generation::P3)
    } else if exported("wasi:cli/run@0.2.") {
        Ok(Generation::P2)
    } else {
        bail!("it is not a command: it does not export wasi:cli/run")
    }
}
