//! Files of a stranger outside of the guest's directories, which no guest may change.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::fixture::Result;

/// What is outside: if it changes, something got out.
#[derive(Debug)]
pub struct ForeignFiles {
    /// Where it is: a directory with `file`, and `directory` with another `file`.
    pub root: PathBuf,
    before: Vec<Look>,
}

/// An entry as it looks: its path, size, mode, time of the last change, and content.
type Look = (PathBuf, u64, u32, i64, Vec<u8>);

impl ForeignFiles {
    /// Puts files at `root`.
    pub fn new(root: PathBuf) -> Result<ForeignFiles> {
        fs::create_dir_all(root.join("directory"))?;
        for path in ["file", "directory/file"] {
            fs::write(root.join(path), "a stranger's")?;
        }
        let before = look(&root);
        Ok(ForeignFiles { root, before })
    }

    /// Asserts that everything is as it was.
    ///
    /// # Panics
    ///
    /// Panics if something has changed.
    #[track_caller]
    pub fn assert_unchanged(&self) {
        assert_eq!(look(&self.root), self.before, "something outside was changed");
    }
}

fn look(root: &Path) -> Vec<Look> {
    let paths = ["", "file", "directory", "directory/file"].map(|path| root.join(path));
    let looked = paths.into_iter().map(|path| {
        let metadata = fs::symlink_metadata(&path).expect("what is outside is there");
        let content = fs::read(&path).unwrap_or_default();
        (path, metadata.size(), metadata.mode(), metadata.mtime_nsec(), content)
    });
    looked.collect()
}
