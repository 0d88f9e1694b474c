//! The composition of a program and the component for a private `/tmp`.

use anyhow::{Context as _, Result, bail};
use wac_graph::types::{Package, are_semver_compatible};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
};
use wit_component::ComponentEncoder;

use crate::{COMPONENT, CONTROL};

/// Plugs a private `/tmp` into a program, and exports what the program exports.
///
/// # Errors
///
/// Fails with a sentence that names the import if the program cannot be composed, or uses no filesystem of
/// WASI 0.2.
pub fn plug(program: &[u8]) -> Result<Vec<u8>> {
    compose(program, &[])
}

/// Does the same, and exports `control` too, with which a host reads the usage.
///
/// # Errors
///
/// Fails as [`plug`] does.
pub fn plug_for_host(program: &[u8]) -> Result<Vec<u8>> {
    compose(program, &[CONTROL])
}

fn compose(program: &[u8], for_host: &[&str]) -> Result<Vec<u8>> {
    let program = if is_core_module(program) { component(program)? } else { program.to_owned() };
    let mut graph = CompositionGraph::new();
    let mut register = |name, bytes| -> Result<_> {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut())?;
        Ok(graph.register_package(package)?)
    };
    let private_tmp = register("private-tmp", COMPONENT.to_owned())?;
    let program = register("program", program).context("the program is not a valid component")?;
    let offered: Vec<_> = graph.types()[graph[private_tmp].ty()].exports.keys().cloned().collect();
    let world = &graph.types()[graph[program].ty()];
    let wanted: Vec<_> = world.imports.keys().cloned().collect();
    let exported: Vec<_> = world.exports.keys().cloned().collect();
    if let Some(obstacle) = wanted.iter().find_map(|import| obstacle(import)) {
        bail!("{obstacle}");
    }
    if !wanted.iter().any(|import| import.starts_with("wasi:filesystem/")) {
        bail!("the program imports no filesystem: it needs no private /tmp");
    }
    let (private_tmp, program) = (graph.instantiate(private_tmp), graph.instantiate(program));
    for import in &wanted {
        if let Some(export) = offered.iter().find(|export| are_semver_compatible(export, import)) {
            let served = graph.alias_instance_export(private_tmp, export)?;
            graph.set_instantiation_argument(program, import, served).with_context(|| {
                format!("the program imports {import} with other types than {export} has")
            })?;
        }
    }
    for name in exported {
        export(&mut graph, program, &name)?;
    }
    for name in for_host {
        export(&mut graph, private_tmp, name)?;
    }
    graph.encode(EncodeOptions::default()).context("the program imports an interface that cannot be served")
}

/// Returns why a program with this import cannot be composed, if that is known.
fn obstacle(import: &str) -> Option<String> {
    let (package, version) = import.split_once('@').unwrap_or((import, ""));
    if package.starts_with("wasi:http/") {
        return Some(format!(
            "the program imports {import}: its streams and polls come from the host, and a private /tmp \
             has to serve them all; no build of the component serves wasi:http"
        ));
    }
    if package.starts_with("wasi:filesystem/") && !version.starts_with("0.2.") {
        return Some(format!("the program imports {import}: a private /tmp serves WASI 0.2 only"));
    }
    None
}

fn export(graph: &mut CompositionGraph, instance: NodeId, name: &str) -> Result<()> {
    let alias = graph.alias_instance_export(instance, name)?;
    Ok(graph.export(alias, name)?)
}

/// Whether these are the bytes of a core module, not of a component.
pub(crate) fn is_core_module(bytes: &[u8]) -> bool {
    wasmparser::Parser::is_core_wasm(bytes)
}

/// Makes a component of a core module, which is a command of WASI preview 1.
fn component(module: &[u8]) -> Result<Vec<u8>> {
    let encoder = ComponentEncoder::default().validate(false);
    let encoder = encoder.module(module).context("the program is not a valid module")?;
    encoder
        .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER)?
        .encode()
        .context("the program is not a command of WASI preview 1")
}
