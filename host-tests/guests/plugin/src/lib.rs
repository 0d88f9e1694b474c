//! A plugin for tests that need a component on the provider's other side: cancelled calls, streams
//! from guest to guest, attacks on limits. `wit/world.wit` documents its functions.
#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(target_family = "wasm")]
extern crate alloc;
#[cfg(target_family = "wasm")]
extern crate scratch_tempfile_runtime;

#[cfg(target_family = "wasm")]
mod attacks;
#[cfg(target_family = "wasm")]
mod buffered;
#[cfg(target_family = "wasm")]
mod cancel;
#[cfg(target_family = "wasm")]
mod cancel_sweep;
#[cfg(target_family = "wasm")]
mod checks;
#[cfg(target_family = "wasm")]
mod client;
#[cfg(target_family = "wasm")]
mod client_programs;
#[cfg(target_family = "wasm")]
mod client_tempfile;
#[cfg(target_family = "wasm")]
mod join;
#[cfg(target_family = "wasm")]
mod lines;
#[cfg(target_family = "wasm")]
mod loops;

#[cfg(target_family = "wasm")]
#[allow(missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "wit"],
        world: "test:plugin/plugin",
        generate_all,
    });

    struct Component;

    export!(Component);

    impl exports::test::plugin::checks::Guest for Component {
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

        async fn buffered_both_ways(size: u64) -> Result<(), String> {
            crate::buffered::both_ways(size as usize).await
        }

        async fn buffered_again() -> Result<(), String> {
            crate::buffered::again().await
        }

        async fn buffered_up_to(limit: u64) -> Result<(), String> {
            crate::buffered::up_to(limit as usize).await
        }

        async fn try_functions() -> Result<(), String> {
            crate::checks::try_functions().await
        }

        async fn client_operations(count: u32) -> Result<(), String> {
            crate::loops::client_operations(count).await
        }

        async fn plain_functions(count: u32) -> Result<(), String> {
            crate::loops::plain_functions(count).await
        }

        async fn open_at_once(count: u32) -> Result<(), String> {
            crate::loops::open_at_once(count).await
        }

        async fn leave_open(kind: Kind) -> Result<(), String> {
            crate::checks::leave_open(kind).await
        }
    }

    impl exports::test::plugin::cancellation::Guest for Component {
        async fn operations() -> Vec<String> {
            crate::cancel_sweep::operations()
        }

        async fn sweep(operation: String, rounds: u32) -> Result<Tally, String> {
            crate::cancel_sweep::sweep(&operation, rounds).await
        }
    }

    impl exports::test::plugin::attacks::Guest for Component {
        async fn fill(how: Filling, most: u32) -> Result<Filled, String> {
            crate::attacks::fill(how, most).await
        }

        async fn release(how: Releasing) -> Result<(), String> {
            crate::attacks::release(how).await
        }

        async fn refill() -> Result<(), String> {
            crate::attacks::refill().await
        }

        async fn churn(rounds: u32, size: u64) -> Result<(), String> {
            crate::attacks::churn(rounds, size).await
        }

        async fn churn_trees(rounds: u32, size: u64) -> Result<(), String> {
            crate::attacks::churn_trees(rounds, size).await
        }

        async fn probe_free_space() -> Result<Vec<String>, String> {
            crate::attacks::probe_free_space().await
        }

        async fn guess_names(other: String) -> Result<(), String> {
            crate::attacks::guess_names(&other).await
        }

        async fn hostile_strings() -> Result<u32, String> {
            crate::attacks::hostile_strings().await
        }

        async fn after_close() -> Result<(), String> {
            crate::attacks::after_close().await
        }

        async fn extreme_numbers() -> Result<u32, String> {
            crate::attacks::extreme_numbers().await
        }

        async fn recurse(depth: u32) -> Result<u32, String> {
            crate::attacks::recurse(depth).await
        }

        async fn endless(kind: KindOfWaste, count: u32) -> Result<u32, String> {
            crate::attacks::endless(kind, count).await
        }

        async fn confined(directory: String, target: String) -> Result<(), String> {
            crate::attacks::confined(&directory, &target).await
        }
    }

    impl exports::test::plugin::client::Guest for Component {
        type Tree = crate::client::Tree;
        type Unflushed = crate::client::Unflushed;

        async fn check(name: String) -> Result<(), String> {
            crate::client::check_by_name(&name).await
        }
    }

    impl exports::test::plugin::lines::Guest for Component {
        type LinedFile = crate::lines::Lines;
    }

    pub(crate) use exports::test::plugin::attacks::{Filled, Filling, KindOfWaste, Releasing};
    pub(crate) use exports::test::plugin::cancellation::Tally;
    pub(crate) use exports::test::plugin::checks::Kind;
    pub(crate) use exports::test::plugin::client;
    pub(crate) use exports::test::plugin::lines;
    pub(crate) use scratch::tempfile::tempfile::{
        Access, DirectoryOptions, EntryKind, Error, ErrorCode, FileOptions, OpenFlags, Removal,
        TemporaryDirectory, TemporaryFile, Whence,
    };
    pub(crate) use scratch::tempfile::text::{Target, TextFile, TextOptions, TextPosition, find_encoding};

    use alloc::string::String;
    use alloc::vec::Vec;
}
