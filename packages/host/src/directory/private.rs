//! Private directories of the host, and those that killed processes left.

use std::fs::{self, DirEntry, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

/// The beginning of the names of private directories.
const PREFIX: &str = "scratch-tempfile-host-";

/// The file in a private directory that its process keeps locked. The system releases the lock of a process that
/// is killed.
const LOCK: &str = "lock";

/// The directory in a private directory that a run uses.
const FILES: &str = "files";

/// A private directory with mode 0700, removed when it is dropped.
pub(super) struct PrivateDirectory {
    lock: Mutex<Option<File>>,
    files: PathBuf,
    root: TempDir,
}

impl PrivateDirectory {
    pub(super) fn create_in(parent: &Path) -> io::Result<PrivateDirectory> {
        let root = private(parent, PREFIX)?;
        let lock = File::create_new(root.path().join(LOCK))?;
        // Without locks, as on some network filesystems, a sweep cannot open and lock the file either.
        _ = lock.lock();
        let files = root.path().join(FILES);
        fs::create_dir(&files)?;
        Ok(PrivateDirectory { lock: Mutex::new(Some(lock)), files, root })
    }

    /// The path of the directory that a run uses.
    pub(super) fn files(&self) -> &Path {
        &self.files
    }

    /// Removes the directory with its content, which may have happened before.
    pub(super) fn remove(&self) -> io::Result<()> {
        /// A plugin that is still running may create an entry during the removal.
        const ATTEMPTS: usize = 10;
        // Some systems do not remove open files.
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
        let path = self.root.path();
        let mut removed = fs::remove_dir_all(path);
        for _ in 1..ATTEMPTS {
            if removed.is_ok() || !path.exists() {
                return Ok(());
            }
            removed = fs::remove_dir_all(path);
        }
        removed.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        _ = self.remove();
    }
}

/// Creates a directory that only the user of this process can read. The provider cannot set permissions, so its
/// files are as private as their directory.
pub(super) fn private(parent: &Path, prefix: &str) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent)
}

/// Removes the private directories in `parent` whose processes were killed and that are at least `older_than` old.
/// Returns their number.
pub(crate) fn sweep(parent: &Path, older_than: Duration) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        // An entry that cannot be examined or removed belongs to another user, or to nobody any more.
        if is_leftover(&entry, older_than).unwrap_or(false) && fs::remove_dir_all(entry.path()).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_leftover(entry: &DirEntry, older_than: Duration) -> io::Result<bool> {
    if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
        return Ok(false);
    }
    let metadata = entry.metadata()?;
    // Between its creation and its lock a directory is protected by its age alone.
    if !metadata.is_dir() || metadata.modified()?.elapsed().unwrap_or_default() < older_than {
        return Ok(false);
    }
    let lock = entry.path().join(LOCK);
    match lock.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => Ok(File::options().write(true).open(lock)?.try_lock().is_ok()),
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_in_use_is_not_swept_and_that_of_a_killed_process_is() {
        let parent = tempfile::tempdir().unwrap();
        let in_use = PrivateDirectory::create_in(parent.path()).unwrap();
        let killed = PrivateDirectory::create_in(parent.path()).unwrap();
        fs::write(killed.files().join("left"), "left").unwrap();
        // As the system does when it ends a process.
        drop(killed.lock.lock().unwrap().take());
        fs::create_dir(parent.path().join("another")).unwrap();

        assert_eq!(sweep(parent.path(), Duration::from_secs(3_600)).unwrap(), 0);
        assert_eq!(sweep(parent.path(), Duration::ZERO).unwrap(), 1);

        assert!(!killed.files().exists());
        assert!(in_use.files().exists());
        assert!(parent.path().join("another").exists());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_of_the_process_can_enter_a_private_directory() {
        use std::os::unix::fs::PermissionsExt as _;

        let parent = tempfile::tempdir().unwrap();
        let directory = PrivateDirectory::create_in(parent.path()).unwrap();

        let mode = directory.root.path().metadata().unwrap().permissions().mode();

        assert_eq!(mode & 0o777, 0o700);
    }
}
