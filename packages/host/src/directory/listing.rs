//! The entries of a directory, at any depth.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The entries of a directory, at any depth.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) paths: HashSet<PathBuf>,
    /// The first error, if entries are missing.
    pub(super) error: Option<io::Error>,
}

impl Listing {
    pub(super) fn of(directory: &Path) -> Listing {
        let mut listing = Listing::default();
        let mut directories = vec![directory.to_owned()];
        while let Some(directory) = directories.pop() {
            if let Err(error) = listing.add(&directory, &mut directories)
                // Another process has removed it.
                && error.kind() != io::ErrorKind::NotFound
            {
                let error = io::Error::new(error.kind(), format!("{}: {error}", directory.display()));
                listing.error.get_or_insert(error);
            }
        }
        listing
    }

    fn add(&mut self, directory: &Path, directories: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                directories.push(entry.path());
            }
            self.paths.insert(entry.path());
        }
        Ok(())
    }
}
