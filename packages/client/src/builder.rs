//! How to create files and directories.

use alloc::string::String;

use crate::provider::Provider;
use crate::provider::wit::{DirectoryOptions, FileOptions, TemporaryFile};
use crate::{Access, Error, NamedTempFile, Removal, SpooledTempFile, TempDir, TempFile};

/// How many bytes a buffer holds unless something else is asked for.
pub(crate) const BUFFER_SIZE: usize = 64 << 10;

/// With less than this, a buffer would cost more than it saves.
const SMALLEST_BUFFER: usize = 1 << 10;

/// How to create files and directories, as `tempfile::Builder`; what is not said is the default.
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
    /// Everything as by default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What names begin with, `tmp` by default; no separators, and nothing that some host refuses.
    pub fn prefix(&mut self, prefix: &str) -> &mut Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// What names end with, such as `.txt`; nothing by default.
    pub fn suffix(&mut self, suffix: &str) -> &mut Self {
        self.suffix = Some(suffix.into());
        self
    }

    /// In which directory, a path of the guest; by default the provider chooses. It takes the place
    /// of the functions of `tempfile` that end in `_in`.
    pub fn directory(&mut self, directory: &str) -> &mut Self {
        self.directory = Some(directory.into());
        self
    }

    /// What may be done with the content of a file; reading and writing by default.
    pub fn access(&mut self, access: Access) -> &mut Self {
        self.access = access;
        self
    }

    /// Whether every write goes to the end (`Builder::append`); short for an [`access`](Self::access).
    pub fn append(&mut self, append: bool) -> &mut Self {
        self.access(if append { Access::Append } else { Access::ReadWrite })
    }

    /// When a named file or a directory is removed; when it is closed or dropped, by default.
    pub fn removal(&mut self, removal: Removal) -> &mut Self {
        self.removal = removal;
        self
    }

    /// How many bytes a file reads ahead, or gathers before it writes; 64 KiB by default, at least
    /// 1 KiB.
    pub fn buffer_size(&mut self, bytes: usize) -> &mut Self {
        self.buffer_size = bytes.max(SMALLEST_BUFFER);
        self
    }

    /// Whether closing a directory succeeds although something could not be removed.
    pub fn ignore_errors(&mut self, ignore: bool) -> &mut Self {
        self.ignore_errors = ignore;
        self
    }

    /// Creates a file with a name (`Builder::tempfile`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](crate::tempfile) does, and with `Invalid` for a bad prefix or suffix.
    pub async fn tempfile(&self) -> Result<NamedTempFile, Error> {
        let file = TemporaryFile::create_named(Some(self.file_options())).await?;
        Ok(NamedTempFile(self.buffered(file, self.removal != Removal::OnClose)))
    }

    /// Creates a file without a name.
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](Self::tempfile) does, and with `Invalid` if it is never to be removed.
    pub async fn unnamed(&self) -> Result<TempFile, Error> {
        let file = TemporaryFile::create(Some(self.file_options())).await?;
        Ok(self.buffered(file, false).private())
    }

    /// Creates a file in memory that moves to disk when it becomes larger than `max_size` bytes.
    ///
    /// # Errors
    ///
    /// Fails with `Invalid` for a bad option, and with `Quota` at a limit.
    pub fn spooled_tempfile(&self, max_size: u64) -> Result<SpooledTempFile, Error> {
        let file = TemporaryFile::create_spooled(Some(max_size), Some(&self.file_options()))?;
        Ok(SpooledTempFile(self.buffered(file, false).private()))
    }

    /// Creates an empty directory (`Builder::tempdir`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempfile`](Self::tempfile) does.
    pub async fn tempdir(&self) -> Result<TempDir, Error> {
        TempDir::create_with(DirectoryOptions {
            prefix: self.prefix.clone(),
            suffix: self.suffix.clone(),
            directory: self.directory.clone(),
            removal: Some(self.removal.into()),
            ignore_errors: Some(self.ignore_errors),
        })
        .await
    }

    fn buffered(&self, file: TemporaryFile, lasting: bool) -> TempFile {
        TempFile::new(Provider::new(file), self.access, self.buffer_size, lasting)
    }

    fn file_options(&self) -> FileOptions {
        FileOptions {
            prefix: self.prefix.clone(),
            suffix: self.suffix.clone(),
            directory: self.directory.clone(),
            access: Some(self.access.into()),
            removal: Some(self.removal.into()),
            // One buffer is enough, and that is on this side.
            buffer_size: Some(0),
        }
    }
}
