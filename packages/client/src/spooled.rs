//! A temporary file that is in the provider's memory until it grows.

use core::ops::{Deref, DerefMut};

#[cfg(target_family = "wasm")]
use crate::Builder;
use crate::remote::Remote;
use crate::{Error, TempFile};

/// A temporary file in memory that moves to disk when it grows, as `tempfile::SpooledTempFile`;
/// content and position are those of [`TempFile`].
#[derive(Debug)]
pub struct SpooledTempFile(pub(crate) TempFile);

/// Creates a file in the provider's memory that moves to disk when it becomes larger than
/// `max_size` bytes, as `tempfile::spooled_tempfile` does.
///
/// # Errors
///
/// Fails with `Quota` at a limit. That no directory is usable shows when it moves.
#[cfg(target_family = "wasm")]
pub fn spooled_tempfile(max_size: u64) -> Result<SpooledTempFile, Error> {
    Builder::new().spooled_tempfile(max_size)
}

impl SpooledTempFile {
    /// Tells whether the content is on disk. What is in the buffer does not count yet.
    pub fn is_rolled(&self) -> bool {
        self.content.remote().is_rolled()
    }

    /// Moves the content to disk now, if it is not there (`SpooledTempFile::roll`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](crate::tempfile) and writing do; the content then stays in memory.
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
