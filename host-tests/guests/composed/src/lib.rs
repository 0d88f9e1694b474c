//! The workloads of the benchmarks in a plugin: on the client, or on the interface itself where the
//! client has no counterpart.
#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(target_family = "wasm")]
extern crate alloc;
#[cfg(target_family = "wasm")]
extern crate scratch_tempfile_runtime;

#[cfg(target_family = "wasm")]
mod workloads;

#[cfg(target_family = "wasm")]
#[allow(missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "../wit"],
        world: "test:benchmarks/composed",
        generate_all,
    });

    pub(crate) struct Component;

    export!(Component);
}
