//! Components that do a workload themselves: the bare guest, and a plugin composed with the provider.

use std::path::Path;
use std::time::Duration;

use tokio::runtime::Runtime;
use wac_graph::{CompositionGraph, EncodeOptions, plug, types::Package};
use wasmtime::component::{ComponentNamedList, Lift, Lower, TypedFunc};

pub(crate) use self::bindings::exports::test::benchmarks::workloads::{By, Way};
use self::bindings::{Workloads, exports::test::benchmarks::workloads::Guest};
use self::composed::exports::test::benchmarks::spools;
use crate::engine::{Program, Wasi};
use crate::measure::Outcome;

#[allow(missing_docs, unused_doc_comments)]
mod bindings {
    wasmtime::component::bindgen!({
        path: ["../wit", "guests/wit"],
        inline: "package test:benches; world workloads { export test:benchmarks/workloads; }",
        world: "test:benches/workloads",
        exports: { default: async | store },
    });
}

#[allow(missing_docs, unused_doc_comments)]
mod composed {
    wasmtime::component::bindgen!({
        path: ["../wit", "guests/wit"],
        inline: "package test:benches; world spooling { export test:benchmarks/spools; }",
        world: "test:benches/spooling",
        exports: { default: async | store },
    });
}

/// The nanoseconds that a workload took, or its error.
type Took = (Result<u64, String>,);

/// A plugin with the provider plugged in.
pub(crate) fn compose(provider: &[u8], plugin: &[u8]) -> Outcome<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let mut register = |name, bytes: &[u8]| -> Outcome<_> {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut())?;
        Ok(graph.register_package(package)?)
    };
    let (provider, plugin) = (register("provider", provider)?, register("plugin", plugin)?);
    plug(&mut graph, vec![provider], plugin)?;
    Ok(graph.encode(EncodeOptions::default())?)
}

/// A component that exports `workloads`. Each workload runs in an instance of its own, because
/// wasmtime 48 never frees its entry for a call between guests that returns at once, and has a
/// million of them.
pub(crate) struct Guests<'a> {
    program: Program,
    runtime: &'a Runtime,
    directory: &'a Path,
}

impl<'a> Guests<'a> {
    pub(crate) fn new(bytes: &[u8], runtime: &'a Runtime, directory: &'a Path) -> Outcome<Self> {
        Ok(Guests { program: Program::new(Wasi::P3, false, bytes)?, runtime, directory })
    }

    /// Runs a workload in a new instance.
    pub(crate) fn work<P>(
        &self,
        blocking: bool,
        workload: fn(&Guest) -> TypedFunc<P, Took>,
        numbers: P,
    ) -> Outcome
    where
        P: ComponentNamedList + Lower + Lift + Send + Sync + 'static,
    {
        let Program { component, linker, .. } = &self.program;
        let mut store = self.program.store(self.directory, blocking, &[])?;
        self.runtime.block_on(async {
            let instance = Workloads::instantiate_async(&mut store, component, linker).await?;
            let workload = workload(instance.test_benchmarks_workloads());
            let (nanoseconds,) = workload.call_async(&mut store, numbers).await?;
            Ok(Duration::from_nanos(nanoseconds?))
        })
    }

    /// Runs the workload of spooled files, which only a plugin has.
    pub(crate) fn spooled(&self, blocking: bool, numbers: (u32, u64, u32, u32)) -> Outcome {
        let Program { component, linker, .. } = &self.program;
        let mut store = self.program.store(self.directory, blocking, &[])?;
        self.runtime.block_on(async {
            let instance = composed::Spooling::instantiate_async(&mut store, component, linker).await?;
            let spools: &spools::Guest = instance.test_benchmarks_spools();
            let (nanoseconds,) = spools.func_spooled().call_async(&mut store, numbers).await?;
            Ok(Duration::from_nanos(nanoseconds?))
        })
    }
}
