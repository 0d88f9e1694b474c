//! The directory for temporary files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

/// A directory of the host. If the embedder created it, it is private and removed in the end.
#[derive(Clone)]
pub(crate) struct Directory(Arc<Kind>);

enum Kind {
    Given(PathBuf),
    Own(TempDir),
}

impl Directory {
    /// Uses the given directory, or creates one.
    pub(crate) fn open(given: Option<PathBuf>) -> Result<Directory> {
        let kind = match given {
            Some(path) if path.is_dir() => Kind::Given(path),
            Some(path) if path.exists() => bail!("--dir {}: not a directory", path.display()),
            Some(path) => bail!("--dir {}: no such directory", path.display()),
            None => Kind::Own(private().context("cannot create a private directory; pass one with --dir")?),
        };
        Ok(Directory(Arc::new(kind)))
    }

    pub(crate) fn path(&self) -> &Path {
        match &*self.0 {
            Kind::Given(path) => path,
            Kind::Own(directory) => directory.path(),
        }
    }

    /// Counts the entries in the directory, at any depth.
    pub(crate) fn entries(&self) -> io::Result<usize> {
        count(self.path())
    }

    /// Removes the directory with its content if the embedder created it.
    pub(crate) fn remove(&self) -> Result<()> {
        /// A plugin that is still running may create an entry during the removal.
        const ATTEMPTS: usize = 10;
        let Kind::Own(directory) = &*self.0 else {
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

    /// Waits for a signal that ends the embedder, removes the directory and ends.
    pub(crate) async fn remove_when_interrupted(self) {
        if let Ok(status) = interruption().await {
            if let Err(error) = self.remove() {
                eprintln!("embedder: {error:#}");
            }
            std::process::exit(status);
        }
    }
}

/// Creates a directory that only the user of the embedder can read. The provider cannot set
/// permissions, so its files are as private as their directory.
fn private() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("embedder-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

fn count(directory: &Path) -> io::Result<usize> {
    let mut entries = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        entries += 1;
        if entry.file_type()?.is_dir() {
            entries += count(&entry.path())?;
        }
    }
    Ok(entries)
}

/// Waits for Ctrl-C or a request to terminate, and returns the corresponding exit status.
#[cfg(unix)]
async fn interruption() -> io::Result<i32> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let signal = tokio::select! {
        _ = interrupt.recv() => SignalKind::interrupt(),
        _ = terminate.recv() => SignalKind::terminate(),
    };
    Ok(128 + signal.as_raw_value())
}

/// Waits for Ctrl-C, and returns the corresponding exit status.
#[cfg(not(unix))]
async fn interruption() -> io::Result<i32> {
    tokio::signal::ctrl_c().await?;
    Ok(130)
}
