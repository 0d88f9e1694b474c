//! The test plugin with a provider plugged in, as a host would run a plugin.

use std::fs;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::OnceLock;

use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};
use wasmtime::component::{ComponentNamedList, Lift, Lower, ResourceAny, TypedFunc};

use crate::bindings::plugin::Composed as Exports;
use crate::bindings::plugin::exports::test::plugin::{cancellation, checks, lines};
use crate::host::Host;
use crate::instance::{Crash, Instance};
use crate::mode::{Fixture, Mode};
use crate::places::{Places, Setup};

pub use crate::bindings::plugin::exports::test::plugin::cancellation::Tally;
pub use crate::bindings::plugin::exports::test::plugin::checks::Kind;
pub use crate::bindings::plugin::exports::test::plugin::lines::Kind as LineKind;

/// The component of the test plugin by itself.
pub fn plugin() -> Vec<u8> {
    read(env!("SCRATCH_GUEST_PLUGIN"))
}

/// What the composition exports of the provider, for the host alone.
const FOR_THE_HOST: [&str; 2] = ["scratch:tempfile/tempfile@0.3.0", "scratch:tempfile/control@0.3.0"];

/// The test plugin with the provider plugged in, and `control` for the host.
pub fn component() -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    let mut register = |name, bytes| {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut()).expect("a component");
        graph.register_package(package).expect("the name is free")
    };
    let packages = [register("provider", read(Mode::P3.provider())), register("plugin", plugin())];
    let world = &graph.types()[graph[packages[1]].ty()];
    let imports: Vec<String> = world.imports.keys().cloned().collect();
    let exports: Vec<String> = world.exports.keys().cloned().collect();
    let [provider, plugin] = packages.map(|package| graph.instantiate(package));
    let alias = |graph: &mut CompositionGraph, instance: NodeId, name: &str| {
        graph.alias_instance_export(instance, name).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    for name in imports {
        let export = alias(&mut graph, provider, &name);
        graph.set_instantiation_argument(plugin, &name, export).expect("the provider exports the same");
    }
    let of_provider = FOR_THE_HOST.map(|name| (provider, name.to_owned()));
    let of_plugin = exports.into_iter().map(|name| (plugin, name));
    for (instance, name) in of_provider.into_iter().chain(of_plugin) {
        let export = alias(&mut graph, instance, &name);
        graph.export(export, &name).expect("the name is free");
    }
    graph.encode(EncodeOptions::default()).expect("the composition is whole")
}

pub(crate) fn read(path: &str) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An instance of the test plugin on top of a provider.
#[derive(Debug)]
pub struct Composed {
    mode: Mode,
    places: Rc<Places>,
    instance: Instance<Exports>,
}

impl Deref for Composed {
    type Target = Places;

    fn deref(&self) -> &Places {
        &self.places
    }
}

impl Fixture for Composed {
    async fn start(mode: Mode, setup: Setup) -> Composed {
        let places = Rc::new(Places::new(&setup));
        Composed::on(mode, &setup, places).await
    }

    fn places(&self) -> &Rc<Places> {
        &self.places
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

impl Composed {
    /// The mode it runs in.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Starts another composition in the same mode on the same places, as a second plugin would be.
    pub async fn neighbour(&self, setup: &Setup) -> Composed {
        Composed::on(self.mode, setup, self.places.clone()).await
    }

    /// Starts another composition in the same mode, on places of its own.
    pub async fn again(&self, setup: Setup) -> Composed {
        Composed::start(self.mode, setup).await
    }

    async fn on(mode: Mode, setup: &Setup, places: Rc<Places>) -> Composed {
        let host = Host::of(mode);
        static COMPONENT: OnceLock<wasmtime::component::Component> = OnceLock::new();
        let component = COMPONENT.get_or_init(|| host.compile(component()));
        let context = places.context(mode, setup);
        let instantiate = async |store: &mut _, component: &_, linker: &_| {
            Exports::instantiate_async(store, component, linker).await
        };
        let instance = Instance::start(host, component, context, instantiate).await;
        Composed { mode, places, instance }
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
        Ok(LinedFile { composed: self, handle })
    }

    fn lines(&self) -> &lines::Guest {
        self.instance.guest().test_plugin_lines()
    }
}

/// A file of the plugin, to be read by lines.
#[derive(Debug)]
pub struct LinedFile<'a> {
    composed: &'a Composed,
    handle: ResourceAny,
}

impl Drop for LinedFile<'_> {
    fn drop(&mut self) {
        self.composed.instance.drop_resource(self.handle);
    }
}

impl LinedFile<'_> {
    /// Has it read with `read-line`, and tells how many lines there are.
    pub async fn read_line_by_line(&self) -> Result<u32, String> {
        let export = self.composed.lines().lined_file().func_read_line_by_line();
        self.composed.instance.call(export, (self.handle,)).await.0
    }

    /// Has it read with `read-lines`, about `hint` at a time.
    pub async fn read_lines_together(&self, hint: u64) -> Result<u32, String> {
        let export = self.composed.lines().lined_file().func_read_lines_together();
        self.composed.instance.call(export, (self.handle, hint)).await.0
    }
}
