//! The removal of the temporary entries that a run left.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wasmtime::error::{Context as _, Result};

use super::private::private;
use crate::provider::Provider;

/// Removes those of `paths` that are temporary. `directory` is one in which files can be created.
pub(super) async fn remove(paths: &[PathBuf], directory: &Path, provider: &Provider) -> Result<()> {
    let names = paths.iter().filter_map(|path| path.file_name()).map(OsString::from).collect();
    let names = temporary(names, directory, provider).await.context("cannot sweep what the run left")?;
    let is_temporary = |path: &&PathBuf| path.file_name().is_some_and(|name| names.contains(name));
    let mut removed = Ok(());
    for path in paths.iter().filter(is_temporary) {
        if let Err(error) = remove_entry(path) {
            removed = Err(error).with_context(|| format!("cannot remove {}", path.display()));
        }
    }
    removed
}

/// Returns those of `names` that are names of temporary entries.
///
/// Only the provider knows its names. It sweeps a directory of empty files that have them; the ones of
/// entries that are to stay, such as those of `mkstemp`, remain.
async fn temporary(
    mut names: HashSet<OsString>,
    directory: &Path,
    provider: &Provider,
) -> Result<HashSet<OsString>> {
    let directory = private(directory, "sweep-")?;
    for name in &names {
        File::create(directory.path().join(name))?;
    }
    provider.sweep(directory.path(), Duration::ZERO).await?;
    names.retain(|name| !directory.path().join(name).exists());
    Ok(names)
}

fn remove_entry(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(entry) if entry.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
