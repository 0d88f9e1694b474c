//! Temporary files for Rust components: what the crate `tempfile` offers, on `scratch:tempfile`.
//!
//! ```ignore
//! use scratch_tempfile::spooled_tempfile;
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
//! Dropping a file removes it. A drop never waits and never traps. Small reads and writes are operations
//! in memory, through one buffer of 64 KiB in the plugin. [`Builder::buffer_size`] changes its size.
//!
//! - [`Builder`], [`tempfile()`], [`tempdir`], [`spooled_tempfile`]: creation and its options.
//! - [`TempFile`]: content and position, dropped futures, errors. [`NamedTempFile`] and
//!   [`SpooledTempFile`] have the same functions.
//! - [`TempDir`]: a tree and the files in it.
//!
//! With the default feature `std`, files implement the traits of `futures::io`, and an [`Error`]
//! converts to `std::io::Error`. Without it, the crate offers the same functions and is `no_std`. The
//! standard library would add a WASI filesystem to the imports of the component. The README of this
//! crate shows the dependencies of both kinds of plugin.
//!
//! These items exist on wasm only. On other targets the crate contains just enough to test itself.
//!
//! # Threads
//!
//! A component has one thread, and nothing here is `Send` or `Sync`: files share state with their pending
//! calls and with other handles. Run several files at a time by joining futures.
//!
//! # Differences from the crate `tempfile`
//!
//! All functions that may wait are asynchronous. Names that the table omits have the same meaning.
//!
//! | `tempfile` | here | reason |
//! |---|---|---|
//! | `tempfile() -> File` | [`tempfile()`]` -> `[`TempFile`] | WASI 0.3 has no file without a filesystem |
//! | files are unbuffered | one buffer; [`Builder::buffer_size`]`(0)` for none | a call of the provider is expensive |
//! | a drop loses no write | the same for a file that others can open; other files discard unflushed writes | nobody could read them |
//! | `NamedTempFile: Deref<Target = File>`, `as_file_mut` | functions of its own | the traits of `futures::io` would take precedence, `mem::swap` could separate file and name |
//! | `close(self)` | `close(&mut self)` | a failed close can be repeated |
//! | `NamedTempFile::persist`, `persist_noclobber` | also on [`TempFile`] and [`SpooledTempFile`] | the provider copies a file without a name |
//! | `TempDir::keep`, then `fs::rename` | [`TempDir::persist`], which replaces nothing | a plugin has no filesystem |
//! | `keep` | the same; a later sweep of the directory may remove the file | the name is that of a temporary file; [`Removal::Never`] and `persist` make other names |
//! | `disable_cleanup(bool)` on a file or directory | `disable_cleanup()`, asynchronous, cannot be undone | the provider keeps the state |
//! | `reopen` opens the path again | [`NamedTempFile::reopen`] is a second handle of the same file, also after it was moved | nothing opens a path outside of a [`TempDir`] |
//! | `into_parts`: the name alone keeps the file | the file is removed when both parts are dropped, or one is closed | both are one resource of the provider |
//! | `from_parts`, `TempPath::from_path` | none | the provider adopts no file |
//! | `into_file` of a named file deletes it | it is removed when it is dropped | the same |
//! | `SpooledTempFile::into_inner` | none; [`SpooledTempFile::into_file`] | the memory is the provider's |
//! | `spooled_tempfile` never fails | returns a `Result` | a limit may be reached |
//! | `Builder::rand_bytes`, `make`, `make_in`, `permissions` | none | names have 128 random bits; only files and directories are created; WASI has no modes |
//! | `env::temp_dir`, `env::override_temp_dir` | [`Builder::directory`] | the embedder chooses the default |
//! | paths as `Path` | as `str` | paths of WASI are Unicode |
//! | relative paths begin at the current directory | at a directory that the embedder opened | WASI has no current directory |
//! | `&File` reads and writes | functions take `&mut self`; [`NamedTempFile::reopen`] is a second handle | each handle has a position and a buffer |
//! | `NamedTempFile<F>` with any type of file | one type | only the provider has files |
//! | `SpooledTempFile::is_rolled` right after a write | after a flush | the buffer is written first |
//! | a seek to any `u64` | a position that no file can have is `Invalid` | the write after it could only fail |
//! | `TempDir::close` fails if the directory is gone | succeeds | there is nothing left to remove |
//! | a panic drops what it passes | a trap ends the instance; the embedder or a later sweep removes its entries | nothing can run after a trap |
//! | `std::io::Error` | [`Error`], with `std` convertible | `no_std` |
//!
//! `async-tempfile`: `from_existing` and chosen names have no counterpart, because the interface has none.
//! `open_rw` and `open_ro` are [`NamedTempFile::reopen`], and clones that share a file are such handles; closing one closes all. `drop_async` is `close`, which
//! reports errors and can be repeated.
//!
//! `cap-tempfile`: functions with a `Dir` are those with `_in` and a path here. `TempFile::new_anonymous`
//! is [`tempfile()`], and `replace` is `persist`.
//!
//! Additions are [`TempDir::persist`], [`TempFile::discard`], [`TempFile::read_at`],
//! [`TempFile::write_at`], [`TempFile::read_vec`], [`TempFile::write_vec`],
//! [`TempFile::read_via_stream`], [`TempFile::write_via_stream`], [`Access`], and the private tree of
//! [`TempDir`], whose paths never lead out of it.

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
