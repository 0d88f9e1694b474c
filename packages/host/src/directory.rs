//! The directory of a run.

mod leftovers;
mod listing;
mod private;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use wasmtime::error::{Context as _, Result, bail};

use self::listing::Listing;
use self::private::PrivateDirectory;
use crate::created::Created;
use crate::provider::Provider;

/// A directory of the host for one run.
///
/// [`Host::directory`](crate::Host::directory) creates a private one with mode 0700, which is removed when it is
/// closed or dropped. [`Host::directory_at`](crate::Host::directory_at) uses one of the host's, which other runs and
/// processes may use at the same time: only entries that the run created on WASI 0.3 are removed from it.
pub struct RunDirectory {
    kind: Kind,
    before: Listing,
    /// The names of the entries that the run creates.
    created: Created,
    provider: Provider,
    closing: Mutex<()>,
}

/// The place of the private directories, and the provider that knows the names of temporary entries.
#[derive(Clone)]
pub(crate) struct Directories {
    parent: Arc<Path>,
    provider: Provider,
}

impl Directories {
    pub(crate) fn new(parent: &Path, provider: Provider) -> Directories {
        Directories { parent: parent.into(), provider }
    }

    /// Creates a private directory for a run.
    pub(crate) fn create(&self) -> Result<RunDirectory> {
        let directory = PrivateDirectory::create_in(&self.parent);
        let directory = directory
            .with_context(|| format!("cannot create a private directory in {}", self.parent.display()))?;
        Ok(RunDirectory::new(Kind::Private(directory), self.provider.clone()))
    }

    /// Uses a directory of the host's for a run.
    pub(crate) fn at(&self, path: &Path) -> Result<RunDirectory> {
        if path.is_dir() {
            Ok(RunDirectory::new(Kind::Given(path.to_owned()), self.provider.clone()))
        } else if path.exists() {
            bail!("{}: not a directory", path.display())
        } else {
            bail!("{}: no such directory", path.display())
        }
    }

    /// Removes the private directories of killed processes that are at least this old.
    pub(crate) fn sweep(&self, older_than: Duration) -> Result<usize> {
        let swept = private::sweep(&self.parent, older_than);
        swept.with_context(|| format!("cannot sweep {}", self.parent.display()))
    }
}

enum Kind {
    Given(PathBuf),
    Private(PrivateDirectory),
}

/// The state of a directory after a run.
#[derive(Debug)]
pub struct Closed {
    /// The number of entries that the run left, at any depth, before a private directory was removed.
    pub left: io::Result<usize>,
    /// Whether everything that was to be removed was removed.
    pub removed: Result<()>,
}

impl RunDirectory {
    fn new(kind: Kind, provider: Provider) -> RunDirectory {
        let (before, created) = (Listing::default(), Created::default());
        let mut directory = RunDirectory { kind, before, created, provider, closing: Mutex::new(()) };
        directory.before = Listing::of(directory.path());
        directory
    }

    /// The path on the host of the directory that the guest gets.
    pub fn path(&self) -> &Path {
        match &self.kind {
            Kind::Given(path) => path,
            Kind::Private(directory) => directory.files(),
        }
    }

    pub(crate) fn created(&self) -> Created {
        self.created.clone()
    }

    /// Ends the run. Removes the temporary entries that it left if it `sweeps`, and a private directory in any case.
    ///
    /// A run that has returned may have kept entries on purpose, and a confined plugin keeps none; after a trap
    /// entries are left that drops would have removed. So sweep unless the run returned and was not confined.
    ///
    /// The plugin may still be running, such as when a signal ends the host: from here on it creates nothing, as a
    /// call that would do so never returns. Closing again waits for the first time and removes nothing else.
    pub async fn close(&self, sweeps: bool) -> Closed {
        let _closing = self.closing.lock().await;
        let names = self.created.end().await;
        let swept = if sweeps { self.sweep(names).await } else { Ok(()) };
        let left = self.left();
        let removed = match &self.kind {
            Kind::Given(_) => Ok(()),
            Kind::Private(directory) => directory.remove().context("cannot remove the private directory"),
        };
        Closed { left, removed: swept.and(removed) }
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
        if paths.is_empty() { Ok(()) } else { leftovers::remove(&paths, self.path(), &self.provider).await }
    }

    /// Counts the entries that were not in the directory before the run.
    fn left(&self) -> io::Result<usize> {
        let now = Listing::of(self.path());
        match now.error.as_ref().or(self.before.error.as_ref()) {
            Some(error) => Err(io::Error::new(error.kind(), error.to_string())),
            None => Ok(now.paths.difference(&self.before.paths).count()),
        }
    }
}
