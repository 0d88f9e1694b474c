//! An instance of the test plugin, on top of a provider, as a host would run it.

use std::ops::Deref;
use std::rc::Rc;
use std::sync::OnceLock;

use wasmtime::component::{Component, ComponentType, Lift, Lower, ResourceAny};

use crate::calls::{functions, methods};
use crate::composition::composition;
use crate::directories::{Directories, Setup};
use crate::fixture::Fixture;
use crate::host::Host;
use crate::instance::{Crash, Instance};
use crate::mode::Mode;
use crate::types::enums;

const CHECKS: &str = "test:plugin/checks";
const CANCELLATION: &str = "test:plugin/cancellation";
const CLIENT: &str = "test:plugin/client";
const LINES: &str = "test:plugin/lines";

enums! {
    /// The kind of an entry to create.
    Kind { Unnamed = "unnamed", Named = "named", Directory = "directory" }

    /// The kind of lines in a file.
    LineKind { Bytes = "bytes", Text = "text" }
}

/// The numbers of calls that a sweep cancelled.
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
#[allow(missing_docs, reason = "the plugin's WIT documents each field")]
pub struct Tally {
    pub calls: u32,
    #[component(name = "under-way")]
    pub under_way: u32,
    pub waiting: u32,
    #[component(name = "most-turns")]
    pub most_turns: u32,
}

/// An instance of the test plugin on top of a provider.
#[derive(Debug)]
pub struct Plugin {
    mode: Mode,
    directories: Rc<Directories>,
    pub(crate) instance: Rc<Instance>,
}

impl Deref for Plugin {
    type Target = Directories;

    fn deref(&self) -> &Directories {
        &self.directories
    }
}

impl Fixture for Plugin {
    async fn start(mode: Mode, setup: Setup) -> Plugin {
        let directories = Rc::new(Directories::new(&setup));
        Plugin::on(mode, &setup, directories).await
    }

    fn directories(&self) -> &Rc<Directories> {
        &self.directories
    }

    fn crash(&self) -> Crash {
        self.instance.crash()
    }
}

impl Plugin {
    /// The mode it runs in.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Starts another composition in the same mode on the same directories, as a second plugin would be.
    pub async fn sibling(&self, setup: &Setup) -> Plugin {
        Plugin::on(self.mode, setup, self.directories.clone()).await
    }

    /// Starts another composition in the same mode, on directories of its own.
    pub async fn another(&self, setup: Setup) -> Plugin {
        Plugin::start(self.mode, setup).await
    }

    async fn on(mode: Mode, setup: &Setup, directories: Rc<Directories>) -> Plugin {
        static COMPONENT: OnceLock<Component> = OnceLock::new();
        let host = Host::of(mode);
        let component = COMPONENT.get_or_init(|| host.compile(composition()));
        let instance = Rc::new(Instance::start(host, component, directories.context(mode, setup)).await);
        Plugin { mode, directories, instance }
    }

    /// The number of resources that the host holds for the instance, such as descriptors.
    pub async fn host_resources(&self) -> usize {
        self.instance.host_resources().await
    }

    /// The number of entries that the engine keeps for calls between components of the instance.
    pub async fn calls_kept(&self) -> usize {
        self.instance.calls_kept().await
    }

    functions! { CHECKS;
        cancel_creates(kind: Kind, count: u32) -> u32;
        cancel_creates_together(kind: Kind, count: u32) -> u32;
        cancel_writes(count: u32) -> Result<(), String>;
        cancel_text_reads(count: u32) -> Result<(), String>;
        cancel_waiting_write() -> Result<(), String>;
        cancel_stream_write() -> Result<(), String>;
        drop_beside_work(count: u32) -> Result<(), String>;
        stream_both_ways(size: u64) -> Result<(), String>;
        buffered_both_ways(size: u64) -> Result<(), String>;
        buffered_again() -> Result<(), String>;
        buffered_up_to(limit: u64) -> Result<(), String>;
        try_functions() -> Result<(), String>;
        client_operations(count: u32) -> Result<(), String>;
        plain_functions(count: u32) -> Result<(), String>;
        open_at_once(count: u32) -> Result<(), String>;
        leave_open(kind: Kind) -> Result<(), String>;
    }

    /// The size of the linear memory of plugin and provider, in bytes.
    pub async fn linear_memory(&self) -> usize {
        self.instance.linear_memory().await
    }

    /// Runs the check of the client crate that has this name.
    pub async fn check_client(&self, name: &str) -> Result<(), String> {
        self.instance.call(CLIENT, "check", (name.to_owned(),)).await
    }

    /// Creates a file with unflushed bytes in the plugin, drops it outside of any task of the
    /// plugin, and checks that the bytes are there.
    pub async fn check_client_drop(&self) -> Result<(), String> {
        let tree: Result<_, String> = self.instance.call(CLIENT, "[static]tree.create", ()).await;
        let tree: ResourceAny = tree?;
        let unflushed: Result<_, String> =
            self.instance.call(CLIENT, "[method]tree.unflushed", (tree,)).await;
        self.instance.drop_resource(unflushed?);
        let outcome = self.instance.call(CLIENT, "[method]tree.check", (tree,)).await;
        self.instance.drop_resource(tree);
        outcome
    }

    functions! { CANCELLATION;
        operations() -> Vec<String>;
        sweep(operation: &str, rounds: u32) -> Result<Tally, String>;
    }

    /// Creates a file of `count` lines in the plugin.
    pub async fn lined_file(&self, kind: LineKind, count: u32) -> Result<LinedFile, String> {
        let handle: Result<_, String> =
            self.instance.call(LINES, "[static]lined-file.create", (kind, count)).await;
        Ok(LinedFile { instance: self.instance.clone(), handle: handle? })
    }
}

/// A file of the plugin, to be read by lines.
#[derive(Debug)]
pub struct LinedFile {
    instance: Rc<Instance>,
    handle: ResourceAny,
}

impl Drop for LinedFile {
    fn drop(&mut self) {
        self.instance.drop_resource(self.handle);
    }
}

impl LinedFile {
    methods! { LINES, "lined-file";
        read_line_by_line() -> Result<u32, String>;
        read_lines_together(hint: u64) -> Result<u32, String>;
    }
}
