//! The edge to WASI 0.3: bindings, the filesystem, the exports.

mod exports;
mod filesystem;
mod janitor;
mod orphans;
mod streams;
mod text;

pub(crate) use self::bindings::exports::scratch::tempfile::tempfile;
use crate::runtime::Work;
pub(crate) use wasip3 as wasi;

pub(crate) mod bindings {
    #![allow(missing_docs, unreachable_pub, clippy::undocumented_unsafe_blocks, reason = "generated")]

    use super::exports::Component;

    wit_bindgen::generate!({
        world: "provider",
        path: "wit",
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

/// State that the instance keeps between calls.
struct OneThread<T>(T);

// SAFETY: an instance of a component runs on one thread.
unsafe impl<T> Sync for OneThread<T> {}

/// Runs `work` beside the current call, and on after its end.
fn spawn(work: Work) {
    wit_bindgen::spawn_local(work);
}
