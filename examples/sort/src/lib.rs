//! An external merge sort as a component: `LC_ALL=C sort` without a filesystem.
//!
//! It sorts standard input that may be much larger than its memory. Lines are gathered until the
//! memory is full, sorted, and written as a *run* to a temporary file of `scratch:tempfile`; in
//! the end the runs are merged to standard output.
//!
//! - [`arguments`]: what the command line asks for.
//! - [`budget`]: how the memory is divided among its users.
//! - [`order`]: how two lines compare, mostly by a key of eight bytes.
//! - [`lines`]: lines in memory and the index that is sorted.
//! - [`output`]: small writes gathered into large ones.
//! - [`runs`]: runs in a temporary file and how one is read.
//! - [`merge`]: many sorted runs become one.
//! - [`sorter`]: all of it together, on any [`sorter::System`].
//! - `command`: the system that a WASI 0.3 component sees.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;
#[cfg(all(target_family = "wasm", feature = "command"))]
extern crate scratch_tempfile_runtime;

pub mod arguments;
pub mod budget;
#[cfg(all(target_family = "wasm", feature = "command"))]
mod command;
pub mod lines;
pub mod merge;
pub mod order;
pub mod output;
pub mod runs;
pub mod sorter;

/// Why sorting failed, in words for whoever started it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(pub alloc::string::String);
