//! Sweeps: entries that crashes left in a directory are found by name and age, and removed.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::{Error, ErrorCode, Quoted};
use crate::filesystem::{Filesystem, Kind, OpenHow};
use crate::instance::listing::{MEMORY, Pieces};
use crate::instance::remove_tree::remove_tree;
use crate::instance::youngest::{Age, is_young_below};
use crate::limits::ledger::Ledger;
use crate::place::live::LiveNames;
use crate::place::locations::Location;
use crate::place::name::is_ours;

/// The number of removed leftovers that a report lists.
const LISTED: usize = 1000;

/// The number of failures that a report lists, each with a message.
const LISTED_FAILURES: usize = 100;

/// The result of a sweep, whose lists are bounded.
#[derive(Default)]
pub(crate) struct SweepReport {
    pub(crate) removed: Vec<String>,
    pub(crate) failed: Vec<(String, Error)>,
    unlisted: u64,
    unlisted_failures: u64,
}

impl SweepReport {
    fn removed(&mut self, path: String) {
        if self.removed.len() < LISTED { self.removed.push(path) } else { self.unlisted += 1 }
    }

    fn failed(&mut self, path: String, error: Error) {
        if self.failed.len() < LISTED_FAILURES {
            self.failed.push((path, error));
        } else {
            self.unlisted_failures += 1;
        }
    }

    /// Adds an element to each list that counts the unlisted entries.
    fn finish(mut self, directory: &str) -> SweepReport {
        if self.unlisted > 0 {
            self.removed.push(format!("and {} more", self.unlisted));
        }
        if self.unlisted_failures > 0 {
            let (_, last) = &self.failed[LISTED_FAILURES - 1];
            let count = self.unlisted_failures;
            let message = format!("directory {}: {count} more could not be removed", Quoted(directory));
            self.failed.push((directory.to_string(), Error::new(last.code, message)));
        }
        self
    }
}

/// Removes the leftovers in a directory that are at least `older_than` nanoseconds old.
pub(crate) async fn sweep<F: Filesystem>(
    filesystem: &F,
    live: &LiveNames,
    location: &Location<F>,
    older_than: u64,
) -> SweepReport {
    let age = Age { now: filesystem.now(), older_than };
    let mut report = SweepReport::default();
    let mut entries = Pieces::default();
    while let Some(entry) = entries.next(filesystem, &location.directory, is_ours, MEMORY / 2).await {
        if live.contains(&entry.name) {
            continue;
        }
        let path = location.join(&entry.name).to_string();
        match remove(filesystem, location, &entry.name, age).await {
            Ok(true) => report.removed(path),
            Ok(false) => {}
            Err(error) => report.failed(path, error),
        }
    }
    if let Some(code) = entries.error() {
        let path = location.path.to_string();
        let error = Error::host(format_args!("cannot list {}", Quoted(&path)), code);
        report.failed(path, error);
    }
    report.finish(&location.path)
}

/// Removes an entry with a name of ours if it is old enough; returns whether it did.
async fn remove<F: Filesystem>(
    filesystem: &F,
    location: &Location<F>,
    name: &str,
    age: Age,
) -> Result<bool, Error> {
    let parent = &location.directory;
    let failed = |code| Error::host(format_args!("path {}", Quoted(&location.join(name))), code);
    let stat = match filesystem.stat_at(parent, name).await {
        // Another process has removed it.
        Err(ErrorCode::NoEntry) => return Ok(false),
        stat => stat.map_err(failed)?,
    };
    match stat.kind {
        _ if age.is_young(stat.last_used) => Ok(false),
        Kind::File => match filesystem.unlink_file_at(parent, name).await {
            Ok(()) => Ok(true),
            Err(ErrorCode::NoEntry) => Ok(false),
            Err(code) => Err(failed(code)),
        },
        Kind::Directory => {
            let directory = match filesystem.open_at(parent, name, OpenHow::DIRECTORY).await {
                Err(ErrorCode::NoEntry) => return Ok(false),
                opened => Rc::new(opened.map_err(failed)?),
            };
            if age.older_than > 0
                && is_young_below(filesystem, directory.clone(), age).await.map_err(failed)?
            {
                return Ok(false);
            }
            let failures =
                remove_tree(filesystem, parent, name, directory, (&mut Ledger::default(), None)).await;
            let subject = format!("path {}", Quoted(&location.join(name)));
            failures.report(&subject, |code| code).map(|()| true)
        }
        // No other kind of entry is ours, whatever its name.
        Kind::SymbolicLink | Kind::Other => Ok(false),
    }
}
