//! The composition of a plugin and the provider.

use std::borrow::Cow;

use anyhow::{Context as _, Result};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, plug};

use crate::plugins::Plugin;

/// The component that gives temporary files to the plugin.
const PROVIDER: &[u8] = include_bytes!(env!("PROVIDER"));

/// Returns the plugin with the provider plugged in: one component that imports WASI alone. A
/// plugin that imports nothing of the provider is returned as it is.
pub(crate) fn with_provider(plugin: &Plugin) -> Result<Cow<'_, [u8]>> {
    let mut graph = CompositionGraph::new();
    let package = Package::from_bytes("plugin", None, plugin.bytes.to_vec(), graph.types_mut())
        .with_context(|| format!("{} is not a valid component", plugin.name))?;
    let socket = graph.register_package(package)?;
    let imports = &graph.types()[graph[socket].ty()].imports;
    if !imports.keys().any(|name| name.starts_with("scratch:tempfile/")) {
        return Ok(plugin.bytes.as_ref().into());
    }
    let package = Package::from_bytes("scratch:tempfile", None, PROVIDER, graph.types_mut())?;
    let provider = graph.register_package(package)?;
    plug(&mut graph, vec![provider], socket)
        .with_context(|| format!("{} imports another version of scratch:tempfile", plugin.name))?;
    Ok(graph.encode(EncodeOptions::default())?.into())
}
