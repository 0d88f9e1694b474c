//! The test consumer with a provider plugged in, as a host would run a plugin.

use std::fs;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::OnceLock;

use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, plug};
use wasmtime::component::ResourceAny;

use crate::bindings::consumer::Composed as Exports;
use crate::bindings::consumer::exports::test::consumer::{checks, lines};
use crate::host::Host;
use crate::instance::{Crash, Instance};
use crate::mode::{Fixture, Mode};
use crate::places::{Places, Setup};

pub use crate::bindings::consumer::exports::test::consumer::checks::Kind;
pub use crate::bindings::consumer::exports::test::consumer::lines::Kind as LineKind;

/// The component of the test consumer by itself.
pub fn consumer() -> Vec<u8> {
    read(env!("SCRATCH_CONSUMER"))
}

/// The test consumer with the provider plugged in.
pub fn component() -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    let mut register = |name, bytes| {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut()).expect("a component");
        graph.register_package(package).expect("the name is free")
    };
    let consumer = register("consumer", consumer());
    let provider = register("provider", read(Mode::P3.provider()));
    plug(&mut graph, vec![provider], consumer).expect("the provider exports what the consumer imports");
    graph.encode(EncodeOptions::default()).expect("the composition is whole")
}

pub(crate) fn read(path: &str) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An instance of the test consumer on top of a provider.
#[derive(Debug)]
pub struct Composed {
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
        let host = Host::of(mode);
        static COMPONENT: OnceLock<wasmtime::component::Component> = OnceLock::new();
        let component = COMPONENT.get_or_init(|| host.compile(component()));
        let places = Rc::new(Places::new(&setup));
        let context = places.context(mode, &setup);
        let instantiate = async |store: &mut _, component: &_, linker: &_| {
            Exports::instantiate_async(store, component, linker).await
        };
        let instance = Instance::start(host, component, context, instantiate).await;
        Composed { places, instance }
    }

    fn places(&self) -> &Rc<Places> {
        &self.places
    }

    fn crash(&self) -> Crash {
        self.instance.crash()
    }
}

/// Declares the calls of the checks, told in the consumer's WIT.
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
    fn checks(&self) -> &checks::Guest {
        self.instance.guest().test_consumer_checks()
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
        try_functions() -> Result<(), String> = func_try_functions;
        leave_open(kind: Kind) -> Result<(), String> = func_leave_open;
    }

    /// Has the consumer create a file of `count` lines.
    pub async fn lined_file(&self, kind: LineKind, count: u32) -> Result<LinedFile<'_>, String> {
        let export = self.lines().lined_file().func_create();
        let handle = self.instance.call(export, (kind, count)).await.0?;
        Ok(LinedFile { composed: self, handle })
    }

    fn lines(&self) -> &lines::Guest {
        self.instance.guest().test_consumer_lines()
    }
}

/// A file of the consumer, to be read by lines.
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
