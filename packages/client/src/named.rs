//! A temporary file with a name.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(target_family = "wasm")]
use crate::Builder;
use crate::delegate::file_functions;
use crate::lines::Lines;
use crate::persisted::{PersistError, keep_file};
use crate::remote::Remote;
use crate::{Error, Provider, SeekFrom, TempFile};

/// A temporary file with a name, as `tempfile::NamedTempFile`.
///
/// It has the functions of [`TempFile`]. It is removed when it is closed or dropped, unless it was
/// persisted or kept.
#[derive(Debug)]
pub struct NamedTempFile(pub(crate) TempFile);

file_functions!(NamedTempFile);

#[cfg(target_family = "wasm")]
impl NamedTempFile {
    /// Creates a file with a name (`NamedTempFile::new`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](crate::tempfile()) does.
    pub async fn new() -> Result<Self, Error> {
        Builder::new().tempfile().await
    }

    /// Creates a file with a name in `directory` (`NamedTempFile::new_in`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile_in`](crate::tempfile_in) does.
    pub async fn new_in(directory: impl AsRef<str>) -> Result<Self, Error> {
        Builder::new().tempfile_in(directory).await
    }

    /// Creates a file whose name begins with `prefix` (`NamedTempFile::with_prefix`).
    ///
    /// # Errors
    ///
    /// Fails as [`Builder::tempfile`] does.
    pub async fn with_prefix(prefix: impl AsRef<str>) -> Result<Self, Error> {
        Builder::new().prefix(prefix).tempfile().await
    }

    /// Creates a file in `directory` whose name begins with `prefix` (`NamedTempFile::with_prefix_in`).
    ///
    /// # Errors
    ///
    /// Fails as [`Builder::tempfile_in`] does.
    pub async fn with_prefix_in(prefix: impl AsRef<str>, directory: impl AsRef<str>) -> Result<Self, Error> {
        Builder::new().prefix(prefix).tempfile_in(directory).await
    }

    /// Creates a file whose name ends with `suffix` (`NamedTempFile::with_suffix`).
    ///
    /// # Errors
    ///
    /// Fails as [`Builder::tempfile`] does.
    pub async fn with_suffix(suffix: impl AsRef<str>) -> Result<Self, Error> {
        Builder::new().suffix(suffix).tempfile().await
    }

    /// Creates a file in `directory` whose name ends with `suffix` (`NamedTempFile::with_suffix_in`).
    ///
    /// # Errors
    ///
    /// Fails as [`Builder::tempfile_in`] does.
    pub async fn with_suffix_in(suffix: impl AsRef<str>, directory: impl AsRef<str>) -> Result<Self, Error> {
        Builder::new().suffix(suffix).tempfile_in(directory).await
    }
}

impl NamedTempFile {
    /// Returns the path of the file as the guest sees it.
    pub fn path(&self) -> String {
        self.0.remote().path().unwrap_or_default()
    }

    /// Flushes the file and returns a second handle with a position of its own
    /// (`NamedTempFile::reopen`).
    ///
    /// Both handles are of the same file, wherever it was moved. It is removed when both are dropped.
    /// Closing one closes the other.
    ///
    /// # Errors
    ///
    /// Fails as [`flush`](Self::flush) does.
    pub async fn reopen(&mut self) -> Result<TempFile, Error> {
        self.0.reopen().await
    }

    /// Leaves the file under its name, which a later sweep of that directory may remove as a leftover,
    /// and returns the open file and its path (`NamedTempFile::keep`).
    ///
    /// [`persist`](Self::persist) and [`Removal::Never`](crate::Removal::Never) give the file a name that
    /// no sweep removes. The file is flushed first.
    ///
    /// # Errors
    ///
    /// Fails as [`flush`](Self::flush) does, and with `NotPermitted` if the embedder confines its callers.
    /// The error contains the file, unchanged.
    pub async fn keep(self) -> Result<(TempFile, String), PersistError<Self>> {
        let path = self.path();
        Ok((keep_file(self.0, Self, Remote::keep).await?, path))
    }

    /// Leaves the file under its name, as [`keep`](Self::keep) does, when it is closed or dropped
    /// (`NamedTempFile::disable_cleanup`). It cannot be enabled again.
    ///
    /// # Errors
    ///
    /// Fails as [`flush`](Self::flush) does, and with `NotPermitted` if the embedder confines its callers.
    pub async fn disable_cleanup(&mut self) -> Result<(), Error> {
        self.0.stay(Remote::keep).await
    }

    /// Returns the file without access to its name (`NamedTempFile::into_file`). It is removed when it
    /// is closed or dropped.
    pub fn into_file(self) -> TempFile {
        self.0
    }

    /// Returns the file and its name (`NamedTempFile::into_parts`). The file is removed when both are
    /// dropped, or one is closed.
    pub fn into_parts(self) -> (TempFile, TempPath) {
        let remote = self.0.remote().clone();
        (self.0, TempPath { remote })
    }

    /// Returns the name of the file and drops its content (`NamedTempFile::into_temp_path`).
    pub fn into_temp_path(self) -> TempPath {
        self.into_parts().1
    }
}

/// The name of a temporary file, as `tempfile::TempPath`.
#[derive(Debug)]
pub struct TempPath {
    remote: Provider,
}

impl TempPath {
    /// Returns the path of the file as the guest sees it.
    pub fn path(&self) -> String {
        self.remote.path().unwrap_or_default()
    }

    /// Moves the file to `path` for good and replaces an existing file (`TempPath::persist`).
    ///
    /// # Errors
    ///
    /// Fails as [`NamedTempFile::persist`] does.
    pub async fn persist(self, path: impl AsRef<str>) -> Result<(), PersistError<Self>> {
        let call = self.remote.persist(path.as_ref().into(), true);
        call.await.map_err(|error| PersistError::new(error, self))
    }

    /// Persists the file as [`persist`](Self::persist) does, unless `path` exists.
    ///
    /// # Errors
    ///
    /// Fails as [`NamedTempFile::persist_noclobber`] does.
    pub async fn persist_noclobber(self, path: impl AsRef<str>) -> Result<(), PersistError<Self>> {
        let call = self.remote.persist(path.as_ref().into(), false);
        call.await.map_err(|error| PersistError::new(error, self))
    }

    /// Leaves the file under its name, which a later sweep may remove, and returns its path
    /// (`TempPath::keep`). See [`NamedTempFile::keep`].
    ///
    /// # Errors
    ///
    /// Fails as [`NamedTempFile::keep`] does.
    pub async fn keep(self) -> Result<String, PersistError<Self>> {
        let (path, call) = (self.path(), self.remote.keep());
        call.await.map(|()| path).map_err(|error| PersistError::new(error, self))
    }

    /// Closes the file, removes it and reports errors (`TempPath::close`).
    ///
    /// # Errors
    ///
    /// Fails if the removal fails. Call it again, or drop the path.
    pub async fn close(&mut self) -> Result<(), Error> {
        self.remote.close().await
    }
}
