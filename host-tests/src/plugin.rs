//! An instance of the test plugin, on top of a provider, as a host would run it.

use std::ops::Deref;
use std::rc::Rc;
use std::sync::OnceLock;

use wasmtime::component::{ComponentNamedList, Lift, Lower, ResourceAny, TypedFunc};

use crate::bindings::plugin::Composed as Exports;
use crate::bindings::plugin::exports::test::plugin::{cancellation, checks, client, lines};
use crate::composition::composition;
use crate::directories::{Directories, Setup};
use crate::fixture::Fixture;
use crate::host::Host;
use crate::instance::{Crash, Instance};
use crate::mode::Mode;

pub use crate::bindings::plugin::exports::test::plugin::cancellation::Tally;
pub use crate::bindings::plugin::exports::test::plugin::checks::Kind;
pub use crate::bindings::plugin::exports::test::plugin::lines::Kind as LineKind;

/// An instance of the test plugin on top of a provider.
#[derive(Debug)]
pub struct Plugin {
    mode: Mode,
    directories: Rc<Directories>,
    instance: Instance<Exports>,
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

/// Declares the calls of the checks, told in the plugin's WIT.
macro_rules! checks {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty = $export:ident;)+) => { $(
        /// Calls the check of that name.
        pub async fn $name(&self $(, $argument: $kind)*) -> $result {
            let export = self.checks().$export();
            self.instance.call(export, ($($argument,)*)).await.0
        }
    )+ };
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
        let host = Host::of(mode);
        static COMPONENT: OnceLock<wasmtime::component::Component> = OnceLock::new();
        let component = COMPONENT.get_or_init(|| host.compile(composition()));
        let context = directories.context(mode, setup);
        let instantiate = async |store: &mut _, component: &_, linker: &_| {
            Exports::instantiate_async(store, component, linker).await
        };
        let instance = Instance::start(host, component, context, instantiate).await;
        Plugin { mode, directories, instance }
    }

    pub(crate) fn guest(&self) -> &Exports {
        self.instance.guest()
    }

    pub(crate) async fn call<P, R>(&self, export: TypedFunc<P, R>, arguments: P) -> R
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        self.instance.call(export, arguments).await
    }

    fn checks(&self) -> &checks::Guest {
        self.guest().test_plugin_checks()
    }

    /// How many descriptors and the like the host holds for the instance.
    pub async fn host_resources(&self) -> usize {
        self.instance.host_resources().await
    }

    checks! {
        cancel_creates(kind: Kind, count: u32) -> u32 = func_cancel_creates;
        cancel_creates_together(kind: Kind, count: u32) -> u32 = func_cancel_creates_together;
        cancel_writes(count: u32) -> Result<(), String> = func_cancel_writes;
        cancel_text_reads(count: u32) -> Result<(), String> = func_cancel_text_reads;
        cancel_waiting_write() -> Result<(), String> = func_cancel_waiting_write;
        cancel_stream_write() -> Result<(), String> = func_cancel_stream_write;
        drop_beside_work(count: u32) -> Result<(), String> = func_drop_beside_work;
        stream_both_ways(size: u64) -> Result<(), String> = func_stream_both_ways;
        buffered_both_ways(size: u64) -> Result<(), String> = func_buffered_both_ways;
        buffered_again() -> Result<(), String> = func_buffered_again;
        buffered_up_to(limit: u64) -> Result<(), String> = func_buffered_up_to;
        try_functions() -> Result<(), String> = func_try_functions;
        leave_open(kind: Kind) -> Result<(), String> = func_leave_open;
    }

    /// Runs the check of the client crate that has this name.
    pub async fn check_client(&self, name: &str) -> Result<(), String> {
        let export = self.client().func_check();
        self.instance.call(export, (name.to_owned(),)).await.0
    }

    /// Has the plugin create a file with unflushed bytes, drops it outside of any task of the plugin,
    /// and has the plugin check that the bytes are there.
    pub async fn check_client_drop(&self) -> Result<(), String> {
        let tree = self.client().tree();
        let handle = self.instance.call(tree.func_create(), ()).await.0?;
        let unflushed: ResourceAny = self.instance.call(tree.func_unflushed(), (handle,)).await.0?;
        self.instance.drop_resource(unflushed);
        let outcome = self.instance.call(tree.func_check(), (handle,)).await.0;
        self.instance.drop_resource(handle);
        outcome
    }

    /// Returns the number of bytes of linear memory that plugin and provider have.
    pub async fn linear_memory(&self) -> usize {
        self.instance.linear_memory().await
    }

    fn client(&self) -> &client::Guest {
        self.guest().test_plugin_client()
    }

    /// The names of the operations that the plugin can sweep.
    pub async fn cancellable_operations(&self) -> Vec<String> {
        let export = self.cancellation().func_operations();
        self.instance.call(export, ()).await.0
    }

    /// Has the plugin drop calls of an operation after every number of turns, and check each.
    pub async fn cancel_at_every_turn(&self, operation: &str, rounds: u32) -> Result<Tally, String> {
        let export = self.cancellation().func_sweep();
        self.instance.call(export, (operation.to_owned(), rounds)).await.0
    }

    fn cancellation(&self) -> &cancellation::Guest {
        self.guest().test_plugin_cancellation()
    }

    /// Has the plugin create a file of `count` lines.
    pub async fn lined_file(&self, kind: LineKind, count: u32) -> Result<LinedFile<'_>, String> {
        let export = self.lines().lined_file().func_create();
        let handle = self.instance.call(export, (kind, count)).await.0?;
        Ok(LinedFile { plugin: self, handle })
    }

    fn lines(&self) -> &lines::Guest {
        self.instance.guest().test_plugin_lines()
    }
}

/// A file of the plugin, to be read by lines.
#[derive(Debug)]
pub struct LinedFile<'a> {
    plugin: &'a Plugin,
    handle: ResourceAny,
}

impl Drop for LinedFile<'_> {
    fn drop(&mut self) {
        self.plugin.instance.drop_resource(self.handle);
    }
}

impl LinedFile<'_> {
    /// Has it read with `read-line`, and tells how many lines there are.
    pub async fn read_line_by_line(&self) -> Result<u32, String> {
        let export = self.plugin.lines().lined_file().func_read_line_by_line();
        self.plugin.instance.call(export, (self.handle,)).await.0
    }

    /// Has it read with `read-lines`, about `hint` at a time.
    pub async fn read_lines_together(&self, hint: u64) -> Result<u32, String> {
        let export = self.plugin.lines().lined_file().func_read_lines_together();
        self.plugin.instance.call(export, (self.handle, hint)).await.0
    }
}
