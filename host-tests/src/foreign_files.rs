//! Files of other processes outside of the guest's directories, which no guest may change.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::fixture::Result;

/// Files outside: a change shows that a guest has escaped.
#[derive(Debug)]
pub struct ForeignFiles {
    /// The path of a directory with `file`, and `directory` with another `file`.
    pub root: PathBuf,
    before: Vec<Snapshot>,
}

/// The path, size, mode, time of the last change, and content of an entry.
type Snapshot = (PathBuf, u64, u32, i64, Vec<u8>);

impl ForeignFiles {
    /// Creates files at `root`.
    pub fn new(root: PathBuf) -> Result<ForeignFiles> {
        fs::create_dir_all(root.join("directory"))?;
        for path in ["file", "directory/file"] {
            fs::write(root.join(path), "foreign")?;
        }
        let before = snapshot(&root);
        Ok(ForeignFiles { root, before })
    }

    /// Asserts that nothing has changed.
    ///
    /// # Panics
    ///
    /// Panics if something has changed.
    #[track_caller]
    pub fn assert_unchanged(&self) {
        assert_eq!(snapshot(&self.root), self.before, "a file outside has changed");
    }
}

fn snapshot(root: &Path) -> Vec<Snapshot> {
    let paths = ["", "file", "directory", "directory/file"].map(|path| root.join(path));
    let snapshots = paths.into_iter().map(|path| {
        let metadata = fs::symlink_metadata(&path).expect("the entry exists");
        let content = fs::read(&path).unwrap_or_default();
        (path, metadata.size(), metadata.mode(), metadata.mtime_nsec(), content)
    });
    snapshots.collect()
}
