//! The edge to WASI 0.2: bindings, the filesystem, the exports.
//!
//! A call of WASI 0.2 is complete when it returns. No future here ever waits. The component for a private
//! `/tmp` uses the filesystem of this edge, and has exports of its own.

#[cfg(feature = "p2")]
mod exports;
pub(crate) mod filesystem;
#[cfg(feature = "p2")]
mod text;

#[cfg(feature = "p2")]
pub(crate) use self::bindings::exports::scratch::tempfile::tempfile;

pub(crate) use wasip2 as wasi;

#[cfg(feature = "p2")]
pub(crate) mod bindings {
    #![allow(missing_docs, unreachable_pub, clippy::undocumented_unsafe_blocks, reason = "generated")]

    use super::exports::Component;

    wit_bindgen::generate!({
        world: "provider",
        path: "wit/p2",
        with: {
            "wasi:cli/environment@0.2.12": wasip2::cli::environment,
            "wasi:clocks/wall-clock@0.2.12": wasip2::clocks::wall_clock,
            "wasi:filesystem/preopens@0.2.12": wasip2::filesystem::preopens,
            "wasi:filesystem/types@0.2.12": wasip2::filesystem::types,
            "wasi:io/error@0.2.12": wasip2::io::error,
            "wasi:io/poll@0.2.12": wasip2::io::poll,
            "wasi:io/streams@0.2.12": wasip2::io::streams,
            "wasi:random/random@0.2.12": wasip2::random::random,
        },
    });

    export!(Component);
}

/// State that the instance keeps between calls.
pub(crate) struct OneThread<T>(pub(crate) T);

// SAFETY: an instance of a component runs on one thread.
unsafe impl<T> Sync for OneThread<T> {}
