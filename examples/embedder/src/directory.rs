//! The directory for temporary files.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::created::Created;
use crate::leftovers;

/// A directory of the host, used by one run. If the embedder created it, it is private and removed in
/// the end.
pub(crate) struct Directory {
    kind: Kind,
    before: Listing,
    /// The names of the entries that the run creates.
    pub(crate) created: Created,
    closing: Mutex<()>,
}

enum Kind {
    Given(PathBuf),
    Own(TempDir),
}

/// The state of a directory after a run.
pub(crate) struct Closed {
    /// The number of entries that the run left, at any depth.
    pub(crate) left: io::Result<usize>,
    /// Whether everything that was to be removed was removed.
    pub(crate) removed: Result<()>,
}

impl Directory {
    /// Uses the given directory, or creates one.
    pub(crate) fn open(given: Option<PathBuf>) -> Result<Directory> {
        let kind = match given {
            Some(path) if path.is_dir() => Kind::Given(path),
            Some(path) if path.exists() => bail!("--dir {}: not a directory", path.display()),
            Some(path) => bail!("--dir {}: no such directory", path.display()),
            None => Kind::Own(
                private_in(&std::env::temp_dir())
                    .context("cannot create a private directory; pass one with --dir")?,
            ),
        };
        let mut directory = Directory {
            kind,
            before: Listing::default(),
            created: Created::default(),
            closing: Mutex::new(()),
        };
        directory.before = Listing::of(directory.path());
        Ok(directory)
    }

    pub(crate) fn path(&self) -> &Path {
        match &self.kind {
            Kind::Given(path) => path,
            Kind::Own(directory) => directory.path(),
        }
    }

    /// Ends the run. Removes the temporary entries that it left if `sweeps`, and the directory if the
    /// embedder created it. Ending it again waits for the first time and removes nothing else.
    pub(crate) async fn close(&self, sweeps: bool) -> Closed {
        let _closing = self.closing.lock().await;
        let names = self.created.end().await;
        let swept = if sweeps { self.sweep(names).await } else { Ok(()) };
        let left = self.left();
        Closed { left, removed: swept.and(self.remove()) }
    }

    /// Removes the temporary entries with `names`.
    async fn sweep(&self, names: HashSet<String>) -> Result<()> {
        let is_created = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| names.contains(name))
        };
        let mut paths: Vec<_> = Listing::of(self.path()).paths.into_iter().filter(is_created).collect();
        // Those that are not listed because the directory cannot be read.
        paths.extend(names.iter().map(|name| self.path().join(name)));
        paths.retain(|path| path.symlink_metadata().is_ok());
        if paths.is_empty() { Ok(()) } else { leftovers::remove(&paths, self.path()).await }
    }

    /// Counts the entries that were not in the directory before the run.
    fn left(&self) -> io::Result<usize> {
        let now = Listing::of(self.path());
        match now.error.as_ref().or(self.before.error.as_ref()) {
            Some(error) => Err(io::Error::new(error.kind(), error.to_string())),
            None => Ok(now.paths.difference(&self.before.paths).count()),
        }
    }

    /// Removes the directory with its content if the embedder created it.
    fn remove(&self) -> Result<()> {
        /// A plugin that is still running may create an entry during the removal.
        const ATTEMPTS: usize = 10;
        let Kind::Own(directory) = &self.kind else {
            return Ok(());
        };
        let path = directory.path();
        let mut removed = fs::remove_dir_all(path);
        for _ in 1..ATTEMPTS {
            if removed.is_ok() || !path.exists() {
                return Ok(());
            }
            removed = fs::remove_dir_all(path);
        }
        removed.with_context(|| format!("cannot remove {}", path.display()))
    }
}

/// Creates a directory that only the user of the embedder can read. The provider cannot set
/// permissions, so its files are as private as their directory.
pub(crate) fn private_in(parent: &Path) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("embedder-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent)
}

/// The entries of a directory, at any depth.
#[derive(Default)]
struct Listing {
    paths: HashSet<PathBuf>,
    /// The first error, if entries are missing.
    error: Option<io::Error>,
}

impl Listing {
    fn of(directory: &Path) -> Listing {
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
