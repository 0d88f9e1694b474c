//! A temporary directory and the files in it.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::future::poll_fn;

use crate::builder::BUFFER_SIZE;
use crate::names::check_path;
use crate::persisted::PersistError;
use crate::provider::Provider;
use crate::provider::wit::{self, TemporaryDirectory};
use crate::siblings::Siblings;
use crate::{Access, Builder, Error, TempFile};

/// A private tree that is removed as a whole, as `tempfile::TempDir`.
///
/// Paths are relative to the directory, with `/` between names, and never lead out of it. A path with
/// `..` fails with `NotPermitted`, a path through a link with `Loop` or `NotDirectory`. Dropping or
/// closing the directory removes it with its content, unless it was persisted or kept. Files in it are removed only
/// with the directory.
#[derive(Debug)]
pub struct TempDir {
    directory: TemporaryDirectory,
    path: String,
    siblings: Rc<Siblings>,
}

/// Flags of [`TempDir::open_with`], all `false` by default.
///
/// ```ignore
/// let flags = OpenFlags::new().create().exclusive();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct OpenFlags {
    /// Create the file if it does not exist (`OpenOptions::create`).
    pub create: bool,
    /// With `create`: fail with `Exist` if it exists (`OpenOptions::create_new`).
    pub exclusive: bool,
    /// Empty an existing file (`OpenOptions::truncate`).
    pub truncate: bool,
}

impl OpenFlags {
    /// Creates flags that are all `false`.
    #[must_use]
    pub const fn new() -> Self {
        Self { create: false, exclusive: false, truncate: false }
    }

    /// Sets [`create`](Self#structfield.create).
    #[must_use]
    pub const fn create(self) -> Self {
        Self { create: true, ..self }
    }

    /// Sets [`exclusive`](Self#structfield.exclusive).
    #[must_use]
    pub const fn exclusive(self) -> Self {
        Self { exclusive: true, ..self }
    }

    /// Sets [`truncate`](Self#structfield.truncate).
    #[must_use]
    pub const fn truncate(self) -> Self {
        Self { truncate: true, ..self }
    }
}

/// An entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name, without the path.
    pub name: String,
    /// The kind of the entry.
    pub kind: EntryKind,
    /// The size of a file in bytes, 0 for any other kind.
    pub size: u64,
}

/// The kind of an entry of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link. It is never followed.
    SymbolicLink,
    /// A pipe, a socket or a device.
    Other,
}

/// Creates an empty directory, as `tempfile::tempdir` does.
///
/// # Errors
///
/// Fails as [`tempfile`](crate::tempfile) does.
pub async fn tempdir() -> Result<TempDir, Error> {
    Builder::new().tempdir().await
}

/// Creates an empty directory in `directory`, as `tempfile::tempdir_in` does.
///
/// # Errors
///
/// Fails as [`tempfile_in`](crate::tempfile_in) does.
pub async fn tempdir_in(directory: impl AsRef<str>) -> Result<TempDir, Error> {
    Builder::new().tempdir_in(directory).await
}

impl TempDir {
    /// Creates an empty directory (`TempDir::new`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempdir`] does.
    pub async fn new() -> Result<Self, Error> {
        tempdir().await
    }

    /// Creates an empty directory in `directory` (`TempDir::new_in`).
    ///
    /// # Errors
    ///
    /// Fails as [`tempdir_in`] does.
    pub async fn new_in(directory: impl AsRef<str>) -> Result<Self, Error> {
        tempdir_in(directory).await
    }

    /// Creates an empty directory whose name begins with `prefix` (`TempDir::with_prefix`).
    ///
    /// # Errors
    ///
    /// Fails as [`Builder::tempdir`] does.
    pub async fn with_prefix(prefix: impl AsRef<str>) -> Result<Self, Error> {
        Builder::new().prefix(prefix).tempdir().await
    }

