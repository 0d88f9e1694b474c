//! One instance: its filesystem, its directories, and how entries come to be in them.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;

use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::filesystem::{Filesystem, OpenHow};
use crate::locations::{Location, Locations};
use crate::name::{Affixes, Mark};

/// How often a name that is taken is replaced by another.
///
/// With 128 random bits the first is free; whoever takes several in a row does so on purpose.
const TRIES: usize = 16;

/// What the files and directories of one instance share.
pub(crate) struct Scratch<F: Filesystem> {
    pub(crate) filesystem: F,
    pub(crate) locations: Locations<F>,
}

/// A name in a directory.
pub(crate) struct Entry<F: Filesystem> {
    pub(crate) directory: Rc<F::Descriptor>,
    pub(crate) name: String,
}

/// A new file: what is open of it, and its name if it has one.
pub(crate) struct NewFile<F: Filesystem> {
    pub(crate) descriptor: F::Descriptor,
    pub(crate) entry: Option<Entry<F>>,
}

impl<F: Filesystem> Scratch<F> {
    pub(crate) fn new(filesystem: F) -> Rc<Scratch<F>> {
        Rc::new(Scratch { filesystem, locations: Locations::default() })
    }

    /// Opens the directory in which to create something.
    pub(crate) async fn find(&self, directory: Option<&str>) -> Result<Location<F>> {
        self.locations.find(&self.filesystem, directory).await
    }

    /// Creates a file under a new name.
    pub(crate) async fn create_named(
        &self,
        location: &Location<F>,
        affixes: &Affixes,
        mark: Mark,
    ) -> Result<(F::Descriptor, Entry<F>)> {
        for _ in 0..TRIES {
            let name = affixes.name(self.filesystem.random(), mark);
            match self.filesystem.open_at(&location.directory, &name, OpenHow::NEW).await {
                Ok(descriptor) => {
                    return Ok((descriptor, Entry { directory: location.directory.clone(), name }));
                }
                Err(ErrorCode::Exist) => continue,
                Err(code) => {
                    if matches!(code, ErrorCode::Io | ErrorCode::Interrupted | ErrorCode::Other) {
                        // It may exist although the host could not open it.
                        self.filesystem.start_unlink(location.directory.clone(), name);
                    }
                    return Err(failed_to_create("file", location, code));
                }
            }
        }
        Err(failed_to_create("file", location, ErrorCode::Exist))
    }

    /// Creates a file and takes its name away; where the host refuses that, the name stays for later.
    ///
    /// Must run inside `finish`: between the two steps nobody else knows the name.
    pub(crate) async fn create_unnamed(
        &self,
        location: &Location<F>,
        affixes: &Affixes,
    ) -> Result<NewFile<F>> {
        let (descriptor, entry) = self.create_named(location, affixes, Mark::Ours).await?;
        let entry = match self.filesystem.unlink_file_at(&entry.directory, &entry.name).await {
            Ok(()) | Err(ErrorCode::NoEntry) => None,
            Err(_) => Some(entry),
        };
        Ok(NewFile { descriptor, entry })
    }

    /// Creates a directory under a new name, and opens it.
    pub(crate) async fn create_directory(
        &self,
        location: &Location<F>,
        affixes: &Affixes,
        mark: Mark,
    ) -> Result<(F::Descriptor, Entry<F>)> {
        for _ in 0..TRIES {
            let name = affixes.name(self.filesystem.random(), mark);
            match self.filesystem.create_directory_at(&location.directory, &name).await {
                Ok(()) => {}
                Err(ErrorCode::Exist) => continue,
                Err(code) => return Err(failed_to_create("directory", location, code)),
            }
            let entry = Entry { directory: location.directory.clone(), name };
            return match self.filesystem.open_at(&entry.directory, &entry.name, OpenHow::DIRECTORY).await {
                Ok(descriptor) => Ok((descriptor, entry)),
                Err(code) => {
                    // Best effort: what can't be opened can hardly be removed, and the error says enough.
                    let _ = self.filesystem.remove_directory_at(&entry.directory, &entry.name).await;
                    Err(failed_to_create("directory", location, code))
                }
            };
        }
        Err(failed_to_create("directory", location, ErrorCode::Exist))
    }
}

fn failed_to_create<F: Filesystem>(what: &str, location: &Location<F>, code: ErrorCode) -> Error {
    Error::new(code, format!("directory {}: no {what} can be created in it: {code}", Quoted(&location.path)))
}
