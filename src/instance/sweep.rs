//! Sweeping: what crashes left in a directory is found by its name and its age, and removed.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::{Error, ErrorCode, Quoted};
use crate::filesystem::{self, Filesystem, Kind, OpenHow, any_name};
use crate::instance::remove_tree::{list_all, remove_tree};
use crate::limits::ledger::Ledger;
use crate::place::live::LiveNames;
use crate::place::locations::Location;
use crate::place::name::is_ours;

/// How deep a tree is searched for something young, and so how many directories are open then.
const DEEPEST: usize = 64;

/// What a sweep did.
#[derive(Default)]
pub(crate) struct SweepReport {
    pub(crate) removed: Vec<String>,
    pub(crate) failed: Vec<(String, Error)>,
}

/// Which entries are old enough.
#[derive(Clone, Copy)]
struct Age {
    now: u64,
    older_than: u64,
}

impl Age {
    /// Whether the last change lies that far back; one in the future does not, nor one unknown.
    fn is_reached(self, modified: Option<u64>) -> bool {
        let age = modified.map_or(0, |modified| self.now.saturating_sub(modified));
        age >= self.older_than
    }
}

/// Removes the leftovers in a directory that are as old as that, in nanoseconds.
pub(crate) async fn sweep<F: Filesystem>(
    filesystem: &F,
    live: &LiveNames,
    location: &Location<F>,
    older_than: u64,
) -> SweepReport {
    let age = Age { now: filesystem.now(), older_than };
    let mut report = SweepReport::default();
    let listing = list_all(filesystem, &location.directory, is_ours).await;
    for entry in listing.entries {
        if live.contains(&entry.name) {
            continue;
        }
        let path = location.join(&entry.name).to_string();
        match remove(filesystem, location, &entry.name, age).await {
            Ok(true) => report.removed.push(path),
            Ok(false) => {}
            Err(error) => report.failed.push((path, error)),
        }
    }
    if let Some(code) = listing.error {
        let path = location.path.to_string();
        let error = Error::host(format_args!("directory {}: listing it", Quoted(&path)), code);
        report.failed.push((path, error));
    }
    report
}

/// Removes what has a name of ours if it is old enough; tells whether it did.
async fn remove<F: Filesystem>(
    filesystem: &F,
    location: &Location<F>,
    name: &str,
    age: Age,
) -> Result<bool, Error> {
    let parent = &location.directory;
    let failed = |code| Error::host(format_args!("path {}", Quoted(&location.join(name))), code);
    let stat = match filesystem.stat_at(parent, name).await {
        // Somebody else has removed it.
        Err(ErrorCode::NoEntry) => return Ok(false),
        stat => stat.map_err(failed)?,
    };
    match stat.kind {
        _ if !age.is_reached(stat.modified) => Ok(false),
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
            if age.older_than > 0 && has_young(filesystem, directory.clone(), age).await.map_err(failed)? {
                return Ok(false);
            }
            let failures =
                remove_tree(filesystem, parent, name, directory, (&mut Ledger::default(), None)).await;
            let subject = format!("path {}", Quoted(&location.join(name)));
            failures.report(&subject, |code| code).map(|()| true)
        }
        // Nothing else is ours, whoever gave it the name.
        Kind::SymbolicLink | Kind::Other => Ok(false),
    }
}

/// Whether something in a tree is too young, so that somebody may be using it.
async fn has_young<F: Filesystem>(
    filesystem: &F,
    top: Rc<F::Descriptor>,
    age: Age,
) -> filesystem::Result<bool> {
    let listing = list_all(filesystem, &top, any_name).await;
    let mut levels = Vec::from([(top, listing.entries)]);
    while let Some((directory, entries)) = levels.last_mut() {
        let Some(entry) = entries.pop() else {
            levels.pop();
            continue;
        };
        let directory = directory.clone();
        match filesystem.stat_at(&directory, &entry.name).await {
            Ok(stat) if !age.is_reached(stat.modified) => return Ok(true),
            Ok(stat) if stat.kind == Kind::Directory && levels.len() < DEEPEST => {}
            Ok(_) | Err(ErrorCode::NoEntry) => continue,
            Err(code) => return Err(code),
        }
        // What can't be looked into, or is a directory no more, shows when it is removed.
        if let Ok(below) = filesystem.open_at(&directory, &entry.name, OpenHow::DIRECTORY).await {
            let listing = list_all(filesystem, &below, any_name).await;
            levels.push((Rc::new(below), listing.entries));
        }
    }
    Ok(false)
}
