//! Temporary files and directories for WebAssembly components.
//!
//! The core is written once, against the traits in `filesystem` and `runtime`, for every version of WASI. An
//! edge binds it to one version: it implements the traits and exports the interface. Data passes from an
//! export through `file` or `directory` to the filesystem and back:
//!
//! - `error`, `options`, `filesystem`, `runtime`: the vocabulary of all rooms
//! - `limits`: the limits of an instance, and how much of them is used
//! - `task`: order among concurrent calls
//! - `place`: the directories in which entries are created, and their names
//! - `instance`: the state that all files and directories share; creation, removal, sweeps
//! - `file`, `directory`, `text`: the three resources
//! - `lowlevel`: Python's low-level calls
//! - `tmp`: a private directory tree for programs that use `wasi:filesystem`
//! - `p3`, `p2`: the edges, one of which a component has; that of a private tree is `tmp::wasi`;
//!   `conversions` serves all
//! - `testing`, `tests`: the core on a filesystem in memory

#![cfg_attr(target_family = "wasm", no_std)]
// Native builds have no edge: only the tests use the core. WASI 0.2 has no streams, and a private tree needs
// a part of the core only.
#![cfg_attr(any(feature = "p2", feature = "tmp", not(any(target_family = "wasm", test))), allow(dead_code))]

extern crate alloc;
#[cfg(target_family = "wasm")]
extern crate scratch_tempfile_runtime;

mod directory;
mod error;
mod file;
mod filesystem;
mod instance;
mod limits;
mod lowlevel;
mod options;
mod place;
mod runtime;
mod task;
mod text;
#[cfg(any(feature = "tmp", not(target_family = "wasm")))]
mod tmp;

#[cfg(target_family = "wasm")]
mod conversions;
#[cfg(all(target_family = "wasm", any(feature = "p2", feature = "tmp")))]
mod p2;
#[cfg(all(target_family = "wasm", feature = "p3"))]
mod p3;

#[cfg(all(target_family = "wasm", feature = "p2"))]
use p2 as edge;
#[cfg(all(target_family = "wasm", feature = "p3"))]
use p3 as edge;
#[cfg(all(target_family = "wasm", feature = "tmp"))]
use tmp::wasi as edge;

#[cfg(all(
    target_family = "wasm",
    any(
        all(feature = "p2", feature = "p3"),
        all(feature = "p2", feature = "tmp"),
        all(feature = "p3", feature = "tmp")
    )
))]
compile_error!("a component has one edge: build it with --no-default-features and one of p2, p3 and tmp");

#[cfg(fuzzing)]
pub mod testing;
#[cfg(all(test, not(fuzzing)))]
mod testing;
#[cfg(test)]
mod tests;
