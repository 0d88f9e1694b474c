//! Temporary files and directories for WebAssembly components.
//!
//! The core is written once, against the trait in `filesystem`, and knows no version of WASI; an
//! edge binds it to one: it implements the trait and exports the interface. Data goes down from an
//! export through `file` or `directory` to the filesystem and back:
//!
//! - `file` takes turns and ends what it begins (`turns`, `finish`); `visible` is told at any time
//! - `open_file` is what an operation works on: position, access, and the content, which is a
//!   `spool` in memory or a `disk` with a `window`; `rollover`, `lines` and `fate` are further parts
//!   of it; a `stream` holds it
//! - `directory` is a `private_tree`, which `tree` removes and of which a `ledger` is kept
//! - `scratch` is the instance: it creates entries at `locations` under a `name`, `live` as long as
//!   they are in use, all within a `budget` of which `limits` are told
//! - `sweep` removes what other instances left
//! - `text` is a text over a file
//!
//! The edges are `p3.rs` and `p2.rs`, of which a component has one; `conversions` serves both.

#![cfg_attr(target_family = "wasm", no_std)]
// Natively there is no edge, so that only the tests use the core; on WASI 0.2 there are no streams.
#![cfg_attr(any(feature = "p2", not(any(target_family = "wasm", test))), allow(dead_code))]

extern crate alloc;

mod budget;
mod call;
mod directory;
mod disk;
mod error;
mod fate;
mod file;
mod filesystem;
mod finish;
mod ledger;
mod limits;
mod lines;
mod live;
mod locations;
mod lowlevel;
mod name;
mod open_file;
mod operation;
mod options;
mod private_tree;
mod rollover;
mod scratch;
mod spool;
mod stream;
mod sweep;
mod text;
mod tree;
mod turns;
mod visible;
mod window;

#[cfg(target_family = "wasm")]
mod conversions;
#[cfg(all(target_family = "wasm", feature = "p2"))]
mod p2;
#[cfg(all(target_family = "wasm", feature = "p3"))]
mod p3;
#[cfg(target_family = "wasm")]
mod runtime;

// What of the edge and the runtime needs no host is tested natively.
#[cfg(all(test, not(target_family = "wasm")))]
mod p3 {
    mod answer;

    fn full_disk() -> crate::error::ErrorCode {
        crate::error::ErrorCode::Quota(crate::error::Limit::Bytes)
    }
}
#[cfg(all(test, not(target_family = "wasm")))]
mod runtime {
    pub(crate) mod memory;
}

#[cfg(all(target_family = "wasm", feature = "p2"))]
use p2 as edge;
#[cfg(all(target_family = "wasm", feature = "p3"))]
use p3 as edge;

#[cfg(all(target_family = "wasm", feature = "p2", feature = "p3"))]
compile_error!("a component has one edge: build it with --no-default-features and one of p2 and p3");

#[cfg(fuzzing)]
pub mod fuzzing;
#[cfg(all(test, not(fuzzing)))]
mod fuzzing;
#[cfg(any(test, fuzzing))]
#[cfg_attr(fuzzing, allow(unused_imports, reason = "tests alone use all of it"))]
mod memory_filesystem;
#[cfg(any(test, fuzzing))]
mod reference;
#[cfg(test)]
mod tests;
