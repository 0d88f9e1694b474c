//! The edge to WASI 0.3: bindings, the filesystem, the exports.

mod answer;
mod exports;
mod filesystem;
mod host;
mod janitor;
mod orphans;
mod text;

use crate::runtime::Work;
pub(crate) use wasip3 as wasi;

pub(crate) mod bindings {
    #![allow(missing_docs, unreachable_pub, clippy::undocumented_unsafe_blocks, reason = "generated")]

    use super::exports::Component;

    wit_bindgen::generate!({
        world: "provider",
        path: "wit",
        runtime_path: "crate::p3::rt",
        with: {
            "wasi:cli/environment@0.3.2": wasip3::cli::environment,
            "wasi:clocks/system-clock@0.3.2": wasip3::clocks::system_clock,
            "wasi:clocks/types@0.3.2": wasip3::clocks::types,
            "wasi:filesystem/preopens@0.3.2": wasip3::filesystem::preopens,
            "wasi:filesystem/types@0.3.2": wasip3::filesystem::types,
            "wasi:random/random@0.3.2": wasip3::random::random,
        },
    });

    export!(Component);
}

/// The bindings' runtime, with one change that makes the component a good deal smaller.
#[allow(missing_docs, unreachable_pub, reason = "passed on")]
mod rt {
    pub use wit_bindgen::rt::*;

    pub mod async_support {
        use alloc::boxed::Box;
        use core::future::Future;
        use core::pin::Pin;

        pub use wit_bindgen::rt::async_support::*;

        /// Starts a task; all of them are of one type, so that the machinery exists once.
        pub fn start_task(task: impl Future<Output = ()> + 'static) -> i32 {
            let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
            wit_bindgen::rt::async_support::start_task(task)
        }
    }
}

/// What the instance keeps between calls.
struct OneThread<T>(T);

// SAFETY: an instance of a component runs on one thread.
unsafe impl<T> Sync for OneThread<T> {}

/// Runs work beside the call that is under way, and on after it.
fn spawn(work: Work) {
    wit_bindgen::spawn_local(work);
}
