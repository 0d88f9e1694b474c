//! An external merge sort as a component: `LC_ALL=C sort` without a filesystem.
//!
//! It sorts standard input that may be much larger than its memory. It gathers lines until the
//! memory is full, sorts them and writes them as a *run* to a temporary file of `scratch:tempfile`. In
//! the end it merges the runs to standard output.
//!
//! If there are more runs than can be merged at once, it first merges some into fewer ones, and frees the
//! space of each before it reads the next. At most two files then take a quarter more than the input, if
//! the lines are short compared with the memory. With few lines in the memory, they take less than twice the
//! input.
//!
//! - [`arguments`]: the arguments of the command line.
//! - [`budget`]: the division of the memory among its users.
//! - [`order`]: the comparison of two lines, mostly by a key of eight bytes.
//! - [`lines`]: lines in memory and the index that is sorted.
//! - [`output`]: small writes gathered into large ones.
//! - [`runs`]: runs in a temporary file, and reading them.
//! - [`merge`]: the merge of sorted runs.
//! - [`spill`]: the runs of a sort in temporary files, merged into fewer ones.
//! - [`sorter`]: the whole sort, on any [`sorter::System`].
//! - `command`: the system of a WASI 0.3 component.

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
pub mod spill;

/// The reason for which sorting failed, as a message for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(pub alloc::string::String);
