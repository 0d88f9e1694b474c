//! A temporary file in the provider's memory that moves to disk when it grows.

use core::ops::{Deref, DerefMut};

#[cfg(target_family = "wasm")]
use crate::Builder;
use crate::remote::Remote;
use crate::{Error, TempFile};

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

impl SpooledTempFile {
    /// Returns whether the content is on disk. Unflushed writes do not count yet.
    pub fn is_rolled(&self) -> bool {
        self.content.remote().is_rolled()
    }

    /// Moves the content to disk now, unless it is there already (`SpooledTempFile::roll`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](crate::tempfile) and writing do. The content then stays in memory.
    pub async fn roll(&mut self) -> Result<(), Error> {
        self.content.bare().await?.roll().await
    }
}

impl Deref for SpooledTempFile {
    type Target = TempFile;

    fn deref(&self) -> &TempFile {
        &self.0
    }
}

impl DerefMut for SpooledTempFile {
    fn deref_mut(&mut self) -> &mut TempFile {
        &mut self.0
    }
}
