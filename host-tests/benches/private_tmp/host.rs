//! The host of the programs, with an engine that is configured as that of `wasmtime run`.

use std::path::Path;

use tokio::runtime::{Builder, Runtime};
use wac_graph::{CompositionGraph, EncodeOptions, plug, types::Package};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::p2::bindings::Command;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView, p2};

use crate::measure::Outcome;

/// The place in which a program works.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A directory of the host.
    Plain,
    /// A directory of the host, behind the component for a private `/tmp`.
    Passed,
    /// A private tree.
    Private,
}

impl Place {
    pub(crate) const ALL: [Place; 3] = [Place::Plain, Place::Passed, Place::Private];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Place::Plain => "plain",
            Place::Passed => "passed",
            Place::Private => "private",
        }
    }
}

/// The host's state of a program.
struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// An engine, with the program by itself and composed.
pub(crate) struct Host {
    runtime: Runtime,
    engine: Engine,
    linker: Linker<State>,
    plain: Component,
    composed: Component,
}

impl Host {
    /// Compiles the program. With `has_p3`, the engine can run WASI 0.3 too.
    pub(crate) fn new(has_p3: bool, private_tmp: &[u8]) -> Outcome<Host> {
        let mut config = Config::new();
        config.concurrency_support(has_p3);
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        p2::add_to_linker_async(&mut linker)?;
        let program = std::fs::read(env!("SCRATCH_GUEST_PROGRAM"))?;
        let plain = Component::new(&engine, &program)?;
        let composed = Component::new(&engine, compose(private_tmp, &program)?)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Host { runtime, engine, linker, plain, composed })
    }

    /// Runs the program in `/work`, which is the host's `directory` or a private tree.
    pub(crate) fn run(
        &self,
        place: Place,
        arguments: &[&str],
        directory: &Path,
        streams: impl FnOnce(&mut WasiCtxBuilder),
    ) -> Outcome<()> {
        let mut wasi = WasiCtx::builder();
        wasi.allow_blocking_current_thread(true).args(arguments);
        wasi.preopened_dir(directory, "/work", FsPerms::ReadWrite)?;
        if place == Place::Private {
            wasi.env("SCRATCH_TMP", "/work");
        }
        streams(&mut wasi);
        let state = State { wasi: wasi.build(), table: ResourceTable::new() };
        let mut store = Store::new(&self.engine, state);
        let component = if place == Place::Plain { &self.plain } else { &self.composed };
        self.runtime.block_on(async {
            let command = Command::instantiate_async(&mut store, component, &self.linker).await?;
            let ended = command.wasi_cli_run().call_run(&mut store).await?;
            ended.map_err(|()| "the program failed".into())
        })
    }
}

/// The program with the component plugged in.
fn compose(private_tmp: &[u8], program: &[u8]) -> Outcome<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let mut register = |name, bytes: &[u8]| -> Outcome<_> {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut())?;
        Ok(graph.register_package(package)?)
    };
    let (private_tmp, program) = (register("private-tmp", private_tmp)?, register("program", program)?);
    plug(&mut graph, vec![private_tmp], program)?;
    Ok(graph.encode(EncodeOptions::default())?)
}
