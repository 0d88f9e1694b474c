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
//! file.close().await?; // reports the errors that a drop would hide
//! ```
//!
//! Dropping a file removes it and discards unflushed writes. Flush or close a file that outlives its
//! handle (persisted, kept, never removed, in a [`TempDir`]). A drop never waits and never traps.
//! Small reads and writes are operations in memory, through one buffer of 64 KiB in the plugin.
//! [`Builder::buffer_size`] changes its size.
//!
//! With the default feature `std`, files implement the traits of `futures::io`, and an [`Error`]
//! converts to `std::io::Error`. Without it, the crate offers the same functions and is `no_std`. The
//! standard library would add a WASI filesystem to the imports of the component.
//!
//! - [`Builder`], [`tempfile()`], [`tempdir`], [`spooled_tempfile`]: creation and its options.
//! - [`TempFile`]: content and position; [`NamedTempFile`] and [`SpooledTempFile`] share its functions.
//! - [`TempDir`]: a tree and the files in it.
//!
//! These items exist on wasm only. On other targets the crate contains just enough to test itself.

#![cfg_attr(not(any(test, feature = "std")), no_std)]

extern crate alloc;

// On other targets than wasm there is no provider. Tests put a file in memory in its place.
#[cfg(any(test, target_family = "wasm"))]
mod buffered;
#[cfg(target_family = "wasm")]
mod builder;
#[cfg(any(test, target_family = "wasm"))]
mod delegate;
#[cfg(target_family = "wasm")]
mod directory;
mod error;
#[cfg(all(test, not(target_family = "wasm")))]
mod fake;
#[cfg(all(any(test, target_family = "wasm"), feature = "std"))]
mod futures_io;
#[cfg(any(test, target_family = "wasm"))]
mod lines;
#[cfg(any(test, target_family = "wasm"))]
mod named;
#[cfg(any(test, target_family = "wasm"))]
mod names;
mod options;
#[cfg(any(test, target_family = "wasm"))]
mod persisted;
#[cfg(target_family = "wasm")]
mod provider;
#[cfg(any(test, target_family = "wasm"))]
mod remote;
#[cfg(any(test, target_family = "wasm"))]
mod siblings;
#[cfg(any(test, target_family = "wasm"))]
mod spooled;
#[cfg(target_family = "wasm")]
mod streams;
#[cfg(target_family = "wasm")]
mod task;
#[cfg(any(test, target_family = "wasm"))]
mod temp_file;

pub use error::{Error, ErrorCode};
pub use options::{Access, Removal, SeekFrom};

#[cfg(target_family = "wasm")]
pub use builder::Builder;
#[cfg(target_family = "wasm")]
pub use directory::{Entry, EntryKind, OpenFlags, TempDir, tempdir, tempdir_in};
#[cfg(any(test, target_family = "wasm"))]
pub use lines::Lines;
#[cfg(any(test, target_family = "wasm"))]
pub use named::{NamedTempFile, TempPath};
#[cfg(any(test, target_family = "wasm"))]
pub use persisted::PersistError;
#[cfg(any(test, target_family = "wasm"))]
pub use spooled::SpooledTempFile;
#[cfg(target_family = "wasm")]
pub use spooled::{spooled_tempfile, spooled_tempfile_in};
#[cfg(any(test, target_family = "wasm"))]
pub use temp_file::TempFile;
#[cfg(target_family = "wasm")]
pub use temp_file::{tempfile, tempfile_in};

#[cfg(all(test, not(target_family = "wasm")))]
use fake::Fake as Provider;
#[cfg(target_family = "wasm")]
use provider::Provider;
