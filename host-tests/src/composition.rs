//! Compositions as `wac plug` would make them: the test plugin with a provider plugged in, and a program
//! with a private `/tmp`.

use std::fs;

use wac_graph::types::{Package, are_semver_compatible};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

use crate::mode::Mode;

/// The component of the test plugin by itself.
pub fn plugin_component() -> Vec<u8> {
    read(env!("SCRATCH_GUEST_PLUGIN"))
}

/// The provider's interfaces that the composition exports for the host.
const FOR_THE_HOST: [&str; 2] = ["scratch:tempfile/tempfile@0.3.0", "scratch:tempfile/control@0.3.0"];

/// The test plugin with the provider plugged in, and `control` for the host.
pub fn composition() -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    let mut register = |name, bytes| {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut()).expect("a component");
        graph.register_package(package).expect("the name is free")
    };
    let packages = [register("provider", read(Mode::P3.provider())), register("plugin", plugin_component())];
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
    graph.encode(EncodeOptions::default()).expect("the composition is complete")
}

/// The component for a private `/tmp` by itself.
pub fn private_tmp_component() -> Vec<u8> {
    read(env!("SCRATCH_TMP"))
}

/// The component for a private `/tmp` of programs that send HTTP requests, by itself.
pub fn private_tmp_http_component() -> Vec<u8> {
    read(env!("SCRATCH_TMP_HTTP"))
}

/// The test program that sends HTTP requests, with a private `/tmp`.
pub fn fetch_with_private_tmp() -> Vec<u8> {
    compose(private_tmp_http_component(), &read(env!("SCRATCH_GUEST_FETCH")))
}

/// A program with a private `/tmp`, and `control` for the host.
///
/// # Panics
///
/// Panics if the component for a private `/tmp` serves an import of the program with another type.
pub fn with_private_tmp(program: &[u8]) -> Vec<u8> {
    compose(private_tmp_component(), program)
}

fn compose(private_tmp: Vec<u8>, program: &[u8]) -> Vec<u8> {
    const CONTROL: &str = "scratch:tempfile/control@0.2.0";
    let mut graph = CompositionGraph::new();
    let mut register = |name, bytes| {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut()).expect("a component");
        graph.register_package(package).expect("the name is free")
    };
    let packages = [register("private-tmp", private_tmp), register("program", program.to_owned())];
    let offered: Vec<String> = graph.types()[graph[packages[0]].ty()].exports.keys().cloned().collect();
    let world = &graph.types()[graph[packages[1]].ty()];
    let wanted: Vec<String> = world.imports.keys().cloned().collect();
    let exports: Vec<String> = world.exports.keys().cloned().collect();
    let [private_tmp, program] = packages.map(|package| graph.instantiate(package));
    for import in wanted {
        if let Some(export) = offered.iter().find(|export| are_semver_compatible(export, &import)) {
            let export = graph.alias_instance_export(private_tmp, export).expect("it is exported");
            graph.set_instantiation_argument(program, &import, export).expect("the types are the same");
        }
    }
    for (instance, name) in
        exports.into_iter().map(|name| (program, name)).chain([(private_tmp, CONTROL.into())])
    {
        let export = graph.alias_instance_export(instance, &name).expect("it is exported");
        graph.export(export, &name).expect("the name is free");
    }
    graph.encode(EncodeOptions::default()).expect("the composition is complete")
}

pub(crate) fn read(path: &str) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
