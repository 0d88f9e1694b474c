//! A temporary directory and the files in it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::builder::BUFFER_SIZE;
use crate::provider::Provider;
use crate::provider::wit::{self, TemporaryDirectory};
use crate::{Access, Builder, Error, TempFile};

/// A private tree that is removed as a whole, as `tempfile::TempDir`.
///
/// Paths are relative to the directory, with `/` between names, and never lead out of it. A path with
/// `..` fails with `NotPermitted`, a path through a link with `Loop` or `NotDirectory`. Dropping or
/// closing the directory removes it with its content, unless it was kept. Files in it are removed only
/// with the directory. Their unflushed writes are not in the tree: flush or close them.
#[derive(Debug)]
pub struct TempDir {
    directory: TemporaryDirectory,
    path: String,
}

/// Flags of [`TempDir::open_with`], all `false` by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenFlags {
    /// Create the file if it does not exist (`OpenOptions::create`).
    pub create: bool,
    /// With `create`: fail with `Exist` if it exists (`OpenOptions::create_new`).
    pub exclusive: bool,
    /// Empty an existing file (`OpenOptions::truncate`).
    pub truncate: bool,
}

/// An entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
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
pub async fn tempdir_in(directory: &str) -> Result<TempDir, Error> {
    Builder::new().directory(directory).tempdir().await
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

    pub(crate) async fn create_with(options: wit::DirectoryOptions) -> Result<Self, Error> {
        let directory = TemporaryDirectory::create(Some(options)).await?;
        let path = directory.path();
        Ok(Self { directory, path })
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
    pub async fn open(&self, path: &str) -> Result<TempFile, Error> {
        self.open_with(path, Access::ReadOnly, OpenFlags::default()).await
    }

    /// Creates a file, or empties an existing one, for writing and reading (`File::create`).
    ///
    /// # Errors
    ///
    /// Fails with `NoEntry` or `IsDirectory`, with `Quota` at a limit, and as paths do.
    pub async fn create(&self, path: &str) -> Result<TempFile, Error> {
        let flags = OpenFlags { create: true, truncate: true, exclusive: false };
        self.open_with(path, Access::ReadWrite, flags).await
    }

    /// Creates a new file for writing and reading (`File::create_new`).
    ///
    /// # Errors
    ///
    /// Fails as [`create`](Self::create) does, and with `Exist`.
    pub async fn create_new(&self, path: &str) -> Result<TempFile, Error> {
        let flags = OpenFlags { create: true, exclusive: true, truncate: false };
        self.open_with(path, Access::ReadWrite, flags).await
    }

    /// Opens or creates a file (`OpenOptions::open`).
    ///
    /// # Errors
    ///
    /// Fails as [`open`](Self::open) and [`create`](Self::create) do.
    pub async fn open_with(&self, path: &str, access: Access, flags: OpenFlags) -> Result<TempFile, Error> {
        let mut wanted = wit::OpenFlags::empty();
        wanted.set(wit::OpenFlags::CREATE, flags.create);
        wanted.set(wit::OpenFlags::EXCLUSIVE, flags.exclusive);
        wanted.set(wit::OpenFlags::TRUNCATE, flags.truncate);
        let file = self.directory.open(path.into(), wanted, Some(access.into())).await?;
        Ok(TempFile::new(Provider::new(file), access, BUFFER_SIZE, true))
    }

    /// Creates a directory inside this one (`fs::create_dir`). Its parent must exist.
    ///
    /// # Errors
    ///
    /// Fails with `Exist`, with `Quota` at a limit, and as paths do.
    pub async fn create_dir(&self, path: &str) -> Result<(), Error> {
        Ok(self.directory.create_directory(path.into()).await?)
    }

    /// Lists a directory inside this one, or this one for `.`, in no particular order (`fs::read_dir`).
    ///
    /// # Errors
    ///
    /// Fails with `NoEntry` or `NotDirectory`, and with `IllegalByteSequence` for a name that is
    /// not Unicode.
    pub async fn entries(&self, path: &str) -> Result<Vec<Entry>, Error> {
        let entries = self.directory.entries(path.into()).await?;
        Ok(entries.into_iter().map(Entry::from).collect())
    }

    /// Removes a file, a link or a whole tree (`fs::remove_dir_all`). A missing entry counts as removed.
    /// The path `.` removes the content of the directory.
    ///
    /// # Errors
    ///
    /// Fails with the code of the first removal that failed. The message lists the others.
    pub async fn remove(&self, path: &str) -> Result<(), Error> {
        Ok(self.directory.remove(path.into()).await?)
    }

    /// Leaves the directory where it is for good (`TempDir::keep`).
    ///
    /// # Errors
    ///
    /// Fails with `NotPermitted` if the embedder confines its callers.
    pub async fn keep(&mut self) -> Result<(), Error> {
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
