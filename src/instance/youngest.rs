//! The search of a tree for an entry that is too young: with few handles and bounded memory.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use crate::error::{ErrorCode, Limit};
use crate::filesystem::{Filesystem, Kind, OpenHow, Result, any_name};
use crate::instance::listing::{MEMORY, Pieces};

/// How many of the innermost directories are open; the others are opened again when they are needed.
const OPEN: usize = 16;

/// The ages at which entries are left alone.
#[derive(Clone, Copy)]
pub(crate) struct Age {
    pub(crate) now: u64,
    pub(crate) older_than: u64,
}

impl Age {
    /// Whether the last use is too recent; a time in the future is, and so is an unknown one.
    pub(crate) fn is_young(self, last_used: Option<u64>) -> bool {
        let age = last_used.map_or(0, |last_used| self.now.saturating_sub(last_used));
        age < self.older_than
    }
}

/// A directory that is being searched.
struct Level<F: Filesystem> {
    /// Its name in the level above; the outermost has none.
    name: String,
    directory: Option<Rc<F::Descriptor>>,
    entries: Pieces,
}

impl<F: Filesystem> Level<F> {
    fn new(name: String, directory: Rc<F::Descriptor>) -> Level<F> {
        Level { name, directory: Some(directory), entries: Pieces::default() }
    }

    /// The memory that it takes, in bytes.
    fn memory(&self) -> usize {
        2 * mem::size_of::<Self>() + self.name.len() + self.entries.memory()
    }
}

/// Whether something in a tree is too young, or changes just now, so that somebody may be using it.
///
/// Fails if that cannot be found out, since a directory cannot be read or the tree is too deep.
pub(crate) async fn is_young_below<F: Filesystem>(
    filesystem: &F,
    top: Rc<F::Descriptor>,
    age: Age,
) -> Result<bool> {
    let mut levels = Vec::from([Level::<F>::new(String::new(), top)]);
    loop {
        let Some(level) = levels.last() else { return Ok(false) };
        if level.entries.is_done() {
            levels.pop();
            continue;
        }
        let mut room = 0;
        if level.entries.needs_listing() {
            let held: usize = levels.iter().map(Level::memory).sum();
            let free = MEMORY.checked_sub(held).ok_or(ErrorCode::Quota(Limit::Depth))?;
            room = free / 2;
        }
        let level = levels.last_mut().expect("there is a last one");
        let Some(directory) = level.directory.clone() else {
            match reopen(filesystem, &mut levels).await {
                Err(code) if is_changing(code) => return Ok(true),
                outcome => outcome?,
            }
            continue;
        };
        let Some(entry) = level.entries.next(filesystem, &directory, any_name, room).await else {
            match level.entries.error() {
                Some(code) if is_changing(code) => return Ok(true),
                // A name that cannot be listed was not created through this interface.
                None | Some(ErrorCode::IllegalByteSequence) => continue,
                Some(code) => return Err(code),
            }
        };
        match filesystem.stat_at(&directory, &entry.name).await {
            Ok(stat) if age.is_young(stat.last_used) => return Ok(true),
            Ok(stat) if stat.kind == Kind::Directory => {}
            Ok(_) | Err(ErrorCode::NoEntry) => continue,
            Err(code) => return Err(code),
        }
        match filesystem.open_at(&directory, &entry.name, OpenHow::DIRECTORY).await {
            Ok(below) => levels.push(Level::new(entry.name, Rc::new(below))),
            Err(code) if is_changing(code) => return Ok(true),
            Err(code) => return Err(code),
        }
        if let Some(outer @ 1..) = levels.len().checked_sub(1 + OPEN) {
            levels[outer].directory = None;
        }
    }
}

/// Opens the innermost directories again, one name after the other from the outermost that is open.
async fn reopen<F: Filesystem>(filesystem: &F, levels: &mut [Level<F>]) -> Result<()> {
    let innermost = levels.len().saturating_sub(OPEN);
    let mut above: Option<Rc<F::Descriptor>> = None;
    for (index, level) in levels.iter_mut().enumerate() {
        let directory = match (&level.directory, above) {
            (Some(directory), _) => directory.clone(),
            (None, Some(above)) => {
                Rc::new(filesystem.open_at(&above, &level.name, OpenHow::DIRECTORY).await?)
            }
            (None, None) => unreachable!("the outermost is open"),
        };
        if index >= innermost {
            level.directory = Some(directory.clone());
        }
        above = Some(directory);
    }
    Ok(())
}

/// Whether an error says that an entry was removed or replaced since it was listed.
fn is_changing(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NoEntry | ErrorCode::NotDirectory | ErrorCode::Loop | ErrorCode::Interrupted)
}
