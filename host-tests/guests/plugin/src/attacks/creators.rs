//! The four ways to create something, and their results.

use alloc::string::String;

use crate::bindings::{DirectoryOptions, Error, FileOptions, Removal, TemporaryDirectory, TemporaryFile};

/// A way to create something.
#[derive(Clone, Copy, Debug)]
pub(super) enum Creator {
    Unnamed,
    Named,
    /// A spooled file that rolls over at once, so that all its options take effect.
    Spooled,
    Directory,
}

impl Creator {
    pub(super) const ALL: [Creator; 4] =
        [Creator::Unnamed, Creator::Named, Creator::Spooled, Creator::Directory];

    pub(super) async fn create(self, options: Options) -> Result<Made, Error> {
        Ok(match self {
            Creator::Unnamed => Made::File(TemporaryFile::create(Some(options.for_file())).await?),
            Creator::Named => Made::File(TemporaryFile::create_named(Some(options.for_file())).await?),
            Creator::Spooled => {
                let file = TemporaryFile::create_spooled(None, Some(&options.for_file()))?;
                file.rollover().await?;
                Made::File(file)
            }
            Creator::Directory => {
                Made::Directory(TemporaryDirectory::create(Some(options.for_directory())).await?)
            }
        })
    }

    /// Creates something and closes it.
    pub(super) async fn create_and_close(self, options: Options) -> Result<(), Error> {
        self.create(options).await?.close().await
    }
}

/// The arguments of all creators.
#[derive(Clone, Default)]
pub(super) struct Options {
    pub(super) prefix: Option<String>,
    pub(super) suffix: Option<String>,
    pub(super) directory: Option<String>,
    pub(super) removal: Option<Removal>,
    /// The maximum size of a file in memory.
    pub(super) buffer_size: Option<u64>,
}

impl Options {
    pub(super) fn in_directory(directory: &str) -> Options {
        Options { directory: Some(directory.into()), ..Options::default() }
    }

    pub(super) fn for_file(self) -> FileOptions {
        let Options { prefix, suffix, directory, removal, buffer_size } = self;
        FileOptions { prefix, suffix, directory, access: None, removal, buffer_size }
    }

    fn for_directory(self) -> DirectoryOptions {
        let Options { prefix, suffix, directory, removal, buffer_size: _ } = self;
        DirectoryOptions { prefix, suffix, directory, removal, ignore_errors: None }
    }
}

/// A file or a directory.
pub(super) enum Made {
    File(TemporaryFile),
    Directory(TemporaryDirectory),
}

impl Made {
    pub(super) async fn close(&self) -> Result<(), Error> {
        match self {
            Made::File(file) => file.close().await,
            Made::Directory(directory) => directory.close().await,
        }
    }
}
