//! Conversions of types and errors between the core, the interfaces and the host, shared by the edges.
//!
//! - `host`: the types of `wasi:filesystem`
//! - `control`: errors, and the types of the interface `control`
//! - `interface`: the types of the interfaces `tempfile` and `text`

mod control;
mod host;
#[cfg(not(feature = "tmp"))]
pub(crate) mod interface;
