//! What wasmtime generates from the WIT, one module for each version of it.
//!
//! Every export is called the same way, `async func` or not, so that one harness serves all modes.

#[allow(missing_docs, unused_doc_comments)]
pub(crate) mod p3 {
    pub(crate) use self::exports::scratch::tempfile::{control, tempfile, text};

    wasmtime::component::bindgen!({
        path: "../wit",
        world: "provider",
        with: { "wasi": wasmtime_wasi::p3::bindings },
        exports: { default: async | store },
    });
}

#[allow(missing_docs, unused_doc_comments)]
pub(crate) mod p2 {
    pub(crate) use self::exports::scratch::tempfile::{control, tempfile, text};

    wasmtime::component::bindgen!({
        path: "../wit/p2",
        world: "provider",
        with: { "wasi": wasmtime_wasi::p2::bindings },
        exports: { default: async | store },
    });
}

#[allow(missing_docs, unused_doc_comments)]
pub(crate) mod plugin {
    pub(crate) use self::exports::scratch::tempfile::control;

    wasmtime::component::bindgen!({
        path: ["../wit", "guests/plugin/wit"],
        world: "test:plugin/composed",
        exports: { default: async | store },
    });
}

/// The provider's exports, by edge.
pub(crate) enum Provider {
    P3(p3::Provider),
    P2(p2::Provider),
}
