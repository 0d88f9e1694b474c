//! A temporary file with a name.

use alloc::string::String;
use core::ops::{Deref, DerefMut};

#[cfg(target_family = "wasm")]
use crate::Builder;
use crate::remote::Remote;
use crate::{Error, TempFile};

/// A temporary file with a name, as `tempfile::NamedTempFile`.
///
/// It has the functions of [`TempFile`]. It is removed when it is closed or dropped, unless it was
/// persisted or kept.
#[derive(Debug)]
pub struct NamedTempFile(pub(crate) TempFile);

impl NamedTempFile {
    /// Creates a file with a name (`NamedTempFile::new`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](crate::tempfile) does.
    #[cfg(target_family = "wasm")]
    pub async fn new() -> Result<Self, Error> {
        Builder::new().tempfile().await
    }

    /// Creates a file with a name in `directory` (`NamedTempFile::new_in`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile_in`](crate::tempfile_in) does.
    #[cfg(target_family = "wasm")]
    pub async fn new_in(directory: &str) -> Result<Self, Error> {
        Builder::new().directory(directory).tempfile().await
    }

    /// Returns the path of the file as the guest sees it, after `persist` the new one.
    pub fn path(&self) -> String {
        self.content.remote().path().unwrap_or_default()
    }

    /// Flushes the file and leaves it where it is for good (`NamedTempFile::keep`).
    ///
    /// The file stays open. A later drop discards unflushed writes.
    ///
    /// # Errors
    ///
    /// Fails with `NotPermitted` if the embedder confines its callers.
    pub async fn keep(&mut self) -> Result<(), Error> {
        self.0.leave(Remote::keep).await
    }
}

impl Deref for NamedTempFile {
    type Target = TempFile;

    fn deref(&self) -> &TempFile {
        &self.0
    }
}

impl DerefMut for NamedTempFile {
    fn deref_mut(&mut self) -> &mut TempFile {
        &mut self.0
    }
}