    /// Creates an empty directory in `directory` whose name begins with `prefix`
    /// (`TempDir::with_prefix_in`).
    ///
    /// # Errors
    ///
    /// Fails as [`Builder::tempdir_in`] does.
    pub async fn with_prefix_in(prefix: impl AsRef<str>, directory: impl AsRef<str>) -> Result<Self, Error> {
        Builder::new().prefix(prefix).tempdir_in(directory).await
    }

    /// Creates an empty directory whose name ends with `suffix` (`TempDir::with_suffix`).
    ///
    /// # Errors
    ///
    /// Fails as [`Builder::tempdir`] does.
    pub async fn with_suffix(suffix: impl AsRef<str>) -> Result<Self, Error> {
        Builder::new().suffix(suffix).tempdir().await
    }

    /// Creates an empty directory in `directory` whose name ends with `suffix`
    /// (`TempDir::with_suffix_in`).
    ///
    /// # Errors
    ///
    /// Fails as [`Builder::tempdir_in`] does.
    pub async fn with_suffix_in(suffix: impl AsRef<str>, directory: impl AsRef<str>) -> Result<Self, Error> {
        Builder::new().suffix(suffix).tempdir_in(directory).await
    }

    pub(crate) async fn create_with(options: wit::DirectoryOptions) -> Result<Self, Error> {
        let directory = TemporaryDirectory::create(Some(options)).await?;
        let path = directory.path();
        Ok(Self { directory, path, siblings: Rc::default() })
    }

    /// Returns the path of the directory as the guest sees it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Opens a file for reading (`File::open`).
    ///
    /// # Errors
    ///
    /// Fails with `NoEntry` or `IsDirectory`, and as paths do.
    pub async fn open(&self, path: impl AsRef<str>) -> Result<TempFile, Error> {
        self.open_with(path, Access::ReadOnly, OpenFlags::default()).await
    }

    /// Creates a file, or empties an existing one, for writing and reading (`File::create`).
    ///
    /// # Errors
    ///
    /// Fails with `NoEntry` or `IsDirectory`, with `Quota` at a limit, and as paths do.
    pub async fn create(&self, path: impl AsRef<str>) -> Result<TempFile, Error> {
        let flags = OpenFlags::new().create().truncate();
        self.open_with(path, Access::ReadWrite, flags).await
    }

    /// Creates a new file for writing and reading (`File::create_new`).
    ///
    /// # Errors
    ///
    /// Fails as [`create`](Self::create) does, and with `Exist`.
    pub async fn create_new(&self, path: impl AsRef<str>) -> Result<TempFile, Error> {
        let flags = OpenFlags::new().create().exclusive();
        self.open_with(path, Access::ReadWrite, flags).await
    }

    /// Opens or creates a file (`OpenOptions::open`).
    ///
    /// # Errors
    ///
    /// Fails as [`open`](Self::open) and [`create`](Self::create) do.
    pub async fn open_with(
        &self,
        path: impl AsRef<str>,
        access: Access,
        flags: OpenFlags,
    ) -> Result<TempFile, Error> {
        check_path(path.as_ref())?;
        self.finished().await;
        let mut wanted = wit::OpenFlags::empty();
        wanted.set(wit::OpenFlags::CREATE, flags.create);
        wanted.set(wit::OpenFlags::EXCLUSIVE, flags.exclusive);
        wanted.set(wit::OpenFlags::TRUNCATE, flags.truncate);
        let file = self.directory.open(path.as_ref().into(), wanted, Some(access.into())).await?;
        let remote = Provider::new(file, self.siblings.clone());
        Ok(TempFile::new(remote, access, BUFFER_SIZE, true))
    }

    /// Creates a directory inside this one (`fs::create_dir`). Its parent must exist.
    ///
    /// # Errors
    ///
    /// Fails with `Exist`, with `Quota` at a limit, and as paths do.
    pub async fn create_dir(&self, path: impl AsRef<str>) -> Result<(), Error> {
        check_path(path.as_ref())?;
        Ok(self.directory.create_directory(path.as_ref().into()).await?)
    }

