//! The test program with a private `/tmp`, run as a command of WASI 0.2.

use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;
use tokio::runtime::Builder;
use wasmtime::Store;
use wasmtime::component::{Component, ComponentNamedList, Instance, Lift};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtx, WasiCtxBuilder};

use crate::composition::{read, with_private_tmp};
use crate::control::Usage;
use crate::host::{Host, State};
use crate::mode::Mode;
use crate::types::Error;

/// The largest output of a program, in bytes.
const LARGEST_OUTPUT: usize = 16 << 20;

/// A run of the test program: its arguments, its environment and the host's directories.
pub struct Program {
    builder: WasiCtxBuilder,
    host: Option<TempDir>,
    input: Vec<u8>,
    has_own_streams: bool,
}

/// The end of a program.
pub struct Ended {
    /// The exit code, or none after a trap.
    pub code: Option<i32>,
    /// The bytes on standard output.
    pub output: Vec<u8>,
    /// The text on standard error.
    pub errors: String,
    /// The usage at the end, unless the program exited by a call or trapped.
    pub usage: Option<Usage>,
    host: Option<TempDir>,
}

impl Program {
    /// A run with these arguments, separated by spaces, and a directory of the host for large contents.
    pub fn new(arguments: &str) -> Program {
        let mut program = Program::in_memory(arguments);
        let host = tempfile::tempdir().expect("the host has a temporary directory");
        program = program.preopen(host.path(), "/tmp");
        Program { host: Some(host), ..program }
    }

    /// A run without any directory of the host.
    pub fn in_memory(arguments: &str) -> Program {
        let mut builder = WasiCtx::builder();
        builder.allow_blocking_current_thread(true);
        builder.arg("program").args(&arguments.split(' ').collect::<Vec<_>>());
        Program { builder, host: None, input: Vec::new(), has_own_streams: true }
    }

    /// Adds a variable to the environment.
    pub fn variable(mut self, name: &str, value: &str) -> Program {
        self.builder.env(name, value);
        self
    }

    /// Adds the host's directory `host` as `guest`.
    pub fn preopen(mut self, host: &Path, guest: &str) -> Program {
        self.builder.preopened_dir(host, guest, FsPerms::ReadWrite).expect("the directory exists");
        self
    }

    /// Adds the host's directory `host` as `guest`, to be read only.
    pub fn preopen_read_only(mut self, host: &Path, guest: &str) -> Program {
        self.builder.preopened_dir(host, guest, FsPerms::ReadOnly).expect("the directory exists");
        self
    }

    /// Sets the bytes on standard input.
    pub fn input(self, input: &[u8]) -> Program {
        Program { input: input.to_owned(), ..self }
    }

    /// Gives the program the standard streams of this process.
    pub fn on_standard_streams(mut self) -> Program {
        self.builder.inherit_stdio();
        Program { has_own_streams: false, ..self }
    }

    /// Runs the program with a private `/tmp` to its end.
    ///
    /// # Panics
    ///
    /// Panics if the component cannot be instantiated.
    pub fn run(mut self) -> Ended {
        let (output, errors) = (MemoryOutputPipe::new(LARGEST_OUTPUT), MemoryOutputPipe::new(LARGEST_OUTPUT));
        if self.has_own_streams {
            let builder = self.builder.stdin(MemoryInputPipe::new(self.input));
            builder.stdout(output.clone()).stderr(errors.clone());
        }
        let mut store = Host::of(Mode::P2).store(self.builder.build());
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
        let (code, usage) = runtime.block_on(run(&mut store, component()));
        drop(store);
        let errors = String::from_utf8_lossy(&errors.contents()).into_owned();
        Ended { code, output: output.contents().to_vec(), errors, usage, host: self.host }
    }
}

impl Ended {
    /// Asserts that the program succeeded, and returns its output as text.
    ///
    /// # Panics
    ///
    /// Panics with what the program wrote on standard error if it failed.
    #[track_caller]
    pub fn succeeded(&self) -> &str {
        assert_eq!(self.code, Some(0), "the program failed: {}", self.errors);
        std::str::from_utf8(&self.output).expect("the program writes text")
    }

    /// Returns the usage of a program that ended without a call or a trap.
    ///
    /// # Panics
    ///
    /// Panics if there is none.
    #[track_caller]
    pub fn usage(&self) -> Usage {
        self.succeeded();
        self.usage.expect("the program ended by itself")
    }

    /// Asserts that the directory for large contents has no entry.
    ///
    /// # Panics
    ///
    /// Panics if something is left there.
    #[track_caller]
    pub fn assert_nothing_left(&self) {
        let directory = self.host.as_ref().expect("the program had a directory");
        let left: Vec<_> = directory.path().read_dir().expect("the directory exists").collect();
        assert!(left.is_empty(), "left on the host: {left:?}");
    }
}

/// The program and the component for a private `/tmp`, compiled once.
fn component() -> &'static Component {
    static COMPONENT: OnceLock<Component> = OnceLock::new();
    COMPONENT
        .get_or_init(|| Host::of(Mode::P2).compile(with_private_tmp(&read(env!("SCRATCH_GUEST_PROGRAM")))))
}

async fn run(store: &mut Store<State>, component: &Component) -> (Option<i32>, Option<Usage>) {
    let linker = Host::of(Mode::P2).linker();
    let instance = linker.instantiate_async(&mut *store, component).await.expect("WASI is all that it needs");
    let ran: wasmtime::Result<(Result<(), ()>,)> =
        call(store, instance, component, "wasi:cli/run", "run").await;
    match ran {
        Ok((outcome,)) => {
            let usage = call(store, instance, component, "scratch:tempfile/control", "get-usage").await;
            let (usage,): (Result<Usage, Error>,) = usage.expect("`control` does not trap");
            (Some(outcome.map_or(1, |()| 0)), Some(usage.expect("the environment is valid")))
        }
        Err(error) => (error.downcast_ref::<I32Exit>().map(|exit| exit.0), None),
    }
}

/// Calls a function without arguments of an interface, of any version.
async fn call<R: ComponentNamedList + Lift + Send + Sync + 'static>(
    store: &mut Store<State>,
    instance: Instance,
    component: &Component,
    interface: &str,
    function: &str,
) -> wasmtime::Result<R> {
    let world = component.component_type();
    let named = |name: &str| name.split('@').next() == Some(interface);
    let name = world.exports(component.engine()).map(|(name, _)| name.to_owned()).find(|name| named(name));
    let interface = instance.get_export_index(&mut *store, None, &name.expect("the interface is exported"));
    let function = instance.get_export_index(&mut *store, interface.as_ref(), function);
    let function = function.expect("the interface has the function");
    let function = instance.get_typed_func::<(), R>(&mut *store, function)?;
    function.call_async(&mut *store, ()).await
}
