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

use crate::error::ComposeError;
use crate::graph::Graph;
use crate::{PRIVATE_TMP, PRIVATE_TMP_HTTP};

pub use self::check::{Verdict, check};

/// The interface by which the component is recognised, and which hosts use.
const CONTROL: &str = "scratch:tempfile/control@0.2.0";

/// Plugs a private `/tmp` into a program, and exports the program's exports and nothing else, for any engine.
///
/// The program is a command of WASI 0.2, or a core module for WASI 0.1. If it sends HTTP requests, the host of
/// the composition has to have `wasi:http`.
///
/// # Errors
///
/// Fails if the program is neither, uses no filesystem of WASI 0.2, gets HTTP requests from the host, or imports
/// an interface that cannot be served.
pub fn plug(program: &[u8]) -> Result<Vec<u8>, ComposeError> {
    compose(program, false)
}

/// Plugs a private `/tmp` into a program, and exports its `control` too if it is `for_host`.
pub(crate) fn compose(program: &[u8], for_host: bool) -> Result<Vec<u8>, ComposeError> {
    let module = if is_core_module(program) { Some(component(program)?) } else { None };
    let mut graph = Graph::new();
    let program = graph.add("program", module.as_deref().unwrap_or(program))?;
    let (imports, exports) = (graph.imports(program), graph.exports(program));
    if let Some(obstacle) = obstacle(&imports, &exports) {
        return Err(obstacle);
    }
    let has_http = imports.iter().any(|import| import.starts_with("wasi:http/"));
    let private_tmp = graph.add("private-tmp", if has_http { PRIVATE_TMP_HTTP } else { PRIVATE_TMP })?;
    for import in &imports {
        // Other imports, such as random numbers, come from the host.
        graph.serve(program, import, private_tmp)?;
    }
    for export in exports {
        graph.export(program, &export)?;
    }
    if for_host {
        graph.export(private_tmp, CONTROL)?;
    }
    graph.encode()
}

/// Returns why a program with these imports and exports cannot be composed, if that is known.
fn obstacle(imports: &[String], exports: &[String]) -> Option<ComposeError> {
    const SERVED: [&str; 2] = ["wasi:filesystem/", "wasi:http/"];
    let is_later = |import: &&String| {
        let (interface, version) = import.split_once('@').unwrap_or((import, ""));
        SERVED.iter().any(|package| interface.starts_with(package)) && !version.starts_with("0.2.")
    };
    if let Some(export) = exports.iter().find(|export| export.starts_with("wasi:http/")) {
        return Some(ComposeError::Server(export.clone()));
    }
    if let Some(import) = imports.iter().find(is_later) {
        let reason = "a private /tmp serves WASI 0.2 only".to_owned();
        return Some(ComposeError::Unservable { import: import.clone(), reason });
    }
    let has_filesystem = imports.iter().any(|import| import.starts_with("wasi:filesystem/"));
    (!has_filesystem).then_some(ComposeError::NoFilesystem)
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