    /// Lists a directory inside this one, or this one for `.`, in no particular order (`fs::read_dir`).
    ///
    /// # Errors
    ///
    /// Fails with `NoEntry` or `NotDirectory`, and with `IllegalByteSequence` for a name that is
    /// not Unicode.
    pub async fn entries(&self, path: impl AsRef<str>) -> Result<Vec<Entry>, Error> {
        self.finished().await;
        let entries = self.directory.entries(path.as_ref().into()).await?;
        Ok(entries.into_iter().map(Entry::from).collect())
    }

    /// Removes a file, a link or a whole tree (`fs::remove_dir_all`). A missing entry counts as removed.
    /// The path `.` removes the content of the directory.
    ///
    /// # Errors
    ///
    /// Fails with the code of the first removal that failed. The message lists the others.
    pub async fn remove(&self, path: impl AsRef<str>) -> Result<(), Error> {
        Ok(self.directory.remove(path.as_ref().into()).await?)
    }

    /// Leaves the directory under its name, which a later sweep of its parent may remove as a leftover,
    /// and returns its path (`TempDir::keep`).
    ///
    /// [`Removal::Never`](crate::Removal::Never) gives the directory a name that no sweep removes.
    ///
    /// # Errors
    ///
    /// Fails with `NotPermitted` if the embedder confines its callers. The error contains the directory,
    /// unchanged.
    pub async fn keep(mut self) -> Result<String, PersistError<Self>> {
        match self.disable_cleanup().await {
            Ok(()) => Ok(self.path),
            Err(error) => Err(PersistError::new(error, self)),
        }
    }

    /// Moves the directory with its content to `path` for good, unless `path` exists. Nothing is
    /// replaced, not even an empty directory. Open files of the directory stay open.
    ///
    /// # Errors
    ///
    /// Fails with `Exist`, with `NoEntry` or `NotDirectory` if nothing can be moved there, with
    /// `CrossDevice`, and with `NotPermitted` if the embedder confines its callers. The error contains the
    /// directory, unchanged.
    pub async fn persist(self, path: impl AsRef<str>) -> Result<(), PersistError<Self>> {
        self.finished().await;
        let moved = self.directory.persist(path.as_ref().into()).await;
        moved.map_err(|error| PersistError::new(error.into(), self))
    }

    /// Leaves the directory under its name, as [`keep`](Self::keep) does, when it is closed or dropped
    /// (`TempDir::disable_cleanup`). It cannot be enabled again.
    ///
    /// # Errors
    ///
    /// Fails with `NotPermitted` if the embedder confines its callers.
    pub async fn disable_cleanup(&mut self) -> Result<(), Error> {
        self.finished().await;
        Ok(self.directory.keep().await?)
    }

    /// Removes the directory with its content and reports errors (`TempDir::close`).
    ///
    /// Closing again succeeds.
    ///
    /// # Errors
    ///
    /// Fails as [`remove`](Self::remove) does. Call it again, or drop the directory.
    pub async fn close(&mut self) -> Result<(), Error> {
        Ok(self.directory.close().await?)
    }

    /// Waits until dropped files have written their bytes.
    async fn finished(&self) {
        poll_fn(|cx| crate::task::poll_finished(&self.siblings, cx)).await;
    }
}

impl From<wit::Entry> for Entry {
    fn from(entry: wit::Entry) -> Self {
        let kind = match entry.kind {
            wit::EntryKind::File => EntryKind::File,
            wit::EntryKind::Directory => EntryKind::Directory,
            wit::EntryKind::SymbolicLink => EntryKind::SymbolicLink,
            wit::EntryKind::Other => EntryKind::Other,
        };
        Self { name: entry.name, kind, size: entry.size }
    }
}
