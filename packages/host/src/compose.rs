//! Compositions: a plugin with its provider, or a program with a private `/tmp`.

use crate::error::ComposeError;
use crate::graph::{Graph, Member};
use crate::{PROVIDER, PROVIDER_P2, private_tmp};

/// The interface with the list of the host's directories, without its version.
const DIRECTORIES: &str = "wasi:filesystem/preopens@";

/// The interfaces of the provider that a composition exports to the host, without their versions: `control`, and
/// `tempfile` because `control` uses its types.
const FOR_THE_HOST: [&str; 2] = ["scratch:tempfile/tempfile@", "scratch:tempfile/control@"];

/// A component that imports only WASI: a plugin with its provider, or a program with a private `/tmp`.
#[derive(Clone)]
pub struct Composition {
    bytes: Vec<u8>,
    kind: Kind,
}

/// The component that a plugin or a program is composed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No component: the plugin does not import `scratch:tempfile`.
    Alone,
    /// The provider, whose `control` the composition exports.
    Provider,
    /// The component for a private `/tmp`, whose `control` the composition exports.
    PrivateTmp,
}

impl Composition {
    /// Composes a plugin that is not trusted: it gets the provider if it imports `scratch:tempfile`, and finds an
    /// empty list of directories if it imports one.
    ///
    /// # Errors
    ///
    /// Fails if the plugin imports `control` or `lowlevel`, another version of `scratch:tempfile`, or is no
    /// component.
    pub fn plugin(component: &[u8]) -> Result<Composition, ComposeError> {
        compose(component, false)
    }

    /// Composes a plugin that may import `lowlevel`, and that finds the directories that the host preopens.
    /// Limits do not bind it.
    ///
    /// # Errors
    ///
    /// Fails if the plugin imports `control` or another version of `scratch:tempfile`, or is no component.
    pub fn trusted_plugin(component: &[u8]) -> Result<Composition, ComposeError> {
        compose(component, true)
    }

    /// Composes a program, which is a command of WASI 0.2 or a core module for WASI 0.1, with a private `/tmp`.
    ///
    /// If the program sends HTTP requests, the host's linker has to have `wasi:http`.
    ///
    /// # Errors
    ///
    /// Fails as [`private_tmp::plug`] does.
    pub fn program(program: &[u8]) -> Result<Composition, ComposeError> {
        Ok(Composition { bytes: private_tmp::compose(program, true)?, kind: Kind::PrivateTmp })
    }

    /// The bytes of the component.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the composition contains a provider of `scratch:tempfile`.
    pub fn has_provider(&self) -> bool {
        self.kind == Kind::Provider
    }

    #[cfg(feature = "run")]
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }
}

fn compose(component: &[u8], is_trusted: bool) -> Result<Composition, ComposeError> {
    check(component)?;
    let mut graph = Graph::new();
    let plugin = graph.add("plugin", component)?;
    let imports = graph.imports(plugin);
    if let Some(error) = imports.iter().find_map(|import| refusal(import, is_trusted)) {
        return Err(error);
    }
    let has_provider = serve_tempfile(&mut graph, plugin, &imports)?;
    let has_no_directories = !is_trusted && serve_no_directories(&mut graph, plugin, &imports)?;
    if !has_provider && !has_no_directories {
        return Ok(Composition { bytes: component.to_owned(), kind: Kind::Alone });
    }
    for export in graph.exports(plugin) {
        graph.export(plugin, &export)?;
    }
    let kind = if has_provider { Kind::Provider } else { Kind::Alone };
    Ok(Composition { bytes: graph.encode()?, kind })
}

/// Returns why a plugin may not have an import, if there is a reason.
fn refusal(import: &str, is_trusted: bool) -> Option<ComposeError> {
    if import.starts_with("scratch:tempfile/control@") {
        Some(ComposeError::Control)
    } else if import.starts_with("scratch:tempfile/lowlevel@") && !is_trusted {
        Some(ComposeError::Lowlevel)
    } else {
        None
    }
}

/// Serves the imports of `scratch:tempfile` by the provider of their version, and exports what the host needs of
/// it. Returns whether there are such imports.
fn serve_tempfile(graph: &mut Graph, plugin: Member, imports: &[String]) -> Result<bool, ComposeError> {
    let wanted: Vec<_> = imports.iter().filter(|import| import.starts_with("scratch:tempfile/")).collect();
    let Some(first) = wanted.first() else { return Ok(false) };
    let provider = if first.contains("@0.2.") { PROVIDER_P2 } else { PROVIDER };
    let provider = graph.add("scratch:tempfile", provider)?;
    for import in wanted {
        if !graph.serve(plugin, import, provider)? {
            return Err(ComposeError::Version(import.clone()));
        }
    }
    let exports = graph.exports(provider);
    for export in exports.iter().filter(|export| FOR_THE_HOST.iter().any(|name| export.starts_with(name))) {
        graph.export(provider, export)?;
    }
    Ok(true)
}

/// Serves the imports of lists of directories by empty lists. All components of a composition share its imports,
/// so that the plugin would otherwise find the directory that is meant for the provider. Returns whether there
/// are such imports.
fn serve_no_directories(graph: &mut Graph, plugin: Member, imports: &[String]) -> Result<bool, ComposeError> {
    let mut is_served = false;
    for (number, import) in imports.iter().filter(|import| import.starts_with(DIRECTORIES)).enumerate() {
        let empty = graph.add(&format!("scratch:no-directories{number}"), &no_directories(import))?;
        is_served |= graph.serve(plugin, import, empty)?;
    }
    Ok(is_served)
}

/// Returns a component that exports a list of directories under a name such as
/// `wasi:filesystem/preopens@0.2.6`, and whose list is empty.
fn no_directories(interface: &str) -> Vec<u8> {
    let version = interface.strip_prefix(DIRECTORIES).unwrap_or_default();
    let text = format!(
        r#"(component
            (import "wasi:filesystem/types@{version}" (instance $types
                (export "descriptor" (type (sub resource)))))
            (alias export $types "descriptor" (type $descriptor))
            (core module $code
                (memory (export "memory") 1)
                (func (export "get-directories") (result i32) i32.const 0)) ;; the address of two zeros
            (core instance $code (instantiate $code))
            (alias core export $code "memory" (core memory $memory))
            (func $get-directories (result (list (tuple (own $descriptor) string)))
                (canon lift (core func $code "get-directories") (memory $memory)))
            (instance $directories
                (export "descriptor" (type $descriptor))
                (export "get-directories" (func $get-directories)))
            (export "{interface}" (instance $directories)))"#
    );
    wat::parse_str(text).expect("a version has no quotation marks")
}

/// Checks by the first bytes that this is a component and not something similar.
fn check(bytes: &[u8]) -> Result<(), ComposeError> {
    let reason = match bytes {
        [b'\0', b'a', b's', b'm', _, _, 1, 0, ..] => return Ok(()),
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            "it is a core module; build it for wasm32-wasip2, or convert it to a component"
        }
        [b'(', ..] => "it is in the text format; only the binary format is supported",
        _ => "it is not WebAssembly",
    };
    Err(ComposeError::NotAComponent(reason.to_owned()))
}
