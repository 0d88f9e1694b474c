//! A composition in the making: two or more components, and the interfaces that connect them.

use wac_graph::types::{Package, are_semver_compatible};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId};

use crate::error::{ComposeError, with_sources};

/// A composition in the making.
pub(crate) struct Graph(CompositionGraph);

/// A component in a composition, instantiated once.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    package: PackageId,
    instance: NodeId,
}

impl Graph {
    pub(crate) fn new() -> Graph {
        Graph(CompositionGraph::new())
    }

    /// Adds a component and an instance of it.
    pub(crate) fn add(&mut self, name: &str, component: &[u8]) -> Result<Member, ComposeError> {
        let package = Package::from_bytes(name, None, component.to_vec(), self.0.types_mut());
        let package = package.map_err(|error| ComposeError::NotAComponent(format!("{error:#}")))?;
        let package = self.0.register_package(package).map_err(ComposeError::invalid)?;
        Ok(Member { package, instance: self.0.instantiate(package) })
    }

    /// Returns the names of the imports of a component.
    pub(crate) fn imports(&self, member: Member) -> Vec<String> {
        self.0.types()[self.0[member.package].ty()].imports.keys().cloned().collect()
    }

    /// Returns the names of the exports of a component.
    pub(crate) fn exports(&self, member: Member) -> Vec<String> {
        self.0.types()[self.0[member.package].ty()].exports.keys().cloned().collect()
    }

    /// Serves the import of `socket` that is called `import` by an export of `plug`. Returns whether `plug`
    /// has an export of that name in a compatible version.
    pub(crate) fn serve(&mut self, socket: Member, import: &str, plug: Member) -> Result<bool, ComposeError> {
        let exports = self.exports(plug);
        let Some(export) = exports.iter().find(|export| are_semver_compatible(export, import)) else {
            return Ok(false);
        };
        let alias = self.0.alias_instance_export(plug.instance, export).map_err(ComposeError::invalid)?;
        let served = self.0.set_instantiation_argument(socket.instance, import, alias);
        served.map_err(|error| ComposeError::Types {
            import: import.to_owned(),
            reason: with_sources(&error),
        })?;
        Ok(true)
    }

    /// Exports an export of a component from the composition.
    pub(crate) fn export(&mut self, member: Member, name: &str) -> Result<(), ComposeError> {
        let alias = self.0.alias_instance_export(member.instance, name).map_err(ComposeError::invalid)?;
        self.0.export(alias, name).map_err(ComposeError::invalid)?;
        Ok(())
    }

    /// Returns the composition as a component.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, ComposeError> {
        self.0.encode(EncodeOptions::default()).map_err(ComposeError::invalid)
    }
}
