//! The composition of a plugin and the provider.

use std::borrow::Cow;

use anyhow::{Context as _, Result, bail};
use wac_graph::types::{Package, are_semver_compatible};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId};

use crate::plugins::Plugin;

/// The component that provides temporary files to the plugin.
pub(crate) const PROVIDER: &[u8] = include_bytes!(env!("PROVIDER"));

/// The provider's interfaces that the composition exports to the embedder: `control`, and `tempfile`
/// because `control` uses its types.
const FOR_THE_EMBEDDER: [&str; 2] = ["scratch:tempfile/tempfile@0.3.0", "scratch:tempfile/control@0.3.0"];

/// A component that imports only WASI.
pub(crate) struct Composition<'a> {
    /// The component.
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Whether it contains the provider and exports the interfaces for the embedder.
    pub(crate) has_provider: bool,
    /// Whether it contains the component for a private `/tmp`, and exports `control` for the embedder.
    pub(crate) has_private_tmp: bool,
}

/// Plugs the provider into a plugin. Returns a plugin without imports of the provider unchanged, and
/// refuses a plugin that could bypass its limits.
pub(crate) fn with_provider(plugin: &Plugin, has_limits: bool) -> Result<Composition<'_>> {
    let mut graph = CompositionGraph::new();
    let package = Package::from_bytes("plugin", None, plugin.bytes.to_vec(), graph.types_mut())
        .with_context(|| format!("{} is not a valid component", plugin.name))?;
    let socket = graph.register_package(package)?;
    let imports: Vec<_> = graph.types()[graph[socket].ty()].imports.keys().cloned().collect();
    if let Some(why) = imports.iter().find_map(|import| refusal(import, has_limits)) {
        bail!("{} imports {why}", plugin.name);
    }
    let wanted: Vec<_> = imports.iter().filter(|name| name.starts_with("scratch:tempfile/")).collect();
    if wanted.is_empty() {
        return Ok(Composition {
            bytes: plugin.bytes.as_ref().into(),
            has_provider: false,
            has_private_tmp: false,
        });
    }
    let package = Package::from_bytes("scratch:tempfile", None, PROVIDER, graph.types_mut())?;
    let provider = graph.register_package(package)?;
    let provider_instance = graph.instantiate(provider);
    let plugin_instance = graph.instantiate(socket);
    for name in wanted {
        plug(&mut graph, (provider, provider_instance), plugin_instance, name).with_context(|| {
            format!("{} imports another version of scratch:tempfile: {name}", plugin.name)
        })?;
    }
    let exports: Vec<_> = graph.types()[graph[socket].ty()].exports.keys().cloned().collect();
    for name in exports {
        export(&mut graph, plugin_instance, &name)?;
    }
    for name in FOR_THE_EMBEDDER {
        export(&mut graph, provider_instance, name)?;
    }
    Ok(Composition {
        bytes: graph.encode(EncodeOptions::default())?.into(),
        has_provider: true,
        has_private_tmp: false,
    })
}

/// Plugs a private `/tmp` into a command of WASI 0.2.
pub(crate) fn with_private_tmp(plugin: &Plugin) -> Result<Composition<'_>> {
    let composition = scratch_tempfile_host::Composition::program(&plugin.bytes);
    let composition = composition.with_context(|| format!("{} gets no private /tmp", plugin.name))?;
    Ok(Composition {
        bytes: composition.bytes().to_owned().into(),
        has_provider: false,
        has_private_tmp: true,
    })
}

/// Returns the reason for which a plugin may not have an import, if there is one.
fn refusal(import: &str, has_limits: bool) -> Option<&'static str> {
    if import.starts_with("scratch:tempfile/control@") {
        Some("control, which no plugin may have")
    } else if !has_limits {
        None
    } else if import.starts_with("scratch:tempfile/lowlevel@") {
        Some("lowlevel, which bypasses limits")
    } else if import.starts_with("wasi:filesystem/preopens@0.3.") {
        // Standard libraries import the interface at WASI 0.2; its list is empty for them.
        Some("the directories of the host, which bypass limits")
    } else {
        None
    }
}

/// Connects the plugin's import of that name with the provider.
fn plug(
    graph: &mut CompositionGraph,
    (provider, provider_instance): (PackageId, NodeId),
    plugin_instance: NodeId,
    name: &str,
) -> Result<()> {
    let exports = &graph.types()[graph[provider].ty()].exports;
    let offered = exports.keys().find(|offered| are_semver_compatible(offered, name)).cloned();
    let offered = offered.context("the provider exports no compatible version")?;
    let export = graph.alias_instance_export(provider_instance, &offered)?;
    Ok(graph.set_instantiation_argument(plugin_instance, name, export)?)
}

/// Exports an interface of an instance from the composition.
fn export(graph: &mut CompositionGraph, instance: NodeId, name: &str) -> Result<()> {
    let export = graph.alias_instance_export(instance, name)?;
    Ok(graph.export(export, name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component that imports the provider's `interface` under the name `import`.
    fn plugin(interface: &str, import: &str) -> Plugin {
        let mut graph = CompositionGraph::new();
        let package = Package::from_bytes("scratch:tempfile", None, PROVIDER, graph.types_mut()).unwrap();
        let provider = graph.register_package(package).unwrap();
        let kind = graph.types()[graph[provider].ty()].exports[interface];
        graph.import(import, kind).unwrap();
        Plugin { name: "plugin".into(), bytes: graph.encode(EncodeOptions::default()).unwrap().into() }
    }

    #[track_caller]
    fn assert_refused(plugin: &Plugin, has_limits: bool, message: &str) {
        match with_provider(plugin, has_limits) {
            Ok(_) => panic!("the plugin was not refused"),
            Err(error) => assert_eq!(format!("{error}"), message),
        }
    }

    #[test]
    fn a_plugin_that_imports_control_is_refused() {
        let plugin = plugin("scratch:tempfile/control@0.3.0", "scratch:tempfile/control@0.3.0");

        for has_limits in [false, true] {
            assert_refused(&plugin, has_limits, "plugin imports control, which no plugin may have");
        }
    }

    #[test]
    fn a_plugin_with_limits_is_refused_interfaces_that_bypass_them() {
        let plugin = plugin("scratch:tempfile/lowlevel@0.3.0", "scratch:tempfile/lowlevel@0.3.0");

        assert_refused(&plugin, true, "plugin imports lowlevel, which bypasses limits");
        with_provider(&plugin, false).unwrap();

        // The provider itself imports the directories.
        let provider = Plugin { name: "provider".into(), bytes: PROVIDER.into() };
        let message = "provider imports the directories of the host, which bypass limits";
        assert_refused(&provider, true, message);
        with_provider(&provider, false).unwrap();
    }

    #[test]
    fn a_plugin_for_a_compatible_version_is_taken_and_another_is_not() {
        let tempfile = "scratch:tempfile/tempfile@0.3.0";

        with_provider(&plugin(tempfile, "scratch:tempfile/tempfile@0.3.7"), true).unwrap();
        assert_refused(
            &plugin(tempfile, "scratch:tempfile/tempfile@0.4.0"),
            false,
            "plugin imports another version of scratch:tempfile: scratch:tempfile/tempfile@0.4.0",
        );
    }
}
