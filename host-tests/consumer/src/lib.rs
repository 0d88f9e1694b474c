//! A component that does to the provider what only a component can do: drop calls that are under
//! way, and stream from guest to guest. What its functions check is told in `wit/world.wit`.
#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(target_family = "wasm")]
extern crate alloc;

#[cfg(target_family = "wasm")]
mod cancel;
#[cfg(target_family = "wasm")]
mod checks;
#[cfg(target_family = "wasm")]
mod lines;
#[cfg(target_family = "wasm")]
#[path = "../../../src/runtime.rs"]
mod runtime;

#[cfg(target_family = "wasm")]
#[allow(missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "wit"],
        world: "test:consumer/consumer",
        generate_all,
    });

    struct Component;

    export!(Component);

    impl exports::test::consumer::checks::Guest for Component {
        async fn cancel_creates(kind: Kind, count: u32) -> u32 {
            crate::cancel::creates(kind, count).await
        }

        async fn cancel_creates_together(kind: Kind, count: u32) -> u32 {
            crate::cancel::creates_together(kind, count).await
        }

        async fn cancel_writes(count: u32) -> Result<(), String> {
            crate::cancel::writes(count).await
        }

        async fn cancel_text_reads(count: u32) -> Result<(), String> {
            crate::cancel::text_reads(count).await
        }

        async fn cancel_waiting_write() -> Result<(), String> {
            crate::cancel::waiting_write().await
        }

        async fn cancel_stream_write() -> Result<(), String> {
            crate::cancel::stream_write().await
        }

        async fn drop_beside_work(count: u32) -> Result<(), String> {
            crate::checks::drop_beside_work(count).await
        }

        async fn stream_both_ways(size: u64) -> Result<(), String> {
            crate::checks::stream_both_ways(size).await
        }

        async fn try_functions() -> Result<(), String> {
            crate::checks::try_functions().await
        }

        async fn leave_open(kind: Kind) -> Result<(), String> {
            crate::checks::leave_open(kind).await
        }
    }

    impl exports::test::consumer::lines::Guest for Component {
        type LinedFile = crate::lines::Lines;
    }

    pub(crate) use exports::test::consumer::checks::Kind;
    pub(crate) use exports::test::consumer::lines;
    pub(crate) use scratch::tempfile::tempfile::{Error, TemporaryDirectory, TemporaryFile, Whence};
    pub(crate) use scratch::tempfile::text::{Target, TextFile};

    use alloc::string::String;
}
