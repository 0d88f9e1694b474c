//! Directories of the host that belong to one test, and those among them that a guest sees.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use wasmtime_wasi::{FsPerms, WasiCtx};

use crate::mode::Mode;

/// The guest's path of the directory that is preopened unless a test says otherwise.
const DEFAULT: &str = "/tmp";

/// The preopened directories and the environment of an instance.
#[derive(Clone, Debug)]
pub struct Setup {
    preopens: Vec<Preopen>,
    environment: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
struct Preopen {
    guest: String,
    host: Option<PathBuf>,
    permissions: FsPerms,
}

impl Default for Setup {
    /// One directory, `/tmp`, and an empty environment.
    fn default() -> Setup {
        Setup::nothing().preopen(DEFAULT)
    }
}

impl Setup {
    /// No directory at all, and an empty environment.
    pub fn nothing() -> Setup {
        Setup { preopens: Vec::new(), environment: Vec::new() }
    }

    /// Adds a fresh directory as `guest`.
    pub fn preopen(self, guest: &str) -> Setup {
        self.add(guest, None, FsPerms::ReadWrite)
    }

    /// Adds a fresh directory as `guest` that can only be read.
    pub fn read_only(self, guest: &str) -> Setup {
        self.add(guest, None, FsPerms::ReadOnly)
    }

    /// Adds the host's directory `host` as `guest`.
    pub fn preopen_at(self, guest: &str, host: &Path) -> Setup {
        self.add(guest, Some(host.to_owned()), FsPerms::ReadWrite)
    }

    /// Adds a variable to the environment.
    pub fn variable(mut self, name: &str, value: &str) -> Setup {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn add(mut self, guest: &str, host: Option<PathBuf>, permissions: FsPerms) -> Setup {
        self.preopens.push(Preopen { guest: guest.to_owned(), host, permissions });
        self
    }
}

/// The directories of one test, removed with their last user.
#[derive(Debug)]
pub struct Directories {
    root: TempDir,
    preopens: RefCell<Vec<(String, PathBuf)>>,
}

impl Directories {
    pub(crate) fn new(setup: &Setup) -> Directories {
        let root = tempfile::Builder::new()
            .prefix("host-tests-")
            .tempdir()
            .expect("the host has a temporary directory");
        let locate = |(index, preopen): (usize, &Preopen)| {
            let host = preopen.host.clone().unwrap_or_else(|| root.path().join(index.to_string()));
            fs::create_dir_all(&host).expect("the test's own directory is writable");
            (preopen.guest.clone(), host)
        };
        let preopens = setup.preopens.iter().enumerate().map(locate).collect();
        Directories { root, preopens: RefCell::new(preopens) }
    }

    /// The context of an instance that sees these directories.
    pub(crate) fn context(&self, mode: Mode, setup: &Setup) -> WasiCtx {
        let mut builder = WasiCtx::builder();
        // Before the preopens, each of which copies the flag.
        builder.allow_blocking_current_thread(mode.allows_blocking());
        builder.envs(&setup.environment);
        for (preopen, (guest, host)) in setup.preopens.iter().zip(&*self.preopens.borrow()) {
            builder.preopened_dir(host, guest, preopen.permissions).expect("the directory exists");
        }
        builder.build()
    }

    /// The path of the guest for `path` below the first preopened directory.
    pub fn path(&self, path: &str) -> String {
        let preopens = self.preopens.borrow();
        let (guest, _) = preopens.first().expect("the test preopens a directory");
        format!("{guest}/{path}")
    }

    /// The path on the host for `path`, a path of the guest.
    pub fn host(&self, path: &str) -> PathBuf {
        let preopens = self.preopens.borrow();
        let below = |(guest, host): &(String, PathBuf)| {
            let rest = Path::new(path).strip_prefix(guest).ok()?;
            Some(host.join(rest))
        };
        preopens.iter().find_map(below).unwrap_or_else(|| panic!("{path} is in no preopened directory"))
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// A path of the host that no guest sees, beside the preopened directories.
    pub fn outside(&self, name: &str) -> PathBuf {
        self.root.path().join(format!("outside-{name}"))
    }

    /// The guest's paths of all entries in the preopened directories, sorted.
    pub fn entries(&self) -> Vec<String> {
        let mut entries = Vec::new();
        for (guest, host) in &*self.preopens.borrow() {
            list(host, guest, &mut entries);
        }
        entries.sort();
        entries
    }

    /// Waits until the preopened directories hold exactly `expected`: the removal of what was dropped
    /// may be under way. Waits as long as a slow machine may need.
    ///
    /// # Panics
    ///
    /// Panics if that never happens.
    pub async fn assert_entries(&self, expected: &[&str]) {
        const STEPS: usize = 2_000;
        for _ in 0..STEPS {
            if self.entries() == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert_eq!(self.entries(), expected, "in the preopened directories");
    }

    /// Waits as [`Directories::assert_entries`] does until no entry is left.
    ///
    /// # Panics
    ///
    /// Panics if an entry remains.
    pub async fn assert_empty(&self) {
        self.assert_entries(&[]).await;
    }
}

/// Adds the entries below `host` to `entries`. An entry that vanishes meanwhile was being removed.
fn list(host: &Path, guest: &str, entries: &mut Vec<String>) {
    for entry in fs::read_dir(host).into_iter().flatten().flatten() {
        let path = format!("{guest}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            list(&entry.path(), &path, entries);
        }
        entries.push(path);
    }
}
