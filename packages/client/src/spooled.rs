//! A temporary file in the provider's memory that moves to disk when it grows.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(target_family = "wasm")]
use crate::Builder;
use crate::delegate::file_functions;
use crate::lines::Lines;
use crate::persisted::{PersistError, keep_file};
use crate::remote::Remote;
use crate::{Error, SeekFrom, TempFile};

/// A temporary file in memory that moves to disk when it grows, as `tempfile::SpooledTempFile`.
///
/// It has the functions of [`TempFile`].
#[derive(Debug)]
pub struct SpooledTempFile(pub(crate) TempFile);

/// Creates a file in the provider's memory that moves to disk when it grows beyond `max_size` bytes,
/// as `tempfile::spooled_tempfile` does.
///
/// # Errors
///
/// Fails with `Quota` at a limit. An unusable directory is reported when the file moves to disk.
#[cfg(target_family = "wasm")]
pub fn spooled_tempfile(max_size: u64) -> Result<SpooledTempFile, Error> {
    Builder::new().spooled_tempfile(max_size)
}

/// Creates a file as [`spooled_tempfile`] does, which moves to a file in `directory`
/// (`tempfile::spooled_tempfile_in`).
///
/// # Errors
///
/// Fails as [`spooled_tempfile`] does, and with `NotPermitted` if the embedder confines its callers.
#[cfg(target_family = "wasm")]
pub fn spooled_tempfile_in(max_size: u64, directory: impl AsRef<str>) -> Result<SpooledTempFile, Error> {
    Builder::new().directory(directory).spooled_tempfile(max_size)
}

file_functions!(SpooledTempFile);

impl SpooledTempFile {
    /// Creates a file as [`spooled_tempfile`] does (`SpooledTempFile::new`).
    ///
    /// # Errors
    ///
    /// Fails as [`spooled_tempfile`] does.
    #[cfg(target_family = "wasm")]
    pub fn new(max_size: u64) -> Result<Self, Error> {
        spooled_tempfile(max_size)
    }

    /// Creates a file as [`spooled_tempfile_in`] does (`SpooledTempFile::new_in`).
    ///
    /// # Errors
    ///
    /// Fails as [`spooled_tempfile_in`] does.
    #[cfg(target_family = "wasm")]
    pub fn new_in(max_size: u64, directory: impl AsRef<str>) -> Result<Self, Error> {
        spooled_tempfile_in(max_size, directory)
    }

    /// Returns whether the content is on disk. Unflushed writes do not count yet.
    pub fn is_rolled(&self) -> bool {
        self.0.remote().is_rolled()
    }

    /// Moves the content to disk now, unless it is there already (`SpooledTempFile::roll`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](crate::tempfile()) and writing do. The content then stays in memory.
    pub async fn roll(&mut self) -> Result<(), Error> {
        self.0.content().settle(Remote::roll).await
    }

    /// Moves the content to disk and returns the file (`SpooledTempFile::into_file`).
    ///
    /// # Errors
    ///
    /// Fails as [`roll`](Self::roll) does. The error contains the file, unchanged.
    pub async fn into_file(mut self) -> Result<TempFile, PersistError<Self>> {
        match self.roll().await {
            Ok(()) => Ok(self.0),
            Err(error) => Err(PersistError::new(error, self)),
        }
    }
}
