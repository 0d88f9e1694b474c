//! The workloads of the benchmarks on `wasi:filesystem` itself: the floor for any component.
#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(target_family = "wasm")]
extern crate alloc;
#[cfg(target_family = "wasm")]
extern crate scratch_tempfile_runtime;

#[cfg(target_family = "wasm")]
mod bare_file;
#[cfg(target_family = "wasm")]
mod workloads;

#[cfg(target_family = "wasm")]
#[allow(missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "../wit"],
        world: "test:benchmarks/bare",
        generate_all,
    });

    pub(crate) struct Component;

    export!(Component);
}
