//! Temporary files for Rust components: what the crate `tempfile` offers, on `scratch:tempfile`.
//!
//! ```ignore
//! use scratch_tempfile_client::spooled_tempfile;
//!
//! let mut file = spooled_tempfile(1 << 20)?; // in the provider's memory until it grows
//! file.write_all(b"one\ntwo\n").await?;
//! file.rewind().await?;
//! let mut line = String::new();
//! while file.read_line(&mut line).await? > 0 {
//!     line.clear();
//! }
//! file.close().await?; // reports what dropping it would not
//! ```
//!
//! What is dropped is removed; what was not flushed goes with it, also where the rest of a file
//! stays (persisted, kept, never to be removed, in a [`TempDir`]): flush or close such a file.
//! Dropping never waits and never traps. Small reads and writes are operations in memory, through
//! one buffer of 64 KiB on this side of the boundary; how large it is, [`Builder`] decides.
//!
//! With the feature `std`, which is a default, files implement the traits of `futures::io`, and an
//! [`Error`] becomes a `std::io::Error`. Without it, nothing of the standard library is used, which
//! imports a filesystem of WASI of its own accord, and the same functions are there.
//!
//! - [`Builder`], [`tempfile()`], [`tempdir`], [`spooled_tempfile`]: what is created, and how.
//! - [`TempFile`]: content and position; [`NamedTempFile`] and [`SpooledTempFile`] are one, too.
//! - [`TempDir`]: a tree and the files in it.
//!
//! All of these exist where components do, on wasm; elsewhere this crate has its buffer tested.

#![cfg_attr(not(any(test, feature = "std")), no_std)]

extern crate alloc;

#[cfg(any(test, target_family = "wasm"))]
mod buffered;
#[cfg(target_family = "wasm")]
mod builder;
#[cfg(target_family = "wasm")]
mod directory;
mod error;
#[cfg(all(test, not(target_family = "wasm")))]
mod fake;
#[cfg(all(any(test, target_family = "wasm"), feature = "std"))]
mod futures_io;
#[cfg(any(test, target_family = "wasm"))]
mod named;
mod options;
#[cfg(target_family = "wasm")]
mod provider;
#[cfg(any(test, target_family = "wasm"))]
mod remote;
#[cfg(any(test, target_family = "wasm"))]
mod spooled;
#[cfg(any(test, target_family = "wasm"))]
mod temp_file;

pub use error::{Error, ErrorCode};
pub use options::{Access, Removal, SeekFrom};

#[cfg(target_family = "wasm")]
pub use builder::Builder;
#[cfg(target_family = "wasm")]
pub use directory::{Entry, EntryKind, OpenFlags, TempDir, tempdir, tempdir_in};
#[cfg(any(test, target_family = "wasm"))]
pub use named::NamedTempFile;
#[cfg(any(test, target_family = "wasm"))]
pub use spooled::SpooledTempFile;
#[cfg(target_family = "wasm")]
pub use spooled::spooled_tempfile;
#[cfg(any(test, target_family = "wasm"))]
pub use temp_file::TempFile;
#[cfg(target_family = "wasm")]
pub use temp_file::{tempfile, tempfile_in};

#[cfg(all(test, not(target_family = "wasm")))]
use fake::Fake as Provider;
#[cfg(target_family = "wasm")]
use provider::Provider;
