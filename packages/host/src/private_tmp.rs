//! A private `/tmp` for programs that know nothing of `scratch:tempfile`.
//!
//! [`plug`] does what `wac plug` does, with two differences: it makes a component of a core module, and it
//! fails if the program would still reach the filesystem of the host. [`check()`] finds that out for a
//! composition of any origin.

mod check;

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
};
use wit_component::ComponentEncoder;

use crate::PRIVATE_TMP;
use crate::error::ComposeError;
use crate::graph::Graph;

pub use self::check::{Verdict, check};

/// The interface by which the component is recognised, and which hosts use.
const CONTROL: &str = "scratch:tempfile/control@0.2.0";

/// Plugs a private `/tmp` into a program, and exports the program's exports and nothing else, for any engine.
///
/// The program is a command of WASI 0.2, or a core module for WASI 0.1.
///
/// # Errors
///
/// Fails if the program is neither, uses no filesystem of WASI 0.2, or imports an interface that cannot be
/// served.
pub fn plug(program: &[u8]) -> Result<Vec<u8>, ComposeError> {
    compose(program, false)
}

/// Plugs a private `/tmp` into a program, and exports its `control` too if it is `for_host`.
pub(crate) fn compose(program: &[u8], for_host: bool) -> Result<Vec<u8>, ComposeError> {
    let module = if is_core_module(program) { Some(component(program)?) } else { None };
    let mut graph = Graph::new();
    let private_tmp = graph.add("private-tmp", PRIVATE_TMP)?;
    let program = graph.add("program", module.as_deref().unwrap_or(program))?;
    let imports = graph.imports(program);
    if let Some(obstacle) = imports.iter().find_map(|import| obstacle(import)) {
        return Err(obstacle);
    }
    if !imports.iter().any(|import| import.starts_with("wasi:filesystem/")) {
        return Err(ComposeError::NoFilesystem);
    }
    for import in &imports {
        // Other imports, such as random numbers, come from the host.
        graph.serve(program, import, private_tmp)?;
    }
    for export in graph.exports(program) {
        graph.export(program, &export)?;
    }
    if for_host {
        graph.export(private_tmp, CONTROL)?;
    }
    graph.encode()
}

/// Returns why a program with this import cannot be composed, if that is known.
fn obstacle(import: &str) -> Option<ComposeError> {
    let (package, version) = import.split_once('@').unwrap_or((import, ""));
    let reason = if package.starts_with("wasi:http/") {
        "its streams and polls come from the host, and a private /tmp has to serve them all; no build of the \
         component serves wasi:http"
    } else if package.starts_with("wasi:filesystem/") && !version.starts_with("0.2.") {
        "a private /tmp serves WASI 0.2 only"
    } else {
        return None;
    };
    Some(ComposeError::Unservable { import: import.to_owned(), reason: reason.to_owned() })
}

/// Whether these are the bytes of a core module, not of a component.
fn is_core_module(bytes: &[u8]) -> bool {
    wasmparser::Parser::is_core_wasm(bytes)
}

/// Makes a component of a core module, which is a command of WASI 0.1.
fn component(module: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let encoder = ComponentEncoder::default().validate(false).module(module);
    let encoder = encoder.and_then(|encoder| {
        encoder.adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER)
    });
    encoder.and_then(|mut encoder| encoder.encode()).map_err(|error| {
        ComposeError::NotAComponent(format!("the module is not a command of WASI 0.1: {error:#}"))
    })
}
