//! Whether the program in a composition reaches the filesystem of the host.

use std::fmt;

use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentTypeRef, Parser,
    Payload,
};

use super::{CONTROL, is_core_module, plug};
use crate::error::ComposeError;

type Result<T> = std::result::Result<T, BinaryReaderError>;

/// The result of a check.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The program is composed, and has no filesystem but that of the component for a private `/tmp`.
    Private,
    /// The program is composed, and still imports this interface from the host.
    Reaches(String),
    /// The program is not composed yet, and can be.
    NotComposed,
    /// The program is not composed, and cannot be for this reason.
    NotComposable(ComposeError),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Private => f.write_str("private: the program has no filesystem of the host"),
            Verdict::Reaches(import) => {
                write!(f, "not private: the program imports {import} from the host")
            }
            Verdict::NotComposed => f.write_str("not composed: plug a private /tmp into it"),
            Verdict::NotComposable(why) => write!(f, "not composable: {why}"),
        }
    }
}

/// Checks a composition, or a program that is not composed yet.
///
/// # Errors
///
/// Fails if the bytes are a component that cannot be parsed, or one that this function does not understand.
pub fn check(bytes: &[u8]) -> std::result::Result<Verdict, ComposeError> {
    if is_core_module(bytes) || !Parser::is_component(bytes) {
        return Ok(uncomposed(bytes));
    }
    let outer = Outer::parse(bytes).map_err(ComposeError::invalid)?;
    if !outer.components.iter().any(Nested::is_private_tmp) {
        return Ok(uncomposed(bytes));
    }
    for (component, arguments) in &outer.instantiations {
        let Some(component) = outer.components.get(*component) else {
            return Err(ComposeError::Invalid("it instantiates a component from elsewhere".to_owned()));
        };
        if component.is_private_tmp() {
            continue;
        }
        let of_host = arguments.iter().find(|(name, instance)| {
            name.starts_with("wasi:filesystem/") && outer.is_imported.get(*instance) == Some(&true)
        });
        if let Some((name, _)) = of_host {
            return Ok(Verdict::Reaches(name.clone()));
        }
    }
    Ok(Verdict::Private)
}

fn uncomposed(bytes: &[u8]) -> Verdict {
    match plug(bytes) {
        Ok(_) => Verdict::NotComposed,
        Err(error) => Verdict::NotComposable(error),
    }
}

/// The outermost component of a composition.
#[derive(Default)]
struct Outer {
    /// The components in it, in their order.
    components: Vec<Nested>,
    /// Whether an instance is imported from the host, in the order of the instances.
    is_imported: Vec<bool>,
    /// The number of an instantiated component, and its arguments: names and numbers of instances.
    instantiations: Vec<(usize, Vec<(String, usize)>)>,
}

/// A component in a composition.
#[derive(Default)]
struct Nested {
    exports: Vec<String>,
}

impl Nested {
    fn is_private_tmp(&self) -> bool {
        self.exports.iter().any(|export| export == CONTROL)
    }
}

impl Outer {
    fn parse(bytes: &[u8]) -> Result<Outer> {
        let mut outer = Outer::default();
        // The depth of the component that is being read; modules in it count.
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ComponentSection { .. } => {
                    if depth == 0 {
                        outer.components.push(Nested::default());
                    }
                    depth += 1;
                }
                Payload::ModuleSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentExportSection(exports) if depth == 1 => {
                    let names = exports.into_iter().map(|export| Ok(export?.name.name.to_owned()));
                    let names: Result<Vec<_>> = names.collect();
                    if let Some(nested) = outer.components.last_mut() {
                        nested.exports.extend(names?);
                    }
                }
                payload if depth == 0 => outer.read(payload)?,
                _ => {}
            }
        }
        Ok(outer)
    }

    /// Reads a section of the outermost component.
    fn read(&mut self, payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    if let ComponentTypeRef::Instance(_) = import?.ty {
                        self.is_imported.push(true);
                    }
                }
            }
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances {
                    if let ComponentInstance::Instantiate { component_index, args } = instance? {
                        let instances = args.iter().filter(|arg| arg.kind == ComponentExternalKind::Instance);
                        let arguments = instances.map(|arg| (arg.name.to_owned(), arg.index as usize));
                        self.instantiations.push((component_index as usize, arguments.collect()));
                    }
                    self.is_imported.push(false);
                }
            }
            Payload::ComponentAliasSection(aliases) => {
                for alias in aliases {
                    if let ComponentAlias::InstanceExport { kind: ComponentExternalKind::Instance, .. } =
                        alias?
                    {
                        self.is_imported.push(false);
                    }
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    // An export is another item with a number of its own.
                    if export?.kind == ComponentExternalKind::Instance {
                        self.is_imported.push(false);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}
