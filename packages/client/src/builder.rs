//! Options for creating files and directories.

use alloc::rc::Rc;
use alloc::string::String;

use crate::names::check_affixes;
use crate::provider::Provider;
use crate::provider::wit::{DirectoryOptions, FileOptions, TemporaryFile};
use crate::{Access, Error, NamedTempFile, Removal, SpooledTempFile, TempDir, TempFile};

/// The default size of a buffer, in bytes.
pub(crate) const BUFFER_SIZE: usize = 64 << 10;

/// Options for creating files and directories, as `tempfile::Builder`.
#[derive(Debug, Clone)]
pub struct Builder {
    prefix: Option<String>,
    suffix: Option<String>,
    directory: Option<String>,
    access: Access,
    removal: Removal,
    buffer_size: usize,
    ignore_errors: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            prefix: None,
            suffix: None,
            directory: None,
            access: Access::default(),
            removal: Removal::default(),
            buffer_size: BUFFER_SIZE,
            ignore_errors: false,
        }
    }
}

impl Builder {
    /// Creates a builder with default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the prefix of names, `tmp` by default. It may contain only characters that every host allows.
    pub fn prefix(&mut self, prefix: impl AsRef<str>) -> &mut Self {
        self.prefix = Some(prefix.as_ref().into());
        self
    }

    /// Sets the suffix of names, such as `.txt`, empty by default.
    pub fn suffix(&mut self, suffix: impl AsRef<str>) -> &mut Self {
        self.suffix = Some(suffix.as_ref().into());
        self
    }

    /// Sets the directory to create in, a path of the guest. By default the provider chooses it.
    pub fn directory(&mut self, directory: impl AsRef<str>) -> &mut Self {
        self.directory = Some(directory.as_ref().into());
        self
    }

    /// Sets the allowed operations, reading and writing by default.
    pub fn access(&mut self, access: Access) -> &mut Self {
        self.access = access;
        self
    }

    /// Sets whether every write goes to the end (`Builder::append`). Keeps the rights to read and write
    /// that [`access`](Self::access) set.
    pub fn append(&mut self, append: bool) -> &mut Self {
        self.access(self.access.appending(append))
    }

    /// Sets when a named file or a directory is removed. By default that is when it is closed or dropped.
    pub fn removal(&mut self, removal: Removal) -> &mut Self {
        self.removal = removal;
        self
    }

    /// Sets the number of bytes that a file reads ahead and that it collects before it writes, 64 KiB by
    /// default.
    ///
    /// With 0 the file writes through: a write has reached the provider when it returns, and nothing is
    /// read ahead except by lines. The traits of `futures::io` then only start a write, which the next
    /// call or `flush` finishes.
    pub fn buffer_size(&mut self, bytes: usize) -> &mut Self {
        self.buffer_size = bytes;
        self
    }

    /// Sets whether the file or directory stays when it is closed or dropped
    /// (`Builder::disable_cleanup`). A short form of [`removal`](Self::removal).
    pub fn disable_cleanup(&mut self, disable: bool) -> &mut Self {
        self.removal(if disable { Removal::Never } else { Removal::OnClose })
    }

    /// Sets whether closing a directory succeeds even if a part of it could not be removed.
    pub fn ignore_errors(&mut self, ignore: bool) -> &mut Self {
        self.ignore_errors = ignore;
        self
    }

    /// Creates a file with a name (`Builder::tempfile`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](crate::tempfile()) does, with `NameTooLong` for a prefix and suffix of more
    /// than 219 bytes, and with `Invalid` for others that some host does not allow.
    pub async fn tempfile(&self) -> Result<NamedTempFile, Error> {
        let file = TemporaryFile::create_named(Some(self.file_options()?)).await?;
        let mut file = self.buffered(file, true);
        if self.removal != Removal::Never {
            file.content().set_removed_on_drop();
        }
        Ok(NamedTempFile(file))
    }

    /// Creates a file with a name in `directory` (`Builder::tempfile_in`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](Self::tempfile) does, and with `NotPermitted` if the embedder confines its
    /// callers.
    pub async fn tempfile_in(&self, directory: impl AsRef<str>) -> Result<NamedTempFile, Error> {
        self.clone().directory(directory).tempfile().await
    }

    /// Creates a file without a name. It is in memory until it outgrows its buffer, or until
    /// [`sync_all`](TempFile::sync_all).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](Self::tempfile) does, and with `Invalid` if it is never to be removed.
    pub async fn unnamed(&self) -> Result<TempFile, Error> {
        // The provider keeps content in memory that is smaller than a buffer.
        let options = FileOptions { buffer_size: Some(self.buffer_size as u64), ..self.file_options()? };
        let file = match TemporaryFile::try_create(Some(&options))? {
            Some(file) => file,
            None => TemporaryFile::create(Some(options)).await?,
        };
        Ok(self.buffered(file, false))
    }

    /// Creates a file in memory that moves to disk when it grows beyond `max_size` bytes.
    ///
    /// # Errors
    ///
    /// Fails with `NameTooLong` or `Invalid` for a bad option, and with `Quota` at a limit.
    pub fn spooled_tempfile(&self, max_size: u64) -> Result<SpooledTempFile, Error> {
        let file = TemporaryFile::create_spooled(Some(max_size), Some(&self.file_options()?))?;
        Ok(SpooledTempFile(self.buffered(file, false)))
    }

    /// Creates an empty directory (`Builder::tempdir`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](Self::tempfile) does.
    pub async fn tempdir(&self) -> Result<TempDir, Error> {
        check_affixes(self.prefix.as_deref(), self.suffix.as_deref())?;
        TempDir::create_with(DirectoryOptions {
            prefix: self.prefix.clone(),
            suffix: self.suffix.clone(),
            directory: self.directory.clone(),
            removal: Some(self.removal.into()),
            ignore_errors: Some(self.ignore_errors),
        })
        .await
    }

    /// Creates an empty directory in `directory` (`Builder::tempdir_in`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile_in`](Self::tempfile_in) does.
    pub async fn tempdir_in(&self, directory: impl AsRef<str>) -> Result<TempDir, Error> {
        self.clone().directory(directory).tempdir().await
    }

    fn buffered(&self, file: TemporaryFile, shared: bool) -> TempFile {
        TempFile::new(Provider::new(file, Rc::default()), self.access, self.buffer_size, shared)
    }

    fn file_options(&self) -> Result<FileOptions, Error> {
        check_affixes(self.prefix.as_deref(), self.suffix.as_deref())?;
        Ok(FileOptions {
            prefix: self.prefix.clone(),
            suffix: self.suffix.clone(),
            directory: self.directory.clone(),
            access: Some(self.access.into()),
            removal: Some(self.removal.into()),
            // The buffer of this crate is enough.
            buffer_size: Some(0),
        })
    }
}
